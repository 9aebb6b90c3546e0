"""A project's folder as a mapping of its files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from converter.codes import BROKEN_LINK, LEAVES_PROJECT, NOT_A_PROJECT, UNREADABLE_FILE
from converter.diagnostics import Diagnostic, UnreadableError
from converter.model import Position

# What tools leave in a project's folder; it is never part of the project.
_SKIPPED = {
    ".aws-sam",
    ".git",
    ".hg",
    ".hypothesis",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
}


class Folder(Mapping[str, bytes]):
    """A project's files by POSIX path below its folder, sorted, each read when first asked for.

    What tools leave behind (version control, virtual environments, caches, builds)
    is not listed, nor is what lies behind a symbolic link that leaves the project.
    A path that starts with `../` names a file outside; it is there when asked for.

    Raises UnreadableError when there is no such folder, and for a file that cannot be read.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            reason = "this is a file" if os.path.lexists(root) else "there is no such folder"
            raise UnreadableError(NOT_A_PROJECT.at(None, str(root), reason))
        self.root = root
        self._contents: dict[str, bytes] = {}
        self._outside: dict[str, _Listing] = {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was found while listing: links not followed, folders that may not be read."""
        listings = (self._listing, *self._outside.values())
        return tuple(diagnostic for listing in listings for diagnostic in listing.diagnostics)

    def list_outside(self, path: str) -> tuple[str, ...]:
        """The files at or below a path that starts with `../`, as paths that can be asked for."""
        if path not in self._outside:
            found = (
                _Listing((path,)) if path in self else _list_folder(self.root / path, f"{path.rstrip('/')}/")
            )
            self._outside[path] = found
        return self._outside[path].paths

    def __getitem__(self, path: str) -> bytes:
        if path not in self:
            raise KeyError(path)
        if path not in self._contents:
            try:
                self._contents[path] = (self.root / path).read_bytes()
            except OSError as error:
                raise UnreadableError(_unreadable(path, error)) from error
        return self._contents[path]

    def __contains__(self, path: object) -> bool:
        if isinstance(path, str) and path.startswith("../"):
            return (self.root / path).is_file()
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._listing.paths)

    def __len__(self) -> int:
        return len(self._listing.paths)

    @cached_property
    def _listing(self) -> _Listing:
        return _list_folder(self.root)

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._listing.paths)


class _Listing(NamedTuple):
    paths: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def _list_folder(root: Path, prefix: str = "") -> _Listing:
    """The files below a folder, each path behind the prefix."""
    real_root = os.path.realpath(root)
    paths: list[str] = []
    diagnostics: list[Diagnostic] = []
    # Each folder with the real folders that it lies in, by which a link that goes in circles is known.
    pending: list[tuple[str, str, tuple[str, ...]]] = [(str(root), prefix, (real_root,))]
    while pending:
        folder, prefix, above = pending.pop()
        try:
            for entry in _scan(folder, is_root=len(above) == 1):
                path = prefix + entry.name
                real = os.path.realpath(entry.path) if entry.is_symlink() else f"{above[-1]}/{entry.name}"
                if f"/{path}".endswith("/.chalice/deployments"):
                    continue
                if entry.is_symlink() and (obstacle := _check_link(path, entry.path, real, above)):
                    diagnostics.append(obstacle)
                elif entry.is_dir():
                    pending.append((entry.path, f"{path}/", (*above, real)))
                elif entry.is_file():
                    paths.append(path)
        except OSError as error:
            diagnostics.append(_unreadable(prefix.rstrip("/") or ".", error))
    return _Listing(tuple(sorted(paths)), tuple(sorted(diagnostics, key=lambda each: each.sort_key)))


def _scan(folder: str, *, is_root: bool) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as scan:
        entries = [entry for entry in scan if not is_left_by_tools(entry.name)]
    is_virtual_environment = any(entry.name == "pyvenv.cfg" for entry in entries)
    return [] if is_virtual_environment and not is_root else entries


def is_left_by_tools(name: str) -> bool:
    """Whether a file or folder of this name is never part of a project."""
    # The last two are paws' own: a lock file, and a folder that a killed run leaves.
    return name in _SKIPPED or name.endswith(".pyc") or name == ".paws.lock" or name.startswith(".paws-")


def _check_link(path: str, link: str, real: str, above: tuple[str, ...]) -> Diagnostic | None:
    """What keeps a symbolic link from being followed."""
    at = Position(path, 1, 1)
    if not Path(real).is_relative_to(above[0]):
        return LEAVES_PROJECT.at(at, path, f"it leads to {Path(link).readlink()}")
    if real in above:
        return BROKEN_LINK.at(at, path, "it leads back to a folder that it lies in")
    if not Path(real).exists() or Path(real).is_symlink():
        return BROKEN_LINK.at(at, path, f"its target {Path(link).readlink()} does not exist")
    return None


def _unreadable(path: str, error: OSError) -> Diagnostic:
    return UNREADABLE_FILE.at(Position(path, 1, 1), path, error.strerror or str(error))
