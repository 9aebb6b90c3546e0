"""Files that code reads by a path which does not start from the module's own place."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple

from converter.python.module import Module

# The function's folder, which is also the current one, and where layers are unpacked:
# https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
_TASK_FOLDER = "/var/task/"
_LAYER_FOLDERS = ("/opt/python/", "/opt/")
_JOINS = frozenset({"join", "joinpath", "with_name"})
_TOP_FOLDER_NAMES = frozenset({"LAMBDA_TASK_ROOT"})
_OWN_PLACE_NAMES = frozenset({"__file__", "__path__", "get_data", "files"})


class Read(NamedTuple):
    """A path in the code, and the files that it names or that lie below it."""

    node: ast.Constant
    files: tuple[str, ...]


def find_reads(module: Module, data: Collection[str]) -> Iterator[Read]:
    """Where the module names data files by their path from the function's folder.

    A path that is joined to another one counts only if the module asks for the folder by name.
    """
    found = [(node, _below(_relative(node.value), data)) for node in (_texts(module) if data else ())]
    found = [(node, files) for node, files in found if files]
    joined = _joined(module) if found and not _asks_for_folder(module) else set()
    for node, files in found:
        if id(node) not in joined:
            yield Read(node, files)


def find_layer_reads(module: Module, data: Collection[str]) -> Iterator[Read]:
    """Where the module names files of layers by their place below /opt."""
    for node in _texts(module) if data else ():
        prefix = next((prefix for prefix in _LAYER_FOLDERS if str(node.value).startswith(prefix)), None)
        files = _below(str(node.value).removeprefix(prefix), data) if prefix else ()
        if files:
            yield Read(node, files)


def knows_its_place(module: Module) -> bool:
    """Whether the module may find files beside itself."""
    return any(
        (isinstance(node, ast.Name) and node.id in _OWN_PLACE_NAMES)
        or (isinstance(node, ast.Attribute) and node.attr in _OWN_PLACE_NAMES)
        for node in module.nodes
    )


def _texts(module: Module) -> Iterator[ast.Constant]:
    return (node for node in module.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _relative(path: object) -> str:
    return str(path).removeprefix(_TASK_FOLDER).removeprefix("./")


def _below(path: str, data: Collection[str]) -> tuple[str, ...]:
    """The file of that path, or those in the folder; `"templates/"` may be the start of a longer path."""
    if path in data:
        return (path,)
    folder = path.rstrip("/") + "/"
    return tuple(file for file in data if len(folder) > 1 and file.startswith(folder))


def _asks_for_folder(module: Module) -> bool:
    return any(
        (isinstance(node, ast.Constant) and node.value in _TOP_FOLDER_NAMES)
        or (isinstance(node, ast.Attribute) and node.attr in ("getcwd", "cwd"))
        for node in module.nodes
    )


def _joined(module: Module) -> set[int]:
    """The texts that are put behind another path."""
    inner: list[ast.expr] = []
    for node in module.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            is_path_class = name in ("Path", "PurePath")
            inner.extend(node.args if name in _JOINS else node.args[1:] if is_path_class else ())
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            inner.append(node.right)
        elif isinstance(node, ast.JoinedStr):
            inner.extend(node.values[1:])
    return {id(node) for node in inner}
