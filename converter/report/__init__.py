"""What a run has to report, as data; one renderer a format makes text of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from converter.diagnostics import Diagnostic, Severity
from converter.files import Changes

if TYPE_CHECKING:
    from converter.convert import Conversion


class Exit(IntEnum):
    """Exit codes. They are stable; of several that apply, UNUSABLE counts before FOUND before UNFINISHED."""

    DONE = 0
    FOUND = 1
    UNUSABLE = 2
    UNFINISHED = 3
    INTERNAL_ERROR = 70
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Exit.DONE: "done",
    Exit.FOUND: "--check or --fail-on found something",
    Exit.UNUSABLE: "wrong usage, or input that cannot be read, or output that cannot be written",
    Exit.UNFINISHED: "converted, but something needs a person",
    Exit.INTERNAL_ERROR: "a bug in paws",
    Exit.INTERRUPTED: "interrupted",
}


@dataclass(frozen=True)
class Report:
    """One conversion. `project` and `output` are the folders as the user wrote them.

    `files` says how each file of the result differs from what stands in the output
    folder, or stood there before it was written. `source` and `conversion` are what the run started from
    and what it made, for reports that show the files themselves.
    """

    command: str
    project: str
    output: str
    exit: Exit = Exit.DONE
    written: bool = False
    checked: bool = False
    application: str = ""
    functions: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    files: Changes = field(default_factory=Changes)
    diff: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    next_commands: tuple[str, ...] = ()
    source: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    conversion: Conversion | None = field(default=None, compare=False, repr=False)

    def findings(self, severity: Severity) -> list[Diagnostic]:
        """The diagnostics of one severity, in the order of their places."""
        return sorted((each for each in self.diagnostics if each.severity == severity), key=_sort_key)


def _sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    return diagnostic.sort_key
