from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samtranslator.plugins.globals.globals import Globals

from converter.model import Json
from converter.sam.sam_globals import merge_globals

KEYS = st.sampled_from(["A", "B", "Architectures", "Ref", "Fn::If", "Condition"])
VALUES = st.recursive(
    st.sampled_from(["x", 1, None, True]),
    lambda values: st.one_of(st.lists(values, max_size=2), st.dictionaries(KEYS, values, max_size=2)),
    max_leaves=6,
)


def properties(*names: str) -> st.SearchStrategy[dict[str, Json]]:
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=4)


FUNCTIONS = properties("Timeout", "Architectures", "Environment", "Tags", "Layers")
CAPACITY_PROVIDERS = properties("InstanceRequirements", "ManagedResourceTags", "Tags")


def merge_with_samtranslator(kind: str, common: Json, own: Json, ignored: Any = None) -> Json:
    section = Globals({"Globals": {kind: deepcopy(common)}})
    return section.merge(f"AWS::Serverless::{kind}", deepcopy(own), "Id", ignored)


@given(FUNCTIONS, FUNCTIONS)
def test_functions_as_sam_merges(common: dict[str, Json], own: dict[str, Json]):
    expected = merge_with_samtranslator("Function", common, own)

    assert expected == merge_globals({"Function": common}, "Function", own)


@given(CAPACITY_PROVIDERS, CAPACITY_PROVIDERS)
def test_capacity_providers_as_sam_merges(common: dict[str, Json], own: dict[str, Json]):
    expected = merge_with_samtranslator("CapacityProvider", common, own)

    assert expected == merge_globals({"CapacityProvider": common}, "CapacityProvider", own)


@pytest.mark.parametrize(
    ("common", "own", "merged"),
    [
        pytest.param({"Timeout": 3}, {"Timeout": 5}, {"Timeout": 5}, id="own value"),
        pytest.param({"Timeout": 3}, {}, {"Timeout": 3}, id="common value"),
        pytest.param({"Layers": ["a"]}, {"Layers": ["b", "a"]}, {"Layers": ["a", "b", "a"]}, id="lists"),
        pytest.param(
            {"Architectures": ["arm64"]},
            {"Architectures": ["x86_64"]},
            {"Architectures": ["x86_64"]},
            id="one of",
        ),
        pytest.param(
            {"Environment": {"Variables": {"A": 1, "B": 1}}},
            {"Environment": {"Variables": {"B": 2, "C": 2}}},
            {"Environment": {"Variables": {"A": 1, "B": 2, "C": 2}}},
            id="mappings",
        ),
        pytest.param(
            {"Tags": {"a": 1}},
            {"Tags": {"Fn::If": ["C", {}, {}]}},
            {"Tags": {"Fn::If": ["C", {}, {}]}},
            id="function",
        ),
    ],
)
def test_merge(common: Json, own: Json, merged: Json):
    assert merged == merge_globals({"Function": common}, "Function", own)


@pytest.mark.parametrize("section", [{}, {"Api": {"Name": "x"}}, {"Function": None}])
def test_nothing_for_this_kind(section: Json):
    assert {"Timeout": 5} == merge_globals(section, "Function", {"Timeout": 5})


@pytest.mark.parametrize("ignored", [None, "*", ["Tags"], []])
def test_ignored(ignored: Json):
    common = {"Timeout": 3, "Tags": {"a": 1}}
    expected = merge_with_samtranslator("Function", common, {"MemorySize": 1}, ignored)

    assert expected == merge_globals({"Function": common}, "Function", {"MemorySize": 1}, ignored)
