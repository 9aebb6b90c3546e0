from __future__ import annotations

from pathlib import Path

from tests.oracles import cfn_lint


def test_good_template_has_no_error(sam_project: Path) -> None:
    assert [] == cfn_lint((sam_project / "template.yaml").read_text(encoding="utf-8"))


def test_error_comes_with_its_place(sam_project: Path) -> None:
    text = (sam_project / "template.yaml").read_text(encoding="utf-8")
    errors = cfn_lint(text.replace("RetentionInDays: 14", "RetentionInDays: 13"))

    assert ["E3030"] * 2 == [error.split()[1] for error in errors]
