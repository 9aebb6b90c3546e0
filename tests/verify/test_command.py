"""`paws verify` as its users call it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from converter.cli import app

PAIR = Path(__file__).parent / "pairs" / "library"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the two forms of an application in it."""
    shutil.copytree(PAIR, tmp_path / "pair")
    monkeypatch.chdir(tmp_path / "pair")
    return tmp_path / "pair"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["verify", *arguments])
    return result.exit_code, result.stdout, result.stderr


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(
    "folders", [("chalice", "sam"), ("sam", "chalice"), ("sam", "sam"), ("chalice", "chalice")]
)
def test_equal_projects_in_any_order(folders: tuple[str, str]) -> None:
    exit_code, out, _ = run(*folders)

    assert 0 == exit_code
    assert "mean the same" in out


def test_difference_is_shown_with_both_places(pair: Path) -> None:
    change(pair / "sam" / "template.yaml", "BatchSize: 5", "BatchSize: 10")
    exit_code, out, _ = run("chalice", "sam")

    assert 1 == exit_code
    assert "event Returned of remind\n  changed  event BatchSize: 5, now 10\n" in out
    assert "chalice/.chalice/resources.yaml:" in out or "chalice/app.py:" in out
    assert "sam/template.yaml:" in out


def test_ignored_kind_is_no_difference(pair: Path) -> None:
    change(pair / "sam" / "template.yaml", "team: lending", "team: counting")

    assert 1 == run("chalice", "sam")[0]
    assert 0 == run("chalice", "sam", "--ignore", "tags")[0]


@pytest.mark.usefixtures("pair")
def test_unknown_kind_is_refused_with_a_suggestion() -> None:
    exit_code, _, error = run("chalice", "sam", "--ignore", "tag")

    assert 2 == exit_code
    assert "did you mean tags?" in error


def test_one_stage(pair: Path) -> None:
    change(pair / "sam" / "template.yaml", 'prod: {Days: "28"', 'prod: {Days: "29"')

    assert 1 == run("chalice", "sam")[0]
    assert 0 == run("chalice", "sam", "--stage", "dev")[0]


@pytest.mark.usefixtures("pair")
def test_accepted_differences_are_counted_and_listed_when_asked() -> None:
    assert "(--all lists them)" in run("chalice", "sam", "--with-tools")[1]
    assert "Accepted: The tag `aws-chalice`" in run("chalice", "sam", "--with-tools", "--all")[1]


def test_json(pair: Path) -> None:
    change(pair / "sam" / "template.yaml", "MemorySize: 512", "MemorySize: 1024")
    exit_code, out, _ = run("chalice", "sam", "--format", "json")
    document = json.loads(out)
    (finding,) = document["findings"]

    assert (1, 1) == (exit_code, document["exit"]["code"])
    assert ("changed", "memory-size", "function remind") == tuple(
        finding[key] for key in ("change", "kind", "part")
    )
    assert (512, 1024) == (finding["left"], finding["right"])
    assert document["matched"] < document["total"]


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize("folders", [("chalice", "nowhere"), ("nowhere", "sam"), ("chalice", ".")])
def test_folder_that_is_no_project(folders: tuple[str, str]) -> None:
    exit_code, out, error = run(*folders)

    assert 2 == exit_code
    assert "" == out
    assert "Nothing was compared." in error
    assert "PAWS901" in error


def test_broken_template_is_named_with_its_place(pair: Path) -> None:
    (pair / "sam" / "template.yaml").write_text("Resources: [\n", encoding="utf-8")
    exit_code, _, error = run("chalice", "sam")

    assert 2 == exit_code
    assert "template.yaml:" in error


def test_what_is_not_read_is_said(pair: Path) -> None:
    change(pair / "chalice" / "app.py", "@app.lambda_function()", "@app.lambda_function(memory=128)")
    exit_code, out, _ = run("chalice", "sam")

    assert 3 == exit_code
    assert "the same as far as they were compared" in out
    assert "Not compared, in chalice:" in out
    assert "memory" in out


def test_behaviour(pair: Path) -> None:
    exit_code, out, _ = run("chalice", "sam", "--behaviour", "--yes")

    assert 0 == exit_code
    assert "could not run" in out

    change(pair / "sam" / "lambdas" / "remind" / "remind.py", "len(event", "1 + len(event")
    exit_code, out, _ = run("chalice", "sam", "--behaviour", "--yes")

    assert 1 == exit_code
    assert "remind: another value" in out


def test_own_events_are_tried(pair: Path) -> None:
    change(
        pair / "sam" / "lambdas" / "remind" / "remind.py",
        "len(event",
        "999 if len(event['readers']) == 5 else len(event",
    )
    assert 0 == run("chalice", "sam", "--behaviour", "--yes")[0]

    (pair / "sam" / "events").mkdir()
    (pair / "sam" / "events" / "remind-five.json").write_text('{"readers": "abcde"}', encoding="utf-8")

    assert 1 == run("chalice", "sam", "--behaviour", "--yes")[0]


@pytest.mark.usefixtures("pair")
def test_code_is_not_run_unasked() -> None:
    exit_code, out, error = run("chalice", "sam", "--behaviour")

    assert 2 == exit_code
    assert "say --yes" in error
    assert "" == out
