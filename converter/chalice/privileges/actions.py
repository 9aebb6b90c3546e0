"""
Which IAM actions a call needs, and on which resources.

Actions: chalice/policies.json for API calls and policies-extra.json for boto3's own methods; where they are
silent, the service's prefix and the name of the API call, which is the rule. The exceptions to it, and the
form of resources, are from the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
boto3's resources: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files as package_files
from typing import Any

from converter.model import Json

# API calls whose action has another name, and methods that make several calls.
EXCEPTIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("dynamodb", "ExecuteStatement"): (
        "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLSelect",
        "dynamodb:PartiQLUpdate",
    ),
    ("dynamodb", "TransactGetItems"): ("dynamodb:GetItem",),
    ("dynamodb", "TransactWriteItems"): (
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ),
    ("lambda", "Invoke"): ("lambda:InvokeFunction",),
    ("s3", "CopyObject"): ("s3:GetObject", "s3:PutObject"),
    ("s3", "DeleteObjects"): ("s3:DeleteObject",),
    ("s3", "HeadBucket"): ("s3:ListBucket",),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions",),
    ("s3", "PutBucketNotificationConfiguration"): ("s3:PutBucketNotification",),
    ("s3", "GetBucketNotificationConfiguration"): ("s3:GetBucketNotification",),
    ("s3", "UploadPartCopy"): ("s3:GetObject", "s3:PutObject"),
    ("sns", "PublishBatch"): ("sns:Publish",),
    ("sqs", "SendMessageBatch"): ("sqs:SendMessage",),
    ("sqs", "DeleteMessageBatch"): ("sqs:DeleteMessage",),
    ("sqs", "ChangeMessageVisibilityBatch"): ("sqs:ChangeMessageVisibility",),
}
# boto3's own methods of clients, as far as Chalice does not know them; `copy` reads too.
_OWN_METHODS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("s3", "copy"): ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"),
}
# Methods of every client that call nothing.
SILENT = frozenset(
    {"can_paginate", "close", "exceptions", "get_paginator", "get_waiter", "meta", "waiter_names"}
)

# The API calls that methods of boto3's resources make.
RESOURCE_METHODS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("dynamodb", ""): {
        "batch_get_item": "BatchGetItem",
        "batch_write_item": "BatchWriteItem",
        "create_table": "CreateTable",
    },
    ("dynamodb", "Table"): {
        "batch_writer": "BatchWriteItem",
        "delete": "DeleteTable",
        "delete_item": "DeleteItem",
        "get_item": "GetItem",
        "load": "DescribeTable",
        "put_item": "PutItem",
        "query": "Query",
        "reload": "DescribeTable",
        "scan": "Scan",
        "update": "UpdateTable",
        "update_item": "UpdateItem",
    },
    ("s3", ""): {"create_bucket": "CreateBucket"},
    ("s3", "Bucket"): {
        "copy": "CopyObject",
        "create": "CreateBucket",
        "delete": "DeleteBucket",
        "delete_objects": "DeleteObjects",
        "download_file": "GetObject",
        "download_fileobj": "GetObject",
        "objects": "ListObjects",
        "put_object": "PutObject",
        "upload_file": "PutObject",
        "upload_fileobj": "PutObject",
    },
    ("s3", "Object"): {
        "copy": "CopyObject",
        "copy_from": "CopyObject",
        "delete": "DeleteObject",
        "download_file": "GetObject",
        "download_fileobj": "GetObject",
        "get": "GetObject",
        "load": "HeadObject",
        "put": "PutObject",
        "reload": "HeadObject",
        "upload_file": "PutObject",
        "upload_fileobj": "PutObject",
    },
    ("sns", ""): {"create_topic": "CreateTopic"},
    ("sns", "Topic"): {"delete": "DeleteTopic", "publish": "Publish", "subscribe": "Subscribe"},
    ("sqs", ""): {"create_queue": "CreateQueue", "get_queue_by_name": "GetQueueUrl"},
    ("sqs", "Queue"): {
        "delete": "DeleteQueue",
        "delete_messages": "DeleteMessageBatch",
        "load": "GetQueueAttributes",
        "purge": "PurgeQueue",
        "receive_messages": "ReceiveMessage",
        "send_message": "SendMessage",
        "send_messages": "SendMessageBatch",
    },
}
# What makes a sub-resource, and the argument that names it.
SUB_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "Bucket": ("Bucket",),
    "Object": ("Bucket", "Key"),
    "ObjectSummary": ("Bucket", "Key"),
    "Queue": ("QueueUrl",),
    "Table": ("TableName",),
    "Topic": ("TopicArn",),
}
# Methods of a collection, such as `bucket.objects`; the collection itself makes the call.
COLLECTIONS = frozenset({"all", "filter", "limit", "page_size", "pages"})
# Where a client's own methods take what is otherwise named.
POSITIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("s3", "copy"): ("CopySource", "Bucket", "Key"),
    ("s3", "download_file"): ("Bucket", "Key", "Filename"),
    ("s3", "download_fileobj"): ("Bucket", "Key", "Fileobj"),
    ("s3", "upload_file"): ("Filename", "Bucket", "Key"),
    ("s3", "upload_fileobj"): ("Fileobj", "Bucket", "Key"),
}

_ARN = "arn:${AWS::Partition}"
_HERE = "${AWS::Region}:${AWS::AccountId}"
# By service: the argument that names the resource, and the resource's ARNs; {} stands for the name.
_RESOURCES: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "dynamodb": (("TableName", (f"{_ARN}:dynamodb:{_HERE}:table/{{}}",)),),
    "firehose": (("DeliveryStreamName", (f"{_ARN}:firehose:{_HERE}:deliverystream/{{}}",)),),
    "kinesis": (("StreamName", (f"{_ARN}:kinesis:{_HERE}:stream/{{}}",)), ("StreamARN", ("{}",))),
    "lambda": (
        ("FunctionName", (f"{_ARN}:lambda:{_HERE}:function:{{}}", f"{_ARN}:lambda:{_HERE}:function:{{}}:*")),
    ),
    "secretsmanager": (("SecretId", (f"{_ARN}:secretsmanager:{_HERE}:secret:{{}}-??????",)),),
    "sns": (("TopicArn", ("{}",)),),
    "sqs": (("QueueUrl", ("{}",)), ("QueueName", (f"{_ARN}:sqs:{_HERE}:{{}}",))),
    "ssm": (("Name", (f"{_ARN}:ssm:{_HERE}:parameter/{{}}",)),),
    "stepfunctions": (("stateMachineArn", ("{}",)),),
}


@cache
def _chalice_data(name: str) -> Mapping[str, Mapping[str, Json]]:
    data: Mapping[str, Mapping[str, Json]] = json.loads(package_files("chalice").joinpath(name).read_text())
    return data


@cache
def _service_model(service: str, kind: str) -> Mapping[str, Any]:
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader

    try:
        model: Mapping[str, Any] = Loader().load_service_model(service, kind)
    except UnknownServiceError:
        return {}
    return model


@cache
def operations(service: str) -> Mapping[str, str]:
    """The API calls of a service by the names of a client's methods; none where there is no such service."""
    from botocore import xform_name

    return {xform_name(name): name for name in _service_model(service, "service-2").get("operations", {})}


def awaited_operation(service: str, waiter: str) -> str | None:
    """The API call that a waiter makes again and again."""
    from botocore import xform_name
    from botocore.exceptions import DataNotFoundError

    try:
        waiters = _service_model(service, "waiters-2").get("waiters", {})
    except DataNotFoundError:
        return None
    return next((one["operation"] for name, one in waiters.items() if xform_name(name) == waiter), None)


def actions_of(service: str, operation: str) -> tuple[str, ...]:
    """What allows an API call."""
    if (service, operation) in EXCEPTIONS:
        return EXCEPTIONS[service, operation]
    known = _chalice_data("policies.json").get(service, {}).get(operation)
    if known:
        return (str(known),)
    metadata = _service_model(service, "service-2").get("metadata", {})
    prefix = metadata.get("signingName") or metadata.get("endpointPrefix") or service
    return (f"{prefix}:{operation}",)


def actions_of_method(service: str, method: str) -> tuple[str, ...]:
    """What allows one of boto3's own methods of a client; nothing for one that is not known."""
    own = _OWN_METHODS.get((service, method))
    return own or tuple(_chalice_data("policies-extra.json").get(service, {}).get(method, ()))


def resources_of(service: str, action: str, value_of: Callable[[str], Json]) -> tuple[Json, ...]:
    """The ARNs that an action is about; `value_of` gives an argument's value, None for one that is not known.

    Nothing where the code does not show which they are.
    """
    if service == "s3":
        return _objects_or_bucket(action, value_of("Bucket"))
    for argument, forms in _RESOURCES.get(service, ()):
        value = value_of(argument)
        if value is None:
            continue
        if service == "sqs" and argument == "QueueUrl":
            return _queue(value)
        if service == "dynamodb" and action in ("dynamodb:Query", "dynamodb:Scan"):
            forms = (*forms, f"{forms[0]}/index/*")
        if service == "ssm" and isinstance(value, str):
            value = value.removeprefix("/")
        is_arn = isinstance(value, str) and value.startswith("arn:")
        return tuple(_fill("{}" if is_arn else form, value) for form in forms[: 1 if is_arn else None])
    return ()


def _objects_or_bucket(action: str, bucket: Json) -> tuple[Json, ...]:
    if bucket is None:
        return ()
    is_of_objects = "Object" in action or action == "s3:AbortMultipartUpload"
    return (_fill(f"{_ARN}:s3:::{{}}" + ("/*" if is_of_objects else ""), bucket),)


def _queue(url: Json) -> tuple[Json, ...]:
    """The queue of a URL `https://sqs.<region>.amazonaws.com/<account>/<name>`."""
    parts = url.split("/") if isinstance(url, str) else []
    if len(parts) != 5 or not parts[2].startswith("sqs."):
        return ()
    region, account, name = parts[2].split(".")[1], parts[3], parts[4]
    return ({"Fn::Sub": f"{_ARN}:sqs:{region}:{account}:{name}"},)


def _fill(form: str, value: Json) -> Json:
    """The ARN of this form with a name in it that is a text, a reference or a text with references."""
    if form == "{}":
        return value
    if isinstance(value, dict):
        name = value.get("Fn::Sub") or f"${{{value['Ref']}}}"
    else:
        name = str(value).replace("${", "${!")
    return {"Fn::Sub": form.replace("{}", name)}
