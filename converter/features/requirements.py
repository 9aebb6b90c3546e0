"""
The packages that the code needs, and the layer that holds them where Chalice makes one.

Chalice: https://aws.github.io/chalice/topics/packaging.html, `automatic_layer`
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.project import REQUIREMENTS_PATH, ChaliceProject
from converter.feature import Feature, Support
from converter.files import decode_text
from converter.model import Application, Position
from converter.sam.layout import LAMBDAS, LAYERS

if TYPE_CHECKING:
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

DEPENDENCIES = "dependencies"

# https://pip.pypa.io/en/stable/reference/requirements-file-format/
_INCLUDE = re.compile(r"\s*(?:-r\s*|--requirement[\s=]\s*)([^\s#]+)")
_LOCAL = re.compile(
    r"\s*(?:-e|--editable|-c|--constraint|-f\s*\.|--find-links[\s=]\s*\.|\.|/|[^#]*@\s*file:)"
)
# What serves the routes that were Chalice's, and where it is imported from.
POWERTOOLS = "aws-lambda-powertools"
_IMPORT = b"from aws_lambda_powertools.event_handler"

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    written = list(_expand(project, REQUIREMENTS_PATH)) if REQUIREMENTS_PATH in project.files else []
    lines = [line for line in written if not is_chalice(line)]
    if _is_given_powertools(project, application) and not any(map(_is_powertools, lines)):
        lines.append(POWERTOOLS)
    return replace(
        application,
        requirements=tuple(lines),
        dependencies_layer=dict.fromkeys(project.stages, _has_layer(project)),
    )


def _has_layer(project: ChaliceProject) -> bool:
    """Whether the packages go into a layer: `sam build` puts them in one place for all stages."""
    automatic = [stage for stage in project.stages if _is_automatic(project, stage)]
    others = [stage for stage in project.stages if stage not in automatic]
    if automatic and others:
        place = project.config.place("automatic_layer", automatic[0])
        reason = f"sam build makes the layer once for all stages, so {' and '.join(others)} has it too"
        project.report(codes.STAGES_ALIKE.at(place, "automatic_layer", reason))
    return bool(automatic)


def _is_automatic(project: ChaliceProject, stage: str) -> bool:
    found = project.read(
        "automatic_layer", stage, None, lambda value: isinstance(value, bool), "true or false"
    )
    return bool(found)


def _expand(project: ChaliceProject, path: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines of a requirements file, with those of the files that it includes; `above` include it."""
    for number, line in enumerate(decode_text(path, project.files[path]).splitlines(), 1):
        position = Position(path, number, 1)
        if match := _INCLUDE.match(line):
            included = normpath(join(dirname(path), match.group(1)))
            if included in (path, *above):
                project.report(codes.UNREADABLE_FILE.at(position, line.strip(), "the file includes itself"))
            elif included in project.files:
                yield from _expand(project, included, (path, *above))
            else:
                project.report(codes.UNREADABLE_FILE.at(position, line.strip(), f"{included} is missing"))
        else:
            if _LOCAL.match(line):
                reason = "the path holds for the project's root only"
                project.report(codes.LOCAL_REQUIREMENT.at(position, line.strip(), reason))
            yield line.rstrip()


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    lines = application.requirements
    if writer.api is not None and not _uses_powertools(writer.files):
        # It was there for the resolver alone.
        lines = tuple(line for line in lines if line != POWERTOOLS)
    writer.files[REQUIREMENTS_PATH] = _text(lines)
    writer.set_app(
        "automatic_layer", {stage: value or None for stage, value in application.dependencies_layer.items()}
    )


def read_sam(project: SamProject, application: Application) -> Application:
    return project.code.read_requirements(application)


def write_sam(application: Application, writer: SamWriter) -> None:
    lines = application.requirements
    has_layer = any(application.dependencies_layer.values())
    if has_layer:
        folder = f"{LAYERS}/{DEPENDENCIES}"
        writer.files[f"{folder}/requirements.txt"] = _text(lines)
        layer = writer.add_layer(
            "DependenciesLayer", DEPENDENCIES, folder, "The packages that the functions need"
        )
        for name in application.functions:
            writer.local_layers.setdefault(name, []).insert(0, {"Ref": layer})
    for function in application.functions.values():
        own = [] if has_layer else lines
        folder = LAMBDAS if writer.layout == "shared" else f"{LAMBDAS}/{function.name}"
        path = f"{folder}/requirements.txt"
        if path not in writer.files or own:
            writer.files[path] = _text(own)


def _is_given_powertools(project: ChaliceProject, application: Application) -> bool:
    """Whether routes become Powertools' in a project that did not have them before, from a layer or so."""
    own = (path for path in project.files if path == "app.py" or path.startswith("chalicelib/"))
    had = any(path.endswith(".py") and _IMPORT in project.files[path] for path in own)
    return not had and any(map(_uses_powertools, application.folders.values()))


def _uses_powertools(folder: Mapping[str, bytes]) -> bool:
    return any(_IMPORT in code for path, code in folder.items() if path.endswith(".py"))


def _is_powertools(line: str) -> bool:
    match = _NAME.match(line)
    return match is not None and match.group(1).lower().replace("_", "-") == POWERTOOLS


def is_chalice(line: str) -> bool:
    """Whether a requirement is Chalice itself, however it is pinned."""
    match = _NAME.match(line)
    return match is not None and match.group(1).lower() == "chalice"


def _text(lines: Iterable[str]) -> bytes:
    text = "\n".join(lines).strip("\n")
    return f"{text}\n".encode() if text else b""


feature = Feature(
    name="requirements",
    support=(
        Support(
            "`requirements.txt`", "`requirements.txt` of each function", note="Chalice itself is left out"
        ),
        Support("`automatic_layer`", "a layer of its own, `layers/dependencies/`"),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
