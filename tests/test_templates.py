"""The projects that `chalice new-project` makes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from chalice.cli.newproj import create_new_project_skeleton

from converter.codes import TEST_OF_OLD_FORM
from converter.convert import Options
from converter.diagnostics import Severity
from converter.files import Folder
from converter.verify import verify
from tests.fixture_tools import Call, Golden, convert, write_golden
from tests.forms import ask_chalice, ask_sam
from tests.oracles import cfn_lint


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


def test_lambda_only_needs_nobody(lambda_only: Golden) -> None:
    found = [each for each in lambda_only.conversion.diagnostics if each.severity > Severity.INFO]

    # The template's own test calls the app object.
    assert ["tests/test_app.py"] == [each.position and each.position.path for each in found]
    assert [TEST_OF_OLD_FORM] == [each.code for each in found]
