"""A Chalice project as it is written: its config, its source, and what is said about it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.config import API_KEYS, CONFIG_PATH, ChaliceConfig, read_config
from converter.chalice.registration import (
    API_DECORATORS,
    API_FUNCTION,
    API_ID,
    APP_PATH,
    OF_APP_OBJECT,
    Registration,
    is_known,
)
from converter.chalice.source import ChaliceSource
from converter.diagnostics import Diagnostic, Fields, UnreadableError
from converter.files import TrackedFiles
from converter.model import Application, Function, Json, Position, logical_id
from converter.python.constants import UNKNOWN
from converter.sam.intrinsics import ABSENT, function_of, references

if TYPE_CHECKING:
    from converter.chalice.introspection import Introspection
    from converter.python.module import Module
    from converter.sam.intrinsics import Scope
    from converter.sam.template import TemplateDocument

_VARIABLE = re.compile(r"(?:environ(?:\.get)?|getenv)[\[(]'(\w+)'")
REQUIREMENTS_PATH = "requirements.txt"
RESOURCES_PATH = ".chalice/resources.yaml"


@dataclass
class ChaliceProject:
    """What the features read from. `stages` are those to convert.

    `made_for` says, for resources and outputs that no template of the author's has, where what needs them
    stands. `given` are values of template parameters by stage. `keeps_chalice` says that routes are to stay
    Chalice's, though they could be Powertools'. `least_privilege` says that each function is to have the
    permissions that its own code needs. `introspected` is what running app.py has shown, by stage.
    `merged_parts` are entries of the merge template that were read as parts of functions.
    """

    files: TrackedFiles
    stages: tuple[str, ...]
    config: ChaliceConfig
    source: ChaliceSource
    names: dict[Registration, str] = field(default_factory=dict)
    bound: dict[str, Registration] = field(default_factory=dict)
    merged_parts: set[str] = field(default_factory=set)
    parameters: dict[str, Json] = field(default_factory=dict)
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    introspected: Mapping[str, Introspection] = field(default_factory=dict)
    made_for: dict[str, Position] = field(default_factory=dict)
    keeps_chalice: bool = False
    least_privilege: bool = False
    _by_function: dict[tuple[str, str], Registration] = field(default_factory=dict)
    _arguments: dict[Registration, dict[str, Fields]] = field(default_factory=dict)
    _variables: dict[str, str] = field(default_factory=dict)
    _diagnostics: list[Diagnostic] = field(default_factory=list)

    def handlers(self, *kinds: str) -> Iterator[Registration]:
        """The functions under Chalice's decorators of these kinds, in the order of the source."""
        return (found for found in self.source.registrations if found.kind in kinds)

    def arguments(self, registration: Registration) -> Mapping[str, Fields]:
        """The decorator's arguments in each stage; those that nobody takes are reported in the end."""
        if registration not in self._arguments:
            self._arguments[registration] = {
                stage: self._read_arguments(registration, stage, variables)
                for stage, variables in self.variables.items()
            }
        return self._arguments[registration]

    def _read_arguments(self, registration: Registration, stage: str, variables: Mapping[str, str]) -> Fields:
        shown = self.introspected.get(stage)
        if shown is None or registration.function is None:
            found = self.source.arguments(registration, variables, self._missing)
            self._add_missing(value for _, value, _ in found.left_over())
            return found
        fields = self.source.arguments(registration, variables)
        name = fields.get("name")
        written = name if is_known(name) and name else registration.function.name
        known = shown.arguments(registration.kind, f"{registration.name_prefix}{written}")
        return fields.filled({key: value for key, value in known.items() if not is_known(fields.get(key))})

    @cached_property
    def variables(self) -> dict[str, dict[str, str]]:
        """The environment variables that Chalice sets in each stage before it imports app.py."""
        found = {stage: self.config.merged("environment_variables", stage, None) for stage in self.stages}
        return {
            stage: {name: value for name, value in values.items() if isinstance(value, str)}
            for stage, values in found.items()
        }

    @property
    def common_variables(self) -> dict[str, Json]:
        """Those that any stage sets, UNKNOWN where the stages differ."""
        names = dict.fromkeys(name for values in self.variables.values() for name in values)
        by_name = {name: [values.get(name) for values in self.variables.values()] for name in names}
        return {
            name: first if all(other == first for other in others) else UNKNOWN
            for name, (first, *others) in by_name.items()
        }

    def evaluate_for_deployment(self, node: ast.expr, module: Module) -> Json:
        """The value of an expression in all stages, UNKNOWN where the source does not show it.

        A text in which the stages differ, or that only deployment knows, is a parameter of the template.
        """
        by_stage = {
            stage: self.source.evaluate(node, module, variables, self._missing)
            for stage, variables in self.variables.items()
        }
        for name in self._add_missing(by_stage.values()):
            reason = f"the config does not set the variable, so deployment has to say it ({name})"
            self.report(codes.UNKNOWN_ARGUMENT.at(module.position(node), name, reason))
        return self._join_stages(by_stage, _parameter_name(_name_variable(node)))

    def _join_stages(self, by_stage: Mapping[str, Json], name: str) -> Json:
        first, *others = by_stage.values()
        if not all(map(is_known, by_stage.values())) or all(other == first for other in others):
            return first if is_known(first) else UNKNOWN
        if all(isinstance(value, (list, tuple)) and len(value) == len(first) for value in by_stage.values()):
            items = (
                {stage: value[index] for stage, value in by_stage.items()} for index in range(len(first))
            )
            return [self._join_stages(item, name) for item in items]
        if not all(isinstance(value, (str, dict)) for value in by_stage.values()):
            return UNKNOWN
        for stage, value in by_stage.items():
            if isinstance(value, str):
                self.given.setdefault(stage, {})[name] = value
        return self.add_parameter(name, "What app.py takes in the stage")

    def _missing(self, variable: str) -> Json:
        """A reference to a parameter, for an environment variable that the config does not set."""
        name = _parameter_name(variable)
        self._variables[name] = variable
        return {"Ref": name}

    def _add_missing(self, values: Iterable[Json]) -> list[str]:
        """Make the parameters that values refer to for such variables; the names of these."""
        named = {name for value in values if is_known(value) for name in references(value)}
        found = sorted(named & self._variables.keys())
        for name in found:
            description = f"What the environment variable {self._variables[name]} is when Chalice packages"
            self.add_parameter(name, description)
        return found

    def add_parameter(self, name: str, description: str) -> Json:
        """A reference to a parameter whose value deployment has to give."""
        self.parameters[name] = {"Type": "String", "Description": description}
        return {"Ref": name}

    def read(
        self,
        key: str,
        stage: str,
        function: str | None,
        is_valid: Callable[[Json], bool],
        expected: str,
    ) -> Json:
        """A config value, None where it is not set; a value of the wrong kind is reported and left out."""
        value = self.config.lookup(key, stage, function)
        if value is None or is_valid(value):
            return value
        place = self.config.place(key, stage, function)
        self.report(codes.INVALID_CONFIG_VALUE.at(place, key, f"{value!r} is not {expected}"))
        return None

    def map_stages(
        self, application: Application, name: str, keys: Container[str], read: Callable[[str, str], Json]
    ) -> Application:
        """The application with one setting read for each function and stage.

        Where no function has config keys of its own among `keys`, it is read once for all.
        """
        values = {
            function: {stage: read(stage, function) for stage in self.stages}
            for function in (application.functions if self.config.differs_by_function(keys) else [""])
        }
        return application.map_functions(
            lambda function: function.with_setting(name, values.get(function.name) or values[""])
        )

    def bind(self, name: str, registration: Registration, called: Registration) -> None:
        """Note which Lambda function a handler became, and the handler that this one calls or is."""
        self.names[registration] = name
        self.bound[name] = called

    @cached_property
    def merge_template(self) -> Mapping[str, Json]:
        """What `.chalice/resources.yaml` says, with the ids of the model and long intrinsic functions."""
        if self._merge_document is None:
            return {}
        from converter.sam.intrinsics import rename

        value: dict[str, Json] = dict(rename(self._merge_document.value, self._merge_ids))
        resources = value.get("Resources")
        if isinstance(resources, Mapping):
            value["Resources"] = {self._merge_ids.get(name, name): each for name, each in resources.items()}
        return value

    def merge_text(self, *path: str) -> str | None:
        """The author's own lines of an entry of the merge template, with the model's ids."""
        return self._merge_document.edited_text(path, self._merge_ids) if self._merge_document else None

    def merge_position(self, *path: str) -> Position | None:
        """Where an entry of the merge template stands, or the nearest of its parents; None without one."""
        if self._merge_document is None:
            return None
        written = {model: name for name, model in self._merge_ids.items()}
        as_written = (*path[:1], *(written.get(name, name) for name in path[1:2]), *path[2:])
        return self._merge_document.position(*as_written)

    @cached_property
    def _merge_ids(self) -> dict[str, str]:
        """What the model calls the functions that Chalice gives an id of another spelling."""
        has_api = any(found.kind == "route" for found in self.source.registrations)
        return {API_ID: logical_id(API_FUNCTION)} if has_api else {}

    @cached_property
    def _merge_document(self) -> TemplateDocument | None:
        if RESOURCES_PATH not in self.files:
            return None
        from converter.sam.shapes import refuse_wrong_shapes
        from converter.sam.template import read_template

        template = read_template(RESOURCES_PATH, self.files[RESOURCES_PATH], is_part=True)
        document = refuse_wrong_shapes(template)
        self.report(*document.diagnostics)
        return document

    @cached_property
    def _merged(self) -> dict[str, dict[str, Json]]:
        """The merge template's entries for functions, by name; they shrink as they are read."""
        resources = self.merge_template.get("Resources") or {}
        found: dict[str, dict[str, Json]] = {}
        for name in (*self.bound, API_FUNCTION):
            entry = resources.get(logical_id(name))
            if isinstance(entry, Mapping):
                found[name] = {**entry, "Properties": dict(entry.get("Properties") or {})}
        return found

    @cached_property
    def merge_scopes(self) -> dict[str, Scope]:
        """What is known of the merge template in each stage, as samconfig deploys it."""
        from converter.sam.intrinsics import Scope, parameter_values
        from converter.sam.samconfig import PATHS, read_samconfig

        path = next((path for path in PATHS if path in self.files), None)
        environments = read_samconfig(path, self.files[path]).stages() if path else {}
        sections = {
            name: self.merge_template.get(name) or {} for name in ("Parameters", "Mappings", "Conditions")
        }
        scopes = {}
        for stage in self.stages:
            overrides = environments[stage].parameter_overrides if stage in environments else {}
            values = parameter_values(sections["Parameters"], overrides)
            known = {name: value for name, value in values.items() if name in overrides}
            scopes[stage] = Scope(known, sections["Mappings"], sections["Conditions"])
        return scopes

    def take_merged(self, function: str, key: str) -> Json:
        """A property that the merge template sets for a function, None for none; it counts as read."""
        return self._merged.get(function, {}).get("Properties", {}).pop(key, None)

    def join_merged(
        self, application: Application, name: str, key: str, convert: Callable[[Json], Json]
    ) -> Application:
        """The application with a setting replaced where the merge template sets the property `key`."""
        if not self.merge_template:
            return application

        def join(function: Function) -> Function:
            value = self.take_merged(function.name, key)
            if value is None:
                return function
            value = value if function_of(value) else convert(value)
            return function.with_setting(name, dict.fromkeys(self.stages, value))

        return application.map_functions(join)

    def join_merged_entries(self, application: Application, name: str, *path: str) -> Application:
        """The same for a setting that is a mapping: the entries of both are joined."""
        if not self.merge_template:
            return application

        def join(function: Function) -> Function:
            entries = self._merged.get(function.name, {}).get("Properties", {}).get(path[0])
            for part in path[1:]:
                entries = entries.get(part) if _is_plain(entries) and entries.keys() == {part} else None
            if not entries or not _is_plain(entries):
                return function
            self.take_merged(function.name, path[0])
            by_stage = function.setting(name)
            return function.with_setting(
                name, {stage: {**(by_stage[stage] or {}), **entries} for stage in self.stages}
            )

        return application.map_functions(join)

    def merged_left(self, function: str) -> dict[str, Json]:
        """What the merge template says of a function beyond what has been read."""
        entry = self._merged.get(function, {})
        return {key: value for key, value in entry.items() if value and key != "Type"}

    def first_of_name(self, registration: Registration) -> Registration:
        """The handler that was first to have a function of this name in its module."""
        assert registration.function is not None
        return self._by_function.setdefault(
            (registration.module.path, registration.function.name), registration
        )

    def report(self, *diagnostics: Diagnostic) -> None:
        self._diagnostics.extend(diagnostics)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Everything there is to say once all features have read their part."""
        yield from self._diagnostics
        yield from self.config.source.diagnostics
        yield from self.config.report_unknown_keys()
        yield from self._report_unclaimed()
        yield from self._report_api_settings()
        yield from self._report_left_over_arguments()
        yield from self.source.diagnostics

    def _report_unclaimed(self) -> Iterator[Diagnostic]:
        for found in self.source.registrations:
            if found not in self._arguments:
                reason = f"{found.kind} is not converted yet"
                yield codes.UNSUPPORTED_HANDLER.at(found.position, found.written, reason)

    def _report_api_settings(self) -> Iterator[Diagnostic]:
        has_api = any(found.kind in API_DECORATORS for found in self.source.registrations)
        for key, place in self.config.keys_named(API_KEYS):
            if not has_api:
                yield codes.API_SETTING.at(place, key, "no handler of the project needs an API; left out")

    def _report_left_over_arguments(self) -> Iterator[Diagnostic]:
        own_class = self.source.app.is_subclass
        for registration, by_stage in self._arguments.items():
            if own_class and registration.kind in OF_APP_OBJECT:
                # It stays, and so does what its class may take.
                continue
            for name, _, position in by_stage[self.stages[0]].left_over():
                reason = f"{registration.kind} has no such parameter"
                if name == "**":
                    reason = "the source does not show which arguments these are"
                yield codes.UNKNOWN_DECORATOR_ARGUMENT.at(position, name, reason)


def join_templates(ours: Json, theirs: Json) -> Json:
    """Ours with theirs merged into it, as `chalice package` does it (chalice.package.TemplateDeepMerger)."""
    if not isinstance(ours, Mapping) or not isinstance(theirs, Mapping):
        return theirs
    joined = {**ours, **{name: join_templates(ours.get(name), value) for name, value in theirs.items()}}
    return {name: value for name, value in joined.items() if value is not ABSENT}


def _is_plain(value: Json) -> bool:
    """A mapping that is no call of an intrinsic function."""
    return isinstance(value, Mapping) and function_of(value) is None


def open_chalice(
    files: Mapping[str, bytes],
    stage: str | None = None,
    introspected: Mapping[str, Introspection] = MappingProxyType({}),
) -> ChaliceProject:
    """The project in `files`, for one stage or for all that its config names.

    `introspected` is what running app.py has shown, by stage.

    Raises UnreadableError when it is no Chalice project.
    """
    if APP_PATH not in files:
        reason = "a Chalice project has an app.py at its root"
        raise UnreadableError(codes.NOT_A_PROJECT.at(None, "the folder", reason))
    tracked = TrackedFiles(files)
    config = read_config(tracked)
    stages = (stage,) if stage else config.stages
    source = ChaliceSource(tracked)
    project = ChaliceProject(tracked, stages, config, source, introspected=introspected)
    shown = next(iter(introspected.values()), None)
    source.found_routes = shown.routes if shown else ()
    source.variables = project.common_variables
    if CONFIG_PATH not in files:
        reason = "the stage dev and Chalice's defaults were taken"
        project.report(codes.NO_CONFIG.at(Position(APP_PATH, 1, 1), CONFIG_PATH, reason))
    elif stage and stage not in config.stages:
        named = ", ".join(config.stages)
        reason = f"the config names no such stage, only {named}"
        place = config.source.position("stages")
        project.report(codes.UNKNOWN_STAGE.at(place, f"--stage {stage}", reason))
    return project


def _parameter_name(variable: str) -> str:
    """`USER_POOL_ARN` as parameters of templates are called: UserPoolArn."""
    words = re.findall(r"[A-Za-z0-9]+", variable)
    return "".join(word[:1].upper() + (word[1:].lower() if word.isupper() else word[1:]) for word in words)


def _name_variable(node: ast.expr) -> str:
    """The environment variable that an expression asks for; else the expression itself."""
    written = ast.unparse(node)
    found = _VARIABLE.search(written)
    return found[1] if found else written
