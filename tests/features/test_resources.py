"""What only a template can say goes to the merge template and back, under the ids of either side."""

from __future__ import annotations

import pytest

from converter.codes import CARRIED_PROPERTY
from converter.convert import chalice_to_sam, sam_to_chalice
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
        "Events: {Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}}",
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
