def seen(event, context):
    return event["detail"]
