"""
The app object in the hands of the project's classes: `EmailController(app).send()`.

Their code stays as it is. What it asks of the object, that of the compatibility module has, too.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from converter.chalice.registration import APP_PATH
from converter.chalice.source import ChaliceSource
from converter.python.definitions import FunctionNode, find_definition
from converter.python.module import Module


class _Method(NamedTuple):
    """A function of a class, the class, and the module that has it."""

    module: Module
    owner: ast.ClassDef
    function: FunctionNode


@dataclass
class AppInClasses:
    """Who is given the app object, and whether it is known all that is done with it.

    `attributes` are what such code may ask of it.
    """

    source: ChaliceSource
    attributes: Collection[str]
    _seen: set[object] = field(default_factory=set)

    def is_known(self, module: Module, argument: ast.expr) -> bool:
        """Whether an argument of a call goes to classes that only ask what the object has."""
        return self._is_known_argument(module, argument, None)

    def _is_known_argument(self, module: Module, argument: ast.expr, within: _Method | None) -> bool:
        parent = module.parents[argument]
        call = module.parents[parent] if isinstance(parent, ast.keyword) else parent
        method = self._find_method(module, call, within) if isinstance(call, ast.Call) else None
        if method is None or not isinstance(call, ast.Call):
            return False
        name = _find_parameter(method.function, call, argument)
        return name is not None and self._is_known_parameter(method, name)

    def _is_known_parameter(self, method: _Method, name: str) -> bool:
        if (method.function, name) in self._seen:
            return True
        self._seen.add((method.function, name))
        nodes = [node for node in ast.walk(method.function) if isinstance(node, ast.Name) and node.id == name]
        return all(self._is_known_use(method.module, node, method) for node in nodes)

    def _is_known_use(self, module: Module, node: ast.Name | ast.Attribute, within: _Method | None) -> bool:
        parent = module.parents[node]
        if not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(parent, ast.Attribute):
            return parent.attr in self.attributes and isinstance(parent.ctx, ast.Load)
        target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            return self._is_known_field(target.attr)
        return self._is_known_argument(module, node, within)

    def _is_known_field(self, name: str) -> bool:
        """Whether nothing else is done with any attribute of this name."""
        if name in self._seen:
            return True
        self._seen.add(name)
        return all(
            self._is_known_use(module, node, None)
            for module in self._modules
            for node in module.nodes
            if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)
        )

    @cached_property
    def _modules(self) -> list[Module]:
        paths = (APP_PATH, *self.source.library_paths)
        return [module for module in map(self.source.module, paths) if module is not None]

    # --- which function a call is of --------------------------------------------------------

    def _find_method(self, module: Module, call: ast.Call, within: _Method | None) -> _Method | None:
        """The function that `Controller(...)`, `Controller().send(...)` or `super().__init__(...)` calls."""
        function = call.func
        found = self._find_class(module, function)
        if found is not None:
            return self._find_in_class(*found, "__init__")
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Call):
            return None
        if within is not None and ast.unparse(function.value) == "super()":
            return self._find_in_bases(within.module, within.owner, function.attr)
        found = self._find_class(module, function.value.func)
        return self._find_in_class(*found, function.attr) if found is not None else None

    def _find_class(self, module: Module, node: ast.expr) -> tuple[Module, ast.ClassDef] | None:
        owner, _, name = (module.dotted(node) or "").rpartition(".")
        home = self.source.find_module(owner) if owner else module
        found = find_definition(home, name, self.source.find_module) if home is not None else None
        return (found[0], found[1]) if found is not None and isinstance(found[1], ast.ClassDef) else None

    def _find_in_class(self, module: Module, owner: ast.ClassDef, name: str) -> _Method | None:
        if owner.decorator_list or owner.keywords:
            return None
        functions = (one for one in owner.body if isinstance(one, FunctionNode) and one.name == name)
        function = next(functions, None)
        if function is not None and not function.decorator_list:
            return _Method(module, owner, function)
        return None if function is not None else self._find_in_bases(module, owner, name)

    def _find_in_bases(self, module: Module, owner: ast.ClassDef, name: str) -> _Method | None:
        """The function of the first base that has it; None below one that is not the project's."""
        for base in owner.bases:
            found = self._find_class(module, base)
            if found is None and ast.unparse(base) != "object":
                return None
            if found is not None and (method := self._find_in_class(*found, name)):
                return method
        return None


def _find_parameter(function: FunctionNode, call: ast.Call, argument: ast.expr) -> str | None:
    """The name of the parameter that gets the argument; the first one is the instance."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)][1:]
    others = {one.arg for one in function.args.kwonlyargs}
    for keyword in call.keywords:
        if keyword.value is argument:
            return keyword.arg if keyword.arg in others.union(names) else None
    if any(isinstance(one, ast.Starred) for one in call.args) or argument not in call.args:
        return None
    index = call.args.index(argument)
    return names[index] if index < len(names) else None
