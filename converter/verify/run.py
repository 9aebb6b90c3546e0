"""One `paws verify`: from two folders to the report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from converter.codes import UNREADABLE_FILE
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import Folder, decode_text
from converter.json_source import read_json
from converter.model import Json
from converter.report import Exit
from converter.report.verification import VerificationReport, choose_exit
from converter.settings import Settings, find_settings
from converter.verify.verification import Verification, verify

if TYPE_CHECKING:
    from converter.verify.behaviour import Behaviour


def verify_folders(
    left: Path,
    right: Path,
    given: Settings | None = None,
    *,
    ignore: Collection[str] = (),
    with_tools: bool = False,
    with_behaviour: bool = False,
    introspected: bool = False,
) -> tuple[Settings, VerificationReport]:
    """What differs between the projects in two folders, in either order of frameworks.

    Comes with the settings of the command line, and of the projects where that says nothing.
    `with_behaviour` runs the code of both, in a sandbox, and `introspected` app.py of the Chalice project.
    What makes it impossible is in the report; only bugs and interrupts are raised.
    """

    settings = given or Settings()

    def fail(*diagnostics: Diagnostic) -> tuple[Settings, VerificationReport]:
        return settings, VerificationReport(str(left), str(right), Exit.UNUSABLE, diagnostics=diagnostics)

    try:
        folders = Folder(left), Folder(right)
        settings = settings.or_else(find_settings(left).or_else(find_settings(right)))
        found = verify(
            *folders,
            stage=settings.stage,
            ignore=ignore,
            with_tools=with_tools,
            introspected=introspected,
        )
        behaviour = _check_behaviour(found, *folders) if with_behaviour and found.stages else None
    except UnreadableError as error:
        return fail(*error.diagnostics)
    except OSError as error:
        return fail(UNREADABLE_FILE.at(None, str(error.filename), error.strerror or str(error)))
    report = VerificationReport(str(left), str(right), choose_exit(found, behaviour), found, behaviour)
    return settings, report


def _check_behaviour(found: Verification, left: Folder, right: Folder) -> Behaviour:
    """In the first stage that both have: the code is the same in all."""
    from converter.verify.behaviour import check_behaviour

    names = {*found.left.application.functions, *found.right.application.functions}
    own = read_own_events((left, right), names)
    return check_behaviour(found.left, found.right, found.stages[0], own)


def read_own_events(folders: Iterable[Mapping[str, bytes]], names: Collection[str]) -> dict[str, list[Json]]:
    """The user's events, by function: `events/<function>.json` and `events/<function>-<anything>.json`.

    Raises UnreadableError for a file that is not JSON.
    """
    events: dict[str, list[Json]] = {}
    for files in folders:
        for path in files:
            if path.startswith("events/") and path.endswith(".json"):
                stem = path.removeprefix("events/").removesuffix(".json")
                # Of `check` and `check-in`, `check-in-late` is for the latter.
                owners = [name for name in names if stem == name or stem.startswith(f"{name}-")]
                if owners:
                    event = read_json(path, decode_text(path, files[path])).value
                    events.setdefault(max(owners, key=len), []).append(event)
    return events
