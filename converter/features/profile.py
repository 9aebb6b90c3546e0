"""
Whose account is deployed to: a profile of the AWS CLI's configuration.

Chalice reads it for all stages only (chalice/config.py). It has none of the other settings that
samconfig has for `sam deploy`; they are carried with the file where a merge template needs it.

Chalice: https://aws.github.io/chalice/topics/configfile.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from converter import codes
from converter.feature import Feature, Support

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

# What has a counterpart in Chalice, or is how the SAM CLI goes about its work.
_SAID_OTHERWISE = frozenset(
    {
        "capabilities",
        "confirm_changeset",
        "disable_rollback",
        "profile",
        "resolve_s3",
        "s3_bucket",
        "s3_prefix",
        "stack_name",
    }
)


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    profile = project.config.value.get("profile")
    if not isinstance(profile, (str, type(None))):
        place = project.config.source.position("profile")
        project.report(codes.INVALID_CONFIG_VALUE.at(place, "profile", "a name is a JSON string"))
        return application
    return replace(application, profile=profile)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """The config's writer has it from the application, as the application's name."""


def read_sam(project: SamProject, application: Application) -> Application:
    environments = project.config.stages()
    chosen = [environments[stage] for stage in project.stages if stage in environments]
    profiles = [environment.settings.get("profile") for environment in chosen]
    if project.samconfig not in application.files:
        for environment in chosen:
            left = sorted(
                key for key, value in environment.settings.items() if value and key not in _SAID_OTHERWISE
            )
            if left:
                reason = f"{environment.name} has it for sam deploy, and Chalice has no such setting"
                project.report(codes.LEFT_OUT_OF_SAMCONFIG.at(environment.position, ", ".join(left), reason))
    if any(profile != profiles[0] for profile in profiles):
        reason = "the environments differ in it, and Chalice has one profile for all stages"
        action = "give chalice and sam the option --profile"
        project.report(codes.MERGED_ALIKE.at(chosen[0].position, "profile", reason, action))
        return application
    return replace(application, profile=next(filter(_is_text, profiles), None))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def write_sam(application: Application, writer: SamWriter) -> None:
    """The writer of samconfig.toml has it from the application, as the application's name."""


feature = Feature(
    name="profile",
    support=(Support("`profile`", "`profile` in samconfig.toml"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
