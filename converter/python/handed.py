"""Objects that functions are given: which of their parameters stand for one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from converter.python.module import Module

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Made = TypeVar("Made")


@dataclass
class HandedObjects(Generic[Made]):
    """The functions of a project that are called with certain objects.

    `find_module` gives the project's own module of a dotted name. `given` are the objects by the functions
    and their parameters, `homes` the modules of these functions, and `calls` what hands an object on to one.
    """

    find_module: Callable[[str], Module | None]
    given: dict[FunctionNode, dict[str, set[Made]]] = field(default_factory=dict)
    homes: dict[FunctionNode, Module] = field(default_factory=dict)
    calls: dict[ast.Call, FunctionNode] = field(default_factory=dict)

    def follow(self, module: Module, nodes: Iterable[ast.AST], names: Mapping[str, Made]) -> None:
        """Find who is given the objects that go by these names, and to whom they hand them on."""
        open_ones = [(module, nodes, names)]
        while open_ones:
            module, nodes, names = open_ones.pop()
            for call in (node for node in nodes if isinstance(node, ast.Call)):
                called = self._find_called(module, call, names)
                if called is None:
                    continue
                home, function, given = called
                self.calls[call] = function
                self.homes[function] = home
                known = self.given.setdefault(function, {})
                new = {name: made for name, made in given.items() if made not in known.get(name, ())}
                for name, made in new.items():
                    known.setdefault(name, set()).add(made)
                if new:
                    open_ones.append((home, ast.walk(function), new))

    def _find_called(
        self, module: Module, call: ast.Call, names: Mapping[str, Made]
    ) -> tuple[Module, FunctionNode, dict[str, Made]] | None:
        """The project's function that is called with one of these objects, and what its parameters are."""
        arguments = [*enumerate(call.args), *((each.arg, each.value) for each in call.keywords)]
        given = {
            place: names[node.id]
            for place, node in arguments
            if isinstance(node, ast.Name) and node.id in names
        }
        found = find_function(module, call.func, self.find_module) if given else None
        if found is None:
            return None
        home, function = found
        parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        return (
            home,
            function,
            {
                parameters[place] if isinstance(place, int) else str(place): made
                for place, made in given.items()
                if not isinstance(place, int) or place < len(parameters)
            },
        )

    def given_in(self, module: Module) -> dict[str, set[Made]]:
        """The parameters of a module's functions that stand for objects."""
        found: dict[str, set[Made]] = {}
        for function, home in self.homes.items():
            for name, made in self.given[function].items() if home is module else ():
                found.setdefault(name, set()).update(made)
        return found

    def find_ambiguous(self, module: Module, objects: Collection[str]) -> dict[str, ast.AST]:
        """The names of such parameters that the module has for something else too, and where.

        `objects` are the names that stand for one in the whole module.
        """
        given = self.given_in(module)
        bound = [(name, node) for node in module.nodes if given for name in bound_by(node) if name in given]
        known = Counter(name for name in objects for _ in module.binders.get(name, ()))
        for function, home in self.homes.items():
            known.update(list(self.given[function]) if home is module else ())
        count = Counter(name for name, _ in bound)
        return {name: node for name, node in reversed(bound) if count[name] > known[name]}


def find_function(
    module: Module, node: ast.expr, find_module: Callable[[str], Module | None]
) -> tuple[Module, FunctionNode] | None:
    """The function of the project's own that an expression stands for, and where it is defined."""
    owner, _, name = (module.dotted(node) or "").rpartition(".")
    home = find_module(owner) if owner else module
    return find_defined(home, name, find_module) if home else None


def find_defined(
    module: Module, name: str, find_module: Callable[[str], Module | None]
) -> tuple[Module, FunctionNode] | None:
    """The function that goes by a name in a module, and where it is defined."""
    home: Module | None = module
    seen: set[str] = set()
    while home is not None and home.path not in seen:
        seen.add(home.path)
        nodes = [statement.node for statement in home.binders.get(name, ())]
        if len(nodes) == 1 and isinstance(nodes[0], (ast.FunctionDef, ast.AsyncFunctionDef)):
            return home, nodes[0]
        owner, _, name = home.imported.get(name, "").rpartition(".")
        home = find_module(owner) if owner else None
    return None


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a node by itself binds, in whatever scope."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.alias):
        yield node.asname or node.name
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
