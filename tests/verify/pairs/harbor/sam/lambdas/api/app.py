def ships():
    return []


def ship(name):
    return {"name": name}


def pilot():
    return {}


def handler(event, context):
    route = {"/ships": ships}.get(event["resource"], pilot)
    return route()
