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


def sam_help(*command: str) -> str:
    """What `sam <command> --help` prints. Raises OracleError when there is no such command."""
    return _run_sam(Path.cwd(), *command, "--help")


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
