"""The part of CloudFormation that works out a template's values before anything is made.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.oracles.process import REGION, OracleError
from tests.oracles.translation import Json, Template

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:123456789012:stack/stack/1",
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}

_NOTHING: Any = object()
_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")


class Evaluator:
    """The values of one template under given parameters.

    What only a deployment can know (a resource's ARN, an import) stays an intrinsic, in one
    spelling for all ways of writing it: `Fn::Sub` and `Fn::Join` both become a join of parts.
    """

    def __init__(self, template: Template, parameters: Mapping[str, str] | None = None) -> None:
        self._mappings = template.get("Mappings", {})
        self._conditions = template.get("Conditions", {})
        self._known: dict[str, Json] = dict(PSEUDO_PARAMETERS)
        for name, declared in template.get("Parameters", {}).items():
            value = (parameters or {}).get(name, declared.get("Default"))
            if value is not None and not declared["Type"].startswith("AWS::SSM::"):
                self._known[name] = _convert(value, declared["Type"])

    def evaluate(self, value: Json) -> Json:
        """The value with everything worked out that can be; absent parts are left out."""
        result = self._evaluate(value)
        return None if result is _NOTHING else result

    def is_present(self, resource: Template) -> bool:
        """Whether the resource's condition, if it has one, holds."""
        name = resource.get("Condition")
        return name is None or self._holds({"Condition": name})

    def _evaluate(self, value: Json) -> Json:
        if isinstance(value, list):
            items = (self._evaluate(item) for item in value)
            return [item for item in items if item is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument) = next(iter(value.items()))
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
        fields = ((key, self._evaluate(item)) for key, item in value.items())
        return {key: item for key, item in fields if item is not _NOTHING}

    def _ref(self, name: str) -> Json:
        if name == "AWS::NoValue":
            return _NOTHING
        return self._known.get(name, {"Ref": name})

    def _get_attribute(self, argument: Json) -> Json:
        resource, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return {"Fn::GetAtt": [resource, self._evaluate(attribute)]}

    def _find_in_map(self, argument: list[Json]) -> Json:
        name, top, second, *options = (self._evaluate(item) for item in argument)
        try:
            return self._evaluate(self._mappings[name][top][second])
        except (KeyError, TypeError):
            if options:
                return options[0]["DefaultValue"]
            raise OracleError(f"no {top}.{second} in mapping {name}") from None

    def _if(self, argument: list[Json]) -> Json:
        condition, yes, no = argument
        return self._evaluate(yes if self._holds({"Condition": condition}) else no)

    def _sub(self, argument: Json) -> Json:
        text, names = (argument, {}) if isinstance(argument, str) else argument
        parts: list[Json] = []
        at = 0
        for found in _SUBSTITUTION.finditer(text):
            literal, name = found[1], found[2].strip()
            parts.append(text[at : found.start()])
            at = found.end()
            if literal:
                parts.append("${" + name + "}")
            elif name in names:
                parts.append(self._evaluate(names[name]))
            else:
                parts.append(self._get_attribute(name) if "." in name else self._ref(name))
        return join_parts([*parts, text[at:]])

    def _join(self, argument: list[Json]) -> Json:
        separator, items = argument[0], self._evaluate(argument[1])
        if not isinstance(items, list):
            return {"Fn::Join": [separator, items]}
        spread = [part for item in items for part in (separator, item)][1:]
        return join_parts(spread)

    def _select(self, argument: list[Json]) -> Json:
        index, items = self._evaluate(argument[0]), self._evaluate(argument[1])
        return items[int(index)] if isinstance(items, list) else {"Fn::Select": [index, items]}

    def _split(self, argument: list[Json]) -> Json:
        separator, text = argument[0], self._evaluate(argument[1])
        return text.split(separator) if isinstance(text, str) else {"Fn::Split": [separator, text]}

    def _holds(self, condition: Template) -> bool:
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self._holds(self._conditions[argument])
        if name == "Fn::Equals":
            left, right = (self._evaluate(item) for item in argument)
            if isinstance(left, dict) or isinstance(right, dict):
                raise OracleError(f"a condition compares what only a deployment knows: {argument}")
            return _as_text(left) == _as_text(right)
        if name == "Fn::Not":
            return not self._holds(argument[0])
        if name == "Fn::And":
            return all(self._holds(item) for item in argument)
        if name == "Fn::Or":
            return any(self._holds(item) for item in argument)
        raise OracleError(f"not a condition: {condition}")


_FUNCTIONS: dict[str, Callable[[Evaluator, Json], Json]] = {
    "Ref": Evaluator._ref,
    "Fn::GetAtt": Evaluator._get_attribute,
    "Fn::FindInMap": Evaluator._find_in_map,
    "Fn::If": Evaluator._if,
    "Fn::Sub": Evaluator._sub,
    "Fn::Join": Evaluator._join,
    "Fn::Select": Evaluator._select,
    "Fn::Split": Evaluator._split,
}


def join_parts(parts: list[Json]) -> Json:
    """The parts put together: a string if all are known, else the shortest join that says the same."""
    merged: list[Json] = []
    for part in parts:
        inner = part["Fn::Join"][1] if isinstance(part, dict) and _is_plain_join(part) else [part]
        for item in inner:
            text = item if isinstance(item, dict | list) else _as_text(item)
            if isinstance(text, str) and merged and isinstance(merged[-1], str):
                merged[-1] += text
            elif text != "":
                merged.append(text)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else {"Fn::Join": ["", merged]}


def _is_plain_join(value: Template) -> bool:
    argument = value.get("Fn::Join")
    return isinstance(argument, list) and argument[0] == "" and isinstance(argument[1], list)


def _as_text(value: Json) -> str:
    """A scalar as CloudFormation writes it into a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _convert(value: Json, declared: str) -> Json:
    if declared == "Number":
        return float(value) if "." in str(value) else int(value)
    if declared == "CommaDelimitedList" or declared.startswith("List<"):
        return [item.strip() for item in str(value).split(",")]
    return _as_text(value)
