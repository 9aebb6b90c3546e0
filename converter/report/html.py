"""The report as one HTML file for people: nothing is loaded from elsewhere, and no script runs.

It follows the reader's light or dark theme, is fit for keyboards and screen readers, and prints whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from converter import __version__
from converter.diagnostics import Severity
from converter.report.outcome import Item, Outcome

_NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

_STYLE = Path(__file__).with_name("page.css")

Section = tuple[str, str, str]


def render(outcome: Outcome, sections: Iterable[Section] = ()) -> str:
    """The verdict, what has to be done, the sections (id, title, HTML), and everything that was found."""
    found = (
        ("to-do", "To do by hand", "".join(_write_steps(outcome))),
        *sections,
        ("findings", "Findings", "".join(_write_findings(outcome))),
    )
    mood = "good" if outcome.is_good else "bad"
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in outcome.facts
    )
    head = f'<p class="verdict {mood}">{escape(outcome.verdict)}</p><dl>{facts}</dl>'
    return write_page(f"paws {outcome.command}", head, found)


def write_page(title: str, head: str, sections: Iterable[Section]) -> str:
    """A whole document; sections without content are left out."""
    shown = [section for section in sections if section[2]]
    links = "".join(f'<li><a href="#{name}">{escape(heading)}</a></li>' for name, heading, _ in shown)
    parts = "".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(heading)}</h2>\n{content}</section>\n'
        for name, heading, content in shown
    )
    style = _STYLE.read_text(encoding="utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#content">Skip to the content</a>\n'
        f'<header><h1>{escape(title)}</h1></header>\n<nav aria-label="Sections"><ul>{links}</ul></nav>\n'
        f'<main id="content">\n{head}\n{parts}</main>\n<footer><p>Made by paws {__version__}.</p></footer>\n'
        "</body>\n</html>\n"
    )


def wrap_table(title: str, head: str, rows: Iterable[str]) -> Iterator[str]:
    """A table that scrolls sideways where it is too wide, by keyboard too."""
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(title)}">'
    yield f"<table><thead><tr>{head}</tr></thead><tbody>\n"
    yield from rows
    yield "</tbody></table></div>"


def write_badge(severity: Severity) -> str:
    name = _NAMES[severity]
    return f'<span class="badge {name}">{name}</span>'


def _write_steps(outcome: Outcome) -> Iterator[str]:
    """What is not a mere note, as a checklist."""
    steps = [item for item in outcome.items if item.rule.severity > Severity.INFO]
    if not steps:
        return
    yield '<ul class="steps">'
    for item in steps:
        place = f" <code>{escape(str(item.position))}</code>" if item.position else ""
        said = f"{write_badge(item.rule.severity)}{place} {escape(item.message)}"
        yield f'<li><label><input type="checkbox"><span>{said}</span></label></li>\n'
    yield "</ul>"


def _write_findings(outcome: Outcome) -> Iterator[str]:
    if outcome.items:
        head = "".join(f'<th scope="col">{name}</th>' for name in ("Kind", "Where", "What"))
        yield from wrap_table("Findings", head, map(_write_finding, outcome.items))


def _write_finding(item: Item) -> str:
    place = f"<code>{escape(str(item.position))}</code>" if item.position else ""
    kind = f"{write_badge(item.rule.severity)} {escape(item.rule.id)}<br>{escape(item.rule.title)}"
    return f"<tr><td>{kind}</td><td>{place}</td><td>{escape(item.message)}</td></tr>\n"
