"""What runs in other people's CI: each step by its own shell, on a clone, with paws as pip installs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from converter.ci import write_audit_job, write_job
from converter.cli import app
from tests.fixture_tools import FIXTURES

CHECKOUT = Path(__file__).parents[1]
Steps = Sequence[Mapping[str, Any]]


def load(text: str) -> Any:
    return yaml.safe_load(text)


def test_jobs_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    command = ["ci", "init", "github", "my shop"]

    assert 0 == CliRunner().invoke(app, command).exit_code
    text = (tmp_path / ".github/workflows/paws.yml").read_text()
    assert "paws sync 'my shop-sam' --check --format github" in text
    (tmp_path / ".github/workflows/paws.yml").write_text("mine")
    assert 2 == CliRunner().invoke(app, command).exit_code
    assert 2 == CliRunner().invoke(app, ["ci", "init", "github"]).exit_code
    assert 2 == CliRunner().invoke(app, ["ci", "init", "gitlab", "shop", "--matrix", "2"]).exit_code
    assert 0 == CliRunner().invoke(app, ["ci", "init", "github", "--matrix", "3"]).exit_code
    assert "shard: [1, 2, 3]" in (tmp_path / ".github/workflows/paws-audit.yml").read_text()


def test_nothing_is_left_to_fill_in():
    texts = [write_job("github", "a", "b")[1], write_job("gitlab", "a", "b")[1], write_audit_job(2)[1]]

    assert not [text for text in texts if re.search(r"(?<!\$\{)\{[a-z]+\}", text)]
    assert all(load(text) for text in texts)


# --- run ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of a new environment, in which nothing is installed yet."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True, symlinks=True)
    return folder / "bin"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with both forms of a project, in step."""
    folder = tmp_path / "repository"
    shutil.copytree(FIXTURES / "quickstart" / "chalice", folder / "shop")
    (folder / "shop" / ".python-version").write_text("3.13\n")
    run_paws(folder, "convert", "chalice-to-sam", "shop", "-o", "shop-sam")
    run_git(folder, "init", "--quiet")
    commit(folder)
    return folder


def run_paws(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "converter", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    subprocess.run(command, cwd=folder, check=True, env=environment, capture_output=True)


def run_git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message", "A change")


class Runner:
    """Runs the shell steps of a job or of an action in a clone, as GitHub's runner does."""

    def __init__(self, repository: Path, commands: Path, folder: Path) -> None:
        self.clone = folder / "clone"
        run_git(folder, "clone", "--quiet", str(repository), str(self.clone))
        self.summary, self.outputs_file = folder / "summary.md", folder / "outputs"
        self.outputs: dict[str, dict[str, str]] = {}
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "PATH": f"{commands}:{os.environ['PATH']}",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.outputs_file),
            "RUNNER_TEMP": str(folder),
            "PAWS_PACKAGE": str(CHECKOUT),
        }

    def run(self, steps: Steps, inputs: Mapping[str, str]) -> list[tuple[str, int, str]]:
        return list(self._run(steps, inputs))

    def _run(self, steps: Steps, inputs: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
        failed = False
        for step in (step for step in steps if "run" in step):
            condition = str(step.get("if", ""))
            if failed and condition != "always()":
                continue
            if "inputs.verify" in condition and inputs["verify"] != "true":
                continue
            variables = {name: self._fill(str(value), inputs) for name, value in step.get("env", {}).items()}
            environment = {**self.environment, **variables, "PAWS_PACKAGE": str(CHECKOUT)}
            self.outputs_file.write_text("")
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.clone,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            lines = (line.partition("=") for line in self.outputs_file.read_text().splitlines())
            self.outputs[step.get("id", "")] = {name: value for name, _, value in lines}
            failed = failed or done.returncode != 0
            yield step["name"], done.returncode, done.stdout + done.stderr

    def _fill(self, value: str, inputs: Mapping[str, str]) -> str:
        def find(match: re.Match[str]) -> str:
            for one in match[1].split("||"):
                kind, _, name = one.strip().partition(".")
                if kind == "steps":
                    step, _, output = name.partition(".outputs.")
                    return self.outputs[step][output]
                found = str(CHECKOUT) if one.strip() == "github.action_path" else inputs.get(name, "")
                if found:
                    return found
            return ""

        return re.sub(r"\$\{\{ (.+?) \}\}", find, value)


@pytest.mark.slow
def test_action_and_workflow(repository: Path, installed: Path, tmp_path: Path):
    action = load((CHECKOUT / "action.yml").read_text())
    inputs = {name: each["default"] for name, each in action["inputs"].items()}
    inputs |= {"path": "shop", "sarif": "paws.sarif"}
    steps = action["runs"]["steps"]
    (first := tmp_path / "first").mkdir()
    runner = Runner(repository, installed, first)

    assert [("Install", 0), ("Check", 0), ("Verify", 0)] == [each[:2] for each in runner.run(steps, inputs)]
    assert "false" == runner.outputs["check"]["changed"]
    assert 1.0 == float(runner.outputs["verify"]["score"])
    assert "2.1.0" == json.loads((runner.clone / "paws.sarif").read_text())["version"]
    assert 2 == runner.summary.read_text().count("## paws ")

    workflow = load(write_job("github", "shop", "shop-sam")[1])["jobs"]["paws"]["steps"]
    (second := tmp_path / "second").mkdir()
    runner = Runner(repository, installed, second)
    assert {0} == {code for _, code, _ in runner.run(workflow, {})}
    assert 2 == runner.summary.read_text().count("## paws ")

    code = repository / "shop" / "app.py"
    code.write_text(code.read_text().replace("CENTS = 100", "CENTS = 1000"))
    config = repository / "shop" / ".chalice" / "config.json"
    config.write_text(config.read_text().replace('"version"', '"lambda_timeout": 7, "version"', 1))
    commit(repository)
    (third := tmp_path / "third").mkdir()
    runner = Runner(repository, installed, third)
    found = runner.run(steps, inputs)
    assert [("Install", 0), ("Check", 1)] == [each[:2] for each in found]
    assert "true" == runner.outputs["check"]["changed"]
    (fourth := tmp_path / "fourth").mkdir()
    stopped = {name: code for name, code, _ in Runner(repository, installed, fourth).run(workflow, {})}
    assert 1 == stopped["In step?"]
    assert 0 == stopped["Report"]

    (strict := tmp_path / "strict").mkdir()
    config.write_text(config.read_text().replace('"version"', '"speed": 7, "version"', 1))
    run_paws(repository, "sync", "shop-sam")
    commit(repository)
    runner = Runner(repository, installed, strict)
    found = runner.run(steps, {**inputs, "fail-on": "warning"})
    # In step, and yet a key is one that nobody reads.
    assert [("Install", 0), ("Check", 1)] == [each[:2] for each in found]
    assert "false" == runner.outputs["check"]["changed"]


@pytest.mark.slow
def test_gitlab_and_audit(repository: Path, installed: Path, tmp_path: Path):
    job = load(write_job("gitlab", "shop", "shop-sam")[1])["paws"]
    runner = Runner(repository, installed, tmp_path)
    steps = [{"name": line, "run": line} for line in (*job["script"], *job["after_script"])]

    assert {0} == {code for _, code, _ in runner.run(steps, {})}
    assert "<testsuites" in (runner.clone / "paws-verify.xml").read_text()
    jobs = load(write_audit_job(2)[1])["jobs"]
    for shard in ("1", "2"):
        assert {0} == {code for _, code, _ in runner.run(jobs["audit"]["steps"], {"shard": shard})}
    assert {0} == {code for _, code, _ in runner.run(jobs["merge"]["steps"], {})}
    assert "shop-sam" in runner.summary.read_text()


@pytest.mark.slow
def test_pre_commit_hooks(repository: Path, tmp_path: Path):
    run_git(tmp_path, "clone", "--quiet", str(CHECKOUT), "paws")
    shutil.copy(CHECKOUT / ".pre-commit-hooks.yaml", tmp_path / "paws")
    hooks = [{"id": "paws-check"}, {"id": "paws-sync", "args": ["shop-sam"]}]
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=tmp_path / "paws", capture_output=True, text=True, check=True
    ).stdout.strip()
    config = {"repos": [{"repo": str(tmp_path / "paws"), "rev": revision, "hooks": hooks}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")}

    def run(hook: str) -> int:
        command = [sys.executable, "-m", "pre_commit", "run", hook, "--all-files"]
        return subprocess.run(command, cwd=repository, env=environment, check=False).returncode

    commit(repository)
    assert 0 == run("paws-check")
    code = repository / "shop" / "app.py"
    code.write_text(code.read_text().replace("CENTS = 100", "CENTS = 1000"))
    commit(repository)
    assert 1 == run("paws-check")
    # pre-commit fails where a hook changes files.
    assert 1 == run("paws-sync")
    assert 0 == run("paws-check")
    (repository / "shop-sam" / ".paws.lock").unlink()
    assert 1 == run("paws-check")
