"""What a Chalice project registers, of what its source shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.objects import owner_name, registered_kind
from converter.chalice.registration import (
    APP_PATH,
    DECORATORS,
    OF_APP_OBJECT,
    REGISTERING,
    REGISTERING_CALLS,
    REGISTERING_ON,
    ChaliceObject,
    Registration,
    find_argument,
    is_known,
)
from converter.model import Json
from converter.python.definitions import FunctionNode, Written
from converter.python.loops import loops_around, unroll
from converter.python.module import Module

if TYPE_CHECKING:
    from converter.chalice.source import ChaliceSource

# Blocks in which a name is bound once, and in the module.
_BRANCHES = (ast.If, ast.Try, ast.With, ast.ExceptHandler)


@dataclass
class Registrations:
    """The handlers, middleware and Blueprints that the source registers."""

    source: ChaliceSource
    _registered: set[ChaliceObject] = field(default_factory=set)

    def find(self) -> Iterator[Registration]:
        """Every handler that Chalice would register, those of app.py first."""
        modules = tuple(self.source.registering_modules())
        found = [
            one
            for module in modules
            for one in self._registrations_in(module, lambda made: made.call is self.source.app.call)
        ]
        for home in modules:
            for call in self._calls_of_app(home, "register_blueprint"):
                for bound in self._rounds_of(home, call):
                    found.extend(self._registrations_of_blueprint(home, call, modules, bound))
        for module in modules:
            for left in self._registrations_in(
                module, lambda made: not made.is_app and made not in self._registered
            ):
                reason = "no register_blueprint in app.py names what it is registered with"
                self.source.diagnostics.append(
                    codes.UNREGISTERED_BLUEPRINT.at(left.position, left.written, reason)
                )
                self.source.unregistered.append(left)
            self._report_unknown_owners(module)
        return iter(self._with_found_routes(found) if self.source.found_routes else found)

    def _with_found_routes(self, found: list[Registration]) -> Iterator[Registration]:
        """The registrations with the routes that only running app.py shows, in the place of unclear ones."""
        known: set[tuple[str, str]] = set()
        for each in found:
            routes = self._routes_of(each) if each.kind == "route" else set()
            if routes is not None:
                known |= routes
                yield each
            elif each.statement is not None:
                self.source.registering.add(each.statement)
        # Instead of what could not be made out of the source.
        self.source.diagnostics[:] = [
            each for each in self.source.diagnostics if each.code is not codes.DYNAMIC_HANDLER
        ]
        for route in self.source.found_routes:
            if (route.path, route.method) not in known:
                module = (
                    self.source.module(route.place[0])
                    if route.place and route.place[0] in self.source.files
                    else None
                )
                module = module or self.source.app_module
                call = route.write_call(module)
                place, subject = module.position(call), f"{route.method} {route.path}"
                self.source.diagnostics.append(
                    codes.HANDLER_INSIDE.at(place, subject, "only running app.py shows it")
                )
                yield Registration("route", module, call, None, holder=_statement_at(module, call.lineno))

    def _routes_of(self, registration: Registration) -> set[tuple[str, str]] | None:
        """The paths and methods of a route, None where the source does not show them."""
        arguments = self.source.arguments(registration)
        path, methods = arguments.get("path"), arguments.get("methods")
        if not isinstance(path, str) or not is_known(methods) or arguments.get("**") is not None:
            return None
        whole = "/".join([registration.url_prefix.rstrip("/"), path.strip("/")]).rstrip("/")
        return {(whole if registration.url_prefix else path, str(method)) for method in methods or ["GET"]}

    def _rounds_of(self, home: Module, call: ast.Call) -> list[Mapping[str, Written]]:
        """What the variables of the loop around a call stand for in each round; once nothing without one."""
        loop, *others = [*loops_around(call, home.parents), None]
        rounds = unroll(loop, home, self.source.find_module) if loop and not any(others) else None
        return [*rounds] if rounds is not None else [{}]

    def _registrations_of_blueprint(
        self, home: Module, call: ast.Call, modules: Iterable[Module], bound: Mapping[str, Written]
    ) -> Iterator[Registration]:
        def written(index: int, name: str) -> Written:
            node = find_argument(call, index, name) or ast.Constant(None)
            return bound.get(node.id, (node, home)) if isinstance(node, ast.Name) else (node, home)

        node, module = written(0, "blueprint")
        blueprint = self._find_object(module, node)
        if blueprint is None:
            self._report_dynamic(home, call, "the source does not show which Blueprint this is")
            return
        self._registered.add(blueprint)
        prefixes = [
            self.source.evaluate(*written(*place)) for place in ((1, "name_prefix"), (2, "url_prefix"))
        ]
        if not all(map(is_known, prefixes)):
            self._report_dynamic(home, call, "the source does not show its prefix")
            return
        for module in modules:
            yield from self._registrations_in(module, lambda made: made is blueprint, *map(_text, prefixes))

    def _find_object(self, home: Module, node: ast.expr) -> ChaliceObject | None:
        if isinstance(node, ast.Name):
            return self.source.objects(home).get(node.id)
        return self.source.find_object(home, node)

    def _calls_of_app(self, home: Module, attribute: str) -> Iterator[ast.Call]:
        """The calls of a method of the app object, which a function elsewhere may have been given."""
        if f".{attribute}(" not in home.source:
            return
        objects = {
            name for name, made in self.source.objects(home).items() if made.call is self.source.app.call
        }
        for node in home.nodes:
            owner = owner_name(node.func, attribute) if isinstance(node, ast.Call) else ""
            if owner in objects or (
                owner and home is not self.source.app_module and owner not in home.binders
            ):
                assert isinstance(node, ast.Call)
                yield node

    def _registrations_in(
        self,
        module: Module,
        is_wanted: Callable[[ChaliceObject], bool],
        name_prefix: str = "",
        url_prefix: str = "",
    ) -> Iterator[Registration]:
        names = {name for name, made in self.source.objects(module).items() if is_wanted(made)}
        given = self._given_names(module, is_wanted)
        if not names and not given:
            return
        decorators: set[int] = set()
        for node in module.all_statements:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for decorator in node.decorator_list:
                kind = registered_kind(decorator, names | given.get(node, set()))
                if kind is None:
                    continue
                decorators.add(id(decorator))
                if not isinstance(decorator, ast.Call):
                    self._report_dynamic(module, decorator, "Chalice's decorators are called: add ()")
                    continue
                holder = module.holder(node)
                found = Registration(kind, module, decorator, node, name_prefix, url_prefix, None, holder)
                if holder is None or self._is_lifted(found, holder):
                    yield found
        if len(REGISTERING.findall(module.source)) > len(decorators):
            # Not every mention is a decorator's, so the expressions have to be searched for others.
            yield from self._other_registrations(module, names, given, decorators, (name_prefix, url_prefix))

    def _given_names(
        self, module: Module, is_wanted: Callable[[ChaliceObject], bool]
    ) -> dict[ast.AST, set[str]]:
        """For each node inside of a function that is given such an object: the names that it goes by."""
        found: dict[ast.AST, set[str]] = {}
        for function in module.all_statements if self.source.handed.given else ():
            by_name = self.source.handed.given.get(function, {}) if isinstance(function, FunctionNode) else {}
            if names := {name for name, made in by_name.items() if any(map(is_wanted, made))}:
                for node in (inner for inner in ast.walk(function) if inner is not function):
                    found.setdefault(node, set()).update(names)
        for owner in module.tree.body if any("." in name for name in self.source.objects(module)) else ():
            in_class = self.source.objects_in_class(module, owner).items()
            if names := {name for name, made in in_class if is_wanted(made)}:
                for one in getattr(owner, "body", ()):
                    found.setdefault(one, set()).update(names)
        return found

    def _report_unknown_owners(self, module: Module) -> None:
        """Handlers of what a function is given, where no call shows that it is the app object."""
        functions = [one for one in module.all_statements if isinstance(one, FunctionNode)]
        for function in functions if registers_on_parameter(module) else ():
            names = _parameters(function) - self.source.handed.given.get(function, {}).keys()
            for node in ast.walk(function):
                for decorator in node.decorator_list if isinstance(node, FunctionNode) else ():
                    if node is function or not registered_kind(decorator, names):
                        continue
                    if self._is_named(function):
                        reason = f"no call shows that {function.name} is given the app object"
                        self._report_dynamic(module, decorator, reason)
                    else:
                        written = module.segment(decorator)
                        reason = f"nothing calls {function.name}"
                        self.source.diagnostics.append(
                            codes.UNREGISTERED_BLUEPRINT.at(module.position(decorator), f"@{written}", reason)
                        )

    def _is_named(self, function: FunctionNode) -> bool:
        """Whether anything of what is deployed names the function, beside its definition."""
        name = re.compile(rf"\b{function.name}\b".encode())
        paths = (APP_PATH, *self.source.library_paths)
        return sum(len(name.findall(self.source.files[path])) for path in paths) > 1

    def _is_lifted(self, found: Registration, holder: ast.stmt) -> bool:
        """Whether a handler inside of another statement can be what Chalice makes of it, with Chalice."""
        assert found.function is not None
        name = found.function.name
        blocks = found.module.blocks_around(found.function)
        if found.kind not in OF_APP_OBJECT and not all(isinstance(block, _BRANCHES) for block in blocks):
            # Lambda looks for the handler by its name in the module.
            self._report_dynamic(found.module, found.decorator, f"{name} is not defined at the top level")
            return False
        if self._always_registers(holder, found.function):
            return True
        where = getattr(holder, "name", f"line {holder.lineno}")
        reason = f"{where} decides whether it is registered; here it is"
        self.source.diagnostics.append(codes.HANDLER_INSIDE.at(found.position, name, reason))
        return True

    def _always_registers(self, holder: ast.stmt, node: ast.AST) -> bool:
        """Whether importing app.py runs it: at the top, in a class, or in a function called there."""
        is_run = isinstance(holder, ast.ClassDef) or holder in self.source.handed.run
        return node is holder or (is_run and node in getattr(holder, "body", ()))

    def _other_registrations(
        self,
        module: Module,
        names: set[str],
        given: Mapping[ast.AST, set[str]],
        decorators: set[int],
        prefixes: tuple[str, str],
    ) -> Iterator[Registration]:
        """Calls that register something; a decorator that is not written above a function is reported."""
        callers = {id(node.func): node for node in module.nodes if isinstance(node, ast.Call)}
        for node in module.nodes:
            if not isinstance(node, ast.Attribute):
                continue
            if owner_name(node, node.attr) not in names | given.get(node, set()):
                continue
            call = callers.get(id(node))
            if node.attr in REGISTERING_CALLS and call is not None:
                yield Registration(node.attr, module, call, None)
            elif node.attr in DECORATORS and decorators.isdisjoint({id(node), id(call)}):
                whole = callers.get(id(call), call) if call else node
                holder = module.holder(whole) if node.attr == "route" else None
                if holder is not None and call is not None and whole is not call:
                    # `app.route("/")(view)`: whatever the function is, the app object calls it.
                    found = Registration(node.attr, module, call, None, *prefixes, None, holder)
                    if not self._always_registers(holder, module.parents[whole]):
                        reason = "the decorator is not written above a function"
                        self.source.diagnostics.append(
                            codes.HANDLER_INSIDE.at(found.position, found.written, reason)
                        )
                    yield found
                else:
                    self._report_dynamic(module, whole, "the decorator is not written above a function")

    def _report_dynamic(self, module: Module, node: ast.expr, reason: str) -> None:
        written = module.segment(node)
        self.source.diagnostics.append(codes.DYNAMIC_HANDLER.at(module.position(node), written, reason))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _parameters(function: FunctionNode) -> set[str]:
    return {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}


def registers_on_parameter(module: Module) -> bool:
    """Whether a parameter of one of its functions may be what something is registered with."""
    owners = {found[1] for found in REGISTERING_ON.finditer(module.source)}
    functions = (one for one in module.all_statements if isinstance(one, FunctionNode))
    return any(not owners.isdisjoint(_parameters(function)) for function in functions)


def _statement_at(module: Module, line: int) -> ast.stmt | None:
    """The statement of the module that a line is part of, or the next one."""
    statements = (one for statement in module.statements for one in statement.nodes)
    return next((one for one in statements if (one.end_lineno or 0) >= line), None)
