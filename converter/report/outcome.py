"""What any run has to report, as one table of findings: what reports for other programs are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from converter.diagnostics import Diagnostic, Severity
from converter.model import Position
from converter.report.text import show_path
from converter.sync.differences import NONE
from converter.verify.comparison import Change

if TYPE_CHECKING:
    from converter.report import Report
    from converter.report.verification import VerificationReport
    from converter.sync.report import SyncReport
    from converter.verify import Finding

_TITLES = {"chalice-to-sam": "Chalice to SAM", "sam-to-chalice": "SAM to Chalice"}


@dataclass(frozen=True)
class Rule:
    """A kind of finding: its id, as `paws explain` knows it or as `verify` names it, and what it means."""

    id: str
    title: str
    explanation: str
    action: str
    severity: Severity


@dataclass(frozen=True)
class Item:
    """One finding. `position` has its path as it is from where the user is."""

    rule: Rule
    subject: str
    message: str
    position: Position | None = None

    @property
    def fingerprint(self) -> str:
        """The same as long as the same is found in the same file, on whatever line."""
        path = self.position.path if self.position else ""
        return sha256("\0".join((self.rule.id, path, self.subject, self.message)).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Outcome:
    """One run: `verdict` in a sentence, `facts` as names and values, and what was found, the worst first."""

    command: str
    verdict: str
    facts: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    is_good: bool


OUT_OF_DATE = Rule(
    "out-of-date",
    "A file that is not what the source gives",
    "The output folder holds another version of the file than the conversion makes, or none.",
    "convert again",
    Severity.ERROR,
)
OUT_OF_STEP = Rule(
    "out-of-step",
    "A file that waits for a change of the other form",
    "One form of the project changed since the last `paws sync`, and this file of the other form has not.",
    "run `paws sync`",
    Severity.ERROR,
)
_CHANGES = {
    Change.LOST: Rule(
        "lost",
        "What the other project lacks",
        "A fact of the first project has no counterpart in the second.",
        "add it to the second project, or take it out of the first",
        Severity.ERROR,
    ),
    Change.CHANGED: Rule(
        "changed",
        "What the other project has with another value",
        "A fact of the first project has another value in the second.",
        "give it one value in both projects",
        Severity.ERROR,
    ),
    Change.ADDED: Rule(
        "added",
        "What only the other project has",
        "A fact of the second project has no counterpart in the first.",
        "add it to the first project, or take it out of the second",
        Severity.ERROR,
    ),
}
_BEHAVIOUR = Rule(
    "behaviour",
    "A function that does something else",
    "The functions of the two projects answer an event in different ways.",
    "see `paws verify --behaviour` for the smallest such event",
    Severity.ERROR,
)


def describe_conversion(report: Report) -> Outcome:
    """The outcome of `paws convert`."""
    stale = report.checked and bool(report.files)
    items = [
        Item(OUT_OF_DATE, path, f"{path} {what}", Position(show_path(report.output, path), 1, 1))
        for paths, what in (
            (report.files.created, "is missing"),
            (report.files.updated, "has other content"),
        )
        for path in (paths if stale else ())
    ]
    items += [_read_diagnostic(report.project, each) for each in report.diagnostics]
    done = "Converted" if report.written else "Would convert"
    if stale:
        verdict = f"{report.output} is not what {report.project} gives."
    elif report.files or report.files.unchanged:
        verdict = f"{done} {report.application} ({_TITLES[report.command]})."
    else:
        verdict = "Nothing was converted."
    changed = len(report.files.created) + len(report.files.updated)
    facts = (
        ("Functions", str(len(report.functions))),
        ("Files", f"{changed + len(report.files.unchanged)}, {changed} of them new or changed"),
        *_count(items),
    )
    return Outcome(f"convert {report.command}", verdict, facts, _sort(items), report.exit.value == 0)


def describe_sync(report: SyncReport) -> Outcome:
    """The outcome of `paws sync`."""
    waiting = report.files if report.checked else NONE
    named = [(path, "has to follow") for path in (*waiting.created, *waiting.updated, *waiting.removed)]
    named += [(path, f"moves to {to}") for path, to in report.moved.items() if report.checked]
    items = [
        Item(OUT_OF_STEP, path, f"{path} {what}", Position(show_path(report.target, path), 1, 1))
        for path, what in named
    ]
    items += [_read_diagnostic(report.target, each) for each in report.conflicts]
    items += [_read_diagnostic(report.source, each) for each in report.diagnostics]
    files = report.files
    facts = (
        ("Changed in the source", str(len(report.source_changes.paths))),
        ("Changed in the target", str(len(report.target_changes.paths))),
        (
            "Files carried over" if report.written else "Files to carry over",
            str(len(files.paths) + len(report.moved)),
        ),
        *_count(items),
    )
    return Outcome("sync", f"{report.verdict}.", facts, _sort(items), report.exit.value == 0)


def describe_verification(report: VerificationReport) -> Outcome:
    """The outcome of `paws verify`."""
    verification = report.verification
    items = [_read_diagnostic(".", each) for each in report.diagnostics]
    if verification is None:
        return Outcome("verify", "Nothing was compared.", _count(items), _sort(items), is_good=False)
    items += [_read_difference(report, each) for each in verification.differences]
    for folder, unread in zip((report.left, report.right), verification.not_compared, strict=True):
        items += [_read_diagnostic(folder, each) for each in unread]
    for function in report.behaviour.functions if report.behaviour else ():
        if function.different:
            kinds = sorted({kind for case in function.different for kind in case.kinds})
            message = f"{function.left} differs in {', '.join(kinds)} for {len(function.different)} events"
            items.append(Item(_BEHAVIOUR, function.left, message))
    if report.exit.value == 0:
        verdict = f"{report.left} and {report.right} mean the same."
    elif verification.differences or (report.behaviour and report.behaviour.is_different):
        verdict = f"{report.left} and {report.right} differ."
    else:
        verdict = f"{report.left} and {report.right} are the same as far as they were compared."
    accepted = sum(bool(each.accepted) for each in verification.findings)
    facts = (
        ("Score", f"{verification.matched} of {verification.total} facts match"),
        ("Stages", ", ".join(verification.stages) or "none in common"),
        ("Accepted differences", str(accepted)),
        *_count(items),
    )
    return Outcome("verify", verdict, facts, _sort(items), report.exit.value == 0)


def _read_diagnostic(folder: str, found: Diagnostic) -> Item:
    code = found.code
    rule = Rule(code.number, code.title, code.explanation, code.action, code.severity)
    message = ": ".join(filter(None, (found.subject, found.reason)))
    if found.action:
        message += f"; to do: {found.action}"
    at = found.position
    place = Position(show_path(folder, at.path), at.line, at.column) if at else None
    return Item(rule, found.subject, message, place)


def _read_difference(report: VerificationReport, finding: Finding) -> Item:
    from converter.report.verification import describe_difference

    difference = finding.difference
    sides = ((report.right, finding.right_place), (report.left, finding.left_place))
    folder, at = next(((folder, place) for folder, place in sides if place), ("", None))
    place = Position(show_path(folder, at.path), at.line, at.column) if at else None
    stages = f" (stage {', '.join(finding.stages)})"
    message = f"{difference.change}: {difference.part}: {describe_difference(finding)}{stages}"
    return Item(_CHANGES[difference.change], str(difference.part), message, place)


def _sort(items: list[Item]) -> tuple[Item, ...]:
    def key(item: Item) -> tuple[int, str, int, int, str, str]:
        at = item.position or Position("", 0, 0)
        return -item.rule.severity, at.path, at.line, at.column, item.rule.id, item.subject

    return tuple(sorted(items, key=key))


def _count(items: list[Item]) -> tuple[tuple[str, str], ...]:
    return tuple(_count_each(items))


def _count_each(items: list[Item]) -> Iterator[tuple[str, str]]:
    names = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.INFO: "Notes"}
    for severity, name in names.items():
        count = sum(item.rule.severity == severity for item in items)
        if count:
            yield name, str(count)
