"""An application as a drawing: events, the functions that they invoke, and the resources that these name."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from converter.model import Application, EventSource, Function, Json
from converter.sam.intrinsics.mentions import references

_ROW, _BOX, _WIDTHS, _GAP = 26, 20, (220, 200, 180), 40
_LEFT = (0, _WIDTHS[0] + _GAP, _WIDTHS[0] + _WIDTHS[1] + 2 * _GAP)
# What says which events they are, in the order in which it is looked for.
_SUBJECTS = ("Path", "Schedule", "Queue", "Topic", "Stream", "Bucket", "ScheduleExpression", "Pattern")


def draw(application: Application, title: str) -> str:
    """The application as inline SVG, in a box that scrolls, and the same as a list."""
    functions = list(application.functions.values())
    resources = list(application.template.sections.get("Resources", {}))
    rows = max([sum(max(1, len(each.events)) for each in functions), len(resources), 1])
    width, height = _LEFT[2] + _WIDTHS[2] + 2, (rows + 1) * _ROW
    said = f"{title}: {len(functions)} functions, {len(resources)} resources"
    parts = "".join(_draw_parts(functions, resources))
    return (
        f'<h3>{escape(title)}</h3><div class="scroll" tabindex="0" role="group" aria-label="{escape(said)}">'
        f'<svg role="img" aria-label="{escape(said)}" width="{width}" height="{height}" '
        f'viewBox="-1 0 {width} {height}">{parts}</svg></div>'
        f"<details><summary>The same as a list</summary><ul>{''.join(map(_list_function, functions))}</ul>"
        "</details>"
    )


def _list_function(function: Function) -> str:
    events = "; ".join(map(_name_event, function.events)) or "invoked directly"
    place = f" ({function.position})" if function.position else ""
    return f"<li><code>{escape(function.name)}</code>{escape(place)}: {escape(events)}</li>"


def _name_event(event: EventSource) -> str:
    return f"{event.kind} {_find_subject(event.properties)}".rstrip()


def _draw_parts(functions: list[Function], resources: list[str]) -> Iterator[str]:
    for column, name in enumerate(("Events", "Functions", "Resources")):
        yield f'<text class="head" x="{_LEFT[column]}" y="16">{name}</text>'
    places = {name: (number + 1) * _ROW for number, name in enumerate(resources)}
    for name, top in places.items():
        yield _draw_box(2, top, name, "resource")
    top = _ROW
    for function in functions:
        yield _draw_box(1, top, function.name, "function")
        for number, event in enumerate(function.events):
            at = top + number * _ROW
            yield _draw_box(0, at, _name_event(event), "event")
            yield _draw_line(0, at, top)
        for name in sorted(_find_named(function) & places.keys()):
            yield _draw_line(1, top, places[name])
        top += max(1, len(function.events)) * _ROW


def _find_subject(properties: Json) -> str:
    if not isinstance(properties, dict):
        return ""
    value = next((properties[key] for key in _SUBJECTS if key in properties), "")
    method = properties.get("Method", "") if "Path" in properties else ""
    return f"{str(method).upper()} {value}".strip() if isinstance(value, str) else " ".join(_find_ids(value))


def _find_named(function: Function) -> set[str]:
    """The ids of what the function's settings and events name."""
    said = [function.carried, *function.settings.values(), *(event.properties for event in function.events)]
    return {name for value in said for name in _find_ids(value)}


def _find_ids(value: Json) -> list[str]:
    return sorted(references(value))


def _draw_box(column: int, top: int, text: str, kind: str) -> str:
    width = _WIDTHS[column]
    most = width // 8
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    return (
        f'<g><title>{escape(text)}</title><rect class="{kind}" x="{_LEFT[column]}" y="{top}" width="{width}" '
        f'height="{_BOX}" rx="4"/><text x="{_LEFT[column] + 6}" y="{top + 15}">{escape(shown)}</text></g>'
    )


def _draw_line(column: int, top: int, to: int) -> str:
    left, right = _LEFT[column] + _WIDTHS[column], _LEFT[column + 1]
    middle, start, end = (left + right) // 2, top + _BOX // 2, to + _BOX // 2
    return f'<path d="M{left} {start}C{middle} {start} {middle} {end} {right} {end}"/>'
