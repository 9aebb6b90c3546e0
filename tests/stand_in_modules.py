"""What `pip install` would put beside the code of a fixture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

STAND_INS = Path(__file__).parent / "stand_ins"


def add_stand_ins(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The project with a module for each requirement that the fixtures have."""
    lines = files.get("requirements.txt", b"").decode().splitlines()
    added = dict(files)
    for line in lines:
        folder = STAND_INS / re.split(r"[^\w-]", line, maxsplit=1)[0]
        if folder != STAND_INS and folder.is_dir():
            added |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}
    return added
