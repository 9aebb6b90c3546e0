"""The statements of a module that are about the app object, or about Blueprints: what each is for."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from converter.chalice.made import makes_object
from converter.chalice.registration import OF_APP_OBJECT, find_argument
from converter.python.imports import find_imports
from converter.python.module import Module, Statement

if TYPE_CHECKING:
    from converter.chalice.http.powertools import PowertoolsApi
    from converter.chalice.registration import ChaliceObject, Registration
    from converter.chalice.source import ChaliceSource

# Statements about the app object that mean something to Chalice alone.
_OWN_ATTRIBUTES = frozenset({"api", "debug", "websocket_api"})
_SESSIONS = ("boto3.Session", "boto3.session.Session")
_CHALICE_ONLY_CALLS = frozenset(
    {"experimental_feature_flags.update", "register_blueprint", "register_middleware"}
)


@dataclass
class AppStatements:
    """Those of a module, `kept` being the registrations that stay Chalice's.

    `external` are the names that other modules import from it. With `powertools` routes are Powertools'.
    """

    module: Module
    source: ChaliceSource
    external: frozenset[str]
    kept: Collection[Registration]
    powertools: PowertoolsApi | None

    def find_serving(self, module: Module) -> list[Statement]:
        """What makes the app object what it is, for handlers that stay Chalice's."""
        if not self.kept:
            return []
        kept = {found.statement for found in self.kept if found.kind == "middleware"}
        return [
            statement
            for statement in module.statements
            if (
                self.is_chalice_only(statement) and not (self.registers(statement) or self.is_idle(statement))
            )
            or statement.node in kept
            or self.brings_app(statement)
        ]

    def brings_app(self, statement: Statement) -> bool:
        """Whether it imports the app object, or calls what makes it."""
        found = [self.objects[name] for name in statement.names.binds if name in self.objects]
        return any(made.is_app and (statement.is_import or made.maker) for made in found)

    @cached_property
    def serving_imports(self) -> frozenset[ast.stmt]:
        """The imports of other modules in which the app object gets its views and middleware."""
        serving = {
            found.module.name
            for found in self.source.registrations
            if found.kind in OF_APP_OBJECT
            and found.module is not self.module
            and (self.powertools is None or getattr(self.source.owner(found), "is_app", False))
        }
        found = find_imports(self.module) if serving else ()
        return frozenset(each.node for each in found if each.name in serving)

    def find_views(self, module: Module) -> list[Statement]:
        """What serves routes: those of this module, the Blueprints that it registers, and other modules."""
        views = {found.statement for found in self.kept if found.kind == "route"} | self.source.registering
        return [
            statement
            for statement in module.statements
            if statement.node in views
            or (self.kept and self.registers(statement) and not self.is_idle(statement))
            or not self.serving_imports.isdisjoint(statement.nodes)
        ]

    def registers(self, statement: Statement) -> bool:
        """Whether it is `app.register_blueprint(...)`, or `add_routes(app)` with a function like that."""
        call = statement.node.value if isinstance(statement.node, ast.Expr) else None
        is_direct = isinstance(call, ast.Call) and self.path_of(call.func) == "register_blueprint"
        return is_direct or (call is not None and self.source.only_registers(call))

    def is_idle(self, statement: Statement) -> bool:
        """Whether it makes or registers a Blueprint that has nothing which stays Chalice's."""
        node = statement.node
        made: ChaliceObject | None = None
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            names = statement.names.binds - self.external
            made = next((self.objects[name] for name in names if name in self.objects), None)
        elif self.registers(statement) and isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            blueprint = find_argument(node.value, 0, "blueprint")
            if isinstance(blueprint, ast.Name):
                made = self.objects.get(blueprint.id)
            elif isinstance(blueprint, ast.Attribute):
                made = self.source.find_object(self.module, blueprint)
        if made is None or made.is_app:
            return False
        return not any(self.source.owner(found) in (None, made) for found in self.kept)

    def registers_middleware(self, statement: Statement) -> bool:
        """Whether it registers middleware of requests."""
        nodes = [node.value for node in statement.nodes if isinstance(node, ast.Expr)]
        found = (one for one in self.source.registrations if one.kind == "register_middleware")
        return any(one.decorator in nodes and self.source.is_of_requests(one) for one in found)

    @property
    def objects(self) -> dict[str, ChaliceObject]:
        return self.source.objects(self.module)

    def is_for_decorators(self, statement: Statement) -> bool:
        """`pool = CognitoUserPoolAuthorizer(...)` and the like."""
        node = statement.node
        return isinstance(node, ast.Assign) and makes_object(node.value, self.module)

    def is_chalice_only(self, statement: Statement) -> bool:
        """`app = Chalice(...)`, `app.debug = True`, `app.register_blueprint(...)` and the like."""
        return not self.sets_up_websockets(statement) and self._is_chalice_only(statement.node)

    def sets_up_websockets(self, statement: Statement) -> bool:
        """Whether it is `app.websocket_api.configure(...)`, or gives it a session of another region, say."""
        if self.powertools is None:
            return False
        node = statement.node
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            is_session = self.path_of(node.targets[0]) == "websocket_api.session"
            return is_session and not _makes_plain_session(node.value, self.module)
        call = node.value if isinstance(node, ast.Expr) else None
        return isinstance(call, ast.Call) and self.path_of(call.func) == "websocket_api.configure"

    def _is_chalice_only(self, node: ast.stmt) -> bool:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            if len(names) == len(targets) and self.objects.keys() >= set(names):
                return all(self.source.only_makes(self.objects[name]) for name in names)
            paths = [self.path_of(target) for target in targets]
            return None not in paths and (
                isinstance(node.value, ast.Constant)
                or {path.split(".")[0] for path in paths if path} <= _OWN_ATTRIBUTES
            )
        if isinstance(node, ast.AugAssign):
            return (self.path_of(node.target) or "").partition(".")[0] in _OWN_ATTRIBUTES
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            path = self.path_of(node.value.func) or ""
            return (
                self.source.only_registers(node.value)
                or path in _CHALICE_ONLY_CALLS
                or path.partition(".")[0] in _OWN_ATTRIBUTES
            )
        return False

    def path_of(self, node: ast.expr) -> str | None:
        """`debug` of `app.debug`, `api.cors` of `app.api.cors`."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        return ".".join(parts) if isinstance(node, ast.Name) and node.id in self.objects and parts else None


def _makes_plain_session(node: ast.expr, module: Module) -> bool:
    """Whether it is a session of boto3's like that which `boto3.client` uses."""
    made = node if isinstance(node, ast.Call) and not (node.args or node.keywords) else None
    return made is not None and module.dotted(made.func) in _SESSIONS
