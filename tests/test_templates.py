"""The projects that `chalice new-project` makes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from chalice.cli.newproj import TEMPLATES_DIR, create_new_project_skeleton, list_available_projects
from chalice.utils import OSUtils

from converter.codes import TEST_OF_OLD_FORM
from converter.convert import Options
from converter.diagnostics import Severity
from converter.files import Folder
from converter.verify import verify
from converter.verify.run import verify_folders
from tests.fixture_tools import Call, Golden, convert, write_golden
from tests.forms import ask_chalice, ask_sam
from tests.oracles import cfn_lint, sam_build


@pytest.fixture
def lambda_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Golden:
    """The template of pure Lambda functions, and its SAM form."""
    monkeypatch.chdir(tmp_path)
    create_new_project_skeleton("greeter", "lambda-only")
    golden = Golden(tmp_path / "sam", tmp_path / "greeter")
    write_golden(golden)
    return golden


def test_lambda_only_deploys_the_same(lambda_only: Golden) -> None:
    found = verify(Folder(lambda_only.chalice), Folder(lambda_only.sam), with_tools=True)

    assert () == found.differences
    assert [] == cfn_lint((lambda_only.folder / "template.yaml").read_text(encoding="utf-8"))


def test_lambda_only_does_the_same(lambda_only: Golden) -> None:
    answers = {"first_function": {"hello": "world"}, "second_function": {"hello": "world2"}}
    for name, answer in answers.items():
        chalice, sam = ask_chalice(lambda_only, Call(name, {})), ask_sam(lambda_only, Call(name, {}))

        assert {"value": answer} == chalice.answer == sam.answer


def test_lambda_only_there_and_back(lambda_only: Golden) -> None:
    back = convert(lambda_only.folder, Options(), to_sam=False)

    assert lambda_only.conversion.application == back.application
    # But for the quotes of the application's name.
    assert ast.unparse(ast.parse((lambda_only.source / "app.py").read_text(encoding="utf-8"))) == ast.unparse(
        ast.parse(back.files["app.py"])
    )


# --- all of them ----------------------------------------------------------------------


@pytest.fixture(params=sorted(project.key for project in list_available_projects(TEMPLATES_DIR, OSUtils())))
def any_template(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Golden:
    """Each template that Chalice ships, and its SAM form; with infrastructure, the app has its own folder."""
    monkeypatch.chdir(tmp_path)
    create_new_project_skeleton("greeter", request.param)
    source = next(path.parent for path in sorted((tmp_path / "greeter").rglob(".chalice")))
    golden = Golden(tmp_path / "sam", source)
    write_golden(golden)
    return golden


def test_template_there_and_back(any_template: Golden) -> None:
    found = verify(Folder(any_template.source), Folder(any_template.folder))
    back = convert(any_template.folder, Options(), to_sam=False)

    assert () == found.differences
    assert found.is_complete
    assert [] == cfn_lint((any_template.folder / "template.yaml").read_text(encoding="utf-8"))
    assert any_template.conversion.application == back.application


@pytest.mark.slow
def test_template_deploys_and_does_the_same(any_template: Golden, tmp_path: Path) -> None:
    _, report = verify_folders(any_template.source, any_template.folder, with_behaviour=True)

    assert report.behaviour is not None
    assert report.behaviour.functions
    assert not report.behaviour.is_different
    sam_build(any_template.folder, tmp_path / "copied")
    # `chalice package` has no S3 events.
    if b"on_s3_event" not in (any_template.source / "app.py").read_bytes():
        found = verify(Folder(any_template.source), Folder(any_template.folder), with_tools=True)
        assert () == found.differences


def test_lambda_only_needs_nobody(lambda_only: Golden) -> None:
    found = [each for each in lambda_only.conversion.diagnostics if each.severity > Severity.INFO]

    # The template's own test calls the app object.
    assert ["tests/test_app.py"] == [each.position and each.position.path for each in found]
    assert [TEST_OF_OLD_FORM] == [each.code for each in found]
