"""How values that differ by stage are written, and what is said once for all functions."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from converter.model import Application, Code, Function, Handler, Json, Template
from converter.sam.writer import SamWriter, function_id
from tests.sam.readers import load_with_pyyaml

NO_VALUE = {"Ref": "AWS::NoValue"}


def make_writer(
    *names: str, stages: tuple[str, ...] = ("dev",), sections: Mapping[str, Any] | None = None
) -> SamWriter:
    functions = {
        name: Function(name, Code(name, Handler(f"{name}.py", "handler")), {stage: {} for stage in stages})
        for name in names
    }
    application = Application("orders", stages, "python3.13", functions)
    return SamWriter(replace(application, template=Template(sections or {})), "per-function", "native")


def finish(writer: SamWriter) -> Json:
    return load_with_pyyaml(writer.finish()["template.yaml"].decode())


# --- stages -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((1, 1, 1), 1, id="the same"),
        pytest.param((None, None, None), NO_VALUE, id="none"),
        pytest.param((1, 2, 3), {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Size"]}, id="numbers"),
        pytest.param(("a", "b", "a"), {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Size"]}, id="texts"),
        pytest.param(
            (["a"], ["b"], ["c"]), {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Size"]}, id="lists"
        ),
        pytest.param((1, None, None), {"Fn::If": ["IsDev", 1, NO_VALUE]}, id="in the first only"),
        pytest.param((None, None, 1), {"Fn::If": ["IsProd", 1, NO_VALUE]}, id="in the last only"),
        pytest.param((1, 1, None), {"Fn::If": ["IsProd", NO_VALUE, 1]}, id="in all but one"),
        pytest.param(("", "a", "a"), {"Fn::If": ["IsDev", "", "a"]}, id="empty text"),
        pytest.param(([], ["a"], ["a"]), {"Fn::If": ["IsDev", [], ["a"]]}, id="empty list"),
        pytest.param(
            ({"a": 1}, {"a": 2}, {"a": 3}),
            {"Fn::If": ["IsTest", {"a": 2}, {"Fn::If": ["IsProd", {"a": 3}, {"a": 1}]}]},
            id="mappings",
        ),
        pytest.param(
            ({"Ref": "A"}, {"Ref": "A"}, 1), {"Fn::If": ["IsProd", 1, {"Ref": "A"}]}, id="reference"
        ),
    ],
)
def test_value_by_stage(values: tuple[Json, ...], expected: Json):
    stages = ("dev", "test", "prod")
    writer = make_writer("one", stages=stages)

    assert expected == writer.vary("Size", dict(zip(stages, values, strict=True)), "one")


def test_mapping_of_stages():
    writer = make_writer("one", "two", stages=("dev", "prod"))
    writer.set("one", "Timeout", {"dev": 1, "prod": 2})
    writer.set("two", "Timeout", {"dev": 3, "prod": 4})
    writer.set_entries("one", "Environment", {"dev": {"API_URL": "d"}, "prod": {"API_URL": "p"}})
    writer.set_entries("two", "Environment", {"dev": {"API_URL": "d"}, "prod": {"API_URL": "p"}})
    template = finish(writer)

    assert {
        "Stages": {
            "dev": {"Timeout": 1, "TwoTimeout": 3, "ApiUrl": "d"},
            "prod": {"Timeout": 2, "TwoTimeout": 4, "ApiUrl": "p"},
        }
    } == template["Mappings"]
    assert {
        "Stage": {
            "Type": "String",
            "Description": "The stage to deploy",
            "Default": "dev",
            "AllowedValues": ["dev", "prod"],
        }
    } == template["Parameters"]


@pytest.mark.parametrize(
    ("hint", "key"),
    [
        ("API_URL", "ApiUrl"),
        ("lambda-x", "LambdaX"),
        ("camelCase", "CamelCase"),
        ("X", "X"),
        ("log.level", "LogLevel"),
        ("___", "Value"),
        ("é", "Value"),
        ("2nd", "2nd"),
    ],
)
def test_keys_of_the_mapping(hint: str, key: str):
    writer = make_writer("one", stages=("dev", "prod"))

    assert {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, key]} == writer.vary(
        hint, {"dev": "a", "prod": "b"}
    )


def test_keys_that_are_taken():
    writer = make_writer("one", stages=("dev", "prod"))
    keys = [
        writer.vary("a", {"dev": str(number), "prod": "x"}, "one")["Fn::FindInMap"][2] for number in range(4)
    ]

    assert ["A", "OneA", "OneA2", "OneA3"] == keys


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        (("dev", "my-stage"), {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Size"]}),
        (("dev", "my_stage"), {"Fn::If": ["IsMyStage", 2, 1]}),
        (("dev", "é"), {"Fn::If": ["Is", 2, 1]}),
    ],
)
def test_stage_that_cannot_be_a_key(stages: tuple[str, ...], expected: Json):
    writer = make_writer("one", stages=stages)

    assert expected == writer.vary("Size", dict(zip(stages, (1, 2), strict=True)))


def test_conditions_of_stages_that_are_alike():
    writer = make_writer("one", stages=("dev", "a-b", "a_b"))
    value = writer.vary("Size", {"dev": None, "a-b": 1, "a_b": 2})
    conditions = finish(writer)["Conditions"]

    assert {"Fn::If": ["IsAB2", 1, {"Fn::If": ["IsAB", 2, NO_VALUE]}]} == value
    assert {
        "IsAB": {"Fn::Equals": [{"Ref": "Stage"}, "a_b"]},
        "IsAB2": {"Fn::Equals": [{"Ref": "Stage"}, "a-b"]},
    } == conditions


def test_names_that_the_author_has_taken():
    sections: dict[str, Json] = {
        "Mappings": {"Stages": {"a": {"b": "c"}}},
        "Conditions": {"IsProd": {"Fn::Equals": [1, 2]}},
        "Parameters": {"Stage": {"Type": "String", "Default": "v1"}},
    }
    writer = make_writer("one", stages=("dev", "prod"), sections=sections)
    for section, entries in sections.items():
        for name, value in entries.items():
            writer.carry(section, name, value)
    values = [writer.vary("Size", {"dev": 1, "prod": 2}), writer.vary("Mode", {"dev": None, "prod": 1})]
    template = finish(writer)
    samconfig = writer.files["samconfig.toml"].decode()

    assert [
        {"Fn::FindInMap": ["Stages2", {"Ref": "Stage2"}, "Size"]},
        {"Fn::If": ["IsProd2", 1, NO_VALUE]},
    ] == values
    assert {"Stages", "Stages2"} == template["Mappings"].keys()
    assert {"IsProd", "IsProd2"} == template["Conditions"].keys()
    assert {"Stage", "Stage2"} == template["Parameters"].keys()
    assert 'Stage2=\\"prod\\"' in samconfig


@pytest.mark.parametrize(
    "parameter",
    [
        {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod", "other"]},
        {"Type": "String", "AllowedValues": ["prod", "dev"]},
        {"Type": "String", "Default": "prod"},
        {"Type": "String"},
    ],
)
def test_parameter_of_the_authors_own_that_says_the_stage(parameter: Json):
    writer = make_writer("one", stages=("dev", "prod"), sections={"Parameters": {"Stage": parameter}})
    writer.carry("Parameters", "Stage", parameter)
    writer.set("one", "Timeout", {"dev": 1, "prod": 2})

    assert {"Stage": parameter} == finish(writer)["Parameters"]


# --- what is said once ----------------------------------------------------------------


def hoist(*functions: Mapping[str, Json]) -> tuple[Json, list[Json]]:
    """What is global for functions with these properties, and what each keeps."""
    names = ["one", "two", "three"][: len(functions)]
    writer = make_writer(*names)
    for name, properties in zip(names, functions, strict=True):
        writer.functions[name].update(deepcopy(properties))
    template = finish(writer)
    resources = template["Resources"].values()
    return template.get("Globals", {}).get("Function"), [one.get("Properties") or {} for one in resources]


def variables(**values: Json) -> Json:
    return {"Environment": {"Variables": values}}


@pytest.mark.parametrize(
    ("functions", "shared", "left"),
    [
        pytest.param([{"Timeout": 1}], None, [{"Timeout": 1}], id="one function"),
        pytest.param([{"Timeout": 1}] * 2, {"Timeout": 1}, [{}, {}], id="equal"),
        pytest.param(
            [{"Timeout": 1}, {"Timeout": 2}], None, [{"Timeout": 1}, {"Timeout": 2}], id="different"
        ),
        pytest.param([{"Timeout": 1}, {}], None, [{"Timeout": 1}, {}], id="in one only"),
        pytest.param(
            [{"Timeout": 1}, {"Timeout": 2}, {"Timeout": 1}],
            {"Timeout": 1},
            [{}, {"Timeout": 2}, {}],
            id="most common",
        ),
        pytest.param(
            [{"Layers": ["a"]}, {"Layers": ["a"]}, {"Layers": ["b"]}],
            None,
            [{"Layers": ["a"]}, {"Layers": ["a"]}, {"Layers": ["b"]}],
            id="lists are joined by SAM",
        ),
        pytest.param(
            [variables(A="1", B="1"), variables(A="1", B="2")],
            variables(A="1"),
            [variables(B="1"), variables(B="2")],
            id="variables",
        ),
        pytest.param(
            [variables(A="1"), variables(A="1", B="2")],
            variables(A="1"),
            [{}, variables(B="2")],
            id="all of one",
        ),
        pytest.param([variables(A="1"), {}], None, [variables(A="1"), {}], id="variables of one"),
        pytest.param(
            [{"Tags": {"a": "1", "b": "1"}}, {"Tags": {"a": "1"}}],
            {"Tags": {"a": "1"}},
            [{"Tags": {"b": "1"}}, {}],
            id="tags",
        ),
        pytest.param(
            [{"Policies": ["a"], "Role": "b", "ReservedConcurrentExecutions": 1}] * 2,
            None,
            [{"Policies": ["a"], "Role": "b", "ReservedConcurrentExecutions": 1}] * 2,
            id="what each function has for itself",
        ),
    ],
)
def test_globals(functions: list[Json], shared: Json, left: list[Json]):
    assert (shared, left) == hoist(*functions)


def test_globals_are_not_for_functions_that_are_carried():
    other = {"Type": "AWS::Serverless::Function", "Properties": {"Runtime": "nodejs22.x"}}
    writer = make_writer("one", "two", sections={"Resources": {"Other": other}})
    writer.carry("Resources", "Other", other)
    for name in ("one", "two"):
        writer.functions[name]["Timeout"] = 5
    template = finish(writer)

    assert "Globals" not in template
    assert {"Timeout": 5} == template["Resources"]["OneFunction"]["Properties"]


# --- the rest ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("foo", "FooFunction"),
        ("foo-bar", "FooBarFunction"),
        ("foo-function", "FooFunction"),
        ("Function", "Function"),
    ],
)
def test_ids_of_functions(name: str, identifier: str):
    assert identifier == function_id(name)


def test_order_of_sections_and_properties():
    writer = make_writer("one")
    writer.functions["one"].update({"Tags": {}, "Handler": "a.b", "Mine": 1, "CodeUri": "x/", "Timeout": 1})
    writer.carry("Outputs", "A", {"Value": 1})
    writer.carry("Parameters", "P", {"Type": "String"})
    writer.carry("Description", "", "Orders")
    template = finish(writer)

    assert [
        "AWSTemplateFormatVersion",
        "Transform",
        "Description",
        "Parameters",
        "Resources",
        "Outputs",
    ] == [*template]
    assert ["CodeUri", "Handler", "Timeout", "Tags", "Mine"] == [
        *template["Resources"]["OneFunction"]["Properties"]
    ]


@pytest.mark.parametrize(
    ("resources", "capabilities"),
    [
        ({}, '"CAPABILITY_IAM"'),
        ({"R": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}}}, '"CAPABILITY_IAM"'),
        ({"R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "x"}}}, '"CAPABILITY_NAMED_IAM"'),
        (
            {"R": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "x"}}},
            '"CAPABILITY_NAMED_IAM"',
        ),
        ({"R": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "x"}}}, '"CAPABILITY_IAM"'),
        ({"R": {"Type": "AWS::Serverless::Application"}}, '["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]'),
        ({"R": {"Type": "AWS::CloudFormation::Stack"}}, '["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]'),
    ],
)
def test_capabilities(resources: Json, capabilities: str):
    writer = make_writer("one", sections={"Resources": resources})
    for name, value in resources.items():
        writer.carry("Resources", name, value)
    writer.finish()

    assert f"capabilities = {capabilities}\n" in writer.files["samconfig.toml"].decode()
