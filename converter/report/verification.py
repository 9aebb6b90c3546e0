"""The report of `paws verify`, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from converter import __version__
from converter.model import Json
from converter.report import Exit
from converter.report.behaviour import describe_behaviour, render_behaviour
from converter.report.json_ import VERSION, describe_diagnostic
from converter.report.text import Style, printable, render_diagnostics, show_place
from converter.verify.comparison import Change
from converter.verify.facts import show_permission
from converter.verify.values import show_value

if TYPE_CHECKING:
    from converter.diagnostics import Diagnostic
    from converter.verify import Finding, Verification
    from converter.verify.behaviour import Behaviour

_COLOURS = {Change.LOST: "red", Change.CHANGED: "yellow", Change.ADDED: "cyan"}


@dataclass(frozen=True)
class VerificationReport:
    """One run. `left` and `right` are the folders as the user wrote them; `diagnostics` say why it failed."""

    left: str
    right: str
    exit: Exit
    verification: Verification | None = None
    behaviour: Behaviour | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def choose_exit(verification: Verification, behaviour: Behaviour | None = None) -> Exit:
    """0 for equal, 1 for different, 3 for equal as far as it was compared."""
    if verification.differences or (behaviour and behaviour.is_different):
        return Exit.FOUND
    is_complete = verification.is_complete and (behaviour is None or behaviour.is_complete)
    return Exit.DONE if is_complete else Exit.UNFINISHED


# --- text -----------------------------------------------------------------------------


def render_text(report: VerificationReport, style: Style, *, show_all: bool = False) -> str:
    """The report for people; `show_all` lists the accepted differences too."""
    verification = report.verification
    if verification is None:
        return ""
    paragraphs = [
        _render_verdict(report, verification, style),
        *_render_findings(report, verification.differences, style),
        *_render_not_compared(report, verification, style),
        *_render_accepted(report, verification, style, show_all),
        *(render_behaviour(report.behaviour, style) if report.behaviour else ()),
    ]
    return "\n\n".join(paragraphs) + "\n"


def render_failure(report: VerificationReport, style: Style) -> str:
    """Why nothing could be compared; empty if something was."""
    if report.verification is not None:
        return ""
    head = style.paint("Nothing was compared.", "bold", "red")
    return "\n\n".join([head, *render_diagnostics(".", report.diagnostics, style)]) + "\n"


def _render_verdict(report: VerificationReport, verification: Verification, style: Style) -> str:
    both = (
        f"{report.left} ({verification.left.framework}) and {report.right} ({verification.right.framework})"
    )
    share = f"{verification.matched} of {verification.total} facts match"
    stages = ", ".join(verification.stages) or "none in common"
    tail = f"  {share} ({_as_percent(verification.score)}); stages: {stages}"
    if verification.differences:
        return f"{style.paint(f'{both} differ.', 'bold', 'red')}\n{tail}"
    if not verification.is_complete:
        return (
            f"{style.paint(f'{both} are the same as far as they were compared.', 'bold', 'yellow')}\n{tail}"
        )
    return f"{style.paint(f'{both} mean the same.', 'bold', 'green')}\n{tail}"


def _as_percent(share: float) -> str:
    """Rounded down: only what is complete is 100 %."""
    return f"{int(share * 1000) / 10:g} %"


def _render_findings(
    report: VerificationReport, findings: tuple[Finding, ...], style: Style
) -> Iterator[str]:
    for part, group in groupby(findings, key=lambda finding: str(finding.difference.part)):
        lines = [style.paint(printable(part), "bold")]
        for finding in group:
            lines += _render_finding(report, finding, style)
        yield "\n".join(lines)


def _render_finding(report: VerificationReport, finding: Finding, style: Style) -> Iterator[str]:
    difference = finding.difference
    change = style.paint(str(difference.change).ljust(7), _COLOURS[difference.change])
    of_stages = f"  (stage {', '.join(finding.stages)})" if _is_partial(report, finding) else ""
    yield f"  {change}  {printable(describe_difference(finding))}{of_stages}"
    for folder, place in ((report.left, finding.left_place), (report.right, finding.right_place)):
        if place is not None:
            yield " " * 11 + show_place(folder, place)


def _is_partial(report: VerificationReport, finding: Finding) -> bool:
    assert report.verification is not None
    return finding.stages != report.verification.stages and finding.difference.kind != "stage"


def describe_difference(finding: Finding) -> str:
    """What differs: `timeout: 60, now 30`."""
    difference = finding.difference
    if difference.is_whole:
        return f"the whole {difference.kind}"
    values = [show_fact(value) for value in (difference.left, difference.right)]
    said = f"{values[0]}, now {values[1]}" if difference.change is Change.CHANGED else ""
    if not said:
        said = values[0] if difference.change is Change.LOST else values[1]
    name = difference.name
    is_set = name == show_value(difference.left if difference.left is not None else difference.right)
    label = difference.kind if is_set or name == difference.kind else f"{difference.kind} {name}"
    return f"{label}: {said}"


def show_fact(value: Json) -> str:
    """A value in a line: a permission as a sentence, text as it is, anything else as JSON."""
    shown = value if isinstance(value, str) else show_permission(value)
    return shown if shown else '""'


def _render_not_compared(
    report: VerificationReport, verification: Verification, style: Style
) -> Iterator[str]:
    folders = (report.left, report.right)
    for folder, unread in zip(folders, verification.not_compared, strict=True):
        if unread:
            head = style.paint(f"Not compared, in {folder}:", "bold")
            yield "\n".join([head, *render_diagnostics(folder, unread, style)])


def _render_accepted(
    report: VerificationReport, verification: Verification, style: Style, show_all: bool
) -> Iterator[str]:
    accepted = sorted((finding for finding in verification.findings if finding.accepted), key=_title)
    if accepted and not show_all:
        count = f"{len(accepted)} accepted difference{'s' if len(accepted) > 1 else ''}"
        yield style.paint(f"{count} (--all lists them)", "dim")
    for title, group in groupby(accepted if show_all else (), key=_title):
        lines = [style.paint(f"Accepted: {title}", "bold")]
        for finding in group:
            stages = f"  (stage {', '.join(finding.stages)})" if _is_partial(report, finding) else ""
            said = f"{finding.difference.part}: {describe_difference(finding)}"
            lines.append(f"  {finding.difference.change.value.ljust(7)}  {printable(said)}{stages}")
        yield "\n".join(lines)


def _title(finding: Finding) -> str:
    return finding.accepted


# --- JSON -----------------------------------------------------------------------------


def render_json(report: VerificationReport) -> str:
    """The report as one JSON document, equal for equal runs."""
    return json.dumps(_describe_report(report), indent=2, ensure_ascii=False) + "\n"


def _describe_report(report: VerificationReport) -> dict[str, Any]:
    verification = report.verification
    described: dict[str, Any] = {
        "version": VERSION,
        "paws": __version__,
        "command": "verify",
        "left": {"path": report.left},
        "right": {"path": report.right},
        "exit": {"code": report.exit.value, "meaning": _MEANINGS.get(report.exit, report.exit.meaning)},
        "diagnostics": [describe_diagnostic(each) for each in report.diagnostics],
    }
    if verification is None:
        return described
    for name, side, unread in zip(
        ("left", "right"), (verification.left, verification.right), verification.not_compared, strict=True
    ):
        described[name] |= {
            "framework": side.framework.value,
            "not_compared": [describe_diagnostic(each) for each in unread],
        }
    behaviour = describe_behaviour(report.behaviour) if report.behaviour else None
    return described | {
        "behaviour": behaviour,
        "stages": list(verification.stages),
        "matched": verification.matched,
        "total": verification.total,
        "score": round(verification.score, 4),
        "findings": [_describe_finding(finding) for finding in verification.findings],
    }


def _describe_finding(finding: Finding) -> dict[str, Any]:
    difference = finding.difference
    return {
        "change": difference.change.value,
        "kind": difference.kind,
        "part": str(difference.part),
        "name": difference.name,
        "left": difference.left,
        "right": difference.right,
        "stages": list(finding.stages),
        "left_place": str(finding.left_place) if finding.left_place else None,
        "right_place": str(finding.right_place) if finding.right_place else None,
        "accepted": finding.accepted or None,
    }


_MEANINGS = {
    Exit.DONE: "the projects mean the same",
    Exit.FOUND: "the projects differ",
    Exit.UNUSABLE: "wrong usage, or a project that cannot be read",
    Exit.UNFINISHED: "the same as far as they were compared, and something could not be",
}
