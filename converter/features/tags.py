"""
Tags of functions.

Chalice adds a tag `aws-chalice` of its own, which means nothing to SAM and is not carried.

SAM makes a list of the mapping, each tag an item with its value, and so takes no condition on a
tag. Without its value the item would be refused, for SAM puts the tags on the function's role too
(samtranslator.model.tags.resource_tagging); so a tag that only some stages have is empty in the others.

Chalice: https://aws.github.io/chalice/topics/configfile.html (`tags`)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter import codes
from converter.feature import Feature, Support

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Function, Json
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    application = project.map_stages(
        application,
        "tags",
        {"tags"},
        lambda stage, function: project.config.merged("tags", stage, function) or None,
    )
    for function in application.functions.values():
        _report_absent(project, function)
    return project.join_merged_entries(application.map_functions(_with_empty_tags), "tags", "Tags")


def _report_absent(project: ChaliceProject, function: Function) -> None:
    by_stage = function.setting("tags")
    for tag in _names(by_stage):
        absent = [stage for stage, tags in by_stage.items() if tag not in (tags or {})]
        if absent:
            stage = next(stage for stage in by_stage if stage not in absent)
            place = project.config.place_of_entry("tags", tag, stage, function.name)
            reason = f"SAM's tags take no condition, so it is an empty tag in {' and '.join(absent)}"
            project.report(codes.STAGES_ALIKE.at(place, tag, reason))


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        writer.set_entries(function.name, "tags", ("Tags",), function.setting("tags"))


def read_sam(project: SamProject, application: Application) -> Application:
    return application.map_functions(
        lambda function: _with_empty_tags(
            function.with_setting("tags", project.take_entries(function, "Tags"))
        )
    )


def _with_empty_tags(function: Function) -> Function:
    """The function with each of its tags in every stage."""
    by_stage = function.setting("tags")
    empty = dict.fromkeys(_names(by_stage), "")
    return function.with_setting(
        "tags", {stage: {**empty, **(tags or {})} or None for stage, tags in by_stage.items()}
    )


def _names(by_stage: Mapping[str, Json]) -> list[str]:
    return list(dict.fromkeys(tag for tags in by_stage.values() for tag in tags or ()))


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        writer.set_entries(function.name, "Tags", function.setting("tags"))


feature = Feature(
    name="tags",
    support=(
        Support(
            "`tags`",
            "`Tags`",
            note="without Chalice's own tag `aws-chalice`; a tag that some stages lack is empty there",
        ),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
