"""What intrinsic functions amount to, as far as that is known before deployment."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from converter.model import Json
from converter.sam.intrinsics.functions import as_int, function_of

_VARIABLE_OR_LITERAL = re.compile(r"\$\{(!?)([^{}]+)\}")


class Absent(Enum):
    """What `Ref: AWS::NoValue` amounts to."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
_SCALARS = (str, int, float)


@dataclass(frozen=True)
class Scope:
    """What is known of a template: values of parameters, pseudo ones too, and its Mappings and Conditions."""

    parameters: Mapping[str, Json] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)
    conditions: Mapping[str, Json] = field(default_factory=dict)


class _UnknownError(Exception):
    """The value depends on something that is not known before deployment."""


def parameter_values(parameters: Mapping[str, Json], overrides: Mapping[str, str]) -> dict[str, Json]:
    """The values of a template's Parameters that are known, as `Ref` gives them: overrides, else defaults.

    Secrets (NoEcho) and what CloudFormation looks up itself (SSM parameters) are left out.
    """
    known: dict[str, Json] = {}
    for name, parameter in parameters.items():
        declared = parameter if isinstance(parameter, Mapping) else {}
        kind = str(declared.get("Type", "String"))
        value = overrides.get(name, declared.get("Default"))
        is_secret = str(declared.get("NoEcho", "")).lower() == "true"
        if is_secret or kind.startswith("AWS::SSM::Parameter::Value<") or not isinstance(value, _SCALARS):
            continue
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        known[name] = [item.strip() for item in _text(value).split(",")] if is_list else _text(value)
    return known


def resolve(value: Json, scope: Scope) -> Json:
    """What the value amounts to, ABSENT where that is nothing at all.

    A value that depends on anything unknown comes back as it is, as the author wrote it (`is_literal` tells).
    """
    try:
        return _evaluate(value, scope)
    except (_UnknownError, RecursionError):
        return value


def resolve_leaves(value: Json, scope: Scope) -> Json:
    """The value with each intrinsic in it resolved as `resolve` does, each by itself."""
    if function_of(value) is not None:
        return resolve(value, scope)
    if isinstance(value, Mapping):
        items = {key: resolve_leaves(item, scope) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not ABSENT}
    if isinstance(value, list):
        return [item for item in (resolve_leaves(item, scope) for item in value) if item is not ABSENT]
    return value


def choose_branch(value: Json, scope: Scope) -> Json:
    """The branch of an Fn::If whose condition is known, whatever it holds; else the value as it is."""
    while function_of(value) == "Fn::If":
        condition, then, otherwise = value["Fn::If"]
        chosen = resolve({"Fn::If": [condition, True, False]}, scope)
        if not isinstance(chosen, bool):
            break
        value = then if chosen else otherwise
    return value


def _evaluate(value: Json, scope: Scope) -> Json:
    function = function_of(value)
    if function is not None:
        if function not in _EVALUATORS:
            raise _UnknownError
        return _EVALUATORS[function](value[function], scope)
    if isinstance(value, Mapping):
        items = {key: _evaluate(item, scope) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not ABSENT}
    if isinstance(value, list):
        return [item for item in (_evaluate(item, scope) for item in value) if item is not ABSENT]
    return value


def _text(value: Json) -> str:
    """A scalar as CloudFormation puts it into a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _SCALARS):
        return str(value)
    raise _UnknownError


def _evaluate_text(value: Json, scope: Scope) -> str:
    return _text(_evaluate(value, scope))


def _evaluate_items(argument: Json, scope: Scope) -> list[Json]:
    items = _evaluate(argument, scope)
    if not isinstance(items, list):
        raise _UnknownError
    return items


def _arguments(argument: Json, *counts: int) -> list[Json]:
    if not isinstance(argument, list) or len(argument) not in counts:
        raise _UnknownError
    return argument


def _ref(name: Json, scope: Scope) -> Json:
    if name == "AWS::NoValue":
        return ABSENT
    if not isinstance(name, str) or name not in scope.parameters:
        raise _UnknownError
    return scope.parameters[name]


def _find_in_map(argument: Json, scope: Scope) -> Json:
    *keys, options = [*_arguments(argument, 3, 4), {}][:4]
    value: Json = scope.mappings
    for key in keys:
        name = _evaluate_text(key, scope)
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(options, Mapping) and "DefaultValue" in options:
            return _evaluate(options["DefaultValue"], scope)
        else:
            raise _UnknownError
    return value


def _sub(argument: Json, scope: Scope) -> str:
    text, variables = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str) or not isinstance(variables, Mapping):
        raise _UnknownError

    def fill(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        return _evaluate_text(variables[name], scope) if name in variables else _text(_ref(name, scope))

    return _VARIABLE_OR_LITERAL.sub(fill, text)


def _join(argument: Json, scope: Scope) -> str:
    separator, items = _arguments(argument, 2)
    return _evaluate_text(separator, scope).join(map(_text, _evaluate_items(items, scope)))


def _split(argument: Json, scope: Scope) -> list[Json]:
    separator, text = (_evaluate_text(item, scope) for item in _arguments(argument, 2))
    if not separator:
        raise _UnknownError
    return list(text.split(separator))


def _select(argument: Json, scope: Scope) -> Json:
    index, items = _arguments(argument, 2)
    position, found = as_int(_evaluate(index, scope)), _evaluate_items(items, scope)
    if not isinstance(position, int) or not 0 <= position < len(found):
        raise _UnknownError
    return found[position]


def _if(argument: Json, scope: Scope) -> Json:
    condition, then, otherwise = _arguments(argument, 3)
    return _evaluate(then if _named_condition(condition, scope) else otherwise, scope)


def _named_condition(name: Json, scope: Scope) -> bool:
    if not isinstance(name, str) or name not in scope.conditions:
        raise _UnknownError
    return _is_true(scope.conditions[name], scope)


def _is_true(value: Json, scope: Scope) -> bool:
    result = _evaluate(value, scope)
    if _text(result) not in ("true", "false"):
        raise _UnknownError
    return _text(result) == "true"


def _equals(argument: Json, scope: Scope) -> bool:
    left, right = (_evaluate(item, scope) for item in _arguments(argument, 2))
    return bool(left == right if isinstance(left, (list, dict)) else _text(left) == _text(right))


def _and(argument: Json, scope: Scope) -> bool:
    return all(_is_true(item, scope) for item in _arguments(argument, *range(1, 11)))


def _or(argument: Json, scope: Scope) -> bool:
    return any(_is_true(item, scope) for item in _arguments(argument, *range(1, 11)))


def _not(argument: Json, scope: Scope) -> bool:
    (item,) = _arguments(argument, 1)
    return not _is_true(item, scope)


def _base64(argument: Json, scope: Scope) -> str:
    return base64.b64encode(_evaluate_text(argument, scope).encode()).decode()


def _length(argument: Json, scope: Scope) -> int:
    return len(_evaluate_items(argument, scope))


def _to_json_string(argument: Json, scope: Scope) -> str:
    value = _evaluate(argument, scope)
    if not isinstance(value, (list, dict)):
        raise _UnknownError
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


_EVALUATORS: Final[Mapping[str, Callable[[Json, Scope], Json]]] = {
    "Ref": _ref,
    "Condition": _named_condition,
    "Fn::And": _and,
    "Fn::Base64": _base64,
    "Fn::Equals": _equals,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Not": _not,
    "Fn::Or": _or,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
}
