def ships():
    return []


def ship(name):
    return {"name": name}


def pilot():
    return {}


def handler(event, context):
    views = {"/ships": ships, "/pilots": pilot}
    return views[event["resource"]]()
