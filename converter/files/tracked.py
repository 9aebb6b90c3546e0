"""A project's files that know which of them were asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping


class TrackedFiles(Mapping[str, bytes]):
    """The same files; those that nobody has read are not part of what is converted."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._read: set[str] = set()

    def __getitem__(self, path: str) -> bytes:
        content = self._files[path]
        self._read.add(path)
        return content

    def peek(self, path: str) -> bytes:
        """What a file says, without its becoming a part of what is converted."""
        return self._files[path]

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def list_outside(self, path: str) -> tuple[str, ...]:
        """The files below a path that starts with `../`, where the project lies on a disk."""
        list_outside = getattr(self._files, "list_outside", None)
        if list_outside is None:
            return tuple(found for found in self._files if found.startswith(f"{path}/"))
        found: tuple[str, ...] = list_outside(path)
        return found

    def unread(self) -> list[str]:
        """The files that nobody asked for, by their names at the top: `README.md`, `tests/ (3 files)`."""
        tops = Counter(
            f"{path.partition('/')[0]}/" if "/" in path else path
            for path in self._files
            if path not in self._read
        )
        return [f"{top} ({count} files)" if count > 1 else top for top, count in sorted(tops.items())]
