"""Roles and policies of a Chalice project: its config, its policy files, what it generates."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from posixpath import normpath
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.policy import Statements, as_list, generate_statements, without_logs
from converter.chalice.registration import WEBSOCKET_FUNCTIONS
from converter.diagnostics import UnreadableError
from converter.features.policies.implied import event_policies, implied_statements
from converter.files import decode_text
from converter.json_source import read_json
from converter.model import Application, Function, Json, Position, logical_id
from converter.sam.managed_policies import policy_name
from converter.sam.roles import ROLE_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.chalice.config import ChaliceConfig
    from converter.chalice.project import ChaliceProject

KEYS = frozenset({"autogen_policy", "iam_policy_file", "iam_role_arn", "manage_iam_role"})
_MERGED_PROPERTIES = {"ManagedPolicyArns", *ROLE_PROPERTIES.values()}


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    reader = _ChalicePolicies(project)
    application = project.map_stages(application, "role", KEYS, reader.read_role)
    application = project.map_stages(application, "policy", KEYS, reader.read_policy)
    if project.least_privilege:
        application = application.map_functions(reader.narrow)
    application = project.join_merged(application, "role", "Role", lambda value: value)
    return application.map_functions(lambda function: _without_implied(reader.join_merged_role(function)))


def _without_implied(function: Function) -> Function:
    """The function's policies without the statements that VPC and tracing bring with them on the SAM side."""
    settings = {}
    for stage, values in function.settings.items():
        implied = implied_statements(function, stage)
        said = [statement for statement in values.get("policy", ()) if statement not in implied]
        rest = {name: value for name, value in values.items() if name != "policy"}
        settings[stage] = {**rest, "policy": said} if said else rest
    return replace(function, settings=settings)


class _ChalicePolicies:
    def __init__(self, project: ChaliceProject) -> None:
        self.project = project
        self.config: ChaliceConfig = project.config
        self.generate = lru_cache(maxsize=1)(self._generate)
        self.read_file = lru_cache(maxsize=None)(self._read_file)

    def _is_managed(self, stage: str, function: str) -> bool:
        return self._is_on("manage_iam_role", stage, function)

    def _is_on(self, key: str, stage: str, function: str) -> bool:
        value = self.project.read(
            key, stage, function, lambda value: isinstance(value, bool), "true or false"
        )
        return value is not False

    def read_role(self, stage: str, function: str) -> Json:
        role = self.config.lookup("iam_role_arn", stage, function)
        if self._is_managed(stage, function):
            if role is not None:
                self._report_no_effect("iam_role_arn", stage, function, "manage_iam_role is not false")
            return None
        if not isinstance(role, str):
            place = self.config.place("manage_iam_role", stage, function)
            reason = "Chalice is to leave the role alone, but iam_role_arn names none"
            self.project.report(
                codes.INVALID_CONFIG_VALUE.at(place, "manage_iam_role", reason, "set iam_role_arn")
            )
            return None
        return role

    def read_policy(self, stage: str, function: str) -> Json:
        name = self.config.lookup("iam_policy_file", stage, function)
        if not self._is_managed(stage, function):
            if name is not None:
                self._report_no_effect("iam_policy_file", stage, function, "manage_iam_role is false")
            return None
        if self._is_on("autogen_policy", stage, function):
            if name is not None:
                self._report_no_effect("iam_policy_file", stage, function, "autogen_policy is not false")
            return [*self.generate(), *self._websocket_statements()] or None
        name = name or f"policy-{stage}.json"
        place = self.config.place("autogen_policy", stage, function)
        # It may lie anywhere in the project.
        path = normpath(f".chalice/{name}")
        statements = self.read_file(path)
        if statements is None:
            reason = "autogen_policy is off, so Chalice reads the policy from this file, and it is missing"
            self.project.report(codes.MISSING_POLICY_FILE.at(place, path, reason))
        return list(statements or ()) or None

    def narrow(self, function: Function) -> Function:
        """The function with what its own code needs, in each stage in which Chalice generates its policy."""
        from converter.chalice.privileges.statements import derive_statements

        is_generated = {
            stage: self._is_managed(stage, function.name)
            and self._is_on("autogen_policy", stage, function.name)
            for stage in self.project.stages
        }
        if not any(is_generated.values()):
            return function
        derived = derive_statements(self.project, function)
        policy = {
            stage: [*derived[stage], *self._websocket_statements()] or None if is_generated[stage] else found
            for stage, found in function.setting("policy").items()
        }
        settings = {
            stage: {name: value for name, value in values.items() if name != "policy"}
            for stage, values in function.settings.items()
        }
        return replace(function, settings=settings).with_setting("policy", policy)

    def _websocket_statements(self) -> list[Json]:
        """What Chalice generates beside, for all functions share a role (WebsocketPolicyInjector)."""
        if not any(self.project.handlers(*WEBSOCKET_FUNCTIONS)):
            return []
        from chalice.constants import POST_TO_WEBSOCKET_CONNECTION_POLICY

        return [POST_TO_WEBSOCKET_CONNECTION_POLICY]

    def _report_no_effect(self, key: str, stage: str, function: str, why: str) -> None:
        place = self.config.place(key, stage, function)
        self.project.report(codes.NO_EFFECT.at(place, key, f"in the stage {stage} {why}"))

    def join_merged_role(self, function: Function) -> Function:
        """The function with what the merge template says of the role that Chalice makes for it."""
        merged = {stage: self._merged_role(stage, function) for stage in self.project.stages}
        managed = {
            stage: list(map(policy_name, as_list(role.get("ManagedPolicyArns")))) or None
            for stage, role in merged.items()
        }
        settings = {
            stage: {key: role[name] for key, name in ROLE_PROPERTIES.items() if name in role} or None
            for stage, role in merged.items()
        }
        function = function.with_setting("managed_policies", self._with_event_policies(managed, function))
        return function.with_setting("role_settings", settings)

    def _with_event_policies(self, managed: dict[str, Json], function: Function) -> dict[str, Json]:
        """What decorators bring with them; beside a merge template's events stand their policies.

        Chalice generates them; in a policy file the project has them, or Lambda would not let it poll.
        """
        policies = event_policies(
            replace(function, events=tuple(e for e in function.events if not e.written))
        )
        return {
            stage: [*(found or ()), *(policy for policy in policies if policy not in (found or ()))] or None
            if function.settings[stage].get("role") is None
            else found
            for stage, found in managed.items()
        }

    def _merged_role(self, stage: str, function: Function) -> Mapping[str, Json]:
        """The role's properties in the merge template; Chalice generates it as appgraph.py names it."""
        resources = self.project.merge_template.get("Resources")
        if not resources or function.settings[stage].get("role") is not None:
            return {}
        is_shared = self._is_on("autogen_policy", stage, function.name)
        identifier = logical_id("default_role" if is_shared else f"{function.name}_role")
        role = resources.get(identifier, {})
        self.project.merged_parts.add(identifier)
        properties: Mapping[str, Json] = role.get("Properties") or {}
        unsaid: list[tuple[str, ...]] = [(key,) for key in role.keys() - {"Type", "Properties"}]
        unsaid += [("Properties", key) for key in properties.keys() - _MERGED_PROPERTIES]
        for path in unsaid:
            place = self.project.merge_position("Resources", identifier, *path)
            reason = f"SAM makes the role of {function.name} itself, and takes no such property for it"
            self.project.report(codes.UNSUPPORTED_SETTING.at(place, path[-1], reason))
        return properties

    def _generate(self) -> Statements:
        module = self.project.source.app_module
        statements = generate_statements(module.source, module.tree)
        if statements is None:
            reason = "Chalice's analyzer stops at something in app.py"
            self.project.report(
                codes.POLICY_NOT_GENERATED.at(Position(module.path, 1, 1), "autogen_policy", reason)
            )
        return statements or ()

    def _read_file(self, path: str) -> Statements | None:
        if path not in self.project.files:
            return None
        try:
            source = read_json(path, decode_text(path, self.project.files[path]))
        except UnreadableError as error:
            self.project.report(*error.diagnostics)
            return ()
        self.project.report(*source.diagnostics)
        if not isinstance(source.value, dict) or "Statement" not in source.value:
            place = source.position("Statement")
            self.project.report(codes.INVALID_JSON.at(place, path, "a policy document has a Statement"))
            return ()
        return without_logs(tuple(as_list(source.value["Statement"])))
