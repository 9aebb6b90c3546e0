from __future__ import annotations

import json
from importlib.resources import files

import pytest

from converter.sam.managed_policies import policy_arn, policy_name

PUBLISHED = json.loads(
    files("samtranslator.internal.data").joinpath("aws_managed_policies.json").read_text()
)["aws"]
# Only AWS's own services may use these.
NAMES = sorted(name for name, arn in PUBLISHED.items() if ":policy/aws-service-role/" not in arn)


def test_every_name_has_the_arn_that_sam_knows() -> None:
    expected = {name: PUBLISHED[name].replace("arn:aws:", "arn:${AWS::Partition}:") for name in NAMES}

    assert expected == {name: policy_arn(name)["Fn::Sub"] for name in NAMES}


def test_arn_and_name_are_there_and_back() -> None:
    assert NAMES == [policy_name(policy_arn(name)) for name in NAMES]


@pytest.mark.parametrize(
    "policy",
    [
        {"Ref": "OwnPolicy"},
        "arn:aws:iam::123456789012:policy/Own",
        "arn:aws:iam::aws:policy/service-role/OfTomorrow",
    ],
    ids=["reference", "own ARN", "path that nobody knows yet"],
)
def test_other_policies_are_left_alone(policy: object) -> None:
    assert (policy, policy) == (policy_arn(policy), policy_name(policy))
