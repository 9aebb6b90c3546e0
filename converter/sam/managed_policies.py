"""AWS's managed policies: SAM takes their names, CloudFormation their ARNs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from converter.model import Json

_ARN = re.compile(r"arn:(?:aws[a-z-]*|\$\{AWS::Partition\}):iam::aws:policy/((?:[\w-]+/)*)([\w-]+)")


def policy_arn(policy: Json) -> Json:
    """The ARN of a managed policy of AWS's given by name; ARNs and references as they are."""
    if not isinstance(policy, str) or policy.startswith("arn:"):
        return policy
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{_paths().get(policy, '')}{policy}"}


def policy_name(policy: Json) -> Json:
    """The name of a managed policy of AWS's given by its ARN; anything else as it is.

    An ARN with a path that its name does not tell stays too.
    """
    text = policy.get("Fn::Sub") if isinstance(policy, Mapping) else policy
    match = _ARN.fullmatch(text) if isinstance(text, str) else None
    return match[2] if match and _paths().get(match[2], "") == match[1] else policy


@cache
def _paths() -> Mapping[str, str]:
    """The path in the ARN of each policy that has one (samtranslator/internal/data)."""
    text = files("converter.sam").joinpath("managed_policies.json").read_text(encoding="utf-8")
    return {name: f"{path}/" for path, names in json.loads(text)["paths"].items() for name in names}
