"""
The roles of a template that say no more than what its functions may do.

A policy file of Chalice's says the same, so such a role is not carried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from converter.model import Json
from converter.sam.managed_policies import policy_name
from converter.sam.resource_types import ROLE

if TYPE_CHECKING:
    from converter.sam.project import SamProject

# What SAM takes from a function for the role that it makes for it, and the role's own name for it
# (samtranslator.model.sam_resources, _construct_role).
ROLE_PROPERTIES = {
    "RolePath": "Path",
    "PermissionsBoundary": "PermissionsBoundary",
    "AssumeRolePolicyDocument": "AssumeRolePolicyDocument",
}
# AWS's managed policies by which functions write logs.
_LOGGING_POLICIES = (
    "AdministratorAccess",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaExecute",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "CloudWatchLogsFullAccess",
)


def find_function_roles(project: SamProject) -> Iterator[str]:
    """The ids of the roles that only functions have which Chalice can hold."""
    for name, resource in project.resources.items():
        if _is_lambda_role(resource):
            users = list(project.referrers(name))
            if users and all(_has_role(project, user, name) for user in users):
                yield name


def role_of_arn(value: Json) -> str | None:
    """`Role` of `!GetAtt Role.Arn`."""
    match value:
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return name
    return None


def _has_role(project: SamProject, user: tuple[str, ...], role: str) -> bool:
    section, name = user
    return (
        section == "Resources"
        and name in project.held
        and role_of_arn(project.properties(name).get("Role")) == role
    )


def _is_lambda_role(resource: Json) -> bool:
    """Whether a role is no more than statements for functions, so that a policy file can say it."""
    if not isinstance(resource, dict) or resource.get("Type") != ROLE:
        return False
    properties = resource.get("Properties") or {}
    trust = properties.get("AssumeRolePolicyDocument")
    return (
        resource.keys() <= {"Type", "Properties"}
        and properties.keys() <= {"AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"}
        and isinstance(trust, dict)
        and [_trusted(one) for one in _as_list(trust.get("Statement"))] == ["lambda.amazonaws.com"]
        and _are_documents(properties.get("Policies") or [])
        and _may_write_logs(properties)
    )


def _may_write_logs(properties: dict[str, Json]) -> bool:
    """Whether a role lets a function write its log, as every role does that Chalice makes."""
    managed = map(policy_name, _as_list(properties.get("ManagedPolicyArns")))
    return any(policy in _LOGGING_POLICIES for policy in managed) or any(
        action == "*" or action.startswith("logs:") for action in _actions(properties.get("Policies"))
    )


def _actions(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _actions(item)
    elif isinstance(value, dict):
        yield from (action for action in _as_list(value.get("Action")) if isinstance(action, str))
        for item in value.values():
            yield from _actions(item)


def _are_documents(policies: Json) -> bool:
    """Whether a role's Policies are a list of documents; under a condition, of one."""
    if isinstance(policies, dict) and "Fn::If" in policies:
        _, *branches = policies["Fn::If"]
        return all(
            branch == {"Ref": "AWS::NoValue"} or (_are_documents(branch) and len(branch) == 1)
            for branch in branches
        )
    return isinstance(policies, list) and all(
        isinstance(_entry(policy, "PolicyDocument"), dict) for policy in policies
    )


def _trusted(statement: Json) -> Json:
    service = _entry(_entry(statement, "Principal"), "Service")
    return service[0] if isinstance(service, list) and len(service) == 1 else service


def _entry(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
