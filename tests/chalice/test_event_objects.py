"""Handlers of Chalice's events as plain functions: Chalice itself says what they have to give."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from chalice.app import Chalice

from converter.chalice.event_attributes import use_event_object
from converter.chalice.event_objects import (
    PlainHandler,
    make_handler,
    make_object,
    object_class,
    rewrite_handler,
)
from converter.python.module import parse_module
from converter.sam.sample_events import sample_event

# Each decorator's arguments, and the event that it is for.
DECORATORS = {
    "schedule": (("rate(1 hour)",), "Schedule"),
    "on_cw_event": (({"source": ["a"]},), "CloudWatchEvent"),
    "on_s3_event": (("bucket",), "S3"),
    "on_sns_message": (("topic",), "SNS"),
    "on_sqs_message": (("queue",), "SQS"),
    "on_kinesis_record": (("stream",), "Kinesis"),
    "on_dynamodb_record": (("arn:aws:dynamodb:us-east-1:123456789012:table/items/stream/0",), "DynamoDB"),
}


def rewrite(kind: str, handler: str, above: str = "") -> PlainHandler | str:
    handler = dedent(handler)
    return rewrite_handler(handler, kind, parse_module("app.py", f"{above}\n{handler}"))


def check(kind: str, handler: str, above: str = "") -> str:
    """The plain handler's text; what both forms make of the same event is the same."""
    written = rewrite(kind, handler, above)

    assert isinstance(written, PlainHandler), written
    check_same(kind, dedent(handler), written, above)
    return written.text


def check_same(kind: str, handler: str, written: PlainHandler, above: str = "") -> None:
    """Check that both make the same of an event, one of them under Chalice's decorator."""
    arguments, event_kind = DECORATORS[kind]
    before: dict[str, Any] = {"app": Chalice("orders")}
    exec(f"{above}\n{handler}", before)
    registered = getattr(before["app"], kind)(*arguments)(before["f"])
    after: dict[str, Any] = {}
    exec("\n".join([above, *written.imports, written.text]), after)
    event = sample_event(event_kind)
    if "Records" in event:
        event = {"Records": event["Records"] * 2}
    context = object()

    assert registered(event, context) == after["f"](event, context)


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        *(("schedule", name) for name in ("account", "detail", "detail_type", "event_id", "region")),
        *(("on_cw_event", name) for name in ("resources", "source", "time", "version")),
        *(("on_s3_event", name) for name in ("bucket", "key")),
        *(("on_sns_message", name) for name in ("message", "message_attributes", "subject")),
        *((kind, name) for kind in DECORATORS for name in ("context", "to_dict()")),
    ],
)
def test_attribute_of_an_event(kind: str, attribute: str):
    check(kind, f"def f(event):\n    return event.{attribute}\n")


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        *(("on_sqs_message", name) for name in ("body", "receipt_handle")),
        *(
            ("on_kinesis_record", name)
            for name in ("data", "partition_key", "schema_version", "sequence_number", "timestamp")
        ),
        *(
            ("on_dynamodb_record", name)
            for name in (
                "aws_region",
                "event_id",
                "event_name",
                "event_source_arn",
                "keys",
                "new_image",
                "old_image",
                "sequence_number",
                "size_bytes",
                "stream_view_type",
                "table_name",
                "timestamp",
            )
        ),
        *(
            (kind, name)
            for kind in ("on_sqs_message", "on_kinesis_record", "on_dynamodb_record")
            for name in ("context", "to_dict()")
        ),
    ],
)
def test_attribute_of_a_record(kind: str, attribute: str):
    check(kind, f"def f(event):\n    return [record.{attribute} for record in event]\n")


@pytest.mark.parametrize(
    "handler",
    [
        "def f(event):\n    return 1\n",
        "def f(message: 'SQSEvent') -> list:\n    return [each.body for each in message]\n",
        "def f(event):\n    a = []\n    for record in event:\n        a.append(record.body)\n    return a\n",
        "def f(event):\n    return {n: r.body for n, r in enumerate(event)}\n",
        "def f(event):\n    return [(n, r.body) for n, r in enumerate(event, 1)]\n",
        "def f(event):\n    def inner():\n        return [r.body for r in event]\n    return inner()\n",
        'def f(event):\n    return [f"{r.body} of ☃" for r in event]\n',
        "def f(event):\n    return [f'{r.body!r:>40}' for r in event]\n",
        "def f(event):\n    context = 1\n    return [context, *(r.body for r in event)]\n",
        "def f(event):  # why\n    # ä\n    return [r.body.upper() for r in event if r.body]\n",
        "def f(event):\n    for r in event:\n        pass\n    return [r.body for r in event]\n",
    ],
)
def test_shapes(handler: str):
    check("on_sqs_message", handler)


@pytest.mark.parametrize(
    ("above", "expression", "imports"),
    [
        ("", "unquote_plus(", ("from urllib.parse import unquote_plus",)),
        ("from urllib.parse import unquote_plus", "unquote_plus(", ()),
        ("from urllib.parse import unquote_plus as plain", "plain(", ()),
        ("import urllib.parse", "unquote_plus(", ("from urllib.parse import unquote_plus",)),
        ("from urllib import parse", "parse.unquote_plus(", ()),
    ],
)
def test_function_of_the_standard_library(above: str, expression: str, imports: tuple[str, ...]):
    handler = "def f(event):\n    return event.key\n"
    written = rewrite("on_s3_event", handler, above)

    assert isinstance(written, PlainHandler)
    assert imports == written.imports
    assert f"return {expression}event" in check("on_s3_event", handler, above)


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        ("def f(event):\n    return g(event)\n", "it hands event on to g"),
        ("def f(event):\n    return [g(r) for r in event]\n", "it hands r on to g"),
        ("def f(event):\n    return list(event)\n", "it hands event on to list"),
        ("def f(event):\n    return event\n", "it hands event on"),
        ("def f(event):\n    return event.wrong\n", "it asks for event.wrong"),
        ("def f(event):\n    return event.to_dict\n", "it hands event.to_dict on"),
        ("def f(event):\n    event = 1\n    return event\n", "it binds event anew"),
        ("def f(event):\n    event.body = 1\n", "it sets event.body"),
        ("def f(event):\n    return (lambda event: 1)(2)\n", "another function in it has a event of its own"),
        ("def f(event, more=1):\n    return more\n", "it takes more than the event"),
        ("def f(*event):\n    return event\n", "it takes more than the event"),
        ("async def f(event):\n    return 1\n", "it is no ordinary function"),
        ("@g\ndef f(event):\n    return 1\n", "another decorator takes the event from Chalice"),
    ],
)
def test_what_stays(handler: str, reason: str):
    assert reason == rewrite("on_sqs_message", handler)


def test_name_that_is_taken():
    handler = "def f(event):\n    return event.key\n"

    assert "unquote_plus is another thing in app.py" == rewrite("on_s3_event", handler, "unquote_plus = 1")


@pytest.mark.parametrize(
    ("kind", "handler"),
    [
        ("on_sqs_message", "def f(event):\n    return [type(r).__name__ for r in list(event)]\n"),
        ("on_sqs_message", 'def f(message):\n    """Why."""\n\n    return vars(message)\n'),
        (
            "on_sns_message",
            "def f(event):  # why\n    # how\n    if vars(event):\n        return vars(event)\n",
        ),
        ("on_s3_event", "def f(event): return vars(event)\n"),
        ("schedule", "def f(event):\n    context = event.context\n    return context, vars(event)\n"),
        ("schedule", "def f(event):\n    @staticmethod\n    def g(): return vars(event)\n    return g()\n"),
    ],
)
def test_handler_that_makes_the_object_itself(kind: str, handler: str):
    written = make_object(handler, kind, parse_module("app.py", handler))

    assert written is not None
    check_same(kind, handler, written)
    dotted = object_class(kind)
    assert handler == use_event_object(written.text, kind, {dotted.rpartition(".")[2]: dotted})


def test_annotation_goes_where_the_object_is_made():
    handler = "def f(event: 'SQSEvent') -> list:\n    return list(event)\n"
    written = make_object(handler, "on_sqs_message", parse_module("app.py", handler))

    assert written is not None
    assert "def f(event, context) -> list:\n    event = SQSEvent(event, context)\n" in written.text


@pytest.mark.parametrize(
    "handler",
    [
        "def f(event, context):\n    event = SQSEvent(event, context)\n    return context\n",
        "def f(event, context):\n    event = SNSEvent(event, context)\n    return event\n",
        "def f(event, context):\n    event = SQSEvent(context, event)\n    return event\n",
        "def f(event, context):\n    event = SQSEvent(event, context)\n",
        "def f(event, context):\n    other = SQSEvent(event, context)\n    return other\n",
    ],
)
def test_object_that_is_not_the_one_that_chalice_makes(handler: str):
    imported = {name: f"chalice.app.{name}" for name in ("SQSEvent", "SNSEvent")}

    assert use_event_object(handler, "on_sqs_message", imported) is None


@pytest.mark.parametrize("handler", ["@g\ndef f(event): return 1\n", "async def f(event): return 1\n"])
def test_handler_whose_object_something_else_gets(handler: str):
    assert make_object(handler, "schedule", parse_module("app.py", handler)) is None


@pytest.mark.parametrize(
    ("above", "below", "place"),
    [
        ("", "def f(event, more=1):\n    return event.bucket, more\n", 0),
        ("", "@g\ndef f(event):\n    return event.key\n", 0),
        ("# Why.\n@h\n", "@g\n# How.\ndef f(event):\n    return event.key\n", 1),
    ],
)
def test_handler_under_what_chalice_makes_of_it(above: str, below: str, place: int):
    around = "def g(f): return lambda event: [f(event)]\ndef h(f): return lambda *given: (given, f(*given))\n"
    text = f"{above}@app.on_s3_event(\n    bucket='b'\n)\n{below}"
    written = make_handler(text, place, "on_s3_event", parse_module("app.py", text))

    assert written is not None
    before: dict[str, Any] = {"app": Chalice("orders")}
    exec(around + text, before)
    after: dict[str, Any] = {}
    exec("\n".join([*written.imports, around, written.text]), after)
    event, context = sample_event("S3"), object()
    assert before["f"](event, context) == after["f"](event, context)
    assert written.text == f"{above}@partial(EventSourceHandler, event_class=S3Event)\n{below}"


def test_coroutine_is_left_to_chalice():
    text = "@app.schedule('rate(1 day)')\nasync def f(event):\n    return 1\n"

    assert make_handler(text, 0, "schedule", parse_module("app.py", text)) is None


def test_class_whose_name_is_taken():
    handler = "def f(event):\n    return list(event)\n"

    assert make_object(handler, "on_sqs_message", parse_module("app.py", f"SQSEvent = 1\n{handler}")) is None
