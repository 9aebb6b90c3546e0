"""What may be registered with Chalice: its decorators, and what a project has under them.

Chalice's own rules are followed: a Lambda function's handler is the module and `__name__` of the decorated
function (chalice/app.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from converter.model import Json, Position
from converter.python.constants import UNKNOWN
from converter.python.definitions import FunctionNode, find_returns
from converter.python.module import Module

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
# Those of a WebSocket API's handlers, with the names that Chalice gives their functions.
WEBSOCKET_FUNCTIONS = {
    "on_ws_connect": "websocket_connect",
    "on_ws_message": "websocket_message",
    "on_ws_disconnect": "websocket_disconnect",
}
# Those whose handlers get an object of Chalice's of the event.
OBJECT_DECORATORS = (*EVENT_DECORATORS, *WEBSOCKET_FUNCTIONS)
# Those whose handlers are called by the app object, wherever they are defined.
OF_APP_OBJECT = frozenset({"authorizer", "middleware", "route"})
# The name of the function that serves all routes.
API_FUNCTION = "api_handler"
# Its logical id, which is not spelled as those of other functions are (chalice.package).
API_ID = "APIHandler"
# Those that need an API Gateway.
API_DECORATORS = frozenset({"authorizer", "route", *WEBSOCKET_FUNCTIONS})
# What registers something, `app.route`, and what that is registered with.
REGISTERING = re.compile(
    rf"\.(?:{'|'.join(sorted(DECORATORS | REGISTERING_CALLS | {'register_blueprint'}))})\b"
)
REGISTERING_ON = re.compile(rf"\b(\w+){REGISTERING.pattern}")
REGISTERING_BYTES = re.compile(REGISTERING.pattern.encode())


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
        return returned_name(self.maker) if self.maker else ""


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


def returned_name(function: FunctionNode) -> str:
    """The name that a function returns in the end, "" where it is none, or not all that it may return."""
    last = function.body[-1]
    is_only_one = list(find_returns(function)) == [last]
    value = last.value if is_only_one and isinstance(last, ast.Return) else None
    return value.id if isinstance(value, ast.Name) else ""
