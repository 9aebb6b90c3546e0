"""Real tools in processes of their own, far from the account and the settings of whoever runs the tests."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from converter.verify.tools.environment import clean_environment


class OracleError(Exception):
    """A tool failed, or cannot say what was asked; the text holds what it printed."""


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
