from __future__ import annotations

from tests.features.tools import check_both_ways, check_to_sam


def test_tags():
    check_both_ways(
        '{"tags": {"team": "orders", "cost-centre": "007", "a/b:c": ""}}',
        """\
        Tags:
          team: orders
          cost-centre: "007"
          "a/b:c": ""
        """,
        model={"tags": {"team": "orders", "cost-centre": "007", "a/b:c": ""}},
    )


def test_functions_that_differ():
    check_both_ways(
        """\
        {
            "tags": {"team": "orders"},
            "lambda_functions": {"one": {"tags": {"of": "one"}}, "two": {"tags": {"of": "two"}}}
        }
        """,
        """\
        OneFunction:
          Tags: {team: orders, of: one}
        TwoFunction:
          Tags: {team: orders, of: two}
        """,
    )


def test_stages():
    check_both_ways(
        """\
        {"stages": {
            "dev": {"tags": {"team": "dev-team"}},
            "prod": {"tags": {"team": "ops", "on-call": "yes"}}
        }}
        """,
        """\
        Mappings:
          Stages:
            dev: {Team: dev-team}
            prod: {Team: ops}
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        OneFunction:
          Tags:
            team: !FindInMap [Stages, !Ref Stage, Team]
            on-call: !If [IsProd, "yes", !Ref AWS::NoValue]
        """,
        model={"dev": {"tags": {"team": "dev-team"}}, "prod": {"tags": {"team": "ops", "on-call": "yes"}}},
    )


def test_top_level_and_stage():
    check_to_sam(
        '{"tags": {"a": "1", "b": "1"}, "stages": {"dev": {"tags": {"b": "2"}}}}',
        "Tags: {a: '1', b: '2'}",
    )


def test_reference():
    check_both_ways(
        '{"tags": {"team": "orders"}}',
        "Tags: {team: orders, stack: !Ref AWS::StackName}",
        merge="Tags: {stack: !Ref AWS::StackName}",
    )
