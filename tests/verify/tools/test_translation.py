from __future__ import annotations

import pytest

from converter.diagnostics import UnreadableError
from converter.verify.tools import parse_template, translate
from converter.verify.tools.translation import CfnTemplate


def test_short_forms_are_read_as_long_ones() -> None:
    text = b"a: !Ref X\nb: !GetAtt X.Arn\nc: !Sub [x, {y: !Ref Z}]\nd: !If [C, 1, 2]\ne: !Condition C"

    assert {
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["X", "Arn"]},
        "c": {"Fn::Sub": ["x", {"y": {"Ref": "Z"}}]},
        "d": {"Fn::If": ["C", 1, 2]},
        "e": {"Condition": "C"},
    } == parse_template("template.yaml", text)


def test_unquoted_date_stays_text() -> None:
    assert {"Version": "2012-10-17"} == parse_template("template.yaml", b"Version: 2012-10-17")


def test_broken_template_is_refused_by_name() -> None:
    with pytest.raises(UnreadableError, match=r"PAWS916 template\.yaml: "):
        parse_template("template.yaml", b"a: [")


def test_local_code_and_policy_templates_are_translated() -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Policies": [{"S3ReadPolicy": {"BucketName": "x"}}, "AmazonS3ReadOnlyAccess"],
        },
    }
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Foo": function}}
    resources = translate(template)["Resources"]
    managed = resources["FooRole"]["Properties"]["ManagedPolicyArns"]

    assert {"S3Bucket": "local", "S3Key": "."} == resources["Foo"]["Properties"]["Code"]
    assert "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" in managed
    assert "CodeUri" not in function["Properties"]


def test_refused_template_says_why() -> None:
    properties = {"Runtime": "python3.13", "Handler": "app.f", "Events": {"A": {"Type": "Nothing"}}}
    function = {"Type": "AWS::Serverless::Function", "Properties": properties}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Foo": function}}

    with pytest.raises(UnreadableError, match=r"the SAM translator: .*Foo"):
        translate(template)


def test_layers_keep_their_ids_and_paths_of_the_packaged_folder_are_the_projects() -> None:
    def stack(path: str) -> CfnTemplate:
        layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": f"{path}layer/"}}
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"{path}vpc.yaml"}}
        output = {"Value": {"Ref": "Shared"}}
        return translate(
            {
                "Transform": "AWS::Serverless-2016-10-31",
                "Resources": {"Shared": layer, "Vpc": nested},
                "Outputs": {"Shared": output},
            },
            is_packaged=path == "../",
        )

    assert stack("./") == stack("../")
    assert {"Shared", "Vpc"} == stack("")["Resources"].keys()
    assert {"Value": {"Ref": "Shared"}} == stack("")["Outputs"]["Shared"]
