"""Modules with event handlers, odd in code or events: what Chalice itself answers is what they have to."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from copy import deepcopy
from textwrap import dedent
from typing import Any

import pytest

from converter import codes
from converter.chalice.plain import PlainModule, make_plain
from converter.chalice.registration import EVENT_DECORATORS
from converter.chalice.source import ChaliceSource
from converter.python.split import assemble

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/Boats/stream/2026-01-01T00:00:00.000"


def make_rule(**more: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "account": "123456789012",
        "region": "eu-west-1",
        "detail": {"état": "ouvert", "items": [1, 2]},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": "2026-01-01T00:00:00Z",
        "id": "e-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/tick"],
        **more,
    }


def make_kinesis(data: bytes, time: float) -> dict[str, Any]:
    return {
        "kinesis": {
            "data": base64.b64encode(data).decode(),
            "partitionKey": "k",
            "kinesisSchemaVersion": "1.0",
            "sequenceNumber": "49",
            "approximateArrivalTimestamp": time,
        }
    }


def make_dynamodb(name: str, arn: str = ARN, **images: Any) -> dict[str, Any]:
    return {
        "awsRegion": "eu-west-1",
        "eventID": f"id-{name}",
        "eventName": name,
        "eventSourceARN": arn,
        "dynamodb": {
            "ApproximateCreationDateTime": 1600000000.5,
            "SequenceNumber": "1",
            "SizeBytes": 12,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **images,
        },
    }


def make_sqs(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"body": body, "receiptHandle": f"h-{number}", "messageId": f"m-{number}"}
            for number, body in enumerate(bodies)
        ]
    }


def make_s3(*keys: str) -> dict[str, Any]:
    return {"Records": [{"s3": {"bucket": {"name": "harbor"}, "object": {"key": key}}} for key in keys]}


def make_sns(*messages: str, subject: str | None = "news") -> dict[str, Any]:
    attributes = {"kind": {"Type": "String", "Value": "a"}}
    return {
        "Records": [
            {"Sns": {"Message": message, "Subject": subject, "MessageAttributes": attributes}}
            for message in messages
        ]
    }


EVENTS: Mapping[str, list[dict[str, Any]]] = {
    "schedule": [make_rule(), make_rule(detail={}, resources=[])],
    "on_cw_event": [make_rule(), make_rule(detail={})],
    "on_s3_event": [make_s3("a+b%2Fc%C3%A9.txt"), make_s3("one", "two"), {"Event": "s3:TestEvent"}],
    "on_sns_message": [make_sns("hello"), make_sns("é", "second", subject=None), {"Records": []}],
    "on_sqs_message": [make_sqs("1", "22", "é"), make_sqs(), {}],
    "on_kinesis_record": [
        {"Records": [make_kinesis(b"\x00\xff", 1545084650.987), make_kinesis(b"a", 0.1234565)]},
        {"Records": []},
    ],
    "on_dynamodb_record": [
        {"Records": [make_dynamodb("INSERT", Keys={"id": {"S": "é"}}, NewImage={"n": {"N": "1"}})]},
        {"Records": [make_dynamodb("MODIFY", OldImage={"n": {"N": "0"}}), make_dynamodb("REMOVE")]},
        {"Records": [make_dynamodb("INSERT", arn="odd"), make_dynamodb("INSERT", arn="a:b:c:d:e:f")]},
    ],
}
DECORATORS = {
    "schedule": "schedule('rate(1 hour)')",
    "on_cw_event": "on_cw_event({'source': ['aws.ec2']})",
    "on_s3_event": "on_s3_event(bucket='harbor')",
    "on_sns_message": "on_sns_message(topic='news')",
    "on_sqs_message": "on_sqs_message(queue='work')",
    "on_kinesis_record": "on_kinesis_record(stream='clicks')",
    "on_dynamodb_record": f"on_dynamodb_record(stream_arn='{ARN}')",
}


def make_app(kind: str, code: str, above: str = "") -> str:
    """A module with the handler `handle`, which `code` holds from its `def` on."""
    head = f"from chalice import Chalice\n{dedent(above)}\napp = Chalice(app_name='harbor')\n\n"
    return f"{head}\n@app.{DECORATORS[kind]}\n{dedent(code)}"


def convert(app: str) -> PlainModule:
    source = ChaliceSource({"app.py": app.encode()})
    claimed = {found for found in source.registrations if found.kind in EVENT_DECORATORS}
    return make_plain(source.app_module, source, claimed, ())


def run(code: str, event: dict[str, Any]) -> object:
    """What the handler of a module returns, or the type of what it raises."""
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(code, "app.py", "exec"), names)
    try:
        return names["handle"](deepcopy(event), "the context")
    except Exception as error:
        return type(error)


def check_same(kind: str, app: str) -> str:
    """Convert the handler; its new module answers as Chalice does, and knows Chalice no more."""
    plain = convert(app)

    assert () == plain.diagnostics
    text = assemble(plain.module.statements, plain.module)
    assert "chalice" not in text
    for event in EVENTS[kind]:
        assert run(app, event) == run(text, event)
    # They call for more than an error to compare.
    assert not isinstance(run(app, EVENTS[kind][0]), type)
    return text


# --- every attribute -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        (
            "schedule",
            "version account region detail detail_type source time event_id resources context to_dict()",
        ),
        ("on_cw_event", "version account region detail detail_type source time event_id resources"),
        ("on_s3_event", "bucket key context to_dict() _event_dict"),
        ("on_sns_message", "message subject message_attributes to_dict()"),
    ],
    ids=lambda value: value.split()[0],
)
def test_every_attribute(kind: str, attributes: str) -> None:
    uses = ", ".join(f"event.{attribute}" for attribute in attributes.split())
    check_same(kind, make_app(kind, f"def handle(event):\n    return [{uses}]\n"))


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("on_sqs_message", "body receipt_handle context to_dict() _event_dict"),
        ("on_kinesis_record", "data sequence_number partition_key schema_version timestamp to_dict()"),
        (
            "on_dynamodb_record",
            "timestamp keys new_image old_image sequence_number size_bytes stream_view_type aws_region "
            "event_id event_name event_source_arn table_name to_dict()",
        ),
    ],
    ids=lambda value: value.split()[0],
)
def test_every_attribute_of_records(kind: str, attributes: str) -> None:
    uses = ", ".join(f"record.{attribute}" for attribute in attributes.split())
    check_same(kind, make_app(kind, f"def handle(event):\n    return [[{uses}] for record in event]\n"))


# --- shapes of handlers ----------------------------------------------------------------

SHAPES = {
    "comments": (
        "schedule",
        """\
        def handle(
            event,  # from the rule
        ):
            # event.time is text
            return (
                event  # the rule's
                .detail["items"]
            )
        """,
    ),
    "own name context": (
        "schedule",
        "def handle(event):\n    context = event.context\n    return context, event.time\n",
    ),
    "closures": (
        "schedule",
        """\
        def handle(event):
            def inner():
                return event.region
            return inner(), (lambda: event.account)(), [event.time for _ in range(2)]
        """,
    ),
    "walrus": (
        "schedule",
        "def handle(event):\n    if (items := event.detail.get('items')):\n        return items\n",
    ),
    "wide characters before": (
        "schedule",
        "def handle(event):\n    return 'é√😀', event.time, event.detail\n",
    ),
    "f-strings": (
        "schedule",
        """\
        def handle(event):
            return [
                f"{event.time} and {event.time}",
                f'{event.detail["items"]}',
                f"{event.detail_type!r:>40} {event.source:{len(event.source) + 3}}",
                "plain " f'{event.time}' f"{event.region}",
                'plain ' f"{event.time}",
                f'{event.time}' "plain",
                rf"\\d{event.time}",
            ]
        """,
    ),
    "two loops": (
        "on_sqs_message",
        "def handle(event):\n    return [[(a.body, b.body) for b in event] for a in event]\n",
    ),
    "raw records": (
        "on_sqs_message",
        "def handle(event):\n    return [r['messageId'] for r in event.to_dict()['Records']]\n",
    ),
    "record after the loop": (
        "on_sqs_message",
        "def handle(event):\n    for record in event:\n        pass\n    return record.body if 1 else 0\n",
    ),
}


@pytest.mark.parametrize(("kind", "code"), SHAPES.values(), ids=SHAPES)
def test_shape(kind: str, code: str) -> None:
    check_same(kind, make_app(kind, code))


def test_no_place_is_taken_for_another() -> None:
    text = check_same(
        "schedule", make_app("schedule", "def handle(event):\n    return 'event.time', event.time\n")
    )

    assert "return 'event.time', event[\"time\"]" in text


# --- names of functions that it calls --------------------------------------------------

KEY = "def handle(event):\n    return event.key\n"
TIME = "def handle(event):\n    return [record.timestamp for record in event]\n"


@pytest.mark.parametrize(
    ("kind", "above", "code", "called"),
    [
        ("on_s3_event", "", KEY, "unquote_plus("),
        ("on_s3_event", "from urllib.parse import unquote_plus as plain", KEY, "plain("),
        ("on_s3_event", "import urllib.parse", KEY, "unquote_plus("),
        (
            "on_s3_event",
            "def other():\n    from urllib.parse import unquote_plus as inner",
            KEY,
            "unquote_plus(",
        ),
        ("on_kinesis_record", "", TIME, "datetime.fromtimestamp("),
        ("on_kinesis_record", "import datetime", TIME, "datetime.datetime.fromtimestamp("),
        ("on_kinesis_record", "import datetime as dt", TIME, "dt.datetime.fromtimestamp("),
        ("on_kinesis_record", "from datetime import datetime", TIME, "datetime.fromtimestamp("),
        (
            "on_kinesis_record",
            "from datetime import datetime\n\ndef other():\n    import datetime",
            TIME,
            " datetime.fromtimestamp(",
        ),
    ],
    ids=str,
)
def test_functions_of_the_standard_library(kind: str, above: str, code: str, called: str) -> None:
    if above.startswith("def"):
        above += "\n    return inner\n"
    text = check_same(kind, make_app(kind, code, above))

    assert called in text.replace("[", " ")


# --- what stays Chalice's ------------------------------------------------------------------

STAYS = {
    "bound by a loop over something else": (
        "on_sqs_message",
        "    for r in event:\n        r.body\n    for r in [1j]:\n        r.imag\n",
        "it binds r anew",
    ),
    "bound by a loop over its own attribute": (
        "on_sqs_message",
        "    return [r.body for r in event] + [r.real for r in [1]]\n",
        "it binds r anew",
    ),
    "bound by a loop over itself": (
        "on_sqs_message",
        "    for event in event:\n        event.body\n",
        "it binds event anew",
    ),
    "bound by except": (
        "schedule",
        "    try:\n        return event.time\n    except KeyError as event:\n        return event.args\n",
        "it binds event anew",
    ),
    "bound by an import": (
        "schedule",
        "    import os as event\n    return event.name\n",
        "it binds event anew",
    ),
    "bound by a pattern": (
        "schedule",
        "    match event.time:\n        case event:\n            return event\n",
        "it binds event anew",
    ),
    "private": (
        "schedule",
        "    return event._extract_attributes\n",
        "it asks for event._extract_attributes",
    ),
    "shown as written": (
        "schedule",
        "    return f'{event.time = !r}'\n",
        "it shows how the event is asked for",
    ),
    "in a pattern": (
        "schedule",
        "    match 'x':\n        case event.time:\n            return 1\n",
        "it uses the event where only a name with attributes may stand",
    ),
    "no quotes left": (
        "schedule",
        """    return f"{f'{event.time}'}"\n""",
        "it uses the event in a text that this Python cannot locate",
    ),
    "function's name taken": (
        "on_kinesis_record",
        "    import datetime\n    return [datetime.MAXYEAR, *(r.timestamp for r in event)]\n",
        "datetime is another thing in app.py",
    ),
}


@pytest.mark.parametrize(("kind", "code", "why"), STAYS.values(), ids=STAYS)
def test_stays(kind: str, code: str, why: str) -> None:
    (diagnostic,) = convert(make_app(kind, f"def handle(event):\n{code}")).diagnostics

    assert (codes.KEPT_HANDLER, why) == (diagnostic.code, diagnostic.reason)
