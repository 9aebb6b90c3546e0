"""Three versions of a text merged line by line.

The method is diff3's: what stands unchanged in all three cuts the texts into pieces, and a piece that only
one side changed is taken from that side. https://www.cis.upenn.edu/~bcpierce/papers/diff3-short.pdf
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# A text with so many lines of another one is that text under another name. Git takes half; but handlers are
# short, and all alike.
_ALIKE = 0.6

_Lines = Sequence[str]
_START, _MIDDLE, _END = "<<<<<<<", "=======", ">>>>>>>"


@dataclass(frozen=True)
class Labels:
    """What the two sides of a conflict are called."""

    ours: str
    theirs: str


@dataclass(frozen=True)
class Merged:
    """A merged text, and how many places of it are marked because both sides changed them."""

    text: str
    conflicts: int = 0

    def __add__(self, other: Merged) -> Merged:
        return Merged(self.text + other.text, self.conflicts + other.conflicts)


def merge_lines(base: str, ours: str, theirs: str, labels: Labels) -> Merged:
    """The changes of both sides together; where they touch each other, both sides between git's markers."""
    if ours == theirs or theirs == base:
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    result = Merged("")
    for old, mine, other in _cut(split_lines(base), split_lines(ours), split_lines(theirs)):
        result += _merge_neighbours(old, mine, other) or _merge_piece(
            "".join(old), "".join(mine), "".join(other), labels
        )
    return result


def _merge_neighbours(base: _Lines, ours: _Lines, theirs: _Lines) -> Merged | None:
    """Lines of which each was changed by one side only. They touch, for diff3, but nobody would say so."""
    if not len(base) == len(ours) == len(theirs):
        return None
    lines = [other if mine == old else mine for old, mine, other in zip(base, ours, theirs, strict=True)]
    rows = zip(base, ours, theirs, strict=True)
    return Merged("".join(lines)) if all(len({*row}) < 3 for row in rows) else None


def _merge_piece(base: str, ours: str, theirs: str, labels: Labels) -> Merged:
    if ours == theirs or theirs == base:
        return Merged(ours)
    return Merged(theirs) if ours == base else mark_conflict(ours, theirs, labels)


def mark_conflict(ours: str, theirs: str, labels: Labels) -> Merged:
    """Both texts between git's markers."""
    sides = f"{_START} {labels.ours}\n{_end_line(ours)}{_MIDDLE}\n{_end_line(theirs)}{_END} {labels.theirs}\n"
    return Merged(sides, 1)


def find_markers(text: str) -> list[int]:
    """The number of each line that starts or ends a conflict."""
    lines = enumerate(text.split("\n"), 1)
    return [number for number, line in lines if line.startswith((f"{_START} ", f"{_END} "))]


def split_lines(text: str) -> list[str]:
    """The lines with their ends; only line feeds end one, as in git."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _end_line(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _cut(base: _Lines, ours: _Lines, theirs: _Lines) -> Iterator[tuple[_Lines, _Lines, _Lines]]:
    """The three texts in pieces that belong together; where all three are equal, a line is a piece."""
    mine, other = _match(base, ours), _match(base, theirs)
    at_base = at_ours = at_theirs = 0
    for line in sorted(mine.keys() & other.keys()):
        piece = base[at_base:line], ours[at_ours : mine[line]], theirs[at_theirs : other[line]]
        if any(piece):
            yield piece
        yield (base[line],), (base[line],), (base[line],)
        at_base, at_ours, at_theirs = line + 1, mine[line] + 1, other[line] + 1
    yield base[at_base:], ours[at_ours:], theirs[at_theirs:]


def _match(old: _Lines, new: _Lines) -> dict[int, int]:
    """Where lines of the old text stand in the new one."""
    start = _count_equal(old, new)
    end = _count_equal(old[start:][::-1], new[start:][::-1])
    matcher = SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end], autojunk=False)
    blocks = [(at + start, to + start, size) for at, to, size in matcher.get_matching_blocks()]
    blocks += [(0, 0, start), (len(old) - end, len(new) - end, end)]
    return {at + i: to + i for at, to, size in blocks for i in range(size)}


def measure_likeness(old: str, new: str) -> float:
    """The share of lines that two texts have in common, from 0 to 1; 0 where it means nothing."""
    before, after = ([line for line in text.splitlines() if line.strip()] for text in (old, new))
    share = SequenceMatcher(None, before, after, autojunk=False).ratio()
    return share if share >= _ALIKE else 0


def _count_equal(old: _Lines, new: _Lines) -> int:
    count = 0
    while count < min(len(old), len(new)) and old[count] == new[count]:
        count += 1
    return count
