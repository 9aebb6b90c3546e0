"""CloudFormation's intrinsic functions: what they refer to, and what they amount to.

Values are in the long form (`{"Ref": "Table"}`).
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from converter.model import Json

Path = tuple[str | int, ...]

_FUNCTIONS = """
    And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap GetAtt GetAZs If ImportValue Join
    Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll
"""
# Each function's name in the long form, and its YAML tag.
TAGS: Final[Mapping[str, str]] = {
    "Ref": "!Ref",
    "Condition": "!Condition",
    **{f"Fn::{name}": f"!{name}" for name in _FUNCTIONS.split()},
}

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_:.]+)\}")
_STRING_HEAD = re.compile(r"^((?:[!&]\S+\s+)*(?:[\"']|[|>]\S*\s+)?)([A-Za-z0-9_]+)(?=[.\"']|\s*$)")
_VARIABLE_OR_LITERAL = re.compile(r"\$\{(!?)([^{}]+)\}")


def function_of(value: Json) -> str | None:
    """The name of the intrinsic function that the value is a call of, None for any other value."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    (name,) = value
    if name == "Condition":
        # A statement's conditions are a mapping under the same key.
        return name if isinstance(value[name], str) else None
    return name if name == "Ref" or name.startswith("Fn::") else None


def is_literal(value: Json) -> bool:
    """Whether no intrinsic function is left anywhere in the value."""
    if isinstance(value, Mapping):
        return function_of(value) is None and all(map(is_literal, value.values()))
    return not isinstance(value, list) or all(map(is_literal, value))


def as_int(value: Json) -> Json:
    """The whole number that the value says ("60", as parameters are strings), else the value itself."""
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?[0-9]+\s*", value):
        return int(value)
    return value


# --- references --------------------------------------------------------------


class Place(Enum):
    """Where in its string a name stands: at its start, in `${...}`, or as the name of a condition."""

    START = "start"
    VARIABLE = "variable"
    CONDITION = "condition"


@dataclass(frozen=True)
class Reference:
    """One mention of a resource, parameter or condition: `Table`, or `Table.Arn`, in the string at `path`."""

    mention: str
    path: Path
    place: Place

    @property
    def name(self) -> str:
        return self.mention.split(".", 1)[0]


@dataclass(frozen=True)
class Renaming:
    """New names for what one string mentions: for the name it starts with, or for whole variables."""

    place: Place
    names: Mapping[str, str]

    def apply(self, text: str) -> str:
        """The string under its new names. Source text may have tags and quotes around it."""
        if self.place is Place.VARIABLE:
            return _VARIABLE.sub(lambda match: f"${{{self._rename(match[1])}}}", text)
        return _STRING_HEAD.sub(lambda match: match[1] + self._rename(match[2]), text)

    def _rename(self, name: str) -> str:
        return self.names.get(name, name)


def find_references(value: Json, path: Path = ()) -> Iterator[Reference]:
    """Every mention of a logical id, parameter or condition, but for pseudo parameters (`AWS::Region`).

    `path` is where the value stands in its template: with it, DependsOn, Condition and the ends of connectors
    count too, which cannot be told from other strings without it.
    """
    if isinstance(value, Mapping):
        if len(path) == 2 and path[0] in ("Resources", "Outputs"):
            yield from _attribute_references(value, path)
        function = function_of(value)
        if function is not None and function in _FINDERS:
            yield from _FINDERS[function](value[function], (*path, function))
        for key, item in value.items():
            yield from find_references(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from find_references(item, (*path, index))


def references(value: Json, path: Path = ()) -> set[str]:
    """The names that `find_references` finds."""
    return {reference.name for reference in find_references(value, path)}


def find_renamings(value: Json, names: Mapping[str, str], path: Path = ()) -> dict[Path, Renaming]:
    """The strings that mention a resource or parameter which has a new name, by their paths.

    Conditions are a namespace of their own and keep their names.
    """
    found: dict[Path, Renaming] = {}
    for reference in find_references(value, path):
        name, where, new = reference.name, reference.path, names.get(reference.name)
        if new is None or new == name or reference.place is Place.CONDITION:
            continue
        if reference.place is Place.START:
            found[where] = Renaming(reference.place, {name: new})
        else:
            others = found[where].names if where in found else {}
            variable = new + reference.mention[len(name) :]
            found[where] = Renaming(reference.place, {**others, reference.mention: variable})
    return found


def rename(value: Json, names: Mapping[str, str], path: Path = ()) -> Json:
    """The value with each mention of a renamed resource or parameter under its new name."""
    renamings = find_renamings(value, names, path)
    return _rename_items(value, renamings, path) if renamings else value


def _rename_items(value: Json, renamings: Mapping[Path, Renaming], path: Path) -> Json:
    if isinstance(value, Mapping):
        return {key: _rename_items(item, renamings, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename_items(item, renamings, (*path, index)) for index, item in enumerate(value)]
    return renamings[path].apply(value) if path in renamings else value


def _at_start(text: Json, path: Path) -> Iterator[Reference]:
    # There may be a dot: SAM lets `!Ref Function.Version` refer to what it makes of a resource.
    if isinstance(text, str) and text and not text.startswith("AWS::"):
        yield Reference(text, path, Place.START)


def _in_getatt(argument: Json, path: Path) -> Iterator[Reference]:
    if isinstance(argument, list):
        for text in argument[:1]:
            yield from _at_start(text, (*path, 0))
    else:
        yield from _at_start(argument, path)


def _in_sub(argument: Json, path: Path) -> Iterator[Reference]:
    variables: Mapping[str, Json] = {}
    if isinstance(argument, list) and argument:
        path = (*path, 0)
        if len(argument) > 1 and isinstance(argument[1], Mapping):
            variables = argument[1]
        argument = argument[0]
    if isinstance(argument, str):
        for mention in dict.fromkeys(match[1] for match in _VARIABLE.finditer(argument)):
            if mention not in variables and not mention.startswith("AWS::"):
                yield Reference(mention, path, Place.VARIABLE)


def _condition(name: Json, path: Path) -> Iterator[Reference]:
    if isinstance(name, str):
        yield Reference(name, path, Place.CONDITION)


def _in_if(argument: Json, path: Path) -> Iterator[Reference]:
    if isinstance(argument, list):
        for name in argument[:1]:
            yield from _condition(name, (*path, 0))


_FINDERS: Final[Mapping[str, Callable[[Json, Path], Iterator[Reference]]]] = {
    "Ref": _at_start,
    "Fn::GetAtt": _in_getatt,
    "Fn::Sub": _in_sub,
    "Fn::If": _in_if,
    "Condition": _condition,
}


def _attribute_references(entry: Mapping[str, Json], path: Path) -> Iterator[Reference]:
    """What the attributes of a resource or an output mention by their bare names."""
    if len(entry) > 1:
        yield from _condition(entry.get("Condition"), (*path, "Condition"))
    if path[0] == "Resources":
        yield from _names(entry.get("DependsOn"), (*path, "DependsOn"))
        if entry.get("Type") == "AWS::Serverless::Connector":
            yield from _connector_ends(entry, path)
        connectors = entry.get("Connectors")
        for key, connector in connectors.items() if isinstance(connectors, Mapping) else ():
            yield from _connector_ends(connector, (*path, "Connectors", key))


def _connector_ends(connector: Json, path: Path) -> Iterator[Reference]:
    """https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/managing-permissions-connectors.html"""
    properties = connector.get("Properties") if isinstance(connector, Mapping) else None
    if not isinstance(properties, Mapping):
        return
    for key in ("Source", "Destination"):
        ends = properties.get(key)
        for index, end in enumerate(ends) if isinstance(ends, list) else ((None, ends),):
            if isinstance(end, Mapping):
                where = (*path, "Properties", key) if index is None else (*path, "Properties", key, index)
                yield from _at_start(end.get("Id"), (*where, "Id"))


def _names(value: Json, path: Path) -> Iterator[Reference]:
    if isinstance(value, list):
        for index, name in enumerate(value):
            yield from _at_start(name, (*path, index))
    else:
        yield from _at_start(value, path)


# --- evaluation --------------------------------------------------------------


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
