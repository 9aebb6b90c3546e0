"""The differences between a Chalice stack and a SAM stack that are accepted, each with its reason.

This is the only place that forgives anything. `python -m tests.oracles` writes the page
docs/accepted-differences.md from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chalice.constants import CLOUDWATCH_LOGS, VPC_ATTACH_POLICY, XRAY_POLICY

from tests.oracles.facts import (
    Facts,
    FunctionFacts,
    Role,
    Statement,
    expand_managed_policy,
    find_reference,
    read_statements,
)
from tests.oracles.translation import LOCAL_BUCKET, Json

PAGE = Path(__file__).parents[2] / "docs" / "accepted-differences.md"

Normalise = Callable[[Facts], Facts]


@dataclass(frozen=True)
class Accepted:
    """One difference. `normalise` gives both sides the same form of it, and touches nothing else."""

    title: str
    reason: str
    normalise: Normalise


def _in_functions(change: Callable[[FunctionFacts], FunctionFacts]) -> Normalise:
    def normalise(found: Facts) -> Facts:
        return replace(found, functions={key: change(function) for key, function in found.functions.items()})

    return normalise


def _in_roles(change: Callable[[Role], Role]) -> Normalise:
    def normalise(function: FunctionFacts) -> FunctionFacts:
        return replace(function, role=change(function.role)) if function.role else function

    return _in_functions(normalise)


def _without(properties: Mapping[str, Json], *names: str) -> dict[str, Json]:
    return {name: value for name, value in properties.items() if name not in names}


def _without_properties(*names: str) -> Normalise:
    return _in_functions(lambda function: replace(function, properties=_without(function.properties, *names)))


def _without_tag(tag: str) -> Normalise:
    def normalise(function: FunctionFacts) -> FunctionFacts:
        tags = _without(function.properties.get("Tags", {}), tag)
        return replace(function, properties={**function.properties, "Tags": tags})

    return _in_functions(normalise)


def _with_any_python(function: FunctionFacts) -> FunctionFacts:
    runtime = re.sub(r"python3\.\d+", "python3", str(function.properties.get("Runtime")))
    return replace(function, properties={**function.properties, "Runtime": runtime})


def _without_pass_through(function: FunctionFacts) -> FunctionFacts:
    if function.properties.get("TracingConfig") != {"Mode": "PassThrough"}:
        return function
    return replace(function, properties=_without(function.properties, "TracingConfig"))


def _without_role_tags(role: Role) -> Role:
    return replace(role, properties=_without(role.properties, "Tags"))


def _without_sids(role: Role) -> Role:
    return replace(
        role,
        statements=frozenset(replace(statement, sid="") for statement in role.statements),
        trust=frozenset(replace(statement, sid="") for statement in role.trust),
    )


def _without_sharing(role: Role) -> Role:
    return replace(role, users=frozenset())


_SAM_LOGS = frozenset(expand_managed_policy("service-role/AWSLambdaBasicExecutionRole"))
_SAM_VPC = frozenset(expand_managed_policy("service-role/AWSLambdaVPCAccessExecutionRole")) - _SAM_LOGS
_SAM_XRAY = frozenset(expand_managed_policy("AWSXrayWriteOnlyAccess"))


def _as_one_grant(name: str, chalice: Json, sam: frozenset[Statement]) -> Normalise:
    """A role with all that Chalice writes, or all that SAM attaches, has the grant `name` instead.

    A role with neither, or with a part only, stays as it is: a missing grant still shows.
    """
    alternatives = (sam, frozenset(read_statements({"Statement": chalice})))

    def normalise(role: Role) -> Role:
        statements = role.statements
        for alternative in alternatives:
            if alternative <= statements:
                statements = statements - alternative | {Statement("Allow", name)}
        return replace(role, statements=statements)

    return _in_roles(normalise)


def _with_grant(name: str, is_implied: Callable[[FunctionFacts], bool]) -> Normalise:
    """Functions for which `is_implied` holds have the grant `name`, whoever gave it, and others have not."""
    grant = {Statement("Allow", name)}

    def normalise(function: FunctionFacts) -> FunctionFacts:
        if function.role is None:
            return function
        statements = function.role.statements
        statements = statements | grant if is_implied(function) else statements - grant
        return replace(function, role=replace(function.role, statements=statements))

    return _in_functions(normalise)


def _is_traced(function: FunctionFacts) -> bool:
    return function.properties.get("TracingConfig") == {"Mode": "Active"}


def _without_own_layers(found: Facts) -> Facts:
    own = [
        name
        for name, resource in found.resources.items()
        if resource.type == "AWS::Lambda::LayerVersion"
        and resource.properties["Content"].get("S3Bucket") == LOCAL_BUCKET
    ]

    def normalise(function: FunctionFacts) -> FunctionFacts:
        layers = function.properties.get("Layers", [])
        others = [layer for layer in layers if find_reference(layer) not in own]
        rest = _without(function.properties, "Layers")
        return replace(function, properties={**rest, "Layers": others} if others else rest)

    return _in_functions(normalise)(replace(found, resources=_without(found.resources, *own)))


def _without_dummy_lambda(found: Facts) -> Facts:
    return replace(found, functions=_without(found.functions, "DummyLambda"))


# In this order: statements are compared without their ids.
ACCEPTED = (
    Accepted(
        "The tag `aws-chalice`",
        "Chalice marks what it deploys with its version, stage and application, to find it again. "
        "CloudFormation has the stack for that.",
        _without_tag("aws-chalice"),
    ),
    Accepted(
        "The tag `lambda:createdBy`",
        "The SAM translator marks the functions that it makes.",
        _without_tag("lambda:createdBy"),
    ),
    Accepted(
        "Tags of the execution role",
        "SAM gives a function's tags to the role that it makes for it. Chalice's role has none.",
        _in_roles(_without_role_tags),
    ),
    Accepted(
        "The version of Python",
        "Chalice has no setting for it: it takes the version of the Python that runs `chalice package`.",
        _in_functions(_with_any_python),
    ),
    Accepted(
        "`Handler` and `CodeUri`",
        "Where the code lies is what a conversion changes. That the handler is found, and does the same, "
        "is tested by building the project and calling it.",
        _without_properties("Code", "Handler"),
    ),
    Accepted(
        "Layers of the project's own code and requirements",
        "Chalice packs everything for every function, or the requirements into `ManagedLayer` "
        "(`automatic_layer`); in the SAM form, layers share code between functions. This is packaging too. "
        "Layers that are not built from the project's files are compared.",
        _without_own_layers,
    ),
    Accepted(
        "The function `DummyLambda`",
        "With `--layer-style dummy-lambda`, a function that is never called makes `sam build` build a layer.",
        _without_dummy_lambda,
    ),
    Accepted(
        "`Tracing: PassThrough`",
        "Chalice writes it, and it is what Lambda does without it.",
        _in_functions(_without_pass_through),
    ),
    Accepted(
        "Ids of statements",
        "A `Sid` names a statement and grants nothing. Chalice makes them up at random.",
        _in_roles(_without_sids),
    ),
    Accepted(
        "A role of its own for each function",
        "Chalice has one `DefaultRole` that all functions share unless they are set up otherwise; SAM makes "
        "a role for each function. What each function may do is compared.",
        _in_roles(_without_sharing),
    ),
    Accepted(
        "Writing logs: `*` for `arn:*:logs:*:*:*`",
        "SAM attaches AWSLambdaBasicExecutionRole, with the same three actions on `*`. Nothing but logs has "
        "these actions, so both grant the same.",
        _as_one_grant("write logs", CLOUDWATCH_LOGS, _SAM_LOGS),
    ),
    Accepted(
        "Attaching to a VPC",
        "SAM attaches AWSLambdaVPCAccessExecutionRole where Chalice writes four actions of its own "
        "(`chalice.constants.VPC_ATTACH_POLICY`). Both let Lambda attach the function to its subnets.",
        _as_one_grant("attach to a VPC", VPC_ATTACH_POLICY, _SAM_VPC),
    ),
    Accepted(
        "Writing X-Ray traces",
        "SAM attaches AWSXrayWriteOnlyAccess where Chalice writes the two actions that send traces "
        "(`chalice.constants.XRAY_POLICY`). SAM's policy also lets the X-Ray daemon read sampling rules.",
        _as_one_grant("write traces", XRAY_POLICY, _SAM_XRAY),
    ),
    Accepted(
        "Every function may write its log",
        "SAM attaches AWSLambdaBasicExecutionRole to every role that it makes, also where a policy file of "
        "Chalice's does not allow it.",
        _with_grant("write logs", lambda function: True),
    ),
    Accepted(
        "Who may write traces",
        "SAM attaches the permission wherever `Tracing` is written, also where a condition switches it off. "
        "Chalice generates it where `xray` is set for the whole stage, so that a function with a setting of "
        "its own could not. It lets a traced function send its traces, and nothing else.",
        _with_grant("write traces", _is_traced),
    ),
)


def render_page() -> str:
    """The page of the documentation that lists them."""
    sections = (f"## {accepted.title}\n\n{accepted.reason}\n" for accepted in ACCEPTED)
    return "\n".join((_INTRODUCTION, *sections))


_INTRODUCTION = """\
# Accepted differences

A converted project deploys the same infrastructure. The tests hold it to that: the SAM form, and what
`chalice package` makes of the Chalice form, both go through the SAM translator, and the two stacks are
compared, whatever their resources are called: every function with its settings, its log group and each
single permission, and every other resource.

These are the differences that remain, and why they do no harm. Nothing else is forgiven.
"""
