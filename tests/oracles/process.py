"""Real tools in processes of their own, far from the account and the settings of whoever runs the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

REGION = "us-east-1"

# What would change an answer; the rest (PATH, proxies, the settings of pip) is how this machine works.
_FOREIGN = ("AWS_", "CHALICE_", "SAM_", "__SAM_", "PYTHON", "VIRTUAL_ENV")


class OracleError(Exception):
    """A tool failed, or cannot say what was asked; the text holds what it printed."""


def clean_environment(**added: str) -> dict[str, str]:
    """The environment for a tool: no real account, one region, and what is `added`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **kept,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **added,
    }


def run_tool(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
) -> str:
    """What the command prints on stdout when run in the folder.

    Raises OracleError, with all that it printed, when it exits with anything but 0.
    """
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=dict(environment or clean_environment()),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        shown = " ".join(map(str, command))
        raise OracleError(f"{shown}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout
