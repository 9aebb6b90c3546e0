"""Which modules a module imports, and what it does to `sys.path`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from converter.python.module import Module, resolve_relative

_IMPORT_BY_NAME = frozenset({"importlib.import_module", "__import__"})
_PATH_EDITS = frozenset({"sys.path.append", "sys.path.insert", "sys.path.extend"})
# Lambda unpacks layers below /opt and has /opt/python on sys.path by itself:
# https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
_LAYER_PATH = re.compile(r"/opt(/python(/lib/python3\.\d+/site-packages)?)?/?")

# Written above imports that stand in their functions, and taken away again.
WHY_LAZY = """\
# Chalice imports this file in every Lambda process, and to package the application. The
# modules below do work when they are imported, so each is imported by its own function.


"""


class Import(NamedTuple):
    """One module that an import may name; `leaves` if it lies above the module's root."""

    node: ast.Import | ast.ImportFrom
    name: str
    leaves: bool = False

    @property
    def is_relative(self) -> bool:
        return isinstance(self.node, ast.ImportFrom) and self.node.level > 0


def find_imports(module: Module) -> Iterator[Import]:
    """Every module that the imports may name, wherever they stand; `from a import b` may name `a.b`."""
    depth = len(module.package.split(".")) if module.package else 0
    for node in module.imports:
        if isinstance(node, ast.Import):
            yield from (Import(node, alias.name) for alias in node.names)
        elif node.level > depth + 1:
            yield Import(node, "", leaves=True)
        else:
            base = resolve_relative(node, module.package)
            if base:
                yield Import(node, base)
            prefix = f"{base}." if base else ""
            yield from (Import(node, prefix + alias.name) for alias in node.names if alias.name != "*")


def find_imports_by_name(module: Module) -> Iterator[tuple[ast.Call, str | None]]:
    """Calls of `import_module` and `__import__`, with the module's name where it is a literal."""
    for node in module.nodes if "import_" in module.source else ():
        if isinstance(node, ast.Call) and node.args and module.dotted(node.func) in _IMPORT_BY_NAME:
            yield node, read_text(node.args[0])


def find_top_names(module: Module) -> set[str]:
    """The first names of all modules that are imported by their full names."""
    absolute = [item.name for item in find_imports(module) if not item.is_relative]
    by_name = [name for _, name in find_imports_by_name(module) if name]
    return {name.partition(".")[0] for name in (*absolute, *by_name)} - {""}


def find_path_edits(module: Module) -> Iterator[tuple[ast.Call, bool]]:
    """Calls that put something on `sys.path`; True with those that only put layers there."""
    for node in module.nodes if "path" in module.source else ():
        if isinstance(node, ast.Call) and node.args and module.dotted(node.func) in _PATH_EDITS:
            yield node, is_layer_path(read_text(node.args[-1]))


def is_layer_path(path: str | None) -> bool:
    return path is not None and _LAYER_PATH.fullmatch(path) is not None


def read_text(node: ast.expr) -> str | None:
    """The value of a literal text."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
