"""A pair of projects that has no lock yet, because it was converted by hand or before there was one.

The lock is written as if the one had just been converted into the other: what that gives is what the other
is seen against from then on, and all in which it differs is what people made of it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from converter.codes import NOT_ADOPTED
from converter.diagnostics import UnreadableError
from converter.files import Folder, refuse_overlap, replace_files
from converter.request import Request, convert_folder, make_lock
from converter.settings import Settings, find_settings
from converter.sync.lock import NAME, read_lock, write_lock
from converter.sync.pair import Pair, SyncRequest, compare_output, finish_or_refuse
from converter.sync.report import SyncReport


def adopt(request: SyncRequest, output: Path) -> tuple[Settings, SyncReport]:
    """Write the lock of a pair, and nothing else.

    Raises UnreadableError where the folders are no pair, or have a lock.
    """
    finish_or_refuse(request, output)
    project, other = Folder(request.folder), Folder(output)
    command = _choose_direction(project, other)
    _refuse_second_lock(request.folder, output)
    found = find_settings(request.folder)
    settings = request.settings.or_else(found)
    asked = Request(
        command, request.folder, replace(settings, output=str(output)), introspect=request.introspect
    )
    conversion = convert_folder(asked, project)
    if not conversion.files:
        raise UnreadableError(*conversion.diagnostics)
    refuse_overlap(request.folder, output, conversion.files)
    lock = make_lock(asked, project, conversion.files, request.settings, found)
    if request.writes:
        replace_files({NAME: write_lock(lock)}, (), output)
    pair = Pair(lock, output, request.folder, output, command)
    report = SyncReport(
        str(request.folder),
        str(output),
        command,
        written=request.writes,
        is_adoption=True,
        target_changes=compare_output(pair),
    )
    return settings, report


def _choose_direction(project: Folder, other: Folder) -> str:
    from converter.verify.side import is_chalice

    kinds = ["chalice" if is_chalice(each) else "sam" for each in (project, other)]
    if kinds[0] == kinds[1]:
        reason = f"it is a project of the same framework as {project.root}"
        raise UnreadableError(NOT_ADOPTED.at(None, str(other.root), reason))
    return "-to-".join(kinds)


def _refuse_second_lock(project: Path, output: Path) -> None:
    """Written anew, a lock would forget what was not carried over yet."""
    for folder, other in ((output, project), (project, output)):
        lock = read_lock(folder)
        if lock and os.path.realpath(folder / lock.source) == os.path.realpath(other):
            reason = "it has a lock, which says what was carried over"
            raise UnreadableError(NOT_ADOPTED.at(None, str(folder), reason, "run `paws sync`"))
    if read_lock(output):
        reason = "its lock is that of another project"
        raise UnreadableError(NOT_ADOPTED.at(None, str(output), reason))
