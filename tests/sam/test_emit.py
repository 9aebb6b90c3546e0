from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest
from hypothesis import given

from converter.model import Json
from converter.sam.emit import Commented, Raw, emit, emit_template
from tests.sam.readers import READERS
from tests.sam.values import HARD_TEXTS, values

Load = Callable[[str], Json]


@pytest.mark.parametrize("load", READERS)
@given(value=values)
def test_every_reader_gets_the_value_back(load: Load, value: Json):
    assert value == load(emit(value))


@pytest.mark.parametrize("load", READERS)
@pytest.mark.parametrize("text", HARD_TEXTS, ids=ascii)
def test_every_reader_gets_hard_text_back(load: Load, text: str):
    value = {text: [text, {"Ref": text}, {"Fn::Sub": text}, {"Fn::Join": [text, [text, {"Ref": text}]]}]}

    assert value == load(emit(value))


@pytest.mark.parametrize(
    ("value", "line"),
    [
        pytest.param("rate(5 minutes)", "rate(5 minutes)", id="spaces"),
        pytest.param("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/*", id="colons"),
        pytest.param("10.0.0.0/16", "10.0.0.0/16", id="address"),
        pytest.param("1.2.3", "1.2.3", id="version"),
        pytest.param("${A}", "${A}", id="dollar"),
        pytest.param("café", "café", id="non-ASCII"),
        pytest.param("yes", '"yes"', id="boolean of YAML 1.1"),
        pytest.param("2012-10-17", '"2012-10-17"', id="date"),
        pytest.param("012345678901", '"012345678901"', id="account"),
        pytest.param("1e5", '"1e5"', id="number of YAML 1.2"),
        pytest.param("a: b", '"a: b"', id="colon and space"),
        pytest.param('{"a": 1}', "'{\"a\": 1}'", id="double quotes"),
        pytest.param("it's", "it's", id="single quote"),
        pytest.param('"it\'s"', "'\"it''s\"'", id="both quotes"),
        pytest.param("\x07", '"\\u0007"', id="control character"),
        pytest.param("", '""', id="empty text"),
        pytest.param(True, "true", id="true"),
        pytest.param(None, "null", id="null"),
        pytest.param(1e16, "1.0e+16", id="large number"),
        pytest.param([], "[]", id="empty list"),
        pytest.param({}, "{}", id="empty mapping"),
        pytest.param({"Ref": "Table"}, "!Ref Table", id="Ref"),
        pytest.param({"Fn::GetAtt": ["Table", "Stream.Arn"]}, "!GetAtt Table.Stream.Arn", id="GetAtt"),
        pytest.param(
            {"Fn::GetAtt": ["Table", {"Ref": "A"}]}, "!GetAtt [Table, !Ref A]", id="GetAtt of a Ref"
        ),
        pytest.param({"Fn::Sub": "${A}"}, '!Sub "${A}"', id="Sub"),
        pytest.param({"Fn::GetAZs": ""}, '!GetAZs ""', id="empty argument"),
        pytest.param({"Fn::Not": [{"Condition": "A"}]}, "!Not [!Condition A]", id="Condition"),
        pytest.param({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, '!Select [0, !GetAZs ""]', id="number in flow"),
        pytest.param({"Fn::Join": [",", ["a,b", "c"]]}, '!Join [",", ["a,b", c]]', id="commas in flow"),
        pytest.param(
            {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Memory"]},
            "!FindInMap [Stages, !Ref Stage, Memory]",
            id="FindInMap",
        ),
        pytest.param(
            {"Fn::If": ["IsProd", "x", {"Ref": "AWS::NoValue"}]},
            "!If [IsProd, x, !Ref AWS::NoValue]",
            id="If",
        ),
    ],
)
def test_on_one_line(value: Json, line: str):
    assert f"Key: {line}\n" == emit({"Key": value})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({"A": {"B": ["x", "z"]}}, "A:\n  B:\n    - x\n    - z\n", id="list under its key"),
        pytest.param([{"A": 1, "B": 2}, {"C": []}], "- A: 1\n  B: 2\n- C: []\n", id="mappings in a list"),
        pytest.param([["a", ["b"]], "c"], "- - a\n  - - b\n- c\n", id="lists in a list"),
        pytest.param({"A": "x\n\ny\n"}, "A: |\n  x\n\n  y\n", id="lines"),
        pytest.param({"A": "x\ny"}, "A: |-\n  x\n  y\n", id="lines without an end"),
        pytest.param({"A": "x\n\n"}, 'A: "x\\n\\n"\n', id="an empty line at the end"),
        pytest.param({"A": " x\ny"}, 'A: " x\\ny"\n', id="first line is indented"),
        pytest.param({"A": {"Fn::Sub": "x\ny\n"}}, "A: !Sub |\n  x\n  y\n", id="lines after a tag"),
        pytest.param(["x\ny"], "- |-\n  x\n  y\n", id="lines in a list"),
        pytest.param(
            {"A": {"Fn::If": ["C", {"B": 1}, {"Ref": "AWS::NoValue"}]}},
            "A: !If\n  - C\n  - B: 1\n  - !Ref AWS::NoValue\n",
            id="a block after a tag",
        ),
        pytest.param(
            {"A": [{"Fn::Sub": ["${x}", {"x": {"Ref": "B"}}]}]},
            "A:\n  - !Sub\n    - ${x}\n    - x: !Ref B\n",
            id="a block after a tag in a list",
        ),
        pytest.param(
            {"A": {"Fn::Base64": {"Fn::Sub": "x"}}},
            'A:\n  Fn::Base64: !Sub "x"\n',
            id="a tag cannot follow a tag",
        ),
        pytest.param({"A": {"Fn::GetAtt": "B.C"}}, "A:\n  Fn::GetAtt: B.C\n", id="GetAtt of text"),
        pytest.param(
            {"A": {"Fn::Transform": {"Name": "AWS::Include"}}},
            "A:\n  Fn::Transform:\n    Name: AWS::Include\n",
            id="a mapping has no tag",
        ),
        pytest.param(
            {"A": {"Fn::Join": ["", ["x" * 50, "y" * 50]]}},
            f'A: !Join\n  - ""\n  - - {"x" * 50}\n    - {"y" * 50}\n',
            id="too long for one line",
        ),
        pytest.param({"k" * 1100: 1}, f"? {'k' * 1100}\n: 1\n", id="a long key"),
    ],
)
def test_in_blocks(value: Json, text: str):
    assert text == emit(value)


def test_author_text_and_comments():
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Timeout": 60}},
        "Resources": {
            "Function": Commented({"Type": "AWS::Serverless::Function"}, "Made by hand\n\nTwice"),
            "Table": Raw(
                "# Keys only\nTable:\n    Type: AWS::DynamoDB::Table  # as it was\n\n    Other: 'x'\n"
            ),
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}}, "Name": {"Value": "x"}},
    }
    expected = """\
        AWSTemplateFormatVersion: "2010-09-09"
        Transform: AWS::Serverless-2016-10-31

        Globals:
          Function:
            Timeout: 60

        Resources:
          # Made by hand
          #
          # Twice
          Function:
            Type: AWS::Serverless::Function

          # Keys only
          Table:
              Type: AWS::DynamoDB::Table  # as it was

              Other: 'x'

        Outputs:
          Arn:
            Value: !GetAtt Function.Arn
          Name:
            Value: x
        """

    assert dedent(expected) == emit_template(template)
