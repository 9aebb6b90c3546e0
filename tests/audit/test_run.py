from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from converter.audit import (
    Audit,
    IncompleteError,
    Place,
    Readiness,
    audit,
    choose_shard,
    find_projects,
    merge,
)
from converter.cli import app
from converter.report.audit import read_json, render_json
from converter.verify.side import Framework
from tests.audit.judges import misbehave
from tests.benchmarks.applications import write_application, write_template
from tests.files.trees import write_tree

COUNT = 200


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 projects: two thirds Chalice, one third SAM, every twentieth broken."""
    root = tmp_path_factory.mktemp("fleet")
    for number in range(COUNT):
        folder = root / f"team-{number % 7}" / f"project-{number}"
        if number % 20 == 0:
            write_tree(folder, {"app.py": b"from chalice import Chalice\nprint 'two'\n"})
        elif number % 3:
            write_application(folder, 1 + number % 5, routes=number % 2 == 0)
        else:
            write_template(folder, 1 + number % 5)
    return root


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def test_fleet(fleet: Path):
    places = find_projects([fleet])
    told: list[tuple[int, int]] = []

    found = audit(places, tell=lambda done, total: told.append((done, total)))

    broken = [each for each in found.projects if each.readiness is Readiness.UNREADABLE]
    assert COUNT == len(places) == len(found.projects)
    assert [(done, COUNT) for done in range(1, COUNT + 1)] == told
    assert COUNT // 20 == len(broken)
    assert all(each.functions for each in found.projects if each not in broken)
    assert sorted(place.folder for place in places) == [each.folder for each in found.projects]


def test_shards_make_the_whole(fleet: Path, tmp_path: Path):
    team = fleet / "team-3"
    for number in (1, 2, 3):
        part = call(team, "--shard", f"{number}/3", "--format", "json")
        (tmp_path / f"{number}.json").write_text(part.stdout, encoding="utf-8")
    reports = sorted(tmp_path.iterdir())

    assert call(team, "--format", "json").stdout == call("merge", *reports, "--format", "json").stdout
    missing = call("merge", *reports[:2])
    assert 2 == missing.exit_code
    assert "3/3" in missing.stderr


def test_shards_are_of_one_size():
    places = [Place(str(number), Framework.SAM) for number in range(10)]
    parts = [choose_shard(places, (number, 3)) for number in (1, 2, 3)]

    assert [4, 3, 3] == list(map(len, parts))
    assert set(places) == {place for part in parts for place in part}


def test_one_bad_project_never_costs_the_rest(fleet: Path, tmp_path: Path):
    bad = [Place(str(tmp_path / name), Framework.CHALICE) for name in ("raise", "hang", "die", "die")]
    good = find_projects([fleet / "team-1"])[:4]

    found = audit([*bad, *good], jobs=2, patience=5, judge=misbehave)

    reasons = {
        Path(each.folder).name: each.blocks[0].reason for each in found.projects if "fleet" not in each.folder
    }
    assert len(bad) + len(good) == len(found.projects)
    assert "RuntimeError: broken" in reasons["raise"]
    assert "longer than 5 seconds" in reasons["hang"]
    assert "ended with 7" in reasons["die"]
    assert not any(
        one.code == "PAWS930" for each in found.projects if "fleet" in each.folder for one in each.blocks
    )


def test_nothing_to_audit():
    assert () == audit([]).projects


def test_merge_of_nothing_missing_counts_a_project_once(fleet: Path):
    found = audit(find_projects([fleet / "team-2"])[:2])

    assert found == merge([found, found])
    with pytest.raises(IncompleteError, match="1/2"):
        merge([Audit(found.projects, (2, 2))])


def test_json_is_read_back(fleet: Path):
    found = audit(find_projects([fleet / "team-2"])[:5])

    assert found == read_json(render_json(found))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"command": "audit", "version": 99}', '{"command": "verify"}']
)
def test_what_is_no_report(text: str, tmp_path: Path):
    (tmp_path / "report.json").write_text(text, encoding="utf-8")

    result = call("merge", tmp_path / "report.json")

    assert 2 == result.exit_code
    assert "report" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["nothing-there"], [".", "--shard", "3/2"], [".", "--shard", "x"], ["merge"]]
)
def test_wrong_usage(arguments: list[str]):
    assert 2 == call(*arguments).exit_code


def test_no_project(tmp_path: Path):
    result = call(tmp_path)

    assert (0, "No Chalice or SAM project was found.\n") == (result.exit_code, result.stdout)


def test_csv_and_markdown(tmp_path: Path):
    write_application(tmp_path / "=cmd", 2)
    write_tree(tmp_path / "old", {"app.py": b"import chalice\nprint 'two'\n"})

    rows = call(tmp_path, "--format", "csv").stdout.splitlines()
    markdown = call(tmp_path, "--format", "markdown").stdout

    assert 3 == len(rows)
    assert rows[0].startswith("folder,framework,application,readiness,functions,")
    assert "PAWS302" in rows[2]
    assert "| unreadable | 1 (50 %) |" in markdown


def test_totals(fleet: Path):
    document = json.loads(call(fleet / "team-4", "--format", "json").stdout)

    projects = document["projects"]
    assert len(projects) == document["totals"]["projects"] == sum(document["totals"]["readiness"].values())
    assert sum(each["functions"] for each in projects) == document["totals"]["functions"]
