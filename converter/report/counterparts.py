"""Which lines of two forms say the same in other words: those of the facts that both have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from converter.model import Position
from converter.verify.comparison import pair_parts
from converter.verify.facts import Part
from converter.verify.side import Side

# A path and the number of a line.
Line = tuple[str, int]
_Pair = tuple[Position | None, Position | None]


def find_counterparts(left: Side, right: Side) -> tuple[Mapping[Line, list[Line]], Mapping[Line, list[Line]]]:
    """For the lines of the left side those of the right, and the other way round, in their order."""
    there: dict[Line, set[Line]] = defaultdict(set)
    back: dict[Line, set[Line]] = defaultdict(set)
    for stage in left.stages:
        for mine, other in _pair_places(left, right, stage) if stage in right.stages else ():
            if mine and other:
                there[mine.path, mine.line].add((other.path, other.line))
                back[other.path, other.line].add((mine.path, mine.line))
    return {line: sorted(found) for line, found in there.items()}, {
        line: sorted(found) for line, found in back.items()
    }


def _pair_places(left: Side, right: Side, stage: str) -> Iterator[_Pair]:
    ours, theirs = (side.read_facts(stage, side.parameters.get(stage, {})) for side in (left, right))
    for mine, other in pair_parts(ours.parts, theirs.parts):
        whole = left.places.find(mine, None, stage), right.places.find(other, None, stage)
        yield whole
        for places in _pair_facts(left, right, mine, other, stage):
            # A fact that no line says, such as a default, has the place of its part.
            if places[0] != whole[0] and places[1] != whole[1]:
                yield places


def _pair_facts(left: Side, right: Side, mine: Part, other: Part, stage: str) -> Iterator[_Pair]:
    facts = {fact.key: fact for fact in other.facts}
    for fact in mine.facts:
        if fact.key in facts:
            yield left.places.find(mine, fact, stage), right.places.find(other, facts[fact.key], stage)
