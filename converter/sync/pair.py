"""Which two folders are meant, and what the lock says of them."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from converter.codes import NO_LOCK, UNFINISHED
from converter.diagnostics import UnreadableError
from converter.files import Folder, OutputError, finish_writing, is_unfinished
from converter.files.folder import is_left_by_tools
from converter.request import Request
from converter.settings import Framework, Settings, find_settings
from converter.sync.differences import Differences
from converter.sync.lines import Labels
from converter.sync.lock import NAME, Lock, Snapshot, digest, read_lock


@dataclass(frozen=True)
class SyncRequest:
    """`folder` is that of either form, `origin` the form whose changes are carried over.

    `adopted` is the folder of the other form of a pair that has no lock yet.
    """

    folder: Path
    origin: Framework | None = None
    dry_run: bool = False
    diff: bool = False
    check: bool = False
    introspect: bool = False
    adopted: Path | None = None
    settings: Settings = field(default_factory=Settings)

    @property
    def writes(self) -> bool:
        return not (self.dry_run or self.diff or self.check)


@dataclass(frozen=True)
class Pair:
    """Both folders and the lock. The changes go from `source` to `target`; the lock stays where it is."""

    lock: Lock
    lock_folder: Path
    source: Path
    target: Path
    command: str

    @property
    def is_reversed(self) -> bool:
        return self.command != self.lock.command

    @property
    def original(self) -> Path:
        """The project that was converted."""
        return self.target if self.is_reversed else self.source

    @property
    def labels(self) -> Labels:
        here, there = reversed([_NAMES[each] for each in self.command.split("-to-")])
        return Labels(f"here ({here})", f"from {there}")


_NAMES = {"chalice": "Chalice", "sam": "SAM"}


def find_pair(request: SyncRequest) -> Pair:
    folder = find_lock_folder(request.folder)
    if folder is not None:
        finish_or_refuse(request, folder)
    lock = read_lock(folder) if folder else None
    if folder is None or lock is None:
        raise UnreadableError(NO_LOCK.at(None, str(request.folder), f"there is no {NAME}"))
    place = os.path.normpath(f"{os.path.realpath(folder)}/{lock.source}")
    original = Path(place if folder.is_absolute() else os.path.relpath(place))
    if request.origin is None or lock.command.startswith(request.origin):
        return Pair(lock, folder, original, folder, lock.command)
    return Pair(lock, folder, folder, original, lock.reverse)


def finish_or_refuse(request: SyncRequest, folder: Path) -> None:
    """What a killed run left undone is done first, where anything may be written."""
    if request.writes:
        finish_writing(folder)
    elif is_unfinished(folder):
        raise OutputError(UNFINISHED.at(None, str(folder), "what is missing lies in .paws-..."))


def find_lock_folder(folder: Path) -> Path | None:
    """The folder itself, or that of its other form: where `paws convert` writes without being told."""
    # The lock itself may be what a killed run was just moving.
    if (folder / NAME).is_file() or is_unfinished(folder):
        return folder
    said = find_settings(folder).output if folder.is_dir() else None
    beside = [
        Request(command, folder, Settings(said)).output for command in ("chalice-to-sam", "sam-to-chalice")
    ]
    for output in beside:
        if is_unfinished(output):
            return output
        lock = read_lock(output)
        if lock and os.path.realpath(output / lock.source) == os.path.realpath(folder):
            return output
    return _find_below(folder)


def _find_below(folder: Path) -> Path | None:
    """The folder below that has the lock, as in a repository. Raises UnreadableError if several have one."""
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_left_by_tools(name))
        if NAME in files:
            found.append(Path(place))
        if NAME in files or "pyvenv.cfg" in files:
            folders.clear()
    if len(found) > 1:
        reason, names = f"there are {len(found)} below this folder", ", ".join(map(str, found[:8]))
        raise UnreadableError(NO_LOCK.at(None, NAME, reason, f"name one of {names}"))
    return found[0] if found else None


def compare_original(lock: Lock, folder: Folder) -> Differences:
    """What people changed in the project that was converted."""
    now = {path: digest(folder[path]) for path in folder}
    return Differences.between(lock.digests, now)


def compare_output(pair: Pair) -> Differences:
    """What people made of what was generated; their own files beside it are not listed."""
    root, now = str(pair.lock_folder), {}
    for path in pair.lock.generated:
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            now[path] = Snapshot.take(Path(f"{root}/{path}").read_bytes())
    return Differences.between(pair.lock.generated, now)
