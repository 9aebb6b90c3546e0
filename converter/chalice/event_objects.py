"""Handlers of Chalice's events as plain functions: `event.body` becomes `event["body"]`.

Chalice makes an object of each event (chalice.app.BaseLambdaEvent and what derives from it). Each row of the
tables below is what its class takes out of the event. A handler that does anything else with the object than
to ask for these attributes stays Chalice's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from converter.python.module import Module, split_lines

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
    "table_name": '{event}["eventSourceARN"].split(":", 5)[5].split("/")[1]',
    "timestamp": (
        '{datetime}.fromtimestamp({event}["dynamodb"]["ApproximateCreationDateTime"], '
        "{timezone}.utc).replace(tzinfo=None)"
    ),
}

# What each decorator's event has, and its records: those of an event without records have none.
_EVENTS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str] | None]] = {
    "on_cw_event": (_RULE, None),
    "on_dynamodb_record": ({}, _DYNAMODB_RECORD),
    "on_kinesis_record": ({}, _KINESIS_RECORD),
    "on_s3_event": (_S3, None),
    "on_sns_message": (_SNS, None),
    "on_sqs_message": ({}, _SQS_RECORD),
    "schedule": (_RULE, None),
}

# Functions that the expressions call: the module that has each, and its name there.
_FUNCTIONS = {
    "unquote_plus": ("urllib.parse", "unquote_plus"),
    "b64decode": ("base64", "b64decode"),
    "datetime": ("datetime", "datetime"),
    "timezone": ("datetime", "timezone"),
}


@dataclass(frozen=True)
class PlainHandler:
    """A handler's text as a plain function, and the imports that it needs beside those of its module."""

    text: str
    imports: tuple[str, ...] = ()


def rewrite_handler(text: str, kind: str, module: Module) -> PlainHandler | str:
    """The handler of a `kind` of event as `def name(event, context)`; or why it has to stay Chalice's.

    `text` is the function without Chalice's decorators, `module` the one that it stands in.
    """
    function = ast.parse(text).body[0]
    if not isinstance(function, ast.FunctionDef):
        return "it is no ordinary function"
    if function.decorator_list:
        return "another decorator takes the event from Chalice"
    parameters = function.args
    if len(parameters.args) != 1 or parameters.posonlyargs or parameters.kwonlyargs or parameters.defaults:
        return "it takes more than the event"
    if parameters.vararg or parameters.kwarg:
        return "it takes more than the event"
    return _Rewriting(text, function, kind, module).rewrite()


class _StaysError(Exception):
    """The handler uses the event in a way that only Chalice's object has."""


@dataclass
class _Rewriting:
    text: str
    function: ast.FunctionDef
    kind: str
    module: Module
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    imports: dict[str, None] = field(default_factory=dict)

    def rewrite(self) -> PlainHandler | str:
        try:
            self._rewrite()
        except _StaysError as error:
            return str(error)
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return PlainHandler(text, tuple(self.imports))

    def _rewrite(self) -> None:
        (argument,) = self.function.args.args
        end = self._end(argument)
        if argument.annotation is not None:
            # Chalice's own type, or what stands for it.
            end = self._end(argument.annotation)
        self.edits.append(
            (self._offset(argument.lineno, argument.col_offset), end, f"{argument.arg}, {self.context}")
        )
        attributes, of_records = _EVENTS[self.kind]
        records = self._rewrite_uses(argument.arg, attributes, is_event=True)
        for name in records:
            assert of_records is not None
            self._rewrite_uses(name, of_records, is_event=False)

    @property
    def context(self) -> str:
        used = {node.id for node in ast.walk(self.function) if isinstance(node, ast.Name)}
        used |= {node.arg for node in ast.walk(self.function) if isinstance(node, ast.arg)}
        return next(name for name in ("context", "lambda_context", "_context") if name not in used)

    # --- uses of a name ----------------------------------------------------------------

    def _rewrite_uses(self, name: str, attributes: Mapping[str, str], *, is_event: bool) -> list[str]:
        """Rewrite every use of the event, or of a record; the names that its records get are returned."""
        records: list[str] = []
        for node in list(self._uses(name)):
            parent = self.parents[node]
            if isinstance(parent, ast.Attribute):
                self._rewrite_attribute(parent, name, attributes)
            elif is_event and _EVENTS[self.kind][1] is not None:
                records.append(self._rewrite_loop(node, parent, name))
            else:
                raise _StaysError(f"it hands {name} on")
        return list(dict.fromkeys(records))

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
            if isinstance(node, ast.Name) and node.id == name:
                if isinstance(node.ctx, ast.Load):
                    yield node
                elif not self._is_loop_target(node):
                    raise _StaysError(f"it binds {name} anew")

    def _is_loop_target(self, node: ast.Name) -> bool:
        parent = self.parents[node]
        if isinstance(parent, ast.Tuple):
            parent = self.parents[parent]
        return isinstance(parent, (ast.For, ast.comprehension)) and node.id in self.loops

    @property
    def loops(self) -> dict[str, None]:
        """The names bound by loops over the event."""
        (argument,) = self.function.args.args
        found: dict[str, None] = {}
        for node in ast.walk(self.function):
            if isinstance(node, (ast.For, ast.comprehension)):
                target = _target_of(node, argument.arg)
                if target is not None:
                    found[target] = None
        return found

    def _rewrite_attribute(self, node: ast.Attribute, name: str, attributes: Mapping[str, str]) -> None:
        start, end = self._span(node)
        if not isinstance(node.ctx, ast.Load):
            raise _StaysError(f"it sets {name}.{node.attr}")
        if node.attr == "context":
            self.edits.append((start, end, self.context))
            return
        if node.attr == "to_dict":
            call = self.parents[node]
            if not isinstance(call, ast.Call) or call.func is not node or call.args or call.keywords:
                raise _StaysError(f"it hands {name}.to_dict on")
            self.edits.append((*self._span(call), name))
            return
        if node.attr not in attributes:
            raise _StaysError(f"it asks for {name}.{node.attr}")
        expression = attributes[node.attr]
        for function in re.findall(r"\{(\w+)\}", expression):
            if function != "event":
                expression = expression.replace(f"{{{function}}}", self._function(function))
        expression = expression.replace("{event}", name)
        self.edits.append((start, end, self._quoted(node, expression)))

    def _rewrite_loop(self, node: ast.Name, parent: ast.AST, name: str) -> str:
        """Make a loop over the event one over its records; the name of a record is returned."""
        loop = parent
        if (
            isinstance(parent, ast.Call)
            and isinstance(parent.func, ast.Name)
            and parent.func.id == "enumerate"
        ):
            loop = self.parents[parent]
        target = _target_of(loop, name) if isinstance(loop, (ast.For, ast.comprehension)) else None
        if target is None:
            raise _StaysError(f"it hands {name} on")
        self.edits.append((*self._span(node), self._quoted(node, f'{name}["Records"]')))
        return target

    # --- names of functions ------------------------------------------------------------------

    def _function(self, function: str) -> str:
        """How the module calls a function of the standard library, which it may have to import."""
        home, name = _FUNCTIONS[function]
        imported = self.module.imported
        for bound, dotted in imported.items():
            if dotted == f"{home}.{name}":
                return bound
            if dotted == home:
                return f"{bound}.{name}"
        if name in self.module.binders:
            raise _StaysError(f"{name} is another thing in {self.module.path}")
        self.imports[f"from {home} import {name}"] = None
        return name

    # --- places in the text ---------------------------------------------------------------------

    @property
    def parents(self) -> dict[ast.AST, ast.AST]:
        if not hasattr(self, "_parents"):
            self._parents = {
                child: node for node in ast.walk(self.function) for child in ast.iter_child_nodes(node)
            }
        return self._parents

    def _span(self, node: ast.expr) -> tuple[int, int]:
        start, end = self._offset(node.lineno, node.col_offset), self._end(node)
        # Before Python 3.12 places inside of f-strings are not to be relied on.
        if ast.dump(_parse(self.text[start:end])) != ast.dump(_parse(ast.unparse(node))):
            raise _StaysError("it uses the event in a text that this Python cannot locate")
        return start, end

    def _end(self, node: ast.expr | ast.arg) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        """The place in the text; ast counts the bytes of a line."""
        lines = split_lines(self.text)
        before = sum(map(len, lines[: line - 1]))
        return before + len(lines[line - 1].encode()[:column].decode())

    def _quoted(self, node: ast.AST, expression: str) -> str:
        """The expression with quotes that do not end the f-string in which it stands."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.JoinedStr):
                start = self._offset(node.lineno, node.col_offset)
                written = re.match(r"[a-zA-Z]*([\"'])", self.text[start:])
                if written is None:
                    raise _StaysError("it uses the event in a text that this Python cannot locate")
                return expression.replace('"', "'") if written[1] == '"' else expression
        return expression


def _target_of(loop: ast.For | ast.comprehension, event: str) -> str | None:
    """The name of a record in `for record in event` and `for number, record in enumerate(event)`."""
    target, over = loop.target, loop.iter
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "enumerate":
        is_pair = isinstance(target, ast.Tuple) and len(target.elts) == 2
        if not over.args or not is_pair:
            return None
        assert isinstance(target, ast.Tuple)
        target, over = target.elts[1], over.args[0]
    is_event = isinstance(over, ast.Name) and over.id == event
    return target.id if is_event and isinstance(target, ast.Name) else None


def _parse(text: str) -> ast.AST:
    try:
        return ast.parse(text.strip() and f"({text})", mode="eval")
    except SyntaxError:
        return ast.Module([], [])
