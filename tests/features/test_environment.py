from __future__ import annotations

import pytest

from converter.codes import INVALID_CONFIG_VALUE
from converter.convert import sam_to_chalice
from converter.model import Json
from tests.features.tools import (
    check_both_ways,
    check_model,
    check_to_chalice,
    config_of,
    convert_to_chalice,
    convert_to_sam,
    template_of,
)


def test_variables():
    check_both_ways(
        '{"environment_variables": {"TABLE": "orders", "EMPTY": "", "N": "007"}}',
        """\
        Environment:
          Variables:
            TABLE: orders
            EMPTY: ""
            N: "007"
        """,
        model={"environment": {"TABLE": "orders", "EMPTY": "", "N": "007"}},
    )


def test_what_is_no_text():
    check_to_chalice(
        "Environment: {Variables: {KEY: {FROM-VAULT: null}, LIST: [a]}}",
        merge="Environment: {Variables: {KEY: {FROM-VAULT: null}, LIST: [a]}}",
    )


def test_no_variables():
    check_both_ways("{}", model={"environment": None})


def test_functions_that_differ():
    check_both_ways(
        """\
        {
            "environment_variables": {"BOTH": "1"},
            "lambda_functions": {
                "one": {"environment_variables": {"OWN": "a"}},
                "two": {"environment_variables": {"OWN": "b"}}
            }
        }
        """,
        """\
        OneFunction:
          Environment: {Variables: {BOTH: "1", OWN: a}}
        TwoFunction:
          Environment: {Variables: {BOTH: "1", OWN: b}}
        """,
    )


def test_what_functions_share_is_global():
    there = convert_to_sam(
        """\
        {
            "environment_variables": {"BOTH": "1"},
            "lambda_functions": {"two": {"environment_variables": {"OWN": "b"}}}
        }
        """
    )
    template = there.files["template.yaml"].decode()

    assert 1 == template.count("BOTH")
    assert template.index("Globals:") < template.index("BOTH") < template.index("Resources:")
    assert template.index("TwoFunction:") < template.index("OWN")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('{"environment_variables": {"A": "1"}, "stages": {"dev": {}}}', {"A": "1"}),
        (
            '{"environment_variables": {"A": "1", "B": "1"}, '
            '"stages": {"dev": {"environment_variables": {"B": "2"}}}}',
            {"A": "1", "B": "2"},
        ),
        (
            '{"environment_variables": {"A": "1"}, "stages": {"dev": {"lambda_functions": '
            '{"one": {"environment_variables": {"A": "3"}}}}}}',
            {"A": "3"},
        ),
        # Chalice does not look here.
        ('{"lambda_functions": {"one": {"environment_variables": {"A": "1"}}}, "stages": {"dev": {}}}', None),
    ],
)
def test_levels_of_the_config(config: str, expected: Json):
    check_model(convert_to_sam(config), {"dev": {"environment": expected}})


def test_stages():
    check_both_ways(
        """\
        {
            "environment_variables": {"ALL": "1"},
            "stages": {
                "dev": {"environment_variables": {"API_URL": "d", "EMPTY": ""}},
                "prod": {"environment_variables": {"API_URL": "p", "EMPTY": "x", "ONLY": "p"}}
            }
        }
        """,
        """\
        Mappings:
          Stages:
            dev: {ApiUrl: d}
            prod: {ApiUrl: p}
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        OneFunction:
          Environment:
            Variables:
              ALL: "1"
              API_URL: !FindInMap [Stages, !Ref Stage, ApiUrl]
              EMPTY: !If [IsProd, x, ""]
              ONLY: !If [IsProd, p, !Ref AWS::NoValue]
        """,
        model={
            "dev": {"environment": {"ALL": "1", "API_URL": "d", "EMPTY": ""}},
            "prod": {"environment": {"ALL": "1", "API_URL": "p", "EMPTY": "x", "ONLY": "p"}},
        },
    )


def test_stages_of_functions_that_differ():
    check_both_ways(
        """\
        {"stages": {
            "dev": {"lambda_functions": {
                "one": {"environment_variables": {"A": "1"}}, "two": {"environment_variables": {"A": "2"}}}},
            "prod": {"lambda_functions": {
                "one": {"environment_variables": {"A": "3"}}, "two": {"environment_variables": {"A": "4"}}}}
        }}
        """,
        """\
        Mappings:
          Stages:
            dev: {A: "1", TwoA: "2"}
            prod: {A: "3", TwoA: "4"}
        OneFunction:
          Environment: {Variables: {A: !FindInMap [Stages, !Ref Stage, A]}}
        TwoFunction:
          Environment: {Variables: {A: !FindInMap [Stages, !Ref Stage, TwoA]}}
        """,
    )


# --- what only a template can say -----------------------------------------------------


def test_reference_beside_a_text():
    check_both_ways(
        '{"environment_variables": {"PLAIN": "1"}}',
        """\
        Resources:
          Table: {Type: "AWS::DynamoDB::Table"}
        OneFunction:
          Environment:
            Variables:
              PLAIN: "1"
              TABLE: !Ref Table
              URL: !Sub "https://${Table}"
        """,
        merge="""\
        Resources:
          Table: {Type: "AWS::DynamoDB::Table"}
          One:
            Properties:
              Environment:
                Variables:
                  TABLE: !Ref Table
                  URL: !Sub "https://${Table}"
        """,
    )


def test_reference_to_a_function():
    back = check_to_chalice(
        """\
        OneFunction:
          Environment: {Variables: {OTHER: !GetAtt TwoFunction.Arn, SAME: !Sub "${TwoFunction}"}}
        TwoFunction: {}
        """,
        merge="""\
        Resources:
          One:
            Properties:
              Environment:
                Variables:
                  OTHER: !GetAtt Two.Arn
                  SAME: !Sub "${Two}"
        """,
    )

    check_model(
        back,
        {"dev": {"environment": {"OTHER": {"Fn::GetAtt": ["Two", "Arn"]}, "SAME": {"Fn::Sub": "${Two}"}}}},
    )


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param("!If [IsProd, {Variables: {A: b}}, !Ref AWS::NoValue]", id="whole"),
        pytest.param("{Variables: !If [IsProd, {A: b}, {A: c}]}", id="variables"),
    ],
)
def test_mapping_that_is_open_until_deployment(environment: str):
    sections = "Parameters:\n  Kind: {Type: String}\nConditions:\n  IsProd: !Equals [!Ref Kind, prod]\n"

    check_both_ways(
        sam=f"{sections}OneFunction:\n  Environment: {environment}\n",
        merge=f"{sections}Resources:\n  One:\n    Properties:\n      Environment: {environment}\n",
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", "5"),
        ("1.5", "1.5"),
        ("true", "true"),
        ("0123", "83"),
        ("1e3", "1e3"),
        ("2020-01-01", "2020-01-01"),
    ],
)
def test_value_that_is_no_text_in_yaml(value: str, expected: str):
    template = f"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: "def one(event, context): pass"
      Handler: index.one
      Runtime: python3.13
      Environment:
        Variables:
          A: {value}
"""
    back = sam_to_chalice({"template.yaml": template.encode()})

    assert {"A": expected} == config_of(back)["environment_variables"]


# --- values that are no texts ------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"), [("5", "5"), ("1.5", "1.5"), ("true", "true"), ("null", None), ("[1]", None)]
)
def test_value_that_is_no_text(value: str, text: str | None):
    there = convert_to_sam(f'{{"environment_variables": {{"GOOD": "x",\n"BAD": {value}}}}}')
    variables = {"GOOD": "x"} if text is None else {"GOOD": "x", "BAD": text}
    found = [diagnostic for diagnostic in there.diagnostics if diagnostic.code is INVALID_CONFIG_VALUE]

    assert {"OneFunction": {"Environment": {"Variables": variables}}} == template_of(there)
    assert [(".chalice/config.json:2:1", "BAD")] == [(str(one.position), one.subject) for one in found]


def test_each_bad_value_is_said_once():
    there = convert_to_sam(
        """\
        {
            "environment_variables": {"BAD": 5},
            "lambda_functions": {
                "one": {"environment_variables": {"A": "1"}},
                "two": {"environment_variables": {"A": "2"}}
            }
        }
        """
    )

    assert 1 == sum(diagnostic.code is INVALID_CONFIG_VALUE for diagnostic in there.diagnostics)


def test_template_without_variables():
    assert {} == config_of(convert_to_chalice("Environment: {Variables: {}}"))
