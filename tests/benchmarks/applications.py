"""Chalice applications of any size, with what real ones have: helpers, constants, clients, stages."""

from __future__ import annotations

import json
from pathlib import Path

_HEAD = '''\
"""Everything that happens to an order."""

import json
import logging
import os
from datetime import datetime, timedelta

import boto3
from chalice import Chalice

from chalicelib.pricing import with_tax

app = Chalice(app_name="orders")
logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

TABLE = os.environ.get("TABLE", "orders")
# Orders older than this are archived.
DAYS_KEPT = 30
STATES = {"new": 0, "paid": 1, "sent": 2}

dynamodb = boto3.client("dynamodb")


def is_old(order, now):
    return now - datetime.fromisoformat(order["placed"]) > timedelta(days=DAYS_KEPT)


def answer(body, status=200):
    """What every function returns."""
    return {"status": status, "body": json.dumps(body)}
'''

# Four kinds of handler in turns: with a helper of its own, with shared code, with a client, on its own.
_HANDLERS = (
    '''

def _score_{n}(order):
    return STATES[order["state"]] * {n}


@app.lambda_function(name="score-order-{n}")
def score_order_{n}(event, context):
    """How urgent the orders are."""
    return answer([_score_{n}(order) for order in event["orders"]])
''',
    """

@app.lambda_function(name="archive-orders-{n}")
def archive_orders_{n}(event, context):
    now = datetime.fromisoformat(event["time"])
    # Only what nobody asks for any more.
    old = [order for order in event["orders"] if is_old(order, now)]
    logger.info("%d old orders", len(old))
    return answer({{"archived": len(old)}})
""",
    """

@app.lambda_function(name="load-order-{n}")
def load_order_{n}(event, context):
    item = dynamodb.get_item(TableName=TABLE, Key={{"id": {{"S": event["id"]}}}})
    if "Item" not in item:
        return answer({{"error": "no such order"}}, status=404)
    return answer(item["Item"])
""",
    """

LIMIT_{n} = {n}


@app.lambda_function(name="total-order-{n}")
def total_order_{n}(event, context):
    total = sum(with_tax(line["price"]) * line["count"] for line in event["lines"])
    return {{"total": total, "free_delivery": total > LIMIT_{n}}}
""",
)

# Three kinds of view in turns: with an error, with a body, with a response of its own.
_VIEWS = (
    """

@app.route("/orders/{n}/{{name}}")
def order_{n}(name):
    if name not in STATES:
        raise NotFoundError(f"no state {{name}}")
    return {{"state": STATES[name]}}
""",
    """

@app.route("/orders/{n}", methods=["POST", "PUT"])
def add_order_{n}():
    order = app.current_request.json_body
    dynamodb.put_item(TableName=TABLE, Item={{"id": {{"S": order["id"]}}}})
    return answer(order)
""",
    """

@app.route("/prices/{n}")
def price_{n}():
    text = app.current_request.query_params or {{}}
    return Response(str(with_tax(float(text.get("price", {n})))), headers={{"Content-Type": "text/plain"}})
""",
)

_PRICING = '''\
"""Prices."""

TAX = 0.22


def with_tax(price):
    return round(price * (1 + TAX), 2)
'''

_CONFIG = {
    "version": "2.0",
    "app_name": "orders",
    "environment_variables": {"TABLE": "orders"},
    "stages": {
        "dev": {"environment_variables": {"LOG_LEVEL": "DEBUG"}},
        "prod": {
            "lambda_memory_size": 256,
            "lambda_functions": {"score-order-0": {"lambda_timeout": 120}},
        },
    },
}


def write_application(folder: Path, handlers: int, *, routes: bool = False) -> None:
    """Writes a Chalice project with this many pure Lambda functions, or views, into a new folder."""
    kinds = _VIEWS if routes else _HANDLERS
    head = _HEAD.replace("import Chalice\n", "import Chalice, NotFoundError, Response\n") if routes else _HEAD
    app = head + "".join(kinds[n % len(kinds)].format(n=n) for n in range(handlers))
    files = {
        "app.py": app,
        "requirements.txt": "",
        "chalicelib/__init__.py": "",
        "chalicelib/pricing.py": _PRICING,
        ".chalice/config.json": json.dumps(_CONFIG, indent=2),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


_FUNCTION = """\
  LoadOrder{n}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/load_order_{n}/
      Handler: app.lambda_handler
      # What a big order needs.
      MemorySize: 256
      Environment:
        Variables:
          TABLE: !Ref Orders
          LIMIT: "{n}"
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Orders
      Events:
        New:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 5
"""

_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31

Globals:
  Function:
    Runtime: python3.12
    Timeout: 30

Resources:
  Orders:
    Type: AWS::Serverless::SimpleTable
  Queue:
    Type: AWS::SQS::Queue
"""

_CODE = """\
import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def lambda_handler(event, context):
    found = [table.get_item(Key={{"id": json.loads(each["body"])["id"]}}) for each in event["Records"]]
    return {{"found": len(found), "limit": {n}}}
"""


def write_template(folder: Path, functions: int) -> None:
    """Writes a SAM project with this many functions, each in a folder of its own, into a new folder."""
    folder.mkdir(parents=True)
    text = _TEMPLATE + "".join(_FUNCTION.format(n=n) for n in range(functions))
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    for n in range(functions):
        code = folder / "functions" / f"load_order_{n}"
        code.mkdir(parents=True)
        (code / "app.py").write_text(_CODE.format(n=n), encoding="utf-8")
        (code / "requirements.txt").write_text("boto3\n", encoding="utf-8")
