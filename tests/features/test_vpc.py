from __future__ import annotations

import pytest

from converter.codes import INVALID_CONFIG_VALUE
from tests.features.tools import check_both_ways, check_left_out, check_to_sam, convert_to_sam

VPC = "VpcConfig: {SubnetIds: [subnet-1, subnet-2], SecurityGroupIds: [sg-1]}"
CHALICE = '"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"]'


def test_subnets_and_groups():
    check_both_ways(
        f"{{{CHALICE}}}",
        VPC,
        model={"vpc": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}},
    )


def test_stages():
    check_both_ways(
        f'{{"stages": {{"dev": {{}}, "prod": {{{CHALICE}}}}}}}',
        """\
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        OneFunction:
          VpcConfig: !If
            - IsProd
            - {SubnetIds: [subnet-1, subnet-2], SecurityGroupIds: [sg-1]}
            - !Ref AWS::NoValue
        """,
    )


@pytest.mark.parametrize(
    "chalice",
    [
        '{"subnet_ids": ["subnet-1"]}',
        '{"security_group_ids": ["sg-1"]}',
        '{"subnet_ids": [], "security_group_ids": ["sg-1"]}',
        '{"subnet_ids": ["subnet-1"], "security_group_ids": []}',
    ],
)
def test_one_key_alone_has_no_effect(chalice: str):
    check_to_sam(chalice, "")


@pytest.mark.parametrize(("key", "column"), [("subnet_ids", 21), ("security_group_ids", 21)])
def test_value_of_the_wrong_kind(key: str, column: int):
    check_left_out(f'{{"{key}": "x", "tags": {{}}}}', INVALID_CONFIG_VALUE, f"1:{column}", key)


@pytest.mark.parametrize(
    "config",
    [
        "{SubnetIds: [!Ref Subnet], SecurityGroupIds: [sg-1]}",
        "{SubnetIds: !Split [',', !Ref Subnet], SecurityGroupIds: [sg-1]}",
        "{SubnetIds: [subnet-1], SecurityGroupIds: [sg-1], Ipv6AllowedForDualStack: true}",
        "!If [IsProd, {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}, !Ref AWS::NoValue]",
    ],
)
def test_what_only_a_template_can_say(config: str):
    sections = "Parameters:\n  Subnet: {Type: String}\nConditions:\n  IsProd: !Equals [!Ref Subnet, '']\n"
    merge = f"{sections}Resources:\n  One:\n    Properties:\n      VpcConfig: {config}\n"

    check_both_ways(
        '{"autogen_policy": false}', f"{sections}OneFunction:\n  VpcConfig: {config}\n", merge=merge
    )


def test_merge_template_wins_over_the_config():
    there = convert_to_sam(f"{{{CHALICE}}}", merge="VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}")

    assert {"SubnetIds": ["a"], "SecurityGroupIds": ["b"]} == there.application.functions["one"].settings[
        "dev"
    ]["vpc"]
