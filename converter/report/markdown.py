"""The report as Markdown, for a comment or for the summary of a CI job."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from converter.diagnostics import Severity
from converter.report.outcome import Item, Outcome

_NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# GitHub shows a megabyte at most.
_MOST = 500


def render(outcome: Outcome) -> str:
    """The verdict, the figures, and a table of what was found."""
    return "\n".join(_write_lines(outcome)) + "\n"


def append_summary(outcome: Outcome) -> None:
    """Add the report to the summary of the job, where GitHub runs one.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
    """
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with Path(place).open("a", encoding="utf-8") as summary:
            summary.write(render(outcome))


def _write_lines(outcome: Outcome) -> Iterator[str]:
    yield f"## paws {outcome.command}\n"
    yield f"**{escape(outcome.verdict)}**\n"
    yield "| | |\n|---|---|"
    yield from (f"| {name} | {escape(value)} |" for name, value in outcome.facts)
    if outcome.items:
        yield "\n| | Where | What |\n|---|---|---|"
        yield from map(_write_row, outcome.items[:_MOST])
    if len(outcome.items) > _MOST:
        yield f"\n{len(outcome.items) - _MOST} more are not listed."


def _write_row(item: Item) -> str:
    place = f"`{item.position}`" if item.position else ""
    return f"| {_NAMES[item.rule.severity]} {item.rule.id} | {place} | {escape(item.message)} |"


def escape(text: str) -> str:
    """Text that means itself in a cell of a table."""
    for char in "\\`*_[]<>|#":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())
