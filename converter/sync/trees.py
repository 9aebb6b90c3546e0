"""Three versions of a folder merged: what was generated, what people made of it, what is generated now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import dirname

from converter.sync.differences import Differences
from converter.sync.formats import merge_text
from converter.sync.lines import Labels, find_markers
from converter.sync.lock import Snapshot, read_text

CHANGED_BOTH = "both sides changed it, and each in its own way"
_REMOVED_THERE = "it is gone on the other side, and was changed here; it stays"
_REMOVED_HERE = "it was removed here, and changed on the other side; it is back"
_NO_TEXT = "both sides changed it, and it is no text that can be merged; it stays as it is here"


@dataclass(frozen=True)
class Conflict:
    """A place that a person has to look at; without `line`, nothing is marked in the file."""

    path: str
    reason: str
    line: int | None = None


@dataclass(frozen=True)
class TreeMerge:
    """What changes here: the files to write, with what stands there now, and those to remove.

    `moved` are those that go to another path, by the one that they leave.
    """

    files: Mapping[str, bytes]
    before: Mapping[str, bytes]
    removed: tuple[str, ...]
    moved: Mapping[str, str]
    conflicts: tuple[Conflict, ...]

    def __bool__(self) -> bool:
        return bool(self.files or self.removed)

    @property
    def differences(self) -> Differences:
        moved_to = set(self.moved.values())
        return Differences(
            tuple(path for path in self.files if path not in self.before and path not in moved_to),
            tuple(path for path in self.files if path in self.before),
            tuple(path for path in self.removed if path not in self.moved),
        )


def merge_trees(
    base: Mapping[str, Snapshot],
    ours: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    moved: Mapping[str, str],
    labels: Labels,
) -> TreeMerge:
    """The changes of both sides together. `files` are only those that differ from ours."""
    before = {moved.get(path, path): snapshot for path, snapshot in base.items()}
    here = {moved.get(path, path): data for path, data in ours.items()}
    folders = {dirname(old): dirname(new) for old, new in moved.items() if dirname(old) != dirname(new)}
    files: dict[str, bytes] = {}
    conflicts: list[Conflict] = []
    for path in sorted(before.keys() | here.keys() | theirs.keys()):
        merged, found = _merge_file(path, before.get(path), here.get(path), theirs.get(path), labels, folders)
        conflicts += found
        if merged is not None:
            files[path] = merged
    removed = tuple(sorted(ours.keys() - files.keys()))
    written = {path: data for path, data in files.items() if ours.get(path) != data}
    return TreeMerge(
        written,
        {path: ours[path] for path in (*written, *removed) if path in ours},
        removed,
        {old: new for old, new in sorted(moved.items()) if old in removed},
        tuple(conflicts),
    )


def _merge_file(
    path: str,
    base: Snapshot | None,
    ours: bytes | None,
    theirs: bytes | None,
    labels: Labels,
    folders: Mapping[str, str],
) -> tuple[bytes | None, list[Conflict]]:
    mine = None if ours is None else Snapshot.take(ours)
    other = None if theirs is None else Snapshot.take(theirs)
    if other in (base, mine):
        return ours, []
    if mine == base:
        return _end_lines_alike(theirs, ours), []
    if theirs is None:
        return ours, [Conflict(path, _REMOVED_THERE)]
    if ours is None:
        return theirs, [Conflict(path, _REMOVED_HERE)]
    before, here, there = (each.text if each else "" for each in (base, mine, other))
    if before is None or here is None or there is None:
        return ours, [Conflict(path, _NO_TEXT)]
    merged = merge_text(path, before, here, there, labels, folders)
    starts = find_markers(merged.text)[::2] if merged.conflicts else []
    return _end_lines_alike(merged.text.encode(), ours), [
        Conflict(path, CHANGED_BOTH, line) for line in starts
    ]


def _end_lines_alike(data: bytes | None, ours: bytes | None) -> bytes | None:
    """The text with Windows' line ends where ours has them, as git may check files out."""
    has_windows_ends = ours and b"\r\n" in ours and ours.count(b"\r\n") == ours.count(b"\n")
    if not data or not has_windows_ends or read_text(data) is None:
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
