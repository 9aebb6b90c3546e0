"""
What stands around the code: tests, and the scripts that build and deploy it.

Tests are taken along; scripts that call Chalice's command line are named, with what to call instead.

Chalice: https://aws.github.io/chalice/topics/testing.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/using-sam-cli.html
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from converter import codes
from converter.diagnostics import UnreadableError
from converter.feature import Feature, Support
from converter.files import decode_text
from converter.files.scripts import may_call
from converter.model import Application, Position
from converter.python.module import parse_module
from converter.sam.layout import LAMBDAS, LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.diagnostics import Diagnostic
    from converter.python.module import Module
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

_TEST_FOLDERS = ("test", "tests")
_LIBRARY = "chalicelib"


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    tests = {path: project.files[path] for path in project.files if is_test(path)}
    _report_calls(project, application)
    return replace(application, files={**application.files, **tests})


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests, by the names that pytest and unittest look for."""
    folder, _, rest = path.partition("/")
    if rest:
        return folder in _TEST_FOLDERS
    return path == "conftest.py" or (path.startswith("test_") and path.endswith(".py"))


def _report_calls(project: ChaliceProject, application: Application) -> None:
    scripts = [path for path in project.files if may_call(path) and not is_test(path)]
    if not scripts:
        return
    from converter.commands import find_calls
    from converter.sam.writer import function_id

    ids = {name: function_id(name) for name in application.functions}
    # samconfig.toml calls the first stage default, unless one has that name.
    default = "default" if "default" in project.stages else project.stages[0]
    for path in scripts:
        try:
            calls = tuple(find_calls(decode_text(path, project.files.peek(path))))
        except UnreadableError:
            continue
        for call in calls:
            place = Position(path, call.line, call.column)
            found = call.translate(default, ids)
            action = f"use: {found.text}" if found.text else found.remarks[0]
            if "$" in call.options.get("--stage", "") and default != "default":
                action += f", where samconfig.toml calls {default} default"
            project.report(
                codes.CALLS_CHALICE.at(place, call.written, "the new project has no Chalice", action)
            )


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """Chalice's own tests are written by people."""


def read_sam(project: SamProject, application: Application) -> Application:
    return application


def write_sam(application: Application, writer: SamWriter) -> None:
    for path in application.files:
        if is_test(path) and path.endswith(".py"):
            found = sorted(_find_old_imports(path, application, writer), key=_can_stay)
            # One for each file: who opens it sees the others.
            writer.report(*found[:1])


def _can_stay(finding: Diagnostic) -> bool:
    return finding.action != codes.TEST_OF_OLD_FORM.action


def _find_old_imports(path: str, application: Application, writer: SamWriter) -> Iterator[Diagnostic]:
    try:
        module = parse_module(path, decode_text(path, application.files[path]))
    except UnreadableError:
        # It is taken along as it is, whatever it is.
        return
    for node, names in _imports(module):
        subject = (module.segment(node) or ", ".join(names)).partition("\n")[0]
        reason, action = _judge(names, writer)
        if reason:
            yield codes.TEST_OF_OLD_FORM.at(module.position(node), subject, reason, action)


def _imports(module: Module) -> Iterator[tuple[ast.stmt, list[str]]]:
    """Each import of a module of the project's, or of Chalice's, with the names of the modules."""
    for node in module.all_statements:
        if isinstance(node, ast.Import):
            yield node, [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node, [node.module]


def _judge(names: list[str], writer: SamWriter) -> tuple[str, str | None]:
    """Why the import fails in the new project, and what to do; no reason where it does not."""
    tops = {name.partition(".")[0] for name in names}
    if any(name.startswith("chalice.test") for name in names):
        return "its Client calls the handlers of an app object, and there is none", None
    for top in ("app", "chalice", _LIBRARY):
        if top not in tops:
            continue
        folders = _find_folders(top, writer)
        if folders:
            return f"{top} lies in {' and '.join(folders)}", f"run the tests with PYTHONPATH={folders[0]}"
        return _ABSENT[top]
    return "", None


def _find_folders(top: str, writer: SamWriter) -> list[str]:
    """The folders of the new project from which a module or package can be imported."""
    code = [path for path in writer.files if path.startswith((f"{LAMBDAS}/", f"{LAYERS}/"))]
    modules = {path.removesuffix(f"/{top}.py") for path in code if path.endswith(f"/{top}.py")}
    packages = {path.partition(f"/{top}/")[0] for path in code if f"/{top}/" in path}
    return sorted(modules | packages)


_ABSENT: Mapping[str, tuple[str, str | None]] = {
    "app": ("there is no app.py; each handler has a module of its own below lambdas/", None),
    "chalice": ("the new project does not have Chalice", "rewrite it, or install chalice for tests"),
    _LIBRARY: ("no function needs the package, so it is not in the new project", None),
}


feature = Feature(
    name="surroundings",
    support=(
        Support("tests", "tests", "carried; those that use the app object are named", "not yet"),
        Support(
            "`chalice ...` in scripts and pipelines",
            "`sam ...`",
            "named, with what to call instead",
            "not yet",
        ),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
