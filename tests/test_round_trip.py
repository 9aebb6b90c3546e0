"""There and back: every fixture's two forms are one application, and converting settles."""

from __future__ import annotations

from functools import cache

import pytest

from converter.convert import Conversion, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Severity
from tests.fixture_tools import GOLDENS, Golden, convert

each_golden = pytest.mark.parametrize("golden", GOLDENS, ids=str)


@each_golden
def test_both_forms_are_one_application(golden: Golden) -> None:
    assert golden.conversion.application == _convert_back(golden).application


@each_golden
def test_there_and_back_is_the_same_application(golden: Golden) -> None:
    assert golden.conversion.application == _convert_again(golden).application


@each_golden
def test_converting_to_and_fro_comes_to_rest(golden: Golden) -> None:
    again = _convert_again(golden)
    other = chalice_to_sam if golden.is_sam else sam_to_chalice
    back = sam_to_chalice if golden.is_sam else chalice_to_sam

    assert again.files == other(back(again.files, golden.options).files, golden.options).files


@each_golden
def test_nothing_breaks_on_the_way_back(golden: Golden) -> None:
    broken = [each for each in _convert_back(golden).diagnostics if each.severity == Severity.ERROR]

    assert [] == broken


def _convert_back(golden: Golden) -> Conversion:
    return convert(golden.folder, golden.options, to_sam=not golden.is_sam)


@cache
def _convert_again(golden: Golden) -> Conversion:
    back = _convert_back(golden).files
    return (chalice_to_sam if golden.is_sam else sam_to_chalice)(back, golden.options)
