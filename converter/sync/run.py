"""One sync as it was asked for: both sides are looked at, the changes of one are merged into the other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from converter import __version__
from converter.codes import (
    BOTH_FORMS_CHANGED,
    CONFLICT,
    NOT_ASKED_TO_RUN,
    UNREADABLE_FILE,
    UNRESOLVED,
)
from converter.diagnostics import Diagnostic, Severity, UnreadableError
from converter.files import (
    Folder,
    OutputError,
    read_output,
    refuse_overlap,
    replace_files,
    unified_diff,
)
from converter.model import Position
from converter.report import Exit
from converter.request import Request, convert_folder, is_failure, make_lock, make_options
from converter.settings import Settings, find_settings
from converter.sync.lines import find_markers
from converter.sync.lock import NAME, Lock, Snapshot, read_text, write_lock
from converter.sync.pair import (
    Pair,
    SyncRequest,
    compare_original,
    compare_output,
    find_pair,
    finish_or_refuse,
)
from converter.sync.report import SyncReport

if TYPE_CHECKING:
    from converter.convert import Conversion
    from converter.sync.trees import TreeMerge


def sync_folder(request: SyncRequest) -> tuple[Settings, SyncReport]:
    """The settings, the project's own filled in, and what came of it.

    What makes it impossible is in the report; only bugs and interrupts are raised.
    """
    settings = request.settings
    report = SyncReport(str(request.folder), str(request.folder), checked=request.check)
    try:
        if request.adopted:
            from converter.sync.adopt import adopt

            return adopt(request, request.adopted)
        pair = find_pair(request)
        report = replace(report, source=str(pair.source), target=str(pair.target), command=pair.command)
        found = find_settings(pair.original)
        settings = request.settings.or_else(found)
        return settings, _sync(replace(request, settings=settings), pair, report, found)
    except (UnreadableError, OutputError) as error:
        return settings, replace(report, exit=Exit.UNUSABLE, diagnostics=error.diagnostics)
    except OSError as error:
        finding = UNREADABLE_FILE.at(
            None, str(error.filename or request.folder), error.strerror or str(error)
        )
        return settings, replace(report, exit=Exit.UNUSABLE, diagnostics=(finding,))


def _sync(request: SyncRequest, pair: Pair, report: SyncReport, found: Settings) -> SyncReport:
    finish_or_refuse(request, pair.target)
    if pair.lock.options.get("introspect") and not request.introspect:
        raise UnreadableError(NOT_ASKED_TO_RUN.at(None, "--introspect", "the project was converted with it"))
    waiting = tuple(_find_unresolved(pair))
    if waiting:
        return replace(report, exit=Exit.FOUND, conflicts=waiting)
    original = Folder(pair.lock_folder / pair.lock.source)
    of_original, of_output = compare_original(pair.lock, original), compare_output(pair)
    if not pair.is_reversed:
        report = replace(report, source_changes=of_original, target_changes=of_output)
        return _sync_forward(request, pair, report, original, found)
    report = replace(report, source_changes=of_output)
    if of_original:
        names = ", ".join(of_original.paths[:8])
        raise UnreadableError(
            BOTH_FORMS_CHANGED.at(None, names, f"changed in {pair.target} since the last sync")
        )
    return _sync_back(request, pair, report, found)


# --- what there is ----------------------------------------------------------------------------------


def _find_unresolved(pair: Pair) -> Iterator[Diagnostic]:
    for path in pair.lock.conflicts:
        place = pair.lock_folder / path
        text = read_text(place.read_bytes()) if place.is_file() else None
        for line in find_markers(text or "")[::2]:
            yield UNRESOLVED.at(
                Position(Path(os.path.relpath(place, pair.target)).as_posix(), line, 1), path, ""
            )


# --- from the source to the target -------------------------------------------------------------------


def _sync_forward(
    request: SyncRequest, pair: Pair, report: SyncReport, original: Folder, found: Settings
) -> SyncReport:
    lock = pair.lock
    same_settings = found.for_conversion() == lock.settings and lock.paws == __version__
    # Only a conversion says what --fail-on asks for.
    if not (report.source_changes or request.settings.fail_on) and same_settings:
        if lock.conflicts and request.writes:
            replace_files({NAME: write_lock(replace(lock, conflicts=()))}, (), pair.lock_folder)
        return report
    given = _restore_options(lock)
    asked = _ask_conversion(request, pair, given.or_else(found))
    conversion = convert_folder(asked, original)
    if not conversion.files:
        raise UnreadableError(*conversion.diagnostics)
    refuse_overlap(pair.source, pair.target, conversion.files)
    merge = _merge(pair, lock.generated, conversion.files)
    new_lock = replace(
        make_lock(asked, original, conversion.files, given, found), conflicts=_list_marked(pair, merge)
    )
    if request.writes:
        replace_files({**merge.files, NAME: write_lock(new_lock)}, merge.removed, pair.target)
    return _report(request, report, pair, merge, (*conversion.diagnostics, *original.diagnostics))


def _restore_options(lock: Lock) -> Settings:
    return Settings(**{name: value for name, value in lock.options.items() if name != "introspect"})


def _ask_conversion(request: SyncRequest, pair: Pair, settings: Settings) -> Request:
    settings = replace(settings, output=str(pair.lock_folder))
    return Request(pair.lock.command, pair.original, settings, introspect=request.introspect)


# --- and back ------------------------------------------------------------------------------------------


def _sync_back(request: SyncRequest, pair: Pair, report: SyncReport, found: Settings) -> SyncReport:
    """Carry what people changed in the output folder into the project that it was converted from.

    What was generated last says all that the project says; converted back, it is what the changes of the
    output folder are seen against.
    """
    from converter.chalice.readme import README

    given = _restore_options(pair.lock)
    settings = given.or_else(found)
    before = _convert_back(pair, _restore_generated(pair), settings)
    changed = Folder(pair.source)
    after = _convert_back(pair, changed, settings)
    made, new = before.files, after.files
    if pair.command == "chalice-to-sam":
        from converter.sync.places import arrange

        made, new = arrange(made, new, Folder(pair.target))
    if not (pair.target / README).exists():
        # It says how a conversion is deployed, and its author's project is none.
        made, new = ({path: data for path, data in each.items() if path != README} for each in (made, new))
    merge = _merge(pair, {path: Snapshot.take(data) for path, data in made.items()}, new)
    if request.writes and merge:
        replace_files(merge.files, merge.removed, pair.target)
        lock = _lock_merged(request, pair, merge, given, found)
        replace_files({NAME: write_lock(lock)}, (), pair.lock_folder)
    return _report(request, report, pair, merge, (*after.diagnostics, *changed.diagnostics))


def _convert_back(pair: Pair, files: Mapping[str, bytes], settings: Settings) -> Conversion:
    from converter import convert

    directions = {"chalice-to-sam": convert.chalice_to_sam, "sam-to-chalice": convert.sam_to_chalice}
    conversion = directions[pair.command](files, make_options(Settings(stage=settings.stage)))
    if not conversion.files:
        raise UnreadableError(*conversion.diagnostics)
    return conversion


def _restore_generated(pair: Pair) -> dict[str, bytes]:
    """What was generated last; what is no text, as far as it is still there."""
    there = read_output(pair.lock_folder, pair.lock.generated)
    texts = {path: each.text for path, each in pair.lock.generated.items()}
    return {
        path: there[path] if text is None else text.encode()
        for path, text in texts.items()
        if text is not None or path in there
    }


def _lock_merged(
    request: SyncRequest, pair: Pair, merge: TreeMerge, given: Settings, found: Settings
) -> Lock:
    """The lock, now that the project is changed. With conflicts in it, it can't be converted yet."""
    if merge.conflicts:
        return replace(pair.lock, conflicts=_list_marked(pair, merge))
    asked = _ask_conversion(request, pair, given.or_else(found))
    original = Folder(pair.target)
    return make_lock(asked, original, convert_folder(asked, original).files, given, found)


# --- what both ways need ---------------------------------------------------------------------------------


def _merge(pair: Pair, base: Mapping[str, Snapshot], theirs: Mapping[str, bytes]) -> TreeMerge:
    from converter.sync.renames import find_moves
    from converter.sync.trees import merge_trees

    beside = _list_beside_removed(pair.target, base, theirs)
    ours = read_output(pair.target, sorted({*base, *theirs, *beside}))
    return merge_trees(base, ours, theirs, find_moves(base, ours, theirs), pair.labels)


def _list_beside_removed(
    target: Path, base: Mapping[str, Snapshot], theirs: Mapping[str, bytes]
) -> list[str]:
    """People's own files in folders that nothing is generated into any more."""
    folders = {path.rpartition("/")[0] for path in base} - {path.rpartition("/")[0] for path in theirs} - {""}
    places = [place for folder in folders for place in (target / folder).rglob("*") if place.is_file()]
    return [place.relative_to(target).as_posix() for place in places if "__pycache__" not in place.parts]


def _list_marked(pair: Pair, merge: TreeMerge) -> tuple[str, ...]:
    """The files with marked conflicts, from the lock's folder."""
    paths = {conflict.path for conflict in merge.conflicts if conflict.line is not None}
    root = Path(os.path.relpath(os.path.realpath(pair.target), os.path.realpath(pair.lock_folder)))
    return tuple(sorted((root / path).as_posix() for path in paths))


def _report(
    request: SyncRequest,
    report: SyncReport,
    pair: Pair,
    merge: TreeMerge,
    diagnostics: tuple[Diagnostic, ...],
) -> SyncReport:
    # Where nothing is marked, there are no marks to remove.
    conflicts = tuple(
        CONFLICT.at(
            Position(each.path, each.line or 1, 1),
            each.path,
            each.reason,
            None if each.line else "see that this is what you want",
        )
        for each in merge.conflicts
    )
    worst = max((each.severity for each in diagnostics), default=None)
    is_found = conflicts or (request.check and merge) or is_failure(worst, request.settings.fail_on)
    code = Exit.UNFINISHED if worst == Severity.ERROR else Exit.DONE
    return replace(
        report,
        exit=Exit.FOUND if is_found else code,
        written=request.writes and bool(merge),
        files=merge.differences,
        moved=merge.moved,
        conflicts=conflicts,
        diagnostics=diagnostics,
        diff=unified_diff(merge.before, merge.files, merge.removed) if request.diff else None,
    )
