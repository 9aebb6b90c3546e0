from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.sync.lines import Labels, Merged, merge_lines, split_lines

LABELS = Labels("ours", "theirs")
TEXTS = st.lists(st.sampled_from("abcde"), max_size=8).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


def as_lines(words: str) -> str:
    return "".join(f"{word}\n" for word in words.split())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("a b c", "a x b c", "a b c y", "a x b c y"),
        ("a b c", "b c", "a b", "b"),
        ("a b c", "a x c", "a b y", "a x y"),
        ("a b c", "a c", "a c", "a c"),
        ("a", "", "a", ""),
        ("", "a", "a", "a"),
    ],
)
def test_merge(base: str, ours: str, theirs: str, expected: str):
    merged = merge_lines(as_lines(base), as_lines(ours), as_lines(theirs), LABELS)

    assert Merged(as_lines(expected)) == merged


@given(TEXTS, TEXTS)
def test_what_one_side_changed_is_taken(base: str, changed: str):
    assert Merged(changed) == merge_lines(base, changed, base, LABELS)
    assert Merged(changed) == merge_lines(base, base, changed, LABELS)
    assert Merged(changed) == merge_lines(base, changed, changed, LABELS)


@given(TEXTS, TEXTS, TEXTS)
def test_either_side_counts_the_same(base: str, ours: str, theirs: str):
    one, other = merge_lines(base, ours, theirs, LABELS), merge_lines(base, theirs, ours, LABELS)

    assert one.conflicts == other.conflicts
    if not one.conflicts:
        assert one == other


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_new_is_lost(base: str, ours: str, theirs: str):
    """A line that only one text has is in the result, as often as it is there."""
    merged = split_lines(merge_lines(base, ours, theirs, LABELS).text)

    for text in (ours, theirs):
        for line in set(split_lines(text)) - set(split_lines(base)):
            assert merged.count(line) >= split_lines(text).count(line)
