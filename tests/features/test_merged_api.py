"""A merge template of a Chalice project may say more of what Chalice generates for its API."""

from __future__ import annotations

from converter.codes import UNSUPPORTED_SETTING
from converter.convert import chalice_to_sam, sam_to_chalice
from converter.model import Position
from converter.sam.template import read_template
from converter.verify import verify

APP = b"""\
from chalice import Chalice

app = Chalice(app_name="shop")


@app.route("/prices")
def prices():
    return []
"""
CONFIG = b'{"version": "2.0", "app_name": "shop"}'
MERGED = b"""\
Resources:
  APIHandler:
    Properties:
      ReservedConcurrentExecutions: 5
      EphemeralStorage:
        Size: 1024
  RestAPI:
    Properties:
      TracingEnabled: true
  # Who asks too often.
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Dimensions:
        - Name: FunctionName
          Value: !Ref APIHandler
        - Name: ApiId
          Value: !Ref RestAPI
      Namespace: AWS/Lambda
      MetricName: Throttles
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Threshold: 1
Outputs:
  RestAPIId:
    Export:
      Name: shop-api
"""
PROJECT = {"app.py": APP, ".chalice/config.json": CONFIG, ".chalice/resources.yaml": MERGED}


def test_properties_join_those_of_the_api_and_its_function():
    text = chalice_to_sam(PROJECT).files["template.yaml"].decode()
    template = read_template("template.yaml", text.encode()).value
    resources = template["Resources"]
    function = resources["ApiHandlerFunction"]["Properties"]

    assert "APIHandler" not in resources
    assert (5, {"Size": 1024}) == (function["ReservedConcurrentExecutions"], function["EphemeralStorage"])
    assert "AWS::Serverless::Api" == resources["RestAPI"]["Type"]
    assert resources["RestAPI"]["Properties"].items() >= {"TracingEnabled": True, "StageName": "api"}.items()
    assert {"Ref": "RestAPI"} == template["Outputs"]["RestAPIId"]["Value"]
    assert {"Name": "shop-api"} == template["Outputs"]["RestAPIId"]["Export"]
    assert "  # Who asks too often.\n" in text
    assert "Value: !Ref ApiHandlerFunction\n        - Name: ApiId" in text


def test_both_forms_mean_the_same():
    assert () == verify(PROJECT, dict(chalice_to_sam(PROJECT).files)).differences


def test_document_of_the_api_is_named():
    body = b"      DefinitionBody:\n        host: shop.example.com\n"
    merged = MERGED.replace(b"      TracingEnabled: true\n", b"      TracingEnabled: true\n" + body)
    converted = chalice_to_sam({**PROJECT, ".chalice/resources.yaml": merged})
    [said] = [each for each in converted.diagnostics if each.code == UNSUPPORTED_SETTING]

    assert ("DefinitionBody of RestAPI", Position(".chalice/resources.yaml", 10, 7)) == (
        said.subject,
        said.position,
    )
    assert b"host" not in converted.files["template.yaml"]


OWN_CLASS = """\
import os

from chalice import Chalice


class Shop(Chalice):
    pass


os.environ["SHOP"] = "open"
app = Shop(app_name="shop")


@app.route("/", cors=True)
def index():
    return {"shop": os.environ["SHOP"]}


@app.route("/boxes", methods=["POST"], content_types=["text/csv"], cors=True)
def add_boxes():
    return app.current_request.raw_body.decode()


@app.lambda_function()
def sweep(event, context):
    return event
"""


def test_app_object_that_cannot_stand_in_app_py_comes_back_mounted() -> None:
    """Another app object answers the requests, and what it says of the routes stays what it was."""
    there = chalice_to_sam({"app.py": OWN_CLASS.encode()})
    back = sam_to_chalice(there.files)
    app = back.files["app.py"].decode()

    assert "    from chalicelib.api_handler.app import app as handler\n" in app
    assert '@app.route("/boxes", methods=["POST"], content_types=["*/*"])\n' in app
    assert () == verify(there.files, back.files).differences
    assert verify(there.files, back.files).is_complete
