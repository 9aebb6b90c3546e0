"""The statements that Chalice generates, and those that every function has."""

from __future__ import annotations

import pytest
from chalice.analyzer import get_client_calls_for_app
from chalice.constants import CLOUDWATCH_LOGS
from chalice.policy import policy_from_source_code

from converter.chalice.analyzer import find_client_calls
from converter.chalice.policy import LOGS, as_list, generate_statements, without_logs
from converter.model import Json

SOURCES = {
    "no client": "x = 1\n",
    "client that calls nothing": "import boto3\ns3 = boto3.client('s3')\n",
    "module's client": """\
import boto3
s3 = boto3.client('s3')
@app.lambda_function()
def one(event, context):
    return s3.list_buckets()
""",
    "client of a function's own": """\
import boto3
@app.lambda_function()
def one(event, context):
    d = boto3.client('dynamodb')
    d.put_item(TableName='x')
    d.get_item(TableName='x')
""",
    "imported under another name": "import boto3 as b\nc = b.client('sqs')\nc.send_message()\n",
    "session": "import boto3\ns = boto3.session.Session()\nc = s.client('sns')\nc.publish()\n",
    "helper": """\
import boto3
s3 = boto3.client('s3')
def helper(name):
    s3.put_object(Bucket=name)
@app.lambda_function()
def one(event, context):
    helper('x')
""",
    "client that a helper returns": """\
import boto3
def make():
    return boto3.client('ec2')
@app.lambda_function()
def one(event, context):
    make().describe_instances()
""",
    "client as an argument": """\
import boto3
def helper(client):
    client.list_topics()
@app.lambda_function()
def one(event, context):
    helper(boto3.client('sns'))
""",
    "high-level methods": """\
import boto3
s3 = boto3.client('s3')
s3.upload_file('a', 'b', 'c')
s3.download_fileobj('a', 'b', None)
""",
    "several services": """\
import boto3
sqs, s3 = boto3.client('sqs'), boto3.client('s3')
ses = boto3.client('ses')
def f():
    boto3.client('sqs').receive_message()
    ses.send_email()
    s3.get_object()
""",
    "resource": "import boto3\nt = boto3.resource('dynamodb').Table('x')\nt.put_item()\n",
    "paginator and waiter": """\
import boto3
s3 = boto3.client('s3')
s3.get_paginator('list_objects_v2').paginate()
s3.get_waiter('bucket_exists').wait()
""",
    "service that is not known": "import boto3\nx = boto3.client('nosuchservice')\nx.do_it()\n",
    "method that is not known": "import boto3\nx = boto3.client('s3')\nx.do_it()\n",
    "service by a name": "import boto3\nNAME = 's3'\nx = boto3.client(NAME)\nx.list_buckets()\n",
    "two functions of one name": """\
import boto3
s3 = boto3.client('s3')
def f():
    s3.list_buckets()
def f():
    s3.get_object()
""",
    "nested function": """\
import boto3
def outer():
    s3 = boto3.client('s3')
    def inner():
        s3.delete_object()
    inner()
outer()
""",
    "comprehensions and lambdas": """\
import boto3
s3 = boto3.client('s3')
def f(keys):
    g = lambda: s3.list_buckets()
    return [s3.get_object(Key=key) for key in keys], {s3.head_object(Key=k) for k in keys}
""",
    "class": """\
import boto3
class Store:
    def __init__(self):
        self.s3 = boto3.client('s3')
    def load(self):
        boto3.client('kms').decrypt()
        return self.s3.get_object()
""",
    "branches": """\
import boto3
try:
    s3 = boto3.client('s3')
except Exception:
    s3 = None
def f(x):
    if x:
        c = boto3.client('sns')
        c.publish()
    else:
        c = boto3.client('sqs')
        c.send_message()
    with x:
        s3.list_buckets()
    for _ in x:
        s3.copy_object()
""",
    "recursion": """\
import boto3
def f(n):
    boto3.client('s3').list_buckets()
    return f(n - 1) if n else g(n)
def g(n):
    return f(n)
f(1)
""",
    "async": """\
import boto3
async def f():
    s3 = boto3.client('s3')
    return s3.list_buckets()
""",
    "new syntax": """\
import boto3
s3 = boto3.client('s3')
def f(event):
    match event:
        case {'key': key} if (found := s3.get_object(Key=key)):
            return found
        case _:
            return f'{s3.list_buckets()}'
""",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_calls_are_those_that_chalice_finds(source: str):
    try:
        expected = get_client_calls_for_app(source)
    except Exception as error:
        with pytest.raises(type(error)):
            find_client_calls(source)
    else:
        assert expected == find_client_calls(source)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_statements_are_those_that_chalice_generates(source: str):
    try:
        statements = policy_from_source_code(source)["Statement"]
    except Exception:
        expected = None
    else:
        expected = tuple({key: one[key] for key in one if key != "Sid"} for one in statements)

    assert expected == generate_statements(source)


def test_analyzer_of_chalice_stops_at_some_code():
    assert generate_statements(SOURCES["nested function"]) is None


def test_logs_are_those_of_chalice():
    assert CLOUDWATCH_LOGS == LOGS


OTHER = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    "statement",
    [
        LOGS,
        {**LOGS, "Sid": "Logs"},
        {**LOGS, "Action": LOGS["Action"][::-1]},
        {**LOGS, "Resource": ["arn:aws:logs:*:*:*"]},
        {**LOGS, "Resource": "*"},
    ],
)
def test_statement_about_logs_goes(statement: Json):
    assert (OTHER,) == without_logs((statement, OTHER))


@pytest.mark.parametrize(
    "statement",
    [
        OTHER,
        {**LOGS, "Effect": "Deny"},
        {**LOGS, "Action": ["logs:CreateLogGroup"]},
        {**LOGS, "Action": [*LOGS["Action"], "s3:GetObject"]},
        {**LOGS, "Resource": "arn:aws:logs:eu-west-1:*:*"},
        {**LOGS, "Resource": ["*", "arn:aws:logs:*:*:*"]},
        {**LOGS, "Condition": {"StringEquals": {"a": "b"}}},
        {**LOGS, "Resource": {"Ref": "LogGroup"}},
        {"Fn::If": ["IsProd", LOGS, OTHER]},
        "not a statement",
    ],
)
def test_other_statement_stays(statement: Json):
    assert (statement,) == without_logs((statement,))


@pytest.mark.parametrize(
    ("value", "expected"), [(None, []), ("a", ["a"]), (["a"], ["a"]), ({"a": 1}, [{"a": 1}]), ([], [])]
)
def test_one_item_stands_for_a_list(value: Json, expected: list[Json]):
    assert expected == as_list(value)
