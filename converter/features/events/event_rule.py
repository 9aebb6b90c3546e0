"""
Functions for events of EventBridge, formerly CloudWatch Events.

Chalice: https://aws.github.io/chalice/topics/events.html#cloudwatch-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-cloudwatchevent.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Support
from converter.features.events.decorator import event_decorator

if TYPE_CHECKING:
    from converter.features.events.decorator import Arguments
    from converter.model import Json


def _read(arguments: Arguments) -> dict[str, Json]:
    pattern = arguments.take("event_pattern", "an event pattern", lambda value: isinstance(value, dict))
    if pattern is None:
        arguments.refuse("it says no event pattern")
    return {"Pattern": pattern}


feature = event_decorator(
    "on_cw_event", "CloudWatchEvent", _read, Support("`@app.on_cw_event(...)`", "`CloudWatchEvent` event")
)
