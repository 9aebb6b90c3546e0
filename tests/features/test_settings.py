"""Settings that are one key of Chalice's config and one property of a function."""

from __future__ import annotations

import pytest

from converter.codes import INVALID_CONFIG_VALUE, MERGED_ALIKE
from converter.model import Json
from tests.features.tools import (
    check_both_ways,
    check_left_out,
    check_model,
    check_to_chalice,
    convert_to_chalice,
    convert_to_sam,
    merge_template_of,
)


@pytest.mark.parametrize(
    ("chalice", "sam", "model"),
    [
        pytest.param('{"lambda_timeout": 30}', "Timeout: 30", {"timeout": 30}, id="timeout"),
        pytest.param('{"lambda_memory_size": 512}', "MemorySize: 512", {"memory_size": 512}, id="memory"),
        pytest.param(
            '{"reserved_concurrency": 5}',
            "ReservedConcurrentExecutions: 5",
            {"reserved_concurrency": 5},
            id="concurrency",
        ),
        pytest.param(
            '{"reserved_concurrency": 0}',
            "ReservedConcurrentExecutions: 0",
            {"reserved_concurrency": 0},
            id="no concurrency",
        ),
        pytest.param(
            '{"lambda_architecture": "arm64"}',
            "Architectures: [arm64]",
            {"architecture": "arm64"},
            id="architecture",
        ),
        pytest.param('{"xray": true}', "Tracing: Active", {"tracing": True}, id="tracing"),
        pytest.param(
            "{}",
            "",
            {"timeout": 60, "memory_size": 128, "architecture": "x86_64", "tracing": False},
            id="defaults",
        ),
    ],
)
def test_setting(chalice: str, sam: str, model: Json):
    check_both_ways(chalice, sam, model=model)


# --- defaults --------------------------------------------------------------------


def test_defaults_of_chalice_are_written_out():
    template = convert_to_sam().files["template.yaml"].decode()

    assert "Timeout: 60\n" in template
    assert "MemorySize: 128\n" in template


def test_defaults_of_lambda_are_not_written_out():
    template = convert_to_sam('{"lambda_timeout": 3, "xray": false, "lambda_architecture": "x86_64"}')

    assert b"Timeout" not in template.files["template.yaml"]
    assert b"Tracing" not in template.files["template.yaml"]
    assert b"Architectures" not in template.files["template.yaml"]


@pytest.mark.parametrize(
    ("sam", "chalice"),
    [
        pytest.param("Timeout: 3", '{"lambda_timeout": 3}', id="timeout"),
        pytest.param("Timeout: !Ref AWS::NoValue", '{"lambda_timeout": 3}', id="no timeout"),
        pytest.param("MemorySize: 128", "{}", id="memory"),
        pytest.param("Architectures: [x86_64]", "{}", id="architecture"),
        pytest.param("Tracing: PassThrough", "{}", id="tracing"),
        pytest.param('Timeout: "30"', '{"lambda_timeout": 30}', id="number as a text"),
    ],
)
def test_ways_to_write_it_in_sam(sam: str, chalice: str):
    check_to_chalice(sam, chalice)


# --- levels, functions, stages ------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        '{"lambda_timeout": 30, "stages": {"dev": {}}}',
        '{"lambda_timeout": 5, "stages": {"dev": {"lambda_timeout": 30}}}',
        '{"lambda_functions": {"one": {"lambda_timeout": 30}}, "stages": {"dev": {}}}',
        '{"lambda_timeout": 5, "stages": {"dev": {"lambda_functions": {"one": {"lambda_timeout": 30}}}}}',
        '{"lambda_timeout": 30}',
        '{"lambda_timeout": 30, "stages": {"dev": {"lambda_timeout": null}}}',
    ],
)
def test_levels_of_the_config(config: str):
    check_model(convert_to_sam(config), {"dev": {"timeout": 30}})


def test_functions_that_differ():
    check_both_ways(
        '{"lambda_functions": {"one": {"lambda_timeout": 5}, "two": {"lambda_timeout": 10}}}',
        """\
        OneFunction:
          Timeout: 5
        TwoFunction:
          Timeout: 10
        """,
    )


def test_setting_of_one_function():
    check_both_ways(
        '{"lambda_functions": {"two": {"reserved_concurrency": 5}}}',
        """\
        TwoFunction:
          ReservedConcurrentExecutions: 5
        """,
    )


@pytest.mark.parametrize(
    ("chalice", "sam"),
    [
        pytest.param('{"lambda_timeout": 5}', "{Timeout: 5}", id="timeout"),
        pytest.param('{"lambda_architecture": "arm64"}', "{Architectures: [arm64]}", id="architecture"),
    ],
)
def test_what_functions_share_is_said_once(chalice: str, sam: str):
    there = convert_to_sam(chalice[:-1] + ', "lambda_functions": {"two": {"xray": true}}}')
    back = convert_to_chalice(f"OneFunction: {sam}\nTwoFunction: {sam}\n")

    assert 1 == there.files["template.yaml"].decode().count(sam.strip("{}").partition(":")[0])
    assert 1 == back.files[".chalice/config.json"].decode().count(chalice.strip("{}").partition(":")[0])


@pytest.mark.parametrize(
    ("chalice", "sam", "model"),
    [
        pytest.param(
            '{"stages": {"dev": {"lambda_timeout": 5}, "prod": {"lambda_timeout": 30}}}',
            """\
            Mappings:
              Stages:
                dev: {Timeout: 5}
                prod: {Timeout: 30}
            OneFunction:
              Timeout: !FindInMap [Stages, !Ref Stage, Timeout]
            """,
            {"dev": {"timeout": 5}, "prod": {"timeout": 30}},
            id="number",
        ),
        pytest.param(
            '{"stages": {"dev": {}, "prod": {"reserved_concurrency": 5}}}',
            """\
            Conditions:
              IsProd: !Equals [!Ref Stage, prod]
            OneFunction:
              ReservedConcurrentExecutions: !If [IsProd, 5, !Ref AWS::NoValue]
            """,
            {"dev": {"reserved_concurrency": None}, "prod": {"reserved_concurrency": 5}},
            id="number in one stage only",
        ),
        pytest.param(
            '{"stages": {"dev": {}, "prod": {"xray": true}}}',
            """\
            Conditions:
              IsProd: !Equals [!Ref Stage, prod]
            OneFunction:
              Tracing: !If [IsProd, Active, !Ref AWS::NoValue]
            """,
            {"dev": {"tracing": False}, "prod": {"tracing": True}},
            id="switch",
        ),
        pytest.param(
            '{"stages": {"dev": {"lambda_architecture": "arm64"}, "prod": {}}}',
            """\
            Conditions:
              IsProd: !Equals [!Ref Stage, prod]
            OneFunction:
              Architectures: !If [IsProd, !Ref AWS::NoValue, [arm64]]
            """,
            {"dev": {"architecture": "arm64"}, "prod": {"architecture": "x86_64"}},
            id="architecture",
        ),
        pytest.param(
            '{"lambda_timeout": 7, "stages": {"dev": {}, "prod": {}}}',
            "Timeout: 7",
            {"dev": {"timeout": 7}, "prod": {"timeout": 7}},
            id="the same in all",
        ),
    ],
)
def test_stages(chalice: str, sam: str, model: Json):
    check_both_ways(chalice, sam, model=model)


def test_stages_and_functions():
    check_both_ways(
        """\
        {"stages": {
            "dev": {"lambda_functions": {"one": {"lambda_timeout": 5}, "two": {"lambda_timeout": 6}}},
            "prod": {"lambda_functions": {"one": {"lambda_timeout": 7}, "two": {"lambda_timeout": 8}}}
        }}
        """,
        """\
        Mappings:
          Stages:
            dev: {Timeout: 5, TwoTimeout: 6}
            prod: {Timeout: 7, TwoTimeout: 8}
        OneFunction:
          Timeout: !FindInMap [Stages, !Ref Stage, Timeout]
        TwoFunction:
          Timeout: !FindInMap [Stages, !Ref Stage, TwoTimeout]
        """,
    )


# --- what only a template can say ------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Timeout", "MemorySize", "ReservedConcurrentExecutions"],
)
def test_value_that_is_open_until_deployment(name: str):
    parameter = "Parameters:\n  Size:\n    Type: Number\n    Default: 5\n"

    check_both_ways(
        sam=f"{parameter}OneFunction:\n  {name}: !Ref Size\n",
        merge=f"{parameter}Resources:\n  One:\n    Properties:\n      {name}: !Ref Size\n",
    )


def test_architecture_that_is_open_until_deployment():
    parameter = "Parameters:\n  Kind:\n    Type: String\n"

    check_both_ways(
        sam=f"{parameter}OneFunction:\n  Architectures: [!Ref Kind]\n",
        merge=f"{parameter}Resources:\n  One:\n    Properties:\n      Architectures: [!Ref Kind]\n",
    )


def test_merge_template_wins_over_the_config():
    there = convert_to_sam('{"lambda_timeout": 5}', merge="Timeout: 30")

    check_model(there, {"dev": {"timeout": 30}})


# --- values that are none -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lambda_timeout", '"30"'),
        ("lambda_timeout", "30.5"),
        ("lambda_timeout", "true"),
        ("lambda_memory_size", "[512]"),
        ("reserved_concurrency", "{}"),
        ("lambda_architecture", '"arm"'),
        ("xray", '"yes"'),
        ("xray", "1"),
    ],
)
def test_value_of_the_wrong_kind(key: str, value: str):
    check_left_out(f'{{"{key}": {value}}}', INVALID_CONFIG_VALUE, "1:21", key)


def test_setting_of_one_function_in_one_stage_that_chalice_has_for_all():
    back = convert_to_chalice(
        """\
        Parameters: {Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}}
        Conditions: {IsProd: !Equals [!Ref Stage, prod]}
        OneFunction: {Architectures: !If [IsProd, [arm64], [x86_64]]}
        TwoFunction: {}
        """,
        '{"stages": {"dev": {}, "prod": {}}}',
    )

    assert {"Resources": {"One": {"Properties": {"Architectures": ["arm64"]}}}} == merge_template_of(back)
    assert ["Architectures"] == [each.subject for each in back.diagnostics if each.code is MERGED_ALIKE]
