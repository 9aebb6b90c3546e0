"""
The routes of a Powertools resolver as Chalice's views: the reverse of powertools.py.

What that has written is known word for word, so each of its rewritings is undone. An API that does anything
else with its resolver, or whose compatibility module somebody has changed, stays Powertools'.
"""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from converter.chalice.http import lambda_errors
from converter.chalice.http.compat_module import (
    COMPAT_MODULE,
    OF_WEBSOCKETS,
    WEBSOCKET_NAMES,
    Compat,
    read_compat,
    write_parts,
)
from converter.chalice.http.obstacles import Obstacle, ObstacleError
from converter.chalice.http.resolver_objects import (
    Log,
    ResolverObject,
    attribute_of,
    find_log,
    find_objects,
    read_included,
)
from converter.chalice.http.rules import Route, plain_route
from converter.chalice.http.settings import DEFAULT_BINARY_TYPES
from converter.chalice.http.view_module import ViewModule
from converter.chalice.registration import dotted_name
from converter.diagnostics import UnreadableError
from converter.model import Position
from converter.python.definitions import find_defined, star_imported
from converter.python.handed_objects import HandedObjects
from converter.python.imports import find_imports
from converter.python.module import Module, Statement, meaning_of, parse_module


def restore_views(
    app_name: str,
    files: Mapping[str, bytes],
    routes: Mapping[Route, tuple[str, ...]],
    authorizers: Collection[tuple[str, str]] = (),
    *,
    keeps_powertools: bool = False,
) -> Mapping[str, bytes] | Obstacle | None:
    """The files of an API's code as Chalice's, None if they make no resolver.

    `routes` are all those that reach it, each with further arguments of its decorator as Python.
    `authorizers` are the path and the name of functions that become authorizers of Chalice's. With
    `keeps_powertools` the views may return and raise what is Powertools'.
    """
    if not any(b"APIGatewayRestResolver" in data for path, data in files.items() if path.endswith(".py")):
        return None
    restorer = Restorer(app_name, files, routes, authorizers, keeps_powertools)
    try:
        return restorer.restore()
    except ObstacleError as error:
        return error.obstacle


@dataclass
class Restorer:
    app_name: str
    files: Mapping[str, bytes]
    routes: Mapping[Route, tuple[str, ...]]
    authorizers: Collection[tuple[str, str]]
    keeps_powertools: bool = False
    served: set[Route] = field(default_factory=set)
    kept_of_compat: set[str] = field(default_factory=set)

    def restore(self) -> Mapping[str, bytes] | None:
        if self.app is None:
            return None
        files = {path: data for path, data in self.files.items() if path != self.compat.path}
        for module in self.modules.values():
            if module.source == lambda_errors.write_for_powertools(self.compat.module):
                files[module.path] = lambda_errors.OF_CHALICE.encode()
            elif module.path in files:
                text = ViewModule(self, module).rewrite()
                self._check_imports(parse_module(module.path, text))
                if text != module.source:
                    files[module.path] = text.encode()
        if self.kept_of_compat:
            files[self.compat.path] = write_parts(self.kept_of_compat, OF_WEBSOCKETS).encode()
        missing = next((route for route in self.routes if plain_route(route) not in self.served), None)
        if missing:
            path, method = missing
            raise self.obstacle(self.app, f"{method} {path}", "no view of the resolver answers it")
        return files

    def _check_imports(self, module: Module) -> None:
        """That nothing imports what is gone."""
        for found in find_imports(module):
            names = {alias.name for alias in found.node.names}
            if found.name == self.compat.module and not names <= WEBSOCKET_NAMES:
                reason = "it is imported in a way that Chalice has nothing for"
                raise ObstacleError(module.position(found.node), COMPAT_MODULE, reason)

    def obstacle(self, made: ResolverObject, subject: str, reason: str) -> ObstacleError:
        return ObstacleError(made.module.position(made.statement.node), subject, reason)

    @cached_property
    def modules(self) -> dict[str, Module]:
        found: dict[str, Module] = {}
        for path, data in self.files.items():
            if path.endswith(".py"):
                try:
                    module = parse_module(path, data.decode())
                except (UnicodeDecodeError, UnreadableError):
                    if COMPAT_MODULE.encode() in data:
                        raise ObstacleError(Position(path, 1, 1), path, "it cannot be read") from None
                    continue
                found[module.name] = module
        return found

    @cached_property
    def objects(self) -> dict[str, ResolverObject]:
        """The resolver and the Routers, by dotted names."""
        return {made.dotted: made for module in self.modules.values() for made in find_objects(module)}

    @cached_property
    def app(self) -> ResolverObject | None:
        resolvers = [made for made in self.objects.values() if made.is_app]
        if len(resolvers) > 1:
            raise self.obstacle(resolvers[1], resolvers[1].name, "the code has another resolver")
        if resolvers and resolvers[0].name != "app":
            raise self.obstacle(resolvers[0], resolvers[0].name, "Chalice wants it to be called app")
        return resolvers[0] if resolvers else None

    @cached_property
    def asked(self) -> frozenset[tuple[str, str]]:
        """The paths and names of authorizers where they are defined, which others may import."""
        by_path = {module.path: module for module in self.modules.values()}
        found = (
            find_defined(by_path[path], name, self.modules.get)
            for path, name in self.authorizers
            if path in by_path
        )
        return frozenset((home.path, function.name) for home, function in filter(None, found))

    @cached_property
    def compat(self) -> Compat:
        assert self.app is not None
        found = [one for one in self.modules.values() if one.name.rpartition(".")[2] == COMPAT_MODULE]
        if len(found) != 1:
            raise self.obstacle(self.app, self.app.name, f"there is no {COMPAT_MODULE}.py beside it")
        compat = read_compat(found[0])
        if isinstance(compat, Statement):
            (module,) = found
            reason = "somebody has changed it since the conversion"
            raise ObstacleError(module.position(compat.node), meaning_of(compat).splitlines()[0], reason)
        return compat

    def resolve(self, dotted: str) -> ResolverObject | None:
        """The object that a dotted name stands for, through modules that hand it on."""
        seen: set[str] = set()
        while dotted not in self.objects and dotted not in seen:
            seen.add(dotted)
            owner, _, name = dotted.rpartition(".")
            module = self.modules.get(owner)
            dotted = module.imported.get(name, "") if module else ""
        return self.objects.get(dotted)

    def objects_in(self, module: Module) -> dict[str, ResolverObject]:
        """The objects by their names in a module."""
        own = {made.name: made for made in self.objects.values() if made.module is module}
        imported = (
            found for name, dotted in module.imported.items() for found in self._find_below(name, dotted)
        )
        starred = (
            made
            for other in star_imported(module, self.modules.get)
            for made in self.objects_in(other).items()
        )
        return {**dict(starred), **own, **dict(imported)}

    def _find_below(self, name: str, dotted: str) -> Iterator[tuple[str, ResolverObject]]:
        """The object that an imported name stands for, or those that the class has that it stands for."""
        if found := self.resolve(dotted):
            yield name, found
        elif dotted not in self.modules:
            for one, made in self.objects.items():
                if one.startswith(f"{dotted}."):
                    yield name + one.removeprefix(dotted), made

    @cached_property
    def handed(self) -> HandedObjects[ResolverObject]:
        """The functions that are given a resolver or a Router."""
        handed = HandedObjects[ResolverObject](self.modules.get)
        for module in self.modules.values():
            if objects := self.objects_in(module):
                handed.follow(module, module.nodes, objects)
        return handed

    @cached_property
    def log(self) -> Log | None:
        assert self.app is not None
        return self.find_log(self.app.module)

    def find_log(self, module: Module) -> Log | None:
        """The application's logger, as the module of the resolver or of another function sets it up."""
        log = find_log(module, self.compat.logger)
        if log is None or (self.app is not None and self.app.module is module):
            return log
        is_same = log.app_name.strip("\"'") == self.compat.logger
        return log if log.is_set_up and is_same else None

    def is_log(self, dotted: str) -> bool:
        """Whether an imported name stands for what was `app.log`."""
        owner, _, name = dotted.rpartition(".")
        if owner == self.compat.module:
            return name == "logger"
        log = self.find_log(self.modules[owner]) if owner in self.modules else None
        return log is not None and log.name == name

    @cached_property
    def has_cors(self) -> bool:
        """Whether `CORS = CORSConfig(...)`, below the app object, was that of the whole API."""
        assert self.app is not None
        binders = self.app.module.binders.get("CORS", [])
        places = self.app.module.places
        return (
            len(binders) == 1
            and isinstance(binders[0].node, ast.Assign)
            and places[binders[0].node] > places[self.app.statement.node]
        )

    def is_cors(self, node: ast.expr | None, module: Module) -> bool:
        assert self.app is not None
        if not self.has_cors or not isinstance(node, ast.Name):
            return False
        home = self.app.module
        return (module.dotted(node) or "") in (f"{home.name}.CORS", *(["CORS"] if module is home else []))

    @cached_property
    def prefixes(self) -> dict[str, list[str]]:
        """The prefixes below which an object's routes lie, by its dotted name."""
        found: dict[str, list[str]] = defaultdict(list)
        for module in self.modules.values():
            objects = self.objects_in(module)
            for node in module.nodes if objects else ():
                if isinstance(node, ast.Call) and attribute_of(node.func, objects) == "include_router":
                    router, prefix = read_included(node)
                    included = self.find_included(module, router)
                    if included is not None:
                        found[included.dotted].append(prefix or "")
        assert self.app is not None
        return {**found, self.app.dotted: [""]}

    def find_included(self, module: Module, router: ast.expr | None) -> ResolverObject | None:
        """The Router that an expression of a module is, by its name or by that of its class."""
        if router is None:
            return None
        found = self.objects_in(module).get(dotted_name(router))
        return found or self.objects.get(module.dotted(router) or "")

    def write_app(self) -> tuple[str, str]:
        """The call that makes the app object, and what is set up below it."""
        assert self.app is not None
        name = self.log.app_name if self.log else json.dumps(self.compat.logger or self.app_name)
        arguments = [f"app_name={name}"]
        if self.compat.debug:
            arguments.append("debug=True")
        if self.log and not self.log.is_set_up:
            arguments.append("configure_logs=False")
        types = f"{self.app.name}.api.binary_types"
        return f"Chalice({', '.join(arguments)})", "".join(_write_types(types, self.compat.binary_types))


def _write_types(target: str, types: tuple[str, ...]) -> Iterator[str]:
    default = DEFAULT_BINARY_TYPES
    if types == default:
        return
    added = types[len(default) :]
    if types[: len(default)] != default:
        yield f"{target} = {json.dumps(list(types))}\n"
    elif len(added) == 1:
        yield f"{target}.append({json.dumps(added[0])})\n"
    else:
        yield f"{target}.extend({json.dumps(list(added))})\n"
