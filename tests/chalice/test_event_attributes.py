"""Plain handlers for Chalice's event objects: what is rewritten does the same, and comes back as it was."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from chalice.app import CloudWatchEvent, DynamoDBEvent, KinesisEvent, SNSEvent, SQSEvent

from converter.chalice.event_attributes import use_event_object
from converter.chalice.event_objects import PlainHandler, rewrite_handler
from converter.python.module import parse_module

CLASSES: dict[str, Any] = {
    "schedule": CloudWatchEvent,
    "on_sqs_message": SQSEvent,
    "on_sns_message": SNSEvent,
    "on_kinesis_record": KinesisEvent,
    "on_dynamodb_record": DynamoDBEvent,
}
EVENTS: dict[str, Any] = {
    "schedule": {
        "version": "0",
        "account": "1",
        "region": "r",
        "detail": {"a": {"b": 2}},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": "2024-01-01T00:00:00Z",
        "id": "abc",
        "resources": ["x"],
    },
    "on_sqs_message": {"Records": [{"body": "1", "receiptHandle": "h"}, {"body": "2", "receiptHandle": "i"}]},
    "on_sns_message": {"Records": [{"Sns": {"Message": "m", "Subject": "s", "MessageAttributes": {}}}]},
    "on_kinesis_record": {
        "Records": [
            {
                "kinesis": {
                    "data": base64.b64encode(b"hi").decode(),
                    "sequenceNumber": "1",
                    "partitionKey": "p",
                    "kinesisSchemaVersion": "1.0",
                    "approximateArrivalTimestamp": 1.5,
                }
            }
        ]
    },
    "on_dynamodb_record": {
        "Records": [
            {
                "awsRegion": "r",
                "eventID": "1",
                "eventName": "INSERT",
                "eventSourceARN": "arn:aws:dynamodb:r:1:table/t/stream/x",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1,
                    "Keys": {"id": {"S": "a"}},
                    "SequenceNumber": "1",
                    "SizeBytes": 1,
                    "StreamViewType": "NEW_IMAGE",
                    "NewImage": {"id": {"S": "a"}},
                },
            }
        ]
    },
}


def run(text: str, name: str, *arguments: Any) -> Any:
    names: dict[str, Any] = {"base64": base64, "b64decode": base64.b64decode}
    exec(text, names)
    return names[name](*arguments)


@pytest.mark.parametrize(
    ("decorator", "body", "rewritten"),
    [
        ("schedule", "return 1", "return 1"),
        ("schedule", "return context", "return event.context"),
        ("schedule", "return event['detail']['a']['b']", "return event.detail['a']['b']"),
        ("schedule", """return f"{event['time']!r:>{len('x')}}" """.strip(), None),
        ("schedule", "return event['detail-type'], event['id']", "return event.detail_type, event.event_id"),
        ("schedule", "return dict(context=context)", "return dict(context=event.context)"),
        (
            "on_sqs_message",
            "return [r['body'] for r in event['Records']]",
            "return [r.body for r in event]",
        ),
        (
            "on_sqs_message",
            "for n, r in enumerate(event['Records'], 1):  # each\n        pass\n    return n, r['body']",
            "for n, r in enumerate(event, 1):  # each\n        pass\n    return n, r.body",
        ),
        ("on_sns_message", "return event['Records'][0]['Sns']['Message']", "return event.message"),
        (
            "on_kinesis_record",
            "return [base64.b64decode(r['kinesis']['data']) for r in event['Records']]",
            "return [r.data for r in event]",
        ),
        (
            "on_kinesis_record",
            "return [b64decode(r['kinesis']['data']) for r in event['Records']]",
            "return [r.data for r in event]",
        ),
        (
            "on_dynamodb_record",
            "return [(r['eventName'], r['dynamodb'].get('NewImage')) for r in event['Records']]",
            "return [(r.event_name, r.new_image) for r in event]",
        ),
    ],
)
def test_handler(decorator: str, body: str, rewritten: str | None):
    imported = {"base64": "base64", "b64decode": "base64.b64decode"}
    text = f"def f(event, context):\n    {body}\n"
    found = use_event_object(text, decorator, imported)
    if rewritten is None:
        # Places in texts are known on newer Pythons only; either way it does the same.
        rewritten = (found or "").partition("\n")[2].strip()
    event = EVENTS[decorator]

    if found is not None:
        assert f"def f(event):\n    {rewritten}\n" == found
        assert run(text, "f", event, "context") == run(found, "f", CLASSES[decorator](event, "context"))


@pytest.mark.parametrize(
    ("decorator", "body"),
    [
        ("schedule", "return event"),
        ("schedule", "return event.get('time')"),
        ("schedule", "return event['Input']"),
        ("schedule", "event['time'] = 1"),
        ("schedule", "del event['time']"),
        ("schedule", "event = {}"),
        ("schedule", "context = 1\n    return context"),
        ("schedule", "return lambda event: event['time']"),
        ("schedule", "try:\n        pass\n    except OSError as event:\n        pass"),
        ("on_sqs_message", "return event['Records']"),
        ("on_sqs_message", "return [r for r in event['Records']]"),
        ("on_sqs_message", "return [r['messageId'] for r in event['Records']]"),
        ("on_sqs_message", "r = 1\n    for r in event['Records']:\n        print(r['body'])"),
        ("on_sns_message", "return [r['Sns']['Message'] for r in event['Records']]"),
        ("on_kinesis_record", "return [r['kinesis']['data'] for r in event['Records']]"),
    ],
)
def test_handler_that_asks_for_more(decorator: str, body: str):
    assert use_event_object(f"def f(event, context):\n    {body}\n", decorator, {}) is None


@pytest.mark.parametrize(
    ("decorator", "body", "rewritten"),
    [
        ("schedule", "return read(event)", "return read(event.to_dict())"),
        ("schedule", "return read(1, given=event)", "return read(1, given=event.to_dict())"),
        ("schedule", "return event['time'], read(event)", "return event.time, read(event.to_dict())"),
        (
            "on_sqs_message",
            "return [read(r) for r in event['Records'] if r['body']]",
            "return [read(r) for r in event.to_dict()['Records'] if r['body']]",
        ),
        (
            "on_sqs_message",
            "for r in event['Records']:\n        read(r, context)",
            "for r in event.to_dict()['Records']:\n        read(r, event.context)",
        ),
    ],
)
def test_handler_that_hands_on_what_it_got(decorator: str, body: str, rewritten: str):
    text = f"def f(event, context):\n    {body}\n"
    there = use_event_object(text, decorator, {})
    assert there is not None
    back = rewrite_handler(there, decorator, parse_module("app.py", there), lambda *_: None)

    assert f"def f(event):\n    {rewritten}\n" == there
    assert isinstance(back, PlainHandler)
    assert text.replace("'", '"') == back.text.replace("'", '"')


def test_handler_that_calls_another_one():
    """The wrapper around it calls it as it is, and so the next conversion finds both."""
    text = "def f(event, context):\n    return g(event, context)\n"

    assert use_event_object(text, "schedule", {}) is None


@pytest.mark.parametrize(
    "parameters", ["event", "event, context, more", "event, context=None", "*event", "event, /, context"]
)
def test_handler_of_other_parameters(parameters: str):
    assert use_event_object(f"def f({parameters}):\n    return 1\n", "schedule", {}) is None


def test_annotations_of_the_plain_handler_go():
    text = "def f(event: dict, context: object) -> str:\n    return event['time']\n"

    assert "def f(event) -> str:\n    return event.time\n" == use_event_object(text, "schedule", {})


def test_rewriting_back():
    text = (
        'def f(event, context):\n    # Each.\n    return [(r["body"], context) for r in event["Records"]]\n'
    )
    there = use_event_object(text, "on_sqs_message", {})
    assert there is not None
    back = rewrite_handler(there, "on_sqs_message", parse_module("app.py", there))

    assert text == getattr(back, "text", back)
