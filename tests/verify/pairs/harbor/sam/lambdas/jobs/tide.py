def tide(event, context):
    return event["time"]
