"""
Functions in a VPC.

Chalice puts a function into a VPC only when it has both keys (chalice/deploy/appgraph.py).

Chalice: https://aws.github.io/chalice/topics/configfile.html (`subnet_ids`, `security_group_ids`)
SAM: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-vpcconfig.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.config import can_say_vpc
from converter.feature import Feature, Support
from converter.sam.intrinsics import rename

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Function, Json
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    def read(stage: str, function: str) -> Json:
        subnets = project.read("subnet_ids", stage, function, _is_list, "a list of ids")
        groups = project.read("security_group_ids", stage, function, _is_list, "a list of ids")
        if subnets and groups:
            return {"SecurityGroupIds": groups, "SubnetIds": subnets}
        for key, ids, other in (
            ("subnet_ids", subnets, "security_group_ids"),
            ("security_group_ids", groups, "subnet_ids"),
        ):
            if ids:
                place = project.config.place(key, stage, function)
                project.report(codes.NO_EFFECT.at(place, key, f"in the stage {stage} there is no {other}"))
        return None

    application = project.map_stages(application, "vpc", {"subnet_ids", "security_group_ids"}, read)
    return project.join_merged(application, "vpc", "VpcConfig", lambda value: value)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        by_stage = function.setting("vpc")
        if any(value is not None and not can_say_vpc(value) for value in by_stage.values()):
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
    def read(function: Function) -> Function:
        written = project.take_raw(function, "VpcConfig")
        by_stage = project.by_stage(written)
        if not all(value is None or can_say_vpc(value) for value in by_stage.values()):
            # It goes to the merge template, which is one for all stages.
            by_stage = dict.fromkeys(project.stages, rename(written, project.ids))
        return function.with_setting("vpc", by_stage)

    return application.map_functions(read)


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        writer.set(function.name, "VpcConfig", function.setting("vpc"))


def _is_list(value: Json) -> bool:
    return isinstance(value, list)


feature = Feature(
    name="vpc",
    support=(Support("`subnet_ids`, `security_group_ids`", "`VpcConfig`"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
