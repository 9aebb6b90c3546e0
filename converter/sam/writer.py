"""A SAM project being written: template, samconfig and files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING

from converter import codes
from converter.model import Application, Json, Position, logical_id
from converter.sam.limits import report_limits
from converter.sam.resource_types import FUNCTION, LAYER
from converter.sam.sam_globals import merge_globals

if TYPE_CHECKING:
    from converter.diagnostics import Diagnostic

NO_VALUE = {"Ref": "AWS::NoValue"}
STAGE_PARAMETER = "Stage"

_SECTIONS = (
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
)
_PROPERTIES = (
    "Description",
    "PackageType",
    "CodeUri",
    "Handler",
    "Runtime",
    "Architectures",
    "MemorySize",
    "Timeout",
    "Environment",
    "Layers",
    "VpcConfig",
    "ReservedConcurrentExecutions",
    "Tracing",
    "Role",
    "RolePath",
    "PermissionsBoundary",
    "AssumeRolePolicyDocument",
    "Policies",
    "Tags",
)
# Those of samtranslator's Globals.Function that functions commonly share.
_GLOBAL_PROPERTIES = (
    "Runtime",
    "Architectures",
    "MemorySize",
    "Timeout",
    "Environment",
    "Layers",
    "VpcConfig",
    "Tracing",
    "RolePath",
    "PermissionsBoundary",
    "Tags",
)
# Of these, those whose value in a function replaces the global one; lists and mappings are joined.
_OVERRIDDEN = frozenset({"Runtime", "MemorySize", "Timeout", "Tracing"})
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html
_MAPPING_KEY = re.compile(r"[A-Za-z0-9.-]+")


@dataclass
class SamWriter:
    """What the features write to. Values that differ by stage become mappings and conditions."""

    application: Application
    layout: str
    layer_style: str
    files: dict[str, bytes] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    sections: dict[str, dict[str, Json]] = field(default_factory=dict)
    functions: dict[str, dict[str, Json]] = field(default_factory=dict)
    local_layers: dict[str, list[Json]] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _varying: dict[str, dict[str, Json]] = field(default_factory=dict)
    _uses_stage: bool = False

    def __post_init__(self) -> None:
        for section in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"):
            self.sections[section] = {}
        taken: set[str] = set()
        for name in self.application.functions:
            self._ids[name] = identifier = _free(function_id(name), taken)
            taken.add(identifier)
            properties: dict[str, Json] = {}
            self.functions[name] = properties
            resource = {"Type": FUNCTION, "Properties": properties}
            self.sections["Resources"][identifier] = resource

    @property
    def stages(self) -> tuple[str, ...]:
        return self.application.stages

    def function_id(self, name: str) -> str:
        """The logical id of the function called `name`."""
        return self._ids[name]

    @cached_property
    def model_ids(self) -> dict[str, str]:
        """The id here of each that the model names: of functions, and of the roles made for them."""
        ids: dict[str, str] = {}
        for name in self.application.functions:
            ids[logical_id(name)] = self.function_id(name)
            role = logical_id(f"{name}_role")
            if role not in self._carried("Resources"):
                ids[role] = f"{self.function_id(name)}Role"
        return ids

    def set(self, function: str, key: str, by_stage: Mapping[str, Json]) -> None:
        """Set a property of a function, whatever its value is in each stage."""
        value = self.vary(key, by_stage, function)
        if value != NO_VALUE:
            self.functions[function][key] = value

    def set_entries(self, function: str, key: str, by_stage: Mapping[str, Json]) -> None:
        """Set a property that is a mapping (variables, tags), each entry for itself."""
        names = dict.fromkeys(name for entries in by_stage.values() for name in entries or {})
        entries = {
            name: self.vary(
                name, {stage: (by_stage[stage] or {}).get(name) for stage in self.stages}, function
            )
            for name in names
        }
        if entries:
            self.functions[function][key] = {"Variables": entries} if key == "Environment" else entries

    def vary(self, hint: str, by_stage: Mapping[str, Json], function: str = "") -> Json:
        """One template value for values by stage; NO_VALUE where there is none in any."""
        values = [by_stage.get(stage) for stage in self.stages]
        if all(value == values[0] for value in values):
            return NO_VALUE if values[0] is None else values[0]
        if all(map(_fits_mapping, values)) and all(map(_MAPPING_KEY.fullmatch, self._said.values())):
            key = self._mapping_key(hint, dict(zip(self.stages, values, strict=True)), function)
            self._uses_stage = True
            return {"Fn::FindInMap": [self._mapping, {"Ref": self._parameter}, key]}
        return self._choose(list(zip(self.stages, values, strict=True)))

    def _mapping_key(self, hint: str, by_stage: dict[str, Json], function: str) -> str:
        # Keys of a mapping are alphanumeric: API_URL -> ApiUrl, lambda-x -> LambdaX.
        words = re.findall(r"[A-Za-z0-9]+", hint)
        plain = (
            "".join(word.capitalize() if word.isupper() else word[:1].upper() + word[1:] for word in words)
            or "Value"
        )
        own = logical_id(function or "app") + plain
        candidates = chain((plain, own), (f"{own}{number}" for number in count(2)))
        return next(key for key in candidates if self._varying.setdefault(key, by_stage) == by_stage)

    def _choose(self, values: list[tuple[str, Json]]) -> Json:
        """Nested Fn::If over the stages; the most common value stands last."""
        common = Counter(repr(value) for _, value in values).most_common(1)[0][0]
        last = next(value for _, value in values if repr(value) == common)
        chosen: Json = NO_VALUE if last is None else last
        for stage, value in reversed(values):
            if value != last:
                chosen = {"Fn::If": [self._condition(stage), NO_VALUE if value is None else value, chosen]}
        return chosen

    def condition(self, stages: Iterable[str]) -> str:
        """The name of a condition that holds in these stages and in no other."""
        names = [self._condition(stage) for stage in stages]
        if len(names) == 1:
            return names[0]
        either = "Or".join(names)
        self.sections["Conditions"][either] = {"Fn::Or": [{"Condition": name} for name in names]}
        return either

    def _condition(self, stage: str) -> str:
        made: Json = {"Fn::Equals": [{"Ref": self._parameter}, self._said[stage]]}
        taken = {**self._carried("Conditions"), **self.sections["Conditions"]}
        others = [name for name, value in taken.items() if value != made]
        name = _free(f"Is{logical_id(stage)}", others)
        self.sections["Conditions"][name] = made
        self._uses_stage = True
        return name

    @property
    def _mapping(self) -> str:
        """The name of the mapping with the values that differ by stage."""
        return _free("Stages", self._carried("Mappings"))

    @property
    def _parameter(self) -> str:
        """The name of the parameter that says the stage: `Stage`, unless that says something else already."""
        taken = self._carried("Parameters")
        own = taken.get(STAGE_PARAMETER)
        is_other = isinstance(own, dict) and not _may_say(own, tuple(self._said.values()))
        return _free(STAGE_PARAMETER, taken) if is_other else STAGE_PARAMETER

    @cached_property
    def _said(self) -> dict[str, str]:
        """What the parameter says for each stage: its name, or what deployment gives to the author's own."""
        given = {
            stage: self.application.parameters.get(stage, {}).get(STAGE_PARAMETER, "")
            for stage in self.stages
        }
        is_told_apart = all(given.values()) and len(set(given.values())) == len(given)
        return given if is_told_apart else {stage: stage for stage in self.stages}

    def _carried(self, section: str) -> Mapping[str, Json]:
        return self.application.template.sections.get(section, {})

    def add_resource(self, identifier: str, resource: Json) -> str:
        """Add a resource under a free id like `identifier`, which is returned."""
        free = _free(identifier, self.sections["Resources"])
        self.sections["Resources"][free] = resource
        return free

    def add_layer(self, identifier: str, name: str, folder: str, description: str) -> str:
        """Add a layer that `sam build` builds from `folder`; its id is returned."""
        runtime, architecture = self.application.runtime, self._architecture()
        metadata: dict[str, Json] = {"BuildMethod": runtime}
        if architecture is not None:
            metadata["BuildArchitecture"] = architecture
        return self.add_resource(
            identifier,
            {
                "Type": LAYER,
                "Metadata": metadata,
                "Properties": {
                    "LayerName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
                    "Description": description,
                    "ContentUri": f"{folder}/",
                    "CompatibleRuntimes": [runtime],
                },
            },
        )

    def carry(self, section: str, name: str, value: Json) -> None:
        """Put an entry of a section into the template; an empty name stands for the section itself."""
        if name:
            self.sections.setdefault(section, {})[name] = value
        else:
            self.sections[section] = value

    def _capabilities(self) -> list[str]:
        """What CloudFormation wants to be told before it deploys the template."""
        everything = (*self.sections["Resources"].values(), *self._carried("Resources").values())
        resources = [value for value in everything if isinstance(value, dict)]
        types = {resource.get("Type") for resource in resources}
        is_named = any(
            str(resource.get("Type")).startswith("AWS::IAM::")
            and any(key.endswith("Name") for key in resource.get("Properties") or {})
            for resource in resources
        )
        nested = {"AWS::Serverless::Application", "AWS::CloudFormation::Stack"} & types
        capabilities = ["CAPABILITY_NAMED_IAM" if is_named else "CAPABILITY_IAM"]
        return [*capabilities, "CAPABILITY_AUTO_EXPAND"] if nested else capabilities

    def _architecture(self) -> Json:
        """The one that layers are built for, None for Lambda's default."""
        found = [
            value
            for function in self.application.functions.values()
            for value in function.setting("architecture").values()
        ]
        return "arm64" if found and all(value == "arm64" for value in found) else None

    def report(self, *diagnostics: Diagnostic) -> None:
        self.diagnostics.extend(diagnostics)

    def finish(self) -> dict[str, bytes]:
        """The files of the project."""
        from converter.sam.emit import emit_template

        for properties in self.functions.values():
            _order(properties)
        named = [self.functions[name] for name in self.application.functions]
        if len(named) > 1 and not self._carries_functions():
            # A function that builds a layer takes part in Globals, but cannot have the layer.
            keys = [key for key in _GLOBAL_PROPERTIES if key != "Layers" or len(named) == len(self.functions)]
            hoisted = _hoist(named, keys)
            if hoisted:
                joined = merge_globals(self._carried("Globals"), "Function", hoisted)
                self.sections["Globals"] = {**self.sections.get("Globals", {}), "Function": joined}
                for name, properties in self.functions.items():
                    if name not in self.application.functions and "Runtime" in hoisted:
                        properties.pop("Runtime", None)
        if self._uses_stage:
            values = list(self._said.values())
            self.sections["Parameters"] = {
                self._parameter: {
                    "Type": "String",
                    "Description": "The stage to deploy",
                    "Default": values[0],
                    "AllowedValues": values,
                },
                **self.sections["Parameters"],
            }
        if self._varying:
            by_stage = {
                said: {key: values[stage] for key, values in self._varying.items()}
                for stage, said in self._said.items()
            }
            self.sections["Mappings"] = {self._mapping: by_stage, **self.sections["Mappings"]}
        sections = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Transform": "AWS::Serverless-2016-10-31",
            **self.sections,
        }
        template = {name: sections[name] for name in sorted(sections, key=_rank) if sections[name]}
        self.files["template.yaml"] = text = emit_template(template).encode()
        # What is carried stands in the sections as the author's text.
        whole = {
            name: {**entries, **self._carried(name)}
            for name, entries in self.sections.items()
            if isinstance(entries, dict)
        }
        self.report(*report_limits(whole, len(text)))
        self._write_samconfig()
        return dict(sorted(self.files.items()))

    def _write_samconfig(self) -> None:
        """The author's own file where it says all that deploying takes, else a new one."""
        from converter.sam.samconfig import PATHS, read_samconfig, render_samconfig

        # The stage is said even where the template does not ask: it names the environment.
        is_said = self._uses_stage or self.stages != ("dev",)
        overrides = {
            stage: {
                **({self._parameter: self._said[stage]} if is_said else {}),
                **self.application.parameters.get(stage, {}),
            }
            for stage in self.stages
        }
        for path in PATHS:
            if path in self.files:
                environments = read_samconfig(path, self.files[path]).stages()
                if all(
                    stage in environments
                    and overrides[stage].items() <= environments[stage].parameter_overrides.items()
                    and environments[stage].template in (None, "template.yaml")
                    and self.application.profile in (None, environments[stage].settings.get("profile"))
                    for stage in self.stages
                ):
                    return
                del self.files[path]
                reason = "it does not say which stage, profile or template; a new file was written"
                self.report(codes.SAMCONFIG_REPLACED.at(Position(path, 1, 1), path, reason))
        self.files[PATHS[0]] = render_samconfig(
            self.application.name, overrides, self._capabilities(), self.application.profile
        ).encode()

    def _carries_functions(self) -> bool:
        """Whether there are functions that would inherit Globals which are not meant for them."""
        return any(_is_function(resource) for resource in self._carried("Resources").values())


def _may_say(parameter: Mapping[str, Json], stages: tuple[str, ...]) -> bool:
    """Whether a parameter takes the stages as values."""
    allowed, default = parameter.get("AllowedValues"), parameter.get("Default", stages[0])
    return set(stages) <= set(map(str, allowed)) if isinstance(allowed, list) else default in stages


def _rank(section: str) -> int:
    return _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS)


def _is_function(resource: Json) -> bool:
    return isinstance(resource, dict) and resource.get("Type") == FUNCTION


def function_id(name: str) -> str:
    """The logical id that SAM's users give a function: `foo-bar` -> `FooBarFunction`."""
    identifier = logical_id(name)
    return identifier if identifier.endswith("Function") else f"{identifier}Function"


def _fits_mapping(value: Json) -> bool:
    """Mappings hold strings, numbers and lists of strings."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, (str, int)) and value != ""


def _free(identifier: str, taken: Iterable[str]) -> str:
    if identifier not in taken:
        return identifier
    number = 2
    while f"{identifier}{number}" in taken:
        number += 1
    return f"{identifier}{number}"


def _order(properties: dict[str, Json]) -> None:
    rank = {key: number for number, key in enumerate(_PROPERTIES)}
    ordered = sorted(properties.items(), key=lambda entry: rank.get(entry[0], len(rank)))
    properties.clear()
    properties.update(ordered)


def _hoist(functions: list[dict[str, Json]], keys: Iterable[str]) -> dict[str, Json]:
    """Take out of the functions what all of them say alike, or most of them."""
    hoisted: dict[str, Json] = {}
    for key in keys:
        values = [properties.get(key) for properties in functions]
        if any(value is None for value in values):
            continue
        if all(value == values[0] for value in values):
            hoisted[key] = values[0]
            for properties in functions:
                del properties[key]
        elif key in _OVERRIDDEN:
            _hoist_most_common(hoisted, key, functions)
        elif key == "Environment" and all(map(_holds_variables, values)):
            _hoist_variables(hoisted, functions)
        elif key == "Tags" and all(isinstance(value, dict) for value in values):
            _hoist_entries(hoisted, "Tags", functions)
    return hoisted


def _hoist_most_common(hoisted: dict[str, Json], key: str, functions: list[dict[str, Json]]) -> None:
    """A function's own value wins over the global one, so only the others need say theirs."""
    value, count = Counter(repr(properties[key]) for properties in functions).most_common(1)[0]
    if count < 2:
        return
    for properties in functions:
        if repr(properties[key]) == value:
            hoisted[key] = properties.pop(key)


def _holds_variables(environment: Json) -> bool:
    """Whether it is what we write ourselves; one that is carried may be anything."""
    if not isinstance(environment, dict) or environment.keys() != {"Variables"}:
        return False
    return isinstance(environment["Variables"], dict)


def _hoist_variables(hoisted: dict[str, Json], functions: list[dict[str, Json]]) -> None:
    inner = [properties["Environment"] for properties in functions]
    common: dict[str, Json] = {}
    _hoist_entries(common, "Variables", inner)
    if common:
        hoisted["Environment"] = common
    for properties in functions:
        if not properties["Environment"]:
            del properties["Environment"]


def _hoist_entries(hoisted: dict[str, Json], key: str, holders: list[dict[str, Json]]) -> None:
    entries = [holder[key] for holder in holders]
    common = {
        name: value
        for name, value in entries[0].items()
        if all(other.get(name) == value for other in entries)
    }
    if not common:
        return
    hoisted[key] = common
    for holder in holders:
        left = {name: value for name, value in holder[key].items() if name not in common}
        if left:
            holder[key] = left
        else:
            del holder[key]
