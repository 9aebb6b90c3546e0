from __future__ import annotations

from pathlib import Path

import pytest

from converter import docs
from converter.explain import list_codes

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", docs.PAGES)
def test_page_is_current(name: str):
    """Made anew by `python -m converter.docs`."""

    assert docs.PAGES[name]() == (DOCS / name).read_text(encoding="utf-8")


def test_every_code_has_a_heading_and_its_explanation():
    page = docs.render_diagnostics()

    for code in list_codes().values():
        assert f"\n### {code.number}: {code.title}\n" in page
        assert code.explanation in page


def test_write_into_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.argv", ["docs", str(tmp_path)])

    docs.main()

    assert {name: render() for name, render in docs.PAGES.items()} == {
        page.name: page.read_text(encoding="utf-8") for page in tmp_path.iterdir()
    }
