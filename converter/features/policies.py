"""
Roles and policies.

The model holds, for a function and stage, either `role` (an existing role's ARN) or `policy`
(the statements beyond writing logs, which both sides grant always) and `managed_policies`
(names or ARNs, which only SAM can say).

Chalice: https://aws.github.io/chalice/topics/configfile.html (`autogen_policy`, `iam_role_arn`, ...)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-policies.html
"""

from __future__ import annotations

import json
from functools import lru_cache

from converter import codes
from converter.chalice.config import ChaliceConfig
from converter.chalice.policy import LOGS, Statements, as_list, generate_statements, without_logs
from converter.chalice.project import ChaliceProject
from converter.chalice.source import APP_PATH
from converter.chalice.writer import ChaliceWriter
from converter.diagnostics import UnreadableError
from converter.feature import Feature, Support
from converter.files import decode_text
from converter.json_source import read_json
from converter.model import Application, Function, Json, logical_id
from converter.sam.project import SamProject
from converter.sam.writer import SamWriter

VERSION = "2012-10-17"
KEYS = frozenset({"autogen_policy", "iam_policy_file", "iam_role_arn", "manage_iam_role"})

BASIC_EXECUTION = "service-role/AWSLambdaBasicExecutionRole"
VPC_ACCESS = "service-role/AWSLambdaVPCAccessExecutionRole"
XRAY_WRITE = "AWSXRayDaemonWriteAccess"

TRUST = {
    "Version": VERSION,
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


# --- Chalice -------------------------------------------------------------------


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    reader = _ChalicePolicies(project)
    application = project.map_stages(application, "role", KEYS, reader.read_role)
    return project.map_stages(application, "policy", KEYS, reader.read_policy)


class _ChalicePolicies:
    def __init__(self, project: ChaliceProject) -> None:
        self.project = project
        self.config: ChaliceConfig = project.config
        self.generate = lru_cache(maxsize=1)(self._generate)
        self.read_file = lru_cache(maxsize=None)(self._read_file)

    def _is_managed(self, stage: str, function: str) -> bool:
        return self.config.lookup("manage_iam_role", stage, function) is not False

    def read_role(self, stage: str, function: str) -> Json:
        if self._is_managed(stage, function):
            return None
        role = self.config.lookup("iam_role_arn", stage, function)
        if not isinstance(role, str):
            place = self.config.place("manage_iam_role", stage, function)
            reason = "Chalice is to leave the role alone, but iam_role_arn names none"
            self.project.report(codes.INVALID_CONFIG_VALUE.at(place, "manage_iam_role", reason, "set iam_role_arn"))
            return None
        return role

    def read_policy(self, stage: str, function: str) -> Json:
        if not self._is_managed(stage, function):
            return None
        if self.config.lookup("autogen_policy", stage, function) is not False:
            return list(self.generate()) or None
        name = self.config.lookup("iam_policy_file", stage, function) or f"policy-{stage}.json"
        place = self.config.place("autogen_policy", stage, function)
        statements = self.read_file(f".chalice/{name}")
        if statements is None:
            reason = "autogen_policy is off, so Chalice reads the policy from this file, and it is missing"
            self.project.report(codes.MISSING_POLICY_FILE.at(place, f".chalice/{name}", reason))
        return list(statements or ()) or None

    def _generate(self) -> Statements:
        return generate_statements(decode_text(APP_PATH, self.project.files[APP_PATH]))

    def _read_file(self, path: str) -> Statements | None:
        if path not in self.project.files:
            return None
        source = read_json(path, decode_text(path, self.project.files[path]))
        self.project.report(*source.diagnostics)
        if not isinstance(source.value, dict) or "Statement" not in source.value:
            raise UnreadableError(
                codes.INVALID_JSON.at(source.position("Statement"), path, "a policy document has a Statement")
            )
        return without_logs(tuple(as_list(source.value["Statement"])))


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        roles = function.setting("role")
        if any(value is not None for value in roles.values()):
            writer.set_role(function.name, roles)
    _write_policy_files(application, writer)


def _write_policy_files(application: Application, writer: ChaliceWriter) -> None:
    """One file for a stage whose functions all have one policy, else one for each function."""
    for stage in writer.stages:
        wanted = {
            function.name: tuple(function.settings[stage].get("policy") or ())
            for function in application.functions.values()
            if function.settings[stage].get("role") is None
        }
        managed = {
            function.name: function.settings[stage].get("managed_policies")
            for function in application.functions.values()
        }
        if not any(wanted.values()) and not any(managed.values()) and not writer.generated_statements():
            continue
        documents = {name: _document(statements) for name, statements in wanted.items()}
        is_one = len(set(documents.values())) == 1 and len(documents) == len(application.functions)
        for name, document in documents.items():
            writer.set_in_stage(stage, name, "autogen_policy", False)
            file = f"policy-{stage}.json" if is_one else f"policy-{stage}-{name}.json"
            if not is_one:
                writer.set_in_stage(stage, name, "iam_policy_file", file)
            writer.files[f".chalice/{file}"] = document.encode()
            if managed[name]:
                role = logical_id(f"{name}_role")
                writer.merge_resource(role, ("Properties", "ManagedPolicyArns"), list(map(_arn, managed[name])))


def _document(statements: Statements) -> str:
    return json.dumps({"Version": VERSION, "Statement": [LOGS, *statements]}, indent=2, ensure_ascii=False) + "\n"


def _arn(policy: Json) -> Json:
    """SAM takes the name of a managed policy of AWS's; CloudFormation wants its ARN."""
    if not isinstance(policy, str) or policy.startswith("arn:"):
        return policy
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{policy}"}


# --- SAM -----------------------------------------------------------------------


def read_sam(project: SamProject, application: Application) -> Application:
    return application.map_functions(project.read_policies)


def write_sam(application: Application, writer: SamWriter) -> None:
    groups: dict[str, list[Function]] = {}
    for function in application.functions.values():
        roles = function.setting("role")
        if any(value is not None for value in roles.values()):
            writer.set(function.name, "Role", roles)
        elif any(function.setting("policy").values()) or any(function.setting("managed_policies").values()):
            key = json.dumps([function.setting("policy"), function.setting("managed_policies")], sort_keys=True)
            groups.setdefault(key, []).append(function)
    for functions in groups.values():
        if len(functions) == 1:
            _write_policies(functions[0], writer)
        else:
            _write_shared_role(functions, writer)


def _write_policies(function: Function, writer: SamWriter) -> None:
    policy = function.setting("policy")
    managed = function.setting("managed_policies")
    by_stage = {
        stage: [
            *(managed.get(stage) or ()),
            *([{"Version": VERSION, "Statement": policy[stage]}] if policy.get(stage) else []),
        ]
        or None
        for stage in writer.stages
    }
    writer.set(function.name, "Policies", by_stage)


def _write_shared_role(functions: list[Function], writer: SamWriter) -> None:
    """One role for functions of one policy, with what SAM would give each of theirs."""
    policy = functions[0].setting("policy")
    statements = {
        stage: {"Version": VERSION, "Statement": policy[stage]} if policy.get(stage) else None for stage in writer.stages
    }
    managed = {stage: list(map(_arn, functions[0].setting("managed_policies").get(stage) or ())) for stage in writer.stages}
    attached = [BASIC_EXECUTION]
    if any(value for function in functions for value in function.setting("vpc").values()):
        attached.append(VPC_ACCESS)
    if any(value for function in functions for value in function.setting("tracing").values()):
        attached.append(XRAY_WRITE)
    document = writer.vary("Policy", statements)
    properties: dict[str, Json] = {
        "AssumeRolePolicyDocument": TRUST,
        "ManagedPolicyArns": writer.vary(
            "ManagedPolicies", {stage: [*map(_arn, attached), *managed[stage]] for stage in writer.stages}
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
    role = writer.add_resource("SharedRole", {"Type": "AWS::IAM::Role", "Properties": properties})
    for function in functions:
        writer.functions[function.name]["Role"] = {"Fn::GetAtt": [role, "Arn"]}


feature = Feature(
    name="policies",
    support=(
        Support("`autogen_policy`", "`Policies`", note="Chalice's own statements"),
        Support("`iam_policy_file`, `policy-<stage>.json`", "`Policies`, `AWS::IAM::Role`"),
        Support("`manage_iam_role`, `iam_role_arn`", "`Role`"),
        Support("merge template", "managed policies in `Policies`"),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
