"""JSON with the place of every key and item."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.codes import DUPLICATE_KEY, INVALID_JSON
from converter.diagnostics import UnreadableError
from converter.json_source import JsonSource, read_json
from converter.model import Json, Position

PATH = "config.json"


def read(text: str) -> JsonSource:
    return read_json(PATH, text)


SOURCE = dedent("""\
    {
      "a": {"b": [1, {"c": null}], "d\\"e": "}"},
      "f": "a, [b] {c}: \\"d\\"",
      "é": [[], [2]],
        "g" : -1.5e3
    }
    """)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("a",), (2, 3)),
        (("a", "b"), (2, 9)),
        (("a", "b", 0), (2, 15)),
        (("a", "b", 1), (2, 18)),
        (("a", "b", 1, "c"), (2, 19)),
        (("a", 'd"e'), (2, 32)),
        (("f",), (3, 3)),
        (("é",), (4, 3)),
        (("é", 0), (4, 9)),
        (("é", 1), (4, 13)),
        (("é", 1, 0), (4, 14)),
        (("g",), (5, 5)),
    ],
)
def test_positions(path: tuple[str | int, ...], place: tuple[int, int]):
    assert Position(PATH, *place) == read(SOURCE).position(*path)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("missing",), (1, 1)),
        ((), (1, 1)),
        (("a", "missing"), (2, 3)),
        (("a", "b", 7), (2, 9)),
        (("a", "b", 1, "c", "deeper"), (2, 19)),
    ],
)
def test_position_of_what_is_not_there_is_that_of_its_parent(
    path: tuple[str | int, ...], place: tuple[int, int]
):
    assert Position(PATH, *place) == read(SOURCE).position(*path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends(end: str):
    assert Position(PATH, 5, 5) == read(SOURCE.replace("\n", end)).position("g")


def test_key_written_twice():
    source = read('{\n  "a": 1,\n  "b": {"a": 2,\n    "a": 3},\n  "a": 4\n}\n')

    assert {"a": 4, "b": {"a": 3}} == source.value
    assert [(DUPLICATE_KEY, Position(PATH, 4, 5), "a"), (DUPLICATE_KEY, Position(PATH, 5, 3), "a")] == [
        (one.code, one.position, one.subject) for one in source.diagnostics
    ]


def test_equal_keys_in_different_objects():
    assert () == read('{"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 1}]}').diagnostics


@pytest.mark.parametrize(
    ("text", "place", "subject"),
    [
        pytest.param("", (1, 1), PATH, id="nothing"),
        pytest.param("\n\n", (3, 1), PATH, id="empty lines"),
        pytest.param('{"a": }', (1, 7), '{"a": }', id="no value"),
        pytest.param('{\n  "a": 1,\n}', (2, 9), '"a": 1,', id="comma at the end"),
        pytest.param("[1, 2, ]", (1, 6), "[1, 2, ]", id="comma at the end of a list"),
        pytest.param('{\n  "a": 1\n  "b": 2\n}', (3, 3), '"b": 2', id="no comma"),
        pytest.param("{'a': 1}", (1, 2), "{'a': 1}", id="quotes of Python"),
        pytest.param('{"a": "b\n"}', (1, 9), '{"a": "b', id="open text"),
        pytest.param('{"a": 1} {}', (1, 10), '{"a": 1} {}', id="more than one"),
        pytest.param("// why\n{}", (1, 1), "// why", id="comment"),
        pytest.param('{"a": NULL}', (1, 7), '{"a": NULL}', id="unknown word"),
        pytest.param('{"a": 01}', (1, 8), '{"a": 01}', id="octal"),
    ],
)
def test_broken_json(text: str, place: tuple[int, int], subject: str):
    with pytest.raises(UnreadableError) as caught:
        read(text)
    (diagnostic,) = caught.value.diagnostics

    assert INVALID_JSON is diagnostic.code
    assert (Position(PATH, *place), subject) == (diagnostic.position, diagnostic.subject)


def test_json_that_is_nested_too_deep():
    with pytest.raises(UnreadableError):
        read("[" * 100_000 + "]" * 100_000)


keys = st.text(alphabet='ab"\\{}[]:, é\n', max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | keys,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_every_key_and_item_is_where_it_is_said_to_be(
    value: Json, indent: int | str | None, ascii_only: bool
):
    source = read(json.dumps(value, indent=indent, ensure_ascii=ascii_only))

    assert value == source.value
    for path in find_paths(value):
        position = source.position(*path)
        line = source.text.split("\n")[position.line - 1]
        rest = "\n".join([line[position.column - 1 :], *source.text.split("\n")[position.line :]])
        decoded, end = json.JSONDecoder().raw_decode(rest)
        if isinstance(path[-1], str):
            assert path[-1] == decoded
            assert rest[end:].lstrip().startswith(":")
        else:
            item = value
            for part in path:
                item = item[part]
            assert item == decoded


def find_paths(value: Json, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    paths: list[tuple[str | int, ...]] = []
    for key, item in inner:
        paths += [(*above, key), *find_paths(item, (*above, key))]
    return paths
