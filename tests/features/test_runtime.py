from __future__ import annotations

import pytest

from converter.codes import OLD_RUNTIME, RUNTIME_ASSUMED, RUNTIME_NOT_OFFERED
from converter.convert import Options, chalice_to_sam
from converter.features.runtime import DEFAULT_RUNTIME
from converter.model import Position
from tests.features.tools import check_to_chalice, convert_to_chalice, merge_template_of

APP = b"""\
from chalice import Chalice
app = Chalice("orders")
@app.lambda_function()
def one(event, context): pass
"""


def runtime_of(files: dict[str, bytes], options: Options | None = None) -> str | None:
    return chalice_to_sam(
        {"app.py": APP, ".chalice/config.json": b"{}", **files}, options
    ).application.runtime


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".python-version", "3.12\n", "python3.12"),
        (".python-version", "3.12.4\n", "python3.12"),
        (".python-version", "# why\n3.11\n3.12\n", "python3.11"),
        ("runtime.txt", "python-3.11.9", "python3.11"),
        ("Pipfile", '[requires]\npython_version = "3.10"\n', "python3.10"),
        ("Pipfile", "[requires]\npython_full_version = '3.10.4'\n", "python3.10"),
    ],
)
def test_where_a_chalice_project_says_it(path: str, text: str, expected: str):
    assert expected == runtime_of({path: text.encode()})


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [("Pipfile", '[requires]\npython_version = "3.7"\n', 2), (".python-version", "3.9.1\n", 1)],
)
def test_version_that_lambda_no_longer_offers(path: str, text: str, line: int):
    there = chalice_to_sam({"app.py": APP, ".chalice/config.json": b"{}", path: text.encode()})
    (diagnostic,) = [one for one in there.diagnostics if one.code is RUNTIME_NOT_OFFERED]

    assert Position(path, line, 1) == diagnostic.position
    assert there.application.runtime == diagnostic.subject


def test_option_wins():
    assert "python3.11" == runtime_of({".python-version": b"3.12\n"}, Options(runtime="python3.11"))


@pytest.mark.parametrize("files", [{}, {".python-version": b"system\n"}, {".python-version": b"2.7\n"}])
def test_runtime_that_is_assumed(files: dict[str, bytes]):
    conversion = chalice_to_sam({"app.py": APP, ".chalice/config.json": b"{}", **files})
    (diagnostic,) = conversion.diagnostics

    assert RUNTIME_ASSUMED is diagnostic.code
    assert DEFAULT_RUNTIME == conversion.application.runtime
    assert f"Runtime: {DEFAULT_RUNTIME}\n".encode() in conversion.files["template.yaml"]


def test_runtime_of_all_functions():
    back = check_to_chalice("OneFunction: {Runtime: python3.12}\nTwoFunction: {Runtime: python3.12}\n")

    assert b"3.12\n" == back.files[".python-version"]


def test_runtime_of_most_functions():
    back = convert_to_chalice("OneFunction: {Runtime: python3.12}\nTwoFunction: {Runtime: python3.11}\n")

    assert b"3.12\n" == back.files[".python-version"]
    assert {"Resources": {"Two": {"Properties": {"Runtime": "python3.11"}}}} == merge_template_of(back)


def test_runtime_that_is_open_until_deployment():
    sections = "Parameters: {Python: {Type: String, Default: python3.12}}\n"
    back = check_to_chalice(
        f"{sections}OneFunction: {{Runtime: !Ref Python}}\n",
        merge=f"{sections}Resources: {{One: {{Properties: {{Runtime: !Ref Python}}}}}}\n",
    )

    assert f"{DEFAULT_RUNTIME.removeprefix('python')}\n".encode() == back.files[".python-version"]


@pytest.mark.parametrize("runtime", ["python3.9", "python3.6", "python2.7"])
def test_runtime_that_is_too_old_for_chalice(runtime: str):
    back = convert_to_chalice(f"Runtime: {runtime}")
    (diagnostic,) = back.diagnostics

    assert OLD_RUNTIME is diagnostic.code
    assert runtime == diagnostic.subject
    assert "template.json" == diagnostic.position.path if diagnostic.position else False
