"""JSON files as their author wrote them: values, and the place of each key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from converter import codes
from converter.diagnostics import Diagnostic, UnreadableError
from converter.model import Json, Position

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+)')


@dataclass(frozen=True)
class JsonSource:
    """A JSON file. Positions are found only when something has to be said about a place."""

    path: str
    text: str
    value: Json
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    def position(self, *path: str | int) -> Position:
        """Where the key or item at `path` stands, or the nearest of its parents."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._offsets:
                return _position(self.path, self.text, self._offsets[path[:length]])
        return Position(self.path, 1, 1)

    @cached_property
    def _offsets(self) -> dict[Path, int]:
        return dict(_walk(self.text))


def read_json(path: str, text: str) -> JsonSource:
    """The file's value; a key written twice is reported. Raises UnreadableError when it is not JSON."""
    repeated: list[str] = []

    def collect(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        seen: dict[str, Json] = {}
        for key, value in pairs:
            if key in seen:
                repeated.append(key)
            seen[key] = value
        return seen

    try:
        value = json.loads(text, object_pairs_hook=collect)
    except json.JSONDecodeError as error:
        offset, reason = _explain(text, error)
        position = _position(path, text, offset)
        lines = text.splitlines() or [""]
        written = lines[min(position.line, len(lines)) - 1].strip()
        raise UnreadableError(codes.INVALID_JSON.at(position, written or path, reason)) from None
    except RecursionError:
        at = Position(path, 1, 1)
        raise UnreadableError(codes.INVALID_JSON.at(at, path, "it is nested too deep")) from None
    return JsonSource(path, text, value, tuple(_report_repeated(path, text)) if repeated else ())


def _explain(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """Where the JSON breaks off and why, a comma at the end as Python says it since 3.13."""
    before = text[: error.pos].rstrip()
    if before.endswith(",") and text[error.pos : error.pos + 1] in ("]", "}"):
        what = "array" if text[error.pos] == "]" else "object"
        return len(before) - 1, f"Illegal trailing comma before end of {what}"
    return error.pos, error.msg


def _report_repeated(path: str, text: str) -> Iterator[Diagnostic]:
    seen: set[Path] = set()
    for place, offset in _walk(text):
        if place in seen and isinstance(place[-1], str):
            position = _position(path, text, offset)
            yield codes.DUPLICATE_KEY.at(
                position, place[-1], "the key is written twice; only the last counts"
            )
        seen.add(place)


def _position(path: str, text: str, offset: int) -> Position:
    line_start = text.rfind("\n", 0, offset) + 1
    return Position(path, text.count("\n", 0, offset) + 1, offset - line_start + 1)


def _walk(text: str) -> Iterator[tuple[Path, int]]:
    """Each key and item of valid JSON with its offset, in the order of the text."""
    stack: list[str | int | None] = []
    expect_key = False
    for match in _TOKEN.finditer(text):
        token, offset = match.group(1), match.start(1)
        if token in "{[":
            if stack and isinstance(stack[-1], int):
                yield _path(stack), offset
            stack.append(None if token == "{" else 0)
            expect_key = token == "{"
        elif token in "}]":
            stack.pop()
        elif token == ",":
            expect_key = not isinstance(stack[-1], int)
            if isinstance(stack[-1], int):
                stack[-1] += 1
        elif token == ":":
            expect_key = False
        elif expect_key:
            stack[-1] = json.loads(token, strict=False)
            yield _path(stack), offset
        elif stack and isinstance(stack[-1], int):
            yield _path(stack), offset


def _path(stack: list[str | int | None]) -> Path:
    return tuple(part for part in stack if part is not None)
