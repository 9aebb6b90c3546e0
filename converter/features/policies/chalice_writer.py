"""Roles and policies in a Chalice project: policy files, and the config that names them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.config import can_say_vpc
from converter.chalice.policy import LOGS, POLICY_VERSION, Statements
from converter.features.policies.implied import implied_statements
from converter.model import Application, Function, Json, logical_id
from converter.sam.intrinsics import is_literal, references
from converter.sam.managed_policies import policy_arn
from converter.sam.roles import ROLE_PROPERTIES

if TYPE_CHECKING:
    from converter.chalice.writer import ChaliceWriter


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        roles = function.setting("role")
        if any(value is not None for value in roles.values()):
            writer.set_role(function.name, roles)
        _merge_role(function, writer)
    _write_policy_files(application, writer)


def _write_policy_files(application: Application, writer: ChaliceWriter) -> None:
    """One file for a stage whose functions all have one policy, else one for each function.

    None where Chalice generates as much by itself; its role is one for all functions then,
    so it will not do where the template means the role of a single one.
    """
    has_own_roles = _names_a_role(application) or any(map(_role_properties, application.functions.values()))
    for stage in writer.stages:
        wanted = {
            function.name: tuple(function.settings[stage].get("policy") or ())
            for function in application.functions.values()
            if function.settings[stage].get("role") is None
        }
        is_generated = (
            not any(wanted.values())
            and not has_own_roles
            and writer.generated_statements() == ()
            and (not wanted or _is_seen_by_chalice(stage, application))
        )
        if is_generated:
            continue
        documents = {
            name: _document((*statements, *implied_statements(application.functions[name], stage)))
            for name, statements in wanted.items()
        }
        is_one = len(set(documents.values())) == 1 and len(documents) == len(application.functions)
        for name, document in documents.items():
            writer.set_in_stage(stage, name, "autogen_policy", False)
            file = f"policy-{stage}.json" if is_one else f"policy-{stage}-{name}.json"
            if not is_one:
                writer.set_in_stage(stage, name, "iam_policy_file", file)
            writer.files[f".chalice/{file}"] = document.encode()


def _merge_role(function: Function, writer: ChaliceWriter) -> None:
    """What only the merge template can say of the role that Chalice makes, of one and all stages."""
    for key, by_stage in _role_properties(function).items():
        values = [value for value in by_stage.values() if value is not None]
        if any(value != values[0] for value in by_stage.values()):
            reason = f"the stages of {function.name} differ in it, and now all have what the first has"
            writer.report(codes.MERGED_ALIKE.at(function.position, key, reason))
        writer.merge_resource(logical_id(f"{function.name}_role"), ("Properties", key), values[0])


def _role_properties(function: Function) -> dict[str, dict[str, Json]]:
    """The properties of the function's role that are set in any stage, by stage."""
    found: dict[str, dict[str, Json]] = {}
    for stage, settings in function.settings.items():
        if settings.get("role") is None:
            arns = [policy_arn(policy) for policy in settings.get("managed_policies") or ()]
            found.setdefault("ManagedPolicyArns", {})[stage] = arns or None
            for key, name in ROLE_PROPERTIES.items():
                found.setdefault(name, {})[stage] = (settings.get("role_settings") or {}).get(key)
    return {key: by_stage for key, by_stage in found.items() if any(by_stage.values())}


def _names_a_role(application: Application) -> bool:
    """Whether the template speaks of the role of one of the functions."""
    functions = {logical_id(name) for name in application.functions}
    roles = {logical_id(f"{name}_role") for name in application.functions}
    return any(
        roles & references(value, (section, name))
        or (_is_connector(value) and functions & references(value, (section, name)))
        for section, entries in application.template.sections.items()
        for name, value in entries.items()
    )


def _is_connector(value: Json) -> bool:
    return isinstance(value, dict) and (
        value.get("Type") == "AWS::Serverless::Connector" or "Connectors" in value
    )


def _is_seen_by_chalice(stage: str, application: Application) -> bool:
    """Whether Chalice generates what VPC and tracing need: only where the config has them, for all alike."""
    settings = [function.settings[stage] for function in application.functions.values()]
    (vpc, tracing), *others = ((each.get("vpc"), each.get("tracing")) for each in settings)
    is_in_config = (vpc is None or can_say_vpc(vpc)) and is_literal(tracing)
    return is_in_config and all(other == (vpc, tracing) for other in others)


def _document(statements: Statements) -> str:
    return (
        json.dumps(
            {"Version": POLICY_VERSION, "Statement": [LOGS, *statements]}, indent=2, ensure_ascii=False
        )
        + "\n"
    )
