"""
Functions for records of streams: of Kinesis, and of DynamoDB tables.

Chalice: https://aws.github.io/chalice/topics/events.html#kinesis-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-kinesis.html
and https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-dynamodb.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Support
from converter.features.events.arn import arn_of
from converter.features.events.decorator import event_decorator

if TYPE_CHECKING:
    from converter.features.events.decorator import Arguments
    from converter.model import Json

_STARTS = ("LATEST", "TRIM_HORIZON")


def _read_kinesis(arguments: Arguments) -> dict[str, Json]:
    stream = arguments.take_text("stream")
    if stream is None:
        arguments.refuse("it says no stream")
    return {"Stream": arn_of("kinesis", stream, "stream/"), **_read_batches(arguments)}


def _read_dynamodb(arguments: Arguments) -> dict[str, Json]:
    stream = arguments.take_text("stream_arn")
    if stream is None:
        arguments.refuse("it says no stream")
    return {"Stream": stream, **_read_batches(arguments)}


def _read_batches(arguments: Arguments) -> dict[str, Json]:
    return {
        "BatchSize": arguments.take_number("batch_size", 100),
        "StartingPosition": arguments.take(
            "starting_position", " or ".join(_STARTS), _STARTS.__contains__, _STARTS[0]
        ),
        "MaximumBatchingWindowInSeconds": arguments.take_number("maximum_batching_window_in_seconds") or None,
    }


kinesis = event_decorator(
    "on_kinesis_record",
    "Kinesis",
    _read_kinesis,
    Support("`@app.on_kinesis_record(stream=...)`", "`Kinesis` event", note="the stream exists already"),
)
dynamodb = event_decorator(
    "on_dynamodb_record",
    "DynamoDB",
    _read_dynamodb,
    Support(
        "`@app.on_dynamodb_record(stream_arn=...)`", "`DynamoDB` event", note="the stream exists already"
    ),
)
