"""The lines of a YAML file that belong to one entry of a mapping, comments included."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from converter.sam.yaml_source import Lines, MappingNode, Node, ScalarNode, SequenceNode, YamlSource

_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))(#.*)$")
_BLOCK_SCALAR = re.compile(r"(?:[!&]\S*\s+)*[|>][1-9]?(\+?)")


@dataclass(frozen=True)
class Block:
    """An entry's lines, the first and the last one included."""

    source: YamlSource
    key: ScalarNode
    value: Node
    first: int
    last: int

    def text(self, edits: Mapping[ScalarNode, str]) -> str:
        """The lines moved to the left margin, with other text for some scalars."""
        lines = self.source.lines
        pieces, index = [], lines.start(self.first)
        for node in sorted(edits, key=lambda node: node.start):
            pieces += [lines.text[index : node.start], edits[node]]
            index = node.end
        pieces.append(lines.text[index : lines.start(self.last + 1)])
        indent = lines.column(self.key.start)
        text = re.sub(rf"(?m)^ {{1,{indent}}}", "", "".join(pieces)) if indent else "".join(pieces)
        return text.removesuffix("\n") + "\n"

    def scalars(self) -> Iterator[ScalarNode]:
        yield self.key
        yield from _scalars_below(self.value)


def find_block(source: YamlSource, path: tuple[str, ...]) -> Block | None:
    """The block of the entry at `path`; None for what has no lines of its own, or needs others."""
    mapping = _find_mapping(source.root, path[:-1])
    if mapping is None or mapping.is_flow:
        return None
    keys = [key.text for key, _ in mapping.entries]
    if path[-1] not in keys:
        return None
    # Of equal keys the last one counts.
    index = len(keys) - 1 - keys[::-1].index(path[-1])
    key, value = mapping.entries[index]
    first, last = _first_line(source, mapping, index), _last_line(source, mapping, index)
    start, end = source.lines.start(first), source.lines.start(last + 1)
    needs_other_lines = _needs_what_follows(source.lines, value) or any(
        start <= alias < end and not start <= target < end for alias, target in source.aliases
    )
    if needs_other_lines or _is_beside_something(source.lines, key):
        return None
    return Block(source, key, value, first, last)


def find_comments(source: YamlSource) -> Iterator[tuple[int, str]]:
    """Each comment of the file, with the number of its line."""
    ends = {node.start: node.end for node in _scalars_below(source.root)}
    starts = sorted(ends)
    for match in _COMMENT.finditer(source.lines.text):
        before = bisect_right(starts, match.start(1)) - 1
        # What looks like a comment in a text is none.
        if before < 0 or ends[starts[before]] <= match.start(1):
            yield source.lines.number(match.start(1)), match[1].rstrip()


def _find_mapping(node: Node, path: tuple[str, ...]) -> MappingNode | None:
    for key in path:
        if not isinstance(node, MappingNode) or key not in node.by_key:
            return None
        node = node.by_key[key][1]
    return node if isinstance(node, MappingNode) else None


def _is_beside_something(lines: Lines, key: ScalarNode) -> bool:
    number = lines.number(key.start)
    return bool(lines.text[lines.start(number) : key.start].strip())


def _needs_what_follows(lines: Lines, value: Node) -> bool:
    """Whether the entry ends in a block scalar to which the line ends after it belong, or the lack of one."""
    last = _last_leaf(value)
    match = _BLOCK_SCALAR.match(lines.text, last.start)
    return match is not None and (match[1] == "+" or lines.text[last.end - 1] != "\n")


def _first_line(source: YamlSource, mapping: MappingNode, index: int) -> int:
    """The first of the comment lines above the entry that do not belong to the entry before."""
    lines = source.lines
    number = first = lines.number(mapping.entries[index][0].start)
    before = _last_line(source, mapping, index - 1) if index else -1
    while number > before + 1 and not _is_content(lines[number - 1]):
        number -= 1
        if lines[number].strip():
            first = number
    return first


def _last_line(source: YamlSource, mapping: MappingNode, index: int) -> int:
    """The last line of the entry, or of the comments below that stand deeper than its key.

    After the last entry those beside its key belong to it too.
    """
    lines = source.lines
    key, value = mapping.entries[index]
    is_last = index == len(mapping.entries) - 1
    shallowest = lines.column(key.start) + (0 if is_last else 1)
    end = _last_leaf(value).end
    while lines.text[end - 1].isspace():
        end -= 1
    last = lines.number(end - 1)
    for number in range(last + 1, len(lines)):
        line = lines[number]
        if _is_content(line) or (line.strip() and len(line) - len(line.lstrip()) < shallowest):
            break
        if line.strip():
            last = number
    return last


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _last_leaf(node: Node) -> Node:
    """The node that ends where this one ends. A block's own end is where the next thing begins."""
    while not isinstance(node, ScalarNode) and not node.is_flow:
        node = node.items[-1] if isinstance(node, SequenceNode) else node.entries[-1][1]
    return node


def _scalars_below(node: Node) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _scalars_below(item)
    else:
        for key, value in node.entries:
            yield key
            yield from _scalars_below(value)
