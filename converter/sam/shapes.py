"""
What has to be a mapping, a list or a text in any template, so that the rest need not ask.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from converter.codes import NOT_A_TEMPLATE
from converter.diagnostics import UnreadableError
from converter.model import Json
from converter.sam.intrinsics import Path
from converter.sam.template import TemplateDocument

Problem = tuple[Path, str]


def refuse_wrong_shapes(document: TemplateDocument) -> TemplateDocument:
    """The document; UnreadableError with each place where CloudFormation wants another type of value."""
    problems = tuple(_find_problems(document))
    if problems:
        raise UnreadableError(
            *(NOT_A_TEMPLATE.at(document.position(*at), str(at[-1]), reason) for at, reason in problems)
        )
    return document


def _find_problems(document: TemplateDocument) -> Iterator[Problem]:
    yield from _find_other_than_mapping(document.section("Globals"), ("Globals", "Function"))
    for name, resource in document.section("Resources").items():
        # Fn::ForEach, a list, stands where resources do.
        if not name.startswith("Fn::"):
            yield from _find_problems_of_resource(resource, ("Resources", name))
    yield from _find_broken_choices(document.value, ())


def _find_problems_of_resource(resource: Json, path: tuple[str, str]) -> Iterator[Problem]:
    if not isinstance(resource, dict):
        yield path, "the resource is not a mapping"
        return
    if not isinstance(resource.get("Type", ""), str):
        yield (*path, "Type"), "it is not a text"
    for key in ("Properties", "Metadata"):
        yield from _find_other_than_mapping(resource, (*path, key))


def _find_other_than_mapping(parent: Json, path: Path) -> Iterator[Problem]:
    if not isinstance(parent.get(path[-1]) or {}, dict):
        yield path, "it is not a mapping"


def _find_broken_choices(value: Json, path: Path) -> Iterator[Problem]:
    """Each Fn::If that is not a condition and two values."""
    if isinstance(value, dict):
        choice = value.get("Fn::If")
        if "Fn::If" in value and not (isinstance(choice, list) and len(choice) == 3):
            yield (*path, "Fn::If"), "it takes a condition and two values"
        for key, item in value.items():
            yield from _find_broken_choices(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_broken_choices(item, (*path, index))
