"""What intrinsic functions mention: logical ids, parameters and conditions, and their new names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Final, NamedTuple

from converter.model import Json
from converter.sam.intrinsics.functions import SCALARS, function_of

Path = tuple[str | int, ...]

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_:.]+)\}")
_STRING_HEAD = re.compile(r"^((?:[!&]\S+\s+)*(?:[\"']|[|>]\S*\s+)?)([A-Za-z0-9_]+)(?=[.\"']|\s*$)")


class Place(Enum):
    """Where in its string a name stands: at its start, in `${...}`, or as the name of a condition."""

    START = "start"
    VARIABLE = "variable"
    CONDITION = "condition"


class Reference(NamedTuple):
    """One mention of a resource, parameter or condition: `Table`, or `Table.Arn`, in the string at `path`."""

    mention: str
    path: Path
    place: Place

    @property
    def name(self) -> str:
        return self.mention.split(".", 1)[0]


class Renaming(NamedTuple):
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


def find_references(value: Json, path: Path = ()) -> list[Reference]:
    """Every mention of a logical id, parameter or condition, but for pseudo parameters (`AWS::Region`).

    `path` is where the value stands in its template: with it, DependsOn, Condition and the ends of connectors
    count too, which cannot be told from other strings without it.
    """
    found: list[Reference] = []
    _add_references(value, path, found)
    return found


def _add_references(value: Json, path: Path, found: list[Reference]) -> None:
    if isinstance(value, (dict, Mapping)):
        if len(path) == 2 and path[0] in ("Resources", "Outputs"):
            found += _attribute_references(value, path)
        function = function_of(value)
        if function is not None and function in _FINDERS:
            found += _FINDERS[function](value[function], (*path, function))
        items: Iterable[tuple[str | int, Json]] = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return
    for key, item in items:
        if type(item) not in SCALARS:
            _add_references(item, (*path, key), found)


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
