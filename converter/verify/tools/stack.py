"""The facts of plain CloudFormation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter.model import Json
from converter.verify.entries import NOT_DEPLOYED, read_entry, read_parameters
from converter.verify.facts import Fact, Facts, Part, flatten, read_permissions
from converter.verify.managed import expand_managed_policy
from converter.verify.tools.apis import PERMISSION, REST_API, find_callers, read_api
from converter.verify.tools.translation import CfnTemplate
from converter.verify.values import Evaluator, find_reference, join_parts, show_value

FUNCTION = "AWS::Lambda::Function"

# What Lambda takes when a template is silent.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
LAMBDA_DEFAULTS: Mapping[str, Json] = {
    "Architectures": ["x86_64"],
    "EphemeralStorage": {"Size": 512},
    "MemorySize": 128,
    "PackageType": "Zip",
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
}

# Where the code lies is what a conversion changes. That the handler is found, and does the same,
# is for `--behaviour`.
_NOT_COMPARED = {"Code", "Handler"}

# Properties that are settings of the model's, under the kind of their fact.
_SETTINGS = {
    "Layers": "layers",
    "MemorySize": "memory-size",
    "ReservedConcurrentExecutions": "reserved-concurrency",
    "Timeout": "timeout",
    "VpcConfig": "vpc",
    "Role": "role",
    "Runtime": "runtime",
}


def read_stack(
    template: CfnTemplate,
    parameters: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Facts:
    """The facts of plain CloudFormation, as deployed with these parameters.

    A function is called what `names` has for its logical id, else that id.
    """
    return Facts(tuple(_Stack(template, parameters or {}, names or {}).read()))


class _Stack:
    """One reading of one template: what it has, and what has already found its place."""

    def __init__(
        self, template: CfnTemplate, parameters: Mapping[str, str], names: Mapping[str, str]
    ) -> None:
        self.template = template
        self.evaluator = Evaluator(template, parameters)
        self.names = names
        self.resources = {
            name: self.evaluator.evaluate(entry)
            for name, entry in template.get("Resources", {}).items()
            if "Condition" not in entry or self.evaluator.holds(entry["Condition"]) is not False
        }
        self.placed = {name for name in self.resources if self._type(name) == FUNCTION}

    def read(self) -> Iterator[Part]:
        functions = sorted(self.placed)
        log_groups = self._find_log_groups(functions)
        for name in functions:
            yield self._read_function(name, log_groups.get(name, ""))
        self.placed.update(log_groups.values(), *(self._find_role(name) for name in functions))
        yield from self._read_apis()
        yield from read_parameters(self.template.get("Parameters", {}), self.evaluator)
        for section, kind in (("Resources", "resource"), ("Outputs", "output")):
            for name, entry in self.template.get(section, {}).items():
                if kind == "output" or name not in self.placed:
                    yield from read_entry(kind, name, _without_made_up_names(entry), self.evaluator)

    def _read_function(self, name: str, log_group: str) -> Part:
        properties = {**LAMBDA_DEFAULTS, **self._properties(name)}
        roles = self._find_role(name)
        if roles:
            properties.pop("Role")
        facts = [*_read_properties(properties), *_read_attributes(self.resources[name])]
        attached = []
        for role in roles[:1]:
            facts += self._read_role(role)
            attached.append(("role", role))
        if log_group:
            retention = {k: v for k, v in self._properties(log_group).items() if k != "LogGroupName"}
            facts += [
                Fact("log-retention", "log-retention" if key == "RetentionInDays" else key, value)
                for key, value in retention.items()
            ]
            attached.append(("log group", log_group))
        return Part("function", self.names.get(name, name), FUNCTION, tuple(facts), name, tuple(attached))

    def _read_apis(self) -> Iterator[Part]:
        permissions = {name: self._properties(name) for name in self._all(PERMISSION)}
        for name in self._all(REST_API):
            if not isinstance(self._properties(name).get("Body"), Mapping):
                continue
            callers = find_callers(name, permissions)
            distinct = {show_value(function): function for function in callers.values()}
            self.placed.update([name, *callers])
            yield from read_api(name, self._properties(name), list(distinct.values()))

    def _find_log_groups(self, functions: list[str]) -> dict[str, str]:
        """The log group under the name that Lambda gives each function's log."""
        named = {}
        for name in functions:
            for shown in ({"Ref": name}, self._properties(name).get("FunctionName")):
                if shown:
                    named[show_value(join_parts(["/aws/lambda/", shown]))] = name
        found = {}
        for group in self._all("AWS::Logs::LogGroup"):
            function = named.get(show_value(self._properties(group).get("LogGroupName")))
            if function:
                found[function] = group
        return found

    # --- roles ----------------------------------------------------------------------

    def _find_role(self, function: str) -> tuple[str, ...]:
        """The function's role, where the template makes it, and the policies that stand beside it."""
        role = find_reference(self._properties(function).get("Role"))
        if role not in self.resources:
            return ()
        policies = (
            policy
            for policy in self._all("AWS::IAM::Policy")
            if {find_reference(each) for each in self._properties(policy).get("Roles", [])} == {role}
            and not self._properties(policy).keys() & {"Groups", "Users"}
        )
        return role, *policies

    def _read_role(self, name: str) -> Iterator[Fact]:
        properties = dict(self._properties(name))
        trust = properties.pop("AssumeRolePolicyDocument", {})
        yield from read_permissions(_statements(trust), "trust")
        documents = [policy["PolicyDocument"] for policy in properties.pop("Policies", [])]
        arns = properties.pop("ManagedPolicyArns", [])
        for policy in [*self._all("AWS::IAM::Policy"), *self._all("AWS::IAM::ManagedPolicy")]:
            attached_to = [find_reference(role) for role in self._properties(policy).get("Roles", [])]
            if name in attached_to or {"Ref": policy} in arns:
                documents.append(self._properties(policy)["PolicyDocument"])
        for document in documents:
            yield from read_permissions(_statements(document))
        for arn in arns:
            if find_reference(arn) not in self.resources:
                yield from expand_managed_policy(arn)
        properties.pop("Tags", None)
        yield from (fact for key, value in properties.items() for fact in flatten("role", key, value))

    # --- resources ------------------------------------------------------------------

    def _type(self, name: str) -> str:
        return str(self.resources[name].get("Type"))

    def _properties(self, name: str) -> Mapping[str, Json]:
        found = self.resources[name].get("Properties")
        return found if isinstance(found, Mapping) else {}

    def _all(self, type_name: str) -> list[str]:
        return [name for name in self.resources if self._type(name) == type_name]


def _statements(document: Json) -> list[Json]:
    found = document.get("Statement", []) if isinstance(document, Mapping) else [document]
    return found if isinstance(found, list) else [found]


def _read_properties(properties: Mapping[str, Json]) -> Iterator[Fact]:
    """A function's properties, as the settings that the model has for them."""
    for name, value in properties.items():
        if name == "Environment" and isinstance(value, Mapping):
            variables = value.get("Variables", {})
            yield from (Fact("environment", key, join_parts([item])) for key, item in variables.items())
        elif name == "Tags":
            yield from (Fact("tags", key, item) for key, item in _plain_tags(value).items())
        elif name == "TracingConfig":
            yield Fact("tracing", "tracing", value.get("Mode") == "Active")
        elif name == "Architectures":
            yield Fact("architecture", "architecture", value[0] if len(value) == 1 else value)
        elif name in _SETTINGS:
            yield Fact(_SETTINGS[name], _SETTINGS[name], value)
        elif name not in _NOT_COMPARED:
            yield from flatten("property", name, value)


def _read_attributes(entry: Mapping[str, Json]) -> Iterator[Fact]:
    """What stands beside a resource's properties."""
    for name, value in entry.items():
        if name not in {"Type", "Properties", *NOT_DEPLOYED}:
            yield from flatten("property", f"({name})", value)


def _without_made_up_names(entry: Mapping[str, Json]) -> Mapping[str, Json]:
    """A resource without what the SAM translator names in it after logical ids, its tags as a mapping."""
    properties = entry.get("Properties")
    if not isinstance(properties, Mapping):
        return entry
    changed = dict(properties)
    if isinstance(changed.get("Tags"), list):
        changed["Tags"] = _plain_tags(changed["Tags"])
    if entry.get("Type") == "AWS::Events::Rule" and isinstance(changed.get("Targets"), list):
        # Ids of targets are unique within their rule, and nothing refers to them.
        targets = enumerate(changed["Targets"])
        changed["Targets"] = [
            {**each, "Id": str(number)} if isinstance(each, Mapping) else each for number, each in targets
        ]
    if entry.get("Type") == "AWS::ApiGateway::Deployment":
        # It holds a digest of the whole API, logical ids included. Without OpenApiVersion SAM has it make a
        # stage beside the one that is wanted.
        changed.pop("Description", None)
        changed.pop("StageName", None)
    return {**entry, "Properties": changed}


def _plain_tags(tags: Json) -> Mapping[str, Json]:
    if isinstance(tags, Mapping):
        return tags
    return {
        str(tag["Key"]): tag.get("Value", "") for tag in tags if isinstance(tag, Mapping) and "Key" in tag
    }
