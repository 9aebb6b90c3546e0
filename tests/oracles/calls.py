"""What a function answers to an event, called as its platform calls it."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from converter.verify.tools.environment import clean_environment
from tests.oracles.process import run_tool

Answer = dict[str, Any]

_HERE = Path(__file__).parent


def call_lambda(
    function: Path,
    layers: Sequence[Path],
    handler: str,
    event: Any,
    environment: Mapping[str, str] | None = None,
) -> Answer:
    """What a built function answers: {"value": ...}, or {"error": type, "message": text}.

    `function` is the folder that becomes /var/task, `layers` those that are laid over each other in /opt,
    in the template's order; `handler` and `environment` are what the template says. Only these folders,
    the standard library and what Lambda's runtime ships can be imported.
    """
    with tempfile.TemporaryDirectory() as opt:
        for layer in layers:
            shutil.copytree(layer, opt, symlinks=True, dirs_exist_ok=True)
        request = {
            "task": str(function.resolve()),
            "opt": opt,
            "packages": [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")],
            "handler": handler,
            "event": event,
        }
        return _ask([sys.executable, "-I", "-S", _HERE / "lambda_host.py"], function, request, environment)


def call_chalice(project: Path, function: str, event: Any, stage: str = "dev") -> Answer:
    """What Chalice's test client answers for the pure Lambda function of that name, in the same form.

    It finds each function by its Lambda name, so two handlers with one Python name both run; on Lambda
    the second would run for both.
    """
    request = {"stage": stage, "function": function, "event": event}
    return _ask([sys.executable, _HERE / "chalice_host.py"], project, request)


def _ask(
    command: Sequence[str | Path],
    folder: Path,
    request: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
) -> Answer:
    variables = clean_environment(PYTHONDONTWRITEBYTECODE="1", **(environment or {}))
    answer: Answer = json.loads(run_tool(command, folder, variables, json.dumps(request)))
    return answer
