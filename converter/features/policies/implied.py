"""What a function may do because of its other settings, though no policy says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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


# What SAM attaches to a durable function in the place of the basic policy
# (samtranslator.model.sam_resources, _construct_role).
DURABLE_EXECUTION = {
    "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy"
}


def event_policies(function: Function) -> list[Json]:
    """The managed policies that a function needs to be given its events."""
    kinds = (event.kind for event in function.events)
    return list(dict.fromkeys(EVENT_POLICIES[kind] for kind in kinds if kind in EVENT_POLICIES))


def attached_policies(function: Function, properties: Mapping[str, Json]) -> list[Json]:
    """The managed policies that SAM attaches by itself for the sake of the events or of other properties."""
    return [*event_policies(function), *([DURABLE_EXECUTION] if properties.get("DurableConfig") else [])]


def failure_statements(properties: Mapping[str, Json]) -> list[Json]:
    """What SAM lets a function do so that an event's records which fail reach their destination.

    (samtranslator.model.eventsources.pull, to_cloudformation)
    """
    match properties.get("DestinationConfig"):
        case {"OnFailure": {"Type": "S3", "Destination": bucket}}:
            objects = {"Fn::Join": ["/", [bucket, "*"]]}
            return [_allow(["s3:PutObject"], objects), _allow(["s3:ListBucket"], bucket)]
        case {"OnFailure": {"Type": "SNS" | "SQS" as kind, "Destination": target}}:
            return [_allow([SENDING_ACTIONS[kind]], target)]
    return []


# Which secrets of a source SAM lets a function read (samtranslator.model.eventsources.pull).
_SECRETS = {
    "DocumentDB": {"BASIC_AUTH"},
    "MQ": {"BASIC_AUTH"},
    "MSK": {"SASL_SCRAM_512_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"},
    "SelfManagedKafka": {
        "BASIC_AUTH",
        "CLIENT_CERTIFICATE_TLS_AUTH",
        "OAUTHBEARER_AUTH",
        "SASL_SCRAM_256_AUTH",
        "SASL_SCRAM_512_AUTH",
        "SERVER_ROOT_CA_CERTIFICATE",
    },
}
_KMS_KEY = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/"
_RDS = "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:"
_NETWORK = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
]


def source_statements(kind: str, properties: Mapping[str, Json]) -> list[Json]:
    """What SAM lets a function do to be given the events of a broker, a Kafka cluster or DocumentDB."""
    if kind not in _SECRETS:
        return []
    configurations = properties.get("SourceAccessConfigurations")
    entries = (
        [each for each in configurations if isinstance(each, dict)]
        if isinstance(configurations, list)
        else []
    )
    secrets = [each["URI"] for each in entries if each.get("Type") in _SECRETS[kind] and "URI" in each]
    grants: list[tuple[list[str], Json]] = [(["secretsmanager:GetSecretValue"], secret) for secret in secrets]
    if kind == "MQ" and "Broker" in properties:
        grants.append((["mq:DescribeBroker"], properties["Broker"]))
    if kind == "DocumentDB":
        grants += [
            (["rds:DescribeDBClusterParameters"], {"Fn::Sub": f"{_RDS}cluster-pg:*"}),
            (["rds:DescribeDBSubnetGroups"], {"Fn::Sub": f"{_RDS}subgrp:*"}),
            (["rds:DescribeDBClusters"], properties.get("Cluster")),
        ]
    types = {each.get("Type") for each in entries}
    if kind == "DocumentDB" or (kind == "SelfManagedKafka" and {"VPC_SUBNET", "VPC_SECURITY_GROUP"} <= types):
        grants.append((_NETWORK, "*"))
    key = properties.get("SecretsManagerKmsKeyId")
    if isinstance(key, str) and kind != "MSK":
        grants.append((["kms:Decrypt"], {"Fn::Sub": f"{_KMS_KEY}{key}"}))
    return [_allow(actions, resource) for actions, resource in grants]


def _allow(actions: list[str], resource: Json) -> Json:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def implied_statements(function: Function, stage: str) -> list[Json]:
    """What VPC and tracing need; Chalice adds it to the policies that it generates only."""
    settings = function.settings[stage]
    vpc = [VPC_STATEMENT] if settings.get("vpc") is not None else []
    return [*vpc, *([XRAY_STATEMENT] if settings.get("tracing") else [])]
