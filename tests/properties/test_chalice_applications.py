"""What holds for every Chalice application: nothing lost, nothing changed, and there and back."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given

from converter.convert import Layout, Options, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Severity
from tests.properties.chalice_applications import Project, projects
from tests.properties.deployed import call_in_chalice, call_in_sam

EVENT = {"n": 2}


@given(projects())
def test_nothing_needs_a_person(project: Project) -> None:
    conversion = chalice_to_sam(project.files)

    assert [] == [each for each in conversion.diagnostics if each.severity == Severity.ERROR]
    assert project.handlers.keys() == conversion.application.functions.keys()


@given(projects())
def test_converting_twice_gives_the_same_bytes(project: Project) -> None:
    assert chalice_to_sam(project.files) == chalice_to_sam(project.files)


@given(projects())
def test_there_and_back_is_the_same_application(project: Project) -> None:
    there = chalice_to_sam(project.files)
    back = sam_to_chalice(there.files)

    assert there.application == back.application
    assert there.application == chalice_to_sam(back.files).application


@given(projects())
def test_converting_to_and_fro_comes_to_rest(project: Project) -> None:
    once = _convert_to_and_fro(project.files)

    assert once == _convert_to_and_fro(once)


@given(projects())
def test_every_handler_does_the_same(project: Project) -> None:
    _check_behaviour(project, chalice_to_sam(project.files).files)


@given(projects())
def test_every_handler_does_the_same_in_a_shared_folder(project: Project) -> None:
    _check_behaviour(project, chalice_to_sam(project.files, Options(layout=Layout.SHARED)).files)


@given(projects())
def test_every_handler_does_the_same_there_and_back(project: Project) -> None:
    _check_behaviour(project, chalice_to_sam(_convert_to_and_fro(project.files)).files)


@given(projects())
def test_every_comment_travels_with_its_statement(project: Project) -> None:
    conversion = chalice_to_sam(project.files)
    written = b"".join(conversion.files.values()).decode()
    reported = {each.position.line for each in conversion.diagnostics if each.position}
    lines = project.files["app.py"].decode().splitlines()
    lost = {
        line
        for number, line in enumerate(lines, start=1)
        if line.startswith("# Why") and f"{line}\n" not in written and number + 1 not in reported
    }

    assert set() == lost


def _convert_to_and_fro(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return sam_to_chalice(chalice_to_sam(files).files).files


def _check_behaviour(project: Project, sam: Mapping[str, bytes]) -> None:
    for name, handler in project.handlers.items():
        before, after = call_in_chalice(project.files, handler, EVENT), call_in_sam(sam, name, EVENT)

        assert before == after, name
