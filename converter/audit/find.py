"""Where the Chalice and SAM projects below a folder are. Files are looked at, none is run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from converter.files.folder import is_left_by_tools
from converter.sam.project import TEMPLATE_PATHS
from converter.verify.side import Framework

_USES_CHALICE = re.compile(rb"^[ \t]*(?:from|import)[ \t]+chalice\b", re.MULTILINE)
# As SAM's own templates say it, for any function; a template without one is not SAM's to convert.
_IS_SAM = re.compile(rb"AWS::Serverless-2016-10-31|AWS::Serverless::Function")


@dataclass(frozen=True, order=True)
class Place:
    """A project: its folder as it is from where the user is, and its framework."""

    folder: str
    framework: Framework


def find_projects(folders: Iterable[Path]) -> tuple[Place, ...]:
    """The projects in the folders and below them, each once, sorted by folder."""
    found: dict[tuple[str, Framework], Place] = {}
    for folder in folders:
        for place in _walk(folder):
            found.setdefault((os.path.realpath(place.folder), place.framework), place)
    return tuple(sorted(found.values()))


def _walk(root: Path) -> Iterator[Place]:
    # Whether a folder is inside a SAM project: an app.py there is the code of a function.
    pending = [(root, False)]
    while pending:
        folder, in_sam = pending.pop()
        try:
            with os.scandir(folder) as scan:
                entries = [entry for entry in scan if not is_left_by_tools(entry.name)]
        except OSError:
            # Other people's folders in a large tree.
            continue
        names = {entry.name for entry in entries}
        if "pyvenv.cfg" in names:
            continue
        is_sam = any(name in names and _contains(folder / name, _IS_SAM) for name in TEMPLATE_PATHS)
        if is_sam:
            yield Place(str(folder), Framework.SAM)
        has_app = "app.py" in names and _contains(folder / "app.py", _USES_CHALICE)
        if has_app and (".chalice" in names or not (is_sam or in_sam)):
            yield Place(str(folder), Framework.CHALICE)
        below = (entry for entry in entries if entry.is_dir(follow_symlinks=False))
        pending += [(folder / entry.name, in_sam or is_sam) for entry in below if entry.name != ".chalice"]


def _contains(path: Path, pattern: re.Pattern[bytes]) -> bool:
    try:
        return bool(pattern.search(path.read_bytes()))
    except OSError:
        return False
