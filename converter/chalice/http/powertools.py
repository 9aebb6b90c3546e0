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
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http import lambda_errors
from converter.chalice.http.compat_module import COMPAT_MODULE, OF_WEBSOCKETS, write_parts
from converter.chalice.http.imports import with_imports
from converter.chalice.http.names import ADDED, is_gone, without_current_app
from converter.chalice.http.obstacles import Obstacle, Obstacles
from converter.chalice.http.paths import TriedPaths
from converter.chalice.http.settings import find_edits_of_api
from converter.chalice.http.statements import StatementEdits
from converter.chalice.made import find_made
from converter.chalice.registration import MIDDLEWARES, find_argument
from converter.python.module import Module, Statement, parse_module, parse_statement

if TYPE_CHECKING:
    from converter.chalice.registration import ChaliceObject
    from converter.chalice.source import ChaliceSource
    from converter.diagnostics import Diagnostic
    from converter.model import Json

_IMPORT = re.compile(r"\bfrom\s+chalice(?:\.app)?\s+import\b")


@dataclass
class PowertoolsApi:
    """The rewriting of a project's API. `used` are the names of the compatibility module that it needs.

    `base_paths` are those of custom domains, below which requests come too.
    """

    source: ChaliceSource
    base_paths: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)
    _bound: dict[str, frozenset[str]] = field(default_factory=dict)
    _stand_ins: dict[ast.AST, tuple[str, str, str]] = field(default_factory=dict)

    # --- whether it can be done ---------------------------------------------------------
    def find_obstacle(self) -> Obstacle | None:
        """The first thing that the rewriting does not know."""
        return next(Obstacles(self).find(), None)

    def is_set_up_in(self, module: Module) -> bool:
        """Whether the app object is made or set up at the top of the module: so it is in app.py, too."""
        return module in (self.source.app_module, self.source.app.module)

    @cached_property
    def has_routes(self) -> bool:
        """Whether there is anything for a resolver to serve; if not, there are handlers of WebSockets."""
        return any(one.kind == "route" for one in self.source.registrations)

    def add_stand_in(self, module: Module, name: ast.expr) -> None:
        """Let an argument be an object that has no more than the WebSockets of the app object."""
        parent = module.parents[name]
        call = module.parents[parent] if isinstance(parent, ast.keyword) else parent
        self._stand_ins[name] = (module.path, ast.unparse(call), ast.unparse(name))

    def has_stand_in(self, module: Module, call: ast.Call, argument: ast.expr) -> bool:
        """Whether an argument of a call is one of these."""
        return (module.path, ast.unparse(call), ast.unparse(argument)) in self._stand_ins.values()

    def stands_for(self, name: ast.AST) -> bool:
        """Whether a name in the source becomes such an object."""
        return name in self._stand_ins

    @cached_property
    def shows_debug(self) -> bool:
        """Whether the source shows the value of `app.debug`, which the compatibility module then has."""
        app = self.source.app
        argument = find_argument(app.call, 1, "debug")
        written = [(app.module, argument)] if argument is not None else []
        for module in self.modules:
            for node in module.all_statements if ".debug" in module.source else ():
                if isinstance(node, ast.Assign) and _is_debug(node.targets[0]):
                    if not self.is_set_up_in(module) or node not in module.tree.body:
                        return False
                    written.append((module, node.value))
        return all(isinstance(self.source.evaluate(node, module), bool) for module, node in written)

    def objects_at(self, module: Module, node: ast.stmt) -> dict[str, ChaliceObject]:
        """The names in a statement of a module that stand for the app object or a Blueprint.

        A function may be given them; what may be either is asked for no more than both have.
        """
        objects = self.source.objects(module)
        for function, given in self.source.handed.given_in(module).items():
            if function.name == getattr(node, "name", ""):
                chosen = {name: min(made, key=lambda one: one.is_app) for name, made in given.items()}
                return objects | chosen
        in_class = self.source.objects_in_class(module, node)
        return objects | in_class if in_class else objects

    def objects_of_nodes(self, module: Module) -> Iterator[tuple[ast.AST, dict[str, ChaliceObject]]]:
        """The nodes of a module, each with the names that stand for such an object there."""
        objects = self.source.objects(module)
        given = {
            node: self.objects_at(module, owner)
            for owner in module.tree.body
            if self.objects_at(module, owner) is not objects
            for node in ast.walk(owner)
        }
        return ((node, given.get(node, objects)) for node in module.nodes)

    @cached_property
    def logs_elsewhere(self) -> bool:
        """Whether other modules than the app object's, or functions that are given it, write to its log."""
        made_in = self.source.app.module
        return "ApiResolver" in self.used or any(
            isinstance(node, ast.Attribute)
            and node.attr == "log"
            and isinstance(owner := without_current_app(node.value), ast.Name)
            and owner.id in objects
            # There, it has a logger of its own for what it makes.
            and (module is not made_in or objects is not self.source.objects(module))
            for module in self.modules
            for node, objects in self.objects_of_nodes(module)
        )

    def find_cors(self) -> ast.expr | None:
        """The CORSConfig that `app.api.cors` is set to."""
        for home, node, _ in find_edits_of_api(self.source, "cors"):
            if isinstance(node, ast.Assign):
                made = find_made(node.value, home, self.source)
                if made is not None and made.kind == "CORSConfig":
                    return node.value
        return None

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
            is_called = one in self.source.decorators or self.source.is_of_requests(one)
            if one.kind in MIDDLEWARES and not is_called:
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
        return tuple(dict.fromkeys([*found, *self.source.handed.homes.values()]))

    # --- modules ---------------------------------------------------------------------------

    def rewrite_module(self, module: Module, external: Collection[str] = ()) -> Module:
        """A module of chalicelib/ that has no Lambda functions of its own.

        `external` are the names that other modules import from it.
        """
        if module.source == lambda_errors.OF_CHALICE:
            self.used.add("Response")
            return parse_module(module.path, lambda_errors.write_for_powertools(COMPAT_MODULE))
        kept = [one for one in module.statements if not is_gone(one, module)]
        changed = [self.rewrite(one, module) for one in kept]
        return module.with_statements(self.with_imports(changed, module, external))

    def with_imports(
        self, statements: Iterable[Statement], module: Module, external: Collection[str] = ()
    ) -> list[Statement]:
        """The statements with imports of what takes the place of Chalice's names."""
        return with_imports(statements, module, external, self.used)

    def bound_in(self, module: Module) -> frozenset[str]:
        """The names of `ADDED` that stand for something else anywhere in the module."""
        if module.path not in self._bound:
            written = ("id", "arg", "name", "asname")
            found = {getattr(node, part, None) for node in module.nodes for part in written}
            self._bound[module.path] = frozenset(name for name in ADDED if name in found)
        return self._bound[module.path]

    # --- statements -------------------------------------------------------------------------

    def rewrite(self, statement: Statement, module: Module) -> Statement:
        """The statement with routes of Powertools', and requests as the compatibility module has them."""
        objects = self.objects_at(module, statement.node)
        if statement.is_import or not self._speaks_of_chalice(statement, module, objects):
            return statement
        text = StatementEdits(self, module, objects, statement).rewrite()
        if text == statement.text:
            return statement
        return replace(parse_statement(text, statement), self_contained=statement.self_contained)

    def _speaks_of_chalice(self, statement: Statement, module: Module, objects: Collection[str]) -> bool:
        known = {name.partition(".")[0] for name in objects}
        return (
            objects is not self.source.objects(module)
            or _IMPORT.search(statement.text) is not None
            or any(
                name in known or module.imported.get(name, "").split(".")[0] == "chalice"
                for name in statement.names.uses | statement.names.binds
            )
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
        text = write_parts(self.used, "" if self.has_routes else OF_WEBSOCKETS)
        types = "".join(f"    {json.dumps(each)},\n" for each in binary_types)
        text = text.replace('["BINARY_TYPES"]', f"[\n{types}]")
        text = text.replace('"APP_NAME"', json.dumps(self.source.app_name or "app"))
        return text.replace("DEBUG = False", f"DEBUG = {debug}")


def _is_debug(node: ast.expr) -> bool:
    """Whether it is `app.debug`, or what may be that."""
    return isinstance(node, ast.Attribute) and node.attr == "debug" and isinstance(node.value, ast.Name)
