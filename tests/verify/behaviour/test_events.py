from __future__ import annotations

import json
from textwrap import dedent

import pytest

from converter.model import Json
from converter.verify.behaviour.events import MOST_EVENTS, make_events


def make(code: str) -> list[Json]:
    return make_events(dedent(code), "handler")


def test_keys_that_are_read_are_there_and_each_is_missing_once() -> None:
    events = make("def handler(event, context):\n    return event['a'] + event.get('b', 'x')\n")

    assert {"a": "text", "b": "x"} == events[0]
    assert {"b": "x"} in events
    assert {"a": "text"} in events
    assert {} in events


def test_keys_of_parts_under_other_names_and_in_other_functions() -> None:
    code = """\
        def total(order):
            return sum(line["count"] for line in order["lines"])

        def handler(event, context):
            order = event["order"]
            return total(order)
    """

    assert {"order": {"lines": [{"count": "text"}, {"count": 7}]}} == make(code)[0]


def test_constants_that_are_compared_with_are_tried() -> None:
    code = """\
        def handler(event, context):
            if event["kind"] == "big":
                return 1
            if event["kind"] in ("small", "tiny"):
                return 2
    """
    events = make(code)

    assert [{"kind": kind} for kind in ("big", "small", "tiny")] == [
        event for event in events if event in ({"kind": "big"}, {"kind": "small"}, {"kind": "tiny"})
    ]


def test_types_follow_from_use() -> None:
    code = """\
        def handler(event, context):
            return int(event["n"]), event["name"].lower(), event["price"] * 2, sum(event["all"])
    """

    assert {"n": "7", "name": "text", "price": 7, "all": [3, 1, 2]} == make(code)[0]


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("event['Records'][0]['s3']['bucket']['name']", {"s3"}),
        ("[record['body'] for record in event['Records']]", {"body"}),
    ],
)
def test_records_of_services(line: str, keys: set[str]) -> None:
    made = make(f"def handler(event, context):\n    return {line}\n")
    listed = [event["Records"] for event in made if isinstance(event, dict) and "Records" in event]
    records = [each for each in listed if isinstance(each, list) and each and "eventSource" in each[0]]

    assert any(keys <= each[0].keys() for each in records)
    assert any(len(each) > 1 for each in records)


def test_requests_of_api_gateway() -> None:
    code = "def handler(event, context):\n    return event['pathParameters']['id'], event['body']\n"
    requests = [event for event in make(code) if isinstance(event, dict) and "httpMethod" in event]

    assert {"GET", "POST", "PUT", "DELETE"} == {request["httpMethod"] for request in requests}
    assert {"id": "7"} in [request["pathParameters"] for request in requests]
    assert any(request["isBase64Encoded"] for request in requests)
    assert any(request["body"] == "{not json" for request in requests)


def test_same_source_same_events_and_none_twice() -> None:
    code = "def handler(event, context):\n    return event['a']\n"
    texts = [json.dumps(event, sort_keys=True) for event in make(code)]

    assert texts == [json.dumps(event, sort_keys=True) for event in make(code)]
    assert len(texts) == len(set(texts))


def test_many_keys_make_no_more_events_than_that() -> None:
    keys = ", ".join(f"event['k{number}']" for number in range(100))

    assert MOST_EVENTS == len(make(f"def handler(event, context):\n    return {keys}\n"))


@pytest.mark.parametrize("code", ["", "def handler(:", "def other(event): pass", "def handler(): pass", "\0"])
def test_source_that_says_nothing(code: str) -> None:
    assert {} in make(code)
