from __future__ import annotations

from tests.oracles.accepted import ACCEPTED, PAGE, render_page


def test_page_is_up_to_date() -> None:
    """If this fails, run `python -m tests.oracles`."""
    assert PAGE.read_text(encoding="utf-8") == render_page()


def test_each_has_a_reason_of_its_own() -> None:
    assert len(ACCEPTED) == len({accepted.reason for accepted in ACCEPTED})
