"""
Functions for events of S3 buckets.

Chalice: https://aws.github.io/chalice/topics/events.html#s3-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-s3.html

Chalice's bucket exists already. SAM's `S3` event wants it in the same template, and CloudFormation
configures the notifications only of buckets that it makes; so `chalice package` refuses these handlers, and
`chalice deploy` calls S3 itself. In the SAM form a custom resource does so: a small function of the
project's own (bucket_notifications.py), a resource for each handler, and the permission for S3 to invoke it.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

from converter import codes
from converter.feature import Feature, Support, carried_back
from converter.features.events.decorator import Arguments
from converter.features.parameters import with_value
from converter.model import Application, Code, Function, Handler, Json, logical_id
from converter.sam.sample_events import sample_event

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

FUNCTION_NAME = "bucket-notifications"
MODULE = "bucket_notifications"

# chalice.app: what a handler that says no events is invoked for.
_DEFAULT_EVENTS = ["s3:ObjectCreated:*"]


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    for registration in project.handlers("on_s3_event"):
        fields = project.arguments(registration)
        found: dict[str, dict[str, Json]] = {}
        for stage in project.stages:
            arguments = Arguments(project, registration, fields[stage])
            properties = _read(arguments)
            if arguments.is_valid:
                found[stage] = properties
        name = project.names.get(registration)
        if name is not None and len(found) == len(project.stages):
            before = application.template.sections.get("Resources", {}).keys()
            application = _with_notification(application, name, found)
            new = application.template.sections["Resources"].keys() - before
            project.made_for.update(dict.fromkeys(new, registration.position))
            function = replace(application.functions[name], example=sample_event("S3"))
            application = application.with_function(function)
            reason = f"the bucket's notifications are configured by the function {FUNCTION_NAME}"
            project.report(codes.BUCKET_NOTIFICATION.at(registration.position, registration.written, reason))
    return application


def _read(arguments: Arguments) -> dict[str, Json]:
    bucket = arguments.take_text("bucket")
    if bucket is None:
        arguments.refuse("it says no bucket")
    events = arguments.take("events", "a list of events", _is_list_of_texts, _DEFAULT_EVENTS)
    prefix, suffix = arguments.take_text("prefix"), arguments.take_text("suffix")
    return {"Bucket": bucket, "Events": list(events or ()), "Prefix": prefix, "Suffix": suffix}


def _is_list_of_texts(value: Json) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


def _with_notification(
    application: Application, function: str, found: dict[str, dict[str, Json]]
) -> Application:
    """The application with the resources that let the bucket invoke the function."""
    identifier = logical_id(function)
    properties: dict[str, Json] = {}
    for key in next(iter(found.values())):
        by_stage = {stage: values[key] for stage, values in found.items()}
        application, value = with_value(application, f"{identifier}{key}", by_stage)
        properties |= {key: value} if value is not None else {}
    bucket = properties["Bucket"]
    permission = f"{identifier}BucketPermission"
    resources = {
        permission: {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": identifier},
                "Principal": "s3.amazonaws.com",
                "SourceAccount": {"Ref": "AWS::AccountId"},
                "SourceArn": _arn(bucket),
            },
        },
        f"{identifier}BucketNotification": {
            "Type": "Custom::BucketNotification",
            "DependsOn": permission,
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": [logical_id(FUNCTION_NAME), "Arn"]},
                "Function": {"Fn::GetAtt": [identifier, "Arn"]},
                **properties,
            },
        },
    }
    application = _with_configuring_function(application, bucket)
    return application.with_entries("Resources", resources)


def _with_configuring_function(application: Application, bucket: Json) -> Application:
    """The application with the function that configures buckets, and the right to configure this one."""
    function = application.functions.get(FUNCTION_NAME) or _make_function(application)
    folders = {
        **application.folders,
        FUNCTION_NAME: {"__init__.py": b"", f"{MODULE}.py": _source()},
    }
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetBucketNotification", "s3:PutBucketNotification"],
        "Resource": _arn(bucket),
    }
    policies = {stage: list(policy or ()) for stage, policy in function.setting("policy").items()}
    function = function.with_setting(
        "policy",
        {
            stage: policy if statement in policy else [*policy, statement]
            for stage, policy in policies.items()
        },
    )
    return replace(application.with_function(function), folders=folders)


def _make_function(application: Application) -> Function:
    function = Function(
        FUNCTION_NAME,
        Code(FUNCTION_NAME, Handler(f"{MODULE}.py", "handler")),
        {stage: {} for stage in application.stages},
    )
    settings = {"timeout": 60, "memory_size": 128, "architecture": "x86_64", "tracing": False}
    for name, value in settings.items():
        function = function.with_setting(name, dict.fromkeys(application.stages, value))
    return function


def _arn(bucket: Json) -> Json:
    if isinstance(bucket, str):
        return {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{bucket}"}
    return {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}", {"Bucket": bucket}]}


def _source() -> bytes:
    return files("converter.features.events").joinpath(f"{MODULE}.py").read_bytes()


# On both sides the rest stands where it has been put: among the functions and the resources.


def _write_chalice(application: Application, writer: ChaliceWriter) -> None:
    pass


def _read_sam(project: SamProject, application: Application) -> Application:
    return application


def _write_sam(application: Application, writer: SamWriter) -> None:
    pass


feature = Feature(
    name="on_s3_event",
    decorators=("on_s3_event",),
    support=carried_back(
        Support(
            "`@app.on_s3_event(bucket=...)`",
            "`Custom::BucketNotification`, with a function that configures the bucket",
            note="SAM's `S3` event is for buckets of the same template",
        ),
    ),
    read_chalice=read_chalice,
    write_chalice=_write_chalice,
    read_sam=_read_sam,
    write_sam=_write_sam,
)
