from __future__ import annotations

import pytest

from converter.codes import INVALID_CONFIG_VALUE
from converter.model import Json
from tests.features.tools import (
    check_both_ways,
    check_left_out,
    check_to_chalice,
    convert_to_chalice,
    convert_to_sam,
    template_of,
)

ARN = "arn:aws:lambda:eu-west-1:1:layer:x:1"
OTHER = "arn:aws:lambda:eu-west-1:1:layer:y:2"


def test_layers():
    check_both_ways(
        f'{{"layers": ["{ARN}", "{OTHER}"]}}', f"Layers: ['{ARN}', '{OTHER}']", model={"layers": [ARN, OTHER]}
    )


def test_functions_that_differ():
    check_both_ways(
        f'{{"lambda_functions": {{"two": {{"layers": ["{ARN}"]}}}}}}', f"TwoFunction: {{Layers: ['{ARN}']}}"
    )


def test_stages():
    check_both_ways(
        f'{{"stages": {{"dev": {{"layers": ["{ARN}"]}}, "prod": {{"layers": ["{OTHER}"]}}}}}}',
        f"""\
        Mappings:
          Stages:
            dev: {{Layers: ['{ARN}']}}
            prod: {{Layers: ['{OTHER}']}}
        OneFunction:
          Layers: !FindInMap [Stages, !Ref Stage, Layers]
        """,
    )


@pytest.mark.parametrize("value", ['"x"', "{}", "5"])
def test_value_of_the_wrong_kind(value: str):
    check_left_out(f'{{"layers": {value}}}', INVALID_CONFIG_VALUE, "1:21", "layers")


@pytest.mark.parametrize(
    "layers",
    [
        "[!Sub 'arn:${AWS::Partition}:lambda:x']",
        f"['{ARN}', !Ref Given]",
        "!If [IsGiven, [!Ref Given], !Ref AWS::NoValue]",
    ],
)
def test_layer_that_is_open_until_deployment(layers: str):
    sections = "Parameters: {Given: {Type: String}}\nConditions: {IsGiven: !Not [!Equals [!Ref Given, '']]}\n"

    check_both_ways(
        sam=f"{sections}OneFunction: {{Layers: {layers}}}\n",
        merge=f"{sections}Resources: {{One: {{Properties: {{Layers: {layers}}}}}}}\n",
    )


def test_layers_of_ones_own_come_first():
    app = """\
from chalice import Chalice
app = Chalice(app_name="orders")
def helper(): return 1
@app.lambda_function()
def one(event, context): return helper()
@app.lambda_function()
def two(event, context): return helper()
"""
    there = convert_to_sam(f'{{"automatic_layer": true, "layers": ["{ARN}"]}}', files={"app.py": app})

    assert [{"Ref": "DependenciesLayer"}, {"Ref": "SharedLayer"}, ARN] == template_of(there)["OneFunction"][
        "Layers"
    ]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param(
            "!If [IsGiven, [!Ref Given], !Ref AWS::NoValue]",
            {
                "Fn::If": [
                    "IsGiven",
                    [{"Ref": "DependenciesLayer"}, {"Ref": "Given"}],
                    [{"Ref": "DependenciesLayer"}],
                ]
            },
            id="choice",
        ),
        pytest.param(
            "!Split [',', !Ref Given]",
            {
                "Fn::Split": [
                    ",",
                    {
                        "Fn::Join": [
                            ",",
                            [
                                {"Ref": "DependenciesLayer"},
                                {"Fn::Join": [",", {"Fn::Split": [",", {"Ref": "Given"}]}]},
                            ],
                        ]
                    },
                ]
            },
            id="list",
        ),
    ],
)
def test_layers_of_ones_own_beside_some_that_are_open(layers: str, expected: Json):
    sections = "Parameters: {Given: {Type: String}}\nConditions: {IsGiven: !Not [!Equals [!Ref Given, '']]}\n"
    there = convert_to_sam(
        '{"automatic_layer": true}', f"{sections}Resources: {{One: {{Properties: {{Layers: {layers}}}}}}}\n"
    )

    assert expected == template_of(there)["OneFunction"]["Layers"]


def test_layers_of_ones_own_become_code():
    back = convert_to_chalice(
        f"""\
        Resources:
          Tools:
            Type: AWS::Serverless::LayerVersion
            Metadata: {{BuildMethod: python3.13}}
            Properties: {{ContentUri: layers/tools/}}
        OneFunction:
          Layers: [!Ref Tools, '{ARN}']
        """,
        files={
            "layers/tools/tools.py": "x = 1\n",
            "lambdas/one/one.py": "import tools\ndef one(event, context): return tools.x\n",
        },
    )

    assert b"x = 1\n" == back.files["chalicelib/tools.py"]
    assert [ARN] == back.application.functions["one"].settings["dev"]["layers"]
    assert ".chalice/resources.yaml" not in back.files


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param("{ContentUri: s3://bucket/layer.zip}", id="in S3"),
        pytest.param("{ContentUri: missing/}", id="nothing there"),
    ],
)
def test_layer_that_is_no_code_of_the_project_is_carried(layer: str):
    resource = f"Tools: {{Type: 'AWS::Serverless::LayerVersion', Properties: {layer}}}"
    expected = resource.replace("missing/", "../missing/")

    check_to_chalice(
        f"Resources:\n  {resource}\nOneFunction: {{Layers: [!Ref Tools]}}\n",
        merge=f"Resources:\n  {expected}\n  One: {{Properties: {{Layers: [!Ref Tools]}}}}\n",
    )
