"""The config is read as chalice.config.Config reads it, and what Chalice ignores is reported."""

from __future__ import annotations

import ast
import inspect
import json

import pytest
from chalice.config import Config
from hypothesis import given
from hypothesis import strategies as st

from converter.chalice.config import (
    API_KEYS,
    FUNCTION_KEYS,
    MERGED_KEYS,
    STAGE_KEYS,
    TOP_KEYS,
    ChaliceConfig,
    read_config,
)
from converter.codes import INVALID_CONFIG_VALUE, INVALID_JSON, UNKNOWN_CONFIG_KEY
from converter.diagnostics import UnreadableError
from converter.model import Json, Position

STAGES = ("dev", "prod")
FUNCTIONS = ("one", "two")


def read(value: Json) -> ChaliceConfig:
    text = value if isinstance(value, str) else json.dumps(value, indent=2)
    return read_config({".chalice/config.json": text.encode()})


def place(config: ChaliceConfig, *path: str) -> Position:
    return config.source.position(*path)


# --- against Chalice itself ------------------------------------------------------


def find_keys_of_chalice(**varying: bool) -> set[str]:
    """The keys that chalice.config looks up so."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(Config))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            name = getattr(node.args[0], "value", None)
            flags = {keyword.arg: getattr(keyword.value, "value", None) for keyword in node.keywords}
            if node.func.attr == "_chain_lookup" and isinstance(name, str):
                if all(bool(flags.get(flag)) == value for flag, value in varying.items()):
                    found.add(name)
            elif (
                node.func.attr == "_chain_merge" and isinstance(name, str) and varying["varies_per_function"]
            ):
                found.add(name)
    return found


def test_keys_of_functions_are_all_that_chalice_reads():
    assert find_keys_of_chalice(varies_per_function=True) == FUNCTION_KEYS


def test_keys_of_stages_are_all_that_chalice_reads():
    of_stages = find_keys_of_chalice(varies_per_function=False, varies_per_chalice_stage=True)

    assert of_stages == STAGE_KEYS - FUNCTION_KEYS - {"lambda_functions"}
    assert of_stages > API_KEYS


def test_keys_of_the_top_level_are_all_that_chalice_reads():
    of_top = find_keys_of_chalice(varies_per_function=False, varies_per_chalice_stage=False)

    assert of_top - {"chalice_app", "project_dir"} == TOP_KEYS - STAGE_KEYS - {"stages", "version"}


values = st.sampled_from([None, False, True, 0, 1, "", "a", [], ["a"]])
entries = st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["1", "2", ""]), max_size=3)


def levels(keys: frozenset[str], **inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """A level of the config with any of the keys and, perhaps, the levels inside it."""
    kinds = {key: entries | st.none() if key in MERGED_KEYS else values for key in sorted(keys)}
    return st.fixed_dictionaries({}, optional={**kinds, **inner})


def by_name(names: tuple[str, ...], level: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, level))


functions = by_name(FUNCTIONS, levels(FUNCTION_KEYS))
stages = by_name(STAGES, levels(STAGE_KEYS - {"lambda_functions"}, lambda_functions=functions))
configs = levels(STAGE_KEYS - {"lambda_functions"}, lambda_functions=functions, stages=stages)


@given(configs, st.sampled_from(STAGES), st.sampled_from(FUNCTIONS))
def test_lookup_is_that_of_chalice(value: Json, stage: str, function: str):
    config = read(value)
    chalice = Config(chalice_stage=stage, function_name=function, config_from_disk=value)
    defaults = {"manage_iam_role": True, "automatic_layer": False, "lambda_architecture": "x86_64"}
    expected, actual = {}, {}
    for key in STAGE_KEYS - MERGED_KEYS - {"lambda_functions"}:
        found = config.lookup(key, stage, function if key in FUNCTION_KEYS else None)
        actual[key] = defaults.get(key) if found is None else found
        expected[key] = getattr(chalice, "xray_enabled" if key == "xray" else key)

    assert expected == actual


@given(configs, st.sampled_from(STAGES), st.sampled_from(FUNCTIONS))
def test_merging_is_that_of_chalice(value: Json, stage: str, function: str):
    config = read(value)
    chalice = Config(chalice_stage=stage, function_name=function, config_from_disk=value)
    tags = {name: text for name, text in chalice.tags.items() if name != "aws-chalice"}

    assert chalice.environment_variables == config.merged("environment_variables", stage, function)
    assert tags == config.merged("tags", stage, function)


@given(configs, st.sampled_from(STAGES), st.sampled_from(FUNCTIONS), st.sampled_from(sorted(FUNCTION_KEYS)))
def test_place_is_where_the_value_stands(value: Json, stage: str, function: str, key: str):
    config = read(value)
    if config.lookup(key, stage, function) is None:
        return
    position = config.place(key, stage, function)
    line = config.source.text.splitlines()[position.line - 1]

    assert line[position.column - 1 :].startswith(f'"{key}":')


# --- stages ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, ("dev",)),
        ({"stages": {}}, ("dev",)),
        ({"stages": []}, ("dev",)),
        ({"stages": {"prod": {}}}, ("prod",)),
        ({"stages": {"prod": {}, "dev": {}}}, ("prod", "dev")),
        ({"stages": {"prod": {}, "automatic_layer": True, "xray": {}}}, ("prod", "xray")),
    ],
)
def test_stages(value: Json, expected: tuple[str, ...]):
    assert expected == read(value).stages


def test_config_that_is_not_there():
    config = read_config({})

    assert (None, ("dev",), None) == (config.app_name, config.stages, config.lookup("xray", "dev"))
    assert [] == [*config.report_unknown_keys()]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"tags": {"a": "b"}}, False),
        ({"stages": {"dev": {"tags": {}}}}, False),
        ({"lambda_functions": {"one": {"tags": {}}}}, True),
        ({"stages": {"dev": {"lambda_functions": {"one": {"tags": {}}}}}}, True),
        ({"stages": {"dev": {"lambda_functions": {"one": {"xray": True}}}}}, False),
        ({"lambda_functions": {"one": 1}}, False),
    ],
)
def test_functions_that_differ(value: Json, expected: bool):
    assert expected == read(value).differs_by_function({"tags"})


def test_functions_named():
    config = read(
        {
            "lambda_functions": {"one": {}},
            "stages": {"dev": {"lambda_functions": {"two": {}}}, "prod": {"lambda_functions": {"one": 1}}},
        }
    )

    assert [
        ("one", {}, place(config, "lambda_functions", "one")),
        ("two", {}, place(config, "stages", "dev", "lambda_functions", "two")),
        ("one", 1, place(config, "stages", "prod", "lambda_functions", "one")),
    ] == [*config.functions_named()]


# --- what is reported ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "action"),
    [
        (("enviroment_variables",), "did you mean environment_variables?"),
        (("lambda_timout",), "did you mean lambda_timeout?"),
        (("qqqq",), None),
        (("stages", "dev", "app_name"), None),
        (("stages", "dev", "stages"), None),
        (("stages", "automatic_layer"), None),
        (("stages", "dev", "lambda_memory"), "did you mean lambda_memory_size?"),
        (("lambda_functions", "one", "timeout"), "did you mean lambda_timeout?"),
        (("lambda_functions", "one", "api_gateway_stage"), None),
        (("stages", "dev", "lambda_functions", "one", "automatic_layer"), None),
        (("stages", "dev", "lambda_functions", "one", "tag"), "did you mean tags?"),
    ],
)
def test_key_that_chalice_does_not_read(path: tuple[str, ...], action: str | None):
    value: Json = 1
    for key in reversed(path):
        value = {key: value}
    config = read(value)
    (diagnostic,) = config.report_unknown_keys()

    assert UNKNOWN_CONFIG_KEY is diagnostic.code
    assert (path[-1], place(config, *path)) == (diagnostic.subject, diagnostic.position)
    assert (action or UNKNOWN_CONFIG_KEY.action) == diagnostic.action


@pytest.mark.parametrize("key", sorted(MERGED_KEYS))
def test_entries_of_a_function_at_the_top_level(key: str):
    config = read({"lambda_functions": {"one": {key: {"A": "1"}, "xray": True}}})
    (diagnostic,) = config.report_unknown_keys()

    assert UNKNOWN_CONFIG_KEY is diagnostic.code
    assert place(config, "lambda_functions", "one", key) == diagnostic.position
    assert diagnostic.action == "move it to stages.<stage>.lambda_functions"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"lambda_functions": ["one"]}, ("lambda_functions",)),
        ({"stages": ["dev"]}, ("stages",)),
        ({"stages": {"dev": "x"}}, ("stages", "dev")),
        ({"stages": {"dev": {"lambda_functions": "one"}}}, ("stages", "dev", "lambda_functions")),
        ({"environment_variables": ["A"]}, ("environment_variables",)),
        ({"stages": {"dev": {"tags": "A"}}}, ("stages", "dev", "tags")),
        ({"app_name": 5}, ("app_name",)),
    ],
)
def test_level_of_the_wrong_kind(value: Json, path: tuple[str, ...]):
    config = read(value)
    (diagnostic,) = config.report_unknown_keys()

    assert INVALID_CONFIG_VALUE is diagnostic.code
    assert (path[-1], place(config, *path)) == (diagnostic.subject, diagnostic.position)


def test_every_key_at_every_level_is_known():
    function = dict.fromkeys(FUNCTION_KEYS - MERGED_KEYS)
    stage = {**dict.fromkeys(STAGE_KEYS), "lambda_functions": {"one": function}}
    config = read(
        {**dict.fromkeys(TOP_KEYS), "lambda_functions": {"one": function}, "stages": {"dev": stage}}
    )

    assert [] == [*config.report_unknown_keys()]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (1, 1)),
        ("[]", (1, 1)),
        ("null", (1, 1)),
        ('{"a": 1,}', (1, 8)),
        ('{\n  "a": 1\n  "b": 2\n}', (3, 3)),
        ("{'a': 1}", (1, 2)),
        ('{"a": 1} // why', (1, 10)),
    ],
)
def test_broken_config(text: str, place: tuple[int, int]):
    with pytest.raises(UnreadableError) as caught:
        read(text)
    (diagnostic,) = caught.value.diagnostics

    assert INVALID_JSON is diagnostic.code
    assert Position(".chalice/config.json", *place) == diagnostic.position


@pytest.mark.parametrize("text", ["\ufeff{}", "{}\r\n", "{}\n\n"])
def test_config_as_editors_save_it(text: str):
    assert ("dev",) == read(text).stages


def test_entries_that_are_no_object_are_passed_over():
    config = read({"environment_variables": ["A"], "stages": {"dev": {"environment_variables": {"B": "1"}}}})

    assert {"B": "1"} == config.merged("environment_variables", "dev", "one")
