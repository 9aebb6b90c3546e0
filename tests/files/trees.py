"""Small folders on disk for the tests, and what they hold afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """The folder, with the files in it."""
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def read_tree(root: Path) -> dict[str, bytes | None]:
    """Everything below the folder: the content of each file, None for all else."""
    return {
        place.relative_to(root).as_posix(): place.read_bytes() if place.is_file() else None
        for place in sorted(root.rglob("*"))
    }
