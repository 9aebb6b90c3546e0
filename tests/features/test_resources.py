"""What only a template can say goes to the merge template and back, under the ids of either side."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from converter.codes import (
    BUILT_OTHERWISE,
    CARRIED_PROPERTY,
    LEFT_OUT_OF_SAMCONFIG,
    LOST_COMMENT,
    SAMCONFIG_REPLACED,
)
from converter.convert import Conversion, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Code
from tests.features.tools import (
    check_both_ways,
    check_to_chalice,
    convert_to_chalice,
    convert_to_sam,
    merge_template_of,
)
from tests.sam.readers import load_with_pyyaml

TABLE = "Table: {Type: 'AWS::DynamoDB::Table', Properties: {BillingMode: PAY_PER_REQUEST}}"


@pytest.mark.parametrize(
    "sections",
    [
        pytest.param(f"Resources:\n  {TABLE}\n", id="resource"),
        pytest.param(
            f"Parameters: {{A: {{Type: String}}}}\nResources:\n  {TABLE[:-2]}, X: !Ref A}}}}\n",
            id="parameter",
        ),
        pytest.param(
            f"Conditions: {{C: !Equals [!Ref AWS::Region, x]}}\nResources:\n  {TABLE[:-1]}, Condition: C}}\n",
            id="condition",
        ),
        pytest.param(
            f"Mappings: {{M: {{a: {{b: c}}}}}}\nResources:\n  {TABLE[:-2]}, X: !FindInMap [M, a, b]}}}}\n",
            id="mapping",
        ),
    ],
)
def test_sections(sections: str):
    check_both_ways(sam=sections, merge=sections)


@pytest.mark.parametrize(
    ("sam", "chalice"),
    [
        ("!Ref OneFunction", "!Ref One"),
        ("!GetAtt OneFunction.Arn", "!GetAtt One.Arn"),
        ("!Sub '${OneFunction.Arn}:${AWS::Region}'", "!Sub '${One.Arn}:${AWS::Region}'"),
        ("!Sub ['${OneFunction}${x}', {x: !Ref OneFunction}]", "!Sub ['${One}${x}', {x: !Ref One}]"),
        ("!If [C, !Ref OneFunction, !Ref AWS::NoValue]", "!If [C, !Ref One, !Ref AWS::NoValue]"),
        ("!GetAtt OneFunctionRole.Arn", "!GetAtt OneRole.Arn"),
        ("OneFunction", "OneFunction"),
    ],
)
def test_references_to_functions(sam: str, chalice: str):
    conditions = "Conditions: {C: !Equals [!Ref AWS::Region, x]}\n"
    resource = "Resources:\n  Rule: {Type: 'AWS::Events::Rule', Properties: {X: %s}}\n"

    check_to_chalice(
        conditions + resource % sam,
        '{"autogen_policy": false}' if "Role" in sam else "{}",
        merge=conditions + resource % chalice,
    )


@pytest.mark.parametrize(
    "properties",
    [
        "Description: Orders",
        "EphemeralStorage: {Size: 1024}",
        "AutoPublishAlias: live",
        "FunctionName: !Sub '${AWS::StackName}-one'",
        "SnapStart: {ApplyOn: PublishedVersions}",
    ],
)
def test_property_that_chalice_has_no_setting_for(properties: str):
    check_both_ways(sam=properties, merge=properties)
    back = convert_to_chalice(properties)
    found = [one.subject for one in back.diagnostics if one.code is CARRIED_PROPERTY]

    assert [properties.partition(":")[0]] == found


def test_attributes_of_a_function():
    conditions = "Conditions: {C: !Equals [!Ref AWS::Region, x]}\n"
    attributes = "{Condition: C, DependsOn: [Table], DeletionPolicy: Retain}"
    there = convert_to_sam(merge=f"{conditions}Resources:\n  {TABLE}\n  One: {attributes}\n")
    template = load_with_pyyaml(there.files["template.yaml"].decode())
    function = template["Resources"]["OneFunction"]

    assert "C" == function["Condition"]
    assert ["Table"] == function["DependsOn"]
    assert "Retain" == function["DeletionPolicy"]


def test_text_of_the_author_stays():
    text = """\
Resources:
  # Where orders go.
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      # Not much traffic.
      BillingMode: "PAY_PER_REQUEST"   # so
      Tags: [ {Key: a, Value: !Ref 'AWS::Region'} ]
"""
    function = """\
  OneFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: one/, Handler: one.one, Runtime: python3.13}
"""
    back = sam_to_chalice(
        {"template.yaml": (text + function).encode(), "one/one.py": b"def one(event, context): pass\n"}
    )
    again = chalice_to_sam(back.files)

    assert text.removeprefix("Resources:\n") in back.files[".chalice/resources.yaml"].decode()
    assert text.removeprefix("Resources:\n") in again.files["template.yaml"].decode()


def test_lines_of_blanks_keep_their_place():
    text = """\
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      Definition: |
        one
          \n        two
      \n      BillingMode: PAY_PER_REQUEST
"""
    function = """\
  OneFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: one/, Handler: one.one, Runtime: python3.13}
"""
    back = sam_to_chalice(
        {
            "template.yaml": f"Resources:\n{text}{function}".encode(),
            "one/one.py": b"def one(event, context): pass\n",
        }
    )
    again = sam_to_chalice(chalice_to_sam(back.files).files)

    assert text in back.files[".chalice/resources.yaml"].decode()
    assert text in again.files[".chalice/resources.yaml"].decode()


@pytest.mark.parametrize(
    ("resource", "before", "after"),
    [
        (
            "{Type: 'AWS::Serverless::StateMachine', Properties: {DefinitionUri: %s}}",
            "machines/a.json",
            "../machines/a.json",
        ),
        (
            "{Type: 'AWS::Serverless::Application', Properties: {Location: %s}}",
            "./nested/t.yaml",
            "../nested/t.yaml",
        ),
        ("{Type: 'AWS::Serverless::Api', Properties: {DefinitionUri: %s}}", "api.yaml", "../api.yaml"),
        ("{Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: %s}}", "https://a/b", "https://a/b"),
        ("{Type: 'AWS::Serverless::LayerVersion', Properties: {ContentUri: %s}}", "s3://a/b", "s3://a/b"),
    ],
)
def test_paths_of_resources(resource: str, before: str, after: str):
    path = before.removeprefix("./")
    files = {} if "://" in before else {path: "content"}
    back = convert_to_chalice(f"Resources:\n  X: {resource % before}\n", files=files)
    merged = merge_template_of(back)["Resources"]["X"]["Properties"]
    there = convert_to_sam(merge=f"Resources:\n  X: {resource % after}\n", files=files)

    assert [after] == [*merged.values()]
    assert files == {name: back.files[name].decode() for name in files}
    assert files == {name: there.files[name].decode() for name in files}
    assert before.removeprefix("./") in there.files["template.yaml"].decode()
    assert after == before or after not in there.files["template.yaml"].decode()


def test_function_that_chalice_cannot_hold_is_carried():
    properties = "{CodeUri: node/, Handler: a.b, Runtime: nodejs22.x}"
    back = convert_to_chalice(
        f"Resources:\n  Other: {{Type: 'AWS::Serverless::Function', Properties: {properties}}}\n",
        files={"node/a.js": "x"},
    )

    assert {"one"} == back.application.functions.keys()
    assert "../node" == merge_template_of(back)["Resources"]["Other"]["Properties"]["CodeUri"].rstrip("/")
    assert b"x" == back.files["node/a.js"]


# --- comments ---------------------------------------------------------------------------

COMMENTED = """\
# All about orders.
Globals:
  Function:
    Timeout: 5  # seconds
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: one/
      Handler: one.one
      Runtime: python3.13
      Environment:
        Variables:
          # Both look here.
          COLOUR: "#fff"
          TEXT: |
            # not a comment
  # Where orders go.
  Table:
    Type: AWS::DynamoDB::Table  # at last
"""


def convert_template(template: str, files: Mapping[str, str] | None = None) -> Conversion:
    handler = {"one/one.py": b"def one(event, context): pass\n"}
    others = {path: text.encode() for path, text in (files or {}).items()}
    return sam_to_chalice({"template.yaml": template.encode(), **handler, **others})


def find(conversion: Conversion, code: Code) -> list[tuple[str, str, str]]:
    found = (one for one in conversion.diagnostics if one.code is code)
    return [(str(one.position), one.subject, one.reason) for one in found]


def test_comments_on_what_becomes_config_are_named():
    back = convert_template(COMMENTED)
    reason = "what it stands on is written anew; so it is with line 4, line 14"

    assert [("template.yaml:1:1", "# All about orders.", reason)] == find(back, LOST_COMMENT)


def test_comments_on_what_is_carried_stay():
    text = COMMENTED.replace("# All about orders.\n", "").replace("  # seconds", "")
    back = convert_template(text.replace("          # Both look here.\n", ""))

    assert [] == find(back, LOST_COMMENT)
    assert "  # Where orders go.\n" in back.files[".chalice/resources.yaml"].decode()
    assert "  # at last\n" in back.files[".chalice/resources.yaml"].decode()


# --- Metadata of a function -------------------------------------------------------------

FUNCTION = """\
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Metadata: {METADATA}
    Properties: {CodeUri: one/, Handler: one.one, Runtime: python3.13}
"""


@pytest.mark.parametrize(
    ("metadata", "method"),
    [
        ("{BuildMethod: makefile, cfn-lint: {config: {ignore_checks: [E1]}}}", "makefile"),
        ("{BuildProperties: {A: b}, cfn-lint: {config: {ignore_checks: [E1]}}}", "BuildProperties"),
        ("{BuildMethod: python3.13, cfn-lint: {config: {ignore_checks: [E1]}}}", None),
    ],
)
def test_metadata_of_a_function(metadata: str, method: str | None):
    back = convert_template(FUNCTION.replace("{METADATA}", metadata))
    again = load_with_pyyaml(chalice_to_sam(back.files).files["template.yaml"].decode())
    reason = f"chalice package does not build OneFunction by {method}"
    carried = {"cfn-lint": {"config": {"ignore_checks": ["E1"]}}}

    assert {"Resources": {"One": {"Metadata": carried}}} == merge_template_of(back)
    assert carried == again["Resources"]["OneFunction"]["Metadata"]
    assert find(back, BUILT_OTHERWISE) == ([("template.yaml:4:5", "Metadata", reason)] if method else [])


# --- samconfig --------------------------------------------------------------------------

STAGED = """\
Parameters:
  Stage: {Type: String, AllowedValues: [development, production]}
  Seconds: {Type: Number, Default: 3}
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: one/, Handler: one.one, Runtime: python3.13, Timeout: !Ref Seconds}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "orders-${Stage}"}
"""
STAGED_CONFIG = """\
version = 0.1
[dev.deploy.parameters]
stack_name = "orders-dev"
region = "eu-west-1"
parameter_overrides = "Stage=development Seconds=5"
[prod.deploy.parameters]
stack_name = "orders-prod"
parameter_overrides = ["Stage=production", "Seconds=50"]
"""


def test_stages_under_the_author_s_own_names():
    back = convert_template(STAGED, {"samconfig.toml": STAGED_CONFIG})
    again = chalice_to_sam(back.files)
    template = load_with_pyyaml(again.files["template.yaml"].decode())

    assert {"dev": {"Stage": "development"}, "prod": {"Stage": "production"}} == back.application.parameters
    assert {"development": {"Timeout": 5}, "production": {"Timeout": 50}} == template["Mappings"]["Stages"]
    assert STAGED_CONFIG == again.files["samconfig.toml"].decode()
    assert back.application == again.application
    assert back.application == sam_to_chalice(again.files).application


def test_samconfig_that_does_not_choose_the_stage():
    config = STAGED_CONFIG.replace("Stage=", "Kind=")
    back = convert_template(STAGED.replace("Stage", "Kind"), {"samconfig.toml": config})
    again = chalice_to_sam(back.files)
    reason = "it does not say which stage, profile or template; a new file was written"

    assert [("samconfig.toml:1:1", "samconfig.toml", reason)] == find(again, SAMCONFIG_REPLACED)
    assert 'parameter_overrides = "Stage=\\"prod\\" Kind=\\"production\\""' in (
        again.files["samconfig.toml"].decode()
    )
    assert back.application == sam_to_chalice(again.files).application


def test_samconfig_that_names_another_template():
    config = f'{STAGED_CONFIG}[prod.build.parameters]\ntemplate_file = "infra/main.yaml"\n'
    staged = convert_template(STAGED, {"samconfig.toml": STAGED_CONFIG})
    there = chalice_to_sam({**staged.files, "samconfig.toml": config.encode()})

    assert ["samconfig.toml"] == [subject for _, subject, _ in find(there, SAMCONFIG_REPLACED)]
    assert "infra" not in there.files["samconfig.toml"].decode()


@pytest.mark.parametrize(
    ("samconfig", "command"),
    [
        ("[dev.deploy.parameters]\nregion = 'x'\n", "sam deploy --config-env dev --template-file "),
        ("[default.deploy.parameters]\nregion = 'x'\n", "sam deploy --template-file "),
        ("", "sam deploy --guided --template-file "),
    ],
)
def test_samconfig_goes_with_the_merge_template(samconfig: str, command: str):
    template = f"Resources:\n  {TABLE}\n{FUNCTION.partition(chr(10))[2].replace('{METADATA}', '{}')}"
    back = convert_template(template, {"samconfig.toml": samconfig} if samconfig else {})
    again = chalice_to_sam(back.files)

    assert f"{command}packaged/sam.yaml" == back.next_commands[-1]
    assert [] == find(back, LEFT_OUT_OF_SAMCONFIG)
    assert samconfig in again.files["samconfig.toml"].decode()


def test_settings_of_the_sam_cli_that_go():
    config = "[dev.deploy.parameters]\nstack_name = 'orders-dev'\nregion = 'x'\ntags = ''\n"
    back = convert_template(FUNCTION.replace("{METADATA}", "{}"), {"samconfig.toml": config})
    reason = "dev has it for sam deploy, and Chalice has no such setting"

    assert [("samconfig.toml:1:1", "region", reason)] == find(back, LEFT_OUT_OF_SAMCONFIG)
    assert "samconfig.toml" not in back.files
