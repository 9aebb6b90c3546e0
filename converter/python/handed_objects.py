"""Objects that functions are given: which of their parameters stand for one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from converter.python.definitions import FindModule, FunctionNode, find_function
from converter.python.module import Module

Made = TypeVar("Made")


@dataclass
class HandedObjects(Generic[Made]):
    """The functions of a project that are called with certain objects.

    `find_module` gives the project's own module of a dotted name. `given` are the objects by the functions
    and their parameters, `homes` the modules of these functions, and `calls` what hands an object on to one.
    `run` are those of the functions that are called when the modules are imported.
    """

    find_module: FindModule
    given: dict[FunctionNode, dict[str, set[Made]]] = field(default_factory=dict)
    homes: dict[FunctionNode, Module] = field(default_factory=dict)
    calls: dict[ast.Call, FunctionNode] = field(default_factory=dict)
    run: set[FunctionNode] = field(default_factory=set)

    def follow(self, module: Module, nodes: Iterable[ast.AST], names: Mapping[str, Made]) -> None:
        """Find who is given the objects that go by these names, and to whom they hand them on."""
        open_ones = [(module, nodes, names, module.tree.body)]
        while open_ones:
            module, nodes, names, run = open_ones.pop()
            for call in (node for node in nodes if isinstance(node, ast.Call)):
                called = self._find_called(module, call, names)
                if called is None:
                    continue
                home, function, given = called
                self.calls[call] = function
                if module.parents[call] in run:
                    self.run.add(function)
                self.homes[function] = home
                known = self.given.setdefault(function, {})
                new = {name: made for name, made in given.items() if made not in known.get(name, ())}
                for name, made in new.items():
                    known.setdefault(name, set()).add(made)
                if new:
                    body = function.body if function in self.run else []
                    open_ones.append((home, ast.walk(function), new, body))

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

    def given_in(self, module: Module) -> dict[FunctionNode, dict[str, set[Made]]]:
        """The module's functions that are given objects, and by which parameters."""
        return {function: self.given[function] for function, home in self.homes.items() if home is module}

    def find_rebound(self, module: Module) -> dict[str, ast.AST]:
        """The names of such parameters that stand for something else in their functions, too, and where."""
        found: dict[str, ast.AST] = {}
        for function, given in self.given_in(module).items():
            bound = [(name, node) for node in ast.walk(function) for name in bound_by(node) if name in given]
            count = Counter(name for name, _ in bound)
            found |= {name: node for name, node in bound if count[name] > 1}
        return found


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
