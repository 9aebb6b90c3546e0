"""
Functions for events of EventBridge, formerly CloudWatch Events.

Chalice: https://aws.github.io/chalice/topics/events.html#cloudwatch-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-cloudwatchevent.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Support
from converter.features.events.decorator import Said, event_decorator
from converter.sam.intrinsics import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.features.events.decorator import Arguments
    from converter.model import Json


def _read(arguments: Arguments) -> dict[str, Json]:
    pattern = arguments.take("event_pattern", "an event pattern", lambda value: isinstance(value, dict))
    if pattern is None:
        arguments.refuse("it says no event pattern")
    return {"Pattern": pattern}


def _write(properties: Mapping[str, Json]) -> Said | None:
    pattern = properties.get("Pattern")
    if not isinstance(pattern, dict) or not is_literal(pattern) or properties.keys() & {"Input", "InputPath"}:
        return None
    return Said({"event_pattern": pattern}, {"Pattern": pattern})


feature = event_decorator(
    "on_cw_event",
    "CloudWatchEvent",
    _read,
    _write,
    Support("`@app.on_cw_event(...)`", "`CloudWatchEvent` event"),
    positional="event_pattern",
    also=("EventBridgeRule",),
)
