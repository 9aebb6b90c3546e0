"""The HTML reports for people who see little, use no mouse or listen: what a program can say of it.

https://www.w3.org/TR/WCAG22/
"""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import pairwise, product

import pytest

from tests.report.test_html import Page, pages

__all__ = ["pages"]

STYLE = files("converter.report").joinpath("page.css").read_text(encoding="utf-8")
NAMES = ["convert", "verify", "audit"]
HEADINGS = ("h1", "h2", "h3", "h4")


def read_themes() -> dict[str, dict[str, str]]:
    """The colours of each theme. Dark and print say all that they change of light."""
    light, dark, printed = (
        dict(re.findall(r"--(\w+): (#\w+)", block))
        for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    )
    return {"light": light, "dark": {**light, **dark}, "print": {**light, **printed}}


def measure_luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def measure_contrast(one: str, other: str) -> float:
    darker, lighter = sorted((measure_luminance(one), measure_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_defined():
    assert 21.0 == round(measure_contrast("#000", "#ffffff"), 2)
    assert 4.54 == round(measure_contrast("#767676", "#fff"), 2)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_all_text_stands_out(theme: str):
    colours = read_themes()[theme]
    texts = ("ink", "dim", "accent", "error", "warning", "good")

    poor = [
        (text, ground)
        for text, ground in product(texts, ("paper", "soft", "mark"))
        if measure_contrast(colours[text], colours[ground]) < 4.5
    ]
    assert [] == poor


@pytest.mark.parametrize("name", NAMES)
def test_landmarks_and_headings(name: str, pages: dict[str, str]):
    page = Page(pages[name])
    levels = [HEADINGS.index(tag) for tag, _ in page.tags if tag in HEADINGS]

    assert [1, 1, 1, 1] == [page.count(tag) for tag in ("header", "nav", "main", "footer")]
    assert 0 == levels[0]
    assert not [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
    html = next(attributes for tag, attributes in page.tags if tag == "html")
    assert "en" == html["lang"]
    assert page.count("title") >= 1


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_name(name: str, pages: dict[str, str]):
    page = Page(pages[name])
    ids = set(page.values("id"))

    for tag, attributes in page.tags:
        if tag in ("svg", "nav") or attributes.get("role"):
            assert attributes.get("aria-label"), tag
        if tag == "section":
            assert attributes["aria-labelledby"] in ids
    for table in re.findall(r"<table>.*?</table>", pages[name], re.DOTALL):
        assert re.search(r'<th scope="(col|row)">', table)
    # A checkbox without a name would stand outside of a label.
    assert page.count("input") == len(re.findall(r"<label><input", pages[name]))


@pytest.mark.parametrize("name", NAMES)
def test_what_scrolls_can_have_the_focus(name: str, pages: dict[str, str]):
    scrolling = re.findall(r"\.([\w-]+)[^{}]*\{[^{}]*overflow(?:-x)?: auto", STYLE)

    assert {"wide", "scroll"} == set(scrolling)
    found = [attributes for _, attributes in Page(pages[name]).tags if attributes.get("class") in scrolling]
    assert found
    assert [] == [attributes for attributes in found if attributes.get("tabindex") != "0"]
    assert ":focus-visible" in STYLE


def test_first_stop_of_the_keyboard_is_the_content(pages: dict[str, str]):
    stops = [attributes for tag, attributes in Page(pages["convert"]).tags if tag == "a"]

    assert ("skip", "#content") == (stops[0]["class"], stops[0]["href"])
