"""What running app.py has shown of a Chalice application, for those that asked for it (`--introspect`)."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converter.model import Json

if TYPE_CHECKING:
    from converter.python.module import Module


@dataclass(frozen=True)
class FoundRoute:
    """One method of a route; `place` is the view's file and line, None for one from elsewhere."""

    path: str
    method: str
    arguments: Mapping[str, Json]
    place: tuple[str, int] | None = None

    def write_call(self, module: Module) -> ast.Call:
        """The decorator that would register it, as if it stood at the view."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        call = ast.parse(f"app.route({self.path!r}, methods=[{self.method!r}], {given})", mode="eval").body
        assert isinstance(call, ast.Call)
        line = self.place[1] if self.place and self.place[0] == module.path else 1
        for node in ast.walk(call):
            if isinstance(node, ast.expr | ast.keyword):
                node.lineno = node.end_lineno = min(line, len(module.lines) or 1)
                node.col_offset = node.end_col_offset = 0
        return call


@dataclass(frozen=True)
class FoundFunction:
    """A function with its decorator's arguments."""

    kind: str
    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    place: tuple[str, int] | None = None


@dataclass(frozen=True)
class Introspection:
    """All that one stage registers."""

    routes: tuple[FoundRoute, ...]
    functions: tuple[FoundFunction, ...]

    def arguments(self, kind: str, name: str) -> Mapping[str, Json]:
        """The arguments of a function's decorator, none if there is no such function."""
        found = (each.arguments for each in self.functions if (each.kind, each.name) == (kind, name))
        return next(found, {})


def read_introspection(described: Json) -> Introspection:
    """What describe_app.py says."""
    return Introspection(
        tuple(
            FoundRoute(
                each["path"],
                each["method"],
                {
                    name: each[name]
                    for name in ("content_types", "api_key_required", "cors", "authorizer")
                    if each[name]
                },
                _read_place(each["place"]),
            )
            for each in described["routes"]
        ),
        tuple(
            FoundFunction(each["kind"], each["name"], each["arguments"], _read_place(each["place"]))
            for each in described["functions"]
        ),
    )


def _read_place(place: Json) -> tuple[str, int] | None:
    return (place[0], place[1]) if place else None
