from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracles import OracleError, chalice_package


def test_stage_is_packaged(chalice_project: Path) -> None:
    function = chalice_package(chalice_project, "prod")["Resources"]["SayHello"]

    assert 512 == function["Properties"]["MemorySize"]


def test_merge_template_is_merged(chalice_project: Path) -> None:
    extra = "Resources:\n  Queue: {Type: AWS::SQS::Queue}\n  Count: {Properties: {Timeout: 5}}\n"
    (chalice_project / ".chalice" / "resources.yaml").write_text(extra, encoding="utf-8")
    resources = chalice_package(chalice_project, "dev", ".chalice/resources.yaml")["Resources"]

    assert {"Type": "AWS::SQS::Queue"} == resources["Queue"]
    assert 5 == resources["Count"]["Properties"]["Timeout"]


def test_changed_project_is_packaged_anew(chalice_project: Path) -> None:
    before = chalice_package(chalice_project)
    app = chalice_project / "app.py"
    app.write_text(app.read_text(encoding="utf-8").replace("say-hello", "greet"), encoding="utf-8")

    assert "SayHello" in before["Resources"]
    assert "Greet" in chalice_package(chalice_project)["Resources"]


def test_managed_layer_is_there_if_there_is_something_to_install(chalice_project: Path) -> None:
    config = chalice_project / ".chalice" / "config.json"
    config.write_text(config.read_text(encoding="utf-8").replace("{", '{"automatic_layer": true, ', 1))
    with_layer = chalice_package(chalice_project)
    (chalice_project / "requirements.txt").write_text("# nothing\n", encoding="utf-8")

    assert "ManagedLayer" in with_layer["Resources"]
    assert "ManagedLayer" not in chalice_package(chalice_project)["Resources"]


def test_project_itself_is_left_alone(chalice_project: Path) -> None:
    before = sorted(chalice_project.rglob("*"))
    chalice_package(chalice_project)

    assert before == sorted(chalice_project.rglob("*"))


def test_failure_says_what_chalice_said(chalice_project: Path) -> None:
    (chalice_project / "app.py").write_text("import nowhere_to_be_found\n", encoding="utf-8")

    with pytest.raises(OracleError, match="nowhere_to_be_found"):
        chalice_package(chalice_project)
