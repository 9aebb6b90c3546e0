"""
What only the code says of a route: which content types it takes, and whether its answers have CORS headers.

Chalice's `@app.route(..., content_types=[...], cors=...)` and the `view(content_types=[...], cors=...)` of
the module that takes its place (converter/chalice/http/compat.py) say it in a decorator; a handler that does
its own routing may do both in any way, which no reader sees.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from converter.chalice.http.compat_module import ANSWER_AS_POWERTOOLS
from converter.chalice.http.proxied import ANSWER
from converter.diagnostics import UnreadableError
from converter.files import decode_text
from converter.model import Application
from converter.python.constants import UNKNOWN
from converter.python.definitions import FindModule, FunctionNode
from converter.python.module import Module, parse_module, paths_of
from converter.python.spread import spread

# What Chalice takes where a route does not say it (chalice.app.DecoratorAPI._create_registration_function),
# and `view` too. Powertools itself asks for none.
DEFAULT = ("application/json",)
_POWERTOOLS = b"aws_lambda_powertools.event_handler"
_CHALICE = re.compile(rb"^\s*(?:from|import)\s+chalice\b", re.MULTILINE)

_METHODS = frozenset({"delete", "get", "head", "patch", "post", "put"})
_IS_ROUTED = re.compile(
    rb"\.(route|delete|get|head|patch|post|put|register_blueprint|include_router)\(|\bcors\b"
)
# How a Blueprint or a Router comes to its prefix: the call, and its argument.
_MOUNTS = {"register_blueprint": "url_prefix", "include_router": "prefix"}

Route = tuple[str, str]
"""Method and path."""


@dataclass(frozen=True)
class Said:
    """What is said of a route; `is_own` that its code makes the CORS headers, and Chalice knows of none."""

    content_types: tuple[str, ...]
    cors: bool
    is_own: bool = False


@dataclass(frozen=True)
class RouteCode:
    """What a route's decorator says, and the module and line where."""

    said: Said
    source: bytes
    line: int


def read_route_code(application: Application) -> dict[Route, RouteCode]:
    """What decorators in the functions' code say of each route, by method and path."""
    found: dict[Route, RouteCode] = {}
    files = [data for folder in application.folders.values() for data in folder.values()]
    has_powertools = any(_POWERTOOLS in data for data in files)
    if not has_powertools and not any(_CHALICE.search(data) for data in files):
        # The decorators are Flask's, say.
        return {}
    types = () if has_powertools else DEFAULT
    parsed = {name: list(_parse(folder)) for name, folder in application.folders.items()}
    find = partial(_find_module, application, {})
    default = Said(types, any(_sets_cors(module) for modules in parsed.values() for module in modules))
    for name, modules in parsed.items():
        prefixes = {router: prefix for module in modules for router, prefix in _find_mounts(module)}
        for module in modules:
            for router, route, said, line in _find_routes(module, default, find):
                method, path = route
                levels = (prefixes.get(router, "").strip("/"), path.strip("/"))
                whole = "/" + "/".join(filter(None, levels))
                source = application.folders[name][module.path]
                found.setdefault((method, whole), RouteCode(said, source, line))
    return found


def _sets_cors(module: Module) -> bool:
    """Whether `app.api.cors = ...` or `Resolver(cors=...)` is for each route that says nothing."""
    for node in module.nodes if "cors" in module.source else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(".api.cors"):
            return _is_given(node.value)
        if isinstance(node, ast.Call) and (module.dotted(node.func) or "").endswith("Resolver"):
            return any(each.arg == "cors" and _is_given(each.value) for each in node.keywords)
    return False


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


def _find_module(application: Application, known: dict[str, Module | None], dotted: str) -> Module | None:
    """The module of a name, in whichever folder."""
    if dotted not in known:
        known[dotted] = None
        folders = application.folders.values()
        found = ((path, folder[path]) for folder in folders for path in paths_of(dotted) if path in folder)
        for path, data in islice(found, 1):
            with suppress(UnreadableError):
                known[dotted] = parse_module(path, decode_text(path, data))
    return known[dotted]


def _find_arguments(call: ast.Call, module: Module, find: FindModule) -> dict[str, ast.expr] | None:
    """The named arguments of a decorator; None where the source does not show what `**` gives."""
    arguments: dict[str, ast.expr] = {}
    for keyword in call.keywords:
        found = {keyword.arg: (keyword.value, module)} if keyword.arg else None
        found = found or spread(keyword.value, module, find, _evaluate)
        if found is None:
            return None
        arguments |= {name: node for name, (node, _) in found.items()}
    return arguments


def _evaluate(node: ast.expr, module: Module) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def _find_routes(module: Module, default: Said, find: FindModule) -> Iterator[tuple[str, Route, Said, int]]:
    for statement in module.statements:
        for function in statement.nodes:
            if not isinstance(function, FunctionNode) or find_handler(function, module) is not None:
                continue
            for decorator in function.decorator_list:
                if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
                    continue
                router = _name_of(decorator.func.value, module)
                arguments = _find_arguments(decorator, module, find)
                if arguments is None:
                    continue
                path = _literal(decorator.args[0] if decorator.args else arguments.get("path"))
                said = _read_said(arguments, default)
                if said is not None and _answers_with_cors(function):
                    said = replace(said, cors=True, is_own=True)
                if router and isinstance(path, str) and said is not None:
                    for method in _read_methods(decorator.func.attr, arguments):
                        yield router, (method, _plain_path(path)), said, decorator.lineno


def find_handler(view: FunctionNode, module: Module) -> ast.expr | None:
    """The handler that a view only hands the request on to: what says of the route what there is to say."""
    last = view.body[-1]
    call = last.value if isinstance(last, ast.Return) else None
    is_answer = isinstance(call, ast.Call) and module.dotted(call.func) == ANSWER and len(call.args) == 2
    return call.args[1] if is_answer and isinstance(call, ast.Call) else None


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


def _read_said(arguments: Mapping[str, ast.expr], default: Said) -> Said | None:
    """What a decorator with these arguments says; None where the source does not show it."""
    types, cors = arguments.get("content_types"), arguments.get("cors")
    for node in ast.walk(arguments["middlewares"]) if "middlewares" in arguments else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "view":
            default = replace(default, content_types=DEFAULT)
            said = {each.arg: each.value for each in node.keywords}
            types, cors = said.get("content_types", types), said.get("cors", cors)
    if types is not None:
        shown = _literal(types)
        if not isinstance(shown, (list, tuple)):
            return None
        # Any type is as good as nothing said.
        default = replace(default, content_types=() if "*/*" in shown else tuple(map(str, shown)))
    if cors is None or (isinstance(cors, ast.Constant) and cors.value is None):
        return default
    return replace(default, cors=_is_given(cors))


def _answers_with_cors(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the view answers as a route of Powertools' with CORS (converter/chalice/http/resolvers.py)."""
    calls = (one for one in function.decorator_list if isinstance(one, ast.Call))
    keywords = [one for call in calls if _is_answering(call.func) for one in call.keywords]
    return any(one.arg == "cors" and _is_given(one.value) for one in keywords)


def _is_answering(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and ANSWER_AS_POWERTOOLS.endswith(f".{node.id}")


def _is_given(cors: ast.expr) -> bool:
    """Whether it is CORS of any kind: True or a configuration."""
    return not isinstance(cors, ast.Constant) or bool(cors.value)


def _literal(node: ast.expr | None) -> object:
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None


def _plain_path(path: str) -> str:
    r"""API Gateway's spelling of Powertools' paths: `/books/<name>/cover\.v1`."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"<(\w+)>", r"{\1}", path))
