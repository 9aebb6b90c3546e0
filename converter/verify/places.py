"""Where a project's own files say a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from converter.model import Json, Position, logical_id
from converter.verify.facts import Fact, Part

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.model import Application
    from converter.sam.project import SamProject

# Each setting of the model: the config key that says it, and the property.
SETTINGS = {
    "architecture": ("lambda_architecture", ("Architectures",)),
    "environment": ("environment_variables", ("Environment", "Variables")),
    "layers": ("layers", ("Layers",)),
    "log-retention": ("log_retention_in_days", ()),
    "memory-size": ("lambda_memory_size", ("MemorySize",)),
    "permission": ("iam_policy_file", ("Policies",)),
    "reserved-concurrency": ("reserved_concurrency", ("ReservedConcurrentExecutions",)),
    "role": ("iam_role_arn", ("Role",)),
    "tags": ("tags", ("Tags",)),
    "timeout": ("lambda_timeout", ("Timeout",)),
    "tracing": ("xray", ("Tracing",)),
    "vpc": ("subnet_ids", ("VpcConfig",)),
}
_SECTIONS = {"output": "Outputs", "parameter": "Parameters", "resource": "Resources"}


class Places(Protocol):
    def find(self, part: Part, fact: Fact | None, stage: str) -> Position | None:
        """Where a fact of a part stands, or the part itself, or the nearest to it; None for nowhere."""


@dataclass(frozen=True)
class ChalicePlaces:
    """Places in app.py, `.chalice/config.json`, policy files and the merge template."""

    project: ChaliceProject
    application: Application

    def find(self, part: Part, fact: Fact | None, stage: str) -> Position | None:
        function = _find_function(self.application, part)
        if function is None:
            made_for = self.project.made_for.get(part.name)
            return made_for or self._find_merged(_SECTIONS.get(part.kind, ""), part.name, _split(fact))
        if part.kind == "event":
            found = self._find_event(function, part)
            if found is not None:
                return found
        place = self._find_setting(function, fact, stage) if fact else None
        return place or self.application.functions[function].position

    def _find_event(self, function: str, part: Part) -> Position | None:
        """Where the decorator of an event stands."""
        name = part.name.partition(" ")[0]
        events = self.application.functions[function].events
        return next((event.position for event in events if event.name == name), None)

    def _find_setting(self, function: str, fact: Fact, stage: str) -> Position | None:
        config = self.project.config
        if fact.kind == "permission":
            return self._find_permission(function, fact, stage)
        key, path = SETTINGS.get(fact.kind, ("", ()))
        if fact.name in config.merged(key, stage, function):
            return config.place_of_entry(key, fact.name, stage, function)
        if config.lookup(key, stage, function) is not None:
            return config.place(key, stage, function)
        return self._find_merged("Resources", logical_id(function), ("Properties", *path, *_split(fact)))

    def _find_permission(self, function: str, fact: Fact, stage: str) -> Position | None:
        config = self.project.config
        path = f".chalice/{config.lookup('iam_policy_file', stage, function) or f'policy-{stage}.json'}"
        is_generated = config.lookup("autogen_policy", stage, function) is not False
        if is_generated or path not in self.project.files:
            return None
        action = fact.value.get("action") if isinstance(fact.value, Mapping) else None
        lines = self.project.files[path].decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            column = line.find(f'"{action}"')
            if column >= 0:
                return Position(path, number, column + 1)
        return Position(path, 1, 1)

    def _find_merged(self, section: str, name: str, path: tuple[str, ...]) -> Position | None:
        entries = self.project.merge_template.get(section)
        is_there = isinstance(entries, Mapping) and name in entries
        return self.project.merge_position(section, name, *path) if is_there else None


@dataclass(frozen=True)
class SamPlaces:
    """Places in the template."""

    project: SamProject
    application: Application

    def find(self, part: Part, fact: Fact | None, stage: str) -> Position | None:
        function = _find_function(self.application, part)
        if function is None:
            section = _SECTIONS.get(part.kind, "")
            is_there = part.name in self.project.section(section)
            return self.project.position(section, part.name, *_split(fact)) if is_there else None
        identifier = self.project.functions[function].identifier
        path = _split(fact)
        if part.kind == "event":
            path = ("Events", part.name.partition(" ")[0], "Properties", *path)
        elif fact and fact.kind in SETTINGS:
            path = (*SETTINGS[fact.kind][1], fact.name)
        shared = self.project.section("Globals").get("Function", {})
        written = self.project.resources[identifier].get("Properties") or {}
        reached = _reaches(written, path)
        if _reaches(shared, path) > reached:
            return self.project.position("Globals", "Function", *path)
        return self.project.position("Resources", identifier, *(("Properties", *path) if reached else ()))


def _find_function(application: Application, part: Part) -> str | None:
    """The function that a part is, or that an event invokes, if the application has it."""
    names = {"function": part.name, "event": part.name.rpartition(" of ")[2]}
    name = names.get(part.kind)
    return name if name in application.functions else None


def _split(fact: Fact | None) -> tuple[str, ...]:
    return tuple(fact.name.split(".")) if fact and fact.name else ()


def _reaches(value: Json, path: tuple[str, ...]) -> int:
    """How far a path leads into a value."""
    for length, key in enumerate(path):
        if not isinstance(value, Mapping) or key not in value:
            return length
        value = value[key]
    return len(path)
