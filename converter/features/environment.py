"""
Environment variables.

Chalice: https://aws.github.io/chalice/topics/configfile.html#environment-variables
SAM: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-environment.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter import codes
from converter.feature import Feature, Support

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Json
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    def read(stage: str, function: str) -> Json:
        variables = project.config.merged("environment_variables", stage, function)
        for name, value in variables.items():
            if not isinstance(value, str):
                place = project.config.place_of_entry("environment_variables", name, stage, function)
                project.report(
                    codes.INVALID_CONFIG_VALUE.at(place, name, "Chalice takes strings only", "quote it")
                )
        texts = {name: _as_text(value) for name, value in variables.items()}
        return {name: text for name, text in texts.items() if text is not None} or None

    application = project.map_stages(application, "environment", {"environment_variables"}, read)
    return project.join_merged_entries(application, "environment", "Environment", "Variables")


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        writer.set_entries(
            function.name,
            "environment_variables",
            ("Environment", "Variables"),
            function.setting("environment"),
        )


def read_sam(project: SamProject, application: Application) -> Application:
    return application.map_functions(
        lambda function: function.with_setting(
            "environment", project.take_entries(function, "Environment", "Variables")
        )
    )


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        writer.set_entries(function.name, "Environment", function.setting("environment"))


def _as_text(value: Json) -> str | None:
    """A value as CloudFormation makes a string of it, None for what it refuses."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else None


feature = Feature(
    name="environment",
    support=(Support("`environment_variables`", "`Environment`"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
