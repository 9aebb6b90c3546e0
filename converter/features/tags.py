"""
Tags of functions.

Chalice adds a tag `aws-chalice` of its own, which means nothing to SAM and is not carried.

Chalice: https://aws.github.io/chalice/topics/configfile.html (`tags`)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Feature, Support

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    application = project.map_stages(
        application,
        "tags",
        {"tags"},
        lambda stage, function: project.config.merged("tags", stage, function) or None,
    )
    return project.join_merged_entries(application, "tags", "Tags")


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        writer.set_entries(function.name, "tags", ("Tags",), function.setting("tags"))


def read_sam(project: SamProject, application: Application) -> Application:
    return application.map_functions(
        lambda function: function.with_setting("tags", project.take_entries(function, "Tags"))
    )


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        writer.set_entries(function.name, "Tags", function.setting("tags"))


feature = Feature(
    name="tags",
    support=(Support("`tags`", "`Tags`", note="without Chalice's own tag `aws-chalice`"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
