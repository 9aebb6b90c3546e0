"""What a SAM project is: its functions and their names, its stages, what is known in each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent

import pytest

from converter.codes import CARRIED_FUNCTION, NOT_A_PROJECT, UNKNOWN_ENVIRONMENT
from converter.convert import sam_to_chalice
from converter.diagnostics import UnreadableError
from converter.model import Function, Json
from converter.sam.project import SamProject, open_sam

HANDLER = b"def handler(event, context): return event\n"
SAMCONFIG = """\
version = 0.1
[dev.deploy.parameters]
stack_name = "orders-dev"
parameter_overrides = "Stage=dev Size=128"
[prod.deploy.parameters]
stack_name = "orders-prod"
parameter_overrides = "Stage=prod Size=1024"
"""
PARAMETERS = """\
Parameters:
  Stage: {Type: String}
  Size: {Type: Number}
  Url: {Type: String, Default: 'https://example.org'}
Mappings:
  Limits:
    dev: {Seconds: 3}
    prod: {Seconds: 30}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
"""


def open_template(
    template: str, files: Mapping[str, str] | None = None, stage: str | None = None
) -> SamProject:
    """The project with this template, these files, and handlers for all functions."""
    content = {path: text.encode() for path, text in (files or {}).items()}
    return open_sam({"template.yaml": dedent(template).encode(), "src/app.py": HANDLER, **content}, stage)


def open_functions(
    resources: Mapping[str, Json], files: Mapping[str, str] | None = None, **sections: Json
) -> SamProject:
    """The project with these resources; those given as a text are functions with it for a folder."""
    made = {name: _function(one) if isinstance(one, str) else one for name, one in resources.items()}
    folders = {f"{one}/app.py": HANDLER.decode() for one in resources.values() if isinstance(one, str)}
    return open_template(json.dumps({**sections, "Resources": made}), {**folders, **(files or {})})


def _function(folder: str) -> Json:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {"CodeUri": folder, "Handler": "app.handler", "Runtime": "python3.13"},
    }


def with_properties(**properties: Json) -> Json:
    function = _function("src")
    function["Properties"].update(properties)
    return function


def find_reasons(project: SamProject) -> dict[str, str]:
    """Why each function is carried that is."""
    assert project.functions is not None
    return {found.subject: found.reason for found in project.diagnostics() if found.code == CARRIED_FUNCTION}


# --- where the template is ---------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["template.yaml", "template.yml", "template.json", "sam.yaml", "sam.yml", "sam.json"]
)
def test_template_by_its_usual_names(path: str):
    project = open_sam({path: b'{"Resources": {"A": {"Type": "T"}}}'})

    assert project.position("Resources", "A").path == path


def test_template_that_samconfig_names():
    config = b'[default.global.parameters]\ntemplate_file = "main.yaml"\n'

    project = open_sam({"samconfig.toml": config, "main.yaml": b"Resources: {A: {Type: T}}"})

    assert project.position("Resources").path == "main.yaml"


def test_template_in_a_folder():
    """Its paths start there (and not where samconfig is)."""
    template = """\
    Transform: AWS::Serverless-2016-10-31
    Globals: {Function: {CodeUri: ../src/, Handler: app.handler, Runtime: python3.13}}
    Resources:
      Inherits: {Type: AWS::Serverless::Function}
      Here: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: own.handler}}
      # Kept.
      Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: m.json}}
    """
    files = {
        "samconfig.toml": b'[default.build.parameters]\ntemplate_file = "./infra/main.yaml"\n',
        "infra/main.yaml": dedent(template).encode(),
        "infra/own.py": HANDLER,
        "infra/m.json": b"{}",
        "src/app.py": HANDLER,
    }
    back = sam_to_chalice(files)
    merged = back.files[".chalice/resources.yaml"].decode()

    assert ["here", "inherits"] == sorted(back.application.functions)
    assert "DefinitionUri: ../infra/m.json\n" in merged
    assert b"{}" == back.files["infra/m.json"]


def test_code_beside_a_template_in_a_folder():
    template = """\
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Here:
        Type: AWS::Serverless::Function
        Properties: {Handler: own.handler, Runtime: python3.13}
    """
    files = {
        "samconfig.toml": b'[default.global.parameters]\ntemplate_file = "infra/main.yaml"\n',
        "infra/main.yaml": dedent(template).encode(),
        "infra/own.py": HANDLER,
    }

    assert ["here"] == [*open_sam(files).functions]


def test_no_template():
    with pytest.raises(UnreadableError) as refused:
        open_sam({"app.py": b"", "samconfig.toml": b'[default.build.parameters]\ntemplate_file = "x.yaml"\n'})

    assert [NOT_A_PROJECT] == [found.code for found in refused.value.diagnostics]


# --- names of functions -------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "folder", "name"),
    [
        pytest.param("FooBarFunction", "lambdas/foo-bar/", "foo-bar", id="folder with hyphens"),
        pytest.param("FooBarFunction", "./lambdas/foo_bar", "foo_bar", id="folder with underscores"),
        pytest.param("FooBar", "lambdas/foo-bar", "foo-bar", id="id as Chalice's"),
        pytest.param("FooBarFunction2", "lambdas/foo-bar", "foo-bar", id="number"),
        pytest.param("FooBarFunction", "src/", "foo_bar", id="folder of another name"),
        pytest.param("FooBarLambda", "src/", "foo_bar", id="Lambda"),
        pytest.param("FooBarFunction3", "src/", "foo_bar3", id="number after Function"),
        pytest.param("Function", "src/", "function", id="nothing but Function"),
        pytest.param("GetS3URLFunction", "src/", "get_s3_url", id="abbreviations"),
    ],
)
def test_name(identifier: str, folder: str, name: str):
    project = open_functions(
        {identifier: folder}, {f"{folder}/app.py": "", f"{folder.strip('./')}/app.py": HANDLER.decode()}
    )

    assert [name] == list(project.functions)


def test_name_of_the_example_event():
    project = open_functions(
        {"FooBarFunction": "src"}, {"events/foo-bar.json": "{}", "events/src.json": "{}"}
    )

    assert ["foo-bar"] == list(project.functions)


def test_name_of_the_module():
    project = open_functions(
        {"FooBarFunction": with_properties(Handler="foo_Bar.handler")}, {"src/foo_Bar.py": HANDLER.decode()}
    )

    assert ["foo_Bar"] == list(project.functions)


def test_two_functions_of_one_name():
    project = open_functions({"FooFunction": "src", "FooLambda": "src"})

    assert {"foo": "FooFunction", "foo_2": "FooLambda"} == {
        name: found.identifier for name, found in project.functions.items()
    }


@pytest.mark.parametrize("identifier", ["Foo", "FooRole"])
def test_name_whose_ids_another_resource_has(identifier: str):
    """Chalice would call the function Foo and its role FooRole, and the merge would join them."""
    project = open_functions({"FooFunction": "src", identifier: {"Type": "AWS::SNS::Topic"}})

    assert ["foo_function"] == list(project.functions)


def test_references_follow_the_new_ids():
    project = open_functions({"FooFunction": "src"})

    assert {"FooFunction": "Foo", "FooFunctionRole": "FooRole"} == project.ids


# --- functions that are carried ------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"PackageType": "Image"}, "it is a container image"),
        ({"Runtime": "nodejs22.x"}, "it runs on nodejs22.x"),
        ({"Runtime": "provided.al2023"}, "it runs on provided.al2023"),
        ({"Handler": None}, "its Handler is not known before deployment"),
        ({"Handler": {"Ref": "Name"}}, "its Handler is not known before deployment"),
        ({"CodeUri": {"Bucket": "b", "Key": "k"}}, "its CodeUri is not a local path"),
        ({"CodeUri": {"Fn::Sub": "${Folder}/"}}, "its CodeUri is not a local path"),
        ({"CodeUri": "s3://bucket/code.zip"}, "its code is s3://bucket/code.zip, not a folder"),
        ({"CodeUri": "build/code.zip"}, "its code is build/code.zip, not a folder"),
        ({"InlineCode": {"Ref": "Code"}}, "its InlineCode is not known before deployment"),
        ({"Handler": "other.handler"}, "its handler is not in the project"),
        ({"Handler": "app.other"}, "its handler is not in the project"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_function_that_chalice_cannot_hold(properties: dict[str, Json], reason: str):
    project = open_functions({"Foo": with_properties(**properties), "Bar": "src"})

    assert {"Foo": reason} == find_reasons(project)
    assert ["bar"] == list(project.functions)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Runtime": {"Ref": "Language"}}, "it runs on nodejs22.x"),
        ({"PackageType": {"Fn::If": ["IsImage", "Image", "Zip"]}}, "it is a container image"),
    ],
    ids=["parameter", "condition"],
)
def test_kind_that_parameters_decide(properties: dict[str, Json], reason: str):
    project = open_functions(
        {"Foo": with_properties(**properties), "Bar": with_properties(Runtime={"Ref": "Unknown"})},
        Parameters={"Language": {"Type": "String", "Default": "nodejs22.x"}},
        Conditions={"IsImage": {"Fn::Equals": [{"Ref": "Language"}, "nodejs22.x"]}},
    )

    assert {"Foo": reason} == find_reasons(project)


def test_script_that_a_web_adapter_starts():
    project = open_functions(
        {"Foo": with_properties(Handler="run.sh"), "Bar": "src"}, {"src/run.sh": "exec python app.py\n"}
    )

    assert {"Foo": "its handler is the file run.sh, not a function"} == find_reasons(project)
    assert [CARRIED_FUNCTION] == [found.code for found in project.diagnostics()]


def test_globals_count():
    project = open_functions(
        {"Foo": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "app.handler"}}},
        Globals={"Function": {"CodeUri": "src/", "Runtime": "nodejs22.x"}},
    )

    assert {"Foo": "it runs on nodejs22.x"} == find_reasons(project)


def test_function_of_plain_cloudformation_is_a_resource():
    project = open_functions({"Foo": {"Type": "AWS::Lambda::Function"}})

    assert ({}, []) == (find_reasons(project), list(project.functions))


# --- dummy layers ---------------------------------------------------------------------


@pytest.mark.parametrize("uri", [".aws-sam/build/DummyLambda", "./.aws-sam/build/DummyLambda/"])
def test_layer_that_a_dummy_function_builds(uri: str):
    project = open_functions(
        {
            "DummyLambda": "layers",
            "CustomLayer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": uri}},
            "Foo": "src",
        }
    )

    assert {"CustomLayer": ("DummyLambda", "layers")} == project.dummy_layers
    assert ["foo"] == list(project.functions)


def test_layer_of_a_build_folder_that_no_function_has():
    uri = ".aws-sam/build/Elsewhere"
    layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": uri}}

    assert {} == open_functions({"CustomLayer": layer, "Foo": "src"}).dummy_layers


# --- stages ---------------------------------------------------------------------------


def test_stages_are_the_environments_of_samconfig():
    project = open_functions({"Foo": "src"}, {"samconfig.toml": SAMCONFIG})

    assert (("dev", "prod"), "orders") == (project.stages, project.name)


@pytest.mark.parametrize("config", ["", '[default.deploy.parameters]\nstack_name = "orders"\n'])
def test_one_stage_without_environments(config: str):
    assert ("dev",) == open_functions({"Foo": "src"}, {"samconfig.toml": config}).stages


def test_name_without_samconfig_is_the_given_one():
    assert "app" == open_functions({"Foo": "src"}).name


def test_one_stage_asked_for():
    files = {"samconfig.toml": SAMCONFIG}

    assert ("prod",) == open_template("Resources: {A: {Type: T}}", files, "prod").stages


def test_stage_that_samconfig_does_not_name():
    project = open_template("Resources: {A: {Type: T}}", {"samconfig.toml": SAMCONFIG}, "test")

    assert ("test",) == project.stages
    assert [UNKNOWN_ENVIRONMENT] == [found.code for found in project.diagnostics()]


# --- what is known ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("text", ("text", "text"), id="literal"),
        pytest.param({"Ref": "Size"}, ("128", "1024"), id="parameter of samconfig"),
        pytest.param({"Fn::FindInMap": ["Limits", {"Ref": "Stage"}, "Seconds"]}, (3, 30), id="mapping"),
        pytest.param({"Fn::If": ["IsProd", 1, {"Ref": "AWS::NoValue"}]}, (None, 1), id="condition"),
        pytest.param({"Fn::Sub": "${Stage}-x"}, ("dev-x", "prod-x"), id="part of a text"),
        pytest.param([{"Ref": "Stage"}, "x"], (["dev", "x"], ["prod", "x"]), id="item of a list"),
        pytest.param({"Ref": "AWS::NoValue"}, (None, None), id="no value"),
        pytest.param({"Ref": "Url"}, ({"Ref": "Url"},) * 2, id="parameter that only has a default"),
        pytest.param({"Ref": "Foo"}, ({"Ref": "Foo"},) * 2, id="resource"),
        pytest.param(
            {"Fn::If": ["IsProd", {"Ref": "Url"}, 1]},
            ({"Fn::If": ["IsProd", {"Ref": "Url"}, 1]},) * 2,
            id="open in one stage",
        ),
        pytest.param(
            {"Fn::GetAtt": ["FooFunction", "Arn"]},
            ({"Fn::GetAtt": ["Foo", "Arn"]},) * 2,
            id="function, by its new id",
        ),
    ],
)
def test_value_by_stage(value: Json, expected: tuple[Json, Json]):
    resources = "Resources:\n  FooFunction: " + json.dumps(_function("src"))
    project = open_template(PARAMETERS + resources, {"samconfig.toml": SAMCONFIG})

    assert {"dev": expected[0], "prod": expected[1]} == project.by_stage(value)


def test_parameter_that_one_stage_leaves_open_stays():
    config = SAMCONFIG.replace(" Size=128", "")
    project = open_template(PARAMETERS + "Resources: {A: {Type: T}}", {"samconfig.toml": config})

    assert {"Stage"} == project.known_parameters


@pytest.mark.parametrize(
    ("variables", "expected", "left"),
    [
        pytest.param(
            {"A": "x", "B": {"Ref": "Size"}},
            ({"A": "x", "B": "128"}, {"A": "x", "B": "1024"}),
            False,
            id="each for itself",
        ),
        pytest.param({"A": 12, "B": True}, ({"A": "12", "B": "true"},) * 2, False, id="texts, always"),
        pytest.param(
            {"A": {"Fn::If": ["IsProd", "x", {"Ref": "AWS::NoValue"}]}},
            (None, {"A": "x"}),
            False,
            id="in one stage",
        ),
        pytest.param({"Fn::If": ["IsProd", {"A": "x"}, {}]}, (None, None), True, id="intrinsic around all"),
        pytest.param("text", (None, None), True, id="no mapping"),
    ],
)
def test_entries_by_stage(variables: Json, expected: tuple[Json, Json], left: bool):
    function = with_properties(Environment={"Variables": variables})
    project = open_template(
        PARAMETERS + f"Resources:\n  Foo: {json.dumps(function)}", {"samconfig.toml": SAMCONFIG}
    )
    (name,) = project.functions

    found = project.take_entries(_named(name), "Environment", "Variables")

    assert {"dev": expected[0], "prod": expected[1]} == found
    assert left == ("Environment" in project.functions[name].left)


def _named(name: str) -> Function:
    from converter.model import Code, Handler

    return Function(name, Code("", Handler("", "")))


def test_referrers():
    project = open_functions(
        {"Foo": "src", "Topic": {"Type": "T", "DependsOn": "Foo"}, "Other": {"Type": "T"}},
        Outputs={"Arn": {"Value": {"Fn::Sub": "${Foo.Arn}"}}, "Text": {"Value": "Foo"}},
    )

    assert [("Resources", "Topic"), ("Outputs", "Arn")] == list(project.referrers("Foo"))


# --- roles that go ------------------------------------------------------------------------


def test_name_that_only_an_absorbed_role_had():
    trust = {"Statement": [{"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    logs = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": logs},
    }
    function = _function("grade")
    function["Properties"]["Role"] = {"Fn::GetAtt": ["GradeRole", "Arn"]}
    files = {"grade/app.py": HANDLER.decode()}
    used_elsewhere = {"Value": {"Fn::GetAtt": ["GradeRole", "Arn"]}}
    alone = open_functions({"GradeFunction": function, "GradeRole": role}, files)
    named = open_functions(
        {"GradeFunction": function, "GradeRole": role}, files, Outputs={"Out": used_elsewhere}
    )

    assert ["grade"] == [*alone.functions]
    assert ["grade_function"] == [*named.functions]
