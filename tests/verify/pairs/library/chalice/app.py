import os

import boto3
from chalice import Chalice
from chalicelib.counting import counting

app = Chalice(app_name="library")
app.register_blueprint(counting, name_prefix="nightly-")

books = boto3.client("dynamodb")


@app.lambda_function(name="lend-book")
def lend(event, context):
    books.put_item(TableName=os.environ["BOOKS"], Item={"isbn": {"S": event["isbn"]}})
    return {"isbn": event["isbn"], "days": int(os.environ["DAYS"])}


@app.lambda_function()
def remind(event, context):
    return {"reminded": len(event["readers"])}
