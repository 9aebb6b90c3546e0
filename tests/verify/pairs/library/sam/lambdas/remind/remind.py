def handler(event, context):
    return {"reminded": len(event["readers"])}
