"""Two projects side by side: every file, what became of each line, and the findings at their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from converter.diagnostics import Diagnostic
from converter.report.html import write_badge

# A line: the number of its file, and its own.
_Place = tuple[int, int]
# Whole data files say nothing here, and make the page too large to open.
_MOST_LINES = 20_000
_NO_EQUAL = "no equal line"
_NOTE = """\
A line with a link stands in the other form, too. What has no equal line is said there in another way, or a
finding says what becomes of it."""


@dataclass(frozen=True)
class _Project:
    """The text files of a project. `letter` tells the two apart in links."""

    letter: str
    paths: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    unshown: tuple[str, ...]

    def find(self) -> dict[str, list[_Place]]:
        """Where each line stands, at whatever indentation; one without a letter or digit means nothing."""
        places: dict[str, list[_Place]] = defaultdict(list)
        for number, lines in enumerate(self.lines):
            for line, text in enumerate(lines, 1):
                if any(map(str.isalnum, text)):
                    places[text.strip()].append((number, line))
        return places

    def name(self, place: _Place) -> str:
        return f"{self.letter}{place[0]}-{place[1]}"


def show_sources(
    before: Mapping[str, bytes], after: Mapping[str, bytes], diagnostics: Iterable[Diagnostic]
) -> str:
    """Both projects as HTML. A line whose text stands on the other side, too, has a link to it."""
    left, right = _read("a", before), _read("b", after)
    found: dict[tuple[str, int], list[Diagnostic]] = defaultdict(list)
    for each in diagnostics:
        if each.position:
            found[each.position.path, each.position.line].append(each)
    there, here = right.find(), left.find()
    sides = (
        "".join(_write_side("Before", left, right, there, found)),
        "".join(_write_side("After", right, left, here, {})),
    )
    return f'<p>{_NOTE}</p><div class="sides"><div>{sides[0]}</div><div>{sides[1]}</div></div>'


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
    other: _Project,
    places: Mapping[str, list[_Place]],
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
            became = _describe_line(text, number, line, other, places)
            yield _write_line(own.name((number, line)), line, text, became, here)
        yield "</table></div></details>\n"
    for path in own.unshown:
        yield f"<p><code>{escape(path)}</code> is no text, or too long to be shown.</p>"


def _describe_line(
    text: str, file: int, line: int, other: _Project, places: Mapping[str, list[_Place]]
) -> str:
    if not any(map(str.isalnum, text)):
        return ""
    there = places.get(text.strip())
    if not there:
        return _NO_EQUAL
    # Of several, the one that stands most alike.
    first = min(there, key=lambda place: (place[0] != file, abs(place[1] - line), place))
    more = f" and {len(there) - 1} more" if len(there) > 1 else ""
    return f'<a href="#{other.name(first)}">{escape(other.paths[first[0]])}:{first[1]}</a>{more}'


def _write_line(name: str, line: int, text: str, became: str, here: Iterable[Diagnostic]) -> str:
    said = "".join(
        f"<br>{write_badge(each.severity)} {escape(f'{each.code.number} {each.subject}: {each.reason}')}"
        for each in here
    )
    kind = ' class="found"' if said else ' class="new"' if became == _NO_EQUAL else ""
    return f'<tr id="{name}"{kind}><td>{line}</td><td>{escape(text)}</td><td>{became}{said}</td></tr>\n'
