"""What holds for every SAM application: nothing lost, nothing changed, and there and back."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from hypothesis import given

from converter.convert import chalice_to_sam, sam_to_chalice
from converter.diagnostics import Severity
from tests.properties.deployed import call_in_chalice, call_in_sam
from tests.properties.sam_applications import Project, projects

EVENT = {"n": 2}


@given(projects())
def test_nothing_needs_a_person(project: Project) -> None:
    conversion = sam_to_chalice(project.files)

    assert [] == [each for each in conversion.diagnostics if each.severity == Severity.ERROR]
    assert len(project.functions) == len(conversion.application.functions)


@given(projects())
def test_converting_twice_gives_the_same_bytes(project: Project) -> None:
    assert sam_to_chalice(project.files) == sam_to_chalice(project.files)


@given(projects())
def test_there_and_back_is_the_same_application(project: Project) -> None:
    there = sam_to_chalice(project.files)
    back = chalice_to_sam(there.files)

    assert there.application == back.application
    assert there.application == sam_to_chalice(back.files).application


@given(projects())
def test_converting_to_and_fro_comes_to_rest(project: Project) -> None:
    once = _convert_to_and_fro(project.files)

    assert once == _convert_to_and_fro(once)


@given(projects())
def test_every_handler_does_the_same(project: Project) -> None:
    chalice = sam_to_chalice(project.files)
    handlers = _find_handlers(chalice.files["app.py"])
    for name in chalice.application.functions:
        before = call_in_sam(project.files, name, EVENT)

        assert before == call_in_chalice(chalice.files, handlers[name], EVENT), name


@given(projects())
def test_every_handler_does_the_same_there_and_back(project: Project) -> None:
    back = chalice_to_sam(sam_to_chalice(project.files).files)
    for name in back.application.functions:
        assert call_in_sam(project.files, name, EVENT) == call_in_sam(back.files, name, EVENT), name


def _convert_to_and_fro(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return chalice_to_sam(sam_to_chalice(files).files).files


def _find_handlers(app: bytes) -> dict[str, str]:
    """The Python name of each handler by the function's."""
    handlers = {}
    for node in ast.parse(app).body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            assert isinstance(decorator, ast.Call)
            assert isinstance(node, ast.FunctionDef)
            names = [ast.literal_eval(keyword.value) for keyword in decorator.keywords]
            handlers[names[0] if names else node.name] = node.name
    return handlers
