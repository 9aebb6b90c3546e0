"""Several functions that serve one API as the one that Chalice has, with what all of them need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.model import Function, Json, Settings

# Of several values the greatest is enough for all.
_GREATEST = ("timeout", "memory_size")
# What allows something; one function may do what any of them may.
_PERMISSIONS = ("managed_policies", "policy")
# What a function is called and said to do, alone.
OWN_WORDS = {"Description": "descriptions", "FunctionName": "names"}


class CannotJoinError(Exception):
    """Why one function cannot stand for all."""


def join_functions(functions: Sequence[Function]) -> Function:
    """One function with the union of environments and permissions, the greatest timeout and memory.

    Raises CannotJoinError where they differ in anything else.
    """
    first, *others = functions
    carried = [_without_own_words(one.carried) if others else one.carried for one in functions]
    if any(each != carried[0] for each in carried):
        said = [{**each, **each.get("Properties", {})} for each in carried]
        keys = {key for each in said for key in each if any(each[key] != one.get(key) for one in said)}
        raise CannotJoinError(f"they differ in {', '.join(sorted(keys - {'Properties'}))}")
    settings = {
        stage: _join_settings([function.settings[stage] for function in functions])
        for stage in first.settings
    }
    return replace(first, settings=settings, carried=carried[0])


def _without_own_words(carried: Mapping[str, Json]) -> dict[str, Json]:
    """What is carried of a function, but for what it alone is called."""
    properties = {key: value for key, value in carried.get("Properties", {}).items() if key not in OWN_WORDS}
    return {
        **{key: value for key, value in carried.items() if key != "Properties"},
        **({"Properties": properties} if properties else {}),
    }


def describe(functions: Sequence[Function], joined: Function) -> str:
    """What the one function has that the others did not have each."""
    said = ["the environment variables and permissions of all"]
    for key, words in OWN_WORDS.items():
        if any(key in one.carried.get("Properties", {}) for one in functions):
            said.append(f"none of their {words}")
    for name in _GREATEST:
        values = [one.setting(name) for one in functions]
        if any(value != values[0] for value in values):
            shown = ", ".join(str(value) for value in dict.fromkeys(joined.setting(name).values()))
            said.append(f"{name.replace('_', ' ')} {shown}")
    return " and ".join(said) if len(said) < 3 else f"{', '.join(said[:-1])} and {said[-1]}"


def _join_settings(settings: Sequence[Settings]) -> dict[str, Json]:
    names = dict.fromkeys(name for one in settings for name in one)
    joined = {name: _join_values(name, [one.get(name) for one in settings]) for name in names}
    return {name: value for name, value in joined.items() if value is not None}


def _join_values(name: str, values: Sequence[Json]) -> Json:
    first = values[0]
    if all(value == first for value in values):
        return first
    if name in _GREATEST and all(type(value) is int for value in values):
        return max(values)
    if name == "environment":
        return _join_environments([value or {} for value in values])
    if name in _PERMISSIONS and all(isinstance(value or [], list) for value in values):
        statements = [statement for value in values for statement in value or []]
        return [one for number, one in enumerate(statements) if one not in statements[:number]]
    raise CannotJoinError(f"they differ in {name.replace('_', ' ')}")


def _join_environments(values: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    joined: dict[str, Json] = {}
    for value in values:
        for name, text in value.items():
            if joined.setdefault(name, text) != text:
                raise CannotJoinError(f"{name} has different values in them")
    return joined
