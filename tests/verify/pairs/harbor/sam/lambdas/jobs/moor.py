def moor(event, context):
    return [record["dynamodb"]["NewImage"] for record in event["Records"]]
