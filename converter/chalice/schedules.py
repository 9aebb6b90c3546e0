"""Chalice's ways of writing a schedule, `Rate` and `Cron`, as EventBridge has them (chalice.app)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from converter.model import Json
from converter.python.constants import UNKNOWN

_RATE = ("value", "unit")
_CRON = ("minutes", "hours", "day_of_month", "month", "day_of_week", "year")


def _arguments(parameters: tuple[str, ...], given: tuple[Json, ...], named: Mapping[str, Json]) -> list[Json]:
    """The arguments in the order of the parameters; none where they do not fit, or only deployment knows."""
    arguments = {**dict(zip(parameters, given, strict=False)), **named}
    fits = len(given) + len(named) == len(parameters) and arguments.keys() == set(parameters)
    values = [arguments[parameter] for parameter in parameters] if fits else []
    return values if all(isinstance(value, (str, int)) for value in values) else []


def _write_cron(*given: Json, **named: Json) -> Json:
    values = _arguments(_CRON, given, named)
    return f"cron({' '.join(map(str, values))})" if values else UNKNOWN


def _write_rate(*given: Json, **named: Json) -> Json:
    """`rate(5 minutes)` of `Rate(5, "MINUTES")`."""
    value, unit = _arguments(_RATE, given, named) or (None, None)
    if not isinstance(unit, str):
        return UNKNOWN
    # Chalice's own rule: one minute, several minutes.
    return f"rate({value} {(unit[:-1] if value == 1 else unit).lower()})"


# What Chalice's names mean in the argument of a decorator.
SCHEDULES: Mapping[str, Json | Callable[..., Json]] = {
    f"{package}.{name}": value
    for package in ("chalice", "chalice.app")
    for name, value in {
        "Cron": _write_cron,
        "Rate": _write_rate,
        **{f"Rate.{unit}": unit for unit in ("MINUTES", "HOURS", "DAYS")},
    }.items()
}
