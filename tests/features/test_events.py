"""Events: what decorators say, in the words of a template; and the buckets that a function configures."""

from __future__ import annotations

import io
import json
import urllib.request
from typing import Any

import pytest
import yaml

from converter import codes
from converter.convert import chalice_to_sam, sam_to_chalice
from converter.features.events import bucket_notifications
from tests.features.tools import convert_to_sam

CONFIG = {
    "version": "2.0",
    "app_name": "orders",
    "stages": {
        "dev": {"environment_variables": {"RATE": "rate(1 day)", "BUCKET": "a"}},
        "prod": {"environment_variables": {"RATE": "rate(1 hour)", "BUCKET": "b"}},
    },
}


def text_of(there: Any, path: str) -> str:
    text: str = there.files[path].decode()
    return text


def convert(decorator: str) -> Any:
    app = (
        f"import os\nfrom chalice import Chalice\napp = Chalice('orders')\n{decorator}\ndef f(event): pass\n"
    )
    return convert_to_sam(files={"app.py": app, ".chalice/config.json": json.dumps(CONFIG)})


def test_schedule_by_stage():
    there = convert("@app.schedule(os.environ['RATE'])")
    template = text_of(there, "template.yaml")

    assert "Schedule: !FindInMap [Stages, !Ref Stage, Schedule]" in template
    assert "Schedule: rate(1 day)" in template
    assert "Schedule: rate(1 hour)" in template


@pytest.mark.parametrize(
    "decorator", ["on_sqs_message(os.environ['BUCKET'])", "on_sns_message(topic=os.environ['BUCKET'])"]
)
def test_arn_by_stage_there_and_back(decorator: str):
    """Only deployment knows the account, and still each stage has a queue, or a topic, of its own."""
    there = convert(f"@app.{decorator}")
    back = sam_to_chalice(there.files)
    again = chalice_to_sam(back.files)

    events = [one.application.functions["f"].events for one in (there, back, again)]
    assert ["dev", "prod"] == [stage for (event,) in events[:1] for stage in event.settings]
    assert events[0] == events[1] == events[2]
    assert there.files["template.yaml"] == again.files["template.yaml"]


def test_value_that_deployment_has_to_say():
    there = convert("@app.on_sqs_message(queue=os.environ['QUEUE_NAME'])")
    template = text_of(there, "template.yaml")

    assert 'Queue: !Sub "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${QueueName}"' in template
    assert "  QueueName:\n    Type: String\n" in template
    assert [codes.UNKNOWN_ARGUMENT] == [
        each.code for each in there.diagnostics if each.code is codes.UNKNOWN_ARGUMENT
    ]


@pytest.mark.parametrize(
    "decorator",
    [
        "@app.schedule()",
        "@app.on_cw_event('a')",
        "@app.on_sqs_message()",
        "@app.on_sqs_message(queue='a', queue_arn='b')",
        "@app.on_sqs_message(queue='a', batch_size='many')",
        "@app.on_sns_message()",
        "@app.on_kinesis_record('s', starting_position='MIDDLE')",
        "@app.on_dynamodb_record()",
        "@app.on_s3_event()",
        "@app.on_s3_event('a', events='all')",
    ],
)
def test_arguments_that_make_no_event(decorator: str):
    there = convert(decorator)

    assert codes.INVALID_DECORATOR_ARGUMENT in {each.code for each in there.diagnostics}
    assert ["f"] == [*there.application.functions]
    assert () == there.application.functions["f"].events


def test_bucket_by_stage():
    there = convert("@app.on_s3_event(os.environ['BUCKET'])")

    assert {"dev": {"FBucket": "a"}, "prod": {"FBucket": "b"}} == there.application.parameters
    assert "Bucket: !Ref FBucket" in text_of(there, "template.yaml")
    assert 'FBucket=\\"b\\"' in text_of(there, "samconfig.toml")
    assert yaml.safe_load(json.dumps([*there.application.functions])) == ["f", "bucket-notifications"]


# --- the function that configures buckets ------------------------------------------------------


class Bucket:
    """An S3 client that knows one bucket, which has a notification of somebody else's."""

    def __init__(self) -> None:
        self.configuration: dict[str, Any] = {
            "ResponseMetadata": {},
            "LambdaFunctionConfigurations": [{"Id": "theirs", "LambdaFunctionArn": "b", "Events": ["x"]}],
            "TopicConfigurations": [{"Id": "t"}],
        }

    def get_bucket_notification_configuration(self, Bucket: str) -> dict[str, Any]:
        assert "photos" == Bucket
        return dict(self.configuration)

    def put_bucket_notification_configuration(self, Bucket: str, NotificationConfiguration: Any) -> None:
        assert "photos" == Bucket
        self.configuration = NotificationConfiguration


class Context:
    log_stream_name = "stream"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()
    monkeypatch.setattr("boto3.client", lambda service: bucket)
    return bucket


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What CloudFormation is told."""
    told: list[dict[str, Any]] = []

    def open_url(request: urllib.request.Request, timeout: int) -> io.BytesIO:
        assert isinstance(request.data, bytes)
        told.append(json.loads(request.data))
        return io.BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", open_url)
    return told


def ask(kind: str, **more: Any) -> None:
    properties = {"Bucket": "photos", "Function": "arn", "Events": ["s3:ObjectCreated:*"], "Prefix": "in/"}
    event = {
        "RequestType": kind,
        "ResponseURL": "https://example.com",
        "StackId": "s",
        "RequestId": "r",
        "LogicalResourceId": "Shrink",
        "ResourceProperties": properties,
        "OldResourceProperties": properties,
        **more,
    }
    bucket_notifications.handler(event, Context())


def test_notification_is_added_and_taken_away(bucket: Bucket, answers: list[dict[str, Any]]):
    before = bucket.configuration["LambdaFunctionConfigurations"]
    ask("Create")
    ask("Update", PhysicalResourceId="photos/Shrink")

    own = {
        "Id": "photos/Shrink",
        "LambdaFunctionArn": "arn",
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}]}},
    }
    assert [*before, own] == bucket.configuration["LambdaFunctionConfigurations"]
    assert [{"Id": "t"}] == bucket.configuration["TopicConfigurations"]

    ask("Delete", PhysicalResourceId="photos/Shrink")

    assert before == bucket.configuration["LambdaFunctionConfigurations"]
    assert ["SUCCESS"] * 3 == [answer["Status"] for answer in answers]
    assert {"photos/Shrink"} == {answer["PhysicalResourceId"] for answer in answers}


def test_failure_is_told(bucket: Bucket, answers: list[dict[str, Any]]):
    ask("Create", ResourceProperties={"Bucket": "other", "Function": "arn", "Events": []})

    assert "FAILED" == answers[0]["Status"]
    assert answers[0]["Reason"].startswith("AssertionError")
