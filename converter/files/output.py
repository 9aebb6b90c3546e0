"""The output folder: written whole or not at all, and nothing outside it touched."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from converter.codes import LEAVES_OUTPUT, OUTPUT_EXISTS, OUTPUT_FAILED, OUTPUT_IN_PROJECT
from converter.diagnostics import Diagnostic
from converter.files.changes import Changes, compare

# So many files wait longer for the disk than it takes to start threads that wait side by side.
_MANY = 100
_WRITERS = 4


class OutputError(Exception):
    """The output cannot be written; the output folder is as it was. Carries the findings that say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


def refuse_overlap(project: Path, out: Path, paths: Iterable[str]) -> None:
    """Raises OutputError when one of the paths below `out` lies in the project's folder."""
    source, target = _resolve(project), _resolve(out)
    if target.is_relative_to(source):
        reason = "this is the project's own folder" if target == source else f"it lies inside {source}"
        raise OutputError(OUTPUT_IN_PROJECT.at(None, str(out), reason))
    for path in paths if source.is_relative_to(target) else ():
        if _resolve(out / path).is_relative_to(source):
            raise OutputError(OUTPUT_IN_PROJECT.at(None, str(out / path), f"it lies inside {source}"))


def read_output(out: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """What stands in the output folder now at the given paths.

    Raises OutputError when a path leads out of the folder, or when something that
    cannot be replaced stands in the way.
    """
    paths = list(paths)
    with _reporting_failure(out):
        _refuse_escapes(out, paths)
        there = [path for path in paths if os.path.lexists(out / path)] if out.exists() else []
        return {path: _read_present(out / path) for path in there}


def _read_present(place: Path) -> bytes:
    if not place.is_file():
        raise OutputError(_in_the_way(place, "what stands there is not a file"))
    return place.read_bytes()


def _refuse_escapes(out: Path, paths: list[str]) -> None:
    """Neither a path nor a symbolic link below the output folder may lead out of it."""
    parents: set[PurePath] = set()
    for path in paths:
        pure = PurePath(path)
        if not pure.parts or pure.anchor or ".." in pure.parts:
            raise OutputError(LEAVES_OUTPUT.at(None, path, f"it is not a path below {out}"))
        parents.add(pure.parent)
    folders = {out / folder for parent in parents for folder in (parent, *parent.parents)}
    root = _resolve(out)
    for folder in sorted(folders):
        if os.path.lexists(folder) and not folder.is_dir():
            raise OutputError(_in_the_way(folder, "what stands there is not a folder"))
        if folder.is_dir() and not _resolve(folder).is_relative_to(root):
            raise OutputError(LEAVES_OUTPUT.at(None, str(folder), f"it is a link to {_resolve(folder)}"))


def _in_the_way(place: Path, reason: str) -> Diagnostic:
    return OUTPUT_EXISTS.at(None, str(place), reason, "choose another folder with --output")


def write_all(files: Mapping[str, bytes], out: Path, *, force: bool = False) -> Changes:
    """Write the files below `out`, all or none; a file that already has its content is left alone.

    Raises OutputError when that cannot be done, or when files with other content
    stand there and `force` is not given. `out` is then as it was; so it is after an interrupt.
    """
    changes = compare(read_output(out, files), files)
    if changes.updated and not force:
        reason = "it exists, with other content"
        raise OutputError(*(OUTPUT_EXISTS.at(None, str(out / path), reason) for path in changes.updated))
    if changes:
        with _reporting_failure(out):
            _replace({path: files[path] for path in (*changes.created, *changes.updated)}, out.absolute())
    return changes


@dataclass(frozen=True)
class _Move:
    """A staged file or folder, where it goes, and where what stood there is kept meanwhile."""

    staged: Path
    target: Path
    kept: Path


def _replace(files: Mapping[str, bytes], out: Path) -> None:
    # Staged in the nearest folder that exists, so on the same file system: moving is a mere renaming.
    base = next(folder for folder in (out, *out.parents) if folder.is_dir())
    stage = Path(tempfile.mkdtemp(prefix=".paws-", dir=base))
    new, old = stage / "new", stage / "old"
    try:
        old.mkdir()
        _write_tree(files, new)
        names = files if base == out else ["."]
        _move_all([_Move(new / name, out / name, old / str(i)) for i, name in enumerate(names)])
    except BaseException:
        with _uninterrupted():
            shutil.rmtree(new, ignore_errors=True)
            # Not by force: what could not be put back is still in there.
            for folder in (old, stage):
                with suppress(OSError):
                    folder.rmdir()
        raise
    with _uninterrupted():
        shutil.rmtree(stage, ignore_errors=True)


def _write_tree(files: Mapping[str, bytes], root: Path) -> None:
    """Write the files below a new folder."""
    by_folder: dict[str, list[str]] = {"": []}
    for path in files:
        by_folder.setdefault(path.rpartition("/")[0], []).append(path)

    def write(folders: Iterable[str]) -> None:
        for folder in folders:
            # mkdtemp made the stage private; what is moved out of it has to have the usual permissions.
            (root / folder).mkdir(parents=True, exist_ok=True)
            for path in by_folder[folder]:
                (root / path).write_bytes(files[path])

    if len(files) < _MANY:
        write(by_folder)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_WRITERS) as pool:
        for written in [pool.submit(write, [*by_folder][n::_WRITERS]) for n in range(_WRITERS)]:
            written.result()


def _move_all(moves: list[_Move]) -> None:
    folders = _find_missing_folders(moves)
    try:
        for folder in folders:
            folder.mkdir()
        for move in moves:
            if os.path.lexists(move.target):
                move.target.replace(move.kept)
            move.staged.replace(move.target)
    except BaseException as error:
        with _uninterrupted():
            stuck = _take_back(moves, folders)
        if stuck:
            names = ", ".join(str(move.target) for move in stuck)
            kept = f"what stood there lies in {stuck[0].kept.parent}"
            raise OSError(f"{error}; {names} could not be taken back; {kept}") from error
        raise


def _find_missing_folders(moves: list[_Move]) -> list[Path]:
    missing: set[Path] = set()
    for folder in {move.target.parent for move in moves}:
        while folder not in missing and not folder.exists():
            missing.add(folder)
            folder = folder.parent
    return sorted(missing)


def _take_back(moves: list[_Move], folders: list[Path]) -> list[_Move]:
    """Undo the moves that were made; gives those that could not be undone.

    What was done is seen on disk, so an interrupt between any two steps is undone as well.
    """
    stuck = []
    for move in moves:
        try:
            if os.path.lexists(move.kept):
                move.kept.replace(move.target)
            elif not move.staged.exists():
                move.target.replace(move.staged)
        except OSError:
            stuck.append(move)
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()
    return stuck


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C must not stop the taking back of what was written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def _reporting_failure(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(OUTPUT_FAILED.at(None, str(out), error.strerror or str(error))) from error


def _resolve(path: Path) -> Path:
    # Path.resolve raises at links that go in circles before Python 3.13.
    return Path(os.path.realpath(path))
