"""What the managed policies grant that the frameworks attach by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from converter.model import Json
from converter.verify.facts import Fact, read_permissions

_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_TRACES = (
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)

# The AWS managed policies that SAM attaches by itself, by the end of their ARN.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
MANAGED_POLICIES = {
    "service-role/AWSLambdaBasicExecutionRole": _LOGS,
    "service-role/AWSLambdaBasicDurableExecutionRolePolicy": (
        *_LOGS,
        "lambda:CheckpointDurableExecution",
        "lambda:GetDurableExecutionState",
    ),
    "service-role/AWSLambdaVPCAccessExecutionRole": (
        *_LOGS,
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ),
    "service-role/AWSLambdaSQSQueueExecutionRole": (
        *_LOGS,
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ),
    "service-role/AWSLambdaDynamoDBExecutionRole": (
        *_LOGS,
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
    "service-role/AWSLambdaKinesisExecutionRole": (
        *_LOGS,
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kinesis:ListStreams",
        "kinesis:SubscribeToShard",
    ),
    "AWSXrayWriteOnlyAccess": _TRACES,
    "AWSXRayDaemonWriteAccess": _TRACES,
}
_MANAGED_POLICY_ARN = "arn:aws:iam::aws:policy/"


def expand_managed_policy(arn: Json) -> Iterator[Fact]:
    """What a policy of MANAGED_POLICIES grants, by its ARN or its key; of any other, that it is attached."""
    name = arn.removeprefix(_MANAGED_POLICY_ARN) if isinstance(arn, str) else None
    if name in MANAGED_POLICIES:
        statement = {"Effect": "Allow", "Action": list(MANAGED_POLICIES[name]), "Resource": "*"}
        yield from read_permissions([statement])
    else:
        shown = name.rpartition("/")[2] if name else arn
        yield Fact("permission", "", {"effect": "Attach", "action": shown})
