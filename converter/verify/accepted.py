"""The differences between a Chalice stack and a SAM stack that are accepted, each with its reason.

This is the only place that forgives anything. The page docs/accepted-differences.md is made from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

from converter.chalice.policy import LOG_RESOURCES, LOGS
from converter.chalice.registration import API_FUNCTION, API_ID
from converter.model import Json, logical_id
from converter.sam.resource_types import LOG_GROUP
from converter.verify.facts import Fact, Facts, Part, read_permissions
from converter.verify.managed import expand_managed_policy
from converter.verify.tools.translation import LOCAL_BUCKET
from converter.verify.values import find_reference, show_value

_NO_FUNCTION = logical_id(API_FUNCTION)
_CHALICE_TAG = "aws-chalice"

Atoms = frozenset[str]

Normalise = Callable[[Facts], Facts]


@dataclass(frozen=True)
class Accepted:
    """One difference. `normalise` gives both sides the same form of it, and touches nothing else."""

    title: str
    reason: str
    normalise: Normalise


def _in_functions(change: Callable[[tuple[Fact, ...]], Iterable[Fact]]) -> Normalise:
    def normalise(facts: Facts) -> Facts:
        return Facts(
            tuple(
                replace(part, facts=tuple(change(part.facts))) if part.kind == "function" else part
                for part in facts.parts
            )
        )

    return normalise


def _without(is_forgiven: Callable[[Fact], bool]) -> Normalise:
    return _in_functions(lambda facts: (fact for fact in facts if not is_forgiven(fact)))


def _without_tag(tag: str) -> Normalise:
    return _without(lambda fact: fact.kind == "tags" and fact.name == tag)


def _with_any_python(facts: Facts) -> Facts:
    def change(part: Part) -> Iterator[Fact]:
        for fact in part.facts:
            if fact.kind == "runtime" and re.fullmatch(r"python3\.\d+", str(fact.value)):
                # An application that says nothing leaves it to the Python that Chalice runs on.
                if part.kind == "function":
                    yield replace(fact, value="python3")
            else:
                yield fact

    return Facts(tuple(replace(part, facts=tuple(change(part))) for part in facts.parts))


def _without_own_layers(facts: Facts) -> Facts:
    own = {part.identifier for part in facts.parts if _is_own_layer(part)}

    def change(found: tuple[Fact, ...]) -> Iterator[Fact]:
        for fact in found:
            if fact.kind == "layers" and isinstance(fact.value, list):
                others = [layer for layer in fact.value if find_reference(layer) not in own]
                if others:
                    yield replace(fact, value=others)
            else:
                yield fact

    return _in_functions(change)(Facts(tuple(part for part in facts.parts if part.identifier not in own)))


def _is_own_layer(part: Part) -> bool:
    is_layer = part.type in {"AWS::Lambda::LayerVersion", "AWS::Serverless::LayerVersion"}
    return is_layer and any(
        fact.name == "Properties.Content.S3Bucket" and fact.value == LOCAL_BUCKET for fact in part.facts
    )


def _without_dummy_lambda(facts: Facts) -> Facts:
    return Facts(tuple(part for part in facts.parts if part.identifier != "DummyLambda"))


def _without_outputs_of_functions(facts: Facts) -> Facts:
    functions = {part.identifier for part in facts.parts if part.kind == "function"}
    values = [value for name in functions for value in ({"Fn::GetAtt": [name, "Arn"]}, {"Ref": name})]
    outputs = [(Fact("output", "Value", value),) for value in values]
    return Facts(tuple(part for part in facts.parts if part.kind != "output" or part.facts not in outputs))


def _without_outputs_of_apis(facts: Facts) -> Facts:
    apis = {part.identifier for part in facts.parts if part.kind == "api"}
    return Facts(tuple(part for part in facts.parts if not _is_output_of_api(part, apis)))


def _is_output_of_api(part: Part, apis: set[str]) -> bool:
    """Whether it is one of the two that Chalice always has: the URL and the id."""
    values = [fact.value for fact in part.facts if fact.name == "Value"]
    if part.kind != "output" or len(part.facts) != 1 or not values:
        return False
    named = {find_reference(item) for item in _list_parts(values[0])}
    return part.name in ("EndpointURL", "RestAPIId") and bool(named & apis)


def _list_parts(value: Json) -> list[Json]:
    joined = value.get("Fn::Join") if isinstance(value, dict) else None
    return joined[1] if isinstance(joined, list) else [value]


# What ANY stands for, which Chalice has no word for.
_EVERY_METHOD = ("delete", "get", "head", "options", "patch", "post", "put")
_ANY = "x-amazon-apigateway-any-method"


def _with_every_method(facts: Facts) -> Facts:
    # A method of its own goes before any method.
    own = {part.name for part in facts.parts if part.kind == "route"}
    parts = ((part, each) for part in facts.parts for each in _spell_out(part))
    return Facts(tuple(each for part, each in parts if each is part or each.name not in own))


def _spell_out(part: Part) -> Iterator[Part]:
    if part.kind != "route" or not any(fact.name == "method" and fact.value == _ANY for fact in part.facts):
        yield part
        return
    for method in _EVERY_METHOD:
        changed = (replace(fact, value=method) if fact.name == "method" else fact for fact in part.facts)
        yield replace(part, name=part.name.replace(_ANY.upper(), method.upper()), facts=tuple(changed))


def _with_log_of_api(facts: Facts) -> Facts:
    """The log group that `chalice package` names after a function that it does not make, as its API's."""
    identifiers = {part.identifier for part in facts.parts}
    lost = [part for part in facts.parts if part.type == LOG_GROUP and _is_named_after(_NO_FUNCTION, part)]
    if API_ID not in identifiers or _NO_FUNCTION in identifiers or len(lost) != 1:
        return facts
    (group,) = lost
    days = tuple(
        Fact("log-retention", "log-retention", fact.value)
        for fact in group.facts
        if fact.name == "Properties.RetentionInDays"
    )
    parts = (part for part in facts.parts if part is not group)
    return _change_functions(
        Facts(tuple(parts)),
        lambda part: replace(part, facts=(*part.facts, *days)) if part.identifier == API_ID else part,
    )


def _is_named_after(function: str, group: Part) -> bool:
    names = (show_value(fact.value) for fact in group.facts if fact.name == "Properties.LogGroupName")
    return any(show_value({"Ref": function}) in name for name in names)


# --- grants ---------------------------------------------------------------------------


def _permission(fact: Fact) -> str:
    return show_value(fact.value) if fact.kind == "permission" else ""


def _atoms(statements: Iterable[Json]) -> Atoms:
    return frozenset(map(_permission, read_permissions(statements)))


@cache
def _managed(name: str) -> Atoms:
    return frozenset(map(_permission, expand_managed_policy(name)))


@cache
def _chalice(name: str) -> Atoms:
    from chalice import constants

    return _atoms([getattr(constants, name)])


def _logs_of(resources: Iterable[str]) -> Iterator[Atoms]:
    return (_atoms([{**LOGS, "Resource": resource}]) for resource in resources)


def _as_one_grant(name: str, find: Callable[[], tuple[Atoms, ...]]) -> Normalise:
    """A function with all that Chalice writes, or all that SAM attaches, has the grant `name` instead.

    One with neither, or with a part only, stays as it is: a missing grant still shows.
    """

    def change(found: tuple[Fact, ...]) -> Iterator[Fact]:
        granted = set(map(_permission, found))
        covered = {atom for alternative in find() if alternative <= granted for atom in alternative}
        yield from (fact for fact in found if _permission(fact) not in covered)
        if covered:
            yield _grant(name)

    return _in_functions(change)


def _with_logs_for_chalice(facts: Facts) -> Facts:
    """SAM's functions have to have the grant by themselves."""

    def change(part: Part) -> Part:
        others = tuple(fact for fact in part.facts if fact != _LOGS_GRANT)
        has_grant = _LOGS_GRANT in part.facts or _has_role_of_chalice(part)
        return replace(part, facts=(*others, _LOGS_GRANT) if has_grant else others)

    return _change_functions(facts, change)


def _with_traces_where_traced(facts: Facts) -> Facts:
    """A traced function of SAM's has to have the grant by itself."""

    def change(part: Part) -> Part:
        others = tuple(fact for fact in part.facts if fact != _TRACES_GRANT)
        has_grant = _TRACES_GRANT in part.facts or _has_role_of_chalice(part)
        is_traced = Fact("tracing", "tracing", True) in part.facts
        return replace(part, facts=(*others, _TRACES_GRANT) if has_grant and is_traced else others)

    return _change_functions(facts, change)


def _change_functions(facts: Facts, change: Callable[[Part], Part]) -> Facts:
    return Facts(tuple(change(part) if part.kind == "function" else part for part in facts.parts))


def _with_vpc_where_in_vpc(found: tuple[Fact, ...]) -> Iterator[Fact]:
    is_in_vpc = any(fact.kind == "vpc" for fact in found)
    return (fact for fact in found if is_in_vpc or fact != _VPC_GRANT)


def _with_polling_where_polled(service: str, resource: str, grant: Fact) -> Normalise:
    """The grant to poll stays with the functions that an event source mapping of the service invokes."""

    def normalise(facts: Facts) -> Facts:
        sources = {part.identifier for part in facts.parts if part.type == resource}
        polling = {
            find_reference(values.get("Properties.FunctionName"))
            for part in facts.parts
            if part.type == _MAPPING
            for values in [{fact.name: fact.value for fact in part.facts}]
            if f":{service}:" in show_value(values.get("Properties.EventSourceArn"))
            or find_reference(values.get("Properties.EventSourceArn")) in sources
        }

        def change(part: Part) -> tuple[Fact, ...]:
            others = tuple(fact for fact in part.facts if fact != grant)
            is_polling = part.identifier in polling
            by_chalice = _has_role_of_chalice(part) and any(_allows(fact, service) for fact in part.facts)
            return (*others, grant) if is_polling and (grant in part.facts or by_chalice) else others

        return Facts(
            tuple(
                replace(part, facts=change(part)) if part.kind == "function" else part for part in facts.parts
            )
        )

    return normalise


def _allows(fact: Fact, service: str) -> bool:
    """Whether it is a permission for anything of a service."""
    action = fact.value.get("action") if fact.kind == "permission" and isinstance(fact.value, dict) else ""
    return isinstance(action, str) and (action == "*" or action.startswith(f"{service}:"))


def _without_empty_windows(facts: Facts) -> Facts:
    def keep(fact: Fact) -> bool:
        return fact.name.rpartition(".")[2] != "MaximumBatchingWindowInSeconds" or fact.value != 0

    return Facts(tuple(replace(part, facts=tuple(filter(keep, part.facts))) for part in facts.parts))


def _without_default_batches(facts: Facts) -> Facts:
    """Event source mappings without the batch size that Lambda takes where nothing is said."""

    def keep(part: Part, fact: Fact) -> bool:
        is_stream = any(each.name == "Properties.StartingPosition" for each in part.facts)
        is_default = fact.name == "Properties.BatchSize" and fact.value == (100 if is_stream else 10)
        return part.type != _MAPPING or not is_default

    return Facts(
        tuple(
            replace(part, facts=tuple(fact for fact in part.facts if keep(part, fact)))
            for part in facts.parts
        )
    )


def _without_descriptions_of_rules(facts: Facts) -> Facts:
    def keep(part: Part, fact: Fact) -> bool:
        return part.type != "AWS::Events::Rule" or fact.name != "Properties.Description"

    return Facts(
        tuple(
            replace(part, facts=tuple(fact for fact in part.facts if keep(part, fact)))
            for part in facts.parts
        )
    )


_OF_USAGE_PLANS = {"UsagePlan", "UsagePlanKey", "ApiKey"}


def _without_usage_plans(facts: Facts) -> Facts:
    apis = {part.identifier for part in facts.parts if part.kind == "api"}
    made = {f"{api}{name}" for api in apis for name in _OF_USAGE_PLANS}
    return Facts(tuple(part for part in facts.parts if part.identifier not in made))


def _without_document_version(facts: Facts) -> Facts:
    def keep(part: Part, fact: Fact) -> bool:
        return part.type != "AWS::Serverless::Api" or fact.name != "Properties.OpenApiVersion"

    return Facts(
        tuple(
            replace(part, facts=tuple(fact for fact in part.facts if keep(part, fact)))
            for part in facts.parts
        )
    )


def _without_powertools(facts: Facts) -> Facts:
    def keep(fact: Fact) -> bool:
        return fact.kind != "requirement" or not str(fact.value).startswith("aws-lambda-powertools")

    return Facts(tuple(replace(part, facts=tuple(filter(keep, part.facts))) for part in facts.parts))


_WITHOUT_CORS = Fact("route", "CORS", False)


def _without_unasked_preflight(facts: Facts) -> Facts:
    """No answers to preflight requests that ask for routes whose own answers have no CORS headers."""
    routes = [(part, path) for part in facts.parts for path in _find_paths(part)]
    asked = {
        path for part, path in routes if _WITHOUT_CORS not in part.facts and not _answers_preflight(part)
    }
    unasked = {(path, _find_method(part)) for part, path in routes if _WITHOUT_CORS in part.facts}

    def change(part: Part, paths: list[str]) -> Iterator[Fact]:
        for fact in part.facts:
            if fact.name == "CORS Allow-Methods" and isinstance(fact.value, list):
                methods = [each for each in fact.value if (paths[0], each) not in unasked]
                yield replace(fact, value=methods)
            elif fact.name != "preflight" or not asked.isdisjoint(paths):
                yield fact

    parts = ((part, list(_find_paths(part))) for part in facts.parts)
    return Facts(
        tuple(
            replace(part, facts=tuple(change(part, paths))) if paths else part
            for part, paths in parts
            if not _answers_preflight(part) or not asked.isdisjoint(paths)
        )
    )


def _answers_preflight(part: Part) -> bool:
    """Whether it is a method of an API that answers preflight requests without calling a function."""
    is_options = part.kind == "route" and Fact("route", "method", "options") in part.facts
    return is_options and all(fact.name != "function" for fact in part.facts)


def _find_method(part: Part) -> str:
    return next((str(fact.value).upper() for fact in part.facts if fact.name == "method"), "")


def _find_paths(part: Part) -> Iterator[str]:
    """The path of a route that a function serves, or of the answers to preflight requests there."""
    return (str(fact.value) for fact in part.facts if fact.name in {"Path", "path"})


def _is_chalice(found: tuple[Fact, ...]) -> bool:
    return any(fact.kind == "tags" and fact.name == _CHALICE_TAG for fact in found)


def _has_role_of_chalice(part: Part) -> bool:
    """Whether Chalice makes the function's role; nothing is known of any other."""
    role = dict(part.attached).get("role", "").lower()
    return _is_chalice(part.facts) and role in ("defaultrole", f"{part.identifier}role".lower())


def _grant(name: str) -> Fact:
    return Fact("permission", "", {"effect": "Allow", "action": name})


_LOGS_GRANT, _TRACES_GRANT = _grant("write logs"), _grant("write traces")
_VPC_GRANT = _grant("attach to a VPC")

_MAPPING = "AWS::Lambda::EventSourceMapping"

_LOGS = "service-role/AWSLambdaBasicExecutionRole"
_VPC = "service-role/AWSLambdaVPCAccessExecutionRole"
_XRAY = "AWSXrayWriteOnlyAccess"

# What Lambda polls: in ARNs, its name, its resource, SAM's policy and Chalice's.
_POLLED = (
    (
        "sqs",
        "SQS queues",
        "AWS::SQS::Queue",
        "AWSLambdaSQSQueueExecutionRole",
        "SQS_EVENT_SOURCE_POLICY",
    ),
    (
        "kinesis",
        "Kinesis streams",
        "AWS::Kinesis::Stream",
        "AWSLambdaKinesisExecutionRole",
        "KINESIS_EVENT_SOURCE_POLICY",
    ),
    (
        "dynamodb",
        "DynamoDB streams",
        "AWS::DynamoDB::Table",
        "AWSLambdaDynamoDBExecutionRole",
        "DDB_EVENT_SOURCE_POLICY",
    ),
)


def _polling_grants(managed: str, chalice: str) -> tuple[Atoms, Atoms]:
    return _managed(f"service-role/{managed}") - _managed(_LOGS), _chalice(chalice)


def _accept_polling() -> Iterator[Accepted]:
    for service, name, resource, managed, chalice in _POLLED:
        yield Accepted(
            f"Polling {name}",
            f"SAM attaches {managed} to a function that polls, and Chalice writes the actions that it takes "
            f"(`chalice.constants.{chalice}`).",
            _as_one_grant(f"poll {name}", partial(_polling_grants, managed, chalice)),
        )
        yield Accepted(
            f"Who may poll {name}",
            "Functions of Chalice's share the role for which it generates the policy, so all of them have "
            "the right as soon as one polls. In the SAM form the function that polls has it, also where a "
            "policy file of Chalice's says it in another way.",
            _with_polling_where_polled(service, resource, _grant(f"poll {name}")),
        )


# In this order: the tag tells which side is Chalice's.
MOUNTED = Accepted(
    "An API as Chalice has one",
    "Chalice has one REST API, `RestAPI`, with outputs of its own, and one function that serves it. Those "
    "that answer API Gateway themselves are mounted in it: `ANY` is seven methods, what SAM implies is said, "
    "and several functions are one with the environment and permissions of all, the greatest timeout and "
    "memory, and no description (PAWS237). That it has all this, and that each route leads to the handler of "
    "the function that it led to, is compared; what the API itself is set to, without `--with-tools`, with "
    "what the conversion makes of it. A WebSocket API has Chalice's names too, with what Chalice always says "
    "of it (PAWS238).",
    lambda facts: facts,
)

ACCEPTED = (
    MOUNTED,
    Accepted(
        "A route of any method",
        "Chalice has no `ANY`: its routes name their methods, which are seven.",
        _with_every_method,
    ),
    Accepted(
        "The log of the API's function",
        "With `log_retention_in_days`, `chalice package` names the log group after `ApiHandler`, where it "
        "calls the function `APIHandler`, and CloudFormation refuses its template. `chalice deploy` keeps "
        "the log of the function, as the SAM form does; in a Chalice form that paws writes, the merge "
        "template mends the name.",
        _with_log_of_api,
    ),
    Accepted(
        "Outputs of the REST API",
        "Chalice always has two, `EndpointURL` and `RestAPIId`. Outputs that are exported are compared.",
        _without_outputs_of_apis,
    ),
    Accepted(
        "The tag `lambda:createdBy`",
        "The SAM translator marks the functions that it makes.",
        _without_tag("lambda:createdBy"),
    ),
    Accepted(
        "The version of Python",
        "Chalice has no setting for it: it takes the version of the Python that runs `chalice package`.",
        _with_any_python,
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
        "Outputs with the ARNs and names of functions",
        "The SAM form names every function in its `Outputs`, as `sam init` does. Chalice has outputs "
        "of its own for the functions of APIs only. Outputs that are exported are compared.",
        _without_outputs_of_functions,
    ),
    Accepted(
        "Writing logs: `*` for `arn:*:logs:*:*:*`",
        "SAM attaches AWSLambdaBasicExecutionRole, with the same three actions on `*`; roles written by hand "
        "have `arn:aws:logs:*:*:*`. Nothing but logs has these actions, so all grant the same.",
        _as_one_grant("write logs", lambda: (_managed(_LOGS), *_logs_of(LOG_RESOURCES))),
    ),
    Accepted(
        "Attaching to a VPC",
        "SAM attaches AWSLambdaVPCAccessExecutionRole where Chalice writes four actions of its own "
        "(`chalice.constants.VPC_ATTACH_POLICY`). Both let Lambda attach the function to its subnets.",
        _as_one_grant(
            "attach to a VPC", lambda: (_managed(_VPC) - _managed(_LOGS), _chalice("VPC_ATTACH_POLICY"))
        ),
    ),
    Accepted(
        "Writing X-Ray traces",
        "SAM attaches AWSXrayWriteOnlyAccess where Chalice writes the two actions that send traces "
        "(`chalice.constants.XRAY_POLICY`). SAM's policy also lets the X-Ray daemon read sampling rules.",
        _as_one_grant("write traces", lambda: (_managed(_XRAY), _chalice("XRAY_POLICY"))),
    ),
    Accepted(
        "Every function may write its log",
        "SAM attaches AWSLambdaBasicExecutionRole to every role that it makes, also where a policy file of "
        "Chalice's does not allow it.",
        _with_logs_for_chalice,
    ),
    Accepted(
        "Who may write traces",
        "SAM attaches the permission wherever `Tracing` is written, also where a condition switches it off. "
        "Chalice generates it where `xray` is set for the whole stage, so that a function with a setting of "
        "its own could not. It lets a traced function send its traces, and nothing else.",
        _with_traces_where_traced,
    ),
    Accepted(
        "Who may attach to a VPC",
        "SAM attaches the permission wherever `VpcConfig` is written, also where a condition takes it away. "
        "It lets Lambda attach the function to subnets, which happens in a VPC only.",
        _in_functions(_with_vpc_where_in_vpc),
    ),
    *_accept_polling(),
    Accepted(
        "A usage plan",
        "A route with `api_key_required` refuses every caller until there is a usage plan with keys. Chalice "
        "leaves making them to you; the SAM form has a plan and a key for the API.",
        _without_usage_plans,
    ),
    Accepted(
        "Preflight requests to routes without CORS",
        "SAM has one CORS configuration for all paths of an API, where Chalice answers preflight requests to "
        "the paths of routes with `cors` only. A browser hides the answers that follow from scripts in "
        "either form, because they have no CORS headers; but it sends the requests. The conversion says so "
        "(PAWS129).",
        _without_unasked_preflight,
    ),
    Accepted(
        "The form of the API's document",
        "`OpenApiVersion` decides how SAM writes the document, not what the API does.",
        _without_document_version,
    ),
    Accepted(
        "The library that serves the routes",
        "In the SAM form, routes are served by aws-lambda-powertools, and not by Chalice.",
        _without_powertools,
    ),
    Accepted(
        "A batching window of no seconds",
        "Chalice writes `MaximumBatchingWindowInSeconds: 0`, which is what Lambda takes where nothing is "
        "said.",
        _without_empty_windows,
    ),
    Accepted(
        "The usual number of records",
        "Where a template leaves the batch size to Lambda, the Chalice form writes the number that Lambda "
        "takes.",
        _without_default_batches,
    ),
    Accepted(
        "Descriptions of rules",
        "`chalice deploy` gives the rule the description of `@app.schedule`, and so does the SAM form; "
        "`chalice package` leaves it out.",
        _without_descriptions_of_rules,
    ),
    Accepted(
        "The tag `aws-chalice`",
        "Chalice marks what it deploys with its version, stage and application, to find it again. "
        "CloudFormation has the stack for that.",
        _without_tag(_CHALICE_TAG),
    ),
)
