"""Events of a template as decorators of Chalice's, and what these cannot say in the merge template."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from converter import codes
from converter.chalice.decoration import write_literal
from converter.convert import Conversion, chalice_to_sam, sam_to_chalice
from converter.model import Json
from tests.sam.readers import load_with_pyyaml

IN_TEMPLATE = "arn:aws:%s:us-east-1:000000000000:named-in-resources.yaml"
HANDLER = "def work(event, context):\n    return event\n"


def convert(events: str, resources: str = "", code: str = HANDLER) -> Conversion:
    template = f"""
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: one/
      Handler: one.work
      Runtime: python3.13
      Events: {events}
{resources}"""
    return sam_to_chalice({"template.yaml": template.encode(), "one/one.py": code.encode()})


def decorator_of(back: Conversion) -> str:
    tree = ast.parse(back.files["app.py"])
    [found] = [one for node in tree.body if isinstance(node, ast.FunctionDef) for one in node.decorator_list]
    return ast.unparse(found).replace("'", '"')


def merged_events(back: Conversion) -> Json:
    data = back.files.get(".chalice/resources.yaml")
    resources: Json = load_with_pyyaml(data.decode())["Resources"] if data else {}
    return resources.get("One", {}).get("Properties", {}).get("Events")


@pytest.mark.parametrize(
    ("event", "decorator", "merged"),
    [
        (
            "{Type: Schedule, Properties: {Schedule: rate(1 day)}}",
            'app.schedule("rate(1 day)")',
            None,
        ),
        (
            "{Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: false, Name: daily}}",
            'app.schedule("rate(1 day)")',
            {"OneEvent": {"Properties": {"Enabled": False, "Name": "daily"}}},
        ),
        (
            "{Type: CloudWatchEvent, Properties: {Pattern: {source: [aws.ec2]}}}",
            'app.on_cw_event({"source": ["aws.ec2"]})',
            None,
        ),
        (
            "{Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, EventBusName: bus}}",
            'app.on_cw_event({"source": ["a"]})',
            {"OneEvent": {"Type": "EventBridgeRule", "Properties": {"EventBusName": "bus"}}},
        ),
        (
            "{Type: SQS, Properties: {Queue: 'arn:aws:sqs:eu-west-1:123456789012:jobs', BatchSize: 1}}",
            'app.on_sqs_message(queue_arn="arn:aws:sqs:eu-west-1:123456789012:jobs")',
            None,
        ),
        (
            "{Type: SQS, Properties: {Queue: !Sub "
            "'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:jobs'}}",
            'app.on_sqs_message(queue="jobs", batch_size=10)',
            None,
        ),
        (
            "{Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, ScalingConfig: {MaximumConcurrency: 3}, "
            "MaximumBatchingWindowInSeconds: 5, FunctionResponseTypes: [ReportBatchItemFailures]}}",
            f'app.on_sqs_message(queue_arn="{IN_TEMPLATE % "sqs"}", batch_size=10, '
            "maximum_batching_window_in_seconds=5, maximum_concurrency=3)",
            {
                "OneSqsEventSource": {
                    "Properties": {
                        "Queue": {"Fn::GetAtt": ["Queue", "Arn"]},
                        "FunctionResponseTypes": ["ReportBatchItemFailures"],
                    }
                }
            },
        ),
        (
            "{Type: SNS, Properties: {Topic: !Ref Topic, FilterPolicy: {a: [b]}}}",
            f'app.on_sns_message(topic="{IN_TEMPLATE % "sns"}")',
            {"OneSnsSubscription": {"Properties": {"Topic": {"Ref": "Topic"}, "FilterPolicy": {"a": ["b"]}}}},
        ),
        (
            "{Type: Kinesis, Properties: {Stream: !Sub "
            "'arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/clicks', "
            "StartingPosition: TRIM_HORIZON}}",
            'app.on_kinesis_record(stream="clicks", starting_position="TRIM_HORIZON")',
            None,
        ),
        (
            "{Type: DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST, "
            "BatchSize: 5}}",
            f'app.on_dynamodb_record(stream_arn="{IN_TEMPLATE % "dynamodb"}", batch_size=5)',
            {"OneDynamodbEventSource": {"Properties": {"Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}}}},
        ),
        (
            "{Type: DynamoDB, Properties: {Stream: a, StartingPosition: AT_TIMESTAMP}}",
            'app.on_dynamodb_record(stream_arn="a")',
            {"OneDynamodbEventSource": {"Properties": {"StartingPosition": "AT_TIMESTAMP"}}},
        ),
    ],
)
def test_decorator(event: str, decorator: str, merged: Json):
    back = convert(f"{{Jobs: {event}}}")

    assert decorator == decorator_of(back)
    assert merged == merged_events(back)
    assert back.application == chalice_to_sam(back.files).application


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("{Type: Schedule, Properties: {Schedule: rate(1 day), Input: '{}'}}", id="other event"),
        pytest.param("{Type: Schedule, Properties: {Schedule: !Ref Rate}}", id="schedule of a parameter"),
        pytest.param("{Type: CloudWatchEvent, Properties: {Pattern: {source: [!Ref A]}}}", id="pattern"),
        pytest.param(
            "{Type: Kinesis, Properties: {Stream: !GetAtt S.Arn, StartingPosition: LATEST}}", id="stream"
        ),
        pytest.param("{Type: S3, Properties: {Bucket: !Ref B, Events: 's3:ObjectCreated:*'}}", id="bucket"),
        pytest.param("{Type: Cognito, Properties: {UserPool: !Ref P, Trigger: PreSignUp}}", id="Cognito"),
        pytest.param(
            "{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}", id="EventBridge Scheduler"
        ),
    ],
)
def test_event_that_no_decorator_can_say(event: str):
    back = convert(f"{{Jobs: {event}}}")

    assert "app.lambda_function()" == decorator_of(back)
    assert ["Jobs"] == list(merged_events(back))
    assert "Type" in merged_events(back)["Jobs"]
    assert ["Jobs"] == [each.subject for each in back.diagnostics if each.code is codes.CARRIED_PROPERTY]
    assert back.application == chalice_to_sam(back.files).application


def test_further_events_stand_beside():
    back = convert(
        "{Day: {Type: Schedule, Properties: {Schedule: rate(1 day)}}, "
        "Week: {Type: Schedule, Properties: {Schedule: rate(7 days)}}}"
    )

    assert decorator_of(back).startswith('app.schedule("rate(1 day)"')
    assert {"Week": {"Type": "Schedule", "Properties": {"Schedule": "rate(7 days)"}}} == merged_events(back)
    assert back.application == chalice_to_sam(back.files).application


def test_function_of_events_of_several_forms_gets_them_as_they_are():
    """Chalice's event of a schedule refuses a message."""
    back = convert(
        "{Day: {Type: Schedule, Properties: {Schedule: rate(1 day)}}, "
        "News: {Type: SNS, Properties: {Topic: !Ref Topic}}}"
    )

    assert decorator_of(back).startswith("app.lambda_function(")
    assert ["Day", "News"] == list(merged_events(back))


def test_function_that_others_know_gets_events_as_they_are():
    resources = "  Steps: {Type: AWS::Serverless::StateMachine, Properties: {X: !GetAtt OneFunction.Arn}}\n"
    day = "{Day: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}"

    assert decorator_of(convert(day, resources)).startswith("app.lambda_function(")
    assert decorator_of(convert(day)).startswith("app.schedule(")


def test_rule_that_the_template_names():
    outputs = "Outputs: {Rule: {Value: !Ref OneFunctionDay}}\n"
    back = convert("{Day: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}", outputs)

    assert decorator_of(back).startswith("app.lambda_function(")


DAY = "{Day: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}"


def test_handler_that_hands_the_event_on_is_called_with_what_lambda_gives():
    back = convert(DAY)

    assert (
        dedent(
            """
            def work(event, context):
                return event


            @app.schedule("rate(1 day)")
            def one(event):
                return work(event.to_dict(), event.context)
            """
        )
        in back.files["app.py"].decode()
    )
    [note] = [each for each in back.diagnostics if each.code is codes.ONLY_ITS_EVENTS]
    assert "Day" == note.subject


def test_handler_of_known_attributes_gets_the_object():
    code = 'def work(event, context):\n    # When?\n    return event["time"], context.function_name\n'
    back = convert(DAY, code=code)
    handler = '@app.schedule("rate(1 day)")\ndef one(event):\n    # When?\n'

    assert f"{handler}    return event.time, event.context.function_name\n" in back.files["app.py"].decode()


def test_handler_that_others_call_stays_as_it_is():
    code = (
        'def work(event, context):\n    return event["time"]\n\n\ndef other():\n    return work({}, None)\n'
    )
    back = convert(DAY, code=code)

    assert code.partition("\n\n\n")[0] in back.files["app.py"].decode()
    assert "return work(event.to_dict(), event.context)" in back.files["app.py"].decode()


@pytest.mark.parametrize("body", ["return event", 'return event["time"]'])
def test_handler_comes_back_as_it_was(body: str):
    code = f"def work(event, context):\n    {body}\n"
    back = convert(DAY, code=code)
    again = chalice_to_sam(back.files)

    assert code.partition("\n")[2] == again.files["lambdas/one/one.py"].decode().partition("\n")[2]
    assert back.files["app.py"] == sam_to_chalice(again.files).files["app.py"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [True, None, 1.5, "é\n"]}, '{"a": [True, None, 1.5, "é\\n"]}'),
        ({}, "{}"),
        (
            {"key": ["x" * 40, "y" * 40]},
            f'{{\n    "key": [\n        "{"x" * 40}",\n        "{"y" * 40}",\n    ],\n}}',
        ),
    ],
)
def test_literal(value: Json, text: str):
    assert text == write_literal(value)
    assert value == ast.literal_eval(text)
