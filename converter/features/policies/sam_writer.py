"""Roles and policies in a SAM project: `Policies` of a function, a role where several have the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from converter.chalice.policy import POLICY_VERSION
from converter.features.policies.implied import BASIC_EXECUTION, VPC_ACCESS, XRAY_WRITE, attached_policies
from converter.model import Application, Function, Json
from converter.sam.managed_policies import policy_arn
from converter.sam.resource_types import ROLE
from converter.sam.roles import ROLE_PROPERTIES

if TYPE_CHECKING:
    from converter.sam.writer import SamWriter

TRUST = {
    "Version": POLICY_VERSION,
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def write_sam(application: Application, writer: SamWriter) -> None:
    groups: dict[str, list[Function]] = {}
    for function in application.functions.values():
        settings = function.setting("role_settings")
        if any(function.setting("role").values()) or any(settings.values()):
            # In a stage without the role SAM makes one, of the policies.
            writer.set(function.name, "Role", function.setting("role"))
            for key in ROLE_PROPERTIES:
                writer.set(
                    function.name, key, {stage: (values or {}).get(key) for stage, values in settings.items()}
                )
            _write_policies(function, writer)
        elif any(function.setting("policy").values()) or any(function.setting("managed_policies").values()):
            key = json.dumps(
                [function.setting("policy"), function.setting("managed_policies")], sort_keys=True
            )
            groups.setdefault(key, []).append(function)
    for functions in groups.values():
        if len(functions) == 1:
            _write_policies(functions[0], writer)
        else:
            _write_shared_role(functions, writer)


def _write_policies(function: Function, writer: SamWriter) -> None:
    policy, managed = function.setting("policy"), function.setting("managed_policies")
    names = list({json.dumps(one): one for found in managed.values() for one in found or ()}.values())
    # SAM attaches by itself what the events and the other properties take.
    attached = attached_policies(function, function.carried.get("Properties") or {})
    names = [name for name in names if name not in attached]
    documents = {
        stage: {"Version": POLICY_VERSION, "Statement": statements} if statements else None
        for stage, statements in policy.items()
    }
    # SAM wants a list, so what differs by stage differs inside it.
    policies = [
        *(
            writer.vary(
                "Policy", {stage: name if name in (found or ()) else None for stage, found in managed.items()}
            )
            for name in names
        ),
        writer.vary("Policy", documents, function.name),
    ]
    kept = [policy for policy in policies if policy != {"Ref": "AWS::NoValue"}]
    if kept:
        writer.functions[function.name]["Policies"] = kept


def _write_shared_role(functions: list[Function], writer: SamWriter) -> None:
    """One role for functions of one policy, with what SAM would give each of theirs."""
    policy = functions[0].setting("policy")
    statements = {
        stage: {"Version": POLICY_VERSION, "Statement": policy[stage]} if policy.get(stage) else None
        for stage in writer.stages
    }
    managed = {
        stage: list(map(policy_arn, functions[0].setting("managed_policies").get(stage) or ()))
        for stage in writer.stages
    }
    attached = [BASIC_EXECUTION]
    if any(value for function in functions for value in function.setting("vpc").values()):
        attached.append(VPC_ACCESS)
    if any(value for function in functions for value in function.setting("tracing").values()):
        attached.append(XRAY_WRITE)
    document = writer.vary("Policy", statements)
    properties: dict[str, Json] = {
        "AssumeRolePolicyDocument": TRUST,
        "ManagedPolicyArns": writer.vary(
            "ManagedPolicies",
            {stage: [*map(policy_arn, attached), *managed[stage]] for stage in writer.stages},
        ),
    }
    if isinstance(document, dict) and "Statement" in document:
        properties["Policies"] = [{"PolicyName": "Statements", "PolicyDocument": document}]
    elif document != {"Ref": "AWS::NoValue"}:
        properties["Policies"] = writer.vary(
            "Policies",
            {
                stage: [{"PolicyName": "Statements", "PolicyDocument": value}] if value else None
                for stage, value in statements.items()
            },
        )
    role = writer.add_resource("SharedRole", {"Type": ROLE, "Properties": properties})
    for function in functions:
        writer.functions[function.name]["Role"] = {"Fn::GetAtt": [role, "Arn"]}
