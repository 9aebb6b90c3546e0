"""Files on disk: the project's folder is read and never changed, the output written whole or not at all."""

from __future__ import annotations

from converter.files.changes import Changes, compare, unified_diff
from converter.files.folder import Folder
from converter.files.output import (
    OutputError,
    finish_writing,
    is_unfinished,
    read_output,
    refuse_overlap,
    replace_files,
    write_all,
)
from converter.files.text import decode_text, encode_python
from converter.files.tracked import TrackedFiles

__all__ = [
    "Changes",
    "Folder",
    "OutputError",
    "TrackedFiles",
    "compare",
    "decode_text",
    "encode_python",
    "finish_writing",
    "is_unfinished",
    "read_output",
    "refuse_overlap",
    "replace_files",
    "unified_diff",
    "write_all",
]
