"""Reports for other programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sarif_pydantic import Sarif
from typer.testing import CliRunner

from converter.cli import app
from converter.diagnostics import Severity
from converter.model import Position
from converter.report import github, junit, markdown, sarif
from converter.report.outcome import Item, Outcome, Rule

ODD = 'a, "b": 100%\n<c> | `d` \x00'
RULE = Rule("PAWS999", "Odd: things", "They are odd.", "mend them", Severity.ERROR)
NOTE = Rule("PAWS998", "Notes", "They are notes.", "", Severity.INFO)
ITEMS = (
    Item(RULE, ODD, f"{ODD} is odd", Position("src/my app,1.py", 3, 7)),
    Item(NOTE, "x", "x is noted"),
)
OUTCOME = Outcome("convert chalice-to-sam", "Converted shop.", (("Files", "3"),), ITEMS, is_good=False)
APP = """\
from chalice import Chalice

app = Chalice(app_name="shop")


@app.lambda_function()
def count(event, context):
    return 1
"""


def test_github_escapes_what_has_a_meaning():
    first, second = github.render(OUTCOME).splitlines()

    # https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    assert first.startswith(
        '::error file=src/my app%2C1.py,line=3,col=7,title=PAWS999 Odd%3A things::a, "b": 100%25%0A<c>'
    )
    assert "::notice title=PAWS998 Notes::x is noted" == second


def test_sarif_is_valid():
    log = json.loads(sarif.render(OUTCOME))
    read = Sarif.model_validate(log)

    # Nothing in it that SARIF does not know.
    assert_holds(json.loads(read.model_dump_json(by_alias=True, exclude_none=True)), log)
    [run] = log["runs"]
    first, second = run["results"]
    assert ["PAWS998", "PAWS999"] == [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [1, 0] == [first["ruleIndex"], second["ruleIndex"]]
    place = first["locations"][0]["physicalLocation"]
    assert {"uri": "src/my%20app%2C1.py", "uriBaseId": "%SRCROOT%"} == place["artifactLocation"]
    assert {"startLine": 3, "startColumn": 7} == place["region"]


def assert_holds(known: Any, written: Any) -> None:
    """Everything that is written is known; what is known may have defaults beside it."""
    if isinstance(written, dict):
        assert not written.keys() - known.keys()
        for key, value in written.items():
            assert_holds(known[key], value)
    elif isinstance(written, list):
        for one, other in zip(known, written, strict=True):
            assert_holds(one, other)
    else:
        assert written == known


def test_fingerprints_outlive_other_lines_and_tell_equals_apart():
    item = ITEMS[0]
    moved = Item(item.rule, item.subject, item.message, Position("src/my app,1.py", 90, 1))
    other = Item(item.rule, "another", item.message, item.position)

    assert item.fingerprint == moved.fingerprint != other.fingerprint
    twice = Outcome("verify", "", (), (item, moved), is_good=False)
    results = json.loads(sarif.render(twice))["runs"][0]["results"]
    assert 2 == len({each["partialFingerprints"]["pawsFinding/v1"] for each in results})


def test_junit_counts_errors_as_failures():
    suites = ET.fromstring(junit.render(OUTCOME))
    [suite] = suites

    assert {"tests": "2", "failures": "1"}.items() <= suite.attrib.items()
    failed, passed = suite
    assert "PAWS999" == failed[0].get("type")
    assert "src/my app,1.py:3:7" in (failed[0].text or "")
    assert [each.tag for each in passed] == ["system-out"]


def test_junit_has_a_test_that_passed_where_nothing_failed():
    good = Outcome("verify", "They mean the same.", (), (), is_good=True)
    [case] = ET.fromstring(junit.render(good))[0]

    assert ("They mean the same.", 0) == (case.get("name"), len(case))


def test_markdown_keeps_cells_together():
    rows = [line for line in markdown.render(OUTCOME).splitlines() if "PAWS999" in line]

    assert 1 == len(rows)
    assert 4 == len(re.findall(r"(?<!\\)\|", rows[0]))
    assert "\\<c\\>" in rows[0]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/app.py").write_text(APP)
    return tmp_path


@pytest.mark.parametrize("format", ["github", "sarif", "junit", "markdown"])
def test_check_names_files_that_are_out_of_date(project: Path, format: str):
    command = ["convert", "chalice-to-sam", "shop", "-o", "shop-sam"]
    assert 0 == CliRunner().invoke(app, command).exit_code
    (project / "shop-sam/template.yaml").write_text("Resources: {}\n")
    result = CliRunner().invoke(app, [*command, "--check", "--format", format])

    assert 1 == result.exit_code
    assert "shop-sam/template.yaml" in result.stdout
    assert "out-of-date" in result.stdout
    assert "" == result.stderr


@pytest.mark.parametrize("format", ["github", "sarif", "junit", "markdown"])
def test_verify_names_differences_at_their_place(project: Path, format: str):
    CliRunner().invoke(app, ["convert", "chalice-to-sam", "shop", "-o", "shop-sam"])
    template = project / "shop-sam/template.yaml"
    template.write_text(template.read_text().replace("Timeout: 60", "Timeout: 61"))
    result = CliRunner().invoke(app, ["verify", "shop", "shop-sam", "--format", format])

    assert 1 == result.exit_code
    assert "changed" in result.stdout
    assert "shop-sam/template.yaml" in result.stdout
    assert "60, now 61" in result.stdout


def test_summary_of_a_job(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project / "summary.md"))
    CliRunner().invoke(app, ["convert", "chalice-to-sam", "shop", "-o", "shop-sam"])
    CliRunner().invoke(app, ["verify", "shop", "shop-sam", "--format", "json"])
    summary = (project / "summary.md").read_text()

    assert "## paws convert chalice-to-sam\n" in summary
    assert "**shop and shop-sam mean the same.**" in summary
