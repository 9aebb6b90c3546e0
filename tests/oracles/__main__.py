"""Writes the page of the accepted differences: `python -m tests.oracles`."""

from __future__ import annotations

from tests.oracles.accepted import PAGE, render_page

PAGE.write_text(render_page(), encoding="utf-8")
