"""Edits of a piece of Python by the places of its nodes; everything else stays as the author wrote it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from converter.python.module import split_lines


class NoPlaceError(Exception):
    """A node whose place in the text is not known.

    Before Python 3.12 places inside of f-strings are not to be relied on.
    """


@dataclass
class Edits:
    """The edits of a text, each of which puts another text into the place of one part.

    `first_line` is the line at which the nodes have the text's first one.
    """

    text: str
    first_line: int = 1
    _edits: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, node: ast.expr, new: str) -> None:
        """Put a text into the place of an expression. Raises NoPlaceError."""
        self._edits.append((*self.span(node), new))

    def replace_part(self, start: int, end: int, new: str) -> None:
        self._edits.append((start, end, new))

    def apply(self) -> str:
        """The edited text. Raises NoPlaceError where two edits are in each other's way."""
        edits = sorted(self._edits)
        if any(before[1] > after[0] for before, after in pairwise(edits)):
            raise NoPlaceError
        text = self.text
        for start, end, new in reversed(edits):
            text = text[:start] + new + text[end:]
        return text

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where an expression starts and ends. Raises NoPlaceError where that is another one."""
        start, end = self.start(node), self.end(node)
        if structure_of(self.text[start:end]) != structure_of(ast.unparse(node)):
            raise NoPlaceError
        return start, end

    def start(self, node: ast.expr | ast.arg | ast.stmt) -> int:
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.arg | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.end_lineno, node.end_col_offset)

    def offset(self, line: int, column: int) -> int:
        """The place in the text; ast counts the bytes of a line."""
        index = line - self.first_line
        text = self._lines[index]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self._starts[index] + column

    @cached_property
    def _lines(self) -> list[str]:
        return split_lines(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line))
        return starts


@lru_cache(4096)
def structure_of(text: str) -> str:
    """The structure of an expression, the same however it is written; empty if the text is none."""
    try:
        return ast.dump(ast.parse(f"({text})", mode="eval").body) if text.strip() else ""
    except SyntaxError:
        return ""
