"""
What `chalice deploy` has made, by its own note: `.chalice/deployed/<stage>.json`.

The format is chalice/config.py's DeployedResources (schema 2.0) with what chalice/deploy/planner.py records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from converter import codes
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import decode_text
from converter.json_source import read_json
from converter.model import Json, Position

_NOTE = re.compile(r"\.chalice/deployed/([^/]+)\.json")
# Before version 1.2 Chalice wrote one file for all stages, of another form.
OLD_NOTE = ".chalice/deployed.json"


@dataclass(frozen=True)
class Deployed:
    """One resource: its name in Chalice, its kind, and what identifies it in AWS."""

    name: str
    kind: str
    values: Mapping[str, str]

    @property
    def identity(self) -> str:
        """The value by which people find the resource."""
        return next((self.values[key] for key in _IDENTITIES if self.values.get(key)), self.name)


_IDENTITIES = (
    "rest_api_url",
    "websocket_api_url",
    "domain_name",
    "bucket",
    "topic",
    "queue",
    "queue_arn",
    "stream",
    "stream_arn",
    "rule_name",
    "layer_version_arn",
    "log_group_name",
    "role_arn",
    "lambda_arn",
)


@dataclass(frozen=True)
class DeployedStage:
    stage: str
    resources: tuple[Deployed, ...]
    position: Position

    def function_of(self, found: Deployed) -> str | None:
        """The name of the function that a resource is, or calls; None where the note does not say."""
        arn = found.values.get("lambda_arn")
        functions = {one.values.get("lambda_arn"): one.name for one in self.of_kind("lambda_function")}
        return functions.get(arn) if arn else None

    def of_kind(self, *kinds: str) -> tuple[Deployed, ...]:
        return tuple(found for found in self.resources if found.kind in kinds)


def read_deployed(files: Mapping[str, bytes], stages: tuple[str, ...]) -> list[DeployedStage | Diagnostic]:
    """What stands deployed in these stages, in their order; a note that cannot be read as a finding."""
    found: list[DeployedStage | Diagnostic] = []
    for stage in stages:
        path = f".chalice/deployed/{stage}.json"
        if path in files:
            found.extend(_read_note(path, stage, files[path]))
    if OLD_NOTE in files and not stages_noted(files):
        reason = "it is of an old version of Chalice's, which says less than MIGRATION.md needs"
        action = "deploy once with a current Chalice, then convert again"
        found.append(codes.DEPLOYED_BEFORE.at(Position(OLD_NOTE, 1, 1), OLD_NOTE, reason, action))
    return found


def stages_noted(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The stages that have a note, also those that the config does not name any more."""
    return tuple(match.group(1) for path in files if (match := _NOTE.fullmatch(path)))


def _read_note(path: str, stage: str, data: bytes) -> Iterator[DeployedStage | Diagnostic]:
    try:
        source = read_json(path, decode_text(path, data))
    except UnreadableError as error:
        yield from error.diagnostics
        return
    entries = source.value.get("resources") if isinstance(source.value, dict) else None
    if not isinstance(entries, list):
        reason = "it has no list of resources"
        yield codes.DEPLOYED_BEFORE.at(Position(path, 1, 1), path, reason, "look what is deployed by hand")
        return
    resources = tuple(filter(None, map(_read_resource, entries)))
    # After `chalice delete` the note stays, with nothing in it.
    if resources:
        yield DeployedStage(stage, resources, Position(path, 1, 1))


def _read_resource(entry: Json) -> Deployed | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("resource_type"), str):
        return None
    values = {key: value for key, value in entry.items() if isinstance(value, str)}
    return Deployed(values.get("name", ""), values["resource_type"], values)
