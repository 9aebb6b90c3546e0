from __future__ import annotations

import pytest
import yaml
from yaml.constructor import ConstructorError

from tests.oracles.translation import parse_template, translate


def test_short_forms_are_read_as_long_ones() -> None:
    text = "a: !Ref X\nb: !GetAtt X.Arn\nc: !Sub [x, {y: !Ref Z}]\nd: !If [C, 1, 2]\ne: !Condition C"

    assert {
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["X", "Arn"]},
        "c": {"Fn::Sub": ["x", {"y": {"Ref": "Z"}}]},
        "d": {"Fn::If": ["C", 1, 2]},
        "e": {"Condition": "C"},
    } == parse_template(text)


def test_unquoted_date_stays_text() -> None:
    assert {"Version": "2012-10-17"} == parse_template("Version: 2012-10-17")


def test_other_users_of_yaml_do_not_learn_the_tags() -> None:
    with pytest.raises(ConstructorError):
        yaml.safe_load("!Ref X")


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

    assert {"S3Bucket": "local", "S3Key": "."} == resources["Foo"]["Properties"]["Code"]
    assert (
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        in (resources["FooRole"]["Properties"]["ManagedPolicyArns"])
    )
    assert "CodeUri" not in function["Properties"]
