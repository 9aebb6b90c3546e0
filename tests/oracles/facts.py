"""What a deployed stack means, whatever its parts are called and wherever its code lies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.oracles.intrinsics import Evaluator, join_parts
from tests.oracles.process import OracleError
from tests.oracles.translation import Json, Template

# What Lambda takes when a template is silent.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
LAMBDA_DEFAULTS = {
    "Architectures": ["x86_64"],
    "EphemeralStorage": {"Size": 512},
    "MemorySize": 128,
    "PackageType": "Zip",
    "Timeout": 3,
}

_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_TRACES = (
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)

# The AWS managed policies that SAM attaches by itself, by the end of their ARN.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
MANAGED_POLICIES = {
    "service-role/AWSLambdaBasicExecutionRole": _LOGS,
    "service-role/AWSLambdaVPCAccessExecutionRole": (
        *_LOGS,
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ),
    "AWSXrayWriteOnlyAccess": _TRACES,
    "AWSXRayDaemonWriteAccess": _TRACES,
}
_MANAGED_POLICY_ARN = "arn:aws:iam::aws:policy/"

_FUNCTION = "AWS::Lambda::Function"


@dataclass(frozen=True, order=True)
class Statement:
    """The smallest grant: one action on one resource. Conditions and intrinsics are JSON text."""

    effect: str
    action: str
    resource: str = "*"
    condition: str = ""
    principal: str = ""
    sid: str = ""

    def __str__(self) -> str:
        principal = f" by {self.principal}" if self.principal else ""
        condition = f" if {self.condition}" if self.condition else ""
        return f"{self.effect} {self.action} on {self.resource}{principal}{condition}"


@dataclass(frozen=True)
class Role:
    """What a function may do, from whichever policies; `users` are the functions that share it."""

    users: frozenset[str]
    trust: frozenset[Statement]
    statements: frozenset[Statement]
    properties: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """Any other part of the stack, with references to functions by their keys."""

    type: str
    properties: Mapping[str, Json]


@dataclass(frozen=True)
class FunctionFacts:
    """One Lambda function. `role` is None where its ARN stands among the properties."""

    properties: Mapping[str, Json]
    role: Role | None = None
    log_group: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """Functions by key; everything else by logical id, which `compare` does not rely on."""

    functions: Mapping[str, FunctionFacts]
    resources: Mapping[str, Resource]


def facts(
    cloudformation: Template,
    parameters: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Facts:
    """The facts of plain CloudFormation, as deployed with these parameters.

    A function's key is what `names` has for its logical id, else that id without a trailing
    "Function". Raises OracleError when two functions get one key, or when a condition needs a
    parameter that has no value.
    """
    return _Stack(cloudformation, parameters or {}, names or {}).read()


def name_function(logical_id: str) -> str:
    """The key of a function that the caller has no name for."""
    return logical_id.removesuffix("Function") or logical_id


class _Stack:
    """One reading of one template: what it has, and what has already found its place."""

    def __init__(
        self, cloudformation: Template, parameters: Mapping[str, str], names: Mapping[str, str]
    ) -> None:
        evaluator = Evaluator(cloudformation, parameters)
        present = {
            name: resource
            for name, resource in cloudformation.get("Resources", {}).items()
            if evaluator.is_present(resource)
        }
        self._keys = {
            name: names.get(name, name_function(name))
            for name, resource in present.items()
            if resource["Type"] == _FUNCTION
        }
        if len(set(self._keys.values())) < len(self._keys):
            raise OracleError(f"two functions have one key, give them names: {self._keys}")
        labels = {name: f"function {key}" for name, key in self._keys.items()}
        self._resources = {
            name: Resource(resource["Type"], _rename(_read_properties(resource, evaluator), labels))
            for name, resource in present.items()
        }

    def read(self) -> Facts:
        log_groups = dict(self._find_log_groups())
        roles = dict(self._find_roles())
        functions = {}
        for name, key in self._keys.items():
            properties = {**LAMBDA_DEFAULTS, **self._resources[name].properties}
            role = roles.get(key)
            if role:
                properties.pop("Role")
            functions[key] = FunctionFacts(properties, role, log_groups.get(key, {}))
        others = {name: resource for name, resource in self._resources.items() if name not in self._keys}
        return Facts(functions, others)

    def _find_log_groups(self) -> Iterator[tuple[str, Mapping[str, Json]]]:
        """Log groups under the name that Lambda gives a function's logs."""
        named = {}
        for name, key in self._keys.items():
            literal = self._resources[name].properties.get("FunctionName")
            for shown in ({"Ref": f"function {key}"}, literal):
                if shown:
                    named[_as_json(join_parts(["/aws/lambda/", shown]))] = key
        for name, resource in self._all("AWS::Logs::LogGroup"):
            properties = dict(resource.properties)
            log_group_name = properties.pop("LogGroupName", None)
            key = named.get(_as_json(log_group_name), "")
            if key:
                self._place(name, f"log group of {key}")
                yield key, properties

    def _find_roles(self) -> Iterator[tuple[str, Role]]:
        """Each function's role that the template makes, with all policies attached to it."""
        users: dict[str, set[str]] = {}
        for name, key in self._keys.items():
            role = find_reference(self._resources[name].properties.get("Role"))
            if role in self._resources:
                users.setdefault(role, set()).add(key)
        found = {name: self._read_role(name, frozenset(keys)) for name, keys in users.items()}
        for name, resource in self._all("AWS::IAM::Policy"):
            attached_to = {find_reference(role) for role in resource.properties.get("Roles", [])}
            others = resource.properties.keys() & {"Groups", "Users"}
            if attached_to and attached_to <= users.keys() and not others:
                del self._resources[name]
        for name, role_facts in found.items():
            self._place(name, f"role of {', '.join(sorted(role_facts.users))}")
            for key in role_facts.users:
                yield key, role_facts

    def _read_role(self, name: str, users: frozenset[str]) -> Role:
        properties = dict(self._resources[name].properties)
        trust = frozenset(read_statements(properties.pop("AssumeRolePolicyDocument")))
        documents = [policy["PolicyDocument"] for policy in properties.pop("Policies", [])]
        arns = properties.pop("ManagedPolicyArns", [])
        for policy, resource in [*self._all("AWS::IAM::Policy"), *self._all("AWS::IAM::ManagedPolicy")]:
            attached_to = [find_reference(role) for role in resource.properties.get("Roles", [])]
            if name in attached_to or {"Ref": policy} in arns:
                documents.append(resource.properties["PolicyDocument"])
        statements = {found for document in documents for found in read_statements(document)}
        for arn in arns:
            if find_reference(arn) not in self._resources:
                statements.update(expand_managed_policy(arn))
        return Role(users, trust, frozenset(statements), properties)

    def _all(self, type_name: str) -> list[tuple[str, Resource]]:
        return [(name, found) for name, found in self._resources.items() if found.type == type_name]

    def _place(self, name: str, label: str) -> None:
        """Take a resource out of the rest, whose references to it say what it was."""
        del self._resources[name]
        self._resources = {
            other: Resource(resource.type, _rename(resource.properties, {name: label}))
            for other, resource in self._resources.items()
        }


def read_statements(document: Json) -> Iterator[Statement]:
    """The grants of a policy document, one per action, resource and principal."""
    for statement in _as_list(document["Statement"]):
        condition = _as_json(statement["Condition"]) if statement.get("Condition") else ""
        for action in _read_either(statement, "Action", str):
            for resource in _read_either(statement, "Resource", _as_text) or ["*"]:
                for principal in _read_either(statement, "Principal", _as_text) or [""]:
                    yield Statement(
                        statement["Effect"], action, resource, condition, principal, statement.get("Sid", "")
                    )


def _read_either(statement: Template, name: str, show: Callable[[Json], str]) -> list[str]:
    """The values under `Action`, say, or under `NotAction`."""
    values: list[str] = []
    for key, mark in ((name, ""), (f"Not{name}", "not ")):
        given = statement.get(key, [])
        if name == "Principal" and isinstance(given, dict):
            given = [{kind: one} for kind, several in given.items() for one in _as_list(several)]
        values += [mark + show(value) for value in _as_list(given)]
    return values


def expand_managed_policy(arn: Json) -> Iterator[Statement]:
    """What a policy of MANAGED_POLICIES grants, by its ARN or its key; any other is a grant `Attach`."""
    known = MANAGED_POLICIES.get(arn.removeprefix(_MANAGED_POLICY_ARN)) if isinstance(arn, str) else None
    if known:
        yield from (Statement("Allow", action) for action in known)
    else:
        yield Statement("Attach", _as_text(arn))


def _read_properties(resource: Template, evaluator: Evaluator) -> dict[str, Json]:
    properties: dict[str, Json] = dict(evaluator.evaluate(resource.get("Properties", {})))
    for name in ("DeletionPolicy", "UpdateReplacePolicy"):
        if name in resource:
            properties[name] = evaluator.evaluate(resource[name])
    tags = properties.get("Tags")
    if isinstance(tags, list) and all(isinstance(tag, dict) and "Key" in tag for tag in tags):
        properties["Tags"] = {tag["Key"]: tag["Value"] for tag in tags}
    variables = properties.get("Environment", {}).get("Variables") if resource["Type"] == _FUNCTION else None
    if variables:
        properties["Environment"] = {"Variables": {name: join_parts([v]) for name, v in variables.items()}}
    return properties


def _rename(value: Json, labels: Mapping[str, str]) -> Json:
    """The value with references to the labelled resources by their labels."""
    if isinstance(value, list):
        return [_rename(item, labels) for item in value]
    if not isinstance(value, dict):
        return value
    label = labels.get(find_reference(value))
    if label:
        return {"Ref": label} if "Ref" in value else {"Fn::GetAtt": [label, *value["Fn::GetAtt"][1:]]}
    return {key: _rename(item, labels) for key, item in value.items()}


def find_reference(value: Json) -> str:
    """The logical id that an intrinsic refers to; empty if the value is no reference."""
    if not isinstance(value, dict) or len(value) != 1:
        return ""
    return str(value["Fn::GetAtt"][0]) if "Fn::GetAtt" in value else str(value.get("Ref", ""))


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _as_json(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else _as_json(value)
