"""Which files came, changed and went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Differences:
    """Paths, in their order; true if there are any."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.created or self.updated or self.removed)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted((*self.created, *self.updated, *self.removed)))

    @classmethod
    def between(cls, before: Mapping[str, object], after: Mapping[str, object]) -> Differences:
        there = before.keys() & after.keys()
        return cls(
            tuple(sorted(after.keys() - before.keys())),
            tuple(sorted(path for path in there if before[path] != after[path])),
            tuple(sorted(before.keys() - after.keys())),
        )


NONE = Differences()
