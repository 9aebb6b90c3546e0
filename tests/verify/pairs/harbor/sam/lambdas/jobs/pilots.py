def pilots(event, context):
    auth = {"token": event["authorizationToken"]}
    return {"routes": ["*"], "principal_id": auth["token"]}
