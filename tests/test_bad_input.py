"""
What a project may have wrong with it: a clear message with its place, and the rest converted.

Links that leave the project: tests/files/test_folder.py. Output folders, full disks, interrupts:
tests/files/test_output.py and tests/test_cli.py. Several Chalice objects, handlers that the source does not
show: tests/chalice/test_source.py. Keys that Chalice does not read: tests/chalice/test_config.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.codes import (
    CARRIED_FUNCTION,
    DUPLICATE_KEY,
    INVALID_CONFIG_VALUE,
    INVALID_FUNCTION_NAME,
    INVALID_JSON,
    INVALID_SAMCONFIG,
    INVALID_YAML,
    MISSING_CODE,
    MISSING_POLICY_FILE,
    NO_CHALICE_OBJECT,
    NOT_A_PROJECT,
    NOT_A_TEMPLATE,
    PYTHON_2,
    SEVERAL_CHALICE_OBJECTS,
    UNKNOWN_CONFIG_FUNCTION,
    UNKNOWN_CONFIG_KEY,
    UNKNOWN_TAG,
    UNPARSABLE_PYTHON,
    UNREADABLE_FILE,
    UNRENDERED_TEMPLATE,
)
from converter.convert import Conversion, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Code, UnreadableError
from converter.model import Json
from tests.files.trees import read_tree, write_tree
from tests.fixture_tools import FIXTURES, read_files
from tests.sam.readers import load_with_pyyaml

Files = Mapping[str, bytes | None]

CONFIG, POLICY, RESOURCES = ".chalice/config.json", ".chalice/policy-dev.json", ".chalice/resources.yaml"
APP = b"""\
from chalice import Chalice

app = Chalice(app_name='orders')


@app.lambda_function()
def add(event, context):
    return event['sku']
"""
CHALICE: Files = {"app.py": APP, CONFIG: b"{}", ".python-version": b"3.13\n"}
HANDLER = b"def handler(event, context):\n    return event['sku']\n"
TEMPLATE = b"""\
Resources:
  AddFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: add/
      Handler: add.handler
  DropFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: drop/
      Handler: drop.handler
"""
SAM: Files = {"template.yaml": TEMPLATE, "add/add.py": HANDLER, "drop/drop.py": HANDLER}


def convert_chalice(changed: Files) -> Conversion:
    return chalice_to_sam(_join(CHALICE, changed))


def convert_sam(changed: Files) -> Conversion:
    return sam_to_chalice(_join(SAM, changed))


def _join(files: Files, changed: Files) -> dict[str, bytes]:
    return {path: content for path, content in {**files, **changed}.items() if content is not None}


def find_refusals(convert: Callable[[Files], Conversion], changed: Files) -> list[tuple[Code, str]]:
    """The code and the place of each reason for which nothing can be converted."""
    with pytest.raises(UnreadableError) as refused:
        convert(changed)
    return [(found.code, str(found.position)) for found in refused.value.diagnostics]


def find_all(conversion: Conversion) -> list[tuple[Code, str]]:
    return [(found.code, str(found.position)) for found in conversion.diagnostics]


# --- nothing can be converted ----------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        pytest.param({"app.py": None}, NOT_A_PROJECT, "None", id="no app.py"),
        pytest.param({"app.py": b""}, NO_CHALICE_OBJECT, "app.py:1:1", id="empty app.py"),
        pytest.param({"app.py": b"app = 1\n"}, NO_CHALICE_OBJECT, "app.py:1:1", id="no Chalice object"),
        pytest.param(
            {"app.py": APP + b"other = Chalice('x')\n"},
            SEVERAL_CHALICE_OBJECTS,
            "app.py:9:9",
            id="two of them",
        ),
        pytest.param({"app.py": APP + b"def f(:\n"}, UNPARSABLE_PYTHON, "app.py:9:7", id="unparsable"),
        pytest.param(
            {"app.py": APP + b"x = 1" + b"+1" * 9999}, UNPARSABLE_PYTHON, "app.py:1:1", id="too deep"
        ),
        pytest.param({"app.py": APP + b"print 'x'\n"}, PYTHON_2, "app.py:9:1", id="Python 2"),
        pytest.param({"app.py": APP + b"# \xe9\n"}, UNREADABLE_FILE, "app.py:9:3", id="latin-1"),
        pytest.param({"app.py": APP + b"x\0"}, UNREADABLE_FILE, "app.py:9:2", id="NUL"),
        pytest.param({CONFIG: b'{\n "a": b}'}, INVALID_JSON, f"{CONFIG}:2:7", id="broken JSON"),
        pytest.param({CONFIG: b""}, INVALID_JSON, f"{CONFIG}:1:1", id="empty JSON"),
        pytest.param({CONFIG: b"[]"}, INVALID_JSON, f"{CONFIG}:1:1", id="JSON list"),
        pytest.param({CONFIG: b"[" * 99999}, INVALID_JSON, f"{CONFIG}:1:1", id="JSON too deep"),
        pytest.param({CONFIG: b'{"a": "\xe9"}'}, UNREADABLE_FILE, f"{CONFIG}:1:8", id="latin-1 JSON"),
        pytest.param({CONFIG: '{"a": 1}'.encode("utf-16")}, UNREADABLE_FILE, f"{CONFIG}:1:1", id="UTF-16"),
        pytest.param({RESOURCES: b"Resources: {\n"}, INVALID_YAML, f"{RESOURCES}:2:1", id="broken YAML"),
        pytest.param({RESOURCES: b"- a\n"}, NOT_A_TEMPLATE, f"{RESOURCES}:1:1", id="YAML list"),
        pytest.param({RESOURCES: b"Outputs: !Reff A\n"}, UNKNOWN_TAG, f"{RESOURCES}:1:10", id="unknown tag"),
        pytest.param({RESOURCES: b"Resources: {A: 1}\n"}, NOT_A_TEMPLATE, f"{RESOURCES}:1:13", id="resource"),
        pytest.param(
            {"requirements.txt": b"a\nb # \xe9"}, UNREADABLE_FILE, "requirements.txt:2:5", id="requirements"
        ),
    ],
)
def test_no_chalice_project(changed: Files, code: Code, place: str):
    assert [(code, place)] == find_refusals(convert_chalice, changed)


def with_line(line: bytes) -> Files:
    return {"template.yaml": TEMPLATE + line}


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        pytest.param({"template.yaml": None}, NOT_A_PROJECT, "None", id="no template"),
        pytest.param({"template.yaml": b""}, NOT_A_TEMPLATE, "template.yaml:1:1", id="empty"),
        pytest.param({"template.yaml": b"a: 1\n"}, NOT_A_TEMPLATE, "template.yaml:1:1", id="no resources"),
        pytest.param(with_line(b"   x\n"), INVALID_YAML, "template.yaml:14:4", id="broken YAML"),
        pytest.param(with_line(b"\tx: 1\n"), INVALID_YAML, "template.yaml:14:1", id="tab"),
        pytest.param(with_line(b"--- {}\n"), INVALID_YAML, "template.yaml:14:1", id="two documents"),
        pytest.param(with_line(b"      X: !Reff A\n"), UNKNOWN_TAG, "template.yaml:14:10", id="unknown tag"),
        pytest.param(
            with_line(b"      X: !!python/name:os.system a\n"),
            UNKNOWN_TAG,
            "template.yaml:14:10",
            id="Python",
        ),
        pytest.param(
            with_line(b"      X: {{ x }}\n"), UNRENDERED_TEMPLATE, "template.yaml:14:10", id="Jinja"
        ),
        pytest.param(with_line(b"# \xe9\n"), UNREADABLE_FILE, "template.yaml:14:3", id="latin-1"),
        pytest.param(with_line(b"\0"), UNREADABLE_FILE, "template.yaml:14:1", id="NUL"),
        pytest.param({"samconfig.toml": b"a = \n"}, INVALID_SAMCONFIG, "samconfig.toml:1:5", id="TOML"),
        pytest.param(
            {"add/requirements.txt": b"# \xe9"},
            UNREADABLE_FILE,
            "add/requirements.txt:1:3",
            id="requirements",
        ),
    ],
)
def test_no_sam_project(changed: Files, code: Code, place: str):
    assert [(code, place)] == find_refusals(convert_sam, changed)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("Resources",), []),
        (("Resources",), "text"),
        (("Globals",), ["text"]),
        (("Globals", "Function"), ["text"]),
        (("Parameters",), "text"),
        (("Resources", "AddFunction"), None),
        (("Resources", "AddFunction"), "text"),
        (("Resources", "AddFunction", "Type"), ["AWS::Serverless::Function"]),
        (("Resources", "AddFunction", "Properties"), [{"Handler": "add.handler"}]),
        (("Resources", "AddFunction", "Metadata"), "text"),
        (("Resources", "AddFunction", "Properties", "Timeout", "Fn::If"), ["IsProd", 1]),
        (("Outputs", "Arn", "Value", "Fn::If"), "IsProd"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else json.dumps(value),
)
def test_template_of_other_types(path: tuple[str, ...], value: Json):
    template = {**load_with_pyyaml(TEMPLATE.decode()), "Globals": {}, "Outputs": {}}
    _put(template, path, value)

    with pytest.raises(UnreadableError) as refused:
        convert_sam({"template.yaml": json.dumps(template, indent=1).encode()})

    found = refused.value.diagnostics[0]
    assert (NOT_A_TEMPLATE, path[-1]) == (found.code, found.subject)


def _put(value: Json, path: tuple[str | int, ...], item: Json) -> None:
    for key in path[:-1]:
        value = value.setdefault(key, {}) if isinstance(value, dict) else value[key]
    value[path[-1]] = item


def test_loop_of_resources_is_no_resource():
    """`Fn::ForEach` has a list where a resource has a mapping; it is carried."""
    topics = {"Fn::ForEach::Topics": ["Name", ["A", "B"], {"${Name}": {"Type": "AWS::SNS::Topic"}}]}
    template = load_with_pyyaml(TEMPLATE.decode())
    template["Resources"].update(topics)

    conversion = convert_sam({"template.yaml": json.dumps(template).encode()})

    assert topics == load_with_pyyaml(conversion.files[RESOURCES].decode())["Resources"]


# --- one bad thing does not cost the rest -----------------------------------------


LIBRARY = {"chalicelib/__init__.py": b""}


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        pytest.param(
            {**LIBRARY, "chalicelib/old.py": b"print 'x'\n"}, PYTHON_2, "chalicelib/old.py:1:1", id="Python 2"
        ),
        pytest.param(
            {**LIBRARY, "chalicelib/old.py": b"def f(:\n"},
            UNPARSABLE_PYTHON,
            "chalicelib/old.py:1:7",
            id="unparsable",
        ),
        pytest.param(
            {**LIBRARY, "chalicelib/old.py": b"x = 1\0"}, UNREADABLE_FILE, "chalicelib/old.py:1:6", id="NUL"
        ),
        pytest.param(
            {**LIBRARY, "chalicelib/old.py": b"# \xe9"},
            UNREADABLE_FILE,
            "chalicelib/old.py:1:3",
            id="latin-1",
        ),
        pytest.param(
            {CONFIG: b'{"autogen_policy": false}', POLICY: b"{,}"},
            INVALID_JSON,
            f"{POLICY}:1:2",
            id="broken policy file",
        ),
        pytest.param(
            {CONFIG: b'{"autogen_policy": false}', POLICY: b"[]"},
            INVALID_JSON,
            f"{POLICY}:1:1",
            id="policy file without statements",
        ),
        pytest.param(
            {"requirements.txt": b"a\n-r dev.txt\n"},
            UNREADABLE_FILE,
            "requirements.txt:2:1",
            id="requirements",
        ),
        pytest.param(
            {"requirements.txt": b"-r requirements.txt\n"},
            UNREADABLE_FILE,
            "requirements.txt:1:1",
            id="requirements that include themselves",
        ),
        pytest.param(
            {RESOURCES: b"Outputs:\n  A: {Value: 1}\n  A: {Value: 2}\n"},
            DUPLICATE_KEY,
            f"{RESOURCES}:3:3",
            id="YAML key",
        ),
        pytest.param(
            {"app.py": APP + b"@app.lambda_function(name='../../x')\ndef f(event, context): pass\n"},
            INVALID_FUNCTION_NAME,
            "app.py:9:27",
            id="path for a name",
        ),
        pytest.param(
            {"app.py": APP + b"@app.lambda_function(name=1)\ndef f(event, context): pass\n"},
            INVALID_FUNCTION_NAME,
            "app.py:9:27",
            id="number for a name",
        ),
        pytest.param(
            {"app.py": APP + "@app.lambda_function()\ndef größe(event, context): pass\n".encode()},
            INVALID_FUNCTION_NAME,
            "app.py:9:2",
            id="name that only Python takes",
        ),
    ],
)
def test_chalice_project_with_a_mistake(changed: Files, code: Code, place: str):
    conversion = convert_chalice(changed)

    assert [(code, place)] == find_all(conversion)
    assert ["add"] == list(conversion.application.functions)
    assert b"return event['sku']" in conversion.files["lambdas/add/add.py"]


@pytest.mark.parametrize(
    ("config", "code", "column"),
    [
        pytest.param('{"app_name": "a", "app_name": "b"}', DUPLICATE_KEY, 19, id="key written twice"),
        pytest.param('{"lambda_timeot": 1}', UNKNOWN_CONFIG_KEY, 2, id="unknown key"),
        pytest.param('{"lambda_functions": {"ad": {}}}', UNKNOWN_CONFIG_FUNCTION, 23, id="unknown function"),
        pytest.param('{"app_name": 1}', INVALID_CONFIG_VALUE, 2, id="app name"),
        pytest.param('{"stages": []}', INVALID_CONFIG_VALUE, 2, id="stages"),
        pytest.param('{"stages": {"dev": 1}}', INVALID_CONFIG_VALUE, 13, id="stage"),
        pytest.param('{"lambda_functions": {"add": 1}}', INVALID_CONFIG_VALUE, 23, id="function"),
        pytest.param('{"lambda_timeout": "1"}', INVALID_CONFIG_VALUE, 2, id="timeout"),
        pytest.param('{"lambda_timeout": NaN}', INVALID_CONFIG_VALUE, 2, id="NaN"),
        pytest.param('{"layers": "arn"}', INVALID_CONFIG_VALUE, 2, id="layers"),
        pytest.param('{"automatic_layer": 1}', INVALID_CONFIG_VALUE, 2, id="automatic layer"),
        pytest.param('{"environment_variables": "A=1"}', INVALID_CONFIG_VALUE, 2, id="variables"),
        pytest.param('{"environment_variables": {"A": 1}}', INVALID_CONFIG_VALUE, 28, id="variable"),
        pytest.param('{"autogen_policy": "no"}', INVALID_CONFIG_VALUE, 2, id="autogen_policy"),
        pytest.param('{"manage_iam_role": 0}', INVALID_CONFIG_VALUE, 2, id="manage_iam_role"),
        pytest.param('{"manage_iam_role": false}', INVALID_CONFIG_VALUE, 2, id="no role's ARN"),
        pytest.param('{"autogen_policy": false}', MISSING_POLICY_FILE, 2, id="no policy file"),
    ],
)
def test_config_with_a_mistake(config: str, code: Code, column: int):
    conversion = convert_chalice({CONFIG: config.encode()})

    assert [(code, f"{CONFIG}:1:{column}")] == find_all(conversion)
    assert ["add"] == list(conversion.application.functions)


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        pytest.param({"add/add.py": None}, MISSING_CODE, "template.yaml:7:7", id="no file"),
        pytest.param(
            {"add/add.py": b"def other(): 1\n"}, MISSING_CODE, "template.yaml:7:7", id="no function"
        ),
        pytest.param({"add/add.py": b"print 'x'\n"}, PYTHON_2, "add/add.py:1:1", id="Python 2"),
        pytest.param({"add/add.py": HANDLER + b"# \xe9"}, UNREADABLE_FILE, "add/add.py:3:3", id="latin-1"),
        pytest.param({"add/add.py": HANDLER + b"\0"}, UNREADABLE_FILE, "add/add.py:3:1", id="NUL"),
        *(
            pytest.param(
                {"template.yaml": TEMPLATE.replace(before, after)}, MISSING_CODE, "template.yaml:7:7", id=name
            )
            for before, after, name in (
                (b"add/", b"nowhere/", "no folder"),
                (b"add/", b"../add/", "folder that leaves the project"),
                (b"add/", b"add/../../add", "folder that leaves the project further down"),
                (b"add/", b"/add/", "absolute folder"),
                (b"add.handler", b"add", "handler without a module"),
                (b"add.handler", b"../add/add.handler", "handler that leaves its folder"),
                (b"add.handler", b"''", "no handler"),
            )
        ),
    ],
)
def test_function_whose_code_is_not_there(changed: Files, code: Code, place: str):
    """It stays in the merge template, as it is; the other function is converted."""
    conversion = convert_sam(changed)

    assert [(code, place), (CARRIED_FUNCTION, "template.yaml:2:3")] == sorted(
        find_all(conversion), key=lambda found: found[0].severity, reverse=True
    )[:2]
    assert ["drop"] == list(conversion.application.functions)
    merged = load_with_pyyaml(conversion.files[RESOURCES].decode())["Resources"]
    assert ["AddFunction"] == list(merged)


def test_duplicate_key_of_a_template():
    conversion = convert_sam(with_line(b"      Handler: drop.handler\n"))

    assert [(DUPLICATE_KEY, "template.yaml:14:7")] == find_all(conversion)


def test_files_that_only_look_bad():
    """Byte order marks, Windows' line ends and other encodings that say so are all good Python."""
    conversion = convert_chalice(
        {
            "app.py": b"\xef\xbb\xbf" + APP.replace(b"\n", b"\r\n"),
            CONFIG: b'\xef\xbb\xbf{"lambda_timeout": 5}\r\n',
            "chalicelib/__init__.py": b"",
            "chalicelib/prices.py": b"# -*- coding: latin-1 -*-\nCURRENCY = '\xa3'\n",
        }
    )

    assert [] == find_all(conversion)
    code = conversion.files["lambdas/add/add.py"]
    assert code.count(b"\n") == code.count(b"\r\n") > 0
    assert b"Timeout: 5\n" in conversion.files["template.yaml"]


# --- every node of another type ---------------------------------------------------


PLAIN: list[Json] = [None, True, 0, 1.5, "", "text", [], ["text"], [None], [[]], [{}], {}, {"Key": None}]
ARGUMENTS: Mapping[str, list[Json]] = {
    "Ref": ["Stage", "AWS::NoValue", [], None],
    "Fn::GetAtt": ["Table.Arn", ["Table", "Arn"], [], [[]], None],
    "Fn::If": [["IsProd", 1, 2], ["IsProd", [None], {"Ref": "AWS::NoValue"}], [], {}],
    "Fn::Sub": ["${Table}", ["${A}", {"A": []}], [], {}],
    "Fn::FindInMap": [[{}]],
    "Fn::Transform": [{"Name": "AWS::Include", "Parameters": [1]}],
}
CALLS = [{function: argument} for function, arguments in ARGUMENTS.items() for argument in arguments]


@cache
def list_nodes(form: str, name: str) -> list[tuple[Path, tuple[str | int, ...]]]:
    """Each node of the fixtures' files of this name: its project, and the path to it."""
    return [
        (project, path)
        for project in sorted(FIXTURES.glob(f"*/{form}"))
        if (project / name).exists()
        for path in _paths(load_with_pyyaml((project / name).read_text(encoding="utf-8")))
    ]


def _paths(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from _paths(item, (*path, key))
    for index, item in enumerate(value) if isinstance(value, list) else ():
        yield from _paths(item, (*path, index))


@pytest.mark.parametrize(
    ("convert", "form", "name"),
    [
        pytest.param(chalice_to_sam, "chalice", CONFIG, id="config"),
        pytest.param(chalice_to_sam, "chalice", RESOURCES, id="merge template"),
        pytest.param(sam_to_chalice, "sam", "template.yaml", id="template"),
    ],
)
@given(data=st.data())
def test_any_other_value(
    convert: Callable[[Mapping[str, bytes]], Conversion], form: str, name: str, data: st.DataObject
):
    """Whatever stands in a place, the project is converted or refused."""
    project, path = data.draw(st.sampled_from(list_nodes(form, name)))
    files = _read_project(project)
    value = load_with_pyyaml(files[name].decode())
    _put(value, path, data.draw(st.sampled_from([*PLAIN, *CALLS])))

    with suppress(UnreadableError):
        convert({**files, name: json.dumps(value).encode()})


@cache
def _read_project(project: Path) -> dict[str, bytes]:
    return read_files(project)


# --- on the command line -----------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "project", "exit_code", "said"),
    [
        pytest.param(
            "chalice-to-sam",
            {"app.py": APP + b"print 'x'\n"},
            2,
            "error PAWS302  orders/app.py:9:1",
            id="refused",
        ),
        pytest.param("sam-to-chalice", {"app.py": APP}, 2, "error PAWS901  the folder", id="the other form"),
        pytest.param(
            "sam-to-chalice",
            {**SAM, "add/add.py": b""},
            3,
            "error PAWS222  orders/template.yaml:7:7",
            id="in part",
        ),
    ],
)
def test_exit_code(direction: str, project: Mapping[str, bytes], exit_code: int, said: str, tmp_path: Path):
    write_tree(tmp_path / "orders", project)
    before = read_tree(tmp_path)

    result = run_paws(tmp_path, direction, "orders", "-o", "out")

    assert (exit_code, "") == (result.returncode, result.stdout)
    assert said in result.stderr
    after = read_tree(tmp_path)
    assert before == {path: data for path, data in after.items() if not path.startswith("out")}
    assert (exit_code == 3) == ("out/app.py" in after)


def test_link_that_leaves_the_project(tmp_path: Path):
    """What it names is not read; a handler behind it is missing, and both are said."""
    write_tree(tmp_path, {"elsewhere/add.py": HANDLER})
    write_tree(
        tmp_path / "orders", {path: data for path, data in SAM.items() if data and path != "add/add.py"}
    )
    (tmp_path / "orders/add").symlink_to(tmp_path / "elsewhere")

    result = run_paws(tmp_path, "sam-to-chalice", "orders", "-o", "out")

    assert result.returncode == 3
    assert "warning PAWS905  orders/add:1:1  add" in result.stderr
    assert "error PAWS222  orders/template.yaml:7:7  add.handler" in result.stderr


def run_paws(folder: Path, direction: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "converter", "convert", direction, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root},
    )
