import os

import boto3

books = boto3.client("dynamodb")


def handler(event, context):
    books.put_item(TableName=os.environ["BOOKS"], Item={"isbn": {"S": event["isbn"]}})
    return {"isbn": event["isbn"], "days": int(os.environ["DAYS"])}
