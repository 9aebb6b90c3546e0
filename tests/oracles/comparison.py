"""What differs between two stacks, said so that a person finds the place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product

from tests.oracles.accepted import ACCEPTED
from tests.oracles.facts import Facts, FunctionFacts, Resource
from tests.oracles.translation import Json

_ABSENT = "absent"
Aspects = dict[str, str]


def compare(left: Facts, right: Facts) -> list[str]:
    """The differences between two stacks, less the accepted ones; empty when they mean the same.

    Resources have other ids on the other side, so they are paired first, as well as can be. A poor
    pairing shows differences that are none; no pairing can hide one.
    """
    for accepted in ACCEPTED:
        left, right = accepted.normalise(left), accepted.normalise(right)
    pairs = _pair_resources(left.resources, right.resources)
    theirs = {other: f"{right.resources[other].type} {name}" for name, other in pairs.items()}
    ours = {name: f"{left.resources[name].type} {name}" for name in pairs}
    return [
        *_compare_all(
            {f"function {key}": _list_aspects(function, ours) for key, function in left.functions.items()},
            {f"function {key}": _list_aspects(function, theirs) for key, function in right.functions.items()},
        ),
        *_compare_all(_list_resources(left.resources, ours), _list_resources(right.resources, theirs)),
    ]


def _pair_resources(left: Mapping[str, Resource], right: Mapping[str, Resource]) -> dict[str, str]:
    """Left ids with their right counterparts: the same id and type first, then the most alike."""
    pairs = {name: name for name in left if name in right and left[name].type == right[name].type}
    candidates = sorted(
        (-_count_alike(left[name], right[other]), name, other)
        for name, other in product(left.keys() - pairs.keys(), right.keys() - pairs.keys())
        if left[name].type == right[other].type
    )
    for _, name, other in candidates:
        if name not in pairs and other not in pairs.values():
            pairs[name] = other
    return pairs


def _count_alike(left: Resource, right: Resource) -> int:
    ours, theirs = _flatten("", left.properties, {}), _flatten("", right.properties, {})
    return len(set(ours) & set(theirs))


def _list_resources(resources: Mapping[str, Resource], shown: Mapping[str, str]) -> dict[str, Aspects]:
    return {
        shown.get(name, f"{resource.type} {name}"): dict(_flatten("", resource.properties, shown))
        for name, resource in resources.items()
    }


def _list_aspects(function: FunctionFacts, shown: Mapping[str, str]) -> Aspects:
    """All that can be said of a function, a line each."""
    aspects = dict(_flatten("", function.properties, shown))
    aspects.update(_flatten("LogGroup.", function.log_group, shown))
    if function.role:
        aspects.update(_flatten("Role.", function.role.properties, shown))
        aspects.update({f"may {statement}": "yes" for statement in function.role.statements})
        aspects.update({f"trusts {statement}": "yes" for statement in function.role.trust})
        if function.role.users:
            aspects["Role is shared by"] = ", ".join(sorted(function.role.users))
    return aspects


def _flatten(path: str, value: Json, shown: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The leaves of nested mappings, as path and text; a list is a leaf."""
    if isinstance(value, Mapping) and not _is_intrinsic(value):
        for key, item in value.items():
            yield from _flatten(f"{path}{key}." if isinstance(item, Mapping) else f"{path}{key}", item, shown)
    else:
        yield path.removesuffix("."), json.dumps(_show_references(value, shown), sort_keys=True)


def _is_intrinsic(value: Mapping[str, Json]) -> bool:
    name = next(iter(value), "")
    return len(value) == 1 and (name == "Ref" or name.startswith("Fn::"))


def _show_references(value: Json, shown: Mapping[str, str]) -> Json:
    if isinstance(value, list):
        return [_show_references(item, shown) for item in value]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("Ref"), str):
        return {"Ref": shown.get(value["Ref"], value["Ref"])}
    if "Fn::GetAtt" in value:
        name, *attribute = value["Fn::GetAtt"]
        return {"Fn::GetAtt": [shown.get(name, name), *attribute]}
    return {key: _show_references(item, shown) for key, item in value.items()}


def _compare_all(left: Mapping[str, Aspects], right: Mapping[str, Aspects]) -> Iterator[str]:
    for subject in sorted(left.keys() | right.keys()):
        if subject not in right:
            yield f"{subject}: only on the left"
        elif subject not in left:
            yield f"{subject}: only on the right"
        else:
            yield from _compare_aspects(subject, left[subject], right[subject])


def _compare_aspects(subject: str, left: Aspects, right: Aspects) -> Iterator[str]:
    for aspect in sorted(left.keys() | right.keys()):
        ours, theirs = left.get(aspect, _ABSENT), right.get(aspect, _ABSENT)
        if ours != theirs:
            yield f"{subject}: {aspect}: left {ours}, right {theirs}"
