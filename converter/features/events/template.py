"""
What a template says of the events that invoke a function.

SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
On the Chalice side it stands in the merge template, under the function that Chalice generates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from converter import codes
from converter.feature import Feature, Support
from converter.model import Application, EventSource, Function, Json
from converter.sam.intrinsics import ABSENT, Scope, function_of, is_literal, rename, resolve_leaves

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    if not project.merge_template:
        return application

    def read(function: Function) -> Function:
        events = project.merged_left(function.name).get("Properties", {}).get("Events")
        if not _are_events(events):
            return function
        project.take_merged(function.name, "Events")
        return _with_events(function, events, project.merge_scopes)

    return application.map_functions(read)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        if function.events:
            events = {event.name: _join(event.kind, _properties(event)) for event in function.events}
            writer.merge(function.name, ("Events",), events)


def _properties(event: EventSource) -> Json:
    """The event's properties for all stages, as a template's author wrote them."""
    return event.written if event.written is not None else next(iter(event.settings.values()))


def read_sam(project: SamProject, application: Application) -> Application:
    def read(function: Function) -> Function:
        found = project.functions[function.name]
        if not _are_events(found.left.get("Events")):
            return function
        events = rename(project.take_raw(function, "Events"), project.ids)
        place = project.position("Resources", found.identifier, "Properties", "Events")
        reason = "Chalice has no setting for it; it stands in the merge template"
        project.report(codes.CARRIED_PROPERTY.at(place, "Events", reason))
        return _with_events(function, events, project.scopes)

    return application.map_functions(read)


def write_sam(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        if function.events:
            writer.functions[function.name]["Events"] = {
                event.name: _join(event.kind, _write_properties(event, function, writer))
                for event in function.events
            }


def _write_properties(event: EventSource, function: Function, writer: SamWriter) -> Json:
    if event.written is not None:
        return rename(event.written, writer.model_ids)
    names = dict.fromkeys(name for settings in event.settings.values() for name in settings)
    return {
        name: writer.vary(
            name, {stage: settings.get(name) for stage, settings in event.settings.items()}, function.name
        )
        for name in names
    }


def _join(kind: str, properties: Json) -> Json:
    return {"Type": kind, **({"Properties": properties} if properties else {})}


def _are_events(written: Json) -> bool:
    """Whether it is a plain mapping of events, nothing of which is left to a condition."""
    return isinstance(written, Mapping) and bool(written) and all(map(_is_event, written.values()))


def _is_event(event: Json) -> bool:
    if not isinstance(event, Mapping) or not event.keys() <= {"Type", "Properties"}:
        return False
    properties = event.get("Properties") or {}
    is_plain = isinstance(properties, Mapping) and function_of(properties) is None
    return isinstance(event.get("Type"), str) and is_plain


def _with_events(function: Function, events: Mapping[str, Json], scopes: Mapping[str, Scope]) -> Function:
    read = tuple(_read_event(name, event, scopes) for name, event in events.items())
    return replace(function, events=(*function.events, *read))


def _read_event(name: str, event: Json, scopes: Mapping[str, Scope]) -> EventSource:
    properties = event.get("Properties") or {}
    settings: dict[str, dict[str, Json]] = {stage: {} for stage in scopes}
    for key, value in properties.items():
        for stage, found in _by_stage(value, scopes).items():
            if found is not ABSENT:
                settings[stage][key] = found
    return EventSource(event["Type"], settings, name, properties)


def _by_stage(value: Json, scopes: Mapping[str, Scope]) -> dict[str, Json]:
    """The value in each stage where the stages differ in it; else as it is written."""
    resolved = {stage: resolve_leaves(value, scope) for stage, scope in scopes.items()}
    first, *others = resolved.values()
    is_known = all(found is ABSENT or is_literal(found) for found in resolved.values())
    return resolved if is_known and any(other != first for other in others) else dict.fromkeys(scopes, value)


feature = Feature(
    name="events",
    support=(Support("merge template", "`Events` of any other type", "carried", "carried"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
