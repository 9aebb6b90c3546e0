"""Every property of SAM's functions, events, APIs and layers is in the Chalice project, and comes back.

The properties are those of the models from which the installed aws-sam-translator makes its schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from samtranslator.internal.schema_source import (
    aws_serverless_api,
    aws_serverless_function,
    aws_serverless_httpapi,
    aws_serverless_layerversion,
)

from converter.convert import Conversion, chalice_to_sam, sam_to_chalice
from converter.model import Json
from tests.sam.readers import load_with_pyyaml

MARK = "carried-as-it-is"

# Values that are no text of the author's choice; MARK stands for the others.
SAMPLES: Mapping[Any, Json] = {
    "Architectures": ["arm64"],
    "Auth": {"ApiKeyRequired": True},
    "BatchSize": 4321,
    "CodeUri": "src/",
    "CorsConfiguration": {"AllowOrigins": [MARK]},
    "CompatibleArchitectures": ["arm64"],
    "CompatibleRuntimes": ["python3.12"],
    "ContentUri": "layer/",
    "DeadLetterQueue": {"Type": "SQS", "TargetArn": MARK},
    "DefinitionBody": {"openapi": "3.0.1", "paths": {}, "info": {"title": MARK}},
    "DefinitionUri": "s3://bucket/carried-as-it-is",
    "DestinationConfig": {"OnFailure": {"Destination": MARK}},
    "DurableConfig": {"ExecutionTimeout": 4321},
    "Environment": {"Variables": {"NAME": MARK}},
    "EventInvokeConfig": {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 4321},
    "Events": {"Other": {"Type": "Schedule", "Properties": {"Schedule": "rate(3 days)"}}},
    "Handler": "app.handler",
    "InlineCode": "def handler(event, context):\n    return 'carried-as-it-is'\n",
    "Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:carried-as-it-is:1"],
    "MaximumBatchingWindowInSeconds": 217,
    "MemorySize": 1777,
    "Method": "put",
    "PackageType": "Zip",
    "Path": "/carried-as-it-is",
    "Pattern": {"source": [MARK]},
    "Policies": [{"Statement": [{"Effect": "Allow", "Action": [MARK], "Resource": "*"}]}],
    "ReservedConcurrentExecutions": 4321,
    "Role": "arn:aws:iam::123456789012:role/carried-as-it-is",
    "Runtime": "python3.12",
    "Schedule": "rate(7 days)",
    "ScheduleExpression": "rate(7 days)",
    "StartingPosition": "TRIM_HORIZON",
    "Tags": {"Owner": MARK},
    "Timeout": 77,
    "Topics": [MARK],
    "Queues": [MARK],
    "Tracing": "Active",
    "VpcConfig": {"SubnetIds": [MARK], "SecurityGroupIds": [MARK]},
    ("S3", "Events"): "s3:ObjectRemoved:*",
    ("S3", "Bucket"): {"Ref": "Bucket"},
    ("S3", "Filter"): {"S3Key": {"Rules": [{"Name": "prefix", "Value": MARK}]}},
    ("SNS", "Topic"): "arn:aws:sns:eu-west-1:123456789012:carried-as-it-is",
    ("SQS", "Queue"): "arn:aws:sqs:eu-west-1:123456789012:carried-as-it-is",
    ("Api", "RestApiId"): {"Ref": "Rest"},
    ("HttpApi", "ApiId"): {"Ref": "Http"},
}

# What the Chalice project says in other words, and what comes back of it: the code moves, and the policies of
# a function become one.
OTHERWISE: Mapping[str, tuple[str, Json]] = {
    "CodeUri": ("    return 1", "lambdas/orders/"),
    "Events": ('@app.schedule("rate(3 days)")', {"OrdersEvent": SAMPLES["Events"]["Other"]}),
    "Handler": ("def orders(event, context):", "orders.orders"),
    "InlineCode": (f"    return '{MARK}'", None),
    "Policies": (f'"{MARK}"', [{"Version": "2012-10-17", **SAMPLES["Policies"][0]}]),
    "Runtime": ("3.12", "python3.12"),
    "Tracing": ('"xray": true', "Active"),
}

API, HTTP_API, LAYER = "AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::Serverless::LayerVersion"
RESOURCES = {API: aws_serverless_api, HTTP_API: aws_serverless_httpapi, LAYER: aws_serverless_layerversion}


def list_events() -> Iterator[tuple[str, Any]]:
    """The kinds of events of a function, each with the model of its properties."""
    for name, model in vars(aws_serverless_function).items():
        fields = getattr(model, "__fields__", {})
        if name.endswith("Event") and {"Type", "Properties"} <= fields.keys():
            (kind,) = fields["Type"].type_.__args__
            yield kind, fields["Properties"].type_


EVENTS = dict(list_events())


def sample(kind: str, name: str) -> Json:
    return SAMPLES.get((kind, name), SAMPLES.get(name, MARK))


def convert(function: Mapping[str, Json], resources: Mapping[str, Json] | None = None) -> Conversion:
    """The Chalice form of a function with these properties, and of other resources beside it."""
    handler = "index.handler" if "InlineCode" in function else "app.handler"
    properties = {"Handler": handler, "Runtime": "python3.13", "CodeUri": "src/", **function}
    orders = {"Type": "AWS::Serverless::Function", "Properties": properties}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Orders": orders, **(resources or {})},
    }
    return sam_to_chalice(
        {
            "template.json": json.dumps(template).encode(),
            "src/app.py": b"def handler(event, context):\n    return 1\n",
            "layer/notes.txt": b"for everybody\n",
        }
    )


def find_missing(conversion: Conversion, value: Json) -> list[str]:
    """The texts and numbers of a value that stand nowhere in the project."""
    shown = "\n".join(content.decode() for content in conversion.files.values())
    return [leaf for leaf in _list_leaves(value) if leaf not in shown]


def _list_leaves(value: Json) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _list_leaves(item)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def convert_back(conversion: Conversion) -> Json:
    """The resources of the template that comes back."""
    back = chalice_to_sam(conversion.files)

    assert back.application == conversion.application
    return load_with_pyyaml(back.files["template.yaml"].decode())["Resources"]


def test_all_kinds_of_events_are_found() -> None:
    union = aws_serverless_function.Properties.__fields__["Events"].type_.__args__

    assert len(EVENTS) == len(union)


@pytest.mark.parametrize("name", aws_serverless_function.Properties.__fields__)
def test_function(name: str) -> None:
    value = sample("Function", name)
    text, expected = OTHERWISE.get(name, (value, value))
    there = convert({name: value})

    assert [] == find_missing(there, text)
    assert expected == convert_back(there)["OrdersFunction"]["Properties"].get(name)


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, model in EVENTS.items() for name in model.__fields__]
)
def test_event(kind: str, name: str) -> None:
    names = {name, *(key for key, field in EVENTS[kind].__fields__.items() if field.required)}
    if kind == "DynamoDB":
        # Lambda wants it, though SAM's model does not say so.
        names.add("StartingPosition")
    properties = {key: sample(kind, key) for key in sorted(names)}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Rest": {"Type": API, "Properties": {"StageName": "v1"}},
        "Http": {"Type": HTTP_API},
    }
    there = convert({"Events": {"Event": {"Type": kind, "Properties": properties}}}, resources)

    function, value = "OrdersFunction", properties[name]
    if b"@app.route" in there.files["app.py"]:
        # Chalice has one REST API, and one function for it.
        function, value = "ApiHandlerFunction", {"Ref": "RestAPI"} if name == "RestApiId" else value
    else:
        assert [] == find_missing(there, value)
    (event,) = convert_back(there)[function]["Properties"]["Events"].values()
    assert value == event["Properties"][name]


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, one in RESOURCES.items() for name in one.Properties.__fields__]
)
def test_resource(kind: str, name: str) -> None:
    value = sample(kind, name)
    resource = {"Type": kind, "Properties": {name: value}}
    there = convert({}, {"It": resource})

    assert [] == find_missing(there, value)
    assert resource == convert_back(there)["It"]
