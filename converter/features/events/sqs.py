"""
Functions for messages of SQS queues.

Chalice: https://aws.github.io/chalice/topics/events.html#sqs-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sqs.html
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


def _read(arguments: Arguments) -> dict[str, Json]:
    queue, arn = arguments.take_text("queue"), arguments.take_text("queue_arn")
    if (queue is None) == (arn is None):
        # chalice.app raises ValueError.
        arguments.refuse("it takes either queue or queue_arn")
    concurrency = arguments.take_number("maximum_concurrency")
    return {
        "Queue": arn if arn is not None else arn_of("sqs", queue),
        "BatchSize": arguments.take_number("batch_size", 1),
        "MaximumBatchingWindowInSeconds": arguments.take_number("maximum_batching_window_in_seconds") or None,
        "ScalingConfig": {"MaximumConcurrency": concurrency} if concurrency else None,
    }


def _write(properties: Mapping[str, Json]) -> Said | None:
    queue = properties.get("Queue")
    name = find_name(queue, "sqs")
    arn = queue if isinstance(queue, str) else ARN_IN_TEMPLATE.format(service="sqs")
    batches = read_batches(properties, "SQS", chalice=1)
    scaling = properties.get("ScalingConfig")
    concurrency = (
        scaling.get("MaximumConcurrency") if isinstance(scaling, dict) and len(scaling) == 1 else None
    )
    is_said = type(concurrency) is int
    return Said(
        {
            **({"queue_arn": arn} if name is None else {"queue": name}),
            **batches.arguments,
            **({"maximum_concurrency": concurrency} if is_said else {}),
        },
        {
            "Queue": arn if name is None else queue,
            **batches.properties,
            **({"ScalingConfig": scaling} if is_said else {}),
        },
    )


feature = event_decorator(
    "on_sqs_message",
    "SQS",
    _read,
    _write,
    Support(
        "`@app.on_sqs_message(queue=... or queue_arn=...)`", "`SQS` event", note="the queue exists already"
    ),
)
