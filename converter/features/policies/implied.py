"""What a function may do because of its other settings, though no policy says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.model import Function, Json

BASIC_EXECUTION = "AWSLambdaBasicExecutionRole"
VPC_ACCESS = "AWSLambdaVPCAccessExecutionRole"
XRAY_WRITE = "AWSXRayDaemonWriteAccess"

# chalice.constants.VPC_ATTACH_POLICY and XRAY_POLICY.
VPC_STATEMENT = {
    "Effect": "Allow",
    "Action": [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DetachNetworkInterface",
        "ec2:DeleteNetworkInterface",
    ],
    "Resource": "*",
}
XRAY_STATEMENT = {
    "Effect": "Allow",
    "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    "Resource": "*",
}
# What SAM lets a function do because of where its events come from
# (samtranslator.model.eventsources.pull, get_policy_arn).
EVENT_POLICIES = {
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
}

# samtranslator.model.sam_resources, dead_letter_queue_policy_actions and _add_event_invoke_managed_policy.
SENDING_ACTIONS = {
    "EventBridge": "events:PutEvents",
    "Lambda": "lambda:InvokeFunction",
    "SNS": "sns:Publish",
    "SQS": "sqs:SendMessage",
}


def event_policies(function: Function) -> list[Json]:
    """The managed policies that a function needs to be given its events."""
    kinds = (event.kind for event in function.events)
    return list(dict.fromkeys(EVENT_POLICIES[kind] for kind in kinds if kind in EVENT_POLICIES))


def implied_statements(function: Function, stage: str) -> list[Json]:
    """What VPC and tracing need; Chalice adds it to the policies that it generates only."""
    settings = function.settings[stage]
    vpc = [VPC_STATEMENT] if settings.get("vpc") is not None else []
    return [*vpc, *([XRAY_STATEMENT] if settings.get("tracing") else [])]
