"""
Functions for records of streams: of Kinesis, and of DynamoDB tables.

Chalice: https://aws.github.io/chalice/topics/events.html#kinesis-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-kinesis.html
and https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-dynamodb.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.chalice.decoration import ARN_IN_TEMPLATE
from converter.feature import Support
from converter.features.events.arn import arn_of, find_name
from converter.features.events.decorator import Said, event_decorator, read_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def _write_kinesis(properties: Mapping[str, Json]) -> Said | None:
    stream = properties.get("Stream")
    name = find_name(stream, "kinesis", "stream/")
    # The decorator takes a name only, and `chalice package` cannot put a reference in its place.
    return (
        None if name is None else _write_stream("Kinesis", {"stream": name}, {"Stream": stream}, properties)
    )


def _write_dynamodb(properties: Mapping[str, Json]) -> Said | None:
    stream = properties.get("Stream")
    arn = stream if isinstance(stream, str) else ARN_IN_TEMPLATE.format(service="dynamodb")
    return _write_stream("DynamoDB", {"stream_arn": arn}, {"Stream": arn}, properties)


def _write_stream(
    kind: str, arguments: Mapping[str, Json], said: Mapping[str, Json], properties: Mapping[str, Json]
) -> Said | None:
    start = properties.get("StartingPosition")
    batches = read_batches(properties, kind, chalice=100)
    is_known = start in _STARTS
    is_default = start == _STARTS[0] or not is_known
    return Said(
        {**arguments, **batches.arguments, **({} if is_default else {"starting_position": start})},
        {**said, **batches.properties, "StartingPosition": start if is_known else _STARTS[0]},
    )


kinesis = event_decorator(
    "on_kinesis_record",
    "Kinesis",
    _read_kinesis,
    _write_kinesis,
    Support("`@app.on_kinesis_record(stream=...)`", "`Kinesis` event", note="the stream exists already"),
)
dynamodb = event_decorator(
    "on_dynamodb_record",
    "DynamoDB",
    _read_dynamodb,
    _write_dynamodb,
    Support(
        "`@app.on_dynamodb_record(stream_arn=...)`", "`DynamoDB` event", note="the stream exists already"
    ),
)
