"""YAML files as their author wrote them: values, and the place of each key.

Trees are made of ruamel.yaml's events, which know their places. Chalice, samtranslator and the SAM CLI read
templates with PyYAML, so what that takes is read here, and means the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from converter.codes import DUPLICATE_KEY, INVALID_YAML, UNKNOWN_TAG
from converter.diagnostics import Diagnostic, Severity, UnreadableError
from converter.model import Json, Position
from converter.sam.intrinsics import TAGS, Path
from converter.sam.scalars import read_plain

# Deeper than any template, and shallow enough for Python's stack.
_DEEPEST = 100
# Far more than CloudFormation takes: a guard against aliases of aliases of aliases.
_LARGEST = 1_000_000
_LONGEST_SUBJECT = 60
_CORE = "tag:yaml.org,2002:"
# https://yaml.org/spec/1.1/#c-printable; compiled when a text is read: the compiling takes milliseconds.
_NON_PRINTABLE = "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class _SyntaxError(Exception):
    """Text that is not YAML: where, and why."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


@dataclass(frozen=True)
class Lines:
    """Where the lines of a text are; lines and columns count from 0."""

    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, line: int) -> str:
        return self.text[self.start(line) : self.start(line + 1)].removesuffix("\n")

    def start(self, line: int) -> int:
        return self._starts[line] if line < len(self) else len(self.text)

    def number(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1

    def column(self, index: int) -> int:
        return index - self.start(self.number(index))


# --- nodes -------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ScalarNode:
    """`tag` is the author's own (`!Ref`), `style` is empty for a plain scalar, else its first character."""

    start: int
    end: int
    tag: str | None
    text: str
    value: Json
    style: str


@dataclass(frozen=True, eq=False)
class SequenceNode:
    start: int
    end: int
    tag: str | None
    items: tuple[Node, ...]
    is_flow: bool


@dataclass(frozen=True, eq=False)
class MappingNode:
    """`entries` as written: with duplicates, and with merge keys unmerged."""

    start: int
    end: int
    tag: str | None
    entries: tuple[tuple[ScalarNode, Node], ...]
    is_flow: bool

    @cached_property
    def by_key(self) -> Mapping[str, tuple[ScalarNode, Node]]:
        """What counts: of equal keys the last, and one's own keys before merged ones."""
        merged: dict[str, tuple[ScalarNode, Node]] = {}
        own: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in self.entries:
            if is_merge_key(key):
                for mapping in value.items if isinstance(value, SequenceNode) else (value,):
                    if not isinstance(mapping, MappingNode):
                        raise _SyntaxError(mapping.start, "only mappings can be merged with <<")
                    merged = {**mapping.by_key, **merged}
            else:
                own[key.text] = key, value
        return {**merged, **own}


Node = ScalarNode | SequenceNode | MappingNode


def is_merge_key(key: ScalarNode) -> bool:
    return key.text == "<<" and not key.style


@dataclass(frozen=True, eq=False)
class YamlSource:
    """A YAML file. `aliases` are the places of its aliases, each with the place of what it stands for."""

    path: str
    lines: Lines
    root: Node
    aliases: tuple[tuple[int, int], ...]
    value: Json
    diagnostics: tuple[Diagnostic, ...]

    def position(self, *path: str | int) -> Position:
        """Where the key or item at the value's `path` stands, or the nearest of its parents."""
        return _position(self.path, self.lines, self._find(path)[0])

    def node_at(self, path: Path) -> Node:
        """The node that the value at `path` is written in: itself, or the nearest of its parents."""
        return self._find(path)[1]

    def text_of(self, node: Node) -> str:
        """What is written there, from the node's tag on."""
        return self.lines.text[node.start : node.end]

    def _find(self, path: Path) -> tuple[int, Node]:
        start, node, tag = self.root.start, self.root, self.root.tag
        for key in path:
            if tag is not None and key == _FUNCTIONS.get(tag):
                # The function's name in the value is the tag here, so its argument is the same node.
                tag = None
                continue
            if isinstance(node, MappingNode) and isinstance(key, str) and key in node.by_key:
                key_node, node = node.by_key[key]
                start = key_node.start
            elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.items):
                node = node.items[key]
                start = node.start
            else:
                break
            tag = node.tag
        return start, node


def read_yaml(path: str, text: str) -> YamlSource:
    """The file's value, tags in their long form; a key written twice is reported.

    Raises UnreadableError when it is not YAML, or holds a tag that CloudFormation does not know.
    """
    lines = Lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    builder = _TreeBuilder()
    reader = _ValueReader(path, lines)
    try:
        root = builder.build(lines.text)
        value = reader.read(root)
    except _SyntaxError as error:
        line = lines[lines.number(error.index)].strip()[:_LONGEST_SUBJECT]
        position = _position(path, lines, error.index)
        raise UnreadableError(INVALID_YAML.at(position, line or path, error.reason)) from None
    errors = [diagnostic for diagnostic in reader.diagnostics if diagnostic.severity is Severity.ERROR]
    if errors:
        raise UnreadableError(*errors)
    return YamlSource(path, lines, root, tuple(builder.aliases), value, tuple(reader.diagnostics))


def _position(path: str, lines: Lines, index: int) -> Position:
    return Position(path, lines.number(index) + 1, lines.column(index) + 1)


# --- text to nodes -------------------------------------------------------------


@dataclass
class _TreeBuilder:
    """Makes the tree of an event stream (https://yaml.org/spec/1.1/#id859458)."""

    anchors: dict[str, Node] = field(default_factory=dict)
    aliases: list[tuple[int, int]] = field(default_factory=list)

    def build(self, text: str) -> Node:
        from ruamel.yaml.error import MarkedYAMLError

        from converter.sam.yaml_scanner import parse

        forbidden = re.search(_NON_PRINTABLE, text)
        if forbidden:
            reason = f"YAML does not allow the character {forbidden[0]!r}"
            raise _SyntaxError(forbidden.start(), reason)
        try:
            return self.read_document(parse(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise _SyntaxError(mark.index if mark else 0, error.problem or "it is not YAML") from None

    def read_document(self, events: Iterator[Any]) -> Node:
        root: Node | None = None
        for event in events:
            if _kind(event) == "DocumentStart":
                if root is not None:
                    raise _SyntaxError(event.start_mark.index, "a second document begins")
                root = self.read_node(next(events), events, 0)
        return root or ScalarNode(0, 0, None, "", None, "")

    def read_node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        start, end, kind = event.start_mark.index, event.end_mark.index, _kind(event)
        if kind == "Alias":
            return self.read_alias(event.anchor, start, end)
        if depth > _DEEPEST:
            raise _SyntaxError(start, f"nested more than {_DEEPEST} levels deep")
        tag = None if event.tag is None or str(event.tag) in _CORE_TAGS else str(event.tag)
        node: Node
        if kind == "Scalar":
            is_plain = event.implicit[0] or str(event.tag) in _RESOLVED_TAGS
            value = read_plain(event.value) if is_plain else event.value
            node = ScalarNode(start, end, tag, event.value, value, event.style or "")
        elif kind == "SequenceStart":
            items, end = self.read_items(events, depth)
            node = SequenceNode(start, end, tag, tuple(items), bool(event.flow_style))
        else:
            items, end = self.read_items(events, depth)
            entries = tuple(zip(map(_as_key, items[::2]), items[1::2], strict=True))
            node = MappingNode(start, end, tag, entries, bool(event.flow_style))
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def read_items(self, events: Iterator[Any], depth: int) -> tuple[list[Node], int]:
        items = []
        for event in events:
            if _kind(event) in ("SequenceEnd", "MappingEnd"):
                break
            items.append(self.read_node(event, events, depth + 1))
        return items, event.end_mark.index

    def read_alias(self, anchor: str, start: int, end: int) -> Node:
        # An anchor counts from its node's end on, so nothing can hold itself.
        if anchor not in self.anchors:
            raise _SyntaxError(start, f"the alias *{anchor} has no anchor before it")
        node = self.anchors[anchor]
        self.aliases.append((start, node.start))
        if isinstance(node, ScalarNode):
            return replace(node, start=start, end=end)
        return replace(node, start=start, end=end, is_flow=True)


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _as_key(node: Node) -> ScalarNode:
    if not isinstance(node, ScalarNode) or node.tag is not None:
        raise _SyntaxError(node.start, "a key has to be text")
    return node


_RESOLVED_TAGS = {f"{_CORE}{name}" for name in ("bool", "int", "float", "null")}
_CORE_TAGS = {"!", *_RESOLVED_TAGS, *(f"{_CORE}{name}" for name in ("str", "seq", "map"))}


# --- nodes to values -----------------------------------------------------------


@dataclass
class _ValueReader:
    """Gives the plain values of nodes, tags in their long form, and gathers what there is to say of them."""

    path: str
    lines: Lines
    diagnostics: list[Diagnostic] = field(default_factory=list)
    count: int = 0

    def read(self, node: Node) -> Json:
        if node.tag is None:
            return self._read_untagged(node)
        function = _FUNCTIONS.get(node.tag)
        if function is None:
            position, tag = _position(self.path, self.lines, node.start), node.tag.replace(_CORE, "!!")
            self.diagnostics.append(UNKNOWN_TAG.at(position, tag, "CloudFormation has no such function"))
            return None
        return {function: node.text if isinstance(node, ScalarNode) else self._read_untagged(node)}

    def _read_untagged(self, node: Node) -> Json:
        self.count += 1
        if self.count > _LARGEST:
            raise _SyntaxError(node.start, f"more than {_LARGEST:,} values, counting what aliases stand for")
        if isinstance(node, ScalarNode):
            return node.value
        if isinstance(node, SequenceNode):
            return [self.read(item) for item in node.items]
        self._report_duplicates(node)
        return {key: self.read(value) for key, (_, value) in node.by_key.items()}

    def _report_duplicates(self, node: MappingNode) -> None:
        seen: dict[str, ScalarNode] = {}
        for key, _ in node.entries:
            if key.text in seen and not is_merge_key(key):
                line = self.lines.number(seen[key.text].start) + 1
                reason = f"the key stands in line {line} too, and only the last one counts"
                position = _position(self.path, self.lines, key.start)
                self.diagnostics.append(DUPLICATE_KEY.at(position, key.text, reason))
            seen[key.text] = key


_FUNCTIONS = {tag: name for name, tag in TAGS.items()}
