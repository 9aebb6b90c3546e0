"""One `paws verify`: from two folders to the report."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from converter.codes import UNREADABLE_FILE
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import Folder
from converter.report import Exit
from converter.report.verification import VerificationReport, choose_exit
from converter.verify.verification import verify


def verify_folders(
    left: Path,
    right: Path,
    *,
    stage: str | None = None,
    ignore: Collection[str] = (),
    with_tools: bool = False,
) -> VerificationReport:
    """What differs between the projects in two folders, in either order of frameworks.

    What makes it impossible is in the report; only bugs and interrupts are raised.
    """

    def fail(*diagnostics: Diagnostic) -> VerificationReport:
        return VerificationReport(str(left), str(right), Exit.UNUSABLE, diagnostics=diagnostics)

    try:
        found = verify(Folder(left), Folder(right), stage=stage, ignore=ignore, with_tools=with_tools)
    except UnreadableError as error:
        return fail(*error.diagnostics)
    except OSError as error:
        return fail(UNREADABLE_FILE.at(None, str(error.filename), error.strerror or str(error)))
    return VerificationReport(str(left), str(right), choose_exit(found), found)
