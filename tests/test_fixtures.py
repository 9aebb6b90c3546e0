"""Every fixture's golden is what the conversion gives, and what the other form means."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixture_tools import FIXTURES, GOLDENS, Golden, digest, read_files, show_findings
from tests.forms import deploy_chalice, deploy_sam, package_chalice
from tests.oracles import cfn_lint

each_golden = pytest.mark.parametrize("golden", GOLDENS, ids=str)
each_sam_golden = pytest.mark.parametrize("golden", [each for each in GOLDENS if each.is_sam], ids=str)


def test_every_folder_is_a_fixture() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {golden.folder.parent.name for golden in GOLDENS}


@each_golden
def test_conversion_is_the_golden(golden: Golden) -> None:
    assert read_files(golden.folder) == golden.conversion.files


@each_golden
def test_findings_are_the_golden_ones(golden: Golden) -> None:
    expected = golden.findings.read_text(encoding="utf-8") if golden.findings.exists() else ""

    assert expected == show_findings(golden.conversion)


def test_bytes_do_not_depend_on_the_process() -> None:
    command = "from tests.fixture_tools import GOLDENS, digest; print(*map(digest, GOLDENS))"
    done = subprocess.run(
        [sys.executable, "-c", command],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.fspath(FIXTURES.parent)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert list(map(digest, GOLDENS)) == done.stdout.split()


# --- the code -------------------------------------------------------------------


@each_golden
def test_every_module_compiles(golden: Golden) -> None:
    for path in golden.folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        compile(text, path, "exec")
        ast.parse(text, path, feature_version=(3, 10))


@each_golden
def test_no_name_is_undefined(golden: Golden) -> None:
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    done = subprocess.run(
        [ruff, "check", "--isolated", "--select", "F821,F822,F823", golden.folder],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stdout


@each_golden
def test_every_handler_is_a_function_that_is_there(golden: Golden) -> None:
    for place, handler in _find_handlers(golden):
        module, _, name = handler.rpartition(".")
        tree = ast.parse((place / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))

        assert name in set(_list_names(tree)), handler


def _find_handlers(golden: Golden) -> Iterator[tuple[Path, str]]:
    """The code folder and the handler of each Python function in the golden."""
    stage = golden.conversion.application.stages[0]
    deployed = deploy_sam(golden, stage) if golden.is_sam else deploy_chalice(golden, stage)
    for name in golden.conversion.application.functions:
        properties = deployed.function(name)
        place = golden.folder / properties["Code"]["S3Key"] if golden.is_sam else golden.folder
        yield place, properties["Handler"]


def _list_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)


# --- the infrastructure -----------------------------------------------------------


@each_sam_golden
def test_template_has_no_error(golden: Golden) -> None:
    for template in golden.folder.glob("template.*"):
        assert [] == cfn_lint(template.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("golden", [each for each in GOLDENS if not each.is_sam], ids=str)
def test_packaged_template_has_no_error(golden: Golden) -> None:
    for stage in golden.conversion.application.stages:
        assert [] == cfn_lint(json.dumps(package_chalice(golden.folder, stage)))
