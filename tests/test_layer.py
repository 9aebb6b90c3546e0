"""`paws layer init`: a layer in a template whose other lines stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from converter.cli import app
from converter.diagnostics import UnreadableError
from converter.layer import add_layer
from converter.sam.yaml_source import read_yaml
from tests.oracles import cfn_lint, sam_build

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\n"
GLOBALS = "# For all.\nGlobals:\n  Function:\n    Runtime: python3.13   # the newest\n    Timeout: 9\n"
RESOURCES = """\
Resources:
  # Says hello.
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.hello, CodeUri: src/}
  Bye:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.bye
      CodeUri: src/
      Layers:
        - !Sub arn:${AWS::Partition}:lambda:${AWS::Region}:123456789012:layer:other:1

Outputs:
  Name: {Value: !Ref Hello}
"""
CODE = b"def hello(event, context):\n    import six\n    return six.__name__\n\n\nbye = hello\n"


def project(template: str) -> dict[str, bytes]:
    return {"template.yaml": template.encode(), "src/app.py": CODE}


def added_to(template: str, *functions: str) -> str:
    return add_layer(project(template), ["six"], functions=functions).files["template.yaml"].decode()


@pytest.mark.parametrize(
    ("globals_", "functions", "where"),
    [
        pytest.param(GLOBALS, [], ["Globals.Function"], id="for all"),
        pytest.param("", [], ["Globals.Function"], id="no Globals"),
        pytest.param("Globals:\n  Api: {Cors: \"'*'\"}\n", [], ["Globals.Function"], id="other Globals"),
        pytest.param("Globals: {Function: {Layers: []}}\n", [], ["Globals.Function"], id="in braces"),
        pytest.param(
            GLOBALS,
            ["Hello", "Bye"],
            ["Resources.Hello.Properties", "Resources.Bye.Properties"],
            id="for two functions",
        ),
    ],
)
def test_layer_is_added_and_all_else_stays(globals_: str, functions: list[str], where: list[str]):
    template = HEAD + globals_ + RESOURCES
    text = added_to(template, *functions)
    value = read_yaml("template.yaml", text).value

    for path in where:
        found = value
        for key in path.split("."):
            found = found[key]
        assert {"Ref": "PackagesLayer"} == found["Layers"][-1]
    layer = value["Resources"]["PackagesLayer"]
    assert ("AWS::Serverless::LayerVersion", "layers/packages/") == (
        layer["Type"],
        layer["Properties"]["ContentUri"],
    )
    lines = text.splitlines()
    kept = [line for line in template.splitlines() if line in lines]
    # Lines in braces are the only ones that are added to.
    assert all("{" in line for line in template.splitlines() if line not in kept)
    rest = iter(lines)
    assert all(line in rest for line in kept)
    assert [] == [each for each in cfn_lint(text) if "E" in str(each)[:1]]


@pytest.mark.parametrize(
    ("template", "functions", "reason"),
    [
        (HEAD + RESOURCES, ["Nobody"], "there is no such function"),
        (HEAD + "Globals:\n  Function:\n    Layers: !Ref X\n" + RESOURCES, [], "it is no list"),
        (HEAD + RESOURCES.replace("Bye:", "PackagesLayer:"), [], "there is a resource of this name"),
        (HEAD + "Resources: {}\n", [], "it has no lines to add to"),
        (HEAD + "Globals:\n" + RESOURCES, [], "it has no lines to stand in"),
        (HEAD + "Globals:\n  Function:\n" + RESOURCES, [], "it has no lines to stand in"),
    ],
)
def test_what_cannot_be_added_to_is_refused(template: str, functions: list[str], reason: str):
    with pytest.raises(UnreadableError, match=reason):
        added_to(template, *functions)


OTHERS = """\
  Page:
    Type: AWS::Serverless::Function
    Properties: {Handler: index.page, CodeUri: web/, Runtime: nodejs22.x}
  Model:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image, ImageUri: model}

Outputs:
"""


def test_functions_that_run_no_python_have_no_layer():
    text = added_to(HEAD + GLOBALS + RESOURCES.replace("\nOutputs:\n", OTHERS))
    value = read_yaml("template.yaml", text).value
    layers = {
        key: each["Properties"].get("Layers", [])
        for key, each in value["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }

    assert ["Hello", "Bye"] == [key for key, each in layers.items() if {"Ref": "PackagesLayer"} in each]
    assert "Layers" not in value["Globals"]["Function"]
    assert [] == [each for each in cfn_lint(text) if "E" in str(each)[:1]]


def test_function_that_runs_no_python_is_refused():
    template = HEAD + GLOBALS + RESOURCES.replace("\nOutputs:\n", OTHERS)
    for function in ("Page", "Model"):
        with pytest.raises(UnreadableError, match=f"{function} of .*: it does not run Python"):
            added_to(template, function)
    with pytest.raises(UnreadableError, match="no function of it runs Python"):
        added_to(HEAD + GLOBALS.replace("python3.13", "nodejs22.x") + RESOURCES)


def test_folder_that_is_there_is_refused():
    files = {**project(HEAD + RESOURCES), "layers/packages/requirements.txt": b""}
    with pytest.raises(UnreadableError, match="it is there already"):
        add_layer(files, ["six"])
    with pytest.raises(UnreadableError, match="no template in YAML"):
        add_layer({"template.json": b"{}"}, ["six"])


def test_ends_of_lines_stay():
    text = (HEAD + RESOURCES).replace("\n", "\r\n")

    assert added_to(HEAD + RESOURCES).replace("\n", "\r\n") == added_to(text)


def test_comment_of_the_next_section_stays_with_it():
    text = added_to(HEAD + GLOBALS + RESOURCES.replace("Outputs:", "# What is told.\nOutputs:"))

    assert "        - python3.13\n\n# What is told.\nOutputs:" in text


@pytest.mark.parametrize(
    ("globals_", "functions", "expected"),
    [
        (GLOBALS, [], {"BuildMethod": "python3.13"}),
        (
            GLOBALS + "    Architectures: [arm64]\n",
            [],
            {"BuildMethod": "python3.13", "BuildArchitecture": "arm64"},
        ),
        (GLOBALS + "    Architectures: [arm64]\n", ["Hello"], {"BuildMethod": "python3.12"}),
    ],
)
def test_layer_is_built_for_the_machine_of_its_functions(
    globals_: str, functions: list[str], expected: dict[str, str]
):
    own = "Architectures: [x86_64], Runtime: python3.12, " if functions else ""
    template = HEAD + globals_ + RESOURCES.replace("Handler: app.hello", f"{own}Handler: app.hello")
    layer = read_yaml("template.yaml", added_to(template, *functions)).value["Resources"]["PackagesLayer"]

    assert expected.items() <= layer["Metadata"].items()


@pytest.mark.slow
def test_built_layer_holds_the_packages(tmp_path: Path):
    source = tmp_path / "project"
    for path, data in project(HEAD + GLOBALS + RESOURCES).items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(data)
    done = CliRunner().invoke(
        app, ["layer", "init", "six", "--project", str(source), "--name", "common-code"]
    )
    again = CliRunner().invoke(
        app, ["layer", "init", "six", "--project", str(source), "--name", "common-code"]
    )

    assert (0, "template.yaml\nlayers/common-code/requirements.txt\n") == (done.exit_code, done.stdout)
    assert 2 == again.exit_code
    built = sam_build(source, tmp_path / "copied")
    assert (built / "CommonCodeLayer" / "python" / "six.py").is_file()
