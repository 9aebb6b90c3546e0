def track(event, context):
    return [record["kinesis"]["data"] for record in event["Records"]]
