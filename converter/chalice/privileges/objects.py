"""The AWS clients and resources in the code that is reached, and the calls of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from converter.chalice.privileges.actions import COLLECTIONS, SUB_RESOURCES, operations
from converter.chalice.privileges.reach import Reach
from converter.model import Position
from converter.python.constants import UNKNOWN, evaluate
from converter.python.definitions import FunctionNode, find_home
from converter.python.module import Module, imported_names

_DEPTH = 8
# So many steps one name may be away from what it is made of.
_ROUNDS = 8
_SESSIONS = frozenset({"boto3.Session", "boto3.session.Session"})

# A name in a module and a function; an attribute of any object; what a function returns.
_Key = tuple[str, int, str]


@dataclass(frozen=True, eq=False)
class Scope:
    """Where an expression stands: its module, and the function around it."""

    module: Module
    function: FunctionNode | None = None


@dataclass(frozen=True)
class AwsObject:
    """What an expression gives: a session, client, resource, paginator or waiter.

    `name` is a paginator's or waiter's, or a resource's type ("" for the service's own);
    `arguments` name the resource, each with its scope.
    """

    kind: str
    service: str = ""
    name: str = ""
    arguments: tuple[tuple[str, ast.expr, Scope], ...] = ()


@dataclass(frozen=True)
class AwsCall:
    """A method that is called, or an attribute that is read, of an AWS object."""

    owner: AwsObject
    method: str
    node: ast.Call | None
    scope: Scope
    position: Position


@dataclass
class Objects:
    """Finds the calls in what is reached. `unseen` are places that hide some, with the reason."""

    reach: Reach
    unseen: list[tuple[Position, str, str]] = field(default_factory=list)
    _assigned: dict[tuple[str, int], dict[str, list[tuple[ast.expr, Scope]]]] = field(default_factory=dict)
    _attributes: dict[str, list[tuple[ast.expr, Scope]]] = field(default_factory=dict)
    _returned: dict[int, list[tuple[ast.expr, Scope]]] = field(default_factory=dict)
    _nodes: list[tuple[ast.AST, Scope]] = field(default_factory=list)
    _known: dict[_Key, set[AwsObject]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path, statements in self.reach.reached.items():
            module = self.reach.modules[path]
            for statement in statements:
                for top in statement.nodes:
                    self._walk(top, Scope(module))
        for node, scope in self._nodes:
            self._index(node, scope)
        self._find_all()

    def calls(self) -> Iterator[AwsCall]:
        """Every call of an AWS object's method."""
        called = {id(node.func) for node, _ in self._nodes if isinstance(node, ast.Call)}
        for node, scope in self._nodes:
            if isinstance(node, ast.Call):
                self._note_hidden(node, scope)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self._note_library(node, scope)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                for owner in self._infer(node.func.value, scope):
                    yield AwsCall(owner, node.func.attr, node, scope, scope.module.position(node))
            elif isinstance(node, ast.Attribute) and id(node) not in called:
                for owner in self._infer(node.value, scope):
                    yield AwsCall(owner, node.attr, None, scope, scope.module.position(node))

    def value_of(self, node: ast.expr, scope: Scope, variables: Mapping[str, object]) -> object:
        """An expression's value where these environment variables are set, None where it is not shown."""
        for _ in range(_DEPTH):
            function = scope.function
            if not isinstance(node, ast.Name) or function is None:
                break
            found = self._bound(node.id, scope)
            if len(found) == 1 and not _has_default(function, node.id):
                ((node, scope),) = found
            elif _is_local(function, node.id):
                return None
            else:
                break
        texts = {name: value for name, value in variables.items() if isinstance(value, str)}
        value = evaluate(
            node,
            scope.module,
            self.reach.source.find_module,
            texts,
            lambda name: _reference(variables.get(name)),
        )
        return value if isinstance(value, (str, dict)) else None

    # --- gathering ----------------------------------------------------------------------

    def _walk(self, node: ast.AST, scope: Scope) -> None:
        self._nodes.append((node, scope))
        inner = Scope(scope.module, node) if isinstance(node, FunctionNode) else scope
        for child in ast.iter_child_nodes(node):
            is_inside = not isinstance(node, FunctionNode) or child in node.body
            self._walk(child, inner if is_inside else scope)

    def _index(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value, scope)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            self._assign(node.target, node.value, scope)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._assign(node.optional_vars, node.context_expr, scope)
        elif isinstance(node, (ast.For, ast.comprehension)):
            # An item of it, not the whole: as good as unpacked.
            self._assign(node.target, ast.Starred(node.iter), scope)
        elif isinstance(node, ast.AugAssign):
            self._assign(node.target, node.value, scope)
        elif isinstance(node, ast.Return) and node.value is not None and scope.function is not None:
            self._returned.setdefault(id(scope.function), []).append((node.value, scope))
        elif isinstance(node, ast.Call):
            self._pass_arguments(node, scope)

    def _assign(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            function = scope.function
            if function is not None and _is_global(function, target.id):
                function = None
            self._bind(Scope(scope.module, function), target.id, value, scope)
        elif isinstance(target, ast.Attribute):
            self._attributes.setdefault(target.attr, []).append((value, scope))

    def _bind(self, home: Scope, name: str, value: ast.expr, scope: Scope) -> None:
        names = self._assigned.setdefault((home.module.path, id(home.function)), {})
        names.setdefault(name, []).append((value, scope))

    def _pass_arguments(self, call: ast.Call, scope: Scope) -> None:
        """The parameters of a function of the project's own are what it is called with."""
        found = self._find_function(call.func, scope)
        if found is None:
            return
        home, function = found
        parameters = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        for name, value in zip(parameters, call.args, strict=False):
            self._bind(Scope(home, function), name, value, scope)
        for keyword in call.keywords:
            if keyword.arg:
                self._bind(Scope(home, function), keyword.arg, keyword.value, scope)

    def _find_function(self, node: ast.expr, scope: Scope) -> tuple[Module, FunctionNode] | None:
        home, name = find_home(node, scope.module, self.reach.source.find_module)
        for statement in home.binders.get(name, []) if home else []:
            if isinstance(statement.node, FunctionNode) and home is not None:
                return home, statement.node
        return None

    # --- what an expression gives ---------------------------------------------------------

    def _find_all(self) -> None:
        """Work out what each name, attribute and function gives, until nothing is added any more."""
        bindings: list[tuple[_Key, list[tuple[ast.expr, Scope]]]] = [
            ((*home, name), values)
            for home, names in self._assigned.items()
            for name, values in names.items()
        ]
        bindings += [(("", 0, name), values) for name, values in self._attributes.items()]
        bindings += [(("", function, ""), values) for function, values in self._returned.items()]
        for _ in range(_ROUNDS):
            is_new = False
            for key, values in bindings:
                known = self._known.setdefault(key, set())
                found = {one for value, scope in values for one in self._infer(value, scope)}
                is_new |= not found <= known
                known |= found
            if not is_new:
                return

    def _infer(self, node: ast.expr, scope: Scope) -> set[AwsObject]:
        """The AWS objects that an expression may give, by what is known of names so far."""
        if isinstance(node, ast.Call):
            return self._infer_call(node, scope)
        if isinstance(node, ast.Name):
            return self._known_of(scope, node.id) or self._known_in_module(node, scope)
        if isinstance(node, ast.Attribute):
            owners = self._infer(node.value, scope)
            if owners:
                # `bucket.objects`, whose items are objects.
                return {one for owner in owners for one in _sub_resource(owner, node.attr, None, scope)}
            return self._known_in_module(node, scope) or self._known.get(("", 0, node.attr), set())
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self._infer(node.value, scope)
        if isinstance(node, ast.BoolOp):
            return {one for value in node.values for one in self._infer(value, scope)}
        if isinstance(node, ast.IfExp):
            return self._infer(node.body, scope) | self._infer(node.orelse, scope)
        return set()

    def _known_of(self, scope: Scope, name: str) -> set[AwsObject]:
        key = (scope.module.path, id(scope.function), name)
        return self._known.get(key, set()) if scope.function is not None else set()

    def _known_in_module(self, node: ast.expr, scope: Scope) -> set[AwsObject]:
        home, name = find_home(node, scope.module, self.reach.source.find_module)
        return self._known.get((home.path, id(None), name), set()) if home else set()

    def _bound(self, name: str, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """What a name is bound to in the function around, as an argument or in its body."""
        if scope.function is None:
            return []
        return self._assigned.get((scope.module.path, id(scope.function)), {}).get(name, [])

    def _infer_call(self, node: ast.Call, scope: Scope) -> set[AwsObject]:
        dotted = scope.module.dotted(node.func)
        if dotted in _SESSIONS:
            return {AwsObject("session")}
        if dotted in ("boto3.client", "boto3.resource"):
            return self._make(node, scope, dotted.rpartition(".")[2])
        if isinstance(node.func, ast.Attribute):
            owners = self._infer(node.func.value, scope)
            if owners:
                return {one for owner in owners for one in self._infer_method(owner, node, scope)}
        found = self._find_function(node.func, scope)
        return self._known.get(("", id(found[1]), ""), set()) if found else set()

    def _infer_method(self, owner: AwsObject, node: ast.Call, scope: Scope) -> set[AwsObject]:
        assert isinstance(node.func, ast.Attribute)
        method = node.func.attr
        if owner.kind == "session" and method in ("client", "resource"):
            return self._make(node, scope, method)
        if owner.kind == "client" and method in ("get_paginator", "get_waiter"):
            written = [*node.args, *(one.value for one in node.keywords)]
            name = self.value_of(written[0], scope, {}) if written else None
            if isinstance(name, str):
                return {AwsObject(method.removeprefix("get_"), owner.service, name)}
            self._hide(node, scope, "the source does not show which call it makes")
            return set()
        return set(_sub_resource(owner, method, node, scope))

    def _make(self, node: ast.Call, scope: Scope, kind: str) -> set[AwsObject]:
        written = [*node.args, *(one.value for one in node.keywords if one.arg == "service_name")]
        service = self.value_of(written[0], scope, {}) if written else None
        if isinstance(service, str) and operations(service):
            return {AwsObject(kind, service)}
        self._hide(node, scope, "the source does not show which service it is")
        return set()

    # --- what cannot be seen --------------------------------------------------------------

    def _note_hidden(self, node: ast.Call, scope: Scope) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if isinstance(node.func, ast.Attribute) and node.func.attr in _MAKERS:
            self._infer(node, scope)
        if name in ("eval", "exec"):
            self._hide(node, scope, "what it runs is a text")
        elif name == "getattr" and node.args and self._infer(node.args[0], scope):
            self._hide(node, scope, "the method that it looks up is known at run time only")
        elif isinstance(node.func, ast.Attribute) and self._is_foreign(node.func, scope):
            self._hide(node, scope, "the source does not show which client or resource this is")

    def _note_library(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for _, dotted in imported_names(node, scope.module.package):
            library = next((one for one in _LIBRARIES if f"{dotted}.".startswith(f"{one}.")), None)
            reason = f"{library} calls AWS by itself"
            if library is not None and all(reason != known for _, _, known in self.unseen):
                self._hide(node, scope, reason)

    def _is_foreign(self, function: ast.Attribute, scope: Scope) -> bool:
        """Whether a method that looks like an AWS call is called of a parameter that nobody shown gives."""
        owner = function.value
        if not isinstance(owner, ast.Name) or scope.function is None or self._bound(owner.id, scope):
            return False
        arguments = scope.function.args
        parameters = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        return owner.id in parameters and function.attr in _TELLING

    def _hide(self, node: ast.AST, scope: Scope, reason: str) -> None:
        written = scope.module.segment(node) or ""
        found = (scope.module.position(node), written.partition("\n")[0], reason)
        if found not in self.unseen:
            self.unseen.append(found)


# Libraries whose calls do not go through a client that the code makes.
_LIBRARIES = (
    "aioboto3",
    "aiobotocore",
    "aws_lambda_powertools.utilities.data_masking",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parameters",
    "awswrangler",
    "boto",
    "botocore.session",
    "dynamorm",
    "pynamodb",
    "s3fs",
    "smart_open",
    "watchtower",
)

_MAKERS = frozenset({"client", "get_paginator", "get_waiter", "resource"})

# Methods that nothing but AWS objects commonly has.
_TELLING = frozenset(
    """
    batch_writer delete_item delete_message delete_object download_file get_item get_object get_parameter
    get_secret_value head_object invoke list_objects_v2 publish put_events put_item put_object put_record
    receive_message send_email send_message start_execution update_item upload_file
    """.split()
)


def _sub_resource(owner: AwsObject, method: str, node: ast.Call | None, scope: Scope) -> Iterator[AwsObject]:
    if owner.kind in ("resource", "meta"):
        if method == "meta":
            yield AwsObject("meta", owner.service)
        elif owner.kind == "meta" and method == "client":
            yield AwsObject("client", owner.service)
    if owner.kind != "resource":
        return
    if method in SUB_RESOURCES and node is not None:
        # `bucket.Object(key)` has its bucket from the bucket.
        names = SUB_RESOURCES[method][len(owner.arguments) :]
        own = tuple((name, value, scope) for name, value in zip(names, node.args, strict=False))
        own += tuple((_KEYWORDS.get(one.arg or "", ""), one.value, scope) for one in node.keywords)
        yield AwsObject("resource", owner.service, method.removesuffix("Summary"), (*owner.arguments, *own))
    elif method == "objects" or (method in COLLECTIONS and owner.name == "Object"):
        yield AwsObject("resource", owner.service, "Object", owner.arguments[:1])
    elif method == "get_queue_by_name" and node is not None:
        own = tuple(("QueueName", one.value, scope) for one in node.keywords if one.arg == "QueueName")
        yield AwsObject("resource", owner.service, "Queue", own)


_KEYWORDS = {"arn": "TopicArn", "bucket_name": "Bucket", "key": "Key", "name": "TableName", "url": "QueueUrl"}


def _reference(value: object) -> object:
    """A variable's value that only deployment knows, where `evaluate` can put it into a text."""
    if not isinstance(value, dict) or value.keys() not in ({"Ref"}, {"Fn::Sub"}):
        return UNKNOWN
    return value if isinstance(next(iter(value.values())), str) else UNKNOWN


def _is_global(function: FunctionNode, name: str) -> bool:
    return any(isinstance(node, ast.Global) and name in node.names for node in ast.walk(function))


def _is_local(function: FunctionNode, name: str) -> bool:
    """Whether a name is the function's own, so that it says nothing of a constant of the module."""
    arguments = function.args
    parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return any(one.arg == name for one in parameters) or any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in ast.walk(function)
    )


def _has_default(function: FunctionNode, name: str) -> bool:
    """Whether a parameter may be left out of a call."""
    positional = [*function.args.posonlyargs, *function.args.args]
    optional = positional[len(positional) - len(function.args.defaults) :]
    return any(one.arg == name for one in (*optional, *function.args.kwonlyargs))
