"""
How long a function's log is kept.

In a template that is a log group of the function's own (chalice/package.py writes the same).

Chalice: https://aws.github.io/chalice/topics/configfile.html (`log_retention_in_days`)
SAM: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.chalice.registration import API_FUNCTION
from converter.feature import Feature, Support, is_whole
from converter.model import Application, Function, Json, logical_id
from converter.sam.intrinsics import as_int
from converter.sam.resource_types import LOG_GROUP

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

KEY = "log_retention_in_days"
_API = logical_id(API_FUNCTION)
_API_GROUP = f"{_API}LogGroup"
_OF_API = {"LogGroupName": {"Fn::Sub": f"/aws/lambda/${{{_API}}}"}}


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    group = (project.merge_template.get("Resources") or {}).get(_API_GROUP)
    if group == {"Properties": _OF_API}:
        project.merged_parts.add(_API_GROUP)
    return project.map_stages(
        application,
        "log_retention",
        {KEY},
        lambda stage, function: project.read(KEY, stage, function, is_whole, "a whole number of days"),
    )


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        by_stage = function.setting("log_retention")
        writer.set(function.name, KEY, "", by_stage)
        if function.name == API_FUNCTION and None not in by_stage.values():
            # `chalice package` calls the function otherwise in the log group's name than where it makes it.
            writer.merge_resource(_API_GROUP, ("Properties",), _OF_API)


def read_sam(project: SamProject, application: Application) -> Application:
    groups = {
        resource["Properties"]["LogGroupName"]["Fn::Sub"]: name
        for name, resource in project.resources.items()
        if _is_plain_group(resource) and not project.referrers(name)
    }

    def read(function: Function) -> Function:
        name = groups.get(f"/aws/lambda/${{{project.functions[function.name].identifier}}}")
        if name is None:
            return function
        written = project.resources[name]["Properties"]["RetentionInDays"]
        if "Condition" in project.resources[name]:
            written = {"Fn::If": [project.resources[name]["Condition"], written, {"Ref": "AWS::NoValue"}]}
        days = project.by_stage(written)
        if not all(value is None or isinstance(value, (int, str)) for value in days.values()):
            return function
        project.absorbed[name] = "it is the function's setting log_retention_in_days"
        return function.with_setting("log_retention", {stage: as_int(value) for stage, value in days.items()})

    return application.map_functions(read)


def _is_plain_group(resource: Json) -> bool:
    """Whether a log group says no more than how long it keeps a function's log."""
    if not isinstance(resource, dict) or resource.get("Type") != LOG_GROUP:
        return False
    properties = resource.get("Properties") or {}
    name = properties.get("LogGroupName")
    return (
        resource.keys() <= {"Type", "Properties", "Condition"}
        and properties.keys() == {"LogGroupName", "RetentionInDays"}
        and isinstance(name, dict)
        and isinstance(name.get("Fn::Sub"), str)
    )


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        by_stage = {
            stage: days for stage, days in function.setting("log_retention").items() if days is not None
        }
        if not by_stage:
            continue
        # A stage without the group takes no part in the choice of its days.
        any_days = next(iter(by_stage.values()))
        days = writer.vary(
            "LogRetention", {stage: by_stage.get(stage, any_days) for stage in writer.stages}, function.name
        )
        group = f"/aws/lambda/${{{writer.function_id(function.name)}}}"
        resource: dict[str, Json] = {"Type": LOG_GROUP}
        if len(by_stage) < len(writer.stages):
            resource["Condition"] = writer.condition(by_stage)
        resource["Properties"] = {"LogGroupName": {"Fn::Sub": group}, "RetentionInDays": days}
        writer.add_resource(f"{logical_id(function.name)}LogGroup", resource)


feature = Feature(
    name="log_retention",
    support=(Support("`log_retention_in_days`", "`AWS::Logs::LogGroup` of the function"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
