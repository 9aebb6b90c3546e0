from chalice import Blueprint

counting = Blueprint(__name__)


@counting.lambda_function(name="count")
def count(event, context):
    return sum(event["shelves"])
