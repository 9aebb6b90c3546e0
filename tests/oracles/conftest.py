"""One application in both forms, written by hand, for testing the oracles themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

CHALICE = {
    "app.py": """\
import os

import boto3
from chalice import Chalice
from chalicelib.words import GREETING

app = Chalice(app_name="greeter")


@app.lambda_function(name="say-hello")
def hello(event, context):
    print("not an answer")
    return {"text": GREETING + event["name"], "stage": os.environ["STAGE"]}


@app.lambda_function()
def count(event, context):
    return len(boto3.client("s3").list_buckets()["Buckets"])
""",
    "chalicelib/__init__.py": "",
    "chalicelib/words.py": 'GREETING = "Hello, "\n',
    "requirements.txt": "requests\n",
    ".chalice/config.json": """\
{
  "version": "2.0",
  "app_name": "greeter",
  "tags": {"team": "hospitality"},
  "log_retention_in_days": 14,
  "xray": true,
  "subnet_ids": ["subnet-0123abcd"],
  "security_group_ids": ["sg-0123abcd"],
  "stages": {
    "dev": {"environment_variables": {"STAGE": "dev"}},
    "prod": {
      "environment_variables": {"STAGE": "prod"},
      "lambda_memory_size": 512
    }
  }
}
""",
}

_ROLE_POLICIES = """\
      Policies:
        - Statement:
            - Effect: Allow
              Action: [s3:ListAllMyBuckets]
              Resource: ['*']
              Sid: Buckets
"""

SAM = {
    "template.yaml": f"""\
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {{Type: String, Default: dev, AllowedValues: [dev, prod]}}
Mappings:
  Stages:
    dev: {{Memory: 128}}
    prod: {{Memory: 512}}
Globals:
  Function:
    Runtime: python3.13
    Timeout: 60
    MemorySize: !FindInMap [Stages, !Ref Stage, Memory]
    Tracing: Active
    Tags: {{team: hospitality}}
    Environment:
      Variables: {{STAGE: !Ref Stage}}
    VpcConfig: {{SubnetIds: [subnet-0123abcd], SecurityGroupIds: [sg-0123abcd]}}
    Layers: [!Ref SharedLayer]
Resources:
  SharedLayer:
    Type: AWS::Serverless::LayerVersion
    Metadata: {{BuildMethod: python3.13}}
    Properties: {{ContentUri: layers/shared/}}
  SayHelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: lambdas/say-hello/
      Handler: say_hello.hello
{_ROLE_POLICIES}
  SayHelloFunctionLogs:
    Type: AWS::Logs::LogGroup
    Properties: {{LogGroupName: !Sub '/aws/lambda/${{SayHelloFunction}}', RetentionInDays: 14}}
  CountFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: lambdas/count/
      Handler: count.count
{_ROLE_POLICIES}
  CountFunctionLogs:
    Type: AWS::Logs::LogGroup
    Properties: {{LogGroupName: !Join ['/', ['/aws/lambda', !Ref CountFunction]], RetentionInDays: 14}}
""",
    "lambdas/say-hello/say_hello.py": """\
import os

from words import GREETING


def hello(event, context):
    print("not an answer")
    return {"text": GREETING + event["name"], "stage": os.environ["STAGE"]}
""",
    "lambdas/say-hello/requirements.txt": "",
    "lambdas/count/count.py": """\
import boto3


def count(event, context):
    return len(boto3.client("s3").list_buckets()["Buckets"])
""",
    "lambdas/count/requirements.txt": "",
    "layers/shared/words.py": 'GREETING = "Hello, "\n',
    "layers/shared/requirements.txt": "",
}


@pytest.fixture
def chalice_project(tmp_path: Path) -> Path:
    return _write(tmp_path / "chalice", CHALICE)


@pytest.fixture
def sam_project(tmp_path: Path) -> Path:
    return _write(tmp_path / "sam", SAM)


def _write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
