from __future__ import annotations

from collections.abc import Iterable

import pytest

from converter.chalice.policy import LOGS as CHALICE_LOGS
from converter.verify.accepted import ACCEPTED
from converter.verify.facts import Fact, Facts, Part, read_permissions
from converter.verify.managed import expand_managed_policy

CHALICE = Fact("tags", "aws-chalice", "version=1")
TRACED = Fact("tracing", "tracing", True)
TRUST = Fact("trust", "", {"effect": "Allow", "action": "sts:AssumeRole"})
LOGS = tuple(expand_managed_policy("service-role/AWSLambdaBasicExecutionRole"))
WRITTEN = {**CHALICE_LOGS, "Resource": "arn:aws:logs:*:*:*"}
TRACES = tuple(expand_managed_policy("AWSXrayWriteOnlyAccess"))


def normalise(*facts: Fact, role: str = "DefaultRole") -> Facts:
    found = Facts((Part("function", "f", "AWS::Lambda::Function", facts, "F", (("role", role),)),))
    for accepted in ACCEPTED:
        found = accepted.normalise(found)
    return found


def list_actions(facts: Iterable[Fact]) -> set[str]:
    return {fact.value["action"] for fact in facts if fact.kind == "permission"}


def test_each_has_a_reason_of_its_own() -> None:
    assert len(ACCEPTED) == len({accepted.title for accepted in ACCEPTED})
    assert all(accepted.reason.endswith(".") for accepted in ACCEPTED)


@pytest.mark.parametrize(
    ("facts", "grants"),
    [
        pytest.param((CHALICE,), {"write logs"}, id="Chalice's policy file lacks the logs"),
        pytest.param((), set(), id="a role of SAM's lacks the logs"),
        pytest.param(LOGS, {"write logs"}, id="a role of SAM's has them"),
        pytest.param(tuple(read_permissions([WRITTEN])), {"write logs"}, id="a role written by hand"),
        pytest.param(LOGS[:2], list_actions(LOGS[:2]), id="a part"),
        pytest.param((CHALICE, TRACED, *LOGS), {"write logs", "write traces"}, id="Chalice, traced"),
        pytest.param((CHALICE, *LOGS, *TRACES), {"write logs"}, id="Chalice, traces for nothing"),
        pytest.param((TRACED, *LOGS), {"write logs"}, id="SAM, traced without the right to"),
        pytest.param((TRACED, *LOGS, *TRACES), {"write logs", "write traces"}, id="SAM, traced"),
        pytest.param((*LOGS, *TRACES), {"write logs"}, id="SAM, traces for nothing"),
    ],
)
def test_grants_that_are_forgiven(facts: tuple[Fact, ...], grants: set[str]) -> None:
    (function,) = normalise(TRUST, *facts).parts

    assert grants == list_actions(function.facts)


def test_nothing_is_known_of_a_role_from_elsewhere() -> None:
    (function,) = normalise(CHALICE, Fact("role", "role", "arn:aws:iam::1:role/x"), role="").parts

    assert set() == list_actions(function.facts)


def test_nothing_is_known_of_a_role_that_the_author_made() -> None:
    (function,) = normalise(CHALICE, TRUST, role="Lender").parts

    assert set() == list_actions(function.facts)


def test_right_to_poll_of_a_role_that_the_author_made() -> None:
    own = Fact("permission", "", {"effect": "Allow", "action": "sqs:SendMessage", "resource": "*"})
    function = Part("function", "f", "AWS::Lambda::Function", (CHALICE, own), "F", (("role", "Lender"),))
    source = Part(
        "resource",
        "m",
        "AWS::Lambda::EventSourceMapping",
        (
            Fact("resource", "Properties.FunctionName", {"Ref": "F"}),
            Fact("resource", "Properties.EventSourceArn", "arn:aws:sqs:eu-west-1:1:q"),
        ),
        "M",
    )
    found = Facts((function, source))
    for accepted in ACCEPTED:
        found = accepted.normalise(found)

    assert {"sqs:SendMessage"} == list_actions(found.parts[0].facts)


def test_exported_output_counts() -> None:
    value = Fact("output", "Value", {"Fn::GetAtt": ["F", "Arn"]})
    function = Part("function", "f", "AWS::Lambda::Function", (), "F")
    plain = Part("output", "Plain", "output", (value,))
    exported = Part("output", "Exported", "output", (value, Fact("output", "Export.Name", "f")))
    found = Facts((function, plain, exported))
    for accepted in ACCEPTED:
        found = accepted.normalise(found)

    assert (function, exported) == found.parts


def normalise_parts(*parts: Part) -> list[Part]:
    found = Facts(parts)
    for accepted in ACCEPTED:
        found = accepted.normalise(found)
    return list(found.parts)


def test_any_method_is_seven_methods() -> None:
    facts = (Fact("route", "path", "/a"), Fact("route", "method", "x-amazon-apigateway-any-method"))
    parts = normalise_parts(Part("route", "X-AMAZON-APIGATEWAY-ANY-METHOD /a of Rest", "route", facts))

    assert ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] == [
        part.name.partition(" ")[0] for part in parts
    ]
    assert {"delete", "get"} <= {fact.value for part in parts for fact in part.facts}


def test_method_of_its_own_goes_before_any_method() -> None:
    path, method = Fact("route", "path", "/a"), "x-amazon-apigateway-any-method"
    own = Part("route", "OPTIONS /a of Rest", "route", (path, Fact("route", "method", "options")))
    of_any = (path, Fact("route", "method", method), Fact("route", "function", {"Ref": "F"}))
    parts = normalise_parts(Part("route", f"{method.upper()} /a of Rest", "route", of_any), own)

    assert [own.facts] == [part.facts for part in parts if part.name.startswith("OPTIONS")]
    assert 7 == len(parts)


@pytest.mark.parametrize("others", [(), ("ApiHandler",)], ids=["of no function", "of another function"])
def test_log_group_of_the_function_of_routes(others: tuple[str, ...]) -> None:
    functions = [
        Part("function", name, "AWS::Lambda::Function", (), name) for name in ("APIHandler", *others)
    ]
    named = Fact(
        "resource", "Properties.LogGroupName", {"Fn::Join": ["", ["/aws/lambda/", {"Ref": "ApiHandler"}]]}
    )
    facts = (named, Fact("resource", "Properties.RetentionInDays", 7))
    group = Part("resource", "ApiHandlerLogGroup", "AWS::Logs::LogGroup", facts, "ApiHandlerLogGroup")
    function, *rest = normalise_parts(*functions, group)

    assert (group in rest) == bool(others)
    assert (Fact("log-retention", "log-retention", 7) in function.facts) != bool(others)


@pytest.mark.parametrize(
    ("name", "facts", "stays"),
    [
        ("RestAPIId", (Fact("output", "Value", {"Ref": "RestAPI"}),), False),
        (
            "EndpointURL",
            (Fact("output", "Value", {"Fn::Join": ["", ["https://", {"Ref": "RestAPI"}]]}),),
            False,
        ),
        ("Other", (Fact("output", "Value", {"Ref": "RestAPI"}),), True),
        ("RestAPIId", (Fact("output", "Value", {"Ref": "Table"}),), True),
        ("RestAPIId", (Fact("output", "Value", {"Ref": "RestAPI"}), Fact("output", "Export", "x")), True),
    ],
    ids=["id", "url", "another name", "another thing", "exported"],
)
def test_outputs_of_the_api(name: str, facts: tuple[Fact, ...], stays: bool) -> None:
    api = Part("api", "RestAPI", "AWS::ApiGateway::RestApi", (), "RestAPI")
    output = Part("output", name, "output", facts)

    assert ([api, output] if stays else [api]) == normalise_parts(api, output)
