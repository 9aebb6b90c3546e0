"""
The Python that the functions run on.

Chalice takes the Python that runs it (chalice.config.Config.lambda_python_version), so a
project says it at most beside Chalice: in `.python-version`, `runtime.txt` or a Pipfile.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from converter import codes
from converter.feature import Feature, Support
from converter.files import decode_text
from converter.model import Application, Json, Position

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

DEFAULT_RUNTIME = "python3.13"
VERSION_PATH = ".python-version"
# Of Chalice, Powertools and Lambda: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
OLDEST = "3.10"

_SOURCES = {
    VERSION_PATH: re.compile(r"^\s*(3\.\d+)", re.MULTILINE),
    "runtime.txt": re.compile(r"^python-(3\.\d+)", re.MULTILINE),
    "Pipfile": re.compile(r"^python_(?:full_)?version\s*=\s*[\"'](3\.\d+)", re.MULTILINE),
}


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    if application.runtime is not None:
        return application
    for path, pattern in _SOURCES.items():
        if path in project.files:
            text = decode_text(path, project.files[path])
            match = pattern.search(text)
            if match:
                runtime = f"python{match.group(1)}"
                if _is_old(runtime):
                    place = Position(path, text.count("\n", 0, match.start(1)) + 1, 1)
                    reason = f"new functions run on Python {OLDEST} and newer only"
                    project.report(codes.RUNTIME_NOT_OFFERED.at(place, runtime, reason))
                return replace(application, runtime=runtime)
    reason = f"nothing in the project says which Python it runs on; {DEFAULT_RUNTIME} was taken"
    project.report(codes.RUNTIME_ASSUMED.at(Position("app.py", 1, 1), "Runtime", reason))
    return replace(application, runtime=DEFAULT_RUNTIME)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    if application.runtime is not None:
        writer.files[VERSION_PATH] = f"{application.runtime.removeprefix('python')}\n".encode()


def read_sam(project: SamProject, application: Application) -> Application:
    """The Python that most functions run on; what differs is carried as a property."""
    runtimes = {
        name: project.take_raw(function, "Runtime") for name, function in application.functions.items()
    }
    known = [value for value in runtimes.values() if isinstance(value, str)]
    common = application.runtime or (Counter(known).most_common(1)[0][0] if known else DEFAULT_RUNTIME)
    for name, value in runtimes.items():
        if value is not None and value != common:
            project.functions[name].left["Runtime"] = value
    _report_old_runtime(project, runtimes, common)
    return replace(application, runtime=common)


def _report_old_runtime(project: SamProject, runtimes: dict[str, Json], common: str) -> None:
    if not _is_old(common):
        return
    name = next((name for name, value in runtimes.items() if value == common), None)
    if name is not None:
        place = project.position("Resources", project.functions[name].identifier, "Properties", "Runtime")
        reason = f"Chalice runs on Python {OLDEST} and newer only"
        project.report(codes.OLD_RUNTIME.at(place, common, reason))


def _is_old(runtime: str) -> bool:
    match = re.fullmatch(r"python(\d)\.(\d+)", runtime)
    return match is not None and tuple(map(int, match.groups())) < tuple(map(int, OLDEST.split(".")))


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in writer.functions.values():
        function["Runtime"] = application.runtime


feature = Feature(
    name="runtime",
    support=(
        Support(
            "`.python-version`",
            "`Runtime`",
            note="Chalice itself takes the Python that runs it; `--runtime` overrides",
        ),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
