from __future__ import annotations

from pathlib import Path

import pytest

from converter.codes import NEAR_LIMIT
from converter.sam.limits import count_resources, report_limits
from converter.verify.tools.translation import parse_template, translate
from tests.fixture_tools import FIXTURES

EVENTS = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: a.b, CodeUri: ./code}}
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Bucket: {Type: AWS::S3::Bucket}
  One:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
        Topic: {Type: SNS, Properties: {Topic: !Ref Topic}}
        Photos: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: "s3:ObjectCreated:*"}}
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
        Rule: {Type: EventBridgeRule, Properties: {Pattern: {source: [shop]}}}
        Get: {Type: Api, Properties: {Path: /, Method: get}}
        Post: {Type: Api, Properties: {Path: /, Method: post}}
  Two:
    Type: AWS::Serverless::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/two
      AutoPublishAlias: live
      Events:
        Daily: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        Proxy: {Type: HttpApi}
"""
API = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: api
      Auth:
        UsagePlan: {CreateUsagePlan: PER_API}
        ApiKeyRequired: true
        Authorizers: {Door: {FunctionArn: !GetAtt One.Arn}}
      Domain: {DomainName: api.example.com, CertificateArn: "arn:aws:acm:x", BasePath: [one, two]}
  One:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: ./code
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /, Method: get}}}
"""
FIXTURE_TEMPLATES = sorted(FIXTURES.glob("*/sam/template.yaml"))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(EVENTS, id="events"),
        pytest.param(API, id="api"),
        *(pytest.param(path, id=path.parts[-3]) for path in FIXTURE_TEMPLATES),
    ],
)
def test_resources_are_counted_as_sam_makes_them(template: str | Path):
    content = template.encode() if isinstance(template, str) else template.read_bytes()
    parsed = parse_template("template.yaml", content)
    shared = parsed.get("Globals", {}).get("Function", {})

    assert len(translate(parsed)["Resources"]) == count_resources(parsed["Resources"], shared)


def queues(count: int) -> dict[str, dict[str, object]]:
    return {"Resources": {f"Q{number}": {"Type": "AWS::SQS::Queue"} for number in range(count)}}


@pytest.mark.parametrize(
    ("sections", "size", "expected"),
    [
        pytest.param(queues(450), 0, [], id="far"),
        pytest.param(queues(451), 0, ["the stack has 451 resources, and 500 are allowed"], id="near"),
        pytest.param(
            queues(501),
            0,
            ["CloudFormation refuses a stack with 501 resources: 500 are allowed"],
            id="beyond",
        ),
        pytest.param(
            {}, 950_000, ["the stack has 950,000 bytes, and 1,000,000 are allowed"], id="a large template"
        ),
        pytest.param(
            {"Parameters": {f"P{n}": {} for n in range(190)}, "Outputs": {f"O{n}": {} for n in range(201)}},
            0,
            [
                "the stack has 190 parameters, and 200 are allowed",
                "CloudFormation refuses a stack with 201 outputs: 200 are allowed",
            ],
            id="parameters and outputs",
        ),
    ],
)
def test_what_is_said_of_limits(sections: dict[str, dict[str, object]], size: int, expected: list[str]):
    found = list(report_limits(sections, size))

    assert expected == [each.reason for each in found]
    assert {NEAR_LIMIT} >= {each.code for each in found}
