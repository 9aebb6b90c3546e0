"""Code that kept Chalice when it was converted: the app object is there, handlers have their decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from converter.chalice.registration import DECORATORS
from converter.diagnostics import UnreadableError
from converter.python.module import Module, parse_module

_OBJECTS = frozenset({"chalice.Blueprint", "chalice.Chalice", "chalice.app.Blueprint", "chalice.app.Chalice"})


def find_decorated(
    files: Mapping[str, bytes], handlers: Mapping[str, tuple[str, str]], api: str
) -> frozenset[str] | None:
    """The functions whose handlers have Chalice's decorators, None if the code makes no one app object.

    `handlers` are the path and the name of each function's; that of `api` is the app object, if there is any.
    """
    if not any(b"Chalice(" in data for path, data in files.items() if path.endswith(".py")):
        return None
    kept = _Kept(files)
    apps = [name for name, made in kept.objects.items() if made.endswith(".Chalice")]
    if len(apps) != 1 or apps[0].rpartition(".")[2] != "app":
        return None
    if api and kept.resolve(*handlers[api]) != apps[0]:
        return None
    found = frozenset(
        name for name, handler in handlers.items() if name != api and kept.is_decorated(*handler)
    )
    return found if api or found else None


def imports_app(files: Mapping[str, bytes], path: str) -> bool:
    """Whether the app object of the code is made in another module than that at `path`."""
    kept = _Kept(files)
    home = next((module.name for module in kept.modules.values() if module.path == path), "")
    apps = [name.rpartition(".")[0] for name, made in kept.objects.items() if made.endswith(".Chalice")]
    return bool(apps) and home not in apps


@dataclass(frozen=True)
class _Kept:
    files: Mapping[str, bytes]

    @cached_property
    def modules(self) -> dict[str, Module]:
        found: dict[str, Module] = {}
        for path, data in self.files.items():
            try:
                module = parse_module(path, data.decode()) if path.endswith(".py") else None
            except (UnicodeDecodeError, UnreadableError):
                continue
            if module is not None:
                found[module.name] = module
        return found

    @cached_property
    def objects(self) -> dict[str, str]:
        """The app object and the Blueprints: their classes, by dotted names."""
        return {name: made for module in self.modules.values() for name, made in _find_objects(module)}

    def resolve(self, path: str, name: str) -> str:
        """What a name of a module stands for, through modules that hand it on."""
        owner = next((one.name for one in self.modules.values() if one.path == path), "")
        return self._follow(f"{owner}.{name}")

    def _follow(self, dotted: str) -> str:
        seen: set[str] = set()
        while dotted not in seen:
            seen.add(dotted)
            owner, _, name = dotted.rpartition(".")
            module = self.modules.get(owner)
            dotted = module.imported.get(name, dotted) if module else dotted
        return dotted

    def is_decorated(self, path: str, name: str) -> bool:
        """Whether the function has one of Chalice's decorators."""
        owner, _, defined = self.resolve(path, name).rpartition(".")
        module = self.modules.get(owner)
        for one in module.binders.get(defined, ()) if module else ():
            decorators = one.node.decorator_list if isinstance(one.node, ast.FunctionDef) else []
            for decorator in decorators:
                function = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(function, ast.Attribute) and function.attr in DECORATORS:
                    made = module.dotted(function.value) if module else None
                    local = f"{owner}.{made}"
                    return self._follow(local if local in self.objects else made or "") in self.objects
        return False


def _find_objects(module: Module) -> Iterator[tuple[str, str]]:
    for statement in module.statements:
        node = statement.node
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        made = module.dotted(value.func) if isinstance(value, ast.Call) else None
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if made in _OBJECTS and isinstance(target, ast.Name):
            yield f"{module.name}.{target.id}", made
