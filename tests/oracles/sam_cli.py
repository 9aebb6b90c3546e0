"""The real `sam` command, in a virtual environment of its own because it pins what it depends on."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import sys
import time
import venv
from functools import cache
from pathlib import Path

from converter.verify.tools.environment import clean_environment
from converter.verify.values import REGION
from tests.oracles.process import run_tool

SAM_CLI = "aws-sam-cli==1.170.0"

_CACHE = Path(__file__).parents[2] / ".cache"
_RUNNING = f"python{sys.version_info.major}.{sys.version_info.minor}"


def sam_build(project: Path, copied: Path) -> Path:
    """Copies the project to a new folder and builds it there; returns the folder of what was built.

    The copy is built for the version of Python that is running: `sam build` wants the one that the
    template names, and few machines have all. Raises OracleError when the build fails.
    """
    shutil.copytree(project, copied, ignore=shutil.ignore_patterns(".aws-sam"))
    for template in copied.glob("template.*"):
        text = template.read_text(encoding="utf-8")
        template.write_text(re.sub(r"\bpython3\.\d+\b", _RUNNING, text), encoding="utf-8")
    _run_sam(copied, "build")
    return copied / ".aws-sam" / "build"


def sam_validate(project: Path) -> None:
    """Raises OracleError, with sam's own words, when `sam validate --lint` is not content."""
    _run_sam(project, "validate", "--lint", "--region", REGION)


# Prints each command's options, long and short together, with whether they are flags.
_LIST_OPTIONS = """\
import json, sys
from importlib import import_module
from click import Context
from samcli.cli.command import _SAM_CLI_COMMAND_PACKAGES

def walk(command, path):
    names = command.list_commands(Context(command)) if hasattr(command, "list_commands") else []
    for name in names:
        yield from walk(command.get_command(Context(command), name), [*path, name])
    if not names:
        yield " ".join(path), [
            [*option.opts, *option.secondary_opts, bool(getattr(option, "is_flag", False))]
            for option in command.params
            if option.param_type_name == "option" and not option.hidden
        ]

found = {}
for package in _SAM_CLI_COMMAND_PACKAGES:
    cli = import_module(package).cli
    found.update(walk(cli, [package.split(".")[2]]))
json.dump(found, sys.stdout)
"""


@cache
def sam_options() -> dict[str, dict[str, bool]]:
    """The options of each command of sam, of any length, with whether they take no value."""
    python = _make_environment() / "bin" / "python"
    printed = run_tool([python, "-c", _LIST_OPTIONS], Path.cwd(), clean_environment(SAM_CLI_TELEMETRY="0"))
    return {
        command: {name: is_flag for *names, is_flag in options for name in names if len(name) > 1}
        for command, options in json.loads(printed).items()
    }


def _run_sam(project: Path, *arguments: str | Path) -> str:
    environment = _make_environment()
    # Without these files sam asks the network for news of itself and sends where it was used.
    settings = environment / "settings"
    settings.mkdir(exist_ok=True)
    news = {"telemetryEnabled": False, "lastVersionCheck": time.time()}
    (settings / "metadata.json").write_text(json.dumps(news), encoding="utf-8")
    variables = clean_environment(__SAM_CLI_APP_DIR=str(settings), SAM_CLI_TELEMETRY="0")
    variables["PATH"] = f"{environment / 'bin'}:{variables['PATH']}"
    return run_tool([environment / "bin" / "sam", *arguments], project, variables)


@cache
def _make_environment() -> Path:
    """The folder of the virtual environment, made once for all test processes and kept between runs."""
    _CACHE.mkdir(exist_ok=True)
    environment = _CACHE / f"{SAM_CLI}-{_RUNNING}"
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = environment / "finished"
        if not finished.exists():
            venv.create(environment, with_pip=True, clear=True, symlinks=True)
            run_tool([environment / "bin" / "pip", "install", "--quiet", SAM_CLI], environment)
            finished.touch()
    return environment
