"""The README of a project that was written from a SAM template: how it is deployed, and what stands where."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from converter.chalice.config import CONFIG_PATH
from converter.chalice.project import RESOURCES_PATH

README = "README.md"

_WHERE = (
    ("app.py", "the handlers, under Chalice's decorators"),
    ("chalicelib/", "the code that they call"),
    ("vendor/", "packages that lay beside the code"),
    (CONFIG_PATH, "settings of the functions, by stage"),
    (".chalice/policy-", "what the functions may do"),
    (RESOURCES_PATH, "what Chalice has no words for: resources, outputs, properties of functions"),
)
_WRITTEN = "A Chalice application that was written from a SAM template."
_MERGED = f"""\
`chalice deploy` does not read `{RESOURCES_PATH}`. So Chalice packages, and the SAM CLI deploys.
"""


def write_readme(name: str, commands: Mapping[str, Sequence[str]], paths: Collection[str]) -> str:
    """The text; `commands` are those that deploy each stage, `paths` the files of the project."""
    return "\n".join(_write_lines(name, commands, paths)) + "\n"


def is_written(readme: bytes) -> bool:
    """Whether a project's README is one of these, which the other form has no use for."""
    return _WRITTEN.encode() in readme


def _write_lines(name: str, commands: Mapping[str, Sequence[str]], paths: Collection[str]) -> Iterator[str]:
    yield f"# {name}\n"
    yield f"{_WRITTEN}\n"
    yield "## Deploying\n"
    if RESOURCES_PATH in paths:
        yield _MERGED
    yield "```sh\npip install -r requirements.txt chalice"
    for stage, lines in commands.items():
        if len(commands) > 1:
            yield f"\n# {stage}"
        yield from lines
    yield "```\n"
    yield "## What stands where\n"
    yield "| | |\n|---|---|"
    for start, what in _WHERE:
        if any(path.startswith(start) for path in paths):
            shown = f"{start}*.json" if start.endswith("-") else start
            yield f"| `{shown}` | {what} |"
