"""
Functions in a VPC.

Chalice puts a function into a VPC only when it has both keys (chalice/deploy/appgraph.py).

Chalice: https://aws.github.io/chalice/topics/configfile.html (`subnet_ids`, `security_group_ids`)
SAM: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-vpcconfig.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Feature, Support
from converter.sam.intrinsics import is_literal

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Json
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    def read(stage: str, function: str) -> Json:
        subnets = project.read("subnet_ids", stage, function, _is_list, "a list of ids")
        groups = project.read("security_group_ids", stage, function, _is_list, "a list of ids")
        return {"SecurityGroupIds": groups, "SubnetIds": subnets} if subnets and groups else None

    application = project.map_stages(application, "vpc", {"subnet_ids", "security_group_ids"}, read)
    return project.join_merged(application, "vpc", "VpcConfig", lambda value: value)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        by_stage = function.setting("vpc")
        if any(value is not None and not _is_plain(value) for value in by_stage.values()):
            value = next(value for value in by_stage.values() if value is not None)
            writer.merge(function.name, ("VpcConfig",), value)
            continue
        for key, part in (("subnet_ids", "SubnetIds"), ("security_group_ids", "SecurityGroupIds")):
            writer.set(
                function.name,
                key,
                "VpcConfig",
                {stage: value and value[part] for stage, value in by_stage.items()},
            )


def read_sam(project: SamProject, application: Application) -> Application:
    return application.map_functions(
        lambda function: function.with_setting("vpc", project.take(function, "VpcConfig"))
    )


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        writer.set(function.name, "VpcConfig", function.setting("vpc"))


def _is_list(value: Json) -> bool:
    return isinstance(value, list)


def _is_plain(value: Json) -> bool:
    """Whether the config can say it: two lists of ids that are known."""
    return (
        isinstance(value, dict)
        and value.keys() == {"SecurityGroupIds", "SubnetIds"}
        and all(isinstance(ids, list) and is_literal(ids) for ids in value.values())
    )


feature = Feature(
    name="vpc",
    support=(Support("`subnet_ids`, `security_group_ids`", "`VpcConfig`"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
