def warn(event, context):
    return event["Records"][0]["Sns"]["Message"]
