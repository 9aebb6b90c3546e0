"""Texts that consist of named entries merged entry by entry.

Two functions added at one place of a template conflict as lines, and are no conflict at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from converter.sync.lines import Labels, Merged, mark_conflict, merge_lines


@dataclass(frozen=True)
class Entry:
    """A named part of a text, comments above it included. `split` cuts it into entries of its own."""

    key: str
    text: str
    split: Callable[[str], Sequence[Entry]] | None = None


def merge_entries(
    base: Sequence[Entry],
    ours: Sequence[Entry],
    theirs: Sequence[Entry],
    labels: Labels,
    compare: Callable[[str, str], float],
) -> Merged | None:
    """The entries of both sides in the order of ours; None where entries can't be told from each other.

    `compare` says how much an entry is like one of another name, 0 if it is another one.
    """
    old, mine, other = ({entry.key: entry for entry in side} for side in (base, ours, theirs))
    # Entries of one name, which only their order tells apart.
    if (len(old), len(mine), len(other)) != (len(base), len(ours), len(theirs)):
        return None
    old, mine = _follow_renames(old, mine, other, compare)
    old, other = _follow_renames(old, other, mine, compare)
    gone = old.keys() - mine.keys() - other.keys()
    if gone and mine.keys() - old.keys() and other.keys() - old.keys():
        # Both sides may have renamed the same entry.
        return None
    merged = {
        key: _merge_entry(old.get(key), mine.get(key), other.get(key), labels, compare)
        for key in mine | other
    }
    result = Merged("")
    for key in _order(list(mine), list(other)):
        result += merged[key]
    return result


_Entries = dict[str, Entry]


def _follow_renames(
    base: _Entries, changed: _Entries, renamed: _Entries, compare: Callable[[str, str], float]
) -> tuple[_Entries, _Entries]:
    """The first two under the names that the third one gave to what the second one changed."""
    names: dict[str, str] = {}
    for key in sorted(base.keys() & changed.keys() - renamed.keys()):
        if changed[key].text != base[key].text:
            new = renamed.keys() - base.keys() - changed.keys() - set(names.values())
            likeness = {to: compare(base[key].text, renamed[to].text) for to in sorted(new)}
            best = max(likeness, key=lambda to: likeness[to], default="")
            if best and likeness[best]:
                names[key] = best
    rename = [{names.get(key, key): entry for key, entry in side.items()} for side in (base, changed)]
    return rename[0], rename[1]


def _order(ours: list[str], theirs: list[str]) -> list[str]:
    """Our order, each entry that only they have behind the one that it follows there."""
    order = list(ours)
    for index, key in enumerate(theirs):
        if key not in ours:
            before = theirs[index - 1] if index else None
            order.insert(order.index(before) + 1 if before is not None else 0, key)
    return order


def _merge_entry(
    old: Entry | None,
    mine: Entry | None,
    other: Entry | None,
    labels: Labels,
    compare: Callable[[str, str], float],
) -> Merged:
    base, ours, theirs = (entry.text if entry else "" for entry in (old, mine, other))
    if ours == theirs or theirs == base:
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    if old and mine and other and old.split and mine.split and other.split:
        parts = old.split(base), mine.split(ours), other.split(theirs)
        inner = merge_entries(*parts, labels, compare) if all(parts) else None
        if inner is not None:
            return inner
    if mine and other:
        return merge_lines(base, ours, theirs, labels)
    return mark_conflict(ours, theirs, labels)
