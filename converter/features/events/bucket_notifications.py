"""Lets existing S3 buckets invoke functions of this stack, as `chalice deploy` did.

CloudFormation can configure the notifications of a bucket only where it makes the bucket. This function does
it for buckets from elsewhere: it is the custom resource `Custom::BucketNotification` of template.yaml. Other
notifications of the bucket stay as they are; what the stack has added goes with the stack.
"""

import json
import logging
import urllib.request
from typing import Any

import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: Any) -> None:
    """Answers CloudFormation, whatever happens: it waits for an hour otherwise."""
    status, reason = "SUCCESS", ""
    properties = event["ResourceProperties"]
    identifier = event.get("PhysicalResourceId") or f"{properties['Bucket']}/{event['LogicalResourceId']}"
    try:
        if (
            event["RequestType"] == "Update"
            and event["OldResourceProperties"]["Bucket"] != properties["Bucket"]
        ):
            # Another bucket is another resource; CloudFormation then deletes the old one.
            identifier = f"{properties['Bucket']}/{event['LogicalResourceId']}"
        configure(identifier, properties, is_wanted=event["RequestType"] != "Delete")
    except Exception as error:
        logger.exception("The notifications of %s were not configured", properties.get("Bucket"))
        status, reason = "FAILED", f"{type(error).__name__}: {error}"
    answer = {
        "Status": status,
        "Reason": reason or f"See the log stream {context.log_stream_name}",
        "PhysicalResourceId": identifier,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(
        event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=30)


def configure(identifier: str, properties: dict[str, Any], is_wanted: bool) -> None:
    """Put the notification into the bucket's configuration, or take it out."""
    s3 = boto3.client("s3")
    bucket = properties["Bucket"]
    configuration = s3.get_bucket_notification_configuration(Bucket=bucket)
    configuration.pop("ResponseMetadata", None)
    others = [
        each for each in configuration.get("LambdaFunctionConfigurations", []) if each.get("Id") != identifier
    ]
    wanted = {"Id": identifier, "LambdaFunctionArn": properties["Function"], "Events": properties["Events"]}
    rules = [
        {"Name": name, "Value": properties[name]} for name in ("Prefix", "Suffix") if properties.get(name)
    ]
    if rules:
        wanted["Filter"] = {"Key": {"FilterRules": rules}}
    configuration["LambdaFunctionConfigurations"] = [*others, wanted] if is_wanted else others
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
