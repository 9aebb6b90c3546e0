def radio(event, context):
    print(event["body"])
