"""Modules given as text, imported and called in this process: what they return, and what they note."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What a call gave, and everything that `world.note` was told before and during it, in order."""

    result: Any
    notes: tuple[Any, ...]


def call(files: Mapping[str, str | bytes], module: str, function: str, event: Any) -> Outcome:
    """Import `module` into a fresh process, as it were, and call its function as Lambda does.

    The code tells of what it does with `from world import note`.
    """
    notes: list[Any] = []
    world = ModuleType("world")
    world.note = lambda *values: notes.append([*map(_describe, values)])  # type: ignore[attr-defined]
    with _fresh_process(files, world):
        handler = getattr(importlib.import_module(module), function)
        try:
            result = handler(event, None)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        return Outcome(result, tuple(notes))


def _describe(value: Any) -> str:
    return str(getattr(value, "__name__", value))


@contextlib.contextmanager
def _fresh_process(files: Mapping[str, str | bytes], world: ModuleType) -> Iterator[None]:
    modules, path, environment = dict(sys.modules), list(sys.path), dict(os.environ)
    loggers, root = dict(logging.Logger.manager.loggerDict), logging.getLogger()
    root_handlers, root_level = list(root.handlers), root.level
    sys.modules["world"] = world
    finder = _Finder(files)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in sys.modules.keys() - modules.keys():
            del sys.modules[name]
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(environment)
        for name in logging.Logger.manager.loggerDict.keys() - loggers.keys():
            del logging.Logger.manager.loggerDict[name]
        root.handlers[:] = root_handlers
        root.setLevel(root_level)


class _Finder(MetaPathFinder, Loader):
    """Finds the files' modules, and nothing else."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = files

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        base = name.replace(".", "/")
        for file, is_package in ((f"{base}/__init__.py", True), (f"{base}.py", False)):
            if file in self.files:
                spec = ModuleSpec(name, self, origin=file, is_package=is_package)
                spec.has_location = True
                return spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        assert module.__spec__.origin is not None
        path = module.__spec__.origin
        exec(compile(self.files[path], path, "exec", dont_inherit=True), module.__dict__)
