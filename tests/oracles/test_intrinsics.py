from __future__ import annotations

import pytest

from tests.oracles.intrinsics import Evaluator
from tests.oracles.process import OracleError

TEMPLATE = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev"},
        "Days": {"Type": "Number", "Default": "14"},
        "Subnets": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Secret": {"Type": "String"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/path"},
    },
    "Mappings": {"Stages": {"dev": {"Memory": 128}, "prod": {"Memory": 512}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "IsEither": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
        "IsBoth": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
        "IsUnknown": {"Fn::Equals": [{"Ref": "Secret"}, "x"]},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"Ref": "Stage"}, "dev", id="parameter"),
        pytest.param({"Ref": "Days"}, 14, id="number"),
        pytest.param({"Ref": "Subnets"}, ["a", "b"], id="list"),
        pytest.param({"Ref": "Secret"}, {"Ref": "Secret"}, id="parameter without a value"),
        pytest.param({"Ref": "Stored"}, {"Ref": "Stored"}, id="parameter that names a stored one"),
        pytest.param({"Ref": "AWS::Region"}, "us-east-1", id="pseudo parameter"),
        pytest.param({"Ref": "Table"}, {"Ref": "Table"}, id="resource"),
        pytest.param({"a": 1, "b": {"Ref": "AWS::NoValue"}}, {"a": 1}, id="no value in a mapping"),
        pytest.param([1, {"Ref": "AWS::NoValue"}], [1], id="no value in a list"),
        pytest.param({"Fn::GetAtt": "Table.Arn"}, {"Fn::GetAtt": ["Table", "Arn"]}, id="attribute"),
        pytest.param({"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Memory"]}, 128, id="mapping"),
        pytest.param({"Fn::FindInMap": ["Stages", "x", "y", {"DefaultValue": 1}]}, 1, id="mapping's default"),
        pytest.param({"Fn::If": ["IsProd", 1, 2]}, 2, id="if"),
        pytest.param({"Fn::If": ["IsEither", 1, 2]}, 1, id="or, not"),
        pytest.param({"Fn::If": ["IsBoth", 1, 2]}, 2, id="and"),
        pytest.param({"Fn::Sub": "x-${Stage}-${!Stage}"}, "x-dev-${Stage}", id="sub"),
        pytest.param({"Fn::Sub": ["${a}${Stage}", {"a": {"Ref": "Days"}}]}, "14dev", id="sub with names"),
        pytest.param({"Fn::Sub": "${Table}"}, {"Ref": "Table"}, id="sub of one reference"),
        pytest.param(
            {"Fn::Sub": "${Table.Arn}/${Stage}"},
            {"Fn::Join": ["", [{"Fn::GetAtt": ["Table", "Arn"]}, "/dev"]]},
            id="sub of an attribute",
        ),
        pytest.param(
            {"Fn::Join": ["/", [{"Fn::GetAtt": ["Table", "Arn"]}, {"Ref": "Stage"}]]},
            {"Fn::Join": ["", [{"Fn::GetAtt": ["Table", "Arn"]}, "/dev"]]},
            id="join like sub",
        ),
        pytest.param(
            {"Fn::Join": [",", {"Fn::GetAtt": ["Zone", "Servers"]}]},
            {"Fn::Join": [",", {"Fn::GetAtt": ["Zone", "Servers"]}]},
            id="join of an unknown list",
        ),
        pytest.param({"Fn::Select": ["1", {"Ref": "Subnets"}]}, "b", id="select"),
        pytest.param({"Fn::Select": [0, {"Fn::Split": ["-", "x-y"]}]}, "x", id="split"),
        pytest.param({"Fn::ImportValue": {"Ref": "Stage"}}, {"Fn::ImportValue": "dev"}, id="import"),
        pytest.param({"Fn::Sub": "${Days}-${AWS::Partition}"}, "14-aws", id="number in a text"),
    ],
)
def test_value(value: object, expected: object) -> None:
    assert expected == Evaluator(TEMPLATE).evaluate(value)


def test_given_parameter_beats_the_default() -> None:
    evaluator = Evaluator(TEMPLATE, {"Stage": "prod"})

    assert 512 == evaluator.evaluate({"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Memory"]})


def test_resource_with_a_condition() -> None:
    resource = {"Type": "AWS::SQS::Queue", "Condition": "IsProd"}

    assert not Evaluator(TEMPLATE).is_present(resource)
    assert Evaluator(TEMPLATE, {"Stage": "prod"}).is_present(resource)


def test_condition_on_an_unknown_value_is_refused() -> None:
    with pytest.raises(OracleError, match="only a deployment knows"):
        Evaluator(TEMPLATE).evaluate({"Fn::If": ["IsUnknown", 1, 2]})


def test_missing_key_of_a_mapping_is_refused() -> None:
    with pytest.raises(OracleError, match=r"no test\.Memory in mapping Stages"):
        Evaluator(TEMPLATE, {"Stage": "test"}).evaluate(
            {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Memory"]}
        )
