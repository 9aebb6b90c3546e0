"""What a repository's CI needs to keep both forms of a project in step: files for it, made of templates."""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePosixPath
from shlex import quote

from converter.settings import System

_PLACES = {
    "github": ".github/workflows/paws.yml",
    "github-audit": ".github/workflows/paws-audit.yml",
    "gitlab": ".gitlab/paws.yml",
}


def write_job(system: System, project: str, output: str) -> tuple[str, str]:
    """The path, and the text, of a job that checks whether the two folders are in step and mean the same.

    Both are paths from the root of the repository.
    """
    return _PLACES[system], _fill(system, project=quote(_tidy(project)), output=quote(_tidy(output)))


def write_audit_job(machines: int) -> tuple[str, str]:
    """The path, and the text, of a job that audits the repository's projects on so many machines at once."""
    shards = ", ".join(map(str, range(1, machines + 1)))
    return _PLACES["github-audit"], _fill("github-audit", shards=shards, count=str(machines))


def _fill(name: str, **values: str) -> str:
    text = files("converter.ci").joinpath(f"{name}.yml").read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _tidy(path: str) -> str:
    return PurePosixPath(path).as_posix()
