"""The output folder: written whole or not at all, and nothing outside it touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePath
from typing import NamedTuple

from converter.codes import LEAVES_OUTPUT, OUTPUT_EXISTS, OUTPUT_FAILED, OUTPUT_IN_PROJECT
from converter.diagnostics import Diagnostic
from converter.files.changes import Changes, compare


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
    if not os.path.lexists(out):
        # Neither are there links below it.
        return
    folders = {out / folder for parent in parents for folder in (parent, *parent.parents)}
    root = _resolve(out)
    for folder in sorted(folders):
        if os.path.lexists(folder) and not folder.is_dir():
            raise OutputError(_in_the_way(folder, "what stands there is not a folder"))
        if folder.is_dir() and not _resolve(folder).is_relative_to(root):
            raise OutputError(LEAVES_OUTPUT.at(None, str(folder), f"it is a link to {_resolve(folder)}"))


def _in_the_way(place: Path, reason: str) -> Diagnostic:
    return OUTPUT_EXISTS.at(None, str(place), reason, "choose another folder with --output")


def write_all(
    files: Mapping[str, bytes], out: Path, *, force: bool = False, record: Mapping[str, bytes] | None = None
) -> Changes:
    """Write the files below `out`, all or none; a file that already has its content is left alone.

    `record` is written with them, is nobody's work, and so is replaced without `force`.
    Raises OutputError when that cannot be done, or when files with other content
    stand there and `force` is not given. `out` is then as it was; so it is after an interrupt.
    """
    finish_writing(out)
    record = record or {}
    before = read_output(out, [*files, *record])
    changes = compare(before, files)
    if changes.updated and not force:
        reason = "it exists, with other content"
        raise OutputError(*(OUTPUT_EXISTS.at(None, str(out / path), reason) for path in changes.updated))
    new = {path: files[path] for path in (*changes.created, *changes.updated)}
    _replace_changed(before, {**new, **record}, (), out)
    return changes


def replace_files(files: Mapping[str, bytes], removed: Iterable[str], out: Path) -> None:
    """Write some files below `out` and remove others, all or none, whatever stands there.

    Raises OutputError when that cannot be done; `out` is then as it was.
    """
    removed = list(removed)
    _replace_changed(read_output(out, [*files, *removed]), files, removed, out)


def _replace_changed(
    before: Mapping[str, bytes], files: Mapping[str, bytes], removed: Iterable[str], out: Path
) -> None:
    changed = {path: data for path, data in files.items() if before.get(path) != data}
    gone = [path for path in removed if path not in files and path in before]
    if changed or gone:
        with _reporting_failure(out):
            _replace(changed, gone, out.absolute())


class _Move(NamedTuple):
    """A staged file or folder, where it goes, and where what stood there is kept meanwhile.

    Nothing is staged for what is only taken away.
    """

    staged: Path
    target: Path
    kept: Path
    is_written: bool = True


def _replace(files: Mapping[str, bytes], removed: list[str], out: Path) -> None:
    # Staged in the nearest folder that exists, so on the same file system: moving is a mere renaming.
    base = next(folder for folder in (out, *out.parents) if folder.is_dir())
    stage = Path(tempfile.mkdtemp(prefix=f"{_STAGE}{os.getpid()}-", dir=base))
    new, old = stage / "new", stage / "old"
    try:
        old.mkdir()
        _write_tree(files, new)
        names = [*files, *removed] if base == out else ["."]
        gone = set(removed)
        moves = [
            _Move(new / name, out / name, old / str(i), name not in gone) for i, name in enumerate(names)
        ]
        if base == out:
            _keep_modes(files, out, new)
            _write_journal(stage, out, names)
        _move_all(moves)
    except BaseException:
        with _uninterrupted():
            _forget_journal(stage)
            shutil.rmtree(new, ignore_errors=True)
            # Not by force: what could not be put back is still in there.
            for folder in (old, stage):
                with suppress(OSError):
                    folder.rmdir()
        raise
    with _uninterrupted():
        _remove_stage(stage)
        _remove_empty_folders(removed, out)


def _keep_modes(files: Iterable[str], out: Path, new: Path) -> None:
    """A script that is replaced stays one that can be run."""
    for name in files:
        if (out / name).is_file():
            shutil.copymode(out / name, new / name)


def _remove_empty_folders(removed: Iterable[str], out: Path) -> None:
    for name in removed:
        for folder in PurePath(name).parents:
            with suppress(OSError):
                if (out / folder) != out:
                    (out / folder).rmdir()


# --- after a kill -----------------------------------------------------------------------------------

# Nothing stops a kill between two renamings. What was about to be done is written down before the first one,
# and whoever writes here next does the rest.
_STAGE, _JOURNAL, _DRAFT = ".paws-", "journal.json", "journal.draft"


def is_unfinished(out: Path) -> bool:
    """Whether a run was killed while it moved files into their places."""
    return any(out.glob(f"{_STAGE}*/{_JOURNAL}"))


def finish_writing(out: Path) -> None:
    """Do the rest of what a killed run had begun to write below `out`, and clear away what it left there.

    Raises OutputError when somebody has changed one of the files since.
    """
    out = out.absolute()
    # A folder that is new is staged in the one above it, and nothing of it has to be finished.
    above = next(folder for folder in out.parents if folder.is_dir())
    with _reporting_failure(out):
        for stage in _find_abandoned(out):
            if (stage / _JOURNAL).is_file():
                _redo(stage, out)
            _remove_stage(stage)
        for stage in _find_abandoned(above):
            if not (stage / _JOURNAL).is_file():
                _remove_stage(stage)


def _find_abandoned(folder: Path) -> list[Path]:
    found = sorted(folder.glob(f"{_STAGE}*-*"))
    # What could not be put back when a run failed is still in there, and stays.
    return [
        stage
        for stage in found
        if not _is_running(stage.name.split("-")[1])
        and ((stage / _JOURNAL).is_file() or not _keeps_files(stage))
    ]


def _keeps_files(stage: Path) -> bool:
    return (stage / "old").is_dir() and any((stage / "old").iterdir())


def _is_running(process: str) -> bool:
    if not process.isdecimal() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _write_journal(stage: Path, out: Path, names: list[str]) -> None:
    before = [[name, _digest(out / name), (stage / "new" / name).exists()] for name in names]
    (stage / _DRAFT).write_text(json.dumps(before), encoding="utf-8")
    (stage / _DRAFT).rename(stage / _JOURNAL)


def _redo(stage: Path, out: Path) -> None:
    """Make the moves of the journal that were not made; as for taking them back, that is seen on disk."""
    left = []
    for i, (name, before, is_written) in enumerate(
        json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
    ):
        staged, target, kept = stage / "new" / name, out / name, stage / "old" / str(i)
        if kept.exists() if not is_written else not staged.exists():
            continue
        if _digest(target) not in (None, None if kept.exists() else before):
            reason = (
                f"it was changed after a run of paws was killed; what that was about to write lies in {stage}"
            )
            raise OutputError(_in_the_way(target, reason))
        left.append((staged, target, is_written))
    for staged, target, is_written in left:
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_written:
            staged.replace(target)
        else:
            target.unlink(missing_ok=True)
            _remove_empty_folders([str(target.relative_to(out))], out)


def _digest(place: Path) -> str | None:
    return sha256(place.read_bytes()).hexdigest() if place.is_file() else None


def _remove_stage(stage: Path) -> None:
    # What was replaced goes first, and then the journal: what is kept without one could not be put back.
    shutil.rmtree(stage / "old", ignore_errors=True)
    _forget_journal(stage)
    shutil.rmtree(stage, ignore_errors=True)


def _forget_journal(stage: Path) -> None:
    with suppress(OSError):
        (stage / _JOURNAL).unlink(missing_ok=True)
        (stage / _DRAFT).unlink(missing_ok=True)


def _write_tree(files: Mapping[str, bytes], root: Path) -> None:
    """Write the files below a new folder."""
    # mkdtemp made the stage private; what is moved out of it has to have the usual permissions.
    root.mkdir()
    made = {""}
    for path, data in files.items():
        folder = path.rpartition("/")[0]
        if folder not in made:
            (root / folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        (root / path).write_bytes(data)


def _move_all(moves: list[_Move]) -> None:
    folders = _find_missing_folders(moves)
    try:
        for folder in folders:
            folder.mkdir()
        for move in moves:
            if os.path.lexists(move.target):
                move.target.replace(move.kept)
            if move.is_written:
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
            elif move.is_written and not move.staged.exists():
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
