"""Roles and policies of a SAM project: what the `Role` and `Policies` of its functions grant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.policy import as_list, without_logs
from converter.features.policies.implied import (
    SENDING_ACTIONS,
    VPC_ACCESS,
    XRAY_WRITE,
    attached_policies,
    failure_statements,
    source_statements,
)
from converter.model import Application, Function, Json, Position
from converter.sam.intrinsics import ABSENT, function_of, rename, resolve_leaves
from converter.sam.managed_policies import policy_name
from converter.sam.policy_templates import expand, is_basic_execution
from converter.sam.roles import ROLE_PROPERTIES, role_of_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.sam.project import SamProject


def read_sam(project: SamProject, application: Application) -> Application:
    reader = _SamPolicies(project)
    return application.map_functions(reader.read)


class _SamPolicies:
    """What the `Role` and `Policies` of a template's functions grant."""

    def __init__(self, project: SamProject) -> None:
        self.project = project

    def read(self, function: Function) -> Function:
        written = self.project.take_raw(function, "Role")
        roles = self.project.by_stage(written)
        if any(role is None for role in roles.values()):
            return self._read_all_policies(self._with_role_settings(function.with_setting("role", roles)))
        identifier = role_of_arn(written)
        if identifier in self.project.function_roles:
            place = self.project.position("Resources", identifier)
            reason = "Chalice makes the functions' roles, with the same permissions"
            self.project.report(codes.ABSORBED_ROLE.at(place, identifier, reason))
            self.project.absorbed[identifier] = "it is the functions' policy file"
            return self._read_role(function, self.project.resources[identifier]["Properties"])
        # SAM makes no role where one is given, so Policies mean nothing then; they are carried.
        return function.with_setting("role", roles)

    def _with_role_settings(self, function: Function) -> Function:
        """The function with what it says of the role that SAM makes for it."""
        found = {key: self.project.by_stage(self.project.take_raw(function, key)) for key in ROLE_PROPERTIES}
        settings = {
            stage: {key: values[stage] for key, values in found.items() if values[stage] is not None} or None
            for stage in self.project.stages
        }
        return function.with_setting("role_settings", settings)

    def _read_all_policies(self, function: Function) -> Function:
        """What the policies grant, with what SAM adds to them."""
        policies = as_list(self.project.take_raw(function, "Policies"))
        said = [one for policy in policies if isinstance(policy, dict) for one in _statements(policy)]
        # A function that has been Chalice's already says itself what SAM would add.
        added = [
            policy
            for policy in self._implied_policies(function)
            if policy not in policies and not _said(policy, said)
        ]
        return self._read_policies(function, [*policies, *added])

    def _implied_policies(self, function: Function) -> list[Json]:
        """What SAM lets a function do because of its other properties."""
        left = self.project.functions[function.name].left
        managed = attached_policies(function, left)
        statements = [
            statement
            for event in function.events
            for statement in (
                *source_statements(event.kind, event.written or {}),
                *failure_statements(event.written or {}),
            )
        ]
        managed += [{"Statement": statements}] if statements else []
        targets = [left.get("DeadLetterQueue")]
        destinations = _entry(_entry(left, "EventInvokeConfig"), "DestinationConfig")
        targets += [_entry(destinations, outcome) for outcome in ("OnSuccess", "OnFailure")]
        return [*managed, *filter(None, map(_sending_statement, targets))]

    def _read_role(self, function: Function, properties: Json) -> Function:
        documents = properties.get("Policies") or []
        if isinstance(documents, list):
            documents = [policy["PolicyDocument"] for policy in documents]
        else:
            documents = _within_condition(documents, lambda policies: policies[0]["PolicyDocument"])
        managed = [name for name in map(policy_name, as_list(properties.get("ManagedPolicyArns"))) if name]
        return self._read_policies(function, [*as_list(documents), *managed])

    def _read_policies(self, function: Function, written: Json) -> Function:
        entries = as_list(written)
        place = self.project.position(
            "Resources", self.project.functions[function.name].identifier, "Properties", "Policies"
        )
        statements: dict[str, Json] = {}
        managed: dict[str, Json] = {}
        for stage in self.project.stages:
            found = [self._expand(entry, place) for entry in self._resolved(entries, stage)]
            statements[stage] = [
                one for expanded in found for one in without_logs(tuple(expanded[0]))
            ] or None
            managed[stage] = [
                one for expanded in found for one in expanded[1] if not self._is_implied(function, stage, one)
            ] or None
        function = function.with_setting("policy", self._renamed(statements))
        return function.with_setting("managed_policies", self._renamed(managed))

    def _renamed(self, by_stage: dict[str, Json]) -> dict[str, Json]:
        return {stage: value and rename(value, self.project.ids) for stage, value in by_stage.items()}

    def _resolved(self, entries: list[Json], stage: str) -> list[Json]:
        """The entries with the parts resolved that differ by stage, and no others."""
        scope = self.project.scopes[stage]
        resolved = [resolve_leaves(entry, scope) if scope.parameters else entry for entry in entries]
        return [entry for entry in resolved if entry is not ABSENT]

    def _is_implied(self, function: Function, stage: str, policy: Json) -> bool:
        """Whether SAM, and Chalice, give the policy by themselves."""
        if policy == VPC_ACCESS:
            return function.settings[stage].get("vpc") is not None
        return policy == XRAY_WRITE and function.settings[stage].get("tracing") is True

    def _expand(self, entry: Json, place: Position) -> tuple[list[Json], list[Json]]:
        """An entry of Policies as statements and managed policies."""
        if is_basic_execution(entry):
            return [], []
        if isinstance(entry, dict) and "Statement" in entry:
            return as_list(entry["Statement"]), []
        if isinstance(entry, dict) and set(entry) == {"Fn::If"}:
            return self._expand_condition(entry["Fn::If"], place)
        if isinstance(entry, dict) and function_of(entry) is None and len(entry) == 1:
            ((name, parameters),) = entry.items()
            statements, diagnostics = expand(name, {} if parameters is None else parameters, place)
            self.project.report(*diagnostics)
            return statements, []
        return [], [policy_name(entry)] if entry != {"Ref": "AWS::NoValue"} else []

    def _expand_condition(self, arguments: Json, place: Position) -> tuple[list[Json], list[Json]]:
        condition, then, otherwise = arguments
        nothing = {"Ref": "AWS::NoValue"}
        found: tuple[list[Json], list[Json]] = ([], [])
        for kind, one in enumerate(self._expand(then, place)):
            found[kind].extend({"Fn::If": [condition, item, nothing]} for item in one)
        for kind, other in enumerate(self._expand(otherwise, place)):
            found[kind].extend({"Fn::If": [condition, nothing, item]} for item in other)
        return found


def _statements(policy: Mapping[str, Json]) -> list[Json]:
    return as_list(policy.get("Statement"))


def _said(policy: Json, statements: list[Json]) -> bool:
    own = _statements(policy) if isinstance(policy, dict) else []
    return bool(own) and all(statement in statements for statement in own)


def _sending_statement(target: Json) -> Json:
    """The statement that SAM adds for a dead letter queue or a destination, None where it adds none."""
    if _type_of(target) not in SENDING_ACTIONS:
        return None
    resource = target.get("TargetArn", target.get("Destination"))
    if resource is None:
        return None
    statement = {"Effect": "Allow", "Action": [SENDING_ACTIONS[target["Type"]]], "Resource": resource}
    return {"Statement": [statement]}


def _entry(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


def _type_of(value: Json) -> str:
    kind = _entry(value, "Type")
    return kind if isinstance(kind, str) else ""


def _within_condition(value: Json, change: Callable[[Json], Json]) -> Json:
    """The change made in each branch of an Fn::If."""
    if isinstance(value, dict) and "Fn::If" in value:
        condition, *branches = value["Fn::If"]
        return {"Fn::If": [condition, *(_within_condition(branch, change) for branch in branches)]}
    return value if value == {"Ref": "AWS::NoValue"} else change(value)
