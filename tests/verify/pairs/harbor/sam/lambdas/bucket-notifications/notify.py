def handler(event, context):
    print(event["RequestType"])
