"""Values of a template in one spelling, so that two ways of writing a thing compare as equal.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from converter.model import Json
from converter.sam.intrinsics import parameter_values

REGION = "us-east-1"

# Both sides are looked at as deployed to one account and region, whichever.
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

    def __init__(
        self, sections: Mapping[str, Mapping[str, Json]], parameters: Mapping[str, str] | None = None
    ) -> None:
        self._mappings = sections.get("Mappings", {})
        self._conditions = sections.get("Conditions", {})
        self._open: set[str] = set()
        self._known: dict[str, Json] = {
            **PSEUDO_PARAMETERS,
            **parameter_values(sections.get("Parameters", {}), parameters or {}),
        }

    def evaluate(self, value: Json) -> Json:
        """The value with everything worked out that can be; absent parts are left out."""
        result = self._evaluate(value)
        return None if result is _NOTHING else result

    def holds(self, condition: str) -> bool | None:
        """Whether the template's condition of that name holds; None if only a deployment can tell."""
        return self._holds({"Condition": condition})

    def spell(self, condition: str) -> Json:
        """The condition of that name by what it asks, not by what it is called."""
        return self._spell_condition({"Condition": condition})

    def _evaluate(self, value: Json) -> Json:
        if isinstance(value, list):
            items = (self._evaluate(item) for item in value)
            return [item for item in items if item is not _NOTHING]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in _FUNCTIONS:
                try:
                    return _FUNCTIONS[name](self, argument)
                except (TypeError, ValueError, LookupError, AttributeError):
                    # Not as the function wants it: CloudFormation would refuse it, whoever wrote it.
                    return dict(value)
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
            return {"Fn::FindInMap": [name, top, second]}

    def _if(self, argument: list[Json]) -> Json:
        condition, yes, no = argument
        if not isinstance(condition, str):
            raise TypeError("the name of a condition is a text")
        holds = self.holds(condition)
        if holds is None:
            branches = (self._evaluate(branch) for branch in (yes, no))
            shown = [{"Ref": "AWS::NoValue"} if branch is _NOTHING else branch for branch in branches]
            return {"Fn::If": [self.spell(condition), *shown]}
        return self._evaluate(yes if holds else no)

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

    def _base64(self, argument: Json) -> Json:
        value = self._evaluate(argument)
        is_known = isinstance(value, str)
        return base64.b64encode(value.encode()).decode() if is_known else {"Fn::Base64": value}

    def _select(self, argument: list[Json]) -> Json:
        index, items = self._evaluate(argument[0]), self._evaluate(argument[1])
        return items[int(index)] if isinstance(items, list) else {"Fn::Select": [index, items]}

    def _split(self, argument: list[Json]) -> Json:
        separator, text = argument[0], self._evaluate(argument[1])
        return text.split(separator) if isinstance(text, str) else {"Fn::Split": [separator, text]}

    # --- conditions -----------------------------------------------------------------

    def _holds(self, condition: Json) -> bool | None:
        if not isinstance(condition, Mapping) or len(condition) != 1:
            return None
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self._holds_named(argument)
        if name == "Fn::Equals":
            if not isinstance(argument, list) or len(argument) != 2:
                return None
            left, right = (self._evaluate(item) for item in argument)
            is_known = not any(each is _NOTHING or isinstance(each, dict | list) for each in (left, right))
            return _as_text(left) == _as_text(right) if is_known else None
        found = [self._holds(item) for item in argument] if isinstance(argument, list) else []
        found = found or [None]
        if name == "Fn::Not":
            return None if found[0] is None else not found[0]
        if name == "Fn::And":
            return False if False in found else None if None in found else True
        if name == "Fn::Or":
            return True if True in found else None if None in found else False
        return None

    def _holds_named(self, name: Json) -> bool | None:
        if not isinstance(name, str) or name in self._open or name not in self._conditions:
            return None
        self._open.add(name)
        try:
            return self._holds(self._conditions[name])
        finally:
            self._open.discard(name)

    def _spell_condition(self, condition: Json) -> Json:
        if isinstance(condition, list):
            return [self._spell_condition(item) for item in condition]
        if not isinstance(condition, Mapping):
            return condition
        name = condition.get("Condition")
        if isinstance(name, str) and name in self._conditions and name not in self._open:
            self._open.add(name)
            try:
                return self._spell_condition(self._conditions[name])
            finally:
                self._open.discard(name)
        return {
            key: self._spell_condition(item) if key in _LOGIC else self.evaluate(item)
            for key, item in condition.items()
        }


_LOGIC = {"Fn::And", "Fn::Or", "Fn::Not"}
_FUNCTIONS: dict[str, Callable[[Evaluator, Json], Json]] = {
    "Ref": Evaluator._ref,
    "Fn::GetAtt": Evaluator._get_attribute,
    "Fn::Base64": Evaluator._base64,
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


def _is_plain_join(value: Mapping[str, Json]) -> bool:
    argument = value.get("Fn::Join")
    return isinstance(argument, list) and argument[0] == "" and isinstance(argument[1], list)


def _as_text(value: Json) -> str:
    """A scalar as CloudFormation writes it into a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- references -----------------------------------------------------------------------


def find_reference(value: Json) -> str:
    """The logical id that a canonical value refers to; empty if it is no reference."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return ""
    ((name, argument),) = value.items()
    if name == "Fn::GetAtt" and isinstance(argument, list) and argument:
        return str(argument[0])
    return argument if name == "Ref" and isinstance(argument, str) else ""


def rename_references(value: Json, names: Callable[[str], str]) -> Json:
    """A canonical value with the logical ids that it refers to under their new names."""
    if isinstance(value, list):
        return [rename_references(item, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    name = find_reference(value)
    if name and "Ref" in value:
        return {"Ref": names(name)}
    if name:
        return {"Fn::GetAtt": [names(name), *value["Fn::GetAtt"][1:]]}
    return {key: rename_references(item, names) for key, item in value.items()}


def show_value(value: Json) -> str:
    """A value as one line of text, the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
