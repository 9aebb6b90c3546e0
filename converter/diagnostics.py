"""What the tool has to say about a project, and where it says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from converter.model import Json, Position


class Severity(IntEnum):
    """How much a person has to do: nothing, look at it, or finish it by hand."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Code:
    """One kind of finding. Its number is stable; `paws explain` prints the rest."""

    number: str
    severity: Severity
    title: str
    explanation: str
    action: str

    def at(
        self,
        position: Position | None,
        subject: str,
        reason: str,
        action: str | None = None,
    ) -> Diagnostic:
        """The finding at one place: `subject` as the user wrote it, then why, then what to do."""
        return Diagnostic(self, position, subject, reason, self.action if action is None else action)


@dataclass(frozen=True)
class Diagnostic:
    """A finding as data; severity, title and docs follow from its code."""

    code: Code
    position: Position | None
    subject: str
    reason: str
    action: str

    @property
    def severity(self) -> Severity:
        return self.code.severity

    def __str__(self) -> str:
        where = f"{self.position}: " if self.position else ""
        action = f"; {self.action}" if self.action else ""
        return f"{where}{self.code.number} {self.subject}: {self.reason}{action}"

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        at = self.position or Position("", 0, 0)
        return at.path, at.line, at.column, self.code.number, self.subject


class UnreadableError(Exception):
    """Nothing sensible can be made of the input. Carries the findings that say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


class Fields:
    """The keys written at one place of the source, each with its position.

    A feature takes the keys that it knows; whoever made the fields reports what
    is left, so that nothing the author wrote is dropped without a word.
    """

    def __init__(
        self,
        values: Mapping[str, Json],
        position: Position,
        positions: Mapping[str, Position] | None = None,
    ) -> None:
        self._left = dict(values)
        self.position = position
        self._positions = positions or {}

    def take(self, key: str, default: Json = None) -> Json:
        return self._left.pop(key, default)

    def get(self, key: str) -> Json:
        """The value of a key, None where there is none; it is not taken."""
        return self._left.get(key)

    def filled(self, values: Mapping[str, Json]) -> Fields:
        """The same keys with other values for some."""
        return Fields({**self._left, **values}, self.position, self._positions)

    def copy(self) -> Fields:
        """The same keys, to be taken anew."""
        return Fields(self._left, self.position, self._positions)

    def where(self, key: str) -> Position:
        return self._positions.get(key, self.position)

    def left_over(self) -> Iterator[tuple[str, Json, Position]]:
        for key, value in self._left.items():
            yield key, value, self.where(key)
