"""The lock file: what the last conversion wrote, and from what. It stands in the output folder, in git too.

It is JSON with each line of the generated text on a line of its own, and nothing is compressed: so a review
shows what changed, git merges it, and its packs compress it. What is no text is there by its digest only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from converter import __version__
from converter.codes import INVALID_LOCK
from converter.diagnostics import UnreadableError
from converter.model import Position

NAME = ".paws.lock"
_FORMAT = 1


class Snapshot(NamedTuple):
    """A file as it was: its text, or the digest of what is no text. Line ends of either kind are equal."""

    content: str
    is_text: bool

    @classmethod
    def take(cls, data: bytes) -> Snapshot:
        text = read_text(data)
        return cls(digest(data), False) if text is None else cls(text, True)

    @property
    def text(self) -> str | None:
        return self.content if self.is_text else None


@dataclass(frozen=True)
class Lock:
    """`source` is the project that was converted, seen from the lock's folder.

    `options` is what the command line said of the conversion, `settings` what the project did; `digests` are
    the project's files, `generated` is what was made of them. `conflicts` are files in which sync marked
    conflicts, seen from the lock's folder.
    """

    command: str
    source: str
    options: Mapping[str, Any]
    settings: Mapping[str, Any]
    digests: Mapping[str, str]
    generated: Mapping[str, Snapshot]
    conflicts: tuple[str, ...] = ()
    paws: str = field(default=__version__)

    @cached_property
    def reverse(self) -> str:
        """The command that goes the other way."""
        return "-to-".join(reversed(self.command.split("-to-")))


def read_text(data: bytes) -> str | None:
    """The text of a file with line feeds as its line ends; None for what is no text."""
    if b"\0" in data:
        return None
    try:
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def write_lock(lock: Lock) -> bytes:
    """The lock file, equal for equal locks."""
    generated = {
        path: each.text.split("\n") if each.text is not None else each.content
        for path, each in lock.generated.items()
    }
    document = {
        "lock": _FORMAT,
        "paws": lock.paws,
        "command": lock.command,
        "source": lock.source,
        "options": dict(lock.options),
        "settings": dict(lock.settings),
        "conflicts": sorted(lock.conflicts),
        "digests": dict(lock.digests),
        "generated": generated,
    }
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_lock(folder: Path) -> Lock | None:
    """The lock of a folder, None where there is none. Raises UnreadableError for one that is broken."""
    place = folder / NAME
    if not place.is_file():
        return None
    try:
        document = json.loads(place.read_bytes())
        return _parse(document)
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise _invalid(
            Position(NAME, line, column), "it is no JSON; a merge may have left both sides"
        ) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise _invalid(Position(NAME, 1, 1), "it is no lock that this version of paws can read") from error


def _parse(document: Any) -> Lock:
    if document["lock"] != _FORMAT:
        reason = f"a newer version of paws wrote it ({document['paws']}); this is {__version__}"
        raise _invalid(Position(NAME, 1, 1), reason)
    generated = {
        path: Snapshot("\n".join(content), True) if isinstance(content, list) else Snapshot(content, False)
        for path, content in document["generated"].items()
    }
    return Lock(
        document["command"],
        document["source"],
        document["options"],
        document["settings"],
        document["digests"],
        generated,
        tuple(document["conflicts"]),
        document["paws"],
    )


def _invalid(at: Position, reason: str) -> UnreadableError:
    return UnreadableError(INVALID_LOCK.at(at, NAME, reason))
