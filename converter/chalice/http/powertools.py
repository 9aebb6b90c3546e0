"""
Chalice's views as routes of a Powertools resolver.

The names of views, their arguments and what they return stay as they are; what Powertools does otherwise than
Chalice is in a small module of the project's own (compat.py), of which only what is used is written.

https://docs.aws.amazon.com/powertools/python/latest/core/event_handler/api_gateway/
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.event_objects import EVENT_CLASSES, HOME_OF_CLASSES, make_handler
from converter.chalice.http import lambda_errors
from converter.chalice.http.compat_module import COMPAT_MODULE, compat_names, compat_source
from converter.chalice.http.paths import TriedPaths
from converter.chalice.http.settings import find_edits_of_api
from converter.chalice.made import find_made
from converter.chalice.source import (
    EVENT_DECORATORS,
    MIDDLEWARES,
    WEBSOCKET_FUNCTIONS,
    find_argument,
    is_known,
)
from converter.python.edits import Edits, structure_of
from converter.python.module import (
    Module,
    Statement,
    first_line,
    leading_lines,
    parse_module,
    parse_statement,
    read_names,
)
from converter.python.needs import Needs
from converter.python.walk import children, walk

if TYPE_CHECKING:
    from converter.chalice.source import ChaliceSource, Registration
    from converter.diagnostics import Diagnostic
    from converter.model import Json, Position

_RESOLVER = "APIGatewayRestResolver"
# Where Powertools has what takes the place of Chalice's objects.
_POWERTOOLS = {
    _RESOLVER: "aws_lambda_powertools.event_handler",
    "Router": "aws_lambda_powertools.event_handler.api_gateway",
}
# Names of Chalice's that are gone with the decorators that they are arguments of.
_GONE = frozenset({"Cron", "Rate", "CognitoUserPoolAuthorizer", "CustomAuthorizer", "IAMAuthorizer"})
_MADE = frozenset({"Chalice", "Blueprint"})
# Names of the compatibility module that the source does not have; where it has, they are called otherwise.
_ADDED = frozenset({"as_authorizer", "current_request", "http_middleware", "logger", "to_json", "view"})
_OTHER = "api_"
_METHODS = frozenset({"delete", "get", "patch", "post", "put"})
# What a view may ask of the app object, or of a Blueprint.
_ATTRIBUTES = frozenset({"current_request", "lambda_context", "log"})
# The app that a Blueprint is registered with.
_CURRENT_APP = "current_app"
_PACKAGES = frozenset({"chalice", "chalice.app"})
_IMPORT = re.compile(r"\bfrom\s+chalice(?:\.app)?\s+import\b")
# What middleware may ask of a response.
_OF_RESPONSES = frozenset({"body", "headers", "status_code"})
_ODD_PARAMETER = re.compile(r"\{(?!\w+\+?\})")
_SPECIAL = re.compile(r"[.+*?^$()\[\]|\\]")


@dataclass(frozen=True)
class Obstacle:
    """Why the API cannot be a Powertools resolver that answers the same, and where that is said."""

    position: Position
    subject: str
    reason: str


@dataclass
class PowertoolsApi:
    """The rewriting of a project's API. `used` are the names of the compatibility module that it needs.

    `base_paths` are those of custom domains, below which requests come too.
    """

    source: ChaliceSource
    base_paths: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)
    _bound: dict[str, frozenset[str]] = field(default_factory=dict)

    # --- whether it can be done ---------------------------------------------------------

    def find_obstacle(self) -> Obstacle | None:
        """The first thing that the rewriting does not know."""
        return next(self._find_obstacles(), None)

    def _find_obstacles(self) -> Iterator[Obstacle]:
        app = self.source.app
        if app.is_subclass:
            yield Obstacle(app.position, "app", "its class is the project's own")
        if app.module is not self.source.app_module:
            yield Obstacle(app.position, "app", "the app object is not made in app.py")
        if app.maker is not None:
            yield Obstacle(app.position, "app", f"{app.maker.name} makes the app object")
        debug = find_argument(app.call, 1, "debug")
        if debug is not None and not isinstance(self.source.evaluate(debug, app.module), bool):
            yield Obstacle(app.position, "debug", "the source does not show whether it is True")
        for diagnostic in self.source.diagnostics:
            if diagnostic.position is not None:
                yield Obstacle(diagnostic.position, diagnostic.subject, diagnostic.reason)
        for registration in self.source.registrations:
            yield from self._find_obstacles_of(registration)
        for module in self.modules:
            yield from self._find_obstacles_in(module)
        if any(one.kind in MIDDLEWARES for one in self.source.registrations):
            yield from self._find_odd_responses()

    def _find_odd_responses(self) -> Iterator[Obstacle]:
        """What middleware asks of a response that only Chalice's has."""
        found = [self.source.app_module, *map(self.source.module, self.source.library_paths)]
        for module in (one for one in found if one is not None):
            functions = (node for node in module.nodes if isinstance(node, ast.FunctionDef))
            for node in (node for function in functions for node in _asked_of_responses(function)):
                if node.attr not in _OF_RESPONSES:
                    written = ast.unparse(node)
                    yield Obstacle(module.position(node), written, "Powertools' response has no such thing")

    def _find_obstacles_of(self, registration: Registration) -> Iterator[Obstacle]:
        kind, where = registration.kind, registration.position
        if kind in MIDDLEWARES:
            reason = self._why_not_middleware(registration)
            if reason:
                yield Obstacle(where, registration.written, reason)
        elif kind in WEBSOCKET_FUNCTIONS:
            yield Obstacle(where, registration.written, "WebSocket handlers use the app object")
        elif kind in EVENT_DECORATORS and registration.function is not None:
            if not self._can_do_without_app(registration):
                yield Obstacle(where, registration.function.name, "only Chalice's app object can call it")
        elif kind == "route":
            reason = self._why_not_route(registration)
            if reason:
                yield Obstacle(where, registration.written, reason)

    def _can_do_without_app(self, handler: Registration) -> bool:
        """Whether the handler of an event can at least get Chalice's object of it by itself."""
        function, module = handler.function, handler.module
        others = [one for one in self.source.registrations if one.function is function and one is not handler]
        if function is None or others or handler.holder is not None:
            return False
        lines = module.lines[first_line(function) - 1 : function.end_lineno]
        return make_handler("".join(lines), 0, handler.kind, module) is not None

    def _why_not_middleware(self, registration: Registration) -> str:
        if self.source.find_event_type(registration) is None:
            return "the source does not show for which events it is called"
        if isinstance(registration.function, ast.AsyncFunctionDef):
            return "Chalice does not await it"
        wrapped = self.source.find_wrapped(registration)
        for found in self.source.registrations:
            if found.kind in wrapped and found.home is self.source.app_module and found.function is not None:
                return f"it is called for {found.function.name} too, with Chalice's event"
        is_in_app = registration.module is self.source.app_module
        if not is_in_app and not self.source.is_of_requests(registration):
            return "it is called for other events than requests"
        return ""

    def _why_not_route(self, registration: Registration) -> str:
        arguments = self.source.arguments(registration)
        path, methods = arguments.get("path"), arguments.get("methods")
        if not isinstance(path, str):
            return "the source does not show its path"
        if not is_known(methods) or not is_known(arguments.get("content_types")):
            return "the source does not show its methods or content types"
        if "ANY" in (methods or ()):
            return "Chalice answers no request to it"
        if _ODD_PARAMETER.search(path):
            return "a parameter of its path is no name of an argument"
        if isinstance(registration.function, ast.AsyncFunctionDef):
            return "Chalice does not await it"
        segments = [*registration.url_prefix.split("/"), *path.split("/")]
        if next(filter(None, segments), "") in self.base_paths:
            return "it begins like the base path of the custom domain, which Powertools takes away"
        node = self.source.argument_node(registration, "cors")
        if node is not None and not isinstance(node, ast.Constant):
            made = find_made(node, registration.module, self.source)
            if made is None or made.kind != "CORSConfig":
                return "the source does not show its CORS configuration"
        return ""

    def _find_obstacles_in(self, module: Module) -> Iterator[Obstacle]:
        objects = self.source.objects(module)
        known = compat_names() | _GONE | _MADE | EVENT_CLASSES
        yield from self._find_own_responses(module)
        for name, dotted in module.imported.items():
            owner, _, attribute = dotted.rpartition(".")
            if dotted in _PACKAGES or dotted.split(".")[0] != "chalice":
                continue
            if owner not in _PACKAGES or attribute not in known or name == "*":
                place = module.position(module.binders[name][0].node) if name in module.binders else None
                yield Obstacle(place or module.position(module.tree), name, f"{dotted} has no counterpart")
        for found in module.imports:
            names = {alias.name for alias in found.names}
            is_inside = getattr(found, "module", None) in _PACKAGES and found not in module.tree.body
            if is_inside and not names <= compat_names() | EVENT_CLASSES:
                reason = "the import is not at the top level"
                yield Obstacle(module.position(found), ast.unparse(found), reason)
        owners = {id(node.value) for node in module.nodes if isinstance(node, ast.Attribute)}
        for node in module.nodes:
            asked = (module.dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else None) or ""
            is_whole = asked in _PACKAGES and id(node) not in owners
            if is_whole and module.imported.keys() & {*_names_in(node)}:
                yield Obstacle(module.position(node), "chalice", "the package is handed on as an object")
            if not isinstance(node, ast.Attribute):
                continue
            owner, _, attribute = asked.rpartition(".")
            if owner in _PACKAGES and asked not in _PACKAGES and attribute not in known:
                yield Obstacle(module.position(node), asked, f"{asked} has no counterpart")
            made = self.source.find_object(module, node)
            if made is not None and not (module is self.source.app_module and not made.is_app):
                yield Obstacle(module.position(node), asked, "here it goes by the name of its module")
        taken = {
            name
            for name, binders in module.binders.items()
            if not module.imported.get(name, "").startswith("chalice.")
            and not all(self.is_gone(binder, module) for binder in binders)
        }
        for name in sorted(
            taken & {*_POWERTOOLS, *EVENT_CLASSES, "CORS", *(_OTHER + name for name in _ADDED)}
        ):
            place = module.position(module.binders[name][0].node)
            yield Obstacle(place, name, "the name is needed for something else")
        if objects:
            yield from self._find_obstacles_about(module, objects)

    def _find_own_responses(self, module: Module) -> Iterator[Obstacle]:
        """Classes of responses that Chalice asks for what it sends."""
        classes = (node for node in module.nodes if isinstance(node, ast.ClassDef))
        for node in classes if module.source != lambda_errors.OF_CHALICE else ():
            bases = {(module.dotted(base) or "").rpartition(".") for base in node.bases}
            is_response = any(owner in _PACKAGES and name == "Response" for owner, _, name in bases)
            if is_response and any(getattr(one, "name", "") == "to_dict" for one in node.body):
                yield Obstacle(module.position(node), node.name, "Powertools does not ask it for the answer")

    def _find_obstacles_about(self, module: Module, objects: Collection[str]) -> Iterator[Obstacle]:
        """Uses of the app object or of a Blueprint that only Chalice's has."""
        parents = module.parents
        is_app = {name: made.is_app for name, made in self.source.objects(module).items()}
        for node in module.nodes:
            if not isinstance(node, ast.Name) or node.id not in objects or not isinstance(node.ctx, ast.Load):
                continue
            parent = parents[node]
            if isinstance(parent, ast.Attribute):
                whole = parents[parent]
                if parent.attr == _CURRENT_APP and not is_app[node.id] and isinstance(whole, ast.Attribute):
                    # What a Blueprint may ask of the app, it may ask itself.
                    parent = whole
                is_own = parent.attr in _ATTRIBUTES and (
                    parent.attr != "log" or self._has_log(module, is_app=is_app[node.id])
                )
                call = parents[parent]
                is_decorator = isinstance(call, ast.Call) and isinstance(
                    parents[call], (ast.FunctionDef, ast.AsyncFunctionDef)
                )
                is_set_up = is_app[node.id] and (
                    parent.attr in ("api", "register_blueprint")
                    or (parent.attr == "debug" and self._sets_debug(parents[parent]))
                )
                is_middleware = parent.attr == "register_middleware" and isinstance(parents[call], ast.Expr)
                if is_own or is_decorator or is_set_up or is_middleware:
                    if parent.attr == "api" and not self._is_known_setting(parents[parent], parents):
                        yield Obstacle(module.position(node), "app.api", "Powertools has no such setting")
                    continue
                subject = f"{node.id}.{parent.attr}"
                yield Obstacle(module.position(node), subject, "it has no counterpart outside Chalice")
            elif not self._is_registered(node, parent):
                yield Obstacle(module.position(node), node.id, "it is handed on as an object of Chalice's")

    def _has_log(self, module: Module, *, is_app: bool) -> bool:
        """Whether the `log` of an object can be a plain logger: not of what only registering makes."""
        if module is self.source.app_module:
            return is_app
        kinds = {one.kind for one in self.source.registrations if one.module is module}
        return kinds <= {"route", *MIDDLEWARES}

    @cached_property
    def logs_elsewhere(self) -> bool:
        """Whether other modules than app.py write to the application's log."""
        others = (module for module in self.modules if module is not self.source.app_module)
        return any(
            isinstance(node, ast.Attribute)
            and node.attr == "log"
            and isinstance(owner := _without_current_app(node.value), ast.Name)
            and owner.id in self.source.objects(module)
            for module in others
            for node in module.nodes
        )

    def _sets_debug(self, node: ast.AST) -> bool:
        """Whether it is `app.debug = True`, or False, at the top of app.py."""
        app = self.source.app_module
        if not isinstance(node, ast.Assign) or node not in app.tree.body:
            return False
        return isinstance(self.source.evaluate(node.value, app), bool)

    def _is_known_setting(self, node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
        """Whether it is `app.api.binary_types`, or `app.api.cors` set to True."""
        if not isinstance(node, ast.Attribute) or node.attr not in ("binary_types", "cors"):
            return False
        parent = parents[node]
        if node.attr == "binary_types":
            return True
        if not isinstance(parent, ast.Assign):
            return False
        is_shown = isinstance(parent.value, ast.Constant) or self.find_cors() is not None
        # A Blueprint's module does not have the name.
        return is_shown and (self.find_cors() is None or not any(self._asks_for_cors()))

    def _asks_for_cors(self) -> Iterator[Registration]:
        """Routes of other modules for which app.api.cors holds."""
        for found in self.source.registrations:
            is_elsewhere = found.kind == "route" and found.module is not self.source.app_module
            if is_elsewhere and self.source.argument_node(found, "cors") is None:
                yield found

    def find_cors(self) -> ast.expr | None:
        """The CORSConfig that `app.api.cors` is set to."""
        for _, node, _ in find_edits_of_api(self.source, "cors"):
            if isinstance(node, ast.Assign):
                made = find_made(node.value, self.source.app_module, self.source)
                if made is not None and made.kind == "CORSConfig":
                    return node.value
        return None

    def _is_registered(self, node: ast.Name, parent: ast.AST) -> bool:
        call = parent.value if isinstance(parent, ast.keyword) else parent
        return isinstance(call, ast.Call) and (
            isinstance(call.func, ast.Attribute) and call.func.attr == "register_blueprint"
        )

    def find_disordered(self) -> Iterator[Diagnostic]:
        """Routes that get other requests than they did."""
        tried: dict[str, TriedPaths] = {}
        for one in self.source.registrations:
            if one.kind != "route":
                continue
            arguments = self.source.arguments(one)
            path = f"{one.url_prefix.rstrip('/')}/{str(arguments.get('path')).strip('/')}"
            if "{" not in path:
                continue
            methods = [str(method) for method in arguments.get("methods") or ["GET"]]
            before = [tried.setdefault(method, TriedPaths()) for method in methods]
            for other in dict.fromkeys(other for paths in before for other in paths.find_worse(path)):
                reason = f"API Gateway prefers it to {other}, which Powertools tries first"
                yield codes.ROUTE_ORDER.at(one.position, path, reason)
            for paths in before:
                paths.add(path)

    def find_left_out(self) -> Iterator[Diagnostic]:
        """Middleware of other events than requests, which is called for no function."""
        for one in self.source.registrations:
            if one.kind in MIDDLEWARES and not self.source.is_of_requests(one):
                reason = "app.py has no handler of such events; left out"
                yield codes.LEFT_OUT_CODE.at(one.position, one.written, reason)

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """The modules that speak of Chalice, or of objects that it makes."""
        found = [self.source.app_module]
        for path in self.source.library_paths:
            if b"chalice" in self.source.files[path] or b"import app" in self.source.files[path]:
                module = self.source.module(path)
                found += [module] if module is not None else []
        return tuple(found)

    # --- modules ---------------------------------------------------------------------------

    def rewrite_module(self, module: Module) -> Module:
        """A module of chalicelib/ that has no Lambda functions of its own."""
        if module.source == lambda_errors.OF_CHALICE:
            self.used.add("Response")
            return parse_module(module.path, lambda_errors.write_for_powertools(COMPAT_MODULE))
        kept = [one for one in module.statements if not self.is_gone(one, module)]
        return module.with_statements(self.with_imports([self.rewrite(one, module) for one in kept], module))

    def is_gone(self, statement: Statement, module: Module) -> bool:
        """Whether it makes what only decorators of Chalice's take: an authorizer, a schedule."""
        node = statement.node
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Call):
            return False
        owner, _, name = (module.dotted(node.value.func) or "").rpartition(".")
        return owner in _PACKAGES and name in _GONE

    def with_imports(self, statements: Iterable[Statement], module: Module) -> list[Statement]:
        """The statements with imports of what takes the place of Chalice's names."""
        statements = list(statements)
        used = {name for one in statements if not _imports_chalice(one) for name in one.names.uses}
        changed: list[Statement] = []
        lines: dict[str, list[str]] = {}
        first: int | None = None
        distance = ""
        for statement in statements:
            if not _imports_chalice(statement):
                changed.append(statement)
                continue
            if first is None:
                first, distance = len(changed), leading_lines(statement.above)
            for node in statement.nodes:
                for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                    name = alias.asname or alias.name
                    written = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                    if alias.name in compat_names() and name in used:
                        self.used.add(alias.name)
                        lines.setdefault(COMPAT_MODULE, []).append(written)
                    elif alias.name in _GONE and name in used:
                        # Something else than an argument of a decorator.
                        lines.setdefault("chalice", []).append(written)
                    elif alias.name in EVENT_CLASSES and name in used:
                        lines.setdefault(HOME_OF_CLASSES, []).append(written)
            if statement.above.strip():
                changed.append(replace(statement, nodes=(ast.Pass(),), text="", names=read_names([])))
        bound = {name for one in changed for name in one.names.binds} | {
            name.rpartition(" as ")[2] for names in lines.values() for name in names
        }
        for name in sorted(used - bound):
            if name in _POWERTOOLS:
                lines.setdefault(_POWERTOOLS[name], []).append(name)
            elif name in EVENT_CLASSES and name not in module.binders:
                lines.setdefault(HOME_OF_CLASSES, []).append(name)
            elif name in compat_names() and name not in module.binders:
                self.used.add(name)
                lines.setdefault(COMPAT_MODULE, []).append(name)
            elif name.removeprefix(_OTHER) in _ADDED and name not in module.binders:
                self.used.add(name.removeprefix(_OTHER))
                lines.setdefault(COMPAT_MODULE, []).append(f"{name.removeprefix(_OTHER)} as {name}")
        place = first if first is not None else _place_of_import(changed, module)
        new = [_make_import(home, sorted(set(lines[home]))) for home in lines if home != COMPAT_MODULE]
        if new and place == 0 and changed and changed[0].above.strip():
            # What stands at the top stays there.
            distance = changed[0].above
            changed[0] = replace(changed[0], above="" if changed[0].is_import else "\n")
        new[:1] = [replace(one, above=distance) for one in new[:1]]
        changed[place:place] = new
        if COMPAT_MODULE in lines:
            # What is the project's own stands below what is installed.
            end = place + len(new)
            while end < len(changed) and changed[end].is_import and not _is_own(changed[end]):
                end += 1
            changed.insert(end, _make_import(COMPAT_MODULE, sorted(set(lines[COMPAT_MODULE]))))
            if end + 1 < len(changed) and _is_own(changed[end + 1]):
                changed[end + 1] = replace(changed[end + 1], above=changed[end + 1].above.lstrip("\r\n"))
        return changed

    def bound_in(self, module: Module) -> frozenset[str]:
        """The names of `_ADDED` that stand for something else anywhere in the module."""
        if module.path not in self._bound:
            written = ("id", "arg", "name", "asname")
            found = {getattr(node, part, None) for node in module.nodes for part in written}
            self._bound[module.path] = frozenset(name for name in _ADDED if name in found)
        return self._bound[module.path]

    # --- statements -------------------------------------------------------------------------

    def rewrite(self, statement: Statement, module: Module) -> Statement:
        """The statement with routes of Powertools', and requests as the compatibility module has them."""
        objects = self.source.objects(module)
        if statement.is_import or not self._speaks_of_chalice(statement, module, objects):
            return statement
        text = _Edits(self, module, objects, statement).rewrite()
        if text == statement.text:
            return statement
        return replace(parse_statement(text, statement), self_contained=statement.self_contained)

    def _speaks_of_chalice(self, statement: Statement, module: Module, objects: Collection[str]) -> bool:
        return _IMPORT.search(statement.text) is not None or any(
            name in objects or module.imported.get(name, "").split(".")[0] == "chalice"
            for name in statement.names.uses | statement.names.binds
        )

    @cached_property
    def cors(self) -> str:
        """What `app.api.cors` says for routes that do not say it themselves."""
        if self.find_cors() is not None:
            return "CORS"
        return "True" if any(value is True for *_, value in find_edits_of_api(self.source, "cors")) else ""

    # --- the compatibility module -------------------------------------------------------------

    def write_compat(self, binary_types: Iterable[Json], *, debug: bool) -> str:
        """The module with what is used of it, and what that needs."""
        module = compat_source()
        needed = Needs(module).closure(Needs(module).of_names(sorted(self.used)))
        used = {name for one in needed for name in one.names.uses}
        kept = [one for one in module.statements if one in needed or one.is_docstring or _is_future(one)]
        from converter.python.rewrite import keep_imports
        from converter.python.split import assemble

        statements = []
        for one in kept:
            if one.is_import and not _is_future(one):
                nodes = [node for node in one.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
                text = keep_imports(nodes, one.text, one.names.binds & used)
                if not text:
                    continue
                one = replace(one, text=text)
            above = re.sub(r"# --- .*\n+", "", one.above)
            statements.append(replace(one, above=above))
        text = assemble(statements, module)
        types = "".join(f"    {json.dumps(each)},\n" for each in binary_types)
        text = text.replace('["BINARY_TYPES"]', f"[\n{types}]")
        text = text.replace('"APP_NAME"', json.dumps(self.source.app_name or "app"))
        return text.replace("DEBUG = False", f"DEBUG = {debug}")


# The attributes that are called, and those that are asked for, in what is rewritten.
_CALLED = ("register_blueprint", "register_middleware", *_MADE)
_ASKED = ("cors", "current_request", _CURRENT_APP, "log")


class _Edits:
    """The edits of one statement, by place."""

    def __init__(
        self, api: PowertoolsApi, module: Module, objects: Collection[str], statement: Statement
    ) -> None:
        self.api = api
        self.module = module
        self.objects = objects
        self.text = statement.text
        if module.is_own(statement):
            self.nodes = [node for outer in statement.nodes for node in walk(outer)]
            self.places = Edits(statement.text, first_line(statement.node))
        else:
            self.nodes = walk(ast.parse(statement.text))
            self.places = Edits(statement.text)
        self.edits: list[tuple[int, int, str]] = []

    def rewrite(self) -> str:
        for node in self.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in node.decorator_list:
                    self._rewrite_decorator(decorator, node)
            elif isinstance(node, ast.Call):
                self._rewrite_call(node)
            elif isinstance(node, ast.Attribute):
                self._rewrite_attribute(node)
            elif isinstance(node, ast.ImportFrom) and node.module in _PACKAGES:
                self._rewrite_import(node)
        text = self.text
        done = len(text) + 1
        for start, end, new in sorted(self.edits, reverse=True):
            if end <= done:
                text = text[:start] + new + text[end:]
                done = start
        return text

    def _rewrite_import(self, node: ast.ImportFrom) -> None:
        """`from chalice import BadRequestError` inside of a function."""
        names = {alias.name for alias in node.names}
        if names <= compat_names():
            self.api.used.update(names)
            start, end = self._span(node)
            written = self.text[start:end].replace(node.module or "", COMPAT_MODULE, 1)
            self.edits.append((start, end, written))

    def _rewrite_attribute(self, node: ast.Attribute) -> None:
        named = compat_names() | EVENT_CLASSES
        if node.attr not in _ASKED and node.attr not in named:
            return
        if self._is_of_object(node, "current_request"):
            self._replace(node, f"{self._added('current_request')}({self._owner(node.value)})")
        elif node.attr == _CURRENT_APP and (owner := self._owner(node)):
            self._replace(node, owner)
        elif self._is_of_object(node, "log") and self.module is not self.api.source.app_module:
            self._replace(node, self._added("logger"))
        elif (
            node.attr == "cors" and isinstance(node.ctx, ast.Store) and self._is_of_object(node.value, "api")
        ):
            self._replace(node, "CORS")
        elif (self.module.dotted(node) or "").rpartition(".")[0] in _PACKAGES and node.attr in named:
            self._replace(node, node.attr)

    def _is_of_object(self, node: ast.expr, attribute: str) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr != attribute:
            return False
        return self._owner(node.value) is not None

    def _owner(self, node: ast.expr) -> str | None:
        node = _without_current_app(node)
        return node.id if isinstance(node, ast.Name) and node.id in self.objects else None

    def _rewrite_decorator(self, node: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not isinstance(node, ast.Call):
            return
        if self._is_of_object(node.func, "authorizer"):
            self._replace(node, self._added("as_authorizer"))
        elif self._is_of_object(node.func, "middleware"):
            assert isinstance(node.func, ast.Attribute)
            self._replace(node, f"{self._added('http_middleware')}({ast.unparse(node.func.value)})")
        elif self._is_of_object(node.func, "route"):
            assert isinstance(node.func, ast.Attribute)
            owner = ast.unparse(node.func.value)
            self._replace(node, self._write_route(owner, node))
            for returned in _returns_of(function):
                if isinstance(returned.value, ast.Tuple):
                    self._rewrite_tuple(returned.value)

    def _rewrite_tuple(self, node: ast.Tuple) -> None:
        """Powertools would take the second of two for the status."""
        if len(node.elts) == 2:
            start, end = self._span(node)
            written = self.text[start:end]
            has_parentheses = written.startswith("(") and _is_pair(written[1:-1].strip())
            inner = written[1:-1] if has_parentheses else written
            self.edits.append((start, end, f"[{inner}]"))

    def _write_route(self, owner: str, node: ast.Call) -> str:
        written = {keyword.arg: keyword.value for keyword in node.keywords}
        path_node = node.args[0] if node.args else written["path"]
        evaluate = self.api.source.evaluate
        path = write_path(str(evaluate(path_node, self.module)))
        methods = evaluate(written["methods"], self.module) if "methods" in written else ["GET"]
        options = []
        if "content_types" in written:
            options.append(f"content_types={self._source(written['content_types'])}")
        cors = self._source(written["cors"]) if "cors" in written else ""
        if cors in ("", "None"):
            cors = self.api.cors
        if cors not in ("", "None", "False"):
            options.append(f"cors={cors}")
        middlewares = f"middlewares=[{self._added('view')}({', '.join(options)})]"
        names = [str(method).lower() for method in methods]
        if len(names) == 1 and names[0] in _METHODS:
            return f"{owner}.{names[0]}({path}, {middlewares})"
        listed = ", ".join(f'"{name.upper()}"' for name in names)
        return f"{owner}.route({path}, method=[{listed}], {middlewares})"

    def _rewrite_call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr not in _CALLED:
            return
        if self._is_of_object(node.func, "register_blueprint"):
            written: dict[str | None, ast.expr] = dict(
                zip(("blueprint", "name_prefix", "url_prefix"), node.args, strict=False)
            )
            written |= {keyword.arg: keyword.value for keyword in node.keywords}
            blueprint = self._source(written["blueprint"])
            prefix = (
                self.api.source.evaluate(written["url_prefix"], self.module)
                if "url_prefix" in written
                else None
            )
            options = (
                f", prefix={write_path(prefix.rstrip('/'))}"
                if isinstance(prefix, str) and prefix.strip("/")
                else ""
            )
            assert isinstance(node.func, ast.Attribute)
            self._replace(node, f"{ast.unparse(node.func.value)}.include_router({blueprint}{options})")
            return
        if self._is_of_object(node.func, "register_middleware"):
            self._rewrite_registered(node)
            return
        owner, _, name = (self.module.dotted(node.func) or "").rpartition(".")
        if owner in _PACKAGES and name in _MADE:
            self._replace(node, "Router()" if name == "Blueprint" else self._write_resolver())

    def _write_resolver(self) -> str:
        prefixes = ", ".join(json.dumps(f"/{path}") for path in self.api.base_paths)
        options = f", strip_prefixes=[{prefixes}]" if prefixes else ""
        return f"{_RESOLVER}(serializer={self._added('to_json')}{options})"

    def _rewrite_registered(self, node: ast.Call) -> None:
        """`http_middleware(app)(f)` of `app.register_middleware(f, "http")`; within `f` there may be more."""
        function = find_argument(node, 0, "func")
        assert isinstance(node.func, ast.Attribute)
        assert function is not None
        (start, end), (first, last) = self._span(node), self._span(function)
        add = f"{self._added('http_middleware')}({ast.unparse(node.func.value)})"
        self.edits.append((start, first, f"{add}("))
        self.edits.append((last, end, ")"))

    def _added(self, name: str) -> str:
        """What a name of the compatibility module is called here."""
        return f"{_OTHER}{name}" if name in self.api.bound_in(self.module) else name

    # --- places -------------------------------------------------------------------------------

    def _source(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self.text[start:end]

    def _replace(self, node: ast.expr, new: str) -> None:
        start, end = self._span(node)
        if id(node) not in self._in_texts or self._is_at(node, start, end):
            self.edits.append((start, end, new))
            return
        # Before Python 3.12 places inside of f-strings are not to be relied on.
        for found in re.finditer(rf"(?<![\w.]){re.escape(ast.unparse(node))}(?!\w)", self.text):
            edit = (*found.span(), new)
            if edit not in self.edits:
                self.edits.append(edit)

    @cached_property
    def _in_texts(self) -> set[int]:
        """What stands inside of f-strings."""
        texts = (node for node in self.nodes if isinstance(node, ast.JoinedStr))
        return {id(inner) for text in texts for inner in walk(text)}

    def _is_at(self, node: ast.expr, start: int, end: int) -> bool:
        return structure_of(self.text[start:end]) == structure_of(ast.unparse(node))

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return self.places.start(node), self.places.end(node)


def _without_current_app(node: ast.expr) -> ast.expr:
    """`bp` of `bp.current_app`: what that can be asked for, the Blueprint can be, too."""
    return node.value if isinstance(node, ast.Attribute) and node.attr == _CURRENT_APP else node


def _names_in(node: ast.AST) -> Iterator[str]:
    return (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _asked_of_responses(function: ast.FunctionDef) -> Iterator[ast.Attribute]:
    """The attributes of what the second argument gives: `get_response(event).body` of a middleware."""
    if len(function.args.args) < 2:
        return
    get_response = function.args.args[-1].arg
    nodes = list(ast.walk(function))

    def is_response(node: ast.AST | None) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == get_response

    assigned = (node for node in nodes if isinstance(node, ast.Assign) and is_response(node.value))
    names = {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}
    for node in nodes:
        if isinstance(node, ast.Attribute):
            of_name = isinstance(node.value, ast.Name) and node.value.id in names
            if of_name or is_response(node.value):
                yield node


def _returns_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Return]:
    """The returns of the function itself, not of those inside it."""
    open_ones: list[ast.AST] = [*function.body]
    while open_ones:
        inner = open_ones.pop()
        if isinstance(inner, ast.Return):
            yield inner
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            open_ones.extend(children(inner))


def _is_pair(written: str) -> bool:
    """Whether it is two values without the parentheses that were around it."""
    try:
        body = ast.parse(f"[{written}\n]", mode="eval").body
    except SyntaxError:
        return False
    return isinstance(body, ast.List) and len(body.elts) == 2


def write_path(path: str) -> str:
    """A path of Chalice's as Powertools' rule for it, as Python writes that text.

    What `{proxy+}` becomes is a group, so that it is not tried before the parameters of other paths.
    """
    parts = re.split(r"(\{[^}]*\})", path)
    rule = "".join(
        _SPECIAL.sub(r"\\\g<0>", part)
        if not part.startswith("{")
        else "(.+)"
        if part.endswith("+}")
        else f"<{part[1:-1]}>"
        for part in parts
    )
    return f'r"{rule}"' if "\\" in rule else f'"{rule}"'


def _imports_chalice(statement: Statement) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.module in _PACKAGES and not node.level)
        or (isinstance(node, ast.Import) and all(alias.name in _PACKAGES for alias in node.names))
        for node in statement.nodes
    )


def _is_own(statement: Statement) -> bool:
    """Whether it imports from the project itself."""
    modules = [getattr(node, "module", None) or "" for node in statement.nodes]
    return statement.is_import and any(module.split(".")[0] == "chalicelib" for module in modules)


def _is_future(statement: Statement) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in statement.nodes)


def _place_of_import(statements: list[Statement], module: Module) -> int:
    """Where the module had imported Chalice, else the end of the imports at its top."""
    line = next((one.line for one in module.statements if _imports_chalice(one)), None)
    if line is None:
        places = (number for number, one in enumerate(statements) if not (one.is_import or one.is_docstring))
    else:
        places = (number for number, one in enumerate(statements) if one.line > line)
    return next(places, len(statements))


def _make_import(home: str, names: list[str]) -> Statement:
    text = f"from {home} import {', '.join(names)}\n"
    if len(text) > 100:
        text = f"from {home} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
    nodes = tuple(ast.parse(text).body)
    above = "\n" if home == COMPAT_MODULE else ""
    return Statement(nodes, above, text, read_names(nodes))
