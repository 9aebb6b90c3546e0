"""What is read from plain CloudFormation."""

from __future__ import annotations

from typing import Any

import pytest

from converter.verify.facts import Facts, Part, show_permission
from converter.verify.tools import parse_template, read_stack, translate

TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
}


def make_function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def make_role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **properties}}


def read(**resources: Any) -> Facts:
    return read_stack({"Resources": resources})


def read_function(**resources: Any) -> Part:
    (function,) = (part for part in read(**resources).parts if part.kind == "function")
    return function


def find_values(part: Part, kind: str) -> dict[str, Any]:
    return {fact.name: fact.value for fact in part.facts if fact.kind == kind}


def list_permissions(*statements: dict[str, Any], **resources: Any) -> list[str]:
    """The grants of a function whose role has these inline statements."""
    policies = [{"PolicyDocument": {"Statement": one}} for one in statements]
    function = read_function(
        Foo=make_function(Role={"Fn::GetAtt": ["Role", "Arn"]}),
        **{"Role": make_role(Policies=policies), **resources},
    )
    return sorted(show_permission(fact.value) for fact in function.facts if fact.kind == "permission")


def list_others(**resources: Any) -> list[str]:
    return [str(part) for part in read(**resources).parts if part.kind != "function"]


def test_function_goes_by_the_name_that_the_caller_has() -> None:
    found = read_stack({"Resources": {"FooFunction": make_function()}}, names={"FooFunction": "foo-1"})

    assert ["function foo-1"] == [str(part) for part in found.parts]


def test_silent_template_means_the_defaults_of_lambda() -> None:
    function = read_function(Foo=make_function())

    assert {"timeout": 3} == find_values(function, "timeout")
    assert {"memory-size": 128} == find_values(function, "memory-size")
    assert {"architecture": "x86_64"} == find_values(function, "architecture")
    assert {"tracing": False} == find_values(function, "tracing")


def test_variables_that_are_not_there() -> None:
    function = read_function(F=make_function(Environment={"Variables": None}))

    assert {} == find_values(function, "environment")


def test_each_tag_and_each_variable_is_a_fact() -> None:
    tags = [{"Key": "team", "Value": "a"}, {"Key": "empty"}]
    variables = {"N": 1, "FLAG": True}
    function = read_function(Foo=make_function(Tags=tags, Environment={"Variables": variables}))

    assert {"team": "a", "empty": ""} == find_values(function, "tags")
    assert {"N": "1", "FLAG": "true"} == find_values(function, "environment")


def test_other_properties_are_facts_by_their_path() -> None:
    function = read_function(Foo=make_function(EphemeralStorage={"Size": 1024}))

    assert 1024 == find_values(function, "property")["EphemeralStorage.Size"]


def test_statements_are_split_to_single_grants() -> None:
    statement = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["a", "b"]}

    assert [
        "Allow s3:GetObject on a",
        "Allow s3:GetObject on b",
        "Allow s3:PutObject on a",
        "Allow s3:PutObject on b",
    ] == list_permissions(statement)


def test_not_action_and_condition_are_kept() -> None:
    condition = {"Bool": {"x": True}}
    statement = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Condition": condition}

    assert ['Deny {"not": "s3:*"} on * if {"Bool": {"x": true}}'] == list_permissions(statement)


def test_id_of_a_statement_grants_nothing() -> None:
    statement = {"Effect": "Allow", "Action": "a:B", "Resource": "*"}

    assert list_permissions(statement) == list_permissions({**statement, "Sid": "First"})


def test_policy_beside_the_role_counts() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*"}}
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": document},
    }

    assert ["Allow a:B on *"] == list_permissions(Policy=policy)


def test_policy_of_somebody_else_stays_a_resource() -> None:
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"Groups": ["staff"], "PolicyDocument": {}}}

    assert ["resource Policy"] == list_others(Foo=make_function(), Policy=policy)


def test_known_managed_policy_is_spelled_out_and_another_named() -> None:
    arns = [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"},
    ]

    assert [
        "Allow logs:CreateLogGroup on *",
        "Allow logs:CreateLogStream on *",
        "Allow logs:PutLogEvents on *",
        "Attach ReadOnlyAccess",
    ] == list_permissions(Role=make_role(ManagedPolicyArns=arns))


def test_policy_given_by_a_parameter_is_not_lost() -> None:
    assert ['Attach {"Ref": "Arn"}'] == list_permissions(Role=make_role(ManagedPolicyArns=[{"Ref": "Arn"}]))


def test_role_by_arn_is_a_setting() -> None:
    function = read_function(Foo=make_function(Role="arn:aws:iam::1:role/x"))

    assert {"role": "arn:aws:iam::1:role/x"} == find_values(function, "role")


def test_log_group_belongs_to_its_function() -> None:
    group = {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Foo}"}, "RetentionInDays": 7},
    }

    assert {"log-retention": 7} == find_values(
        read_function(Foo=make_function(), Logs=group), "log-retention"
    )
    assert [] == list_others(Foo=make_function(), Logs=group)


def test_log_group_of_something_else_is_a_resource() -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "other"}}

    assert ["resource Logs"] == list_others(Foo=make_function(), Logs=group)


def test_output_may_be_called_like_a_function() -> None:
    template = {"Resources": {"Foo": make_function()}, "Outputs": {"Foo": {"Value": "x"}}}

    assert ["function Foo", "output Foo"] == [str(part) for part in read_stack(template).parts]


def test_resource_of_another_stage_is_not_there() -> None:
    template = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"Foo": {**make_function(), "Condition": "IsProd"}},
    }

    assert () == read_stack(template, {"Stage": "dev"}).parts
    assert ["function Foo"] == [str(part) for part in read_stack(template, {"Stage": "prod"}).parts]


API = b"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      OpenApiVersion: VERSION
      Auth:
        DefaultAuthorizer: Pool
        Authorizers: {Pool: {UserPoolArn: arn:aws:cognito-idp:eu-west-1:123456789012:userpool/a}}
  Ask:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      InlineCode: ""
      Events: {Asked: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api}}}
"""


@pytest.mark.slow
def test_either_version_of_openapi_says_who_may_call():
    versions = (b'"2.0"', b"3.0.1")
    templates = (parse_template("template.yaml", API.replace(b"VERSION", one)) for one in versions)
    two, three = (read_stack(translate(template, {})) for template in templates)
    shown = [part for part in two.parts if part.kind in ("api", "route")]

    assert shown == [part for part in three.parts if part.kind in ("api", "route")]
    assert any("cognito_user_pools" in str(fact.value) for part in shown for fact in part.facts)
