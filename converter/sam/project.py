"""A SAM project as it is written: its template, its stages, and the functions that Chalice can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from converter import codes
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import TrackedFiles
from converter.model import Function, Json, Position, logical_id
from converter.sam import samconfig
from converter.sam.intrinsics import (
    ABSENT,
    Scope,
    as_int,
    is_literal,
    parameter_values,
    references,
    rename,
    resolve_leaves,
)
from converter.sam.local_paths import change_local_paths
from converter.sam.resource_types import FUNCTION, LAYER
from converter.sam.roles import find_function_roles
from converter.sam.sam_globals import merge_globals
from converter.sam.samconfig import SamConfig
from converter.sam.shapes import refuse_wrong_shapes
from converter.sam.template import TemplateDocument, read_template
from converter.sam.writer import function_id

if TYPE_CHECKING:
    from converter.sam.code import SamCode

TEMPLATE_PATHS = ("template.yaml", "template.yml", "template.json", "sam.yaml", "sam.yml", "sam.json")
SAMCONFIG_PATHS = samconfig.PATHS
DEFAULT_STAGE = "dev"


@dataclass
class SamFunction:
    """A function of the template with the globals joined in. `left` shrinks as features take their part."""

    identifier: str
    name: str
    left: dict[str, Json]
    attributes: dict[str, Json]


@dataclass
class SamProject:
    """What the features read from. `absorbed` are resources that live on as something else."""

    files: TrackedFiles
    document: TemplateDocument
    config: SamConfig
    samconfig: str | None
    stage: str | None = None
    given_name: str = "app"
    absorbed: dict[str, str] = field(default_factory=dict)
    absorbed_outputs: set[str] = field(default_factory=set)
    _diagnostics: list[Diagnostic] = field(default_factory=list)

    # --- sections ---------------------------------------------------------------

    def section(self, name: str) -> Mapping[str, Json]:
        found = self.document.value.get(name)
        return found if isinstance(found, Mapping) else {}

    @property
    def resources(self) -> Mapping[str, Json]:
        return self.section("Resources")

    def position(self, *path: str | int) -> Position:
        return self.document.position(*path)

    def report(self, *diagnostics: Diagnostic) -> None:
        self._diagnostics.extend(diagnostics)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Everything there is to say once all features have read their part."""
        yield from self._diagnostics
        yield from self.document.diagnostics
        yield from self.config.diagnostics

    # --- stages -----------------------------------------------------------------

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """The environments of samconfig, `dev` where there is only the default one."""
        named = tuple(self.config.stages())
        if self.stage is not None:
            if named and self.stage not in named:
                reason = f"samconfig has no such environment, only {', '.join(named)}"
                place = Position(self.samconfig or "samconfig.toml", 1, 1)
                self.report(codes.UNKNOWN_ENVIRONMENT.at(place, f"--stage {self.stage}", reason))
            return (self.stage,)
        return named or (DEFAULT_STAGE,)

    def _overrides(self, stage: str) -> Mapping[str, str]:
        found = self.config.stages().get(stage)
        return found.parameter_overrides if found else {}

    @cached_property
    def known_parameters(self) -> frozenset[str]:
        """Parameters that samconfig gives a value: each stage has its own, so they need not stay open."""
        parameters = self.section("Parameters")
        named = {name for stage in self.stages for name in self._overrides(stage)}
        values = [parameter_values(parameters, self._overrides(stage)) for stage in self.stages]
        return frozenset(
            name for name in named if name in parameters and all(name in known for known in values)
        )

    @cached_property
    def scopes(self) -> dict[str, Scope]:
        """What is known in each stage."""
        parameters, scopes = self.section("Parameters"), {}
        for stage in self.stages:
            values = parameter_values(parameters, self._overrides(stage))
            known = {name: value for name, value in values.items() if name in self.known_parameters}
            scopes[stage] = Scope(known, self.section("Mappings"), self.section("Conditions"))
        return scopes

    @cached_property
    def default_scope(self) -> Scope:
        """What holds where nobody says otherwise: for questions of kind, not for values."""
        values = parameter_values(self.section("Parameters"), self._overrides(self.stages[0]))
        return Scope(values, self.section("Mappings"), self.section("Conditions"))

    def by_stage(self, value: Json) -> dict[str, Json]:
        """The value in each stage; where any part of it is open until deployment, all as it is written."""
        resolved = {stage: resolve_leaves(value, scope) for stage, scope in self.scopes.items()}
        if not all(found is ABSENT or is_literal(found) for found in resolved.values()):
            return dict.fromkeys(self.stages, rename(value, self.ids))
        return {stage: None if found is ABSENT else found for stage, found in resolved.items()}

    @cached_property
    def name(self) -> str:
        """The application's name: the stack's, without the stage that it ends in."""
        for environment in self.config.environments:
            stack = environment.stack_name
            if isinstance(stack, str):
                return next(
                    (stack[: -len(f"-{end}")] for end in self.stages if stack.endswith(f"-{end}")), stack
                )
        return self.given_name

    # --- functions ----------------------------------------------------------------

    @cached_property
    def held(self) -> dict[str, Mapping[str, Json]]:
        """The properties of the functions that Chalice can hold, by their ids."""
        held: dict[str, Mapping[str, Json]] = {}
        dummies = {dummy for dummy, _ in self.dummy_layers.values()}
        for identifier, resource in self.resources.items():
            if not isinstance(resource, Mapping) or resource.get("Type") != FUNCTION or identifier in dummies:
                continue
            properties = self.properties(identifier)
            reason = self._why_not(properties) or self.code.why_not(identifier, properties)
            if reason is None:
                held[identifier] = properties
            else:
                place = self.position("Resources", identifier)
                self.report(codes.CARRIED_FUNCTION.at(place, identifier, reason))
        return held

    @cached_property
    def function_roles(self) -> frozenset[str]:
        """The ids of the roles that live on as those which Chalice makes."""
        return frozenset(find_function_roles(self))

    @cached_property
    def functions(self) -> dict[str, SamFunction]:
        """The functions that become Chalice's, by the name that they get there."""
        functions: dict[str, SamFunction] = {}
        for identifier, properties in self.held.items():
            name = _free_name(self._function_name(identifier, properties), functions)
            if self._is_taken(name, identifier):
                name = _free_name(_snake_case(identifier), functions)
            resource = self.resources[identifier]
            attributes = {key: value for key, value in resource.items() if key not in ("Type", "Properties")}
            functions[name] = SamFunction(identifier, name, dict(properties), attributes)
        return functions

    def properties(self, identifier: str) -> Mapping[str, Json]:
        """A function's properties with the template's Globals joined in."""
        written = self.resources[identifier].get("Properties") or {}
        merged = merge_globals(self.section("Globals"), "Function", written)
        folder = dirname(self.document.source.path)
        if folder and not merged.keys() & {"CodeUri", "ImageUri", "InlineCode"}:
            # It is the template's folder then.
            return {**merged, "CodeUri": folder}
        return merged

    def _why_not(self, properties: Mapping[str, Json]) -> str | None:
        """Why Chalice cannot hold the function, None if it can."""
        package, runtime = (
            resolve_leaves(properties.get(key), self.default_scope) for key in ("PackageType", "Runtime")
        )
        if package == "Image":
            return "it is a container image"
        if isinstance(runtime, str) and not runtime.startswith("python"):
            return f"it runs on {runtime}"
        if not isinstance(properties.get("Handler"), str):
            return "its Handler is not known before deployment"
        inline, uri = properties.get("InlineCode"), properties.get("CodeUri")
        if inline is not None:
            return None if isinstance(inline, str) else "its InlineCode is not known before deployment"
        if uri is not None and not isinstance(uri, str):
            return "its CodeUri is not a local path"
        if isinstance(uri, str) and (uri.startswith("s3://") or uri.endswith((".zip", ".jar"))):
            return f"its code is {uri}, not a folder"
        return None

    @cached_property
    def _example_events(self) -> tuple[str, ...]:
        """The names of events/*.json, which are called after the functions that they are for."""
        paths = (path for path in self.files if path.startswith("events/") and path.endswith(".json"))
        return tuple(path.removeprefix("events/").removesuffix(".json") for path in paths)

    def _is_taken(self, name: str, identifier: str) -> bool:
        """Whether Chalice's ids for a function of this name, or for its role, are another resource's."""
        return any(
            made in self.resources and made != identifier and made not in self.function_roles
            for made in (logical_id(name), logical_id(f"{name}_role"))
        )

    def _function_name(self, identifier: str, properties: Mapping[str, Json]) -> str:
        """The name of its folder, example event or module if that agrees with the id, else the id's words."""
        uri = properties.get("CodeUri")
        folder = normpath(uri).rpartition("/")[2] if isinstance(uri, str) else ""
        module = str(properties.get("Handler", "")).rpartition(".")[0].rpartition("/")[2].rpartition(".")[2]
        for name in (folder, *self._example_events, module):
            if re.fullmatch(r"[A-Za-z0-9_-]+", name) and _agrees(name, identifier):
                return name
        return _snake_case(re.sub(r"(?<=.)(Function|Lambda)(?=\d*$)", "", identifier))

    @cached_property
    def ids(self) -> dict[str, str]:
        """The id that each function, and the role that is made for it, has in the model."""
        ids: dict[str, str] = {}
        for name, function in self.functions.items():
            ids[function.identifier] = logical_id(name)
            if f"{function.identifier}Role" not in self.resources:
                ids[f"{function.identifier}Role"] = logical_id(f"{name}_role")
        return ids

    def take(self, function: Function, key: str) -> dict[str, Json]:
        """A property of a function in each stage; it counts as read."""
        by_stage = self.by_stage(self.functions[function.name].left.pop(key, None))
        return {stage: as_int(value) for stage, value in by_stage.items()}

    def take_raw(self, function: Function, key: str) -> Json:
        """A property of a function as the author wrote it; it counts as read."""
        return self.functions[function.name].left.pop(key, None)

    def take_entries(self, function: Function, key: str, inner: str | None = None) -> dict[str, Json]:
        """A property that is a mapping, each entry for itself; other keys beside `inner` stay unread."""
        left = self.functions[function.name].left
        entries = left.get(key)
        if isinstance(entries, Mapping) and inner is not None:
            if set(entries) - {inner}:
                return dict.fromkeys(self.stages)
            entries = entries.get(inner)
        if not isinstance(entries, Mapping) or not is_plain_mapping(entries):
            return dict.fromkeys(self.stages)
        left.pop(key)
        found: dict[str, dict[str, Json]] = {stage: {} for stage in self.stages}
        for name, value in entries.items():
            for stage, resolved in self.by_stage(value).items():
                if resolved is not None:
                    found[stage][name] = (
                        resolved if isinstance(resolved, (dict, list)) else _entry_text(value, resolved)
                    )
        return {stage: values or None for stage, values in found.items()}

    # --- layers -------------------------------------------------------------------

    @cached_property
    def dummy_layers(self) -> dict[str, tuple[str, str]]:
        """Layers that are a dummy function's build folder: id -> (the function's id, its folder)."""
        found: dict[str, tuple[str, str]] = {}
        for identifier, resource in self.resources.items():
            if not isinstance(resource, Mapping) or resource.get("Type") != LAYER:
                continue
            uri = (resource.get("Properties") or {}).get("ContentUri")
            match = re.fullmatch(r"(?:\./)?\.aws-sam/build/(\w+)/?", uri) if isinstance(uri, str) else None
            if match and match.group(1) in self.resources:
                folder = self.properties(match.group(1)).get("CodeUri")
                if isinstance(folder, str):
                    found[identifier] = match.group(1), folder
        return found

    @cached_property
    def code(self) -> SamCode:
        """The folders of the functions and layers."""
        from converter.sam.code import SamCode

        return SamCode(self)

    # --- what refers to what ----------------------------------------------------------

    def referrers(self, identifier: str) -> tuple[tuple[str, str], ...]:
        """The resources and outputs that mention a resource, by section and name."""
        return tuple(self._referrers.get(identifier, ()))

    @cached_property
    def _referrers(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for section in ("Resources", "Outputs"):
            for name, value in self.section(section).items():
                itself = {name} if section == "Resources" else set()
                for mentioned in references(value, (section, name)) - itself:
                    found.setdefault(mentioned, []).append((section, name))
        return found


def open_sam(files: Mapping[str, bytes], stage: str | None = None, name: str = "app") -> SamProject:
    """The project in `files`, for one stage or for all that samconfig names; `name` if nothing names it.

    Raises UnreadableError when it is no SAM project.
    """
    tracked = TrackedFiles(files)
    config_path = next((path for path in SAMCONFIG_PATHS if path in tracked), None)
    config = samconfig.read_samconfig(config_path, tracked[config_path]) if config_path else SamConfig()
    named = [normpath(environment.template) for environment in config.environments if environment.template]
    path = next((path for path in (*named, *TEMPLATE_PATHS) if path in tracked), None)
    if path is None:
        reason = "a SAM project has a template.yaml, template.yml or template.json at its root"
        raise UnreadableError(codes.NOT_A_PROJECT.at(None, "the folder", reason))
    document = refuse_wrong_shapes(read_template(path, tracked[path]))
    return SamProject(tracked, _from_root(document, dirname(path)), config, config_path, stage, name)


def _from_root(document: TemplateDocument, folder: str) -> TemplateDocument:
    """The template of a folder with its local paths as they are from the project's root."""
    if not folder:
        return document

    def move(path: str) -> str:
        # What `sam build` makes lies at the root, wherever the template is.
        is_built = ".aws-sam/" in path
        return path if is_built else normpath(join(folder, path)) + ("/" if path.endswith("/") else "")

    value = change_local_paths(document.value, move)
    common = document.section("Globals").get("Function")
    if common:
        moved = change_local_paths({"Type": FUNCTION, "Properties": common}, move)["Properties"]
        value = {**value, "Globals": {**value["Globals"], "Function": moved}}
    return replace(document, value=value)


def is_plain_mapping(value: Mapping[str, Json]) -> bool:
    """Whether the value is a mapping as such, not a call of an intrinsic function."""
    return not any(key.startswith("Fn::") or key == "Ref" for key in value)


def _entry_text(written: Json, resolved: Json) -> Json:
    """Environment variables and tags are strings: 0123 and true as they are written."""
    if isinstance(resolved, bool):
        return "true" if resolved else "false"
    return (
        resolved
        if isinstance(resolved, str)
        else str(written if isinstance(written, (str, int)) else resolved)
    )


def _agrees(name: str, identifier: str) -> bool:
    return re.sub(r"\d+$", "", identifier) in (function_id(name), logical_id(name)) or identifier in (
        function_id(name),
        logical_id(name),
    )


def _snake_case(identifier: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", identifier).lower()


def _free_name(name: str, taken: Mapping[str, object]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
