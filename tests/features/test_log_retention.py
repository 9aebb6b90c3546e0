from __future__ import annotations

import pytest

from converter.codes import INVALID_CONFIG_VALUE
from converter.convert import chalice_to_sam, sam_to_chalice
from converter.verify import verify
from tests.features.tools import check_both_ways, check_left_out, check_to_chalice

GROUP = """\
{{
    Type: "AWS::Logs::LogGroup",
    Properties: {{LogGroupName: !Sub "/aws/lambda/${{{name}Function}}", RetentionInDays: {days}}}
}}
"""


def group(name: str, days: str) -> str:
    return " ".join(GROUP.format(name=name, days=days).split())


def test_days():
    check_both_ways(
        '{"log_retention_in_days": 7}',
        f"Resources:\n  OneLogGroup: {group('One', '7')}\n",
        model={"log_retention": 7},
    )


def test_functions_that_differ():
    check_both_ways(
        '{"lambda_functions": {"one": {"log_retention_in_days": 7}, "two": {"log_retention_in_days": 14}}}',
        f"Resources:\n  OneLogGroup: {group('One', '7')}\n  TwoLogGroup: {group('Two', '14')}\n",
    )


def test_stages():
    check_both_ways(
        '{"stages": {"dev": {"log_retention_in_days": 7}, "prod": {"log_retention_in_days": 30}}}',
        f"""\
        Mappings:
          Stages:
            dev: {{LogRetention: 7}}
            prod: {{LogRetention: 30}}
        Resources:
          OneLogGroup: {group("One", "!FindInMap [Stages, !Ref Stage, LogRetention]")}
        """,
        model={"dev": {"log_retention": 7}, "prod": {"log_retention": 30}},
    )


def test_one_stage_only():
    check_both_ways(
        '{"stages": {"dev": {}, "prod": {"log_retention_in_days": 30}}}',
        f"""\
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        Resources:
          OneLogGroup: {group("One", "30")[:-1]}, Condition: IsProd}}
        """,
        model={"dev": {"log_retention": None}, "prod": {"log_retention": 30}},
    )


@pytest.mark.parametrize("value", ['"7"', "true", "[7]", "7.5"])
def test_value_of_the_wrong_kind(value: str):
    check_left_out(
        f'{{"log_retention_in_days": {value}}}', INVALID_CONFIG_VALUE, "1:21", "log_retention_in_days"
    )


@pytest.mark.parametrize(
    "group",
    [
        pytest.param("{LogGroupName: !Sub '/aws/lambda/${OneFunction}'}", id="kept for ever"),
        pytest.param(
            "{LogGroupName: !Sub '/aws/lambda/${OneFunction}', RetentionInDays: 7, KmsKeyId: a}", id="more"
        ),
        pytest.param("{LogGroupName: /aws/lambda/other, RetentionInDays: 7}", id="another's"),
        pytest.param("{LogGroupName: !Sub '/${OneFunction}', RetentionInDays: 7}", id="another name"),
    ],
)
def test_group_that_says_something_else_is_carried(group: str):
    resource = f"{{Type: 'AWS::Logs::LogGroup', Properties: {group}}}"
    renamed = resource.replace("OneFunction", "One")

    check_to_chalice(f"Resources:\n  Logs: {resource}\n", merge=f"Resources:\n  Logs: {renamed}\n")


def test_group_that_something_refers_to_is_carried():
    logs = group("One", "7")
    others = "Filter: {Type: 'AWS::Logs::MetricFilter', Properties: {LogGroupName: !Ref Logs}}"

    check_to_chalice(
        f"Resources:\n  Logs: {logs}\n  {others}\n",
        merge=f"Resources:\n  Logs: {logs.replace('OneFunction', 'One')}\n  {others}\n",
    )


def test_log_of_the_function_of_routes():
    """`chalice package` names the log group after ApiHandler, which it calls APIHandler."""
    chalice = {
        "app.py": b"""\
from chalice import Chalice

app = Chalice(app_name="tides")


@app.route("/")
def list_ports():
    return []
""",
        ".chalice/config.json": b'{"version": "2.0", "app_name": "tides", "log_retention_in_days": 7}',
    }
    sam = chalice_to_sam(chalice)
    back = sam_to_chalice(sam.files)

    assert back.application == sam.application == chalice_to_sam(back.files).application
    assert (
        b"Resources:\n"
        b"  ApiHandlerLogGroup:\n"
        b"    Properties:\n"
        b'      LogGroupName: !Sub "/aws/lambda/${APIHandler}"\n'
    ) == back.files[".chalice/resources.yaml"]
    for form in (chalice, back.files):
        assert () == verify(form, sam.files, with_tools=True).differences
    longer = {**chalice, ".chalice/config.json": chalice[".chalice/config.json"].replace(b"7", b"8")}
    (found,) = verify(longer, sam.files, with_tools=True).differences

    assert "log-retention" == found.difference.kind
