"""SAM's policy templates, expanded to the statements that SAM makes of them.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
policy_templates.json is derived from samtranslator's data, the expansion from its policy_template_processor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from converter.codes import INVALID_POLICY_TEMPLATE
from converter.diagnostics import Diagnostic
from converter.model import Json, Position

# What Chalice grants every function itself (chalice.constants.CLOUDWATCH_LOGS).
_BASIC_EXECUTION = re.compile(
    r"(arn:(aws[a-z-]*|\$\{AWS::Partition\}):iam::aws:policy/service-role/)?AWSLambdaBasicExecutionRole"
)


def expand(name: str, values: Json, position: Position | None = None) -> tuple[list[Json], list[Diagnostic]]:
    """The statements of the policy template for the given parameters, as they stand under its name.

    No statements, and a finding, where SAM would refuse: an unknown template, a missing parameter.
    """
    template = _load().get(name)
    if template is None:
        return [], [INVALID_POLICY_TEMPLATE.at(position, name, "SAM has no policy template of this name")]
    given = values if isinstance(values, Mapping) else {}
    missing = [parameter for parameter in template["parameters"] if parameter not in given]
    if missing or given is not values:
        reason = f"lacks {', '.join(missing)}" if missing else "its parameters have to be a mapping"
        return [], [INVALID_POLICY_TEMPLATE.at(position, name, reason)]
    used = {parameter: given[parameter] for parameter in template["parameters"]}
    # In the order in which people write them.
    statements = ({"Effect": statement["Effect"], **statement} for statement in template["statements"])
    return [_fill(statement, used) for statement in statements], []


def is_policy_template(policy: Json) -> bool:
    """Whether an entry of Policies is a policy template: a mapping with its name as the only key."""
    return isinstance(policy, Mapping) and len(policy) == 1 and next(iter(policy)) in _load()


def is_basic_execution(policy: Json) -> bool:
    """Whether an entry of Policies is the managed policy for logging, by its name or its ARN."""
    if isinstance(policy, Mapping) and len(policy) == 1:
        policy = policy.get("Fn::Sub")
    return isinstance(policy, str) and bool(_BASIC_EXECUTION.fullmatch(policy))


@cache
def _load() -> Mapping[str, Json]:
    text = files("converter.sam").joinpath("policy_templates.json").read_text(encoding="utf-8")
    templates: Mapping[str, Json] = json.loads(text)["templates"]
    return templates


def _fill(value: Json, values: Mapping[str, Json]) -> Json:
    """The value with each Ref of a parameter replaced by what it is."""
    if isinstance(value, dict):
        if len(value) == 1 and value.get("Ref") in values:
            return values[value["Ref"]]
        return {key: _fill(item, values) for key, item in value.items()}
    return [_fill(item, values) for item in value] if isinstance(value, list) else value
