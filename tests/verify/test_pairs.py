"""Projects written by hand in different styles that mean the same."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from converter.verify import verify

APP = b"""\
from chalice import Chalice

app = Chalice(app_name="tides")


@app.lambda_function()
def forecast(event, context):
    return {"port": event["port"]}
"""
CODE = b'def handler(event, context):\n    return {"port": event["port"]}\n'
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:*:logs:*:*:*",
        },
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::tides/*"]},
    ],
}
CONFIG = {"version": "2.0", "app_name": "tides", "autogen_policy": False, "lambda_timeout": 10}
CHALICE = {
    "app.py": APP,
    ".chalice/config.json": json.dumps(CONFIG).encode(),
    ".chalice/policy-dev.json": json.dumps(POLICY).encode(),
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}

WITH_GLOBALS = """\
    AWSTemplateFormatVersion: 2010-09-09
    Transform: AWS::Serverless-2016-10-31
    Globals:
      Function:
        Timeout: 10
        Runtime: python3.13
    Resources:
      ForecastFunction:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: forecast/
          Handler: app.handler
          Policies:
            - Statement:
                - Effect: Allow
                  Action: s3:GetObject
                  Resource: !Sub arn:${AWS::Partition}:s3:::tides/*
"""
WITH_PARAMETERS = """\
    Transform: AWS::Serverless-2016-10-31
    Parameters:
      Bucket: {Type: String, Default: tides}
      Seconds: {Type: Number, Default: 10}
    Conditions:
      IsSlow: !Not [!Equals [!Ref Seconds, "10"]]
    Resources:
      Forecast:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.13
          Handler: forecast.app.handler
          Timeout: !If [IsSlow, 900, !Ref Seconds]
          Policies:
            - Version: "2012-10-17"
              Statement:
                Effect: Allow
                Action: ["s3:GetObject"]
                Resource: !Join ["", ["arn:aws:s3:::", !Ref Bucket, "/*"]]
"""
WITH_ROLE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "TheOnlyFunction": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "CodeUri": "./forecast",
                "Handler": "app.handler",
                "Timeout": 10,
                "Role": {"Fn::GetAtt": ["Permitted", "Arn"]},
            },
        },
        "Permitted": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": TRUST,
                "Policies": [{"PolicyName": "all", "PolicyDocument": POLICY}],
            },
        },
    },
}
STYLES = {
    "globals": {"template.yaml": dedent(WITH_GLOBALS).encode(), "forecast/app.py": CODE},
    "parameters, code at the root": {
        "template.yml": dedent(WITH_PARAMETERS).encode(),
        "forecast/app.py": CODE,
        "forecast/__init__.py": b"",
    },
    "JSON, a role of its own": {"template.json": json.dumps(WITH_ROLE).encode(), "forecast/app.py": CODE},
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("with_tools", [False, True], ids=["own reading", "tools"])
def test_styles_mean_the_same(style: str, with_tools: bool) -> None:
    found = verify(CHALICE, STYLES[style], with_tools=with_tools)

    assert [] == [finding.difference.key for finding in found.differences]
    assert found.is_complete


@pytest.mark.parametrize("style", STYLES)
def test_order_of_the_sides_does_not_matter(style: str) -> None:
    assert () == verify(STYLES[style], CHALICE).differences
