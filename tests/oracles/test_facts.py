from __future__ import annotations

from typing import Any

import pytest

from tests.oracles import OracleError
from tests.oracles.facts import FunctionFacts, Resource, Statement, facts

TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
}


def make_function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def make_stack(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def make_role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **properties}}


def read_statements(*policies: dict[str, Any], **resources: Any) -> frozenset[Statement]:
    """The grants of a function whose role has these inline policies."""
    stack = make_stack(
        Foo=make_function(Role={"Fn::GetAtt": ["Role", "Arn"]}),
        **{
            "Role": make_role(Policies=[{"PolicyDocument": {"Statement": one}} for one in policies]),
            **resources,
        },
    )
    role = facts(stack).functions["Foo"].role
    assert role is not None
    return role.statements


def test_function_goes_by_its_id_without_function() -> None:
    assert ["Foo"] == list(facts(make_stack(FooFunction=make_function())).functions)


def test_function_goes_by_the_name_that_the_caller_has() -> None:
    found = facts(make_stack(FooFunction=make_function()), names={"FooFunction": "foo-1"})

    assert ["foo-1"] == list(found.functions)


def test_two_functions_of_one_key_are_refused() -> None:
    with pytest.raises(OracleError, match="two functions have one key"):
        facts(make_stack(Foo=make_function(), FooFunction=make_function()))


def test_silent_template_means_the_defaults_of_lambda() -> None:
    function = facts(make_stack(Foo=make_function())).functions["Foo"]

    assert (
        3,
        128,
        ["x86_64"],
    ) == tuple(function.properties[name] for name in ("Timeout", "MemorySize", "Architectures"))


def test_tags_and_variables_are_mappings_of_text() -> None:
    function = make_function(
        Tags=[{"Key": "team", "Value": "a"}], Environment={"Variables": {"N": 1, "FLAG": True}}
    )
    properties = facts(make_stack(Foo=function)).functions["Foo"].properties

    assert {"team": "a"} == properties["Tags"]
    assert {"N": "1", "FLAG": "true"} == properties["Environment"]["Variables"]


def test_statements_are_split_to_single_grants() -> None:
    assert {
        Statement("Allow", "s3:GetObject", "a"),
        Statement("Allow", "s3:GetObject", "b"),
        Statement("Allow", "s3:PutObject", "a"),
        Statement("Allow", "s3:PutObject", "b"),
    } == read_statements(
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["a", "b"]},
    )


def test_not_action_and_condition_are_kept() -> None:
    assert {Statement("Deny", "not s3:*", "*", '{"Bool": {"x": true}}')} == read_statements(
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Condition": {"Bool": {"x": True}}},
    )


def test_policy_beside_the_role_counts() -> None:
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*"}},
        },
    }

    assert {Statement("Allow", "a:B")} == read_statements(Policy=policy)


def test_policy_of_somebody_else_stays_a_resource() -> None:
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"Groups": ["staff"], "PolicyDocument": {}}}

    assert ["Policy"] == list(facts(make_stack(Foo=make_function(), Policy=policy)).resources)


def test_known_managed_policy_is_spelled_out_and_another_named() -> None:
    arns = [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"},
    ]

    assert {
        Statement("Allow", "logs:CreateLogGroup"),
        Statement("Allow", "logs:CreateLogStream"),
        Statement("Allow", "logs:PutLogEvents"),
        Statement("Attach", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    } == read_statements(Role=make_role(ManagedPolicyArns=arns))


def test_policy_given_by_a_parameter_is_not_lost() -> None:
    assert {Statement("Attach", '{"Ref": "Arn"}')} == read_statements(
        Role=make_role(ManagedPolicyArns=[{"Ref": "Arn"}])
    )


def test_role_by_arn_stays_a_property() -> None:
    function = facts(make_stack(Foo=make_function(Role="arn:aws:iam::1:role/x"))).functions["Foo"]

    assert function.role is None
    assert "arn:aws:iam::1:role/x" == function.properties["Role"]


def test_log_group_belongs_to_its_function() -> None:
    group = {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${FooFunction}"}, "RetentionInDays": 7},
    }
    found = facts(make_stack(FooFunction=make_function(), Logs=group))

    assert {"RetentionInDays": 7} == found.functions["Foo"].log_group
    assert {} == found.resources


def test_log_group_of_something_else_is_a_resource() -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "other"}}

    assert {"Logs": Resource("AWS::Logs::LogGroup", {"LogGroupName": "other"})} == facts(
        make_stack(Logs=group)
    ).resources


def test_reference_to_a_function_is_by_its_key() -> None:
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {"FunctionName": {"Fn::GetAtt": ["FooFunction", "Arn"]}},
    }
    found = facts(make_stack(FooFunction=make_function(), Permission=permission))

    assert {"FunctionName": {"Fn::GetAtt": ["function Foo", "Arn"]}} == found.resources[
        "Permission"
    ].properties


def test_resource_of_another_stage_is_not_there() -> None:
    stack = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"Foo": {**make_function(), "Condition": "IsProd"}},
    }

    assert {} == facts(stack, {"Stage": "dev"}).functions
    assert isinstance(facts(stack, {"Stage": "prod"}).functions["Foo"], FunctionFacts)
