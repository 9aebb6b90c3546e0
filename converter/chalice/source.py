"""What the source of a Chalice project says: its modules, the app object, and what is registered with it.

Found by reading, never by running. Chalice's own rules are followed: the object is
`app` in app.py (chalice/cli/factory.py), and a Lambda function's handler is the
module and `__name__` of the decorated function (chalice/app.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.objects import ChaliceObjects, owner_name
from converter.chalice.registration import (
    APP_PATH,
    MIDDLEWARES,
    PARAMETERS,
    REGISTERING_BYTES,
    REGISTERING_ON,
    WEBSOCKET_FUNCTIONS,
    ChaliceObject,
    Registration,
    find_argument,
)
from converter.chalice.registrations import Registrations, registers_on_parameter
from converter.chalice.schedules import SCHEDULES
from converter.diagnostics import Diagnostic, Fields, UnreadableError
from converter.files import decode_text
from converter.model import Json, Position
from converter.python.constants import UNKNOWN, evaluate
from converter.python.definitions import FunctionNode, Written, find_defined, find_function
from converter.python.handed_objects import HandedObjects
from converter.python.module import Module, is_text, parse_module, paths_of
from converter.python.spread import spread

if TYPE_CHECKING:
    from converter.chalice.introspection import FoundRoute


# What middleware of each type is called for, beside HTTP (chalice.app._MIDDLEWARE_MAPPING).
_WRAPPED: Mapping[str, tuple[str, ...]] = {
    "s3": ("on_s3_event",),
    "sns": ("on_sns_message",),
    "sqs": ("on_sqs_message",),
    "cloudwatch": ("on_cw_event",),
    "scheduled": ("schedule",),
    "pure_lambda": ("lambda_function",),
    "kinesis": ("on_kinesis_record",),
    "dynamodb": ("on_dynamodb_record",),
    "websocket": tuple(WEBSOCKET_FUNCTIONS),
}
# `register_blueprint(`, at the end of what stands before its argument.
_REGISTERED = re.compile(r"register_blueprint\(\s*(?:blueprint\s*=)?$")
# What a function may set of the app object that it makes.
_OF_APP = re.compile(r"\w+\.(?:api\.\w+|debug)")

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
    _modules: dict[str, Module | None] = field(default_factory=dict)

    @cached_property
    def app_module(self) -> Module:
        return self._parse(APP_PATH)

    @cached_property
    def app(self) -> ChaliceObject:
        objects = {name: found for name, found in self.objects(self.app_module).items() if found.is_app}
        # What only functions import, Chalice does not see.
        own = {name: found for name, found in objects.items() if name in self.app_module.binders}
        made = {id(found.call): found for found in (own or objects).values()}
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
        for path in paths_of(dotted):
            if path in self.files and (path == APP_PATH or path.startswith("chalicelib/")):
                return self.module(path)
        return None

    @cached_property
    def _objects(self) -> ChaliceObjects:
        return ChaliceObjects(self.find_module)

    def objects(self, module: Module) -> dict[str, ChaliceObject]:
        """The names in `module` that stand for a Chalice or Blueprint object."""
        return self._objects.find(module)

    def objects_in_class(self, module: Module, node: ast.AST) -> dict[str, ChaliceObject]:
        """The Blueprints that a class has, by their names in its body."""
        return self._objects.find_in_class(module, node)

    def find_object(self, module: Module, node: ast.expr) -> ChaliceObject | None:
        """What `other.app` is, written in `module`, where that imports the module `other`, or has a class."""
        return self._objects.find_object(module, node)

    @cached_property
    def registrations(self) -> tuple[Registration, ...]:
        """Every handler that Chalice would register, those of app.py first."""
        return tuple(Registrations(self).find())

    def registering_modules(self) -> Iterator[Module]:
        """app.py, and the modules of chalicelib/ in which something may be registered."""
        yield self.app_module
        for path in self.library_paths:
            module = self.module(path) if REGISTERING_BYTES.search(self.files[path]) else None
            if module is not None:
                yield module

    @cached_property
    def library_paths(self) -> tuple[str, ...]:
        """The Python files of chalicelib/."""
        return tuple(path for path in self.files if path.startswith("chalicelib/") and path.endswith(".py"))

    def owner(self, registration: Registration) -> ChaliceObject | None:
        """The object that something is registered with, None where it has no name in its module."""
        name = owner_name(registration.decorator.func, registration.kind)
        return self.objects(registration.module).get(name)

    # --- objects that functions are given --------------------------------------------------

    @cached_property
    def handed(self) -> HandedObjects[ChaliceObject]:
        """The functions that are given a Chalice object."""
        handed = HandedObjects[ChaliceObject](self.find_module)
        modules = tuple(self.registering_modules())
        for maker, made in self._objects.makers.items():
            handed.given[maker] = {made.name_in_maker: {made}}
        if self._objects.makers or any(registers_on_parameter(one) or self._hands_on(one) for one in modules):
            for module in modules:
                handed.follow(module, module.nodes, self.objects(module))
            for maker, made in self._objects.makers.items():
                handed.follow(made.module, ast.walk(maker), {made.name_in_maker: made})
        return handed

    def _hands_on(self, module: Module) -> bool:
        """Whether an object may be an argument of more than what registers it."""
        names = "|".join(self.objects(module))
        found = re.finditer(rf"[(,=]\s*(?:{names})\s*[,)]", module.source) if names else ()
        return any(
            not _REGISTERED.search(module.source, max(0, one.start() - 60), one.start() + 1) for one in found
        )

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
        is_direct = REGISTERING_ON.fullmatch(text) is not None
        return is_text(statement) or is_direct or self.only_registers(call)

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
        """The kinds of handlers that it is called for, views aside.

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


def _segment(made: ChaliceObject) -> str:
    return made.module.segment(made.call)
