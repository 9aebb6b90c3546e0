from __future__ import annotations

from math import isnan

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.model import Json
from converter.sam.scalars import is_surely_text, is_timestamp, read_plain

NUMBER_LIKE = st.text(alphabet="0123456789abefxoOXE._:+-TZ ~", min_size=1, max_size=8)


def read_with_pyyaml(text: str) -> tuple[str, Json]:
    """The tag and the value that PyYAML gives the word when it stands unquoted."""
    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))
    return tag.rpartition(":")[2], loader.construct_object(yaml.ScalarNode(tag, text))


@given(
    st.one_of(NUMBER_LIKE, st.sampled_from(["yes", "y", "Off", "NULL", "<<", "=", "-.INF", ".nan", "0b_"]))
)
def test_as_pyyaml_reads(text: str):
    try:
        tag, expected = read_with_pyyaml(text)
    except (ValueError, yaml.YAMLError):
        # It calls the word a number, or a date, and fails to make one of it.
        return
    actual = read_plain(text)

    if tag in ("bool", "int", "float", "null"):
        assert (type(expected), expected) == (type(actual), actual) or (isnan(expected) and isnan(actual))
    else:
        assert text == actual
    assert (tag == "timestamp") == is_timestamp(text)
    assert tag == "str" or not is_surely_text(text)


@pytest.mark.parametrize("text", ["y", "1e5", "0o17", "0xG", "08", "012345678901", "2012-10-17"])
def test_stays_text(text: str):
    assert text == read_plain(text)


@pytest.mark.parametrize("text", ["y", "N", "1e5", "0o17", "012345678901", "2012-1-1", "-a"])
def test_not_text_for_some_reader(text: str):
    assert not is_surely_text(text)


@pytest.mark.parametrize("text", ["a", "yes!", "1.2.3", "10.0.0.0/16", "5 minutes", "nobody", "2xx"])
def test_surely_text(text: str):
    assert is_surely_text(text)
