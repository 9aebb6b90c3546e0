"""Annotations on the lines of a pull request.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from converter.diagnostics import Severity
from converter.report.outcome import Item, Outcome

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(outcome: Outcome) -> str:
    """One workflow command for each finding."""
    return "".join(f"{_write_command(item)}\n" for item in outcome.items)


def _write_command(item: Item) -> str:
    properties = {"title": f"{item.rule.id} {item.rule.title}"}
    if item.position:
        at = item.position
        properties = {"file": at.path, "line": str(at.line), "col": str(at.column), **properties}
    written = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[item.rule.severity]} {written}::{_escape(item.message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
