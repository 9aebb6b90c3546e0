"""The report for people: what was made, what needs a person, what to type next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from posixpath import normpath

from converter.diagnostics import Code, Diagnostic, Severity
from converter.model import Position
from converter.report import Exit, Report

_NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_FRAMEWORKS = {"chalice-to-sam": "SAM", "sam-to-chalice": "Chalice"}


@dataclass(frozen=True)
class Style:
    """How text looks: with colour or without, wrapped at a width or not."""

    colour: bool = False
    width: int | None = None

    def paint(self, text: str, *looks: str) -> str:
        if not self.colour or not text:
            return text
        return f"\033[{';'.join(_SGR[look] for look in looks)}m{text}\033[0m"

    def wrap(self, text: str, indent: str) -> str:
        if self.width is None:
            return indent + text
        width = max(self.width, len(indent) + 20)
        return textwrap.fill(
            text,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


# https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters
_SGR = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def render(report: Report, style: Style = Style(), *, verbose: bool = False, quiet: bool = False) -> str:
    """The report as text; `verbose` shows the notes too, `quiet` nothing but what needs a person."""
    shown = [Severity.ERROR, Severity.WARNING, *([Severity.INFO] if verbose else [])]
    findings = list(_render_findings(report, style, shown))
    if quiet:
        paragraphs = findings
    else:
        counts = list(_count_findings(report, style, verbose))
        paragraphs = [_render_result(report, style), *counts, *findings, *_render_next(report, style)]
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


# --- what was made ------------------------------------------------------------


def _render_result(report: Report, style: Style) -> str:
    framework, output = _FRAMEWORKS[report.command], _as_folder(report.output)
    application = printable(report.application)
    if report.exit == Exit.UNUSABLE:
        return style.paint("Nothing was written.", "bold", "red")
    if not (report.files or report.files.unchanged):
        return style.paint(f"Nothing of {application} could be converted to {framework}.", "bold", "red")
    if report.written and report.files:
        head = f"Converted {application} to {framework} in {output}"
        return f"{style.paint(head, 'bold', 'green')}\n{_count_made(report)}"
    if not report.files:
        head = f"{output} already holds the {framework} form of {application}"
        return f"{style.paint(head, 'bold', 'green')}\n{_count_made(report)}"
    head = f"Would convert {application} to {framework} in {output}"
    if report.checked:
        head = f"{output} is not the {framework} form of {application}"
    return "\n".join([style.paint(head, "bold"), _count_made(report), *_list_changes(report, style)])


def _count_made(report: Report) -> str:
    made = [_count(report.functions, "function"), _count(report.layers, "layer")]
    files = report.files
    total = _count((*files.created, *files.updated, *files.unchanged), "file")
    details = [
        f"{len(paths)} {word}"
        for paths, word in [
            (files.created, "new"),
            (files.updated, "changed"),
            (files.unchanged, "unchanged"),
        ]
        if paths
    ]
    told = f" ({', '.join(details)})" if len(details) > 1 or not files.created else ""
    return "  " + ", ".join([*(count for count in made if count), (total or "no files") + told])


def _list_changes(report: Report, style: Style) -> Iterator[str]:
    if report.checked:
        yield from (f"  {style.paint('new', 'green')}      {path}" for path in report.files.created)
        yield from (f"  {style.paint('changed', 'yellow')}  {path}" for path in report.files.updated)
    if report.files.updated:
        yield "  files that exist are changed only with --force"


def _count(things: tuple[str, ...], name: str) -> str:
    return f"{len(things)} {name}{'s' if len(things) > 1 else ''}" if things else ""


# --- what needs a person ------------------------------------------------------


def _count_findings(report: Report, style: Style, verbose: bool) -> Iterator[str]:
    if report.exit == Exit.UNUSABLE or not report.diagnostics:
        return
    counts = []
    for severity in sorted(Severity, reverse=True):
        findings = report.findings(severity)
        if findings:
            count = _count(tuple(each.subject for each in findings), _NAMES[severity])
            hidden = " (-v shows them)" if severity == Severity.INFO and not verbose else ""
            counts.append(style.paint(count, "bold", _COLOURS[severity]) + hidden)
    yield f"{', '.join(counts)}; {style.paint('paws explain CODE', 'bold')} says more about each"


def _render_findings(report: Report, style: Style, shown: list[Severity]) -> Iterator[str]:
    for severity in shown:
        yield from render_diagnostics(report.project, report.findings(severity), style)


def render_diagnostics(project: str, diagnostics: Iterable[Diagnostic], style: Style) -> Iterator[str]:
    """A paragraph for each run of diagnostics that say the same of several places of the project."""
    for (code, reason, action), group in groupby(diagnostics, key=_what_is_said):
        yield _render_finding(code, reason, action, _places(project, list(group)), style)


def _what_is_said(diagnostic: Diagnostic) -> tuple[Code, str, str]:
    return diagnostic.code, diagnostic.reason, diagnostic.action


def _places(project: str, group: list[Diagnostic]) -> list[tuple[str, str]]:
    """Where each finding stands, as a path that the user's terminal can open, and what stands there."""
    return [(show_place(project, each.position), printable(each.subject)) for each in group]


def show_place(project: str, position: Position | None) -> str:
    """A place below the project's folder, as a path from where the user is; empty for none."""
    return printable(show_path(project, str(position))) if position else ""


def show_path(project: str, path: str) -> str:
    """A path below the project's folder, from where the user is."""
    return normpath(f"{PurePath(project).as_posix()}/{path}")


def printable(text: str) -> str:
    """A name from somebody's project must not steer the terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _render_finding(code: Code, reason: str, action: str, places: list[tuple[str, str]], style: Style) -> str:
    name = _NAMES[code.severity]
    width = max(len(place) for place, _ in places)
    margin = " " * len(f"  {name} {code.number}  ")
    told = [
        margin + (f"{style.paint(place.ljust(width), 'bold')}  " if width else "") + subject
        for place, subject in places
    ]
    told[0] = f"  {style.paint(name, 'bold', _COLOURS[code.severity])} {code.number}  {told[0].lstrip()}"
    if reason:
        told.append(style.wrap(printable(reason), "      "))
    if action:
        to_do = style.wrap(f"to do: {printable(action)}", "      ")
        told.append(to_do.replace("to do:", style.paint("to do:", "bold"), 1))
    return "\n".join(told)


# --- what to type next --------------------------------------------------------


def _render_next(report: Report, style: Style) -> Iterator[str]:
    if report.written and report.next_commands:
        head = style.paint(f"Next, in {_as_folder(report.output)}", "bold")
        yield "\n".join([head, *(f"  {style.paint(command, 'cyan')}" for command in report.next_commands)])


def _as_folder(path: str) -> str:
    return path if path.endswith("/") else f"{path}/"


# --- data ---------------------------------------------------------------------


def list_files(report: Report) -> str:
    """The path of each file below the output folder."""
    files = report.files
    return "".join(f"{path}\n" for path in sorted(files.created + files.updated + files.unchanged))


def render_diff(diff: str | None, style: Style) -> str:
    """A difference in full, in the colours that git gives it; nothing for none."""
    if not diff or not style.colour:
        return diff or ""
    return "".join(_paint_diff_line(line, style) for line in diff.splitlines(keepends=True))


def _paint_diff_line(line: str, style: Style) -> str:
    text = line.rstrip("\n")
    end = line[len(text) :]
    if text.startswith(("diff ", "--- ", "+++ ", "new file ", "deleted file ")):
        return style.paint(text, "bold") + end
    looks = {"+": "green", "-": "red", "@": "cyan"}.get(text[:1])
    return style.paint(text, looks) + end if looks else line
