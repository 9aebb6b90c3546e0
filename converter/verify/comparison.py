"""What differs between two applications, fact by fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import product

from converter.model import Json
from converter.verify.facts import Fact, Facts, Part
from converter.verify.values import find_reference, rename_references, show_value


class Change(str, Enum):
    """What happened to a fact on the way from left to right."""

    LOST = "lost"
    CHANGED = "changed"
    ADDED = "added"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Difference:
    """One fact, or a whole part, that is not the same on both sides.

    `name` is empty where the whole part is lost or added. A value is None where the fact is absent;
    `left_part` and `right_part` are the counterparts, None likewise.
    """

    change: Change
    kind: str
    name: str
    left: Json = None
    right: Json = None
    left_part: Part | None = None
    right_part: Part | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same difference in another stage."""
        return (
            self.change,
            str(self.part),
            self.kind,
            self.name,
            show_value(self.left),
            show_value(self.right),
        )

    @property
    def is_whole(self) -> bool:
        """Whether a whole part is lost or added."""
        return not self.name

    @property
    def part(self) -> Part:
        """What it is about, by its name on the left if it is there."""
        part = self.left_part or self.right_part
        assert part is not None
        return part


@dataclass(frozen=True)
class Comparison:
    """All differences of one stage, and how many of the left side's facts have their equal on the right."""

    differences: tuple[Difference, ...]
    matched: int
    total: int


def compare(left: Facts, right: Facts) -> Comparison:
    """The differences between two stages.

    Parts may be called otherwise on the other side, so they are paired first: by name, then by what is
    true of them. A poor pairing shows differences that are none; no pairing can hide one.
    """
    pairs = pair_parts(left.parts, right.parts)
    names = _translate_names(pairs)
    counterparts = {id(ours): theirs for ours, theirs in pairs}
    taken = {id(theirs) for _, theirs in pairs}
    differences: list[Difference] = []
    matched = 0
    for part in left.parts:
        counterpart = counterparts.get(id(part))
        if counterpart is None:
            differences.append(Difference(Change.LOST, part.kind, "", part.type, None, part, None))
            continue
        found = list(_compare_parts(part, counterpart, names))
        differences += found
        matched += 1 + len(part.facts) - sum(each.change is not Change.ADDED for each in found)
    for part in right.parts:
        if id(part) not in taken:
            differences.append(Difference(Change.ADDED, part.kind, "", None, part.type, None, part))
    return Comparison(tuple(differences), matched, left.count)


def _compare_parts(left: Part, right: Part, names: Mapping[str, str]) -> Iterator[Difference]:
    ours = _index(left.facts, {})
    theirs = _index(right.facts, names)
    for key in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(key), theirs.get(key)
        kind, name = key
        if mine is None:
            assert other is not None
            yield Difference(Change.ADDED, kind, name, None, other.value, left, right)
        elif other is None:
            yield Difference(Change.LOST, kind, name, mine.value, None, left, right)
        elif not _is_same(mine.value, other.value):
            yield Difference(Change.CHANGED, kind, name, mine.value, other.value, left, right)


def _in_order(name: str, value: Json) -> Json:
    """What a resource waits for has no order of its own."""
    return sorted(value, key=show_value) if name == "DependsOn" and isinstance(value, list) else value


def _index(facts: Iterable[Fact], names: Mapping[str, str]) -> dict[tuple[str, str], Fact]:
    def rename(name: str) -> str:
        head, dot, rest = name.partition(".")
        return names.get(head, head) + dot + rest

    renamed = (
        Fact(fact.kind, fact.name, _in_order(fact.name, rename_references(fact.value, rename)))
        for fact in facts
    )
    return {fact.key: fact for fact in renamed}


def _is_same(left: Json, right: Json) -> bool:
    return left == right or _as_text(left) == _as_text(right)


def _as_text(value: Json) -> str:
    """CloudFormation takes "60" for 60 and "true" for true."""
    return show_value(_stringify(value))


def _stringify(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _stringify(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_stringify(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- pairs ----------------------------------------------------------------------------

Pair = tuple[Part, Part]


@dataclass(frozen=True)
class _Likeness:
    """What is said of a part, what its code is about, and what invokes it."""

    facts: frozenset[str]
    hints: frozenset[str]
    invoked_by: frozenset[str]

    def measure(self, other: _Likeness) -> float:
        """From 0 for nothing in common to 2 for everything; less than 1 of either half is no likeness."""
        facts = _share(self.facts & other.facts, self.facts | other.facts)
        # Of the code one side may see more: what one function alone uses lies elsewhere on the other.
        hints = _share(self.hints & other.hints, min(self.hints, other.hints, key=len))
        if self.invoked_by and other.invoked_by:
            # The code may have been written anew, with words of its own.
            hints = max(hints, _share(self.invoked_by & other.invoked_by, self.invoked_by | other.invoked_by))
        return facts + hints if min(facts, hints) >= _LEAST else 0


# What others refer to comes first, so that its counterparts are known then.
_ORDER = ("function", "parameter", "resource")
# Parts that share less than this part of what is said of them are no counterparts.
_LEAST = 0.5


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part) / len(whole) if whole else 1.0


def pair_parts(left: Iterable[Part], right: Iterable[Part]) -> list[Pair]:
    """Each part with its counterpart, where it has one: that of the same name, else the most alike."""
    theirs = {(part.kind, part.type, part.name): part for part in right}
    ours = {(part.kind, part.type, part.name): part for part in left}
    pairs = [(part, theirs[key]) for key, part in ours.items() if key in theirs]
    left_over = [part for key, part in ours.items() if key not in theirs]
    right_over = [part for key, part in theirs.items() if key not in ours]
    kinds = dict.fromkeys((*_ORDER, *(part.kind for part in left_over)))
    for kind in kinds:
        of_kind = [part for part in left_over if part.kind == kind]
        others = [part for part in right_over if part.kind == kind]
        if of_kind and others:
            found = _pair_alike(of_kind, others, _translate_names(pairs))
            pairs += found
            if kind == "event":
                taken = {id(part) for pair in found for part in pair}
                of_kind = [part for part in of_kind if id(part) not in taken]
                others = [part for part in others if id(part) not in taken]
                pairs += _pair_only_ones(of_kind, others, _translate_names(pairs))
    return pairs


def _pair_only_ones(left: list[Part], right: list[Part], names: Mapping[str, str]) -> list[Pair]:
    """Events that are the only ones of their type that one function has left, whatever is said of them."""

    def group(parts: list[Part], rename: Callable[[str], str]) -> dict[tuple[str, str], list[Part]]:
        groups: dict[tuple[str, str], list[Part]] = {}
        for part in parts:
            target = next((fact.value for fact in part.facts if fact.name == "function"), None)
            groups.setdefault((part.type, rename(find_reference(target))), []).append(part)
        return groups

    ours, theirs = group(left, lambda name: name), group(right, lambda name: names.get(name, name))
    return [
        (ours[key][0], theirs[key][0])
        for key in ours
        if len(ours[key]) == 1 and len(theirs.get(key, ())) == 1
    ]


def _pair_alike(left: list[Part], right: list[Part], names: Mapping[str, str]) -> list[Pair]:
    ours = [_describe(part, {name: name for name in names.values()}) for part in left]
    theirs = [_describe(part, names) for part in right]
    found = (
        (ours[i].measure(theirs[j]), i, j)
        for i, j in product(range(len(left)), range(len(right)))
        if left[i].type == right[j].type
    )
    candidates = sorted((-likeness, i, j) for likeness, i, j in found if likeness)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in candidates:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return [(left[i], right[j]) for i, j in pairs.items()]


def _describe(part: Part, names: Mapping[str, str]) -> _Likeness:
    """What tells a part from others; what it refers to counts only where its counterpart is known."""

    def describe(fact: Fact) -> str:
        value = rename_references(fact.value, lambda name: _rename(name, names))
        return f"{fact.kind} {fact.name} {_as_text(value)}"

    return _Likeness(frozenset(map(describe, part.facts)), part.hints, part.invoked_by)


def _translate_names(pairs: Iterable[Pair]) -> dict[str, str]:
    """What the right side calls a thing -> what the left side calls it."""
    names: dict[str, str] = {}
    for ours, theirs in pairs:
        if ours.identifier and theirs.identifier:
            names[theirs.identifier] = ours.identifier
        attached = dict(ours.attached)
        names.update({name: attached[what] for what, name in theirs.attached if what in attached})
    return names


def _rename(name: str, names: Mapping[str, str]) -> str:
    """The name on the left, "?" if it has none; of `Function.Version`, the function's changes."""
    head, dot, rest = name.partition(".")
    return names.get(head, "?") + dot + rest
