def handler(event, context):
    return sum(event["shelves"])
