"""Each key of Chalice's config is in the SAM project, or is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converter.chalice.config import API_KEYS, FUNCTION_KEYS, STAGE_KEYS, TOP_KEYS
from converter.convert import Conversion
from converter.model import Json
from tests.features.tools import convert_to_sam

POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": "*"}]})
VALUES: dict[str, Json] = {
    "app_name": "others",
    "automatic_layer": True,
    "autogen_policy": False,
    "environment_variables": {"A": "b"},
    "iam_policy_file": "other.json",
    "iam_role_arn": "arn:aws:iam::123456789012:role/r",
    "lambda_architecture": "arm64",
    "lambda_memory_size": 256,
    "lambda_timeout": 5,
    "layers": ["arn:aws:lambda:eu-west-1:1:layer:x:1"],
    "log_retention_in_days": 7,
    "manage_iam_role": False,
    "profile": "ops",
    "reserved_concurrency": 3,
    "security_group_ids": ["sg-1"],
    "subnet_ids": ["subnet-1"],
    "tags": {"a": "b"},
    "xray": True,
    **dict.fromkeys(API_KEYS, "x"),
}
# They hold the others.
LEVELS = {"stages", "lambda_functions"}
# Chalice's own mark of its file's format.
FORMAT = {"version"}


def convert(config: dict[str, Any]) -> Conversion:
    config = {"stages": {"dev": {}}, **config}
    return convert_to_sam(
        json.dumps(config),
        files={".chalice/policy-dev.json": POLICY, ".chalice/other.json": POLICY.replace("sns", "sqs")},
    )


def is_said(config: dict[str, Any], key: str) -> bool:
    there, without = convert(config), convert({})
    return there.files != without.files or key in {found.subject for found in there.diagnostics}


def test_every_key_has_a_value_here():
    assert TOP_KEYS - LEVELS - FORMAT == VALUES.keys()


@pytest.mark.parametrize("key", sorted(VALUES))
def test_at_the_top(key: str):
    assert is_said({key: VALUES[key]}, key)


@pytest.mark.parametrize("key", sorted(VALUES))
def test_in_a_stage(key: str):
    assert is_said({"stages": {"dev": {key: VALUES[key]}}}, key)


@pytest.mark.parametrize("key", sorted(VALUES))
@pytest.mark.parametrize("is_in_stage", [False, True], ids=["top", "stage"])
def test_of_a_function(key: str, is_in_stage: bool):
    level = {"lambda_functions": {"one": {key: VALUES[key]}}}

    assert is_said({"stages": {"dev": level}} if is_in_stage else level, key)


def test_what_chalice_reads_at_each_level_is_in_the_project():
    """That it is named would not do: these are the keys that have a counterpart."""
    beside = {
        "iam_policy_file": {"autogen_policy": False},
        "iam_role_arn": {"manage_iam_role": False},
        "manage_iam_role": {"iam_role_arn": VALUES["iam_role_arn"]},
        "security_group_ids": {"subnet_ids": ["subnet-1"]},
        "subnet_ids": {"security_group_ids": ["sg-1"]},
    }
    without_effect = [
        key
        for key in sorted((STAGE_KEYS | FUNCTION_KEYS) - API_KEYS - LEVELS)
        if convert({**beside.get(key, {}), key: VALUES[key]}).files == convert(beside.get(key, {})).files
    ]

    assert [] == without_effect
