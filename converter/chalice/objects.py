"""The app object and the Blueprints of a Chalice project, and the names that they have in its modules."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from converter.chalice.registration import (
    APP_CLASSES,
    APP_PATH,
    BLUEPRINT_CLASSES,
    DECORATORS,
    ChaliceObject,
    dotted_name,
    returned_name,
)
from converter.python.definitions import FunctionNode, find_function, star_imported
from converter.python.module import Module


@dataclass
class ChaliceObjects:
    """Where a project makes them. `makers` are the functions that do, with what each returns."""

    find_module: Callable[[str], Module | None]
    makers: dict[FunctionNode, ChaliceObject] = field(default_factory=dict)
    _objects: dict[str, dict[str, ChaliceObject]] = field(default_factory=dict)

    def find(self, module: Module) -> dict[str, ChaliceObject]:
        """The names in `module` that stand for a Chalice or Blueprint object."""
        if module.path not in self._objects:
            self._objects[module.path] = found = {}
            for name, dotted in module.imported.items():
                owner, _, attribute = dotted.rpartition(".")
                other = self.find_module(owner) if owner and not owner.startswith("chalice.") else None
                for known, made in self.find(other).items() if other and other is not module else ():
                    if known.partition(".")[0] == attribute:
                        found[name + known.removeprefix(attribute)] = made
            for other in star_imported(module, self.find_module):
                public = {name: made for name, made in self.find(other).items() if name[0] != "_"}
                found.update(public)
            for statement in module.statements:
                for node in statement.nodes:
                    self._add_made_object(module, node, found)
                    if isinstance(node, ast.ClassDef):
                        found.update(self._find_made_in_class(module, node))
        return self._objects[module.path]

    def _find_made_in_class(self, module: Module, node: ast.ClassDef) -> Iterator[tuple[str, ChaliceObject]]:
        """The Blueprints that a class has as attributes, as `Class.blueprint`."""
        for one in node.body:
            if not isinstance(one, ast.Assign) or not isinstance(one.value, ast.Call):
                continue
            if module.dotted(one.value.func) in BLUEPRINT_CLASSES:
                made = ChaliceObject(module, one.value, is_app=False)
                names = [target.id for target in one.targets if isinstance(target, ast.Name)]
                yield from ((f"{node.name}.{name}", made) for name in names)

    def find_in_class(self, module: Module, node: ast.AST) -> dict[str, ChaliceObject]:
        """The Blueprints that a class has, by their names in its body."""
        start = f"{getattr(node, 'name', '')}."
        objects = self.find(module).items() if isinstance(node, ast.ClassDef) else ()
        return {name.removeprefix(start): made for name, made in objects if name.startswith(start)}

    def _add_made_object(self, module: Module, node: ast.stmt, found: dict[str, ChaliceObject]) -> None:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        made: ChaliceObject | None = None
        if isinstance(node.value, ast.Name):
            made = found.get(node.value.id)
        elif isinstance(node.value, ast.Attribute):
            made = self.find_object(module, node.value)
        elif isinstance(node.value, ast.Call):
            dotted = module.dotted(node.value.func)
            if dotted in APP_CLASSES or dotted in BLUEPRINT_CLASSES:
                made = ChaliceObject(module, node.value, dotted in APP_CLASSES)
            elif base := self._chalice_base(module, dotted):
                made = ChaliceObject(module, node.value, base in APP_CLASSES, is_subclass=True)
            elif maker := find_function(module, node.value.func, self.find_module):
                made = self._made_by(*maker)
            elif names == ["app"] and module.path == APP_PATH and self._is_used_as_app(module, node.value):
                made = ChaliceObject(module, node.value, is_app=True, is_subclass=True)
        if made is not None:
            found.update(dict.fromkeys(names, made))

    def _made_by(self, module: Module, maker: FunctionNode) -> ChaliceObject | None:
        """The object that a function makes and returns."""
        name = returned_name(maker)
        for statement in maker.body if maker not in self.makers else ():
            if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
                continue
            dotted = module.dotted(statement.value.func)
            is_returned = any(isinstance(one, ast.Name) and one.id == name for one in statement.targets)
            if is_returned and (dotted in APP_CLASSES or dotted in BLUEPRINT_CLASSES):
                made = ChaliceObject(module, statement.value, dotted in APP_CLASSES, maker=maker)
                self.makers[maker] = made
        return self.makers.get(maker)

    def _is_used_as_app(self, module: Module, call: ast.Call) -> bool:
        """Whether app.py uses what a library's class makes as Chalice's app object is used."""
        handlers = (node for node in module.tree.body if isinstance(node, FunctionNode))
        has_name = any(each.arg == "app_name" for each in call.keywords)
        is_used = has_name or (
            any(each.partition(".")[0] == "chalice" for each in module.imported.values())
            and any(registered_kind(each, {"app"}) for one in handlers for each in one.decorator_list)
        )
        return is_used and self._is_of_library(module, module.dotted(call.func) or "")

    def _is_of_library(self, module: Module, dotted: str) -> bool:
        """Whether a class is defined, or derives from one that is, in what is not part of the project."""
        owner, _, name = dotted.rpartition(".")
        if owner:
            return owner.partition(".")[0] != "chalice" and self.find_module(owner) is None
        classes = [one.node for one in module.binders.get(name, ()) if isinstance(one.node, ast.ClassDef)]
        bases = [module.dotted(base) or "" for one in classes for base in one.bases]
        return any(base != name and self._is_of_library(module, base) for base in bases)

    def _chalice_base(self, module: Module, dotted: str | None) -> str | None:
        """The class of Chalice's that a class of the project's own derives from."""
        owner, _, name = (dotted or "").rpartition(".")
        home = self.find_module(owner) if owner else module
        for statement in home.binders.get(name, []) if home else []:
            if isinstance(statement.node, ast.ClassDef) and home is not None:
                for base in (home.dotted(base) for base in statement.node.bases):
                    if base in APP_CLASSES or base in BLUEPRINT_CLASSES:
                        return base
                    if base != name and (found := self._chalice_base(home, base)):
                        return found
        return None

    def find_object(self, module: Module, node: ast.expr) -> ChaliceObject | None:
        """What `other.app` is, written in `module`, where that imports the module `other`, or has a class."""
        if (written := dotted_name(node)) in self.find(module) and "." in written:
            return self.find(module)[written]
        owner, _, name = (module.dotted(node) or "").rpartition(".")
        home = self.find_module(owner) if owner else None
        if home is None:
            # `module.Class.blueprint`
            owner, _, of_class = owner.rpartition(".")
            home, name = self.find_module(owner) if owner else None, f"{of_class}.{name}"
        return self.find(home).get(name) if home and home is not module else None


def registered_kind(decorator: ast.expr, names: set[str]) -> str | None:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(function, ast.Attribute) and function.attr in DECORATORS:
        return function.attr if owner_name(function, function.attr) in names else None
    return None


def owner_name(function: ast.expr, attribute: str) -> str:
    """`app` of `app.attribute`."""
    if (
        isinstance(function, ast.Attribute)
        and function.attr == attribute
        and isinstance(function.value, ast.Name)
    ):
        return function.value.id
    return ""
