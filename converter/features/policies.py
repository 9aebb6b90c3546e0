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
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.config import can_say_vpc
from converter.chalice.policy import LOGS, Statements, as_list, generate_statements, without_logs
from converter.diagnostics import UnreadableError
from converter.feature import Feature, Support
from converter.files import decode_text
from converter.json_source import read_json
from converter.model import Application, Function, Json, Position, logical_id
from converter.sam.intrinsics import ABSENT, function_of, is_literal, references, rename, resolve_leaves
from converter.sam.managed_policies import policy_arn, policy_name
from converter.sam.policy_templates import expand, is_basic_execution
from converter.sam.resource_types import ROLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.chalice.config import ChaliceConfig
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

VERSION = "2012-10-17"
KEYS = frozenset({"autogen_policy", "iam_policy_file", "iam_role_arn", "manage_iam_role"})

BASIC_EXECUTION = "AWSLambdaBasicExecutionRole"
VPC_ACCESS = "AWSLambdaVPCAccessExecutionRole"
XRAY_WRITE = "AWSXRayDaemonWriteAccess"

# chalice.constants.VPC_ATTACH_POLICY and XRAY_POLICY.
VPC_STATEMENT = {
    "Effect": "Allow",
    "Action": [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DetachNetworkInterface",
        "ec2:DeleteNetworkInterface",
    ],
    "Resource": "*",
}
XRAY_STATEMENT = {
    "Effect": "Allow",
    "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    "Resource": "*",
}
# What SAM lets a function do because of where its events come from
# (samtranslator.model.eventsources.pull, get_policy_arn).
EVENT_POLICIES = {
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
}

# samtranslator.model.sam_resources, dead_letter_queue_policy_actions and _add_event_invoke_managed_policy.
SENDING_ACTIONS = {
    "EventBridge": "events:PutEvents",
    "Lambda": "lambda:InvokeFunction",
    "SNS": "sns:Publish",
    "SQS": "sqs:SendMessage",
}

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
    application = project.map_stages(application, "policy", KEYS, reader.read_policy)
    application = project.join_merged(application, "role", "Role", lambda value: value)
    return application.map_functions(lambda function: _with_managed_policies(project, function))


def _with_managed_policies(project: ChaliceProject, function: Function) -> Function:
    """The managed policies that the merge template attaches to the role that Chalice makes."""
    role = logical_id(f"{function.name}_role")
    entry = (project.merge_template.get("Resources") or {}).get(role)
    arns = _entry(_entry(entry, "Properties"), "ManagedPolicyArns")
    if arns is None:
        return function
    project.merged_roles.add(role)
    names = [policy_name(arn) for arn in as_list(arns)]
    return function.with_setting("managed_policies", dict.fromkeys(project.stages, names))


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
        if self._is_managed(stage, function):
            return None
        role = self.config.lookup("iam_role_arn", stage, function)
        if not isinstance(role, str):
            place = self.config.place("manage_iam_role", stage, function)
            reason = "Chalice is to leave the role alone, but iam_role_arn names none"
            self.project.report(
                codes.INVALID_CONFIG_VALUE.at(place, "manage_iam_role", reason, "set iam_role_arn")
            )
            return None
        return role

    def read_policy(self, stage: str, function: str) -> Json:
        if not self._is_managed(stage, function):
            return None
        if self._is_on("autogen_policy", stage, function):
            return list(self.generate()) or None
        name = self.config.lookup("iam_policy_file", stage, function) or f"policy-{stage}.json"
        place = self.config.place("autogen_policy", stage, function)
        statements = self.read_file(f".chalice/{name}")
        if statements is None:
            reason = "autogen_policy is off, so Chalice reads the policy from this file, and it is missing"
            self.project.report(codes.MISSING_POLICY_FILE.at(place, f".chalice/{name}", reason))
        return self._without_implied(stage, function, statements or ()) or None

    def _without_implied(self, stage: str, function: str, statements: Statements) -> list[Json]:
        """The statements but for those that VPC and tracing bring with them on the SAM side."""
        implied = []
        if self.config.lookup("subnet_ids", stage, function) and self.config.lookup(
            "security_group_ids", stage, function
        ):
            implied.append(VPC_STATEMENT)
        if self.config.lookup("xray", stage, function):
            implied.append(XRAY_STATEMENT)
        return [statement for statement in statements if statement not in implied]

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


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        roles = function.setting("role")
        if any(value is not None for value in roles.values()):
            writer.set_role(function.name, roles)
    _write_policy_files(application, writer)


def _write_policy_files(application: Application, writer: ChaliceWriter) -> None:
    """One file for a stage whose functions all have one policy, else one for each function.

    None where Chalice generates as much by itself; its role is one for all functions then,
    so it will not do where the template means the role of a single one.
    """
    is_role_named = _names_a_role(application)
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
        is_generated = (
            not any(wanted.values())
            and not any(managed.values())
            and not is_role_named
            and writer.generated_statements() == ()
            and all(_is_seen_by_chalice(application.functions[name], stage, application) for name in wanted)
        )
        if is_generated:
            continue
        documents = {
            name: _document((*statements, *_implied_statements(application.functions[name], stage)))
            for name, statements in wanted.items()
        }
        is_one = len(set(documents.values())) == 1 and len(documents) == len(application.functions)
        for name, document in documents.items():
            writer.set_in_stage(stage, name, "autogen_policy", False)
            file = f"policy-{stage}.json" if is_one else f"policy-{stage}-{name}.json"
            if not is_one:
                writer.set_in_stage(stage, name, "iam_policy_file", file)
            writer.files[f".chalice/{file}"] = document.encode()
            if managed[name]:
                role = logical_id(f"{name}_role")
                writer.merge_resource(
                    role,
                    ("Properties", "ManagedPolicyArns"),
                    [policy_arn(policy) for policy in managed[name] or ()],
                )


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


def _is_seen_by_chalice(function: Function, stage: str, application: Application) -> bool:
    """Whether Chalice generates what VPC and tracing need: only where the config has them, for all alike."""
    vpc, tracing = (function.settings[stage].get(key) for key in ("vpc", "tracing"))
    is_in_config = (vpc is None or can_say_vpc(vpc)) and is_literal(tracing)
    return is_in_config and all(
        (other.settings[stage].get("vpc"), other.settings[stage].get("tracing")) == (vpc, tracing)
        for other in application.functions.values()
    )


def _implied_statements(function: Function, stage: str) -> list[Json]:
    """What VPC and tracing need; Chalice adds it to the policies that it generates only."""
    settings = function.settings[stage]
    vpc = [VPC_STATEMENT] if settings.get("vpc") is not None else []
    return [*vpc, *([XRAY_STATEMENT] if settings.get("tracing") else [])]


def _document(statements: Statements) -> str:
    return (
        json.dumps({"Version": VERSION, "Statement": [LOGS, *statements]}, indent=2, ensure_ascii=False)
        + "\n"
    )


# --- SAM -----------------------------------------------------------------------


def read_sam(project: SamProject, application: Application) -> Application:
    reader = _SamPolicies(project)
    return application.map_functions(reader.read)


class _SamPolicies:
    """What the `Role` and `Policies` of a template's functions grant."""

    def __init__(self, project: SamProject) -> None:
        self.project = project
        self.roles = {name: role for name, role in project.resources.items() if _is_lambda_role(role)}

    def read(self, function: Function) -> Function:
        written = self.project.take_raw(function, "Role")
        if written is None:
            return self._read_all_policies(function)
        roles = self.project.by_stage(written)
        if any(role is None for role in roles.values()):
            return self._read_all_policies(function.with_setting("role", roles))
        identifier = _resource_of_arn(written)
        if identifier in self.roles and self._serves_functions_only(identifier):
            self.project.absorbed[identifier] = "it is the functions' policy file"
            return self._read_role(function, self.roles[identifier]["Properties"])
        # SAM makes no role where one is given, so Policies mean nothing then; they are carried.
        return function.with_setting("role", roles)

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
        events = left.get("Events")
        kinds = [_type_of(event) for event in events.values()] if isinstance(events, dict) else []
        managed = list(dict.fromkeys(EVENT_POLICIES[kind] for kind in kinds if kind in EVENT_POLICIES))
        targets = [left.get("DeadLetterQueue")]
        destinations = _entry(_entry(left, "EventInvokeConfig"), "DestinationConfig")
        targets += [_entry(destinations, outcome) for outcome in ("OnSuccess", "OnFailure")]
        return [*managed, *filter(None, map(_sending_statement, targets))]

    def _serves_functions_only(self, identifier: str) -> bool:
        functions = {found.identifier: found for found in self.project.functions.values()}
        return all(
            section == "Resources"
            and name in functions
            and _resource_of_arn(self.project.properties(name).get("Role")) == identifier
            for section, name in self.project.referrers(identifier)
        )

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
    return isinstance(policy, dict) and all(statement in statements for statement in _statements(policy))


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
        and [_trusted(statement) for statement in as_list(trust.get("Statement"))] == ["lambda.amazonaws.com"]
        and _are_documents(properties.get("Policies") or [])
    )


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


def _resource_of_arn(value: Json) -> str | None:
    """`Role` of `!GetAtt Role.Arn`."""
    match value:
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return name
    return None


def _within_condition(value: Json, change: Callable[[Json], Json]) -> Json:
    """The change made in each branch of an Fn::If."""
    if isinstance(value, dict) and "Fn::If" in value:
        condition, *branches = value["Fn::If"]
        return {"Fn::If": [condition, *(_within_condition(branch, change) for branch in branches)]}
    return value if value == {"Ref": "AWS::NoValue"} else change(value)


def write_sam(application: Application, writer: SamWriter) -> None:
    groups: dict[str, list[Function]] = {}
    for function in application.functions.values():
        roles = function.setting("role")
        if any(value is not None for value in roles.values()):
            # In a stage without the role SAM makes one, of the policies.
            writer.set(function.name, "Role", roles)
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
    documents = {
        stage: {"Version": VERSION, "Statement": statements} if statements else None
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
        stage: {"Version": VERSION, "Statement": policy[stage]} if policy.get(stage) else None
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
