"""`paws gen-policy`: what each function's own code has to be allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from converter.cli import app
from converter.files import Folder
from converter.least_privilege import derive_policies
from converter.model import Json
from tests.fixture_tools import FIXTURES

TEMPLATE = b"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::SimpleTable
  LoadOrder:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: load.handler
      CodeUri: src/
      Environment: {Variables: {TABLE: !Ref Orders}}
  Ping:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: ping.handler, CodeUri: src/}
  Front:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Handler: index.handler, CodeUri: front/}
"""
LOAD = b"""\
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    return table.get_item(Key={"id": event["id"]})
"""
PING = b"""\
import boto3

import outside


def handler(event, context):
    outside.ask(boto3.client(event["service"]))
    boto3.client("s3").get_object(Bucket=event["bucket"], Key="a")
"""
SAM = {"template.yaml": TEMPLATE, "src/load.py": LOAD, "src/ping.py": PING, "front/index.js": b""}


def allowed(document: Json) -> list[tuple[str, list[Json]]]:
    return [(action, each["Resource"]) for each in document["Statement"] for action in each["Action"]][3:]


def test_policies_of_a_template():
    found = derive_policies(SAM)

    assert {"LoadOrder", "Ping"} == set(found.documents)
    [(action, [resource])] = allowed(found.documents["LoadOrder"])
    assert ("dynamodb:GetItem", "table/${Orders}") == (action, resource["Fn::Sub"].rpartition(":")[2])
    assert [("s3:GetObject", ["*"])] == allowed(found.documents["Ping"])
    assert ("Front",) == found.others
    assert any("get_object" == each.subject for each in found.findings)


def test_code_that_cannot_be_read_is_named():
    found = derive_policies({**SAM, "src/load.py": b"def handler(e, c:\n"})

    assert ("LoadOrder", "Front") == found.others
    assert "src/load.py" in {each.position.path for each in found.findings if each.position}


def test_stage_that_is_not_there_is_named():
    found = derive_policies(Folder(FIXTURES / "stages" / "chalice"), "nope")

    assert "--stage nope" in {each.subject for each in found.findings}


@pytest.mark.parametrize("name", ["tables-and-buckets", "autogen-policy"])
def test_both_forms_of_a_project_need_the_same(name: str):
    chalice, sam = (derive_policies(Folder(FIXTURES / name / form)) for form in ("chalice", "sam"))

    assert sorted(map(str, chalice.documents.values())) == sorted(map(str, sam.documents.values()))


def test_command(tmp_path: Path):
    for path, data in SAM.items():
        place = tmp_path / path
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    one = CliRunner().invoke(app, ["gen-policy", str(tmp_path), "--function", "LoadOrder"])
    every = CliRunner().invoke(app, ["gen-policy", str(tmp_path)])

    assert "2012-10-17" == json.loads(one.stdout)["Version"]
    assert {"LoadOrder", "Ping"} == set(json.loads(every.stdout))
    assert "get_object" in every.stderr
    assert "Front: it has no Python code that can be read" in every.stderr
    assert 2 == CliRunner().invoke(app, ["gen-policy", str(tmp_path), "--function", "X"]).exit_code
    assert 2 == CliRunner().invoke(app, ["gen-policy", str(tmp_path / "nowhere")]).exit_code
