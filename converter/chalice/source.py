"""What the source of a Chalice project registers: the app object, blueprints and handlers.

Found by reading, never by running. Chalice's own rules are followed: the object is
`app` in app.py (chalice/cli/factory.py), and a Lambda function's handler is the
module and `__name__` of the decorated function (chalice/app.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.schedules import SCHEDULES
from converter.diagnostics import Diagnostic, Fields, UnreadableError
from converter.files import decode_text
from converter.model import Json, Position
from converter.python.constants import UNKNOWN, evaluate
from converter.python.handed import HandedObjects, find_defined, find_function, star_imported
from converter.python.loops import Written, loops_around, unroll
from converter.python.module import Module, is_text, parse_module
from converter.python.spread import spread

if TYPE_CHECKING:
    from converter.chalice.introspection import FoundRoute

APP_PATH = "app.py"
APP_CLASSES = frozenset({"chalice.Chalice", "chalice.app.Chalice"})
BLUEPRINT_CLASSES = frozenset({"chalice.Blueprint", "chalice.app.Blueprint"})

# The decorators of chalice.app.DecoratorAPI with their positional parameters.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "authorizer": ("ttl_seconds", "execution_role", "name", "header"),
    "lambda_function": ("name",),
    "middleware": ("event_type",),
    "on_cw_event": ("event_pattern", "name"),
    "on_dynamodb_record": (
        "stream_arn",
        "batch_size",
        "starting_position",
        "name",
        "maximum_batching_window_in_seconds",
    ),
    "on_kinesis_record": (
        "stream",
        "batch_size",
        "starting_position",
        "name",
        "maximum_batching_window_in_seconds",
    ),
    "on_s3_event": ("bucket", "events", "prefix", "suffix", "name"),
    "on_sns_message": ("topic", "name"),
    "on_sqs_message": (
        "queue",
        "batch_size",
        "name",
        "queue_arn",
        "maximum_batching_window_in_seconds",
        "maximum_concurrency",
    ),
    "on_ws_connect": ("name",),
    "on_ws_disconnect": ("name",),
    "on_ws_message": ("name",),
    "route": ("path",),
    "schedule": ("expression", "name", "description"),
    "register_middleware": ("func", "event_type"),
}
REGISTERING_CALLS = frozenset({"register_middleware"})
DECORATORS = frozenset(PARAMETERS) - REGISTERING_CALLS
# Those that let events of a service invoke a Lambda function of their own.
EVENT_DECORATORS = (
    "on_cw_event",
    "on_dynamodb_record",
    "on_kinesis_record",
    "on_s3_event",
    "on_sns_message",
    "on_sqs_message",
    "schedule",
)
# Those that register middleware.
MIDDLEWARES = frozenset({"middleware", "register_middleware"})
# What middleware of each type is called for, beside HTTP and WebSockets (chalice.app._MIDDLEWARE_MAPPING).
_WRAPPED: Mapping[str, tuple[str, ...]] = {
    "s3": ("on_s3_event",),
    "sns": ("on_sns_message",),
    "sqs": ("on_sqs_message",),
    "cloudwatch": ("on_cw_event",),
    "scheduled": ("schedule",),
    "pure_lambda": ("lambda_function",),
    "kinesis": ("on_kinesis_record",),
    "dynamodb": ("on_dynamodb_record",),
}
# Those of a WebSocket API's handlers, with the names that Chalice gives their functions.
WEBSOCKET_FUNCTIONS = {
    "on_ws_connect": "websocket_connect",
    "on_ws_message": "websocket_message",
    "on_ws_disconnect": "websocket_disconnect",
}
# Those whose handlers are called by the app object, wherever they are defined.
OF_APP_OBJECT = frozenset({"authorizer", "middleware", "route"})
# The name of the function that serves all routes.
API_FUNCTION = "api_handler"
# Its logical id, which is not spelled as those of other functions are (chalice.package).
API_ID = "APIHandler"
# Those that need an API Gateway.
API_DECORATORS = frozenset({"authorizer", "route", *WEBSOCKET_FUNCTIONS})
_REGISTERING = re.compile(
    rf"\.(?:{'|'.join(sorted(DECORATORS | REGISTERING_CALLS | {'register_blueprint'}))})\b"
)
_REGISTERING_ON = re.compile(rf"\b(\w+){_REGISTERING.pattern}")
# `register_blueprint(`, at the end of what stands before its argument.
_REGISTERED = re.compile(r"register_blueprint\(\s*(?:blueprint\s*=)?$")
# What a function may set of the app object that it makes.
_OF_APP = re.compile(r"\w+\.(?:api\.\w+|debug)")
REGISTERING_BYTES = re.compile(_REGISTERING.pattern.encode())

# What `from chalice import *` binds, but for the module `app`, which applications have of their own.
_EXPORTED = frozenset(
    """
    AuthResponse AuthRoute BadRequestError Blueprint CORSConfig Chalice ChaliceUnhandledError ChaliceViewError
    CognitoUserPoolAuthorizer ConflictError ConvertToMiddleware Cron CustomAuthorizer ForbiddenError
    IAMAuthorizer NotFoundError Rate Response TooManyRequestsError UnauthorizedError UnprocessableEntityError
    WebsocketDisconnectedError
    """.split()
)
_STAR_IMPORT = re.compile(r"^from chalice import \*", re.MULTILINE)

# Blocks in which a name is bound once, and in the module.
_BRANCHES = (ast.If, ast.Try, ast.With, ast.ExceptHandler)

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class ChaliceObject:
    """A `Chalice(...)` or `Blueprint(...)` that a module makes, or a function of it, its `maker`."""

    module: Module
    call: ast.Call
    is_app: bool
    is_subclass: bool = False
    maker: FunctionNode | None = None

    @property
    def position(self) -> Position:
        return self.module.position(self.call)

    @property
    def name_in_maker(self) -> str:
        return _returned_name(self.maker) if self.maker else ""


@dataclass(frozen=True, eq=False)
class Registration:
    """One decorator on one function, or one call that registers something.

    `function` is None for a call without a function of its own. Where the decorated function only
    calls this one, `called_in` is the module in which it finds it: that of the function, or one
    that imports it. `holder` is the statement of the module that the function is defined inside of, if any.
    """

    kind: str
    module: Module
    decorator: ast.Call
    function: FunctionNode | None
    name_prefix: str = ""
    url_prefix: str = ""
    called_in: Module | None = None
    holder: ast.stmt | None = None

    @property
    def statement(self) -> ast.stmt | None:
        """The statement of its module that registers it, of those with a function."""
        return self.holder or self.function

    @property
    def home(self) -> Module:
        """The module that the Lambda function has for itself."""
        return self.called_in or self.module

    @property
    def position(self) -> Position:
        return self.module.position(self.decorator)

    @property
    def text(self) -> str:
        """The function's own source."""
        node = self.function or self.decorator
        return "".join(self.module.lines[node.lineno - 1 : node.end_lineno])

    def written_argument(self, name: str) -> str:
        """The argument as the user wrote it."""
        parameters = PARAMETERS[self.kind]
        index = parameters.index(name) if name in parameters else len(self.decorator.args)
        node = find_argument(self.decorator, index, name)
        return self.module.segment(node) if node else ""

    @property
    def written(self) -> str:
        """The decorator as the user wrote it."""
        return "@" + (self.module.segment(self.decorator) or self.kind)


@dataclass
class ChaliceSource:
    """The deployed Python of a Chalice project: app.py and chalicelib/.

    `wrappers` are handlers that only call another, which stands in for them. `variables` are the environment
    variables that Chalice sets before it imports app.py, UNKNOWN where its stages differ. `found_routes` are
    those that running app.py has shown, `registering` the statements that the source shows to register some.
    `unregistered` are the handlers of Blueprints that app.py does not register.

    Raises UnreadableError when app.py does not parse or makes no Chalice object.
    """

    files: Mapping[str, bytes]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    wrappers: set[FunctionNode] = field(default_factory=set)
    variables: Mapping[str, Json] = field(default_factory=dict)
    found_routes: tuple[FoundRoute, ...] = ()
    registering: set[ast.stmt] = field(default_factory=set)
    unregistered: list[Registration] = field(default_factory=list)
    _makers: dict[FunctionNode, ChaliceObject] = field(default_factory=dict)
    _registered: set[ChaliceObject] = field(default_factory=set)
    _modules: dict[str, Module | None] = field(default_factory=dict)
    _objects: dict[str, dict[str, ChaliceObject]] = field(default_factory=dict)

    @cached_property
    def app_module(self) -> Module:
        return self._parse(APP_PATH)

    @cached_property
    def app(self) -> ChaliceObject:
        made = {id(found.call): found for found in self.objects(self.app_module).values() if found.is_app}
        if not made:
            raise UnreadableError(
                codes.NO_CHALICE_OBJECT.at(
                    Position(APP_PATH, 1, 1), "app.py", "it makes no Chalice object and imports none"
                )
            )
        if len(made) > 1:
            first, second, *_ = made.values()
            reason = f"another Chalice object is made at {first.position}"
            raise UnreadableError(codes.SEVERAL_CHALICE_OBJECTS.at(second.position, _segment(second), reason))
        return next(iter(made.values()))

    @cached_property
    def app_name(self) -> str | None:
        """The name given to `Chalice(app_name=...)`, where the source shows it."""
        value = self._argument(self.app.module, self.app.call, 0, "app_name")
        return value if isinstance(value, str) else None

    def module(self, path: str) -> Module | None:
        """The deployed module at `path`; None, with a diagnostic, where it does not parse."""
        if path == APP_PATH:
            return self.app_module
        if path not in self._modules:
            try:
                self._modules[path] = self._parse(path)
            except UnreadableError as error:
                self._modules[path] = None
                self.diagnostics.extend(error.diagnostics)
        return self._modules[path]

    def _parse(self, path: str) -> Module:
        """The module, in which `from chalice import *` names what is used; every line stays where it is."""
        text = decode_text(path, self.files[path])
        if _STAR_IMPORT.search(text):
            names = ", ".join(sorted(_EXPORTED.intersection(re.findall(r"\w+", text))))
            text = _STAR_IMPORT.sub(f"from chalice import {names}", text) if names else text
        return parse_module(path, text)

    def find_module(self, dotted: str) -> Module | None:
        """The deployed module that is imported as `dotted`."""
        base = dotted.replace(".", "/")
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if path in self.files and (path == APP_PATH or path.startswith("chalicelib/")):
                return self.module(path)
        return None

    @cached_property
    def library_paths(self) -> tuple[str, ...]:
        """The Python files of chalicelib/."""
        return tuple(path for path in self.files if path.startswith("chalicelib/") and path.endswith(".py"))

    def objects(self, module: Module) -> dict[str, ChaliceObject]:
        """The names in `module` that stand for a Chalice or Blueprint object."""
        if module.path not in self._objects:
            self._objects[module.path] = found = {}
            for name, dotted in module.imported.items():
                owner, _, attribute = dotted.rpartition(".")
                other = self.find_module(owner) if owner and not owner.startswith("chalice.") else None
                for known, made in self.objects(other).items() if other and other is not module else ():
                    if known.partition(".")[0] == attribute:
                        found[name + known.removeprefix(attribute)] = made
            for other in star_imported(module, self.find_module):
                public = {name: made for name, made in self.objects(other).items() if name[0] != "_"}
                found.update(public)
            for statement in module.statements:
                for node in statement.nodes:
                    self._add_made_object(module, node, found)
                    if isinstance(node, ast.ClassDef):
                        found.update(self._find_made_in_class(module, node))
        return self._objects[module.path]

    def _find_made_in_class(self, module: Module, node: ast.ClassDef) -> Iterator[tuple[str, ChaliceObject]]:
        """The Blueprints that a class has as attributes, as `Class.blueprint`."""
        for one in node.body:
            if not isinstance(one, ast.Assign) or not isinstance(one.value, ast.Call):
                continue
            if module.dotted(one.value.func) in BLUEPRINT_CLASSES:
                made = ChaliceObject(module, one.value, is_app=False)
                names = [target.id for target in one.targets if isinstance(target, ast.Name)]
                yield from ((f"{node.name}.{name}", made) for name in names)

    def objects_in_class(self, module: Module, node: ast.AST) -> dict[str, ChaliceObject]:
        """The Blueprints that a class has, by their names in its body."""
        start = f"{getattr(node, 'name', '')}."
        objects = self.objects(module).items() if isinstance(node, ast.ClassDef) else ()
        return {name.removeprefix(start): made for name, made in objects if name.startswith(start)}

    def _add_made_object(self, module: Module, node: ast.stmt, found: dict[str, ChaliceObject]) -> None:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        made: ChaliceObject | None = None
        if isinstance(node.value, ast.Name):
            made = found.get(node.value.id)
        elif isinstance(node.value, ast.Attribute):
            made = self.find_object(module, node.value)
        elif isinstance(node.value, ast.Call):
            dotted = module.dotted(node.value.func)
            if dotted in APP_CLASSES or dotted in BLUEPRINT_CLASSES:
                made = ChaliceObject(module, node.value, dotted in APP_CLASSES)
            elif base := self._chalice_base(module, dotted):
                made = ChaliceObject(module, node.value, base in APP_CLASSES, is_subclass=True)
            elif maker := self.find_function(module, node.value.func):
                made = self._made_by(*maker)
            elif names == ["app"] and module.path == APP_PATH and self._is_used_as_app(module, node.value):
                made = ChaliceObject(module, node.value, is_app=True, is_subclass=True)
        if made is not None:
            found.update(dict.fromkeys(names, made))

    def _made_by(self, module: Module, maker: FunctionNode) -> ChaliceObject | None:
        """The object that a function makes and returns."""
        name = _returned_name(maker)
        for statement in maker.body if maker not in self._makers else ():
            if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
                continue
            dotted = module.dotted(statement.value.func)
            is_returned = any(isinstance(one, ast.Name) and one.id == name for one in statement.targets)
            if is_returned and (dotted in APP_CLASSES or dotted in BLUEPRINT_CLASSES):
                made = ChaliceObject(module, statement.value, dotted in APP_CLASSES, maker=maker)
                self._makers[maker] = made
        return self._makers.get(maker)

    def _is_used_as_app(self, module: Module, call: ast.Call) -> bool:
        """Whether app.py uses what a library's class makes as Chalice's app object is used."""
        handlers = (node for node in module.tree.body if isinstance(node, FunctionNode))
        has_name = any(each.arg == "app_name" for each in call.keywords)
        is_used = has_name or (
            any(each.partition(".")[0] == "chalice" for each in module.imported.values())
            and any(_registered_kind(each, {"app"}) for one in handlers for each in one.decorator_list)
        )
        return is_used and self._is_of_library(module, module.dotted(call.func) or "")

    def _is_of_library(self, module: Module, dotted: str) -> bool:
        """Whether a class is defined, or derives from one that is, in what is not part of the project."""
        owner, _, name = dotted.rpartition(".")
        if owner:
            return owner.partition(".")[0] != "chalice" and self.find_module(owner) is None
        classes = [one.node for one in module.binders.get(name, ()) if isinstance(one.node, ast.ClassDef)]
        bases = [module.dotted(base) or "" for one in classes for base in one.bases]
        return any(base != name and self._is_of_library(module, base) for base in bases)

    def _chalice_base(self, module: Module, dotted: str | None) -> str | None:
        """The class of Chalice's that a class of the project's own derives from."""
        owner, _, name = (dotted or "").rpartition(".")
        home = self.find_module(owner) if owner else module
        for statement in home.binders.get(name, []) if home else []:
            if isinstance(statement.node, ast.ClassDef) and home is not None:
                for base in (home.dotted(base) for base in statement.node.bases):
                    if base in APP_CLASSES or base in BLUEPRINT_CLASSES:
                        return base
                    if base != name and (found := self._chalice_base(home, base)):
                        return found
        return None

    @cached_property
    def registrations(self) -> tuple[Registration, ...]:
        """Every handler that Chalice would register, those of app.py first."""
        modules = tuple(self._registering_modules())
        found = [
            one
            for module in modules
            for one in self._registrations_in(module, lambda made: made.call is self.app.call)
        ]
        for home in modules:
            for call in self._calls_of_app(home, "register_blueprint"):
                for bound in self._rounds_of(home, call):
                    found.extend(self._registrations_of_blueprint(home, call, modules, bound))
        for module in modules:
            for left in self._registrations_in(
                module, lambda made: made.call is not self.app.call and made not in self._registered
            ):
                reason = "no register_blueprint in app.py names what it is registered with"
                self.diagnostics.append(codes.UNREGISTERED_BLUEPRINT.at(left.position, left.written, reason))
                self.unregistered.append(left)
            self._report_unknown_owners(module)
        return tuple(self._with_found_routes(found) if self.found_routes else found)

    def _with_found_routes(self, found: list[Registration]) -> Iterator[Registration]:
        """The registrations with the routes that only running app.py shows, in the place of unclear ones."""
        known: set[tuple[str, str]] = set()
        for each in found:
            routes = self._routes_of(each) if each.kind == "route" else set()
            if routes is not None:
                known |= routes
                yield each
            elif each.statement is not None:
                self.registering.add(each.statement)
        # Instead of what could not be made out of the source.
        self.diagnostics[:] = [each for each in self.diagnostics if each.code is not codes.DYNAMIC_HANDLER]
        for route in self.found_routes:
            if (route.path, route.method) not in known:
                module = self.module(route.place[0]) if route.place and route.place[0] in self.files else None
                module = module or self.app_module
                call = route.write_call(module)
                place, subject = module.position(call), f"{route.method} {route.path}"
                self.diagnostics.append(
                    codes.HANDLER_INSIDE.at(place, subject, "only running app.py shows it")
                )
                yield Registration("route", module, call, None, holder=_statement_at(module, call.lineno))

    def _routes_of(self, registration: Registration) -> set[tuple[str, str]] | None:
        """The paths and methods of a route, None where the source does not show them."""
        arguments = self.arguments(registration)
        path, methods = arguments.get("path"), arguments.get("methods")
        if not isinstance(path, str) or not is_known(methods) or arguments.get("**") is not None:
            return None
        whole = "/".join([registration.url_prefix.rstrip("/"), path.strip("/")]).rstrip("/")
        return {(whole if registration.url_prefix else path, str(method)) for method in methods or ["GET"]}

    def _registering_modules(self) -> Iterator[Module]:
        """app.py, and the modules of chalicelib/ in which something may be registered."""
        yield self.app_module
        for path in self.library_paths:
            module = self.module(path) if REGISTERING_BYTES.search(self.files[path]) else None
            if module is not None:
                yield module

    def _rounds_of(self, home: Module, call: ast.Call) -> list[Mapping[str, Written]]:
        """What the variables of the loop around a call stand for in each round; once nothing without one."""
        loop, *others = [*loops_around(call, home.parents), None]
        rounds = unroll(loop, home, self.find_module) if loop and not any(others) else None
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
        prefixes = [self.evaluate(*written(*place)) for place in ((1, "name_prefix"), (2, "url_prefix"))]
        if not all(map(is_known, prefixes)):
            self._report_dynamic(home, call, "the source does not show its prefix")
            return
        for module in modules:
            yield from self._registrations_in(module, lambda made: made is blueprint, *map(_text, prefixes))

    def _find_object(self, home: Module, node: ast.expr) -> ChaliceObject | None:
        if isinstance(node, ast.Name):
            return self.objects(home).get(node.id)
        return self.find_object(home, node)

    def find_object(self, module: Module, node: ast.expr) -> ChaliceObject | None:
        """What `other.app` is, written in `module`, where that imports the module `other`, or has a class."""
        if (written := dotted_name(node)) in self.objects(module) and "." in written:
            return self.objects(module)[written]
        owner, _, name = (module.dotted(node) or "").rpartition(".")
        home = self.find_module(owner) if owner else None
        if home is None:
            # `module.Class.blueprint`
            owner, _, of_class = owner.rpartition(".")
            home, name = self.find_module(owner) if owner else None, f"{of_class}.{name}"
        return self.objects(home).get(name) if home and home is not module else None

    def owner(self, registration: Registration) -> ChaliceObject | None:
        """The object that something is registered with, None where it has no name in its module."""
        name = _owner_name(registration.decorator.func, registration.kind)
        return self.objects(registration.module).get(name)

    def _calls_of_app(self, home: Module, attribute: str) -> Iterator[ast.Call]:
        """The calls of a method of the app object, which a function elsewhere may have been given."""
        if f".{attribute}(" not in home.source:
            return
        objects = {name for name, made in self.objects(home).items() if made.call is self.app.call}
        for node in home.nodes:
            owner = _owner_name(node.func, attribute) if isinstance(node, ast.Call) else ""
            if owner in objects or (owner and home is not self.app_module and owner not in home.binders):
                assert isinstance(node, ast.Call)
                yield node

    def _registrations_in(
        self,
        module: Module,
        is_wanted: Callable[[ChaliceObject], bool],
        name_prefix: str = "",
        url_prefix: str = "",
    ) -> Iterator[Registration]:
        names = {name for name, made in self.objects(module).items() if is_wanted(made)}
        given = self._given_names(module, is_wanted)
        if not names and not given:
            return
        decorators: set[int] = set()
        for node in module.all_statements:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for decorator in node.decorator_list:
                kind = _registered_kind(decorator, names | given.get(node, set()))
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
        if len(_REGISTERING.findall(module.source)) > len(decorators):
            # Not every mention is a decorator's, so the expressions have to be searched for others.
            yield from self._other_registrations(module, names, given, decorators, (name_prefix, url_prefix))

    # --- objects that functions are given --------------------------------------------------

    @cached_property
    def handed(self) -> HandedObjects[ChaliceObject]:
        """The functions that are given a Chalice object."""
        handed = HandedObjects[ChaliceObject](self.find_module)
        modules = tuple(self._registering_modules())
        for maker, made in self._makers.items():
            handed.given[maker] = {made.name_in_maker: {made}}
        if self._makers or any(_registers_on_parameter(one) or self._hands_on(one) for one in modules):
            for module in modules:
                handed.follow(module, module.nodes, self.objects(module))
            for maker, made in self._makers.items():
                handed.follow(made.module, ast.walk(maker), {made.name_in_maker: made})
        return handed

    def _hands_on(self, module: Module) -> bool:
        """Whether an object may be an argument of more than what registers it."""
        names = "|".join(self.objects(module))
        found = re.finditer(rf"[(,=]\s*(?:{names})\s*[,)]", module.source) if names else ()
        return any(
            not _REGISTERED.search(module.source, max(0, one.start() - 60), one.start() + 1) for one in found
        )

    @property
    def _given(self) -> Mapping[FunctionNode, Mapping[str, set[ChaliceObject]]]:
        return self.handed.given

    def find_function(self, module: Module, node: ast.expr) -> tuple[Module, FunctionNode] | None:
        """The function of the project's own that an expression stands for, and where it is defined."""
        return find_function(module, node, self.find_module)

    def find_defined(self, module: Module, name: str) -> tuple[Module, FunctionNode] | None:
        """The function that goes by a name in a module, and where it is defined."""
        return find_defined(module, name, self.find_module)

    def only_registers(self, node: ast.expr) -> bool:
        """Whether it is a call that gives the app object to a function which only registers handlers."""
        function = self.handed.calls.get(node) if isinstance(node, ast.Call) else None
        return function is not None and all(map(self._is_registering, function.body))

    def only_makes(self, made: ChaliceObject) -> bool:
        """Whether the function that makes an object does no more than that, and register handlers."""
        return made.maker is None or all(
            self._is_registering(statement)
            or isinstance(statement, ast.Return)
            or made.call is getattr(statement, "value", None)
            for statement in made.maker.body
        )

    def _is_registering(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            return all(_OF_APP.fullmatch(ast.unparse(target)) for target in statement.targets)
        if not isinstance(statement, ast.Expr):
            return isinstance(statement, (ast.Pass, FunctionNode))
        call = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Call):
            call = call.func  # app.route("/")(view)
        text = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        is_direct = _REGISTERING_ON.fullmatch(text) is not None
        return is_text(statement) or is_direct or self.only_registers(call)

    def _given_names(
        self, module: Module, is_wanted: Callable[[ChaliceObject], bool]
    ) -> dict[ast.AST, set[str]]:
        """For each node inside of a function that is given such an object: the names that it goes by."""
        found: dict[ast.AST, set[str]] = {}
        for function in module.all_statements if self._given else ():
            by_name = self._given.get(function, {}) if isinstance(function, FunctionNode) else {}
            if names := {name for name, made in by_name.items() if any(map(is_wanted, made))}:
                for node in (inner for inner in ast.walk(function) if inner is not function):
                    found.setdefault(node, set()).update(names)
        for owner in module.tree.body if any("." in name for name in self.objects(module)) else ():
            in_class = self.objects_in_class(module, owner).items()
            if names := {name for name, made in in_class if is_wanted(made)}:
                for one in getattr(owner, "body", ()):
                    found.setdefault(one, set()).update(names)
        return found

    def _report_unknown_owners(self, module: Module) -> None:
        """Handlers of what a function is given, where no call shows that it is the app object."""
        functions = [one for one in module.all_statements if isinstance(one, FunctionNode)]
        for function in functions if _registers_on_parameter(module) else ():
            names = _parameters(function) - self._given.get(function, {}).keys()
            for node in ast.walk(function):
                for decorator in node.decorator_list if isinstance(node, FunctionNode) else ():
                    if node is function or not _registered_kind(decorator, names):
                        continue
                    if self._is_named(function):
                        reason = f"no call shows that {function.name} is given the app object"
                        self._report_dynamic(module, decorator, reason)
                    else:
                        written = module.segment(decorator)
                        reason = f"nothing calls {function.name}"
                        self.diagnostics.append(
                            codes.UNREGISTERED_BLUEPRINT.at(module.position(decorator), f"@{written}", reason)
                        )

    def _is_named(self, function: FunctionNode) -> bool:
        """Whether anything of what is deployed names the function, beside its definition."""
        name = re.compile(rf"\b{function.name}\b".encode())
        paths = (APP_PATH, *self.library_paths)
        return sum(len(name.findall(self.files[path])) for path in paths) > 1

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
        self.diagnostics.append(codes.HANDLER_INSIDE.at(found.position, name, reason))
        return True

    def _always_registers(self, holder: ast.stmt, node: ast.AST) -> bool:
        """Whether importing app.py runs it: at the top, in a class, or in a function called there."""
        is_run = isinstance(holder, ast.ClassDef) or holder in self.handed.run
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
            if _owner_name(node, node.attr) not in names | given.get(node, set()):
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
                        self.diagnostics.append(
                            codes.HANDLER_INSIDE.at(found.position, found.written, reason)
                        )
                    yield found
                else:
                    self._report_dynamic(module, whole, "the decorator is not written above a function")

    def _report_dynamic(self, module: Module, node: ast.expr, reason: str) -> None:
        written = module.segment(node)
        self.diagnostics.append(codes.DYNAMIC_HANDLER.at(module.position(node), written, reason))

    def arguments(
        self,
        registration: Registration,
        variables: Mapping[str, Json] | None = None,
        missing: Callable[[str], Json] = lambda name: UNKNOWN,
    ) -> Fields:
        """The decorator's arguments by name, each with its place; UNKNOWN where the source does not show it.

        `variables` and `missing` are those of `evaluate` in constants.py.
        """
        written = self.written_arguments(registration)
        values = {name: self.evaluate(*found, variables, missing) for name, found in written.items()}
        positions = {name: home.position(node) for name, (node, home) in written.items()}
        if isinstance(values.get("**"), dict):
            values.update(values.pop("**"))
        return Fields(values, registration.position, positions)

    def written_arguments(self, registration: Registration) -> dict[str, Written]:
        """The expression of each argument of a decorator, and the module in which it stands.

        What is given by `**` and cannot be told apart goes by that name.
        """
        call, module = registration.decorator, registration.module
        written = {
            name: (node, module) for name, node in zip(PARAMETERS[registration.kind], call.args, strict=False)
        }
        for keyword in call.keywords:
            found = {keyword.arg or "**": (keyword.value, module)}
            if keyword.arg is None:
                found = spread(keyword.value, module, self.find_module, self.evaluate) or found
            written |= found
        return written

    def find_event_type(self, middleware: Registration) -> str | None:
        """What middleware is called for, `all` by default; None where the source does not show it."""
        value = self.arguments(middleware).get("event_type")
        if "event_type" not in self.written_arguments(middleware):
            return "all"
        return value if isinstance(value, str) else None

    def find_wrapped(self, middleware: Registration) -> Collection[str]:
        """The kinds of handlers that only Chalice can call it for."""
        return () if middleware in self.decorators else self.find_kinds(middleware)

    @cached_property
    def decorators(self) -> Mapping[Registration, ast.expr]:
        """The middleware that handlers can have as decorators."""
        if not any(one.kind in MIDDLEWARES for one in self.registrations):
            return {}
        from converter.chalice.middleware import find_decorators

        return find_decorators(self)

    def find_kinds(self, middleware: Registration) -> Collection[str]:
        """The kinds of handlers that it is called for, views and those of WebSockets aside.

        What the source does not show may be for all.
        """
        event_type = self.find_event_type(middleware)
        every = {kind for kinds in _WRAPPED.values() for kind in kinds}
        return every if event_type in (None, "all") else _WRAPPED.get(event_type or "", ())

    def is_of_requests(self, middleware: Registration) -> bool:
        """Whether views are among what it is called for."""
        return self.find_event_type(middleware) in (None, "all", "http")

    def _argument(self, module: Module, call: ast.Call, index: int, name: str) -> Json:
        node = find_argument(call, index, name)
        return None if node is None else self.evaluate(node, module)

    def evaluate(
        self,
        node: ast.expr,
        module: Module,
        variables: Mapping[str, Json] | None = None,
        missing: Callable[[str], Json] = lambda name: UNKNOWN,
    ) -> Json:
        """The value of an expression, Chalice's `Rate(...)` and `Cron(...)` as the texts that they are."""
        given = self.variables if variables is None else variables
        return evaluate(node, module, self.find_module, given, missing, SCHEDULES)


def dotted_name(node: ast.AST) -> str:
    """`a` and `a.b` as they are written; empty for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def find_argument(call: ast.Call, index: int, name: str) -> ast.expr | None:
    """The argument called `name`, which may also stand at `index`."""
    by_name = {keyword.arg: keyword.value for keyword in call.keywords}
    return by_name.get(name, call.args[index] if len(call.args) > index else None)


def is_known(value: Json) -> bool:
    return value is not UNKNOWN


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _returned_name(function: FunctionNode) -> str:
    """The name that a function returns in the end, "" where it is none, or not all that it may return."""
    last = function.body[-1]
    inner = {
        node
        for each in ast.walk(function)
        if each is not function and isinstance(each, FunctionNode)
        for node in ast.walk(each)
    }
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node not in inner]
    value = last.value if returns == [last] and isinstance(last, ast.Return) else None
    return value.id if isinstance(value, ast.Name) else ""


def _parameters(function: FunctionNode) -> set[str]:
    return {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}


def _registers_on_parameter(module: Module) -> bool:
    """Whether a parameter of one of its functions may be what something is registered with."""
    owners = {found[1] for found in _REGISTERING_ON.finditer(module.source)}
    functions = (one for one in module.all_statements if isinstance(one, FunctionNode))
    return any(not owners.isdisjoint(_parameters(function)) for function in functions)


def _segment(made: ChaliceObject) -> str:
    return made.module.segment(made.call)


def _owner_name(function: ast.expr, attribute: str) -> str:
    """`app` of `app.attribute`."""
    if (
        isinstance(function, ast.Attribute)
        and function.attr == attribute
        and isinstance(function.value, ast.Name)
    ):
        return function.value.id
    return ""


def _statement_at(module: Module, line: int) -> ast.stmt | None:
    """The statement of the module that a line is part of, or the next one."""
    statements = (one for statement in module.statements for one in statement.nodes)
    return next((one for one in statements if (one.end_lineno or 0) >= line), None)


def _registered_kind(decorator: ast.expr, names: set[str]) -> str | None:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(function, ast.Attribute) and function.attr in DECORATORS:
        return function.attr if _owner_name(function, function.attr) in names else None
    return None
