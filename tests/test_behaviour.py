"""Each function of a fixture does the same in both forms: the same answer, error and calls to AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.fixture_tools import GOLDENS, Call, Golden
from tests.forms import ask_chalice, ask_sam

# The others are called with events that are made up (tests/verify/behaviour/test_check.py).
each_golden = pytest.mark.parametrize("golden", [each for each in GOLDENS if each.calls], ids=str)


@each_golden
def test_both_forms_do_what_the_fixture_says(golden: Golden) -> None:
    for call in golden.calls:
        if call.stage in golden.conversion.application.stages:
            _check(golden, call)


@pytest.mark.slow
@each_golden
def test_both_forms_do_the_same_with_the_events_made_up(golden: Golden) -> None:
    for call in _make_calls(golden):
        _check(golden, call)


@each_golden
def test_every_function_is_called(golden: Golden) -> None:
    called = {call.function for call in golden.calls}

    assert called >= golden.conversion.application.functions.keys()


def _make_calls(golden: Golden) -> Iterator[Call]:
    """One with each event that the conversion made up."""
    for name in golden.conversion.application.functions:
        path = golden.sam / "events" / f"{name}.json"
        if path.exists():
            yield Call(
                name,
                json.loads(path.read_text(encoding="utf-8")),
                stage=golden.conversion.application.stages[0],
            )


def _check(golden: Golden, call: Call) -> None:
    chalice, sam = ask_chalice(golden, call), ask_sam(golden, call)

    assert chalice == sam, call
    if call.answer is not None:
        assert call.answer == {name: sam.answer[name] for name in call.answer}, call
