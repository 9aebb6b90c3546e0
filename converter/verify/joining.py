"""
Several functions of a template that serve one REST API, as the one that Chalice has for it (PAWS237).

What that means is said here by facts of both sides, and by nothing that a conversion does: the one function
has each variable and each permission that any of them has, the greatest timeout and memory of theirs, and
what all of them have alike; and what leads to one of them leads to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from converter.chalice.registration import API_FUNCTION
from converter.model import Json
from converter.verify.facts import Fact, Facts, Part
from converter.verify.values import find_reference, rename_references, show_value

# Each of these that any function has, the one has; no two values may be said under one name.
_JOINED = {"environment", "permission"}
_GREATEST = {"memory-size", "timeout"}
# What one function of several was called, and said to do.
_OWN_WORDS = {("property", "Description"), ("property", "FunctionName")}
# What SAM calls the API of events that name none.
_IMPLICIT_API: Json = {"Ref": "ServerlessRestApi"}
_EVERY_METHOD = {"any", "x-amazon-apigateway-any-method"}


@dataclass(frozen=True)
class _Route:
    """A route, the API that has it and the function that it leads to, by their ids."""

    api: str
    path: str
    method: str
    function: str


@dataclass(frozen=True)
class _Served:
    """The functions that serve an API; what it is called, and what the other side calls its own."""

    functions: tuple[Part, ...]
    api: str
    others_api: str


def join_served(facts: Facts, other: Facts) -> Facts:
    """A SAM project's facts with one function in the place of those that serve Chalice's REST API.

    `other` are Chalice's. The facts are as they were where that API is served by no function or by one,
    and where the functions differ in what no one function can be.
    """
    served = _find_served(facts, other)
    joined = _join(served.functions) if served else None
    if served is None or joined is None:
        return facts
    first, *rest = served.functions
    names = {part.identifier: joined.identifier for part in served.functions}
    for part in rest:
        names |= {name: dict(first.attached).get(what, name) for what, name in part.attached}
    gone = {id(part) for part in rest}
    parts = (joined if part is first else part for part in facts.parts if id(part) not in gone)
    return Facts(tuple(_rename(part, names) for part in parts))


def with_joined(mounted: Facts, facts: Facts, other: Facts) -> Facts:
    """A SAM project's facts whose API is Chalice's, its function as `facts`, which were before, say it.

    Where no one function can stand for those that serve the API, it has nothing of theirs.
    """
    served = _find_served(facts, other)
    if served is None:
        return mounted
    joined = _join(served.functions)
    # SAM calls after the API what it makes for it.
    names = {name: name.replace(served.api, served.others_api, 1) for name in _list_ids(joined, served.api)}
    found = _rename(joined, names).facts if joined else ()
    return Facts(
        tuple(
            replace(part, facts=found) if part.kind == "function" and part.name == API_FUNCTION else part
            for part in mounted.parts
        )
    )


def _find_served(facts: Facts, other: Facts) -> _Served | None:
    """The several functions of the API with most of the routes that the function of Chalice's API has."""
    servers = {part.identifier for part in other.parts if _is_server(part)}
    theirs = [route for route in _read_routes(other) if route.function in servers]
    wanted = {(route.path, route.method) for route in theirs}
    by_api: dict[str, list[_Route]] = {}
    for route in _read_routes(facts):
        by_api.setdefault(route.api, []).append(route)
    shares = {api: sum(_is_one_of(route, wanted) for route in routes) for api, routes in by_api.items()}
    api = max(shares, key=lambda name: shares[name], default="")
    if not shares.get(api):
        return None
    named = {route.function for route in by_api[api]}
    functions = [part for part in facts.parts if part.kind == "function" and part.identifier in named]
    return _Served(tuple(functions), api, theirs[0].api) if len(functions) > 1 else None


def _is_server(part: Part) -> bool:
    return part.kind == "function" and part.name == API_FUNCTION


def _is_one_of(route: _Route, wanted: set[tuple[str, str]]) -> bool:
    if route.method in _EVERY_METHOD:
        return any(path == route.path for path, _ in wanted)
    return (route.path, route.method) in wanted


def _read_routes(facts: Facts) -> Iterator[_Route]:
    """The routes that lead to functions: of an API's document, or of the events that our readers find."""
    for part in facts.parts:
        said = {fact.name: fact.value for fact in part.facts}
        function = find_reference(said.get("function"))
        if part.kind == "route" and function:
            api = part.name.rpartition(" of ")[2]
            yield _Route(api, str(said["path"]), str(said["method"]), function)
        elif part.type == "Api" and function:
            api = find_reference(said.get("RestApiId", _IMPLICIT_API)) or show_value(said["RestApiId"])
            yield _Route(api, str(said.get("Path")), str(said.get("Method")).lower(), function)


def _join(functions: Sequence[Part]) -> Part | None:
    """The one function that stands for all; None where they differ in anything else."""
    by_part = [{fact.key: fact for fact in part.facts if fact.key not in _OWN_WORDS} for part in functions]
    joined: list[Fact] = []
    for key in dict.fromkeys(key for found in by_part for key in found):
        fact = _join_facts([found.get(key) for found in by_part])
        if fact is None:
            return None
        joined.append(fact)
    hints = frozenset[str]().union(*(part.hints for part in functions))
    return replace(functions[0], name=API_FUNCTION, facts=tuple(joined), hints=hints)


def _join_facts(facts: Iterable[Fact | None]) -> Fact | None:
    """What is true of the one function, of what is said of each under one name; None for no one thing."""
    several = list(facts)
    said = [fact for fact in several if fact is not None]
    first = said[0]
    if first.kind not in _JOINED and len(said) < len(several):
        return None
    if first.kind in _GREATEST and all(type(fact.value) is int for fact in said):
        return max(said, key=lambda fact: fact.value)
    if first.kind == "runtime" and all(str(fact.value).startswith("python3.") for fact in said):
        # An application has one version of Python.
        return first
    return first if all(fact.value == first.value for fact in said) else None


def _list_ids(part: Part | None, api: str) -> set[str]:
    """What a part refers to that belongs to an API."""
    found: set[str] = set()

    def collect(name: str) -> str:
        found.add(name.partition(".")[0])
        return name

    for fact in part.facts if part else ():
        rename_references(fact.value, collect)
    return {name for name in found if name.startswith(api)}


def _rename(part: Part, names: Mapping[str, str]) -> Part:
    """The part with what it refers to under the new names, each of its facts once."""
    renamed = (
        replace(fact, value=rename_references(fact.value, lambda name: _rename_id(name, names)))
        for fact in part.facts
    )
    once = {(fact.key, show_value(fact.value)): fact for fact in renamed}
    return replace(part, facts=tuple(once.values()))


def _rename_id(name: str, names: Mapping[str, str]) -> str:
    head, dot, rest = name.partition(".")
    return names.get(head, head) + dot + rest
