from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.router import Router

app = APIGatewayRestResolver(cors=CORSConfig(allow_origin="https://harbor.example.com", max_age=60))
piloting = Router()


def view(content_types=("application/json",)):
    """Middleware that answers 415 to other types of content."""

    def check(app, call_next):
        given = app.current_event.headers.get("content-type", "application/json")
        return call_next(app) if given in content_types else Response(status_code=415)

    return check


@app.route("/ships", method=["GET", "POST"], middlewares=[view(content_types=["application/json", "text/csv"])])
def ships():
    return []


@app.get("/ships/<name>", middlewares=[view()])
def ship(name):
    return {"name": name}


@piloting.get("/", middlewares=[view()])
def pilot():
    return {}


app.include_router(piloting, prefix="/pilots")


def handler(event, context):
    return app.resolve(event, context)
