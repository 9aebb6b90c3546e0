"""What writing would change."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Changes(NamedTuple):
    """The paths that writing creates, updates and leaves as they are; true if it changes anything."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.created or self.updated)


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Changes:
    """What writing `after` over `before` changes. Files that only `before` has are the user's own."""
    there = sorted(after.keys() & before.keys())
    return Changes(
        created=tuple(sorted(after.keys() - before.keys())),
        updated=tuple(path for path in there if before[path] != after[path]),
        unchanged=tuple(path for path in there if before[path] == after[path]),
    )


def unified_diff(before: Mapping[str, bytes], after: Mapping[str, bytes], removed: Iterable[str] = ()) -> str:
    """The changes as `git diff` prints them, so that `git apply` and `patch -p1` take them."""
    changes = compare(before, after)
    paths = sorted({*changes.created, *changes.updated, *removed})
    return "".join(_diff_file(path, before.get(path), after.get(path)) for path in paths)


def _diff_file(path: str, before: bytes | None, after: bytes | None) -> str:
    from difflib import unified_diff as diff_lines

    old = "/dev/null" if before is None else f"a/{path}"
    new = "/dev/null" if after is None else f"b/{path}"
    mode = (
        "new file mode 100644\n" if before is None else "deleted file mode 100644\n" if after is None else ""
    )
    head = f"diff --git a/{path} b/{path}\n{mode}"
    try:
        lines = list(diff_lines(_split_lines(before or b""), _split_lines(after or b""), old, new))
    except UnicodeDecodeError:
        return f"{head}Binary files {old} and {new} differ\n"
    return head + "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)


_NO_NEWLINE = "\n\\ No newline at end of file\n"


def _split_lines(data: bytes) -> list[str]:
    """The lines of a text file. Raises UnicodeDecodeError for anything else."""
    if b"\0" in data:
        raise UnicodeDecodeError("utf-8", data, data.index(b"\0"), data.index(b"\0") + 1, "a NUL byte")
    # Not str.splitlines: it splits at form feeds too, which end no line in a diff.
    return io.StringIO(data.decode(), newline="\n").readlines()
