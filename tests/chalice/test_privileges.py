from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from botocore import xform_name

from converter.chalice.privileges.actions import EXCEPTIONS, RESOURCE_METHODS, operations
from converter.codes import ANY_RESOURCE, UNSEEN_CALL
from converter.convert import Conversion, Options, chalice_to_sam, sam_to_chalice
from converter.model import Json

HEAD = """\
import os
import boto3
from chalice import Chalice
app = Chalice(app_name="shop")
"""
HERE = "${AWS::Region}:${AWS::AccountId}"
ORDERS = {"Fn::Sub": f"arn:${{AWS::Partition}}:dynamodb:{HERE}:table/orders"}


def convert(code: str, config: str = '{"version": "2.0"}', files: dict[str, str] | None = None) -> Conversion:
    written = {"app.py": HEAD + dedent(code), ".chalice/config.json": config, **(files or {})}
    return chalice_to_sam(
        {path: text.encode() for path, text in written.items()}, Options(least_privilege=True)
    )


def granted(conversion: Conversion, function: str = "one", stage: str = "dev") -> dict[str, list[Json]]:
    """The resources by action."""
    statements = conversion.application.functions[function].settings[stage].get("policy", [])
    return {action: one["Resource"] for one in statements for action in one["Action"]}


def handler(body: str) -> str:
    return f"@app.lambda_function()\ndef one(event, context):\n    {body}\n"


def arn(service: str, rest: str) -> Json:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:{HERE}:{rest}"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "t = boto3.resource('dynamodb').Table('orders')\n" + handler("t.put_item(Item=event)"),
            {"dynamodb:PutItem": [ORDERS]},
            id="table",
        ),
        pytest.param(
            "d = boto3.client('dynamodb')\n" + handler("d.get_item(TableName='orders', Key={})"),
            {"dynamodb:GetItem": [ORDERS]},
            id="client",
        ),
        pytest.param(
            handler("boto3.Session().client('dynamodb').delete_item(TableName='orders', Key={})"),
            {"dynamodb:DeleteItem": [ORDERS]},
            id="session",
        ),
        pytest.param(
            handler(
                "s3 = boto3.client('s3'); s3.list_objects_v2(Bucket='b'); s3.get_object(Bucket='b', Key='k')"
            ),
            {
                "s3:GetObject": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}],
                "s3:ListBucket": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b"}],
            },
            id="bucket and objects",
        ),
        pytest.param(
            handler("boto3.client('s3').get_paginator('list_objects_v2').paginate(Bucket='b')"),
            {"s3:ListBucket": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b"}]},
            id="paginator",
        ),
        pytest.param(
            handler("boto3.client('s3').get_waiter('object_exists').wait(Bucket='b', Key='k')"),
            {"s3:GetObject": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}]},
            id="waiter",
        ),
        pytest.param(
            handler("boto3.client('s3').upload_file('f', 'b', 'k')"),
            {
                "s3:AbortMultipartUpload": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}],
                "s3:PutObject": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}],
            },
            id="boto3's own method",
        ),
        pytest.param(
            handler("boto3.resource('s3').Bucket('b').Object('k').get()"),
            {"s3:GetObject": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}]},
            id="object of a bucket",
        ),
        pytest.param(
            handler("for o in boto3.resource('s3').Bucket('b').objects.filter(Prefix='x'): o.delete()"),
            {
                "s3:DeleteObject": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}],
                "s3:ListBucket": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::b"}],
            },
            id="objects of a bucket",
        ),
        pytest.param(
            handler(
                "q = boto3.resource('sqs').get_queue_by_name(QueueName='q'); q.send_message(MessageBody='')"
            ),
            {"sqs:GetQueueUrl": [arn("sqs", "q")], "sqs:SendMessage": [arn("sqs", "q")]},
            id="queue by name",
        ),
        pytest.param(
            handler(
                "boto3.client('sqs').send_message("
                "QueueUrl='https://sqs.eu-west-1.amazonaws.com/123456789012/q', MessageBody='')"
            ),
            {"sqs:SendMessage": [{"Fn::Sub": "arn:${AWS::Partition}:sqs:eu-west-1:123456789012:q"}]},
            id="queue by URL",
        ),
        pytest.param(
            handler(
                "boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:123456789012:t', Message='')"
            ),
            {"sns:Publish": ["arn:aws:sns:eu-west-1:123456789012:t"]},
            id="topic",
        ),
        pytest.param(
            handler("boto3.client('lambda').invoke(FunctionName='f')"),
            {"lambda:InvokeFunction": [arn("lambda", "function:f"), arn("lambda", "function:f:*")]},
            id="function",
        ),
        pytest.param(
            handler("boto3.client('ssm').get_parameter(Name='/shop/key')"),
            {"ssm:GetParameter": [arn("ssm", "parameter/shop/key")]},
            id="parameter",
        ),
        pytest.param(
            handler("boto3.client('bedrock-runtime').invoke_model(modelId='m')"),
            {"bedrock:InvokeModel": ["*"]},
            id="a service that Chalice does not know",
        ),
        pytest.param(
            handler("boto3.resource('dynamodb').Table('orders').query()"),
            {"dynamodb:Query": [ORDERS, arn("dynamodb", "table/orders/index/*")]},
            id="indexes",
        ),
        pytest.param(
            handler(
                "with boto3.resource('dynamodb').Table('orders').batch_writer() as w: w.put_item(Item={})"
            ),
            {"dynamodb:BatchWriteItem": [ORDERS]},
            id="batch writer",
        ),
        pytest.param(
            "def table(): return boto3.resource('dynamodb').Table('orders')\n" + handler("table().scan()"),
            {"dynamodb:Scan": [ORDERS, arn("dynamodb", "table/orders/index/*")]},
            id="what a function gives",
        ),
        pytest.param(
            "def save(t, item): t.put_item(Item=item)\n"
            + handler("save(boto3.resource('dynamodb').Table('orders'), event)"),
            {"dynamodb:PutItem": [ORDERS]},
            id="what a function is given",
        ),
        pytest.param(
            "t = None\ndef table():\n    global t\n    t = t or boto3.resource('dynamodb').Table('orders')\n"
            "    return t\n" + handler("table().put_item(Item=event)"),
            {"dynamodb:PutItem": [ORDERS]},
            id="made when first needed",
        ),
        pytest.param(
            "class Store:\n    def __init__(self): self.t = boto3.resource('dynamodb').Table('orders')\n"
            "    def save(self): self.t.put_item(Item={})\n" + handler("Store().save()"),
            {"dynamodb:PutItem": [ORDERS]},
            id="attribute of an object",
        ),
        pytest.param(
            handler("boto3.resource('dynamodb').meta.client.get_item(TableName='orders', Key={})"),
            {"dynamodb:GetItem": [ORDERS]},
            id="a resource's client",
        ),
        pytest.param(
            "a = b = c = None\ndef set():\n    global a, b, c\n    a = b or c\n    b = c\n"
            "    c = a or boto3.resource('dynamodb').Table('orders')\n"
            + handler("set(); a.put_item(Item=event)"),
            {"dynamodb:PutItem": [ORDERS]},
            id="names in a circle",
        ),
        pytest.param(handler("return {}.get('a')"), {}, id="nothing of AWS"),
    ],
)
def test_what_code_is_granted(code: str, expected: dict[str, list[Json]]):
    assert expected == granted(convert(code))


def test_each_function_has_its_own():
    there = convert("""\
        table = boto3.resource("dynamodb").Table("orders")
        def save(item):
            table.put_item(Item=item)
        @app.lambda_function()
        def one(event, context):
            save(event)
        @app.lambda_function()
        def two(event, context):
            boto3.client("sns").publish(PhoneNumber="1", Message="a")
        """)

    assert {"dynamodb:PutItem": [ORDERS]} == granted(there, "one")
    assert {"sns:Publish": ["*"]} == granted(there, "two")


def test_what_importing_does_is_everybodys():
    there = convert(
        "SECRET = boto3.client('secretsmanager').get_secret_value(SecretId='key')\n" + handler("return 1")
    )

    assert {"secretsmanager:GetSecretValue": [arn("secretsmanager", "secret:key-??????")]} == granted(there)


def test_only_what_is_used_of_chalicelib():
    library = """\
import boto3
TABLE = "orders"
table = boto3.resource("dynamodb").Table(TABLE)
def save(item):
    table.put_item(Item=item)
def drop():
    table.delete()
"""
    files = {"chalicelib/__init__.py": "", "chalicelib/store.py": library}
    by_name = convert("from chalicelib.store import save\n" + handler("save(event)"), files=files)
    by_module = convert("from chalicelib import store\n" + handler("store.save(event)"), files=files)

    assert {"dynamodb:PutItem": [ORDERS]} == granted(by_name) == granted(by_module)


def test_views_of_the_api_share_what_they_need():
    there = convert("""\
        table = boto3.resource("dynamodb").Table("orders")
        @app.route("/")
        def index():
            return table.scan()
        @app.route("/", methods=["POST"])
        def save():
            table.put_item(Item={})
        @app.lambda_function()
        def one(event, context):
            return 1
        """)

    assert ["dynamodb:PutItem", "dynamodb:Scan"] == sorted(granted(there, "api_handler"))
    assert {} == granted(there, "one")


@pytest.mark.parametrize(
    "body",
    [
        "for name in ['a', 'b']: table(name).put_item(Item={})",
        "name = 'a'; name += event['x']; table(name).put_item(Item={})",
        "name, other = event; table(name).put_item(Item={})",
        "name = 'a' if event else 'b'; name = 'c'; table(name).put_item(Item={})",
        "put()",
        "put('a')",
    ],
)
def test_a_name_that_is_not_known_is_no_guess(body: str):
    helpers = """\
name = "orders"
def table(key): return boto3.resource("dynamodb").Table(key)
def put(name="a"): boto3.resource("dynamodb").Table(name).put_item(Item={})
"""

    assert {"dynamodb:PutItem": ["*"]} == granted(convert(helpers + handler(body)))


def test_there_and_back():
    there = convert(
        "table = boto3.resource('dynamodb').Table('orders')\n"
        + handler("table.put_item(Item=event)")
        + "@app.lambda_function()\ndef two(event, context):\n    return table.scan()\n"
    )
    back = sam_to_chalice(there.files)
    again = chalice_to_sam(back.files)

    assert there.application == back.application == again.application


def test_what_deployment_says_of_a_name():
    merge = """\
Resources:
  Orders: {Type: AWS::DynamoDB::Table}
  One:
    Properties:
      Environment:
        Variables:
          TABLE: !Ref Orders
"""
    there = convert(
        handler("boto3.resource('dynamodb').Table(os.environ['TABLE']).put_item(Item=event)"),
        files={".chalice/resources.yaml": merge},
    )

    assert {"dynamodb:PutItem": [arn("dynamodb", "table/${Orders}")]} == granted(there)


def test_names_from_the_environment():
    config = """{"version": "2.0", "stages": {
        "dev": {"environment_variables": {"TABLE": "orders"}},
        "prod": {"environment_variables": {"TABLE": "all-orders"}}}}"""
    there = convert(
        handler("boto3.resource('dynamodb').Table(os.environ['TABLE']).put_item(Item=event)"), config
    )

    assert {"dynamodb:PutItem": [ORDERS]} == granted(there)
    assert {"dynamodb:PutItem": [arn("dynamodb", "table/all-orders")]} == granted(there, stage="prod")


def test_a_policy_file_stays_what_counts():
    config = '{"version": "2.0", "stages": {"dev": {"autogen_policy": false}}}'
    policy = '{"Statement": [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": ["*"]}]}'
    there = convert(
        handler("boto3.resource('dynamodb').Table('orders').put_item(Item=event)"),
        config,
        {".chalice/policy-dev.json": policy},
    )

    assert {"sns:Publish": ["*"]} == granted(there)


@pytest.mark.parametrize(
    ("body", "place", "subject"),
    [
        ("eval('1')", "7:5", "eval('1')"),
        ("boto3.client(event['s'])", "7:5", "boto3.client(event['s'])"),
        ("getattr(boto3.client('s3'), event['m'])()", "7:5", "getattr(boto3.client('s3'), event['m'])"),
        ("context.put_item(Item={})", "7:5", "context.put_item(Item={})"),
        ("boto3.client('s3').no_such_call()", "7:5", "no_such_call"),
        ("boto3.resource('ec2').Instance('i')", "7:5", "Instance"),
        (
            "boto3.client('s3').get_paginator(event['p'])",
            "7:5",
            "boto3.client('s3').get_paginator(event['p'])",
        ),
        ("from pynamodb.models import Model", "7:5", "from pynamodb.models import Model"),
    ],
)
def test_what_cannot_be_seen(body: str, place: str, subject: str):
    found = [each for each in convert(handler(body)).diagnostics if each.code is UNSEEN_CALL]

    assert [(f"app.py:{place}", subject)] == [(str(each.position), each.subject) for each in found]


def test_a_resource_that_is_not_known():
    there = convert(handler("boto3.resource('dynamodb').Table(event['t']).put_item(Item={})"))
    found = [each for each in there.diagnostics if each.code is ANY_RESOURCE]

    assert {"dynamodb:PutItem": ["*"]} == granted(there)
    assert ["app.py:7:5"] == [str(each.position) for each in found]


@pytest.mark.parametrize("service", sorted({service for service, _ in RESOURCE_METHODS}))
def test_methods_of_resources_are_boto3s(service: str):
    """The table says what boto3's own definitions say."""
    boto3 = pytest.importorskip("boto3")
    (path,) = sorted((Path(boto3.__file__).parent / "data" / service).glob("*/resources-1.json"))[-1:]
    model = json.loads(path.read_text())
    for (_, name), methods in ((key, each) for key, each in RESOURCE_METHODS.items() if key[0] == service):
        definition = model["resources"][name] if name else model["service"]
        known = {xform_name(one): each for one, each in definition.get("actions", {}).items()}
        known |= {xform_name(one): each for one, each in definition.get("hasMany", {}).items()}
        loading = {"load": definition.get("load"), "reload": definition.get("load")}
        for method, operation in methods.items():
            found = known.get(method) or loading.get(method)

            # boto3 adds the others in Python: transfers, batch_writer, load of a bucket.
            assert found is None or operation == found["request"]["operation"], (name, method)
            assert found is not None or method in INJECTED, (name, method)


INJECTED = {"batch_writer", "copy", "download_file", "download_fileobj", "upload_file", "upload_fileobj"}


@pytest.mark.parametrize(("service", "operation"), sorted(EXCEPTIONS))
def test_exceptions_are_api_calls(service: str, operation: str):
    assert operation in operations(service).values()
