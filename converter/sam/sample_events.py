"""An event of each kind, as Lambda hands it to a function.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from converter.model import Json

RULE_EVENT: Json = {
    "version": "0",
    "id": "00000000-0000-0000-0000-000000000000",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2024-05-01T12:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/verify"],
    "detail": {},
}

# One record of those events that hold several.
RECORDS: Mapping[str, Json] = {
    "S3": {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": "2024-05-01T12:00:00Z",
        "s3": {"bucket": {"name": "bucket"}, "object": {"key": "a+b%2Fc.txt", "size": 7, "eTag": "0"}},
    },
    "SNS": {
        "EventSource": "aws:sns",
        "Sns": {
            "Message": '{"name": "text"}',
            "MessageAttributes": {},
            "MessageId": "0",
            "Subject": "subject",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:topic",
        },
    },
    "SQS": {
        "messageId": "0",
        "receiptHandle": "handle",
        "body": '{"name": "text"}',
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
        "awsRegion": "us-east-1",
    },
    "Kinesis": {
        "eventID": "shard:0",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "approximateArrivalTimestamp": 1714564800.0,
            "data": base64.b64encode(b'{"name": "text"}').decode(),
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "key",
            "sequenceNumber": "0",
        },
    },
    "DynamoDB": {
        "eventID": "0",
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1714564800,
            "Keys": {"id": {"S": "a"}},
            "NewImage": {"id": {"S": "a"}, "n": {"N": "1"}},
            "OldImage": {"id": {"S": "a"}},
            "SequenceNumber": "0",
            "SizeBytes": 7,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/items/stream/0",
    },
}


AUTHORIZER_EVENT: Json = {
    "type": "TOKEN",
    "authorizationToken": "allow",
    "methodArn": "arn:aws:execute-api:us-east-1:123456789012:api/stage/GET/items",
}
WEBSOCKET_EVENT: Json = {
    "requestContext": {
        "routeKey": "$default",
        "eventType": "MESSAGE",
        "connectionId": "connection=",
        "apiId": "api",
        "domainName": "api.execute-api.us-east-1.amazonaws.com",
        "stage": "api",
        "requestId": "0",
    },
    "body": '{"name": "text"}',
    "isBase64Encoded": False,
}
_SINGLE: Mapping[str, Json] = {
    **dict.fromkeys(("CloudWatchEvent", "EventBridgeRule", "Schedule"), RULE_EVENT),
    "Authorizer": AUTHORIZER_EVENT,
    "Websocket": WEBSOCKET_EVENT,
}


def sample_event(kind: str) -> Json:
    """An event of the kind, as SAM calls it; None for those that have no shape of their own."""
    if kind in RECORDS:
        return {"Records": [RECORDS[kind]]}
    return _SINGLE.get(kind)
