"""What app.py says of its API by `app.api` and `app.debug`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from converter.chalice.registration import find_argument, is_known

if TYPE_CHECKING:
    from converter.chalice.source import ChaliceSource
    from converter.model import Json
    from converter.python.module import Module

_OF_API = ("binary_types", "cors")
# chalice.app.APIGateway._DEFAULT_BINARY_TYPES
DEFAULT_BINARY_TYPES = (
    "application/octet-stream",
    "application/x-tar",
    "application/zip",
    "audio/basic",
    "audio/ogg",
    "audio/mp4",
    "audio/mpeg",
    "audio/wav",
    "audio/webm",
    "image/png",
    "image/jpg",
    "image/jpeg",
    "image/gif",
    "video/ogg",
    "video/mpeg",
    "video/webm",
)


def read_binary_types(source: ChaliceSource) -> tuple[list[Json], list[tuple[Module, ast.AST]]]:
    """The types of content that are sent as bytes, and the places where the source does not show them."""
    types: list[Json] = list(DEFAULT_BINARY_TYPES)
    unknown = []
    for home, node, value in find_edits_of_api(source, "binary_types"):
        if not is_known(value) or not isinstance(value, (str, list, tuple)):
            unknown.append((home, node))
        elif isinstance(node, ast.Assign):
            types = list(value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "remove":
            types = [each for each in types if each != value]
        else:
            types += [value] if isinstance(value, str) else list(value)
    return types, unknown


def find_edits_of_api(source: ChaliceSource, attribute: str) -> Iterator[tuple[Module, ast.AST, Json]]:
    """Each `app.api.<attribute> = x`, `+= x` and `.append(x)` with its module, and x.

    They are found at the top of app.py, and before these in the function or the module that makes the app
    object.
    """
    for home, body, names in _places_of_app(source):
        for node in body:
            found, target, value = _read_edit(node)
            if value is not None and target is not None and _is_of_api(target, attribute, names):
                yield home, found, source.evaluate(value, home)


def _places_of_app(source: ChaliceSource) -> Iterator[tuple[Module, list[ast.stmt], Collection[str]]]:
    """Where the app object is set up, in the order in which that runs, with its names there."""
    made = source.app
    if made.maker:
        yield made.module, made.maker.body, (made.name_in_maker,)
    for module in dict.fromkeys([source.app_module if made.maker else made.module, source.app_module]):
        nodes = [node for statement in module.statements for node in statement.nodes]
        yield module, nodes, source.objects(module)


def find_hidden_edits(source: ChaliceSource) -> Iterator[tuple[Module, ast.AST]]:
    """Those that stand elsewhere: inside of conditions and functions, and in modules of chalicelib/."""
    shown = {node for attribute in _OF_API for _, node, _ in find_edits_of_api(source, attribute)}
    paths = (path for path in source.library_paths if b".api." in source.files[path])
    for module in (source.app_module, *filter(None, map(source.module, paths))):
        for statement in module.all_statements if ".api." in module.source else ():
            found, target, _ = _read_edit(statement)
            written = ast.unparse(target).split(".") if isinstance(target, ast.Attribute) else []
            if found not in shown and written[-2:-1] == ["api"] and written[-1] in _OF_API:
                yield module, found


def _read_edit(node: ast.stmt) -> tuple[ast.AST, ast.expr | None, ast.expr | None]:
    """What a statement changes, and by what: `a` and `x` of `a = x`, `a += x`, `a.append(x)`."""
    if isinstance(node, ast.Assign):
        return node, node.targets[0], node.value
    if isinstance(node, ast.AugAssign):
        return node, node.target, node.value
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.value.args:
        call = node.value
        if isinstance(call.func, ast.Attribute):
            return call, call.func.value, call.args[-1 if call.func.attr == "insert" else 0]
    return node, None, None


def _is_of_api(node: ast.expr, attribute: str, names: Collection[str]) -> bool:
    """Whether it is `app.api.<attribute>`, where the app object has one of these names."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == attribute
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "api"
        and isinstance(node.value.value, ast.Name)
        and node.value.value.id in names
    )


def is_debugging(source: ChaliceSource) -> bool:
    """Whether clients see the tracebacks of errors: `Chalice(..., debug=True)` or `app.debug = True`."""
    argument = find_argument(source.app.call, 1, "debug")
    value: Json = source.evaluate(argument, source.app.module) if argument is not None else False
    for module, body, names in _places_of_app(source):
        for node in body:
            if not isinstance(node, ast.Assign):
                continue
            target = node.targets[0]
            if not isinstance(target, ast.Attribute) or target.attr != "debug":
                continue
            if isinstance(target.value, ast.Name) and target.value.id in names:
                value = source.evaluate(node.value, module)
    return value is True
