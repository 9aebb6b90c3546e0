"""Values such as templates hold, for property tests: above all those that are hard to write as YAML."""

from __future__ import annotations

from hypothesis import strategies as st

from converter.model import Json
from converter.sam.intrinsics import TAGS

HARD_TEXTS = [
    *("", " ", "~", "yes", "n", "Null", "on", "=", "<<", "_", "..."),
    *("012", "0o17", "0x", "0b", "1_000", "1__", "1:30", "190:20:30.15", "012345678901", "+1", "-1a", "+_"),
    *("1.5", "1.", "-.5", ".5", "1e5", "1e+16", ".inf", "+.INF", ".NaN", "2012-10-17", "2012-10-17 10:00:00"),
    *("-", "--- a", "... a", "? a", ": a", "a: b", "a:", "a #b", "#a", "a ", " a", "\ta", "a\tb"),
    *("%a", "@a", "`a`", "'a'", '"a"', "a'b\"c", "\\", "a\\nb", "!a", "&a", "*a", "|", "> a"),
    *(
        "[a]",
        "{a}",
        "a,b",
        "a]",
        "a?b",
        "http://x/?a=b",
        "arn:aws:s3:::*",
        "AWS::NoValue",
        "${A}",
        "${A.B}-c",
    ),
    *("a\n", "a\n\n", "\na", "\n", " a\nb", "a\n b\n", "a\n \nb", "a\n\nb\n", "a\tb\nc", "# a\nb", "---\na"),
    *("é", "\xa0a", "😀", "a\r\nb", "\x07", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe"),
]

texts = st.one_of(
    st.sampled_from(HARD_TEXTS),
    st.text(alphabet="ab:#-,?[]{} \n\t'\"\\!&*~.0123456789eE_+|>%@`=<", max_size=8),
    st.text(max_size=6),
)
_scalars = st.one_of(
    texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)


def _deeper(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    arguments = st.one_of(texts, st.lists(values, max_size=4), values)
    return st.one_of(
        st.lists(values, max_size=4),
        st.dictionaries(texts, values, max_size=4),
        st.builds(lambda name, argument: {name: argument}, st.sampled_from(sorted(TAGS)), arguments),
        st.builds(lambda *pair: {"Fn::GetAtt": [*pair]}, texts, texts),
    )


values = st.recursive(_scalars, _deeper, max_leaves=10)
