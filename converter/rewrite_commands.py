"""`paws commands`: one line translated, or the calls in files rewritten."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from converter.codes import UNREADABLE_FILE
from converter.commands import Call, Rewritten, find_calls, may_name, rewrite_calls
from converter.diagnostics import UnreadableError
from converter.files import decode_text, replace_files, unified_diff

# Nobody's scripts, or written by a tool.
_NOT_OURS = frozenset({".aws-sam", ".git", ".tox", ".venv", "node_modules", "packaged", "vendor", "venv"})


@dataclass
class Rewriting:
    """The files that change, before and after, and the remarks on calls, with their files."""

    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    remarks: list[tuple[str, Call, str]] = field(default_factory=list)

    @property
    def diff(self) -> str:
        before, after = (
            {_name(path): data for path, data in each.items()} for each in (self.before, self.after)
        )
        return unified_diff(before, after)

    def write(self) -> None:
        """Put the new texts in place, all or none. Raises OutputError."""
        if self.after:
            places = {Path(path).absolute(): data for path, data in self.after.items()}
            root = Path(os.path.commonpath([place.parent for place in places]))
            files = {place.relative_to(root).as_posix(): data for place, data in places.items()}
            replace_files(files, (), root)

    def list_remarks(self) -> Iterator[str]:
        for path, call, remark in self.remarks:
            yield f"{path}:{call.line}:{call.column}: {call.written}: {remark}"


def _name(path: str) -> str:
    """The path as a patch has it: from where the user is, or from the root."""
    near = os.path.relpath(path)
    return Path(path).as_posix().lstrip("/") if near.startswith("..") else Path(near).as_posix()


def translate_line(line: str) -> tuple[str, list[str]] | None:
    """The line with each call as the other's, and the remarks; None where there is no call in it.

    The text is empty where what is called has no counterpart.
    """
    cli = next((cli for cli in ("chalice", "sam") if any(find_calls(line, cli))), None)
    if cli is None:
        return None
    found = rewrite_calls("", line, cli)
    said = [remark for _, remark in found.remarks]
    return ("" if found.text == line else found.text), said


def rewrite_files(places: Iterable[Path], cli: str) -> Rewriting:
    """What becomes of the calls of `cli` in these files, and in the scripts and documents of these folders.

    Raises UnreadableError and OSError for a file that was named and cannot be read.
    """
    rewriting = Rewriting()
    for place in places:
        for path in _walk(place) if place.is_dir() else [place]:
            data = path.read_bytes()
            found = _rewrite(path, data, cli, is_named=path == place)
            if found is None:
                continue
            rewriting.remarks += [(path.as_posix(), call, remark) for call, remark in found.remarks]
            # The author's ends of lines are in the text.
            after = found.text.encode()
            if after != data:
                rewriting.before[path.as_posix()], rewriting.after[path.as_posix()] = data, after
    return rewriting


def _rewrite(path: Path, data: bytes, cli: str, *, is_named: bool) -> Rewritten | None:
    if cli.encode() not in data:
        return None
    try:
        decode_text(path.as_posix(), data)
        return rewrite_calls(path.name, data.decode(), cli)
    except (UnreadableError, UnicodeDecodeError) as error:
        if is_named:
            raise UnreadableError(UNREADABLE_FILE.at(None, path.as_posix(), "it is no UTF-8")) from error
        return None


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_OURS)
        for name in sorted(names):
            path = Path(root, name)
            if may_name(path.relative_to(folder).as_posix()) and not path.is_symlink():
                yield path
