from __future__ import annotations

import pytest

from converter.model import Json
from converter.sam.intrinsics import (
    ABSENT,
    Scope,
    as_int,
    function_of,
    is_literal,
    parameter_values,
    references,
    rename,
    resolve,
    resolve_leaves,
)

NO_VALUE = {"Ref": "AWS::NoValue"}
SCOPE = Scope(
    parameters={"Stage": "prod", "Zones": ["a", "b"], "AWS::Partition": "aws"},
    mappings={"Stages": {"prod": {"Memory": 512, "Zones": ["c"]}}},
    conditions={
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "IsBoth": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
        "IsEither": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "IsUnknown": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
        "IsCircular": {"Fn::Not": [{"Condition": "IsCircular"}]},
        "IsText": "true",
    },
)


@pytest.mark.parametrize(
    ("value", "function"),
    [
        pytest.param({"Ref": "A"}, "Ref", id="Ref"),
        pytest.param({"Fn::Later": 1}, "Fn::Later", id="any Fn"),
        pytest.param({"Condition": "A"}, "Condition", id="Condition"),
        pytest.param({"Condition": {"StringEquals": {}}}, None, id="conditions of a statement"),
        pytest.param({"Ref": "A", "B": 1}, None, id="two keys"),
        pytest.param({}, None, id="no key"),
        pytest.param("Ref", None, id="text"),
    ],
)
def test_function_of(value: Json, function: str | None):
    assert function == function_of(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [("60", 60), (" -1 ", -1), (5, 5), ("6.5", "6.5"), ("", ""), (True, True), ({"Ref": "A"}, {"Ref": "A"})],
)
def test_as_int(value: Json, number: Json):
    assert number == as_int(value)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        pytest.param({"Ref": "A"}, {"A"}, id="Ref"),
        pytest.param({"Ref": "A.Version"}, {"A"}, id="what SAM makes of it"),
        pytest.param({"Ref": "AWS::Region"}, set(), id="pseudo parameter"),
        pytest.param({"Fn::GetAtt": ["A", "Arn"]}, {"A"}, id="GetAtt"),
        pytest.param({"Fn::GetAtt": "A.Arn"}, {"A"}, id="GetAtt of text"),
        pytest.param({"Fn::GetAtt": ["A", {"Ref": "B"}]}, {"A", "B"}, id="GetAtt with a Ref"),
        pytest.param({"Fn::Sub": "${A}${B.Arn}${!C}${AWS::Region}$D"}, {"A", "B"}, id="Sub"),
        pytest.param({"Fn::Sub": ["${A}${x}", {"x": {"Ref": "B"}}]}, {"A", "B"}, id="Sub with variables"),
        pytest.param({"Fn::If": ["C", {"Ref": "A"}, NO_VALUE]}, {"A", "C"}, id="If"),
        pytest.param({"Fn::And": [{"Condition": "C"}]}, {"C"}, id="Condition"),
        pytest.param([{"a": [{"Ref": "A"}]}, "B"], {"A"}, id="anywhere"),
        pytest.param({"Ref": 1, "x": 2}, set(), id="no function"),
        pytest.param({"Fn::GetAtt": []}, set(), id="no argument"),
    ],
)
def test_references(value: Json, names: set[str]):
    assert names == references(value)


def test_references_of_a_resource():
    resource = {
        "Type": "AWS::Serverless::Function",
        "Condition": "C",
        "DependsOn": "A",
        "Connectors": {"X": {"Properties": {"Destination": [{"Id": "B"}, {"Arn": "x"}], "Permissions": []}}},
        "Properties": {"DependsOn": "D", "Condition": "E"},
    }

    assert {"A", "B", "C"} == references(resource, ("Resources", "F"))
    assert {"A", "B", "C"} == references({"Resources": {"F": resource}})
    assert set() == references(resource)


@pytest.mark.parametrize(
    ("value", "renamed"),
    [
        pytest.param({"Ref": "A"}, {"Ref": "B"}, id="Ref"),
        pytest.param({"Ref": "A.Version"}, {"Ref": "B.Version"}, id="what SAM makes of it"),
        pytest.param({"Ref": "Aa"}, {"Ref": "Aa"}, id="longer name"),
        pytest.param({"Fn::GetAtt": ["A", "A.A"]}, {"Fn::GetAtt": ["B", "A.A"]}, id="GetAtt"),
        pytest.param(
            {"Fn::Sub": "A ${A} ${B.A} ${!A}"}, {"Fn::Sub": "A ${B} ${A.A} ${!A}"}, id="exchanged in Sub"
        ),
        pytest.param(
            {"Fn::Sub": ["${A}", {"A": {"Ref": "A"}}]}, {"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]}, id="Sub"
        ),
        pytest.param(
            {"Fn::If": ["A", {"Ref": "A"}, "A"]}, {"Fn::If": ["A", {"Ref": "B"}, "A"]}, id="conditions stay"
        ),
    ],
)
def test_rename(value: Json, renamed: Json):
    assert renamed == rename(value, {"A": "B", "B": "A"})


def test_rename_depends_on():
    value = {"DependsOn": ["A", "C"], "Condition": "A", "Properties": {"DependsOn": "A"}}

    assert {**value, "DependsOn": ["B", "C"]} == rename(value, {"A": "B"}, ("Resources", "X"))


@pytest.mark.parametrize(
    ("parameter", "override", "value"),
    [
        pytest.param({"Type": "String", "Default": "a"}, None, "a", id="default"),
        pytest.param({"Type": "String", "Default": "a"}, "b", "b", id="override"),
        pytest.param({"Type": "Number", "Default": 60}, None, "60", id="parameters are text"),
        pytest.param({"Type": "String", "Default": True}, None, "true", id="so are booleans"),
        pytest.param({"Type": "CommaDelimitedList", "Default": "a, b"}, None, ["a", "b"], id="list"),
        pytest.param({"Type": "List<AWS::EC2::Subnet::Id>"}, "a,b", ["a", "b"], id="list of ids"),
        pytest.param(
            {"Type": "AWS::SSM::Parameter::Name", "Default": "/a"}, None, "/a", id="name of a parameter"
        ),
    ],
)
def test_known_parameter(parameter: Json, override: str | None, value: Json):
    overrides = {} if override is None else {"P": override}

    assert {"P": value} == parameter_values({"P": parameter}, overrides)


@pytest.mark.parametrize(
    "parameter",
    [
        pytest.param({"Type": "String"}, id="no default"),
        pytest.param({"Type": "String", "Default": "a", "NoEcho": True}, id="secret"),
        pytest.param({"Type": "String", "Default": "a", "NoEcho": "true"}, id="secret in quotes"),
        pytest.param({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}, id="looked up"),
        pytest.param({"Type": "String", "Default": {"a": 1}}, id="no text"),
        pytest.param(None, id="empty"),
    ],
)
def test_unknown_parameter(parameter: Json):
    assert {} == parameter_values({"P": parameter}, {})


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        pytest.param("a", "a", id="text"),
        pytest.param({"Ref": "Stage"}, "prod", id="Ref"),
        pytest.param({"Ref": "Zones"}, ["a", "b"], id="Ref of a list"),
        pytest.param(NO_VALUE, ABSENT, id="no value"),
        pytest.param({"a": NO_VALUE, "b": 1}, {"b": 1}, id="no value in a mapping"),
        pytest.param([NO_VALUE, 1], [1], id="no value in a list"),
        pytest.param({"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Memory"]}, 512, id="FindInMap"),
        pytest.param(
            {"Fn::FindInMap": ["Stages", "dev", "Memory", {"DefaultValue": 1}]}, 1, id="its default"
        ),
        pytest.param({"Fn::Sub": "a-${Stage}-${!Stage}"}, "a-prod-${Stage}", id="Sub"),
        pytest.param(
            {"Fn::Sub": ["${a}${Stage}", {"a": {"Ref": "Stage"}}]}, "prodprod", id="Sub with variables"
        ),
        pytest.param({"Fn::Sub": "${AWS::Partition}"}, "aws", id="known pseudo parameter"),
        pytest.param({"Fn::Join": ["-", ["a", 1, True, {"Ref": "Stage"}]]}, "a-1-true-prod", id="Join"),
        pytest.param({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b", id="Join of a parameter"),
        pytest.param({"Fn::Split": ["-", "a-b"]}, ["a", "b"], id="Split"),
        pytest.param({"Fn::Select": ["1", {"Fn::Split": ["-", "a-b"]}]}, "b", id="Select"),
        pytest.param({"Fn::If": ["IsProd", 1, {"Ref": "Table"}]}, 1, id="the other branch does not matter"),
        pytest.param({"Fn::If": ["IsDev", 1, NO_VALUE]}, ABSENT, id="If without a value"),
        pytest.param({"Fn::If": ["IsBoth", 1, 2]}, 2, id="And"),
        pytest.param({"Fn::If": ["IsEither", 1, 2]}, 1, id="Or"),
        pytest.param({"Fn::If": ["IsText", 1, 2]}, 1, id="true in quotes"),
        pytest.param({"Fn::Equals": [1, "1"]}, True, id="Equals of a number"),
        pytest.param({"Fn::Equals": [{"Ref": "Zones"}, ["a", "b"]]}, True, id="Equals of lists"),
        pytest.param({"Fn::Base64": {"Fn::Sub": "${Stage}"}}, "cHJvZA==", id="Base64"),
        pytest.param({"Fn::Length": {"Ref": "Zones"}}, 2, id="Length"),
        pytest.param({"Fn::ToJsonString": {"a": [{"Ref": "Stage"}]}}, '{"a":["prod"]}', id="ToJsonString"),
        pytest.param(
            {"Condition": {"Bool": {"a": {"Ref": "Stage"}}}}, {"Condition": {"Bool": {"a": "prod"}}}, id="x"
        ),
    ],
)
def test_resolve(value: Json, resolved: Json):
    assert resolved == resolve(value, SCOPE)
    assert is_literal(resolved)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"Ref": "Table"}, id="resource"),
        pytest.param({"Ref": "AWS::Region"}, id="pseudo parameter"),
        pytest.param({"Ref": ["a"]}, id="no name"),
        pytest.param({"Fn::GetAtt": ["Table", "Arn"]}, id="attribute"),
        pytest.param({"Fn::ImportValue": "a"}, id="export"),
        pytest.param({"Fn::Later": "a"}, id="a function of the future"),
        pytest.param({"Fn::Sub": "${Stage}-${Table.Arn}"}, id="Sub of an attribute"),
        pytest.param({"Fn::Sub": "${Zones}"}, id="Sub of a list"),
        pytest.param({"Fn::Sub": ["${a}", {"a": NO_VALUE}]}, id="Sub of nothing"),
        pytest.param({"Fn::Join": ["-", [{"Ref": "Stage"}, {"Ref": "Table"}]]}, id="all or nothing"),
        pytest.param({"a": {"Ref": "Stage"}, "b": {"Ref": "Table"}}, id="all or nothing in a mapping"),
        pytest.param({"Fn::Join": ["-", "a"]}, id="Join of text"),
        pytest.param({"Fn::Join": ["-"]}, id="argument missing"),
        pytest.param({"Fn::Split": ["", "a"]}, id="Split at nothing"),
        pytest.param({"Fn::Select": [2, ["a"]]}, id="Select of too few"),
        pytest.param({"Fn::Select": [-1, ["a"]]}, id="Select from the end"),
        pytest.param({"Fn::FindInMap": ["Stages", "dev", "Memory"]}, id="not in the map"),
        pytest.param({"Fn::FindInMap": ["Stages", {"Ref": "AWS::Region"}, "x"]}, id="unknown key"),
        pytest.param({"Fn::If": ["IsUnknown", 1, 2]}, id="unknown condition"),
        pytest.param({"Fn::If": ["IsMissing", 1, 2]}, id="missing condition"),
        pytest.param({"Fn::If": ["IsCircular", 1, 2]}, id="circular condition"),
        pytest.param({"Fn::If": ["IsProd", {"Ref": "Table"}, 1]}, id="unknown branch"),
        pytest.param({"Fn::ToJsonString": NO_VALUE}, id="ToJsonString of nothing"),
    ],
)
def test_unresolved_stays_as_it_is(value: Json):
    assert value is resolve(value, SCOPE)
    assert not is_literal(value)


def test_resolve_leaves():
    value = {
        "A": {"Ref": "Stage"},
        "B": {"Ref": "Table"},
        "C": NO_VALUE,
        "D": [{"Fn::Sub": "${Stage}-x"}, {"Fn::Sub": "${Stage}-${Table}"}, NO_VALUE, {"E": [NO_VALUE]}],
    }

    assert {
        "A": "prod",
        "B": {"Ref": "Table"},
        "D": ["prod-x", {"Fn::Sub": "${Stage}-${Table}"}, {"E": []}],
    } == resolve_leaves(value, SCOPE)
