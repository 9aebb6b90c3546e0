"""Which of two paths gets a request that fits both.

API Gateway goes by the segments: a literal one before `{name}`, and that before `{proxy+}`. Powertools tries
the paths without parameters first, then the others as they are registered (ApiGatewayResolver._resolve).
"""

from __future__ import annotations

from collections.abc import Iterator

# A segment that is a parameter, and one that takes all that follows.
_ONE, _REST = "{}", "{+}"


class TriedPaths:
    """The paths with parameters, as Powertools tries them."""

    def __init__(self) -> None:
        self._by_beginning: dict[tuple[str, ...], list[str]] = {}

    def add(self, path: str) -> None:
        segments = _read(path)
        for end, segment in enumerate(segments, 1):
            if segment in (_ONE, _REST):
                self._by_beginning.setdefault(segments[:end], []).append(path)

    def find_worse(self, path: str) -> Iterator[str]:
        """The paths of these to which API Gateway prefers this one, for requests that fit both."""
        segments = _read(path)
        for start, segment in enumerate(segments):
            for worse in {_ONE: (_REST,), _REST: ()}.get(segment, (_ONE, _REST)):
                for other in self._by_beginning.get((*segments[:start], worse), ()):
                    if _overlap(segments, _read(other)):
                        yield other


def _read(path: str) -> tuple[str, ...]:
    segments = path.strip("/").split("/")
    return tuple(_REST if one.endswith("+}") else _ONE if one.startswith("{") else one for one in segments)


def _overlap(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether one request fits both."""
    for left, right in zip(mine, theirs, strict=False):
        if _REST in (left, right):
            return True
        if left != right and _ONE not in (left, right):
            return False
    return len(mine) == len(theirs)
