"""Two projects side by side: every file, what became of each line, and the findings at their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from functools import cached_property
from html import escape

from converter.diagnostics import Diagnostic
from converter.report.counterparts import Line
from converter.report.html import write_badge

# A line: the number of its file, and its own.
_Place = tuple[int, int]
# Whole data files say nothing here, and make the page too large to open.
_MOST_LINES = 20_000
_MARKS = str.maketrans("", "", "\"',")
_NO_EQUAL = "no equal line"
_NOTE = """\
A line with a link stands in the other form, too, or says the same as the line there in other words. What has
no equal line is said there in another way, or a finding says what becomes of it."""


@dataclass(frozen=True)
class _Project:
    """The text files of a project. `letter` tells the two apart in links."""

    letter: str
    paths: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    unshown: tuple[str, ...]

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        return {path: number for number, path in enumerate(self.paths)}

    def find(self) -> dict[str, list[_Place]]:
        """Where each line stands, at whatever indentation; one without a letter or digit means nothing."""
        places: dict[str, list[_Place]] = defaultdict(list)
        for number, lines in enumerate(self.lines):
            for line, text in enumerate(lines, 1):
                if any(map(str.isalnum, text)):
                    places[_tidy(text)].append((number, line))
        return places

    def name(self, place: _Place) -> str:
        return f"{self.letter}{place[0]}-{place[1]}"


@dataclass(frozen=True)
class _Others:
    """The lines of the other side: where each text stands, and what says the same in other words."""

    project: _Project
    places: Mapping[str, list[_Place]]
    counterparts: Mapping[Line, list[Line]]

    def describe(self, path: str, text: str, file: int, line: int) -> str:
        """What became of a line, as HTML."""
        if not any(map(str.isalnum, text)):
            return ""
        if there := self.places.get(_tidy(text)):
            # Of several, the one that stands most alike.
            return self._link(
                there, min(there, key=lambda place: (place[0] != file, abs(place[1] - line), place))
            )
        said = self.counterparts.get((path, line), ())
        found = [(self.project.numbers[name], at) for name, at in said if name in self.project.numbers]
        return f"{self._link(found, found[0])}, in other words" if found else _NO_EQUAL

    def _link(self, places: Sized, shown: _Place) -> str:
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        name = f"{escape(self.project.paths[shown[0]])}:{shown[1]}"
        return f'<a href="#{self.project.name(shown)}">{name}</a>{more}'


def show_sources(
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    diagnostics: Iterable[Diagnostic],
    counterparts: tuple[Mapping[Line, list[Line]], Mapping[Line, list[Line]]] = ({}, {}),
) -> str:
    """Both projects as HTML. A line has a link to where its text stands on the other side.

    Else to what is said there in its place: `counterparts`, for the lines before and for those after.
    """
    left, right = _read("a", before), _read("b", after)
    found: dict[tuple[str, int], list[Diagnostic]] = defaultdict(list)
    for each in diagnostics:
        if each.position:
            found[each.position.path, each.position.line].append(each)
    there, here = right.find(), left.find()
    sides = (
        "".join(_write_side("Before", left, _Others(right, there, counterparts[0]), found)),
        "".join(_write_side("After", right, _Others(left, here, counterparts[1]), {})),
    )
    return f'<p>{_NOTE}</p><div class="sides"><div>{sides[0]}</div><div>{sides[1]}</div></div>'


def _tidy(text: str) -> str:
    """The text of a line without what JSON and YAML write in different ways."""
    return text.translate(_MARKS).strip().removeprefix("- ")


def _read(letter: str, files: Mapping[str, bytes]) -> _Project:
    shown: dict[str, tuple[str, ...]] = {}
    unshown: list[str] = []
    for path in sorted(files):
        try:
            lines = tuple(files[path].decode().splitlines())
        except UnicodeDecodeError:
            lines = ("\0",)
        if len(lines) > _MOST_LINES or any("\0" in line for line in lines):
            unshown.append(path)
        else:
            shown[path] = lines
    return _Project(letter, tuple(shown), tuple(shown.values()), tuple(unshown))


def _write_side(
    title: str,
    own: _Project,
    others: _Others,
    found: Mapping[tuple[str, int], list[Diagnostic]],
) -> Iterator[str]:
    yield f"<h3>{title}</h3>"
    marked = {path for path, _ in found}
    for number, (path, lines) in enumerate(zip(own.paths, own.lines, strict=True)):
        is_open = " open" if path in marked else ""
        yield f"<details{is_open}><summary><code>{escape(path)}</code> ({len(lines)} lines)</summary>"
        yield f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(path)}">'
        yield '<table class="code">\n'
        for line, text in enumerate(lines, 1):
            here = found.get((path, line), ())
            became = others.describe(path, text, number, line)
            yield _write_line(own.name((number, line)), line, text, became, here)
        yield "</table></div></details>\n"
    for path in own.unshown:
        yield f"<p><code>{escape(path)}</code> is no text, or too long to be shown.</p>"


def _write_line(name: str, line: int, text: str, became: str, here: Iterable[Diagnostic]) -> str:
    said = "".join(
        f"<br>{write_badge(each.severity)} {escape(f'{each.code.number} {each.subject}: {each.reason}')}"
        for each in here
    )
    kind = ' class="found"' if said else ' class="new"' if became == _NO_EQUAL else ""
    return f'<tr id="{name}"{kind}><td>{line}</td><td>{escape(text)}</td><td>{became}{said}</td></tr>\n'
