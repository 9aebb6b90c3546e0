"""What the user may choose once for a project, in the table [tool.paws] of pyproject.toml.

pyproject.toml: https://packaging.python.org/en/latest/specifications/pyproject-toml/#arbitrary-tool-configuration-the-tool-table
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, fields, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from converter import __version__
from converter.codes import INVALID_SETTING, INVALID_TOML, OTHER_VERSION, UNKNOWN_SETTING
from converter.diagnostics import Diagnostic, UnreadableError
from converter.model import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

Layout = Literal["per-function", "shared"]
LayerStyle = Literal["native", "dummy-lambda"]
HttpOfSam = Literal["powertools", "chalice"]
HttpOfChalice = Literal["mount", "idiomatic", "separate"]
Http = Literal[HttpOfSam, HttpOfChalice]
Level = Literal["info", "warning", "error"]
Format = Literal["text", "json", "github", "sarif", "junit", "markdown", "html"]
Framework = Literal["chalice", "sam"]
System = Literal["github", "gitlab"]
AuditFormat = Literal["table", "csv", "json", "markdown", "html"]

_CHOICES = {
    "layout": get_args(Layout),
    "layer-style": get_args(LayerStyle),
    "http": get_args(Http),
    "fail-on": get_args(Level),
    "format": get_args(Format),
}
_SWITCHES = ("least-privilege",)


@dataclass(frozen=True)
class Settings:
    """The settings, None where nothing is said. In the file a dash stands for an underscore."""

    output: str | None = None
    stage: str | None = None
    layout: Layout | None = None
    layer_style: LayerStyle | None = None
    http: Http | None = None
    runtime: str | None = None
    fail_on: Level | None = None
    format: Format | None = None
    least_privilege: bool | None = None
    required_version: str | None = None

    def or_else(self, other: Settings) -> Settings:
        """These settings, and the other's where these say nothing."""
        said = {
            field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None
        }
        return replace(other, **said)

    def for_conversion(self) -> dict[str, str | bool]:
        """What is said of the conversion itself, by name."""
        names = ("stage", "layout", "layer_style", "http", "runtime", "least_privilege")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


KEYS = tuple(field.name.replace("_", "-") for field in fields(Settings))


def find_settings(project: Path) -> Settings:
    """The settings in the nearest pyproject.toml that has any, upwards as far as the git repository goes.

    Raises UnreadableError when they cannot be read, or say something that paws does not know.
    """
    for folder in _climb(project.resolve()):
        place = folder / "pyproject.toml"
        if place.is_file():
            path = Path(os.path.relpath(place, project.resolve())).as_posix()
            settings = read_settings(place.read_bytes(), path)
            if settings is not None:
                # The file's own folder is what its author had in mind.
                return replace(settings, output=settings.output and str(folder / settings.output))
    return Settings()


def _climb(folder: Path) -> Iterator[Path]:
    for place in (folder, *folder.parents):
        yield place
        if (place / ".git").exists():
            return


def read_settings(data: bytes, path: str) -> Settings | None:
    """The settings in a pyproject.toml, None if it has no [tool.paws]."""
    # Most have none, and need neither a TOML parser nor to be valid TOML for that to be seen.
    if b"paws" not in data:
        return None
    from converter.files import decode_text

    text = decode_text(path, data)
    table = _parse(text, path).get("tool", {}).get("paws")
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UnreadableError(
            INVALID_SETTING.at(_find(text, path, "paws"), "tool.paws", "it has to be a table")
        )
    faults = [fault for key, value in table.items() if (fault := _check(key, value, _find(text, path, key)))]
    if faults:
        raise UnreadableError(*faults)
    return Settings(**{key.replace("-", "_"): value for key, value in table.items()})


def _parse(text: str, path: str) -> dict[str, Any]:
    # The standard library has a TOML parser from Python 3.11 on.
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        return dict(toml.loads(text))
    except ValueError as error:
        reason, _, place = str(error).partition(" (at ")
        numbers = re.match(r"line (\d+), column (\d+)", place)
        at = Position(path, int(numbers[1]), int(numbers[2])) if numbers else _place(text, path, len(text))
        raise UnreadableError(INVALID_TOML.at(at, path, reason)) from error


def _check(key: str, value: object, at: Position) -> Diagnostic | None:
    if key not in KEYS:
        return UNKNOWN_SETTING.at(at, key, "there is no such setting", _suggest(key, KEYS))
    if key in _CHOICES and value not in _CHOICES[key]:
        reason = f"{value!r} is not one of {', '.join(_CHOICES[key])}"
        return INVALID_SETTING.at(at, key, reason, _suggest(str(value), _CHOICES[key]))
    if key in _SWITCHES:
        if isinstance(value, bool):
            return None
        reason, action = f"{value!r} is not true or false", "write true or false, with no quotes"
        return INVALID_SETTING.at(at, key, reason, action)
    if not isinstance(value, str):
        return INVALID_SETTING.at(at, key, f"{value!r} is not a string", "put it in quotes")
    if key == "required-version":
        return _check_version(value, at)
    if key == "runtime" and (fault := find_runtime_fault(value)):
        return INVALID_SETTING.at(at, key, fault)
    return None


def _check_version(wanted: str, at: Position) -> Diagnostic | None:
    """https://packaging.python.org/en/latest/specifications/version-specifiers/"""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        # A version that is being developed is what its own project asks for.
        if SpecifierSet(wanted).contains(__version__, prereleases=True):
            return None
    except InvalidSpecifier:
        return INVALID_SETTING.at(
            at, "required-version", f"{wanted!r} is no version specifier, such as '~=0.1'"
        )
    return OTHER_VERSION.at(at, "required-version", f"the project wants {wanted}, and this is {__version__}")


def find_runtime_fault(runtime: str) -> str | None:
    """What is wrong with the name of a Lambda runtime, if anything is."""
    if re.fullmatch(r"python3\.\d+", runtime):
        return None
    return f"{runtime!r} is not a Python runtime of Lambda, such as python3.13"


def _suggest(written: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(written.lower().replace("_", "-"), known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"the choices are {', '.join(known)}"


def _find(text: str, path: str, key: str) -> Position:
    """Where a key of [tool.paws] stands, which TOML parsers do not say. At the worst, the file's start."""
    table = re.search(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*paws[ \t]*\]", text, re.MULTILINE)
    name = re.compile(rf"(?:^|[{{,.])[ \t]*([\"']?{re.escape(key)}[\"']?)[ \t]*[=.\]]", re.MULTILINE)
    found = name.search(text, table.end() if table else 0)
    return _place(text, path, found.start(1) if found else 0)


def _place(text: str, path: str, offset: int) -> Position:
    return Position(path, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
