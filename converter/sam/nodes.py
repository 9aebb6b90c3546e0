"""YAML and JSON text as trees that know where they stand.

YAML is 1.1, from ruamel.yaml's events. What a plain scalar means is PyYAML's reading
(yaml.resolver), as that is what the SAM CLI, samtranslator and Chalice read templates with; they differ
in `y` and `1e5`. JSON is scanned here: YAML refuses its tabs, and `json` tells no places.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeVar

from converter.codes import DUPLICATE_KEY, UNKNOWN_TAG, UNREADABLE_FILE
from converter.diagnostics import Diagnostic, UnreadableError
from converter.model import Json, Position
from converter.sam.intrinsics import TAGS

# Deeper than any template, and shallow enough for Python's stack.
_DEEPEST = 100
# Far more than CloudFormation takes: a guard against aliases of aliases of aliases.
_LARGEST = 1_000_000
_CORE = "tag:yaml.org,2002:"


class SourceError(Exception):
    """Text that is not the YAML or JSON that it should be: where, and why."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


@dataclass(frozen=True)
class Source:
    """A file's text and the places in it."""

    path: str
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def line_of(self, index: int) -> int:
        """The number of the line, from 0."""
        return bisect_right(self._line_starts, index) - 1

    def line_start(self, line: int) -> int:
        return self._line_starts[line] if line < len(self._line_starts) else len(self.text)

    def column_of(self, index: int) -> int:
        """The number of characters before it in its line."""
        return index - self._line_starts[self.line_of(index)]

    def position(self, index: int) -> Position:
        return Position(self.path, self.line_of(index) + 1, self.column_of(index) + 1)


def decode(path: str, data: bytes) -> Source:
    """The text of a file, without byte order mark and carriage returns.

    Raises UnreadableError when it is not UTF-8 or holds characters that no text file has.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        source = Source(path, data[: error.start].decode("utf-8-sig", "replace"))
        reason = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise UnreadableError(
            UNREADABLE_FILE.at(source.position(len(source.text)), path, reason, "save the file as UTF-8")
        ) from None
    source = Source(path, text.replace("\r\n", "\n"))
    if "\0" in text:
        position = source.position(source.text.index("\0"))
        raise UnreadableError(UNREADABLE_FILE.at(position, path, "holds a NUL character", "remove it"))
    return source


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

    @property
    def is_timestamp(self) -> bool:
        return not self.style and self.tag is None and bool(_TIMESTAMP.fullmatch(self.text))


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
                        raise SourceError(mapping.start, "only mappings can be merged with <<")
                    merged = {**mapping.by_key, **merged}
            else:
                own[key.text] = key, value
        return {**merged, **own}


Node = ScalarNode | SequenceNode | MappingNode


def is_merge_key(key: ScalarNode) -> bool:
    return key.text == "<<" and not key.style


@dataclass(frozen=True)
class Tree:
    """A document. `aliases` are the places of its aliases, each with the place of what it stands for."""

    root: Node
    aliases: tuple[tuple[int, int], ...] = ()


def children(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.items
    elif isinstance(node, MappingNode):
        for entry in node.entries:
            yield from entry


# --- YAML --------------------------------------------------------------------


def read_yaml(text: str) -> Tree | None:
    """The only document of a YAML text, None when the text is empty. Raises SourceError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)
    builder = _TreeBuilder()
    try:
        return builder.build(yaml.parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SourceError(mark.index if mark else 0, str(error.problem or error.context)) from None
    except YAMLError as error:
        # A ReaderError: a character that YAML does not allow.
        index = getattr(error, "position", 0)
        raise SourceError(index, f"YAML does not allow the character {text[index : index + 1]!r}") from None


@dataclass
class _TreeBuilder:
    """Makes the tree of an event stream (https://yaml.org/spec/1.1/#id859458)."""

    anchors: dict[str, Node] = field(default_factory=dict)
    aliases: list[tuple[int, int]] = field(default_factory=list)

    def build(self, events: Iterator[Any]) -> Tree | None:
        tree: Tree | None = None
        for event in events:
            if _kind(event) == "DocumentStart":
                if tree is not None:
                    raise SourceError(event.start_mark.index, "a second document; a template is one")
                tree = Tree(self.read_node(next(events), events, 0), tuple(self.aliases))
        return tree

    def read_node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        start, end, kind = event.start_mark.index, event.end_mark.index, _kind(event)
        if kind == "Alias":
            return self.read_alias(event.anchor, start, end)
        if depth > _DEEPEST:
            raise SourceError(start, f"nested more than {_DEEPEST} levels deep")
        tag = None if event.tag is None or str(event.tag) in _CORE_TAGS else str(event.tag)
        node: Node
        if kind == "Scalar":
            is_plain = event.implicit[0] or str(event.tag) in _RESOLVED_TAGS
            value = _resolve_plain(event.value) if is_plain else event.value
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
            raise SourceError(start, f"the alias *{anchor} has no anchor before it")
        node = self.anchors[anchor]
        self.aliases.append((start, node.start))
        return replace(node, start=start, end=end)


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _as_key(node: Node) -> ScalarNode:
    if not isinstance(node, ScalarNode) or node.tag is not None:
        raise SourceError(node.start, "a key has to be text")
    return node


_RESOLVED_TAGS = {f"{_CORE}{name}" for name in ("bool", "int", "float", "null")}
_CORE_TAGS = {"!", *_RESOLVED_TAGS, *(f"{_CORE}{name}" for name in ("str", "seq", "map"))}
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
    re.ASCII,
)
_PLAIN_SCALAR = re.compile(
    r"""
      (?P<boolean> (?:yes|Yes|YES|true|True|TRUE|on|On|ON) | (?:no|No|NO|false|False|FALSE|off|Off|OFF) )
    | (?P<null> ~ | null | Null | NULL | )
    | (?P<decimal> [-+]? [0-9][0-9_]* \.[0-9_]* (?:[eE][-+][0-9]+)? | \.[0-9][0-9_]* (?:[eE][-+][0-9]+)?
        | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) )
    | (?P<sexagesimal> [-+]? [0-9][0-9_]* (?::[0-5]?[0-9])+ \.[0-9_]* | [-+]? [1-9][0-9_]* (?::[0-5]?[0-9])+ )
    | (?P<integer> [-+]? (?: 0b[01_]*[01][01_]* | 0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]* | 0[0-7_]+ | 0 | [1-9][0-9_]* ) )
    """,
    re.VERBOSE | re.ASCII,
)


def _resolve_plain(text: str) -> Json:
    match = _PLAIN_SCALAR.fullmatch(text)
    return _MEANINGS[str(match.lastgroup)](text) if match else text


def _read_boolean(text: str) -> bool:
    return text.lower() in ("yes", "true", "on")


def _read_integer(text: str) -> int:
    digits = text.replace("_", "")
    # What begins with 0 is octal in YAML 1.1, and `0o` in Python.
    is_octal = re.fullmatch(r"[-+]?0[0-7]+", digits)
    return int(digits, 8 if is_octal else 0)


def _read_decimal(text: str) -> float:
    return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan").lower())


def _read_sexagesimal(text: str) -> int | float:
    *rest, last = text.replace("_", "").lstrip("-+").split(":")
    value: int | float = float(last) if "." in last else int(last)
    for power, part in enumerate(reversed(rest), 1):
        value += int(part) * 60**power
    return -value if text.startswith("-") else value


_MEANINGS: Final[Mapping[str, Callable[[str], Json]]] = {
    "boolean": _read_boolean,
    "null": lambda _: None,
    "decimal": _read_decimal,
    "sexagesimal": _read_sexagesimal,
    "integer": _read_integer,
}


# --- JSON --------------------------------------------------------------------

_NO_SPACE = re.compile(r"[^ \t\n\r]")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")


def read_json(text: str) -> Tree:
    """The value of a JSON text (RFC 8259). Raises SourceError."""
    reader = _JsonReader(text)
    root = reader.read_value(0)
    if reader.peek():
        raise SourceError(reader.index, "something stands after the JSON value")
    return Tree(root)


_Item = TypeVar("_Item")


@dataclass
class _JsonReader:
    """Reads from `index` on, and moves it behind what it has read."""

    text: str
    index: int = 0

    def peek(self) -> str:
        """The next character that is not space, empty at the end."""
        match = _NO_SPACE.search(self.text, self.index)
        self.index = match.start() if match else len(self.text)
        return match[0] if match else ""

    def take(self, *expected: str) -> str:
        character = self.peek()
        if character not in expected:
            raise SourceError(self.index, f"expected {' or '.join(expected)}, found {character or 'the end'}")
        self.index += 1
        return character

    def read_value(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise SourceError(self.index, f"nested more than {_DEEPEST} levels deep")
        character, start = self.peek(), self.index
        if character == "{":
            entries = self.read_items("{", "}", lambda: self.read_entry(depth))
            return MappingNode(start, self.index, None, entries, True)
        if character == "[":
            items = self.read_items("[", "]", lambda: self.read_value(depth + 1))
            return SequenceNode(start, self.index, None, items, True)
        return self.read_scalar("a value", _STRING if character == '"' else _WORD)

    def read_items(self, opening: str, closing: str, read_item: Callable[[], _Item]) -> tuple[_Item, ...]:
        self.take(opening)
        if self.peek() == closing:
            self.take(closing)
            return ()
        items = [read_item()]
        while self.take(",", closing) == ",":
            items.append(read_item())
        return tuple(items)

    def read_entry(self, depth: int) -> tuple[ScalarNode, Node]:
        self.peek()
        key = self.read_scalar("a key in double quotes", _STRING)
        self.take(":")
        return key, self.read_value(depth + 1)

    def read_scalar(self, what: str, pattern: re.Pattern[str]) -> ScalarNode:
        start = self.index
        match = pattern.match(self.text, start)
        if not match:
            raise SourceError(start, f"expected {what}")
        self.index = match.end()
        try:
            value = json.loads(match[0])
        except ValueError as error:
            raise SourceError(start, str(error)) from None
        return ScalarNode(start, self.index, None, str(value), value, '"')


# --- values ------------------------------------------------------------------


@dataclass
class ValueReader:
    """Gives the plain values of a source's nodes, tags in their long form; gathers what there is to say about them.

    Raises SourceError for what has no value.
    """

    source: Source
    diagnostics: list[Diagnostic] = field(default_factory=list)
    count: int = 0

    def read(self, node: Node) -> Json:
        if node.tag is None:
            return self._read_untagged(node)
        function = _FUNCTIONS.get(node.tag)
        if function is None:
            position, tag = self.source.position(node.start), node.tag.replace(_CORE, "!!")
            self.diagnostics.append(UNKNOWN_TAG.at(position, tag, "CloudFormation has no such function"))
            return None
        argument = node.text if isinstance(node, ScalarNode) else self._read_untagged(node)
        return {function: _as_argument(function, argument)}

    def _read_untagged(self, node: Node) -> Json:
        self.count += 1
        if self.count > _LARGEST:
            raise SourceError(node.start, f"more than {_LARGEST:,} values, counting what aliases stand for")
        if isinstance(node, ScalarNode):
            return node.value
        if isinstance(node, SequenceNode):
            return [self.read(item) for item in node.items]
        self._report_duplicates(node)
        values = {key: self.read(value) for key, (_, value) in node.by_key.items()}
        return {key: _as_argument(key, value) for key, value in values.items()} if len(values) == 1 else values

    def _report_duplicates(self, node: MappingNode) -> None:
        seen: dict[str, ScalarNode] = {}
        for key, _ in node.entries:
            if key.text in seen and not is_merge_key(key):
                line = self.source.line_of(seen[key.text].start) + 1
                reason = f"the key stands in line {line} too, and only the last one counts"
                self.diagnostics.append(DUPLICATE_KEY.at(self.source.position(key.start), key.text, reason))
            seen[key.text] = key


_FUNCTIONS = {tag: name for name, tag in TAGS.items()}


def _as_argument(function: str, argument: Json) -> Json:
    """`Id.Attribute`, as YAML allows after GetAtt, is two strings."""
    is_attribute = function == "Fn::GetAtt" and isinstance(argument, str)
    return argument.split(".", 1) if is_attribute else argument
