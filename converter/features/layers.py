"""
Layers, as a function's list of them: those of the project's own first, then those named by ARN.

Chalice: https://aws.github.io/chalice/topics/configfile.html (`layers`)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Feature, Support
from converter.sam.writer import NO_VALUE

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Json
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    application = project.map_stages(
        application,
        "layers",
        {"layers"},
        lambda stage, function: project.read(
            "layers", stage, function, lambda value: isinstance(value, list), "a list of layer ARNs"
        ),
    )
    return project.join_merged(application, "layers", "Layers", lambda value: value)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        writer.set(function.name, "layers", "Layers", function.setting("layers"))


def read_sam(project: SamProject, application: Application) -> Application:
    return application.map_functions(
        lambda function: function.with_setting("layers", project.code.take_foreign_layers(function))
    )


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        local = writer.local_layers.get(function.name, [])
        by_stage = {stage: _join(local, arns) or None for stage, arns in function.setting("layers").items()}
        writer.set(function.name, "Layers", by_stage)


def _join(local: list[Json], others: Json) -> Json:
    """The project's own layers and then the others, which may be open until deployment."""
    if others is None or others == NO_VALUE:
        return local
    if isinstance(others, list) or not local:
        return [*local, *others] if isinstance(others, list) else others
    if "Fn::If" in others:
        condition, *branches = others["Fn::If"]
        return {"Fn::If": [condition, *(_join(local, branch) for branch in branches)]}
    # A list that only the deployment knows can be made longer as a text.
    joined = {"Fn::Join": [",", [*local, {"Fn::Join": [",", others]}]]}
    return {"Fn::Split": [",", joined]}


feature = Feature(
    name="layers",
    support=(Support("`layers`", "`Layers`", note="layers of the project's own are code, see there"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
