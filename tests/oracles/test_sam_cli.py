from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracles import OracleError, call_lambda, sam_build, sam_validate

pytestmark = pytest.mark.slow


def test_project_is_built_and_its_function_runs(sam_project: Path, tmp_path: Path) -> None:
    built = sam_build(sam_project, tmp_path / "copied")
    answer = call_lambda(
        built / "SayHelloFunction",
        [built / "SharedLayer"],
        "say_hello.hello",
        {"name": "Ada"},
        {"STAGE": "dev"},
    )

    assert {"value": {"text": "Hello, Ada", "stage": "dev"}} == answer
    assert not (sam_project / ".aws-sam").exists()


def test_failing_build_says_why(sam_project: Path, tmp_path: Path) -> None:
    (sam_project / "lambdas" / "count" / "requirements.txt").write_text("not a requirement\n")

    with pytest.raises(OracleError, match="Build Failed"):
        sam_build(sam_project, tmp_path / "copied")


def test_good_project_is_valid(sam_project: Path) -> None:
    sam_validate(sam_project)


def test_unknown_property_is_not_valid(sam_project: Path) -> None:
    template = sam_project / "template.yaml"
    template.write_text(template.read_text(encoding="utf-8").replace("Handler: count", "Hndler: count"))

    with pytest.raises(OracleError, match="Hndler"):
        sam_validate(sam_project)
