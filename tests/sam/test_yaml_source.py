from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from converter.codes import DUPLICATE_KEY, INVALID_YAML, UNKNOWN_TAG
from converter.diagnostics import UnreadableError
from converter.model import Json, Position
from converter.sam.yaml_source import Node, ScalarNode, SequenceNode, read_yaml

TEXT = """\
Key: 1
List:
  - a
  - Inner: !Ref X
Short: !Sub ["${a}", {a: !GetAtt B.C}]
Base: &base {A: 1, B: 2}
Merged:
  <<: *base
  B: 3
Alias: *base
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", None, id="empty"),
        pytest.param("# only a comment\n", None, id="comment"),
        pytest.param("---\na: 1\n...\n", {"a": 1}, id="document markers"),
        pytest.param(
            "a: !Sub x\nb: !If [c, 1]\n", {"a": {"Fn::Sub": "x"}, "b": {"Fn::If": ["c", 1]}}, id="tags"
        ),
        pytest.param("a: !Ref 12\n", {"a": {"Ref": "12"}}, id="a tagged scalar is text"),
        pytest.param(
            "a: !Base64\n  Fn::Sub: x\n", {"a": {"Fn::Base64": {"Fn::Sub": "x"}}}, id="tagged mapping"
        ),
        pytest.param(
            "a: !Transform {Name: AWS::Include}\n",
            {"a": {"Fn::Transform": {"Name": "AWS::Include"}}},
            id="Transform",
        ),
        pytest.param("a: !Condition c\n", {"a": {"Condition": "c"}}, id="Condition"),
        pytest.param("a: !!str 1\nb: !!int '2'\nc: ! 3\n", {"a": "1", "b": 2, "c": 3}, id="YAML's own tags"),
        pytest.param("200: a\non: b\n~: c\n", {"200": "a", "on": "b", "~": "c"}, id="keys are text"),
        pytest.param("a: 2012-10-17\n", {"a": "2012-10-17"}, id="dates are text"),
        pytest.param("a: &x 1\nb: *x\n", {"a": 1, "b": 1}, id="alias"),
        pytest.param(
            "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n  c: 3\n",
            {"x": {"a": 1}, "y": {"a": 2, "b": 2}, "z": {"a": 1, "b": 2, "c": 3}},
            id="the first of merged mappings wins",
        ),
        pytest.param("'<<': 1\n", {"<<": 1}, id="a quoted merge key is a key"),
        pytest.param("a: |\r\n  x\r\n  z\r\n", {"a": "x\nz\n"}, id="CRLF"),
        pytest.param("a: |\n     \n      x\n", {"a": "\nx\n"}, id="spaces before a literal block"),
    ],
)
def test_value(text: str, value: Json):
    assert value == read_yaml("a.yaml", text).value


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        pytest.param((), 1, 1, id="file"),
        pytest.param(("Key",), 1, 1, id="key"),
        pytest.param(("List", 0), 3, 5, id="item"),
        pytest.param(("List", 1, "Inner"), 4, 5, id="key in an item"),
        pytest.param(("List", 1, "Inner", "Ref"), 4, 5, id="a tag is no place of its own"),
        pytest.param(("Short", "Fn::Sub", 0), 5, 14, id="item after a tag"),
        pytest.param(("Short", "Fn::Sub", 1, "a", "Fn::GetAtt", 1), 5, 23, id="part of an attribute"),
        pytest.param(("Merged", "A"), 6, 14, id="merged key"),
        pytest.param(("Merged", "B"), 9, 3, id="own key"),
        pytest.param(("List", 7), 2, 1, id="no such item"),
        pytest.param(("List", "x"), 2, 1, id="no such key"),
        pytest.param(("Key", "x", "z"), 1, 1, id="nothing below"),
    ],
)
def test_position(path: tuple[str | int, ...], line: int, column: int):
    assert Position("a.yaml", line, column) == read_yaml("a.yaml", TEXT).position(*path)


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        pytest.param("a: 1\nb: c: d\n", 2, 5, "mapping values are not allowed", id="syntax"),
        pytest.param("a:\n\tb: 1\n", 2, 1, "cannot start any token", id="tab"),
        pytest.param(
            "é: 1\na: x\x07\n", 2, 5, r"does not allow the character '\\x07'", id="control character"
        ),
        pytest.param("a: 1\n---\nb: 2\n", 2, 1, "second document", id="two documents"),
        pytest.param("a: *x\n", 1, 4, r"the alias \*x has no anchor", id="no anchor"),
        pytest.param("a: &x [*x]\n", 1, 8, r"the alias \*x has no anchor", id="a list in itself"),
        pytest.param("a: 1\n? [b]\n: 2\n", 2, 3, "a key has to be text", id="list as key"),
        pytest.param("{{ x }}: 1\n", 1, 2, "a key has to be text", id="mapping as key"),
        pytest.param("a:\n  <<: 1\n", 2, 7, "only mappings can be merged", id="merged scalar"),
        pytest.param("- " * 200 + "a", 1, 203, "100 levels", id="depth"),
    ],
)
def test_broken(text: str, line: int, column: int, reason: str):
    with pytest.raises(UnreadableError) as caught:
        read_yaml("a.yaml", text)
    (diagnostic,) = caught.value.diagnostics

    assert (INVALID_YAML, Position("a.yaml", line, column)) == (diagnostic.code, diagnostic.position)
    assert re.search(reason, diagnostic.reason)


def test_unknown_tags():
    with pytest.raises(UnreadableError) as caught:
        read_yaml("a.yaml", "a: !Reff x\nb: [!!binary eA==]\n")

    assert [
        UNKNOWN_TAG.at(Position("a.yaml", 1, 4), "!Reff", "CloudFormation has no such function"),
        UNKNOWN_TAG.at(Position("a.yaml", 2, 5), "!!binary", "CloudFormation has no such function"),
    ] == [*caught.value.diagnostics]


def test_duplicate_key():
    source = read_yaml("a.yaml", "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    reason = "the key stands in line {} too, and only the last one counts"

    assert {"a": 3, "b": {"c": 2}} == source.value
    assert (
        DUPLICATE_KEY.at(Position("a.yaml", 5, 1), "a", reason.format(1)),
        DUPLICATE_KEY.at(Position("a.yaml", 4, 3), "c", reason.format(3)),
    ) == source.diagnostics


def test_merged_keys_are_no_duplicates():
    text = "a: &a {x: 1}\nb: &b {x: 2}\nc:\n  <<: *a\n  <<: *b\n  x: 3\n"

    assert () == read_yaml("a.yaml", text).diagnostics


def test_aliases_of_aliases():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(UnreadableError, match="more than 1,000,000 values"):
        read_yaml("a.yaml", "\n".join(lines))


def test_without_the_c_parser(monkeypatch: pytest.MonkeyPatch):
    expected = read_yaml("a.yaml", TEXT)
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    actual = read_yaml("a.yaml", TEXT)

    assert (expected.value, expected.aliases) == (actual.value, actual.aliases)
    assert expected.position("Merged", "A") == actual.position("Merged", "A")


def test_both_parsers_see_the_same(monkeypatch: pytest.MonkeyPatch):
    """Places too, but those of empty values: libyaml has them behind the colon."""
    texts = [path.read_text() for path in Path("fixtures").rglob("*.y*ml")]
    assert len(texts) > 20
    quick = [_list_nodes(read_yaml("a.yaml", text).root) for text in texts]
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)

    assert quick == [_list_nodes(read_yaml("a.yaml", text).root) for text in texts]


def _list_nodes(node: Node) -> list[object]:
    place = (node.start, node.end) if node.start < node.end else None
    if isinstance(node, ScalarNode):
        return [place, node.tag, node.text, node.value, node.style]
    if isinstance(node, SequenceNode):
        return [place, node.tag, node.is_flow, *map(_list_nodes, node.items)]
    return [
        place,
        node.tag,
        node.is_flow,
        *((_list_nodes(key), _list_nodes(value)) for key, value in node.entries),
    ]
