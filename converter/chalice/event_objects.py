"""Handlers of Chalice's events as plain functions: `event.body` becomes `event["body"]`.

Chalice makes an object of each event (chalice.app.BaseLambdaEvent and what derives from it). Each row of the
tables below is what its class takes out of the event. A handler may ask for these attributes, write the
object to a log, and hand it to a function of the project's that does no more (handed_events.py, beside this).
One that does anything else with it stays Chalice's.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from converter.python.edits import Edits, NoPlaceError
from converter.python.module import Module, first_line, imported_names, is_text

_RULE = {
    "account": '{event}["account"]',
    "detail": '{event}["detail"]',
    "detail_type": '{event}["detail-type"]',
    "event_id": '{event}["id"]',
    "region": '{event}["region"]',
    "resources": '{event}["resources"]',
    "source": '{event}["source"]',
    "time": '{event}["time"]',
    "version": '{event}["version"]',
}
_S3 = {
    "bucket": '{event}["Records"][0]["s3"]["bucket"]["name"]',
    "key": '{unquote_plus}({event}["Records"][0]["s3"]["object"]["key"])',
}
_SNS = {
    "message": '{event}["Records"][0]["Sns"]["Message"]',
    "message_attributes": '{event}["Records"][0]["Sns"]["MessageAttributes"]',
    "subject": '{event}["Records"][0]["Sns"]["Subject"]',
}
_SQS_RECORD = {"body": '{event}["body"]', "receipt_handle": '{event}["receiptHandle"]'}
_KINESIS_RECORD = {
    "data": '{b64decode}({event}["kinesis"]["data"])',
    "partition_key": '{event}["kinesis"]["partitionKey"]',
    "schema_version": '{event}["kinesis"]["kinesisSchemaVersion"]',
    "sequence_number": '{event}["kinesis"]["sequenceNumber"]',
    "timestamp": '{datetime}.fromtimestamp({event}["kinesis"]["approximateArrivalTimestamp"], {timezone}.utc)'
    ".replace(tzinfo=None)",
}
_DYNAMODB_RECORD = {
    "aws_region": '{event}["awsRegion"]',
    "event_id": '{event}["eventID"]',
    "event_name": '{event}["eventName"]',
    "event_source_arn": '{event}["eventSourceARN"]',
    "keys": '{event}["dynamodb"].get("Keys")',
    "new_image": '{event}["dynamodb"].get("NewImage")',
    "old_image": '{event}["dynamodb"].get("OldImage")',
    "sequence_number": '{event}["dynamodb"]["SequenceNumber"]',
    "size_bytes": '{event}["dynamodb"]["SizeBytes"]',
    "stream_view_type": '{event}["dynamodb"]["StreamViewType"]',
    # Empty where the ARN names no table, as Chalice's is.
    "table_name": '{event}["eventSourceARN"].partition(":table/")[2].partition("/")[0]',
    "timestamp": (
        '{datetime}.fromtimestamp({event}["dynamodb"]["ApproximateCreationDateTime"], '
        "{timezone}.utc).replace(tzinfo=None)"
    ),
}

# What each decorator's event has, and its records: those of an event without records have none.
EVENTS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str] | None]] = {
    "on_cw_event": (_RULE, None),
    "on_dynamodb_record": ({}, _DYNAMODB_RECORD),
    "on_kinesis_record": ({}, _KINESIS_RECORD),
    "on_s3_event": (_S3, None),
    "on_sns_message": (_SNS, None),
    "on_sqs_message": ({}, _SQS_RECORD),
    "schedule": (_RULE, None),
}

# The class of Chalice's object for each decorator's event.
_CLASSES: Mapping[str, str] = {
    "on_cw_event": "CloudWatchEvent",
    "on_dynamodb_record": "DynamoDBEvent",
    "on_kinesis_record": "KinesisEvent",
    "on_s3_event": "S3Event",
    "on_sns_message": "SNSEvent",
    "on_sqs_message": "SQSEvent",
    "schedule": "CloudWatchEvent",
}
_RECORD_CLASSES = frozenset({"DynamoDBRecord", "KinesisRecord", "SQSRecord"})
EVENT_CLASSES = frozenset({*_CLASSES.values(), *_RECORD_CLASSES, "EventSourceHandler"})
"""What code may import from Chalice for the objects of events, which work without an app object."""
HOME_OF_CLASSES = "chalice.app"

# What the expressions call: the module that has each, and its name there.
_FUNCTIONS = {
    "unquote_plus": ("urllib.parse", "unquote_plus"),
    "b64decode": ("base64", "b64decode"),
    "datetime": ("datetime", "datetime"),
    "timezone": ("datetime", "timezone"),
    "partial": ("functools", "partial"),
    **{name: (HOME_OF_CLASSES, name) for name in EVENT_CLASSES},
}


@dataclass(frozen=True)
class Given:
    """What a parameter gets: the event of a decorator, or a record of it."""

    kind: str
    is_record: bool = False

    @property
    def attributes(self) -> Mapping[str, str]:
        of_event, of_record = EVENTS[self.kind]
        return of_record or {} if self.is_record else of_event

    @property
    def records(self) -> Given | None:
        has_records = not self.is_record and EVENTS[self.kind][1] is not None
        return Given(self.kind, is_record=True) if has_records else None


HandOn = Callable[[ast.Call, int | str, Given], str | None]
"""Asked of a call that has the event or a record as an argument, at a place or under a name.

It says why the function that is called cannot get a dict for it; None if it can.
"""


@dataclass(frozen=True)
class PlainHandler:
    """A function's text with dicts for Chalice's objects, and the imports that it needs beside its module's.

    `shown` are the calls in it that write a whole event or record to a log.
    """

    text: str
    imports: tuple[str, ...] = ()
    shown: tuple[ast.Call, ...] = ()


def rewrite_handler(
    text: str, kind: str, module: Module, hand_on: HandOn = lambda *_: ""
) -> PlainHandler | str:
    """The handler of a `kind` of event as `def name(event, context)`; or why it has to stay Chalice's.

    `text` is the function without Chalice's decorators, `module` the one that it stands in.
    """
    function = ast.parse(text).body[0]
    reason = _why_not_called(function)
    if reason or not isinstance(function, ast.FunctionDef):
        return reason
    # on_cw_event and schedule give the same.
    given = {function.args.args[0].arg: Given("schedule" if kind == "on_cw_event" else kind)}
    return _Rewriting(text, function, given, module, hand_on, is_handler=True).rewrite()


def rewrite_function(
    text: str, given: Mapping[str, Given], module: Module, hand_on: HandOn
) -> PlainHandler | str:
    """A function that gets dicts for what is `given` to its parameters; or why it needs Chalice's objects."""
    function = ast.parse(text).body[0]
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return "it is no ordinary function"
    return _Rewriting(text, function, given, module, hand_on).rewrite()


def make_object(text: str, kind: str, module: Module) -> PlainHandler | None:
    """The handler as a function of Lambda's that makes Chalice's object of its event itself.

    That is all that Chalice's decorator does where no middleware is called (chalice.app.EventSourceHandler),
    so such a function needs no app object, and that of its project may become a resolver of Powertools'. None
    where something else than the handler's own code gets the object first, or the name of its class is taken.
    """
    function = ast.parse(text).body[0]
    if _why_not_called(function) or not isinstance(function, ast.FunctionDef):
        return None
    return _Rewriting(text, function, {}, module, lambda *_: "").make_object(_CLASSES[kind])


def make_handler(text: str, place: int, kind: str, module: Module) -> PlainHandler | None:
    """The handler under what Chalice's decorator makes of it, which takes the place of that decorator.

    It is for handlers that other decorators stand around, or that take more than the event: what Lambda calls
    is what Chalice's decorator made of it there; see `make_object`. None where a name is taken.
    """
    function = ast.parse(text).body[0]
    if not isinstance(function, ast.FunctionDef):
        return None
    return _Rewriting(text, function, {}, module, lambda *_: "").make_handler(_CLASSES[kind], place)


def object_class(decorator: str) -> str:
    """The dotted name of the class that `make_object` calls."""
    return f"{HOME_OF_CLASSES}.{_CLASSES[decorator]}"


def _why_not_called(function: ast.stmt) -> str:
    """Why nobody can call the function with an event and a context as it is called with the object."""
    if not isinstance(function, ast.FunctionDef):
        return "it is no ordinary function"
    if function.decorator_list:
        return "another decorator takes the event from Chalice"
    parameters = function.args
    if len(parameters.args) != 1 or parameters.posonlyargs or parameters.kwonlyargs or parameters.defaults:
        return "it takes more than the event"
    return "it takes more than the event" if parameters.vararg or parameters.kwarg else ""


_LOG_CALL = re.compile(
    r"(?:\w+\.)*_*(?:log|logger|logging)\.(?:critical|debug|error|exception|info|warn|warning)", re.IGNORECASE
)

# Before Python 3.12 places inside of f-strings are not to be relied on, and no third kind of quotes is left.
_NO_PLACE = "it uses the event in a text that this Python cannot locate"


class _StaysError(Exception):
    """The function uses the event in a way that only Chalice's object has."""


@dataclass
class _Rewriting:
    text: str
    function: ast.FunctionDef
    given: Mapping[str, Given]
    module: Module
    hand_on: HandOn
    is_handler: bool = False
    shown: list[ast.Call] = field(default_factory=list)
    imports: dict[str, None] = field(default_factory=dict)

    def rewrite(self) -> PlainHandler | str:
        try:
            self._rewrite()
            return PlainHandler(self._edit(), tuple(self.imports), tuple(self.shown))
        except _StaysError as error:
            return str(error)
        except NoPlaceError:
            return _NO_PLACE

    def make_object(self, of_class: str) -> PlainHandler | None:
        first = next((each for each in self.function.body if not is_text(each)), None)
        if first is None:
            return None
        (argument,) = self.function.args.args
        try:
            name = self._function(of_class)
        except _StaysError:
            return None
        self._take_context()
        start = self.edits.offset(first_line(first), first.col_offset)
        line_start = self.edits.offset(first_line(first), 0)
        indent = self.text[line_start:start]
        end = f"\n{indent}" if not indent.strip() else "; "
        self.edits.replace_part(start, start, f"{argument.arg} = {name}({argument.arg}, {self.context}){end}")
        return PlainHandler(self.edits.apply(), tuple(self.imports))

    def make_handler(self, of_class: str, place: int) -> PlainHandler | None:
        try:
            partial, maker, event = map(self._function, ("partial", "EventSourceHandler", of_class))
        except _StaysError:
            return None
        decorator = self.function.decorator_list[place]
        start, end = self.edits.start(decorator), self.edits.end(decorator)
        self.edits.replace_part(start, end, f"{partial}({maker}, event_class={event})")
        return PlainHandler(self.edits.apply(), tuple(self.imports))

    @cached_property
    def edits(self) -> Edits:
        return Edits(self.text)

    def _edit(self) -> str:
        text = self.edits.apply()
        try:
            ast.parse(text)
        except SyntaxError:
            raise _StaysError("it uses the event where only a name with attributes may stand") from None
        return text

    def _take_context(self) -> None:
        """Let the handler take the context too."""
        (argument,) = self.function.args.args
        self._rewrite_argument(argument, f"{argument.arg}, {self.context}")

    def _rewrite_argument(self, argument: ast.arg, new: str) -> None:
        # An annotation is Chalice's own type, or what stands for it.
        end = self.edits.end(argument if argument.annotation is None else argument.annotation)
        self.edits.replace_part(self.edits.start(argument), end, new)

    def _rewrite(self) -> None:
        if self.is_handler:
            self._take_context()
        else:
            for argument in self.arguments:
                self._rewrite_argument(argument, argument.arg)
        records: dict[str, Given] = {}
        for name, given in self.given.items():
            for record in self._rewrite_uses(name, given):
                assert given.records is not None
                if records.setdefault(record, given.records) != given.records:
                    raise _StaysError(f"{record} is a record of two kinds of events")
        for name, given in records.items():
            self._rewrite_uses(name, given)

    @cached_property
    def arguments(self) -> list[ast.arg]:
        """The parameters that get the event or a record."""
        written = self.function.args
        every = [*written.posonlyargs, *written.args, *written.kwonlyargs]
        return [argument for argument in every if argument.arg in self.given]

    @cached_property
    def context(self) -> str:
        used = {node.id for node in ast.walk(self.function) if isinstance(node, ast.Name)} | self.bound
        return next(name for name in ("context", "lambda_context", "_context") if name not in used)

    @cached_property
    def bound(self) -> set[str]:
        """The names that the function and what is in it bind, but for itself."""
        return {
            name for node in ast.walk(self.function) if node is not self.function for name in bound_by(node)
        }

    # --- uses of a name ----------------------------------------------------------------

    def _rewrite_uses(self, name: str, given: Given) -> list[str]:
        """Rewrite every use of the event, or of a record; the names that its records get are returned."""
        records: dict[str, None] = {}
        for node in list(self._uses(name)):
            parent = self.parents[node]
            target = self._find_target(parent, name) if given.records else None
            if isinstance(parent, ast.Attribute):
                self._rewrite_attribute(parent, name, given.attributes)
            elif target is not None:
                self.edits.replace(node, self._quoted(node, f'{name}["Records"]'))
                records[target.id] = None
            elif shown := self._find_log_call(node):
                self.shown.append(shown)
            else:
                self._hand_on(node, parent, given)
        return list(records)

    def _uses(self, name: str) -> Iterator[ast.Name]:
        for node in ast.walk(self.function):
            if (
                isinstance(node, ast.arg)
                and node.arg == name
                and self.parents[node] is not self.function.args
            ):
                raise _StaysError(f"another function in it has a {name} of its own")
            if isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names:
                raise _StaysError(f"it binds {name} outside")
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                yield node
            elif name in bound_by(node) and node not in self.known_binders:
                raise _StaysError(f"it binds {name} anew")

    @cached_property
    def known_binders(self) -> set[ast.AST]:
        """The function, its parameters, and what loops over an event give its records to."""
        loops = [node for node in ast.walk(self.function) if isinstance(node, (ast.For, ast.comprehension))]
        events = [name for name, given in self.given.items() if given.records]
        targets = {
            target for loop in loops for name in events if (target := target_of(loop, name)) is not None
        }
        return {
            self.function,
            *self.arguments,
            *(target for target in targets if target.id not in self.given),
        }

    def _rewrite_attribute(self, node: ast.Attribute, name: str, attributes: Mapping[str, str]) -> None:
        if not isinstance(node.ctx, ast.Load):
            raise _StaysError(f"it sets {name}.{node.attr}")
        if node.attr == "context" and self.is_handler:
            self.edits.replace(node, self.context)
            return
        if node.attr == "to_dict":
            call = self.parents[node]
            if not isinstance(call, ast.Call) or call.func is not node or call.args or call.keywords:
                raise _StaysError(f"it hands {name}.to_dict on")
            self.edits.replace(call, name)
            return
        if node.attr == "_event_dict":
            # Private, and what people find who look for what to_dict() gives.
            self.edits.replace(node, name)
            return
        if node.attr not in attributes:
            raise _StaysError(f"it asks for {name}.{node.attr}")
        expression = attributes[node.attr]
        for function in re.findall(r"\{(\w+)\}", expression):
            if function != "event":
                expression = expression.replace(f"{{{function}}}", self._function(function))
        expression = expression.replace("{event}", name)
        self.edits.replace(node, self._quoted(node, expression))

    def _find_target(self, parent: ast.AST, name: str) -> ast.Name | None:
        """What a record is called in the loop over the event of which the node is the parent."""
        loop = parent
        if (
            isinstance(parent, ast.Call)
            and isinstance(parent.func, ast.Name)
            and parent.func.id == "enumerate"
        ):
            loop = self.parents[parent]
        return target_of(loop, name) if isinstance(loop, (ast.For, ast.comprehension)) else None

    def _hand_on(self, node: ast.Name, parent: ast.AST, given: Given) -> None:
        """Ask whether the function that is called with it can get a dict."""
        place: int | str | None = None
        call = parent
        if isinstance(parent, ast.keyword):
            call, place = self.parents[parent], parent.arg
        elif isinstance(parent, ast.Call) and node in parent.args:
            before = parent.args[: parent.args.index(node)]
            place = None if any(isinstance(each, ast.Starred) for each in before) else len(before)
        if not isinstance(call, ast.Call) or place is None:
            raise _StaysError(f"it hands {node.id} on")
        reason = self.hand_on(call, place, given)
        if reason is not None:
            raise _StaysError(f"it hands {node.id} on to {ast.unparse(call.func)}{reason}")

    def _find_log_call(self, node: ast.AST) -> ast.Call | None:
        """The call that writes a text with the node in it to a log, or prints it.

        Of Chalice's object such a text has the address in memory, so nothing depends on it.
        """
        inner, outer = node, self.parents[node]
        while isinstance(
            outer, (ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.BinOp, ast.keyword, ast.Call)
        ):
            is_text = isinstance(inner, (ast.JoinedStr, ast.BinOp, ast.Call))
            is_filled_in = (
                isinstance(outer, ast.BinOp) and isinstance(outer.op, ast.Mod) and inner is outer.right
            )
            if isinstance(outer, ast.BinOp) and not (is_text or is_filled_in):
                return None
            if isinstance(outer, ast.Call):
                if inner is outer.func:
                    return None
                if _writes_log(outer.func):
                    return outer
                if not _makes_text(outer.func):
                    return None
            inner, outer = outer, self.parents[outer]
        return None

    # --- names of functions ------------------------------------------------------------------

    def _function(self, function: str) -> str:
        """How the module calls a function of the standard library, which it may have to import."""
        home, name = _FUNCTIONS[function]
        for bound, dotted in self._imported():
            if dotted == f"{home}.{name}":
                return bound
            if dotted == home:
                return f"{bound}.{name}"
        if name in self.module.binders or name in self.bound:
            raise _StaysError(f"{name} is another thing in {self.module.path}")
        self.imports[f"from {home} import {name}"] = None
        return name

    def _imported(self) -> Iterator[tuple[str, str]]:
        """What the module imports at its top and the function can see, with what it stands for."""
        for node in self.module.imports:
            for bound, dotted in imported_names(node, self.module.package):
                binders = self.module.binders.get(bound, [])
                if bound not in self.bound and len(binders) == 1 and node in binders[0].nodes:
                    yield bound, dotted

    # --- places in the text ---------------------------------------------------------------------

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.function) for child in ast.iter_child_nodes(node)}

    def _quoted(self, node: ast.expr, expression: str) -> str:
        """The expression with quotes that do not end a text in which it stands."""
        place = self.edits.start(node)
        around: set[str] = set()
        inner: ast.AST = node
        while inner in self.parents:
            outer = self.parents[inner]
            if isinstance(outer, ast.FormattedValue) and inner is outer.value and self._shows_itself(outer):
                raise _StaysError("it shows how the event is asked for")
            if isinstance(outer, ast.JoinedStr) and not self._is_format(outer):
                around.add(self._quote_around(outer, place))
            inner = outer
        if len(around) == 2:
            raise _StaysError(_NO_PLACE)
        return expression.replace('"', "'") if '"' in around else expression

    def _is_format(self, node: ast.JoinedStr) -> bool:
        """Whether it is the `:>{width}` of a value in a text."""
        parent = self.parents[node]
        return isinstance(parent, ast.FormattedValue) and parent.format_spec is node

    def _shows_itself(self, node: ast.FormattedValue) -> bool:
        """Whether it is an `{expression=}`."""
        return bool(re.match(r"[\s)]*=\s*[!:}]", self.text[self.edits.end(node.value) :]))

    def _quote_around(self, node: ast.JoinedStr, place: int) -> str:
        """The quote of the one that a place is in of the texts that stand side by side."""
        start = self.edits.start(node) - 1
        lines = f"({self.text[start + 1 : self.edits.end(node)]})".splitlines(keepends=True)
        depth, opening = 0, ""
        try:
            for token in tokenize.generate_tokens(iter(lines).__next__):
                kind = tokenize.tok_name[token.type]
                if kind in ("STRING", "FSTRING_START") and not depth:
                    opening = token.string
                depth += (kind == "FSTRING_START") - (kind == "FSTRING_END")
                line, column = token.end
                if opening and not depth and start + sum(map(len, lines[: line - 1])) + column > place:
                    return opening.lstrip("bBfFrRuU")[0]
        except (tokenize.TokenError, SyntaxError):
            pass
        raise _StaysError(_NO_PLACE)


def _writes_log(function: ast.expr) -> bool:
    """Whether it is `print`, or `logger.info` and the like."""
    if isinstance(function, ast.Name):
        return function.id == "print"
    return bool(_LOG_CALL.fullmatch(ast.unparse(function)))


def _makes_text(function: ast.expr) -> bool:
    """Whether it is `str`, or the `format` of a text."""
    if isinstance(function, ast.Name):
        return function.id in ("repr", "str")
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "format"
        and isinstance(function.value, ast.Constant)
    )


def target_of(loop: ast.For | ast.comprehension, event: str) -> ast.Name | None:
    """What is a record in `for record in event` and `for number, record in enumerate(event)`."""
    target, over = loop.target, loop.iter
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "enumerate":
        is_pair = isinstance(target, ast.Tuple) and len(target.elts) == 2
        if not over.args or not is_pair:
            return None
        assert isinstance(target, ast.Tuple)
        target, over = target.elts[1], over.args[0]
    return target if ast.unparse(over) == event and isinstance(target, ast.Name) else None


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that the node itself binds."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (name for name, _ in imported_names(node))
    elif isinstance(
        node,
        (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
    ):
        yield from filter(None, [node.name])
    elif isinstance(node, ast.MatchMapping):
        yield from filter(None, [node.rest])
