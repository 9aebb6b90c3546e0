"""
Which content types a route takes: no template says it, so it is read where the code does.

Chalice's `@app.route(..., content_types=[...])` and the `view(content_types=[...])` of the module that takes
its place (converter/chalice/http/compat.py) say it in a decorator; a handler that does its own routing may
check the type in any way, which no reader sees.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from converter.diagnostics import UnreadableError
from converter.files import decode_text
from converter.model import Application
from converter.python.module import Module, parse_module

# What Chalice takes where a route does not say it (chalice.app.DecoratorAPI._create_registration_function),
# and `view` too. Powertools itself asks for none.
DEFAULT = ("application/json",)
_POWERTOOLS = b"aws_lambda_powertools.event_handler"

_METHODS = frozenset({"delete", "get", "head", "patch", "post", "put"})
_IS_ROUTED = re.compile(rb"\.(route|delete|get|head|patch|post|put|register_blueprint|include_router)\(")
# How a Blueprint or a Router comes to its prefix: the call, and its argument.
_MOUNTS = {"register_blueprint": "url_prefix", "include_router": "prefix"}

Route = tuple[str, str]
"""Method and path."""


@dataclass(frozen=True)
class ContentTypes:
    """What a route's decorator says, and the module and line where."""

    types: tuple[str, ...]
    source: bytes
    line: int


def read_content_types(application: Application) -> dict[Route, ContentTypes]:
    """The content types of each route that decorators in the functions' code show, by method and path."""
    found: dict[Route, ContentTypes] = {}
    files = [data for folder in application.folders.values() for data in folder.values()]
    default = () if any(_POWERTOOLS in data for data in files) else DEFAULT
    for folder in application.folders.values():
        modules = list(_parse(folder))
        prefixes = {router: prefix for module in modules for router, prefix in _find_mounts(module)}
        for module in modules:
            for router, route, types, line in _find_routes(module, default):
                method, path = route
                levels = (prefixes.get(router, "").strip("/"), path.strip("/"))
                whole = "/" + "/".join(filter(None, levels))
                found.setdefault((method, whole), ContentTypes(types, folder[module.path], line))
    return found


def _parse(folder: Mapping[str, bytes]) -> Iterator[Module]:
    for path, data in folder.items():
        if path.endswith(".py") and _IS_ROUTED.search(data):
            try:
                yield parse_module(path, decode_text(path, data))
            except UnreadableError:
                continue


def _find_mounts(module: Module) -> Iterator[tuple[str, str]]:
    for statement in module.statements:
        for node in statement.nodes:
            call = node.value if isinstance(node, ast.Expr) else None
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
                continue
            keyword = _MOUNTS.get(call.func.attr)
            router = _name_of(call.args[0], module)
            for given in call.keywords:
                if given.arg == keyword and router and isinstance(given.value, ast.Constant):
                    yield router, str(given.value.value)


def _find_routes(
    module: Module, default: tuple[str, ...]
) -> Iterator[tuple[str, Route, tuple[str, ...], int]]:
    for statement in module.statements:
        for function in statement.nodes:
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for decorator in function.decorator_list:
                if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
                    continue
                router = _name_of(decorator.func.value, module)
                arguments = {each.arg: each.value for each in decorator.keywords if each.arg}
                path = _literal(decorator.args[0] if decorator.args else arguments.get("path"))
                types = _read_types(arguments, default)
                if router and isinstance(path, str) and types is not None:
                    for method in _read_methods(decorator.func.attr, arguments):
                        yield router, (method, _plain_path(path)), types, decorator.lineno


def _name_of(node: ast.expr, module: Module) -> str | None:
    """The dotted name of a router, the same in each module that imports it."""
    dotted = module.dotted(node)
    if dotted is None or "." in dotted:
        return dotted
    return f"{module.name}.{dotted}"


def _read_methods(decorator: str, arguments: Mapping[str, ast.expr]) -> Iterable[str]:
    if decorator in _METHODS:
        return [decorator.upper()]
    if decorator != "route":
        return []
    given = _literal(arguments.get("methods") or arguments.get("method")) or ["GET"]
    return [str(method).upper() for method in (given if isinstance(given, (list, tuple)) else [given])]


def _read_types(arguments: Mapping[str, ast.expr], default: tuple[str, ...]) -> tuple[str, ...] | None:
    """The content types; None where the source does not show them."""
    given = arguments.get("content_types")
    for node in ast.walk(arguments["middlewares"]) if "middlewares" in arguments else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "view":
            default = DEFAULT
            given = next((each.value for each in node.keywords if each.arg == "content_types"), given)
    if given is None:
        return default
    types = _literal(given)
    return tuple(map(str, types)) if isinstance(types, (list, tuple)) else None


def _literal(node: ast.expr | None) -> object:
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None


def _plain_path(path: str) -> str:
    r"""API Gateway's spelling of Powertools' paths: `/books/<name>/cover\.v1`."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"<(\w+)>", r"{\1}", path))
