def unload(event, context):
    return [record["body"] for record in event["Records"]]
