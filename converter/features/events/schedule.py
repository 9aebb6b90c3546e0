"""
Functions that run at set times.

Chalice: https://aws.github.io/chalice/topics/events.html#scheduled-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-schedule.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Support
from converter.features.events.decorator import Said, event_decorator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.features.events.decorator import Arguments
    from converter.model import Json


def _read(arguments: Arguments) -> dict[str, Json]:
    expression = arguments.take_text("expression")
    if expression is None:
        arguments.refuse("it says no schedule")
    # Chalice describes the rule when it deploys by itself; `chalice package` leaves the text out.
    return {
        "Schedule": expression,
        "Description": arguments.take("description", "a text", _is_string) or None,
    }


def _write(properties: Mapping[str, Json]) -> Said | None:
    schedule = properties.get("Schedule")
    # The handler's event has to be EventBridge's own.
    if not isinstance(schedule, str) or properties.keys() & {"Input", "InputPath"}:
        return None
    return Said({"expression": schedule}, {"Schedule": schedule})


def _is_string(value: Json) -> bool:
    return isinstance(value, str)


feature = event_decorator(
    "schedule",
    "Schedule",
    _read,
    _write,
    Support("`@app.schedule(...)`, with a text, `Rate` or `Cron`", "`Schedule` event"),
    positional="expression",
)
