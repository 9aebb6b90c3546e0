from __future__ import annotations

from converter.codes import STAGES_ALIKE
from tests.features.tools import check_both_ways, check_model, check_to_chalice, check_to_sam


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
            "dev": {"tags": {"team": "dev-team", "on-call": ""}},
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
            on-call: !If [IsProd, "yes", ""]
        """,
        model={
            "dev": {"tags": {"team": "dev-team", "on-call": ""}},
            "prod": {"tags": {"team": "ops", "on-call": "yes"}},
        },
    )


def test_tag_of_one_stage():
    there = check_to_sam(
        """\
        {
            "stages": {"dev": {}, "prod": {
                "lambda_functions": {"one": {"tags": {"team": "ops"}}}}}
        }
        """,
        """\
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        OneFunction:
          Tags:
            team: !If [IsProd, ops, ""]
        """,
    )
    (found,) = there.diagnostics

    assert STAGES_ALIKE is found.code
    assert (".chalice/config.json:3:55", "team") == (str(found.position), found.subject)


def test_tag_of_one_stage_in_a_template():
    back = check_to_chalice(
        """\
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        OneFunction:
          Tags: {team: !If [IsProd, ops, !Ref AWS::NoValue]}
        """,
        '{"stages": {"dev": {"tags": {"team": ""}}, "prod": {"tags": {"team": "ops"}}}}',
    )

    check_model(back, {"dev": {"tags": {"team": ""}}, "prod": {"tags": {"team": "ops"}}})


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
