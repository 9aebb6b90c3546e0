"""Which of two paths gets a request that fits both.

API Gateway goes by the segments: a literal one before `{name}`, and that before `{proxy+}`. Powertools tries
the paths without parameters first, then the others as they are registered (ApiGatewayResolver._resolve).
"""

from __future__ import annotations

from functools import lru_cache


def is_preferred(later: str, earlier: str) -> bool:
    """Whether API Gateway prefers a path to another one that Powertools tries first, for some requests.

    Both are paths with parameters.
    """
    return _overlap(earlier, later) and _ranks(later) < _ranks(earlier)


@lru_cache
def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _ranks(path: str) -> list[int]:
    return [2 if one.endswith("+}") else 1 if one.startswith("{") else 0 for one in _segments(path)]


def _overlap(one: str, other: str) -> bool:
    """Whether one request fits both."""
    mine, theirs = _segments(one), _segments(other)
    for left, right in zip(mine, theirs, strict=False):
        if left.endswith("+}") or right.endswith("+}"):
            return True
        if left != right and "{" not in left and "{" not in right:
            return False
    return len(mine) == len(theirs)
