from __future__ import annotations

import re
from pathlib import Path

import pytest

import converter


@pytest.mark.parametrize("name", converter.__all__)
def test_is_there(name: str):
    assert getattr(converter, name) is not None


def test_functions_are_those_of_the_spine():
    from converter import convert

    assert converter.chalice_to_sam is convert.chalice_to_sam
    assert converter.sam_to_chalice is convert.sam_to_chalice


def test_unknown_name():
    with pytest.raises(AttributeError, match="module 'converter' has no attribute 'nothing'"):
        converter.nothing  # noqa: B018 - the look-up is what is tested


def test_version_can_be_read_without_importing():
    text = Path(converter.__file__).read_text(encoding="utf-8")

    assert [converter.__version__] == re.findall(r'^__version__ = "(\d+\.\d+\.\d+)"$', text, re.MULTILINE)
