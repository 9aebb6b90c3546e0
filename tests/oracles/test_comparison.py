"""The comparison must be able to fail: each real difference shows, and nothing else does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import chalice_package, compare, facts, read_template, translate
from tests.oracles.facts import Facts, Resource

Template = dict[str, Any]


@pytest.fixture
def chalice(chalice_project: Path) -> Facts:
    return facts(translate(chalice_package(chalice_project, "prod")))


@pytest.fixture
def template(sam_project: Path) -> Template:
    return read_template(sam_project / "template.yaml")


def read_sam(template: Template) -> Facts:
    stage = {"Stage": "prod"}
    return facts(translate(template, stage), stage)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_two_forms_of_one_application_are_equal(
    chalice_project: Path, template: Template, stage: str
) -> None:
    left = facts(translate(chalice_package(chalice_project, stage)))
    right = facts(translate(template, {"Stage": stage}), {"Stage": stage})

    assert [] == compare(left, right)


def change_memory(template: Template) -> None:
    template["Mappings"]["Stages"]["prod"]["Memory"] = 256


def change_variable(template: Template) -> None:
    template["Globals"]["Function"]["Environment"]["Variables"]["STAGE"] = "other"


def drop_action(template: Template) -> None:
    template["Resources"]["SayHelloFunction"]["Properties"]["Policies"] = []


def drop_vpc(template: Template) -> None:
    del template["Globals"]["Function"]["VpcConfig"]


def drop_tracing(template: Template) -> None:
    del template["Globals"]["Function"]["Tracing"]


def drop_tag(template: Template) -> None:
    template["Globals"]["Function"]["Tags"] = {}


def change_retention(template: Template) -> None:
    template["Resources"]["CountFunctionLogs"]["Properties"]["RetentionInDays"] = 30


def drop_function(template: Template) -> None:
    del template["Resources"]["CountFunction"]
    del template["Resources"]["CountFunctionLogs"]


def add_resource(template: Template) -> None:
    template["Resources"]["Queue"] = {"Type": "AWS::SQS::Queue"}


def add_layer(template: Template) -> None:
    template["Globals"]["Function"]["Layers"].append("arn:aws:lambda:us-east-1:1:layer:x:1")


def add_layer_from_elsewhere(template: Template) -> None:
    content = {"S3Bucket": "somebody", "S3Key": "layer.zip"}
    template["Resources"]["Foreign"] = {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {"Content": content},
    }


def leave_python(template: Template) -> None:
    template["Globals"]["Function"]["Runtime"] = "nodejs22.x"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (change_memory, ["function {}: MemorySize: left 512, right 256"]),
        (change_variable, ['function {}: Environment.Variables.STAGE: left "prod", right "other"']),
        (drop_action, ["function SayHello: may Allow s3:ListAllMyBuckets on *: left yes, right absent"]),
        (
            drop_vpc,
            [
                'function {}: VpcConfig.SecurityGroupIds: left ["sg-0123abcd"], right absent',
                'function {}: VpcConfig.SubnetIds: left ["subnet-0123abcd"], right absent',
                "function {}: may Allow attach to a VPC on *: left yes, right absent",
            ],
        ),
        (
            drop_tracing,
            [
                'function {}: TracingConfig.Mode: left "Active", right absent',
                "function {}: may Allow write traces on *: left yes, right absent",
            ],
        ),
        (drop_tag, ['function {}: Tags.team: left "hospitality", right absent']),
        (change_retention, ["function Count: LogGroup.RetentionInDays: left 14, right 30"]),
        (drop_function, ["function Count: only on the left"]),
        (add_resource, ["AWS::SQS::Queue Queue: only on the right"]),
        (add_layer, ['function {}: Layers: left absent, right ["arn:aws:lambda:us-east-1:1:layer:x:1"]']),
        (add_layer_from_elsewhere, ["AWS::Lambda::LayerVersion Foreign: only on the right"]),
        (leave_python, ['function {}: Runtime: left "python3", right "nodejs22.x"']),
    ],
)
def test_difference_shows(
    chalice: Facts, template: Template, change: Callable[[Template], None], expected: list[str]
) -> None:
    change(template)
    both = [line.format(name) for name in ("Count", "SayHello") for line in expected]

    assert list(dict.fromkeys(both)) == compare(chalice, read_sam(template))


def test_trust_in_another_service_shows(chalice: Facts, template: Template) -> None:
    trust = {"Service": "edgelambda.amazonaws.com"}
    template["Resources"]["CountFunction"]["Properties"]["AssumeRolePolicyDocument"] = {
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trust}]
    }
    by = 'trusts Allow sts:AssumeRole on * by {"Service": '

    assert [
        f'function Count: {by}"edgelambda.amazonaws.com"}}: left absent, right yes',
        f'function Count: {by}"lambda.amazonaws.com"}}: left yes, right absent',
    ] == compare(chalice, read_sam(template))


def make_queues(*resources: Resource) -> Facts:
    return Facts({}, {f"Q{len(resources)}{number}": one for number, one in enumerate(resources)})


def make_queue(**properties: Any) -> Resource:
    return Resource("AWS::SQS::Queue", properties)


def test_resources_under_other_ids_are_the_same() -> None:
    left = make_queues(make_queue(DelaySeconds=1), make_queue(DelaySeconds=2))
    right = Facts({}, {"B": make_queue(DelaySeconds=2), "A": make_queue(DelaySeconds=1)})

    assert [] == compare(left, right)


def test_changed_resource_is_paired_with_the_most_similar() -> None:
    left = Facts({}, {"X": make_queue(DelaySeconds=1, FifoQueue=True), "Y": make_queue(DelaySeconds=2)})
    right = Facts({}, {"A": make_queue(DelaySeconds=2), "B": make_queue(DelaySeconds=9, FifoQueue=True)})

    assert ["AWS::SQS::Queue X: DelaySeconds: left 1, right 9"] == compare(left, right)


def test_reference_follows_the_pairing() -> None:
    topic = Resource("AWS::SNS::Topic", {"Target": {"Ref": "X"}})
    left = Facts({}, {"X": make_queue(DelaySeconds=1), "Y": make_queue(DelaySeconds=2), "Topic": topic})
    same = {"A": make_queue(DelaySeconds=1), "B": make_queue(DelaySeconds=2)}
    to_first = Facts({}, {**same, "Topic": replace_target(topic, "A")})
    to_second = Facts({}, {**same, "Topic": replace_target(topic, "B")})

    assert [] == compare(left, to_first)
    assert [
        'AWS::SNS::Topic Topic: Target: left {"Ref": "AWS::SQS::Queue X"}, right {"Ref": "AWS::SQS::Queue Y"}'
    ] == compare(left, to_second)


def replace_target(topic: Resource, name: str) -> Resource:
    properties = {**copy.deepcopy(dict(topic.properties)), "Target": {"Ref": name}}
    return Resource(topic.type, properties)
