"""Handlers that misbehave: each is reported as could not run, with the reason, and does no harm."""

from __future__ import annotations

import os
import time
from pathlib import Path
from textwrap import dedent

import pytest

from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Answer, Limits, call

LIMITS = Limits(seconds=2, total_seconds=20)


def run(code: str, *events: object, opt: dict[str, bytes] | None = None, **environment: str) -> list[Answer]:
    task = {"app.py": dedent(code).encode()}
    deployment = Deployment("app.handler", task, opt or {}, environment, ("chalice",))
    return call(deployment, list(events or ({},)), LIMITS)


def run_once(code: str, **environment: str) -> Answer:
    (answer,) = run(code, {}, opt=None, **environment)
    return answer


def in_handler(*lines: str) -> str:
    return "\n".join(["def handler(event, context):", *(f"    {line}" for line in lines)])


# --- what a call is -----------------------------------------------------------------------


def test_answer_and_error() -> None:
    code = in_handler("return {'twice': 2 * event['n']}")
    good, bad = run(code, {"n": 2}, {})

    assert Answer({"twice": 4}) == good
    assert ("KeyError", "'n'") == (bad.error, bad.message)


def test_each_event_finds_the_module_as_it_was_imported() -> None:
    code = "seen = []\n" + in_handler("seen.append(event)", "return len(seen)")

    assert [1, 1, 1] == [answer.value for answer in run(code, 1, 2, 3)]


def test_environment_is_the_function_s_and_lambda_s() -> None:
    code = "import os\n" + in_handler(
        "return [os.environ['A'], os.environ['AWS_REGION'], sorted(os.environ)]"
    )
    os.environ["SECRET_OF_MINE"] = "x"
    a, region, names = run_once(code, A="b").value

    assert ("b", "us-east-1") == (a, region)
    assert "SECRET_OF_MINE" not in names


def test_layer_is_on_the_path_and_in_opt() -> None:
    code = "import sys\nsys.path.append('/opt')\nimport one, two\n" + in_handler("return [one.N, two.N]")
    (answer,) = run(code, {}, opt={"python/one.py": b"N = 1", "two.py": b"N = 2"})

    assert [1, 2] == answer.value


def test_time_chance_and_ids_are_the_same_each_time() -> None:
    code = """\
        import datetime, os, random, secrets, time, uuid
        from datetime import date

        def handler(event, context):
            now = datetime.datetime.now(datetime.timezone.utc)
            assert isinstance(now, datetime.datetime)
            ids = secrets.token_hex(), str(uuid.uuid4())
            return [str(now), str(date.today()), time.time(), random.random(), *ids]
    """
    first, second = run(code, 1, 2)
    (third,) = run(code, 3)

    assert first.value == second.value == third.value
    assert "2024-05-01 12:00:00+00:00" == first.value[0]


def test_return_value_that_lambda_cannot_send() -> None:
    assert "Runtime.MarshalError" == run_once(in_handler("return {1, 2}")).error


def test_calls_to_aws_are_recorded_and_answered() -> None:
    code = "import boto3\ntable = boto3.resource('dynamodb').Table('t')\n" + in_handler(
        "return table.get_item(Key={'id': 1})['Item']"
    )
    answer = run_once(code)

    assert [("dynamodb", "GetItem")] == [(service, operation) for service, operation, _ in answer.calls]
    assert {"TableName": "t", "Key": {"id": 1}} == answer.calls[0][2]
    assert not answer.error, answer.message


def test_parameters_without_a_form_of_their_own_are_told_apart_but_not_by_their_place_in_memory() -> None:
    code = "import boto3\nfrom boto3.dynamodb.conditions import Key\n" + in_handler(
        "boto3.resource('dynamodb').Table('t').query(KeyConditionExpression=Key('id').eq(event))"
    )
    (one,), (same,), (other,) = (answer.calls for answer in run(code, "a", "a", "b"))
    (body,) = run(
        "import boto3\n" + in_handler("boto3.client('s3').put_object(Bucket='b', Key='k', Body=object())")
    )[0].calls

    assert one == same != other
    assert ["Equals", {"_values": [["Key", {"name": "id"}], "a"]}] == one[2]["KeyConditionExpression"]
    assert "<object object>" == body[2]["Body"]


def test_lines_that_ran_are_known() -> None:
    (answer,) = run(in_handler("if event:", "    return 1", "return 2"), {})

    assert {("task/app.py", 1), ("task/app.py", 2), ("task/app.py", 4)} == answer.lines


# --- what goes wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(in_handler("while True: pass"), "does not end within 2 seconds", id="hangs"),
        pytest.param(
            "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + in_handler("while True: pass"),
            "does not end within 2 seconds",
            id="ignores signals",
        ),
        pytest.param("import os\n" + in_handler("os._exit(3)"), "ends its process (exit code 3)", id="_exit"),
        pytest.param("import os\n" + in_handler("while True: os.fork()"), "uses os.fork", id="forks"),
        pytest.param(
            "import subprocess\n" + in_handler("subprocess.run(['true'])"), "uses subprocess.Popen", id="runs"
        ),
        pytest.param("import os\n" + in_handler("os.system('true')"), "uses os.system", id="shell"),
        pytest.param("import os\n" + in_handler("os.kill(os.getppid(), 9)"), "uses os.kill", id="kills"),
        pytest.param(
            "import socket\n" + in_handler("socket.create_connection(('192.0.2.1', 80))"),
            "uses socket",
            id="connects",
        ),
        pytest.param(
            "import urllib.request\n" + in_handler("urllib.request.urlopen('http://example.com')"),
            "uses socket",
            id="fetches",
        ),
        pytest.param("import nowhere_to_be_found\n" + in_handler("pass"), "is not installed", id="package"),
        pytest.param("import chalice\n" + in_handler("pass"), "chalice is not installed", id="hidden"),
        pytest.param("1 / 0\n" + in_handler("pass"), "importing it raises ZeroDivisionError", id="import"),
        pytest.param("def other(): pass\n", "importing it raises AttributeError", id="no handler"),
        pytest.param("def handler(:\n", "importing it raises SyntaxError", id="syntax"),
        pytest.param("while True: pass\n", "importing it does not end", id="import hangs"),
        pytest.param("raise SystemExit(1)\n", "importing it raises SystemExit", id="import exits"),
    ],
)
def test_could_not_run(code: str, reason: str) -> None:
    begun = time.monotonic()

    assert reason in run_once(code).failed
    assert time.monotonic() - begun < LIMITS.total_seconds


def test_exit_is_an_exception_like_any_other() -> None:
    assert "SystemExit" == run_once("import sys\n" + in_handler("sys.exit(1)")).error


def test_much_output_is_no_answer() -> None:
    assert "done" == run_once(in_handler("for _ in range(200): print('x' * 100_000)", "return 'done'")).value


def test_memory_has_its_limit() -> None:
    answer = run_once(in_handler("return len(bytearray(8 * 1024 ** 3))"))

    assert "MemoryError" == answer.error or answer.failed


@pytest.mark.parametrize("path", ["/outside.py", "../outside.py", "a/../../outside.py"])
def test_file_outside_of_the_deployment_is_refused(tmp_path: Path, path: str) -> None:
    path = path.replace("/outside", f"{tmp_path}/outside", 1) if path.startswith("/") else path
    deployment = Deployment("app.handler", {"app.py": b"", path: b"x"}, {}, {})
    (answer,) = call(deployment, [{}], LIMITS)

    assert f"{path} lies outside of what is deployed" == answer.failed
    assert [] == [*tmp_path.iterdir()]


def test_nothing_outside_is_written_or_deleted(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("mine", encoding="utf-8")
    actions = (
        "open(os.environ['KEPT'], 'w').write('yours')",
        "os.remove(os.environ['KEPT'])",
        "os.rename(os.environ['KEPT'], 'x')",
        "shutil.rmtree(os.path.dirname(os.environ['KEPT']))",
        "os.mkdir(os.environ['KEPT'] + '.d')",
        "os.truncate(os.environ['KEPT'], 0)",
        "pathlib.Path(os.environ['KEPT']).unlink()",
    )
    for action in actions:
        answer = run_once("import os, pathlib, shutil\n" + in_handler(action), KEPT=str(kept))

        assert "outside of the sandbox" in answer.failed, action
    assert ["kept.txt"] == [path.name for path in tmp_path.iterdir()]
    assert "mine" == kept.read_text(encoding="utf-8")


def test_the_project_s_own_files_may_be_written_and_are_copies() -> None:
    code = in_handler("open('app.py', 'w').write('')", "return open('app.py').read()")

    assert "" == run_once(code).value


def test_one_bad_event_does_not_cost_the_others() -> None:
    code = "import os\n" + in_handler("if event == 2: os._exit(1)", "return event")

    assert [1, None, 3] == [answer.value for answer in run(code, 1, 2, 3)]
