"""What a sync has to report, as text for people and as a JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from converter import __version__
from converter.diagnostics import Diagnostic, Severity
from converter.report import Exit
from converter.report.json_ import describe_diagnostic
from converter.report.text import Style, printable, render_diagnostics
from converter.sync.differences import NONE, Differences

VERSION = 1
_FRAMEWORKS = {"chalice": "Chalice", "sam": "SAM"}


@dataclass(frozen=True)
class SyncReport:
    """One sync. `source` and `target` are folders from where the user is, `command` the direction.

    `source_changes` and `target_changes` say who changed what since the last time, `files` what came of it in
    the target, `moved` the files that went to another path there. `conflicts` have places in the target. Of
    an adoption, `target_changes` are against what a conversion gives now.
    """

    source: str
    target: str
    command: str = ""
    exit: Exit = Exit.DONE
    written: bool = False
    checked: bool = False
    is_adoption: bool = False
    source_changes: Differences = NONE
    target_changes: Differences = NONE
    files: Differences = NONE
    moved: Mapping[str, str] = field(default_factory=dict)
    conflicts: tuple[Diagnostic, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    diff: str | None = None

    @property
    def is_in_step(self) -> bool:
        return not (self.files or self.moved or self.conflicts or self.exit == Exit.UNUSABLE)

    @property
    def verdict(self) -> str:
        """What came of it, in a sentence."""
        if self.exit == Exit.UNUSABLE:
            return "Nothing was written"
        if self.is_adoption:
            done = "is" if self.written else "would be"
            return f"{self.target}/ {done} kept in step with {self.source}/ from now on"
        if self.is_in_step:
            return f"{self.target}/ is in step with {self.source}/"
        if self.written:
            return f"Carried the changes of {self.source}/ into {self.target}/"
        if self.checked or not (self.files or self.moved):
            return f"{self.target}/ is not in step with {self.source}/"
        return f"Would carry the changes of {self.source}/ into {self.target}/"


def render_text(report: SyncReport, style: Style, *, verbose: bool = False, quiet: bool = False) -> str:
    """The report as text; `verbose` shows the notes too, `quiet` nothing but what needs a person."""
    levels = [Severity.ERROR, Severity.WARNING, *([Severity.INFO] if verbose else [])]
    paragraphs = [] if quiet else ["\n".join(_render_result(report, style))]
    paragraphs += render_diagnostics(report.target, report.conflicts, style)
    for level in levels:
        found = [each for each in report.diagnostics if each.severity == level]
        paragraphs += render_diagnostics(report.source, found, style)
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


def _render_result(report: SyncReport, style: Style) -> Iterator[str]:
    is_good = report.is_in_step or report.written
    looks = ("bold", "red") if report.exit == Exit.UNUSABLE else ("bold", "green") if is_good else ("bold",)
    yield style.paint(printable(report.verdict), *looks)
    source, target = f"{report.source}/", f"{report.target}/"
    yield from _render_changes(f"changed in {source}", report.source_changes)
    title = "not as converted in" if report.is_adoption else "changed in"
    yield from _render_changes(f"{title} {target}", report.target_changes)
    files = {
        **dict.fromkeys(report.files.created, ("new", "green", "")),
        **dict.fromkeys(report.files.updated, ("changed", "yellow", "")),
        **dict.fromkeys(report.files.removed, ("removed", "red", "")),
        **{path: ("moved", "yellow", f" to {to}") for path, to in report.moved.items()},
    }
    if files:
        yield f"  {'carried over' if report.written else 'to carry over'}:"
    for path, (word, colour, more) in sorted(files.items()):
        yield f"    {style.paint(word.ljust(7), colour)}  {printable(path + more)}"


def _render_changes(title: str, changes: Differences) -> Iterator[str]:
    words = (("new", changes.created), ("", changes.updated), ("removed", changes.removed))
    names = [f"{path} ({word})" if word else path for word, paths in words for path in paths]
    if names:
        more = f", and {len(names) - 8} more" if len(names) > 8 else ""
        yield f"  {title}: {printable(', '.join(names[:8]))}{more}"


def render_json(report: SyncReport) -> str:
    """The report as JSON, equal for equal runs."""
    document = {
        "version": VERSION,
        "paws": __version__,
        "command": "sync",
        "direction": report.command,
        "source": report.source,
        "target": report.target,
        "written": report.written,
        "exit": {"code": report.exit.value, "meaning": report.exit.meaning},
        "source_changes": _describe(report.source_changes),
        "target_changes": _describe(report.target_changes),
        "files": _describe(report.files),
        "moved": [{"path": path, "to": to} for path, to in sorted(report.moved.items())],
        "conflicts": [describe_diagnostic(each) for each in report.conflicts],
        "diagnostics": [describe_diagnostic(each) for each in report.diagnostics],
        "diff": report.diff,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _describe(changes: Differences) -> list[dict[str, Any]]:
    groups = (("created", changes.created), ("updated", changes.updated), ("removed", changes.removed))
    files = [{"path": path, "change": word} for word, paths in groups for path in paths]
    return sorted(files, key=lambda file: file["path"])
