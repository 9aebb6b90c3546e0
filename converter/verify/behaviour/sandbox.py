"""Runs the host program on a deployment, in a folder and with an environment that nothing else has."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converter.model import Json
from converter.verify.values import REGION

if TYPE_CHECKING:
    from converter.verify.behaviour.deployment import Deployment

_HOST = Path(__file__).parent / "host.py"


@dataclass(frozen=True)
class Limits:
    """Of each call: seconds, and bytes of memory and of a file. Of a handler's calls together: seconds."""

    seconds: float = 5
    total_seconds: float = 120
    memory: int = 2 * 1024**3
    file_size: int = 10 * 1024**2


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Answer:
    """What came of one event: a `value`, an `error`, or why it could not run (`failed`)."""

    value: Json = None
    error: str = ""
    message: str = ""
    failed: str = ""
    calls: tuple[Json, ...] = ()
    lines: frozenset[tuple[str, int]] = field(default=frozenset(), compare=False)


def call(deployment: Deployment, events: Sequence[Json], limits: Limits) -> list[Answer]:
    """The answer to each event, whatever the handler does."""
    with tempfile.TemporaryDirectory(prefix="paws-", ignore_cleanup_errors=True) as name:
        root = Path(os.path.realpath(name))
        try:
            _write(deployment.task, root / "task")
            _write(deployment.opt, root / "opt")
        except ValueError as error:
            return [Answer(failed=str(error))] * len(events)
        (root / "tmp").mkdir()
        texts = _run(deployment, events, limits, root)
    answers = [_read_answer(text) for text in texts]
    missing = len(events) - len(answers)
    return answers + [Answer(failed="the process that calls it ended, or took too long")] * missing


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files, each below the folder. Raises ValueError for a path that leaves it."""
    folder.mkdir()
    for path in files:
        target = folder / path
        if Path(path).is_absolute() or not Path(os.path.normpath(target)).is_relative_to(folder):
            raise ValueError(f"{path} lies outside of what is deployed")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[path])


def _run(deployment: Deployment, events: Sequence[Json], limits: Limits, root: Path) -> list[str]:
    request = {
        "handler": deployment.handler,
        "events": list(events),
        "hidden": list(deployment.hidden),
        "root": str(root),
        "opt": str(root / "opt"),
        "paths": [str(root / "task"), str(root / "opt" / "python")],
        "seconds": limits.seconds,
        "memory": limits.memory,
        "file_size": limits.file_size,
    }
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", str(_HOST)],
        cwd=root / "task",
        env=_make_environment(deployment, root),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(json.dumps(request).encode(), timeout=limits.total_seconds)
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
    finally:
        _kill_group(process)
    return output.decode("utf-8", "replace").splitlines()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _make_environment(deployment: Deployment, root: Path) -> dict[str, str]:
    """Lambda's own variables, the function's, and nothing of this machine's."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "verify",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "HOME": str(root / "tmp"),
        "LANG": "en_US.UTF-8",
        "LAMBDA_TASK_ROOT": str(root / "task"),
        "PATH": os.defpath,
        "TMPDIR": str(root / "tmp"),
        "TZ": "UTC",
        **deployment.environment,
    }


def _read_answer(text: str) -> Answer:
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError:
        return Answer(failed="the process that calls it said something else")
    return Answer(
        found.get("value"),
        found.get("error", ""),
        found.get("message", ""),
        found.get("failed", ""),
        tuple(found.get("calls", ())),
        frozenset((path, line) for path, line in found.get("lines", ())),
    )
