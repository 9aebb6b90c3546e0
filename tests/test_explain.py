from __future__ import annotations

import re

import pytest

from converter import codes
from converter.diagnostics import Code, Severity
from converter.explain import explain_all, explain_code, find_code, list_codes

SAMPLE = Code("PAWS999", Severity.WARNING, "A title", "What it " + "means and " * 10 + "why.", "do this")


def test_no_number_is_given_twice():
    named = [value for value in vars(codes).values() if isinstance(value, Code)]

    assert len(named) == len(list_codes())


@pytest.mark.parametrize("code", list_codes().values(), ids=list_codes())
def test_every_code_says_what_it_means(code: Code):
    assert re.fullmatch(r"PAWS\d{3}", code.number)
    assert code.title
    assert code.explanation.endswith(".")


@pytest.mark.parametrize("written", ["PAWS901", "paws901", "901"])
def test_find(written: str):
    assert codes.NOT_A_PROJECT == find_code(written)


@pytest.mark.parametrize("written", ["PAWS", "", "9", "PAWS9011", "E901"])
def test_find_nothing(written: str):
    assert find_code(written) is None


def test_explain_one():
    text = """\
PAWS999 (warning): A title

What it means and means and means and means and means and means and means and
means and means and means and why.

To do: do this
"""

    assert text == explain_code(SAMPLE)


def test_explain_all():
    lines = explain_all().splitlines()

    assert "PAWS901  error    Not a project" in lines
    assert "PAWS905  warning  A link that leaves the project" in lines
    assert lines == sorted(lines)
