"""A change of what a function does is found, and said to be what it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from converter.verify.behaviour import Behaviour, check_behaviour
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.sandbox import Answer
from converter.verify.side import open_side
from tests.fixture_tools import GOLDENS, Golden, read_files
from tests.stand_in_modules import add_stand_ins

PAIR = Path(__file__).parents[1] / "pairs" / "library"
LEND, REMIND = "sam/lambdas/lend/lend.py", "sam/lambdas/remind/remind.py"


def check(chalice: Mapping[str, bytes], sam: Mapping[str, bytes], stage: str = "dev") -> Behaviour:
    return check_behaviour(open_side(chalice), open_side(sam), stage)


def check_changed(path: str, old: str, new: str) -> Behaviour:
    files = {side: read_files(PAIR / side) for side in ("chalice", "sam")}
    side, _, below = path.partition("/")
    text = files[side][below].decode()
    assert text.count(old) == 1
    files[side][below] = text.replace(old, new).encode()
    return check(files["chalice"], files["sam"])


def list_kinds(behaviour: Behaviour) -> dict[str, set[str]]:
    kinds = {
        function.left: {kind for case in function.different for kind in case.kinds}
        for function in behaviour.functions
    }
    return {name: found for name, found in kinds.items() if found}


def test_pair_does_the_same() -> None:
    behaviour = check(read_files(PAIR / "chalice"), read_files(PAIR / "sam"))

    assert {} == list_kinds(behaviour)
    assert {"lend-book", "nightly-count", "remind"} == {function.left for function in behaviour.functions}
    assert behaviour.is_complete


@pytest.mark.parametrize(
    ("path", "old", "new", "function", "kinds"),
    [
        (REMIND, "len(event", "1 + len(event", "remind", {"value"}),
        (REMIND, '"reminded"', '"told"', "remind", {"value"}),
        (REMIND, 'event["readers"]', 'event.get("readers", "")', "remind", {"exception"}),
        (REMIND, "    return", "    if not event: raise OSError\n    return", "remind", {"exception"}),
        (LEND, "put_item", "delete_item", "lend-book", {"calls"}),
        (LEND, '{"S": event["isbn"]}', '{"N": event["isbn"]}', "lend-book", {"calls"}),
        (LEND, 'os.environ["BOOKS"]', '"papers"', "lend-book", {"calls"}),
        (LEND, 'int(os.environ["DAYS"])', '14', "lend-book", {"value"}),
        (LEND, '    books.put_item(', '    books.list_tables()\n    books.put_item(', "lend-book", {"calls"}),
        ("sam/template.yaml", 'dev: {Days: "7"', 'dev: {Days: "8"', "lend-book", {"value"}),
        ("chalice/app.py", 'len(event["readers"])', '0', "remind", {"exception", "value"}),
        ("chalice/chalicelib/counting.py", "sum(", "max(", "nightly-count", {"exception", "value"}),
    ],
)  # fmt: skip
def test_change_is_found(path: str, old: str, new: str, function: str, kinds: set[str]) -> None:
    assert {function: kinds} == list_kinds(check_changed(path, old, new))


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        ('{"statusCode": 201, "headers": {"X-A": "1"}, "body": "{}"}', {"status"}),
        ('{"statusCode": 200, "headers": {"X-A": "2"}, "body": "{}"}', {"header"}),
        ('{"statusCode": 200, "headers": {"X-A": "1"}, "body": "[]"}', {"body"}),
        ('{"statusCode": 200, "headers": {"x-a": "1"}, "body": "{ }"}', set()),
        ('{"statusCode": 200, "multiValueHeaders": {"X-A": ["1"]}, "body": "{}"}', set()),
        ('{"statusCode": 200, "headers": {"X-A": "1"}, "body": "{}", "isBase64Encoded": True}', {"body"}),
    ],
)
def test_answers_to_api_gateway_are_compared_as_a_client_sees_them(new: str, kinds: set[str]) -> None:
    old = '{"statusCode": 200, "headers": {"X-A": "1"}, "body": "{}"}'
    head = "from chalice import Chalice\napp = Chalice(app_name='a')\n\n\n"
    app = f"{head}@app.lambda_function()\ndef f(event, context):\n"
    template = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, CodeUri: f/, Handler: f.f}
"""
    chalice = {"app.py": f"{app}    return {old}\n".encode()}
    sam = {
        "template.yaml": template.encode(),
        "f/f.py": f"def f(event, context):\n    return {new}\n".encode(),
    }

    assert kinds == list_kinds(check(chalice, sam)).get("f", set())


@pytest.mark.parametrize(("error", "kinds"), [("ValueError('a')", set()), ("ValueError('b')", {"body"})])
def test_tracebacks_of_a_client_are_compared_by_their_errors(error: str, kinds: set[str]) -> None:
    old = Answer(_debug_answer('"app.py", line 7', "ValueError('a')"))
    new = Answer(_debug_answer('"lambdas/app.py", line 3', error))

    assert kinds == set(compare_answers(old, new))


def _debug_answer(place: str, error: str) -> dict[str, object]:
    frames = f"  File {place}, in f\n    raise {error}\n    ^^^^^\n"
    return {"statusCode": 500, "body": f"Traceback (most recent call last):\n{frames}{error}\n"}


def test_missing_module_of_a_layer_could_not_run() -> None:
    behaviour = check_changed(REMIND, "def handler", "import library_of_ours\n\n\ndef handler")
    (remind,) = (function for function in behaviour.functions if function.left == "remind")

    assert ("library_of_ours is not installed",) == remind.failures
    assert not behaviour.is_complete


def test_lines_that_no_event_reached_are_named() -> None:
    never = 'if event == "never to be said" + context.function_name: return 1\n    return {"reminded"'
    path = "chalice/app.py"
    behaviour = check_changed(path, 'return {"reminded"', never)
    (remind,) = (function for function in behaviour.functions if function.left == "remind")

    # The statement shares its line with the condition that was reached.
    assert () == remind.missed

    never = never.replace(": return 1", ":\n        return 1")
    behaviour = check_changed(path, 'return {"reminded"', never)
    (remind,) = (function for function in behaviour.functions if function.left == "remind")

    assert ("app.py:22",) == remind.missed


# Two handlers of one name: Chalice runs the last of them for both, and says so at the conversion.
_KNOWN = {"same-function-name"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "golden", [each for each in GOLDENS if each.folder.parent.name not in {*_KNOWN, "outside-code"}], ids=str
)
def test_both_forms_of_a_fixture_do_the_same(golden: Golden) -> None:
    plain = read_files(golden.chalice)
    # Chalice deploys what lies in vendor/ beside app.py.
    chalice = {**plain, **{f"vendor/{path}": code for path, code in _find_packages(plain).items()}}
    behaviour = check(
        chalice, _with_packages(read_files(golden.sam)), golden.conversion.application.stages[0]
    )

    assert {} == list_kinds(behaviour)
    assert behaviour.functions
    assert [] == [function.failures for function in behaviour.functions if function.failures]


def _with_packages(files: dict[str, bytes]) -> dict[str, bytes]:
    """The SAM form with a module beside each requirements.txt for what that lists."""
    added = dict(files)
    for path in files:
        folder, slash, name = path.rpartition("/")
        if name == "requirements.txt":
            packages = _find_packages({"requirements.txt": files[path]})
            added |= {f"{folder}{slash}{other}": code for other, code in packages.items()}
    return added


def _find_packages(files: dict[str, bytes]) -> dict[str, bytes]:
    """The modules that the requirements stand for. The sandbox has answers of AWS's of its own."""
    added = add_stand_ins(files)
    return {path: added[path] for path in added if path not in files and not path.startswith("boto3")}
