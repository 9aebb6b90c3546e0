from __future__ import annotations

import json
from importlib.resources import files

import pytest
from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

from converter.codes import INVALID_POLICY_TEMPLATE
from converter.model import Json, Position
from converter.sam.policy_templates import expand, is_basic_execution, is_policy_template

SAM = PolicyTemplatesProcessor.get_default_policy_templates_json()
PROCESSOR = PolicyTemplatesProcessor(SAM)
MANAGED = "iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_data_is_sams():
    data = json.loads(files("converter.sam").joinpath("policy_templates.json").read_text(encoding="utf-8"))
    expected = {
        name: {"parameters": [*template["Parameters"]], "statements": template["Definition"]["Statement"]}
        for name, template in SAM["Templates"].items()
    }

    assert expected == data["templates"]


@pytest.mark.parametrize("name", SAM["Templates"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("name", id="text"),
        # The name of a parameter of many templates.
        pytest.param({"Ref": "TableName"}, id="reference"),
        pytest.param({"Fn::If": ["C", {"Ref": "QueueName"}, "x"]}, id="function"),
    ],
)
def test_as_sam_expands(name: str, value: Json):
    values = {**dict.fromkeys(SAM["Templates"][name]["Parameters"], value), "NotAParameter": "x"}

    assert (PROCESSOR.convert(name, values)["Statement"], []) == expand(name, values)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        pytest.param("NoSuchPolicy", {}, "SAM has no policy template of this name", id="unknown"),
        pytest.param(
            "DynamoDBStreamReadPolicy", {"TableName": "x"}, "lacks StreamName", id="parameter missing"
        ),
        pytest.param(
            "DynamoDBStreamReadPolicy", None, "lacks StreamName, TableName", id="parameters missing"
        ),
        pytest.param("VPCAccessPolicy", None, "its parameters have to be a mapping", id="no mapping"),
    ],
)
def test_refused(name: str, values: Json, reason: str):
    position = Position("template.yaml", 3, 5)

    assert ([], [INVALID_POLICY_TEMPLATE.at(position, name, reason)]) == expand(name, values, position)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"S3ReadPolicy": {"BucketName": "x"}}, True),
        ({"Statement": []}, False),
        ({"S3ReadPolicy": {}, "Version": 1}, False),
        ("S3ReadPolicy", False),
    ],
)
def test_is_policy_template(policy: Json, expected: bool):
    assert expected == is_policy_template(policy)


@pytest.mark.parametrize(
    "policy",
    [
        "AWSLambdaBasicExecutionRole",
        f"arn:aws:{MANAGED}",
        f"arn:aws-us-gov:{MANAGED}",
        {"Fn::Sub": f"arn:${{AWS::Partition}}:{MANAGED}"},
    ],
)
def test_basic_execution(policy: Json):
    assert is_basic_execution(policy)


@pytest.mark.parametrize(
    "policy",
    [
        "AWSLambdaVPCAccessExecutionRole",
        "arn:aws:iam::123456789012:policy/AWSLambdaBasicExecutionRole",
        {"Ref": "AWSLambdaBasicExecutionRole"},
        {"Statement": []},
        None,
    ],
)
def test_not_basic_execution(policy: Json):
    assert not is_basic_execution(policy)
