"""Chalice's ways of writing a schedule, `Rate` and `Cron`, as EventBridge has them (chalice.app)."""

from __future__ import annotations

from collections.abc import Mapping

from converter.model import Json
from converter.python.constants import UNKNOWN

_RATE = ("value", "unit")
_CRON = ("minutes", "hours", "day_of_month", "month", "day_of_week", "year")
# The classes by the names that they have, with their parameters.
SCHEDULES: Mapping[str, tuple[str, ...]] = {
    "chalice.Rate": _RATE,
    "chalice.app.Rate": _RATE,
    "chalice.Cron": _CRON,
    "chalice.app.Cron": _CRON,
}


def write_schedule(name: str, arguments: Mapping[str, Json]) -> Json:
    """`rate(5 minutes)` of `Rate(5, "MINUTES")`, and so for `Cron`; UNKNOWN where an argument is missing."""
    parameters = SCHEDULES[f"chalice.{name}"]
    if arguments.keys() != set(parameters):
        return UNKNOWN
    values = [arguments[parameter] for parameter in parameters]
    if name == "Cron":
        return f"cron({' '.join(map(str, values))})"
    value, unit = values
    if not isinstance(unit, str):
        return UNKNOWN
    # Chalice's own rule: one minute, several minutes.
    return f"rate({value} {(unit[:-1] if value == 1 else unit).lower()})"
