"""What a reader of ours could not understand: it takes no part in the comparison, which is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from converter import codes
from converter.diagnostics import Diagnostic, Severity
from converter.model import Position
from converter.verify.route_code import DEFAULT

if TYPE_CHECKING:
    from converter.verify.side import Side

# Findings of the readers that mean: something was said, and could not be understood. Errors all do.
_NOT_UNDERSTOOD = {
    codes.INVALID_CONFIG_VALUE,
    codes.NOT_INTROSPECTED,
    codes.POLICY_NOT_GENERATED,
    codes.UNKNOWN_DECORATOR_ARGUMENT,
    codes.UNSUPPORTED_SETTING,
}


def choose_unshown(side: Side, files: Mapping[str, bytes], other: Side) -> Iterator[Diagnostic]:
    """What the code says of routes that the other side has too, in code that does not show it."""
    elsewhere = set(other.routes)
    for route in side.routes:
        shown = side.route_code.get(route)
        if shown is None or route not in elsewhere - other.shown_routes:
            continue
        path = next((path for path, data in files.items() if data == shown.source), None)
        place = Position(path, shown.line, 1) if path else side.routes[route]
        # What takes every type looks at none, as such a handler does.
        if shown.said.content_types not in ((), ("*/*",), DEFAULT):
            reason = "the code of the other project does not show which content types the route takes"
            yield codes.ROUTE_NOT_SHOWN.at(place, " ".join(route), reason)
        if shown.said.cors:
            reason = "the code of the other project does not show whether its answers have CORS headers"
            yield codes.ROUTE_NOT_SHOWN.at(place, " ".join(route), reason)


def choose_unread(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings about what takes no part in the comparison."""
    return (each for each in findings if each.severity is Severity.ERROR or each.code in _NOT_UNDERSTOOD)
