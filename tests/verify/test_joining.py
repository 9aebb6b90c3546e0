"""Several functions of a SAM project that are one in its Chalice form: what became of each is checked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from textwrap import dedent

import pytest

from converter import convert
from converter.features.api import joining, mounting
from converter.model import Function
from converter.verify import verify
from converter.verify.accepted import MOUNTED
from converter.verify.facts import Fact, Facts, Part
from converter.verify.joining import join_served

TEMPLATE = dedent("""\
    AWSTemplateFormatVersion: "2010-09-09"
    Transform: AWS::Serverless-2016-10-31
    Globals:
      Function:
        Runtime: python3.13
        Handler: app.lambda_handler
    Resources:
      Tides:
        Type: AWS::DynamoDB::Table
        Properties:
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions: [{AttributeName: port, AttributeType: S}]
          KeySchema: [{AttributeName: port, KeyType: HASH}]
      ShowFunction:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: show/
          Description: Shows the tides of a port
          Timeout: 10
          Environment:
            Variables: {TABLE: !Ref Tides, UNIT: metre}
          Policies:
            - DynamoDBReadPolicy: {TableName: !Ref Tides}
          Events:
            Show:
              Type: Api
              Properties: {Path: "/tides/{port}", Method: get}
            Any:
              Type: Api
              Properties: {Path: /ports, Method: any}
      KeepFunction:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: keep/
          MemorySize: 512
          Environment:
            Variables: {TABLE: !Ref Tides, KEPT: "7"}
          Policies:
            - DynamoDBWritePolicy: {TableName: !Ref Tides}
          Events:
            Keep:
              Type: Api
              Properties:
                Path: /tides
                Method: post
                Auth: {ApiKeyRequired: true}
    Outputs:
      Keeper:
        Value: !GetAtt KeepFunction.Arn
        Export: {Name: keeper}
    """)
SAM = {
    "template.yaml": TEMPLATE.encode(),
    "show/app.py": b"""\
from tides import find_tides


def lambda_handler(event, context):
    return {"statusCode": 200, "body": find_tides(event["pathParameters"]["port"])}
""",
    "show/tides.py": b'def find_tides(port):\n    return f"{port}: high"\n',
    "keep/app.py": b"""\
import json


def lambda_handler(event, context):
    tide = json.loads(event["body"])
    return {"statusCode": 201, "body": json.dumps({"kept": tide["height"]})}
""",
}
CONFIG, APP = ".chalice/config.json", "app.py"
POLICY = ".chalice/policy-dev.json"

with_and_without = pytest.mark.parametrize(
    "with_tools", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["own reading", "tools"]
)


@cache
def convert_pair() -> dict[str, bytes]:
    return dict(convert.sam_to_chalice(SAM).files)


@with_and_without
def test_functions_that_are_one_mean_the_same(with_tools: bool) -> None:
    found = verify(SAM, convert_pair(), with_tools=with_tools)

    assert [] == [finding.difference.key for finding in found.differences]
    assert MOUNTED.title in {finding.accepted for finding in found.findings}


@with_and_without
def test_any_method_beside_preflight_requests(with_tools: bool) -> None:
    cors = """Globals:\n  Api:\n    Cors: "'*'"\n"""
    sam = {**SAM, "template.yaml": TEMPLATE.replace("Globals:\n", cors).encode()}
    found = verify(sam, convert.sam_to_chalice(sam).files, with_tools=with_tools)

    assert [] == [finding.difference.key for finding in found.differences]


@with_and_without
def test_the_same_in_the_other_order(with_tools: bool) -> None:
    assert () == verify(convert_pair(), SAM, with_tools=with_tools).differences


@with_and_without
@pytest.mark.parametrize(
    ("path", "old", "new", "kind"),
    [
        pytest.param(CONFIG, '"lambda_timeout": 10', '"lambda_timeout": 3', "timeout", id="timeout"),
        pytest.param(
            CONFIG, '"lambda_memory_size": 512', '"lambda_memory_size": 128', "memory-size", id="memory"
        ),
        pytest.param(CONFIG, '"UNIT": "metre"', '"UNIT": "foot"', "environment", id="another value"),
        pytest.param(CONFIG, '"UNIT": "metre",', "", "environment", id="lost variable"),
        pytest.param(POLICY, '"dynamodb:GetItem",', "", "permission", id="lost permission"),
        pytest.param(POLICY, '"dynamodb:GetItem",', '"dynamodb:*",', "permission", id="greater permission"),
        pytest.param(APP, '"/tides/{port}"', '"/tide/{port}"', "", id="another path"),
        pytest.param(APP, '["POST"]', '["PUT"]', "", id="another method"),
        pytest.param(APP, ", api_key_required=True", "", "", id="lost key"),
    ],
)
def test_single_changes_are_found(with_tools: bool, path: str, old: str, new: str, kind: str) -> None:
    text = convert_pair()[path].decode()
    assert text.count(old) == 1
    changed = {**convert_pair(), path: text.replace(old, new).encode()}
    kinds = {finding.difference.kind for finding in verify(SAM, changed, with_tools=with_tools).differences}

    assert {kind} == kinds if kind else kinds & {"event", "route"}


@with_and_without
@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        pytest.param("Timeout: 10", "Timeout: 20", "timeout", id="timeout"),
        pytest.param("MemorySize: 512", "MemorySize: 1024", "memory-size", id="memory"),
        pytest.param('KEPT: "7"', 'KEPT: "8"', "environment", id="variable"),
        pytest.param("DynamoDBWritePolicy", "DynamoDBCrudPolicy", "permission", id="policy"),
    ],
)
def test_changes_of_one_function_of_the_template_are_found(
    with_tools: bool, old: str, new: str, kind: str
) -> None:
    changed = {**SAM, "template.yaml": TEMPLATE.replace(old, new).encode()}
    found = verify(changed, convert_pair(), with_tools=with_tools)

    assert {kind} == {finding.difference.kind for finding in found.differences}


@with_and_without
def test_faults_of_the_conversion_are_found(with_tools: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What verify takes for right is not what the conversion makes of the functions."""
    join = joining.join_functions

    def lose_variables(functions: Sequence[Function]) -> Function:
        return join(functions).with_setting("environment", functions[0].setting("environment"))

    monkeypatch.setattr(mounting, "join_functions", lose_variables)
    found = verify(SAM, dict(convert.sam_to_chalice(SAM).files), with_tools=with_tools)

    assert ["environment KEPT"] == [
        f"{one.difference.kind} {one.difference.name}" for one in found.differences
    ]


@with_and_without
def test_swapped_handlers_are_found(with_tools: bool) -> None:
    text = convert_pair()[APP].decode()
    swapped = text.replace("answer(app, show_handler)", "answer(app, other)").replace(
        "answer(app, keep_handler)", "answer(app, show_handler)"
    )
    changed = swapped.replace("answer(app, other)", "answer(app, keep_handler)")
    assert text.count("_handler)") == changed.count("_handler)") == 2
    found = verify(SAM, {**convert_pair(), APP: changed.encode()}, with_tools=with_tools)

    assert {"handler"} == {finding.difference.name for finding in found.differences}
    assert {"POST /tides", "GET /tides/{port}"} <= {each.difference.part.name for each in found.differences}


def test_swapped_handlers_that_views_import_by_themselves_are_found() -> None:
    text = convert_pair()[APP].decode()
    files = dict(convert_pair())
    for name in ("show", "keep"):
        files[f"chalicelib/{name}ing.py"] = SAM[f"{name}/app.py"]
        own = f"    from chalicelib.{name}ing import lambda_handler\n\n    return answer(app, lambda_handler)"
        text = text.replace(f"    return answer(app, {name}_handler)", own)
    swapped = text.replace("chalicelib.showing import", "chalicelib.keeping import")
    assert text.count("chalicelib.showing import") == text.count("chalicelib.keeping import") == 1
    same = verify(SAM, {**files, APP: text.encode()})
    found = verify(SAM, {**files, APP: swapped.encode()})

    assert () == same.differences
    assert {("handler", "show", "keep")} == {
        (one.difference.name, one.difference.left, one.difference.right) for one in found.differences
    }


# --- what one function cannot be --------------------------------------------------------


def make_function(name: str, *facts: Fact) -> Part:
    return Part("function", name, "AWS::Lambda::Function", facts, name.title(), (("role", f"{name}-role"),))


def make_route(api: str, path: str, method: str, function: str) -> Part:
    facts = (Fact("route", "path", path), Fact("route", "method", method))
    return Part(
        "route", f"{method} {path} of {api}", "route", (*facts, Fact("route", "function", {"Ref": function}))
    )


def join(*functions: Part) -> list[Part]:
    """The functions' parts after they served a route each that Chalice's function serves."""
    routes = [make_route("Api", f"/{one.name}", "get", one.identifier) for one in functions]
    theirs = [make_route("RestAPI", f"/{one.name}", "get", "APIHandler") for one in functions]
    server = Part("function", "api_handler", "AWS::Lambda::Function", (), "APIHandler")
    found = join_served(Facts((*functions, *routes)), Facts((server, *theirs)))
    return [part for part in found.parts if part.kind == "function"]


def test_greatest_of_numbers_and_all_variables() -> None:
    (joined,) = join(
        make_function("a", Fact("timeout", "timeout", 3), Fact("environment", "A", {"Ref": "B"})),
        make_function("b", Fact("timeout", "timeout", 9)),
    )

    assert {"timeout": 9, "A": {"Ref": "A"}} == {fact.name: fact.value for fact in joined.facts}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param((Fact("environment", "A", "1"),), (Fact("environment", "A", "2"),), id="two values"),
        pytest.param((Fact("tracing", "tracing", True),), (Fact("tracing", "tracing", False),), id="traces"),
        pytest.param((Fact("vpc", "vpc", {}),), (), id="network of one"),
        pytest.param(
            (Fact("timeout", "timeout", {"Ref": "Seconds"}),), (Fact("timeout", "timeout", 3),), id="unknown"
        ),
    ],
)
def test_functions_that_no_one_function_can_be(left: tuple[Fact, ...], right: tuple[Fact, ...]) -> None:
    functions = [make_function("a", *left), make_function("b", *right)]

    assert functions == join(*functions)


def test_functions_of_another_api_stay() -> None:
    first, second, third = (make_function(name) for name in ("a", "b", "c"))
    facts = Facts(
        (
            first,
            second,
            third,
            make_route("One", "/", "get", "A"),
            make_route("One", "/b", "get", "B"),
            make_route("Two", "/", "get", "C"),
        )
    )
    server = Part("function", "api_handler", "AWS::Lambda::Function", (), "APIHandler")
    other = Facts((server, *(make_route("RestAPI", path, "get", "APIHandler") for path in ("/", "/b"))))
    found = join_served(facts, other)

    assert ["api_handler", "c"] == [part.name for part in found.parts if part.kind == "function"]
    assert ["A", "A", "C"] == [
        fact.value["Ref"] for part in found.parts for fact in part.facts if fact.name == "function"
    ]
