"""What keeps an API Chalice's: why it cannot be a Powertools resolver that answers the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.event_objects import EVENT_CLASSES, make_handler
from converter.chalice.http import lambda_errors
from converter.chalice.http.app_in_classes import AppInClasses
from converter.chalice.http.compat_module import compat_names
from converter.chalice.http.names import ADDED, CURRENT_APP, GONE, MADE, OTHER, PACKAGES, POWERTOOLS, is_gone
from converter.chalice.http.settings import find_edits_of_api
from converter.chalice.made import find_made
from converter.chalice.registration import (
    APP_PATH,
    EVENT_DECORATORS,
    MIDDLEWARES,
    WEBSOCKET_FUNCTIONS,
    dotted_name,
    is_known,
)
from converter.model import Position
from converter.python.module import Module, first_line
from converter.python.needs import Needs

if TYPE_CHECKING:
    from converter.chalice.http.powertools import PowertoolsApi
    from converter.chalice.registration import Registration
    from converter.chalice.source import ChaliceSource
    from converter.python.definitions import FunctionNode

# What a view may ask of the app object, or of a Blueprint.
_OF_REQUESTS = frozenset({"current_request", "lambda_context", "log"})
# What code may ask of `app.websocket_api`.
_OF_WEBSOCKETS = frozenset({"close", "configure", "info", "send", "session"})
_RESPONSES = ("chalice.Response", "chalice.app.Response")
# What middleware may ask of a response.
_OF_RESPONSES = frozenset({"body", "headers", "status_code"})
# What is said of handlers that nothing registers, and of those that Powertools registers as Chalice does.
_NO_OBSTACLES = (codes.UNREGISTERED_BLUEPRINT, codes.HANDLER_INSIDE)
_ODD_PARAMETER = re.compile(r"\{(?!\w+\+?\})")


@cache
def _known_names() -> frozenset[str]:
    """What a project may use of Chalice's package."""
    return compat_names() | GONE | MADE | EVENT_CLASSES


@dataclass(frozen=True)
class Obstacle:
    """Why the API cannot be a Powertools resolver that answers the same, and where that is said."""

    position: Position
    subject: str
    reason: str


class ObstacleError(Exception):
    def __init__(self, position: Position, subject: str, reason: str) -> None:
        super().__init__(subject)
        self.obstacle = Obstacle(position, subject, reason)


@dataclass
class Obstacles:
    """What the rewriting of an API does not know."""

    api: PowertoolsApi
    _always_given: dict[FunctionNode, bool] = field(default_factory=dict)
    _needed_by_others: dict[str, frozenset[ast.AST]] = field(default_factory=dict)

    @property
    def source(self) -> ChaliceSource:
        return self.api.source

    def find(self) -> Iterator[Obstacle]:
        app = self.source.app
        if app.is_subclass:
            yield Obstacle(app.position, "app", "its class is the project's own")
        if app.module is not self.source.app_module and self._has_functions(app.module):
            yield Obstacle(
                app.position, "app", "it is made in a module of chalicelib/ that has other functions"
            )
        if app.maker is not None:
            yield Obstacle(app.position, "app", f"{app.maker.name} makes the app object")
        for diagnostic in self.source.diagnostics:
            if diagnostic.position is not None and diagnostic.code not in _NO_OBSTACLES:
                yield Obstacle(diagnostic.position, diagnostic.subject, diagnostic.reason)
        for registration in self.source.registrations:
            yield from self._find_obstacles_of(registration)
        for module in self.api.modules:
            yield from self._find_obstacles_in(module)
        if any(one.kind in MIDDLEWARES for one in self.source.registrations):
            yield from self._find_odd_responses()

    def _has_functions(self, module: Module) -> bool:
        """Whether a module has Lambda functions of its own, beside the API."""
        return any(
            one.home is module and one.function is not None and one.kind not in ("route", *MIDDLEWARES)
            for one in self.source.registrations
        )

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
        if registration.holder is not None and not self._is_registered_in_place(registration):
            yield Obstacle(where, registration.written, "the source does not show how it is registered")
        elif kind in MIDDLEWARES:
            reason = self._why_not_middleware(registration)
            if reason:
                yield Obstacle(where, registration.written, reason)
        elif kind in WEBSOCKET_FUNCTIONS:
            reason = self._why_not_websocket(registration)
            if reason:
                yield Obstacle(where, registration.written, reason)
        elif kind in EVENT_DECORATORS and registration.function is not None:
            if not self._can_do_without_app(registration):
                yield Obstacle(where, registration.function.name, "only Chalice's app object can call it")
        elif kind == "route":
            reason = self._why_not_route(registration)
            if reason:
                yield Obstacle(where, registration.written, reason)

    def _is_registered_in_place(self, registration: Registration) -> bool:
        """Whether it is registered inside of another statement by what is written there."""
        is_written = (
            registration.function is not None or registration.decorator in registration.module.parents
        )
        return is_written and registration.kind in ("middleware", "route")

    def _can_do_without_app(self, handler: Registration) -> bool:
        """Whether the handler of an event can at least get Chalice's object of it by itself."""
        function, module = handler.function, handler.module
        others = [one for one in self.source.registrations if one.function is function and one is not handler]
        if function is None or others or handler.holder is not None:
            return False
        lines = module.lines[first_line(function) - 1 : function.end_lineno]
        return make_handler("".join(lines), 0, handler.kind, module) is not None

    def _why_not_websocket(self, registration: Registration) -> str:
        function, module = registration.function, registration.module
        if not isinstance(function, ast.FunctionDef):
            return "Chalice does not await it"
        middlewares = [one for one in self.source.registrations if one.kind in MIDDLEWARES]
        if any(registration.kind in self.source.find_kinds(one) for one in middlewares):
            return "middleware is called for it, with Chalice's event"
        if any(one.function is function and one is not registration for one in self.source.registrations):
            return "it is registered more than once"
        owner = self.source.owner(registration)
        if owner is None or not owner.is_app:
            return "Chalice calls the handler of a Blueprint with the bare event and the context"
        named = (node for node in ast.walk(function) if isinstance(node, (ast.Name, ast.Attribute)))
        if any((module.dotted(node) or "").startswith(_RESPONSES) for node in named):
            return "Powertools' response is no answer to a WebSocket"
        return ""

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
        if any(keyword.arg is None for keyword in registration.decorator.keywords):
            return "some of its arguments are given by **"
        if "ANY" in (methods or ()):
            return "Chalice answers no request to it"
        if _ODD_PARAMETER.search(path):
            return "a parameter of its path is no name of an argument"
        if isinstance(registration.function, ast.AsyncFunctionDef):
            return "Chalice does not await it"
        segments = [*registration.url_prefix.split("/"), *path.split("/")]
        if next(filter(None, segments), "") in self.api.base_paths:
            return "it begins like the base path of the custom domain, which Powertools takes away"
        written = self.source.written_arguments(registration).get("cors")
        if written is not None and not isinstance(written[0], ast.Constant):
            made = find_made(*written, self.source)
            if made is None or made.kind != "CORSConfig":
                return "the source does not show its CORS configuration"
        return ""

    def _find_obstacles_in(self, module: Module) -> Iterator[Obstacle]:
        yield from self._find_own_responses(module)
        for name, dotted in module.imported.items():
            owner, _, attribute = dotted.rpartition(".")
            if dotted in PACKAGES or dotted.split(".")[0] != "chalice":
                continue
            if owner not in PACKAGES or attribute not in _known_names() or name == "*":
                place = module.position(module.binders[name][0].node) if name in module.binders else None
                yield Obstacle(place or module.position(module.tree), name, f"{dotted} has no counterpart")
        for found in module.imports:
            names = {alias.name for alias in found.names}
            is_inside = getattr(found, "module", None) in PACKAGES and found not in module.tree.body
            if is_inside and not names <= compat_names() | EVENT_CLASSES:
                reason = "the import is not at the top level"
                yield Obstacle(module.position(found), ast.unparse(found), reason)
        for node in module.nodes:
            if isinstance(node, ast.Name) and node.id in module.imported:
                yield from self._find_obstacles_below(node, module)
        taken = {
            name
            for name, binders in module.binders.items()
            if not module.imported.get(name, "").startswith("chalice.")
            and not all(is_gone(binder, module) for binder in binders)
        }
        for name in sorted(taken & {*POWERTOOLS, *EVENT_CLASSES, "CORS", *(OTHER + name for name in ADDED)}):
            place = module.position(module.binders[name][0].node)
            yield Obstacle(place, name, "the name is needed for something else")
        for name, bound in self.source.handed.find_rebound(module).items():
            yield Obstacle(module.position(bound), name, "the name stands for something else, too")
        yield from self._find_obstacles_about(module)

    def _find_obstacles_below(self, imported: ast.Name, module: Module) -> Iterator[Obstacle]:
        """What is asked of an imported name, `a.b` and `a.b.c` of `a`."""
        node: ast.Name | ast.Attribute = imported
        asked = module.imported[imported.id]
        while isinstance(parent := module.parents[node], ast.Attribute):
            node, owner, attribute = parent, asked, parent.attr
            asked = f"{owner}.{attribute}"
            if owner in PACKAGES and asked not in PACKAGES and attribute not in _known_names():
                yield Obstacle(module.position(node), asked, f"{asked} has no counterpart")
            made = self.source.find_object(module, node)
            is_named = dotted_name(node) in self.source.objects(module)
            if made is not None and not is_named and (module is not self.source.app_module or made.is_app):
                yield Obstacle(module.position(node), asked, "here it goes by the name of its module")
        if asked in PACKAGES:
            yield Obstacle(module.position(node), "chalice", "the package is handed on as an object")

    def _find_own_responses(self, module: Module) -> Iterator[Obstacle]:
        """Classes of responses that Chalice asks for what it sends."""
        classes = (node for node in module.nodes if isinstance(node, ast.ClassDef))
        for node in classes if module.source != lambda_errors.OF_CHALICE else ():
            bases = {(module.dotted(base) or "").rpartition(".") for base in node.bases}
            is_response = any(owner in PACKAGES and name == "Response" for owner, _, name in bases)
            if is_response and any(getattr(one, "name", "") == "to_dict" for one in node.body):
                yield Obstacle(module.position(node), node.name, "Powertools does not ask it for the answer")

    def _find_obstacles_about(self, module: Module) -> Iterator[Obstacle]:
        """Uses of the app object or of a Blueprint that only Chalice's has."""
        parents = module.parents
        for node, objects in self.api.objects_of_nodes(module):
            name = dotted_name(node)
            if name not in objects or not isinstance(node, (ast.Name, ast.Attribute)):
                continue
            if not isinstance(node.ctx, ast.Load):
                continue
            is_app = objects[name].is_app
            parent = parents[node]
            if isinstance(parent, ast.Attribute):
                whole = parents[parent]
                if parent.attr == CURRENT_APP and not is_app and isinstance(whole, ast.Attribute):
                    # What a Blueprint may ask of the app, it may ask itself.
                    parent = whole
                is_own = self._is_known_attribute(module, node, parent, is_app=is_app)
                call = parents[parent]
                is_decorator = isinstance(call, ast.Call) and (
                    isinstance(parents[call], (ast.FunctionDef, ast.AsyncFunctionDef))
                    or (parent.attr == "route" and getattr(parents[call], "func", None) is call)
                )
                is_set_up = is_app and (
                    parent.attr in ("api", "register_blueprint")
                    or self._is_flag(module, parents.get(call))
                    or (parent.attr == "debug" and self._sets_debug(module, parents[parent]))
                )
                is_middleware = parent.attr == "register_middleware" and isinstance(parents[call], ast.Expr)
                if is_own or is_decorator or is_set_up or is_middleware:
                    if parent.attr == "api" and not self._is_known_setting(module, parents[parent]):
                        yield Obstacle(module.position(node), "app.api", "Powertools has no such setting")
                    continue
                subject = f"{name}.{parent.attr}"
                yield Obstacle(module.position(node), subject, "it has no counterpart outside Chalice")
            elif not (
                self._is_registered(parent, parents)
                or self._is_handed_on(module, parent, parents)
                or (is_app and self._is_handed_out(module, node))
            ):
                yield Obstacle(module.position(node), name, "it is handed on as an object of Chalice's")

    def _is_known_attribute(
        self, module: Module, node: ast.expr, asked: ast.Attribute, *, is_app: bool
    ) -> bool:
        """Whether something else has what is asked of the object."""
        if asked.attr == "log":
            return self._has_log(module, node, is_app=is_app)
        if asked.attr == "websocket_api":
            whole = module.parents[asked]
            return isinstance(whole, ast.Attribute) and whole.attr in _OF_WEBSOCKETS
        return asked.attr in _OF_REQUESTS

    def _has_log(self, module: Module, node: ast.expr, *, is_app: bool) -> bool:
        """Whether the `log` of an object can be a plain logger: not of what only registering makes."""
        if module is self.source.app.module:
            return is_app
        kinds = {one.kind for one in self.source.registrations if one.module is module}
        return kinds <= {"route", *MIDDLEWARES} or not self._is_needed_by_others(module, node)

    def _is_flag(self, module: Module, node: ast.AST | None) -> bool:
        """Whether it is `app.experimental_feature_flags.update(...)`, which goes."""
        if not isinstance(node, ast.Call) or module.parents[node] not in module.tree.body:
            return False
        written = ast.unparse(node.func).partition(".")[2]
        return written == "experimental_feature_flags.update" and self.api.is_set_up_in(module)

    def _sets_debug(self, module: Module, node: ast.AST) -> bool:
        """Whether it is `app.debug = ...`, of which other functions need no more than their log."""
        if not isinstance(node, ast.Assign) or len(node.targets) > 1:
            return False
        return node in module.tree.body or not self._is_needed_by_others(module, node)

    def _is_known_setting(self, module: Module, node: ast.AST) -> bool:
        """Whether it sets `app.api.binary_types`, or `app.api.cors`, where the app object is set up."""
        if not isinstance(node, ast.Attribute) or node.attr not in ("binary_types", "cors"):
            return False
        edited = {id(found): found for _, found, _ in find_edits_of_api(self.source, node.attr)}
        parent = module.parents[node]
        found = edited.get(id(parent), edited.get(id(module.parents[parent])))
        if found is None or node.attr == "binary_types":
            return found is not None
        if not isinstance(found, ast.Assign):
            return False
        is_shown = isinstance(found.value, ast.Constant) or self.api.find_cors() is not None
        # A Blueprint's module does not have the name.
        return is_shown and (self.api.find_cors() is None or not any(self._asks_for_cors()))

    def _asks_for_cors(self) -> Iterator[Registration]:
        """Routes of other modules than that which sets app.api.cors, for which it holds."""
        homes = [home for home, *_ in find_edits_of_api(self.source, "cors")]
        for found in self.source.registrations:
            is_elsewhere = found.kind == "route" and found.module is not homes[-1]
            if is_elsewhere and "cors" not in self.source.written_arguments(found):
                yield found

    def _is_registered(self, parent: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
        call = parents[parent] if isinstance(parent, ast.keyword) else parent
        return isinstance(call, ast.Call) and (
            isinstance(call.func, ast.Attribute) and call.func.attr == "register_blueprint"
        )

    def _is_handed_on(self, module: Module, parent: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
        """Whether it is an argument of a function that is always given one, and only for requests."""
        call = parents[parent] if isinstance(parent, ast.keyword) else parent
        function = self.source.handed.calls.get(call) if isinstance(call, ast.Call) else None
        return (
            function is not None
            and isinstance(call, ast.Call)
            and self._is_always_given(function)
            and (self.source.only_registers(call) or not self._is_needed_by_others(module, call))
        )

    def _is_handed_out(self, module: Module, node: ast.expr) -> bool:
        """Whether it goes to classes of the project that ask nothing of it but what something else has."""
        if AppInClasses(self.source, {"websocket_api"}).is_known(module, node):
            self.api.add_stand_in(module, node)
            return True
        if module.holder(node) is None or self._is_needed_by_others(module, node):
            return False
        if not AppInClasses(self.source, _OF_REQUESTS).is_known(module, node):
            return False
        self.api.used.add("ApiResolver")
        return True

    def _is_always_given(self, function: FunctionNode) -> bool:
        """Whether all that is done with a function is to call it with such an object."""
        if function not in self._always_given:
            self._always_given[function] = not any(self._find_other_uses(function))
        return self._always_given[function]

    def _find_other_uses(self, function: FunctionNode) -> Iterator[ast.AST]:
        handed = self.source.handed
        name = re.compile(rf"\b{function.name}\b")
        paths = (APP_PATH, *self.source.library_paths)
        for module in filter(None, map(self.source.module, paths)):
            for node in module.nodes if name.search(module.source) else ():
                if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                    found = self.source.find_function(module, node)
                    call = module.parents[node]
                    is_called = isinstance(call, ast.Call) and call.func is node and call in handed.calls
                    if found is not None and found[1] is function and not is_called:
                        yield node

    def _is_needed_by_others(self, module: Module, node: ast.AST) -> bool:
        """Whether functions of the module's own that serve no requests run what a node is part of."""
        if module.path not in self._needed_by_others:
            self._needed_by_others[module.path] = frozenset(self._find_needed_by_others(module))
        return node in self._needed_by_others[module.path]

    def _find_needed_by_others(self, module: Module) -> Iterator[ast.AST]:
        registered = {one.statement: one for one in self.source.registrations if one.home is module}
        entries = [one for one in module.statements if one.node in registered]
        others = [one for one in entries if registered[one.node].kind not in ("route", *MIDDLEWARES)]
        if others:
            needs = Needs(module, frozenset(entries))
            for statement in needs.closure([*others, *needs.effects]):
                for node in statement.nodes:
                    yield from ast.walk(node)


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
