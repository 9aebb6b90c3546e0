"""An event of each kind, as Lambda hands it to a function.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
"""

from __future__ import annotations

import base64
import re
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


# --- requests ---------------------------------------------------------------------------

_PARAMETER = re.compile(r"\{([^}+]+)(\+?)\}")


def request(
    method: str,
    path: str,
    *,
    value: str = "7",
    query: Mapping[str, str] | None = None,
    body: str | None = None,
    content_type: str = "application/json",
) -> Json:
    """A request to a route whose parameters all have the same value."""
    parameters = {name: value for name, _ in _PARAMETER.findall(path)} or None
    real = _PARAMETER.sub(lambda _: value, path)
    headers = {
        "Accept": "*/*",
        "Content-Type": content_type,
        "Host": "example.com",
        "Origin": "https://example.org",
    }
    return {
        "resource": path,
        "path": real,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [header] for name, header in headers.items()},
        "queryStringParameters": query and dict(query),
        "multiValueQueryStringParameters": query and {name: [text] for name, text in query.items()},
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "authorizer": {"claims": {"sub": "0"}, "principalId": "verify"},
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "verify"},
            "path": f"/api{real}",
            "requestId": "0",
            "resourcePath": path,
            "stage": "api",
        },
        "body": body,
        "isBase64Encoded": False,
    }
