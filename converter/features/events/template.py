"""
What a template says of the events that invoke a function.

SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
On the Chalice side it stands in the merge template, under the function that Chalice generates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.decoration import event_id
from converter.chalice.project import join_templates
from converter.feature import Feature, Support
from converter.features.events.decorator import DEFAULT_BATCHES
from converter.model import Application, EventSource, Function, Json, Position
from converter.sam.intrinsics import (
    ABSENT,
    Scope,
    choose_branch,
    function_of,
    is_literal,
    rename,
    resolve_leaves,
)

if TYPE_CHECKING:
    from converter.chalice.decoration import Decoration
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    if not project.merge_template:
        return application

    def read(function: Function) -> Function:
        events = project.merged_left(function.name).get("Properties", {}).get("Events")
        own = [event_id(event.kind, function.name) for event in function.events]
        added, merged = _divide(events, own)
        are_added = not added or _are_events(added)
        if not (added or merged) or not are_added or not all(map(_is_event_merged, merged.values())):
            return function
        project.take_merged(function.name, "Events")
        changed = (
            _join_merged(event, merged.get(identifier, {}), project.merge_scopes)
            for event, identifier in zip(function.events, own, strict=True)
        )
        return _with_events(replace(function, events=tuple(changed)), added, project.merge_scopes)

    return application.map_functions(read)


def _divide(events: Json, own: Collection[str]) -> tuple[dict[str, Json], dict[str, Json]]:
    """The events that the merge template adds, and what it says of those which decorators make."""
    if not isinstance(events, Mapping):
        return {}, {}
    added = {name: event for name, event in events.items() if name not in own}
    return added, {name: event for name, event in events.items() if name in own}


def _join_merged(event: EventSource, merged: Json, scopes: Mapping[str, Scope]) -> EventSource:
    """The event with what the merge template says of it."""
    if not merged:
        return event
    properties = merged.get("Properties") or {}
    settings = {
        stage: join_templates(
            values, {name: _by_stage(value, scopes)[stage] for name, value in properties.items()}
        )
        for stage, values in event.settings.items()
    }
    first, *others = event.settings.values()
    written = None if any(other != first for other in others) else join_templates(first, properties)
    return replace(event, kind=merged.get("Type") or event.kind, settings=settings, written=written)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    for function in application.functions.values():
        decoration = writer.decorations.get(function.name)
        events = _write_merged(decoration, writer) if decoration else {}
        for event in function.events:
            if decoration is None or event is not decoration.event:
                events[event.name] = _join(event.kind, event.properties)
                _report_carried(event, "no decorator of Chalice's can say it", writer)
        if events:
            writer.merge(function.name, ("Events",), events)


def _write_merged(decoration: Decoration, writer: ChaliceWriter) -> dict[str, Json]:
    """What a decorator cannot say of its event."""
    event, merged = decoration.event, decoration.merged
    kind = {"Type": event.kind} if event.kind != decoration.kind else {}
    if not kind and not merged:
        return {}
    _report_carried(event, f"the decorator cannot say {', '.join((*kind, *merged))}", writer)
    return {decoration.event_id: {**kind, **({"Properties": merged} if merged else {})}}


def _report_carried(event: EventSource, reason: str, writer: ChaliceWriter) -> None:
    reason = f"{reason}; it stands in the merge template"
    writer.report(codes.CARRIED_PROPERTY.at(event.position, event.name, reason))


def read_sam(project: SamProject, application: Application) -> Application:
    def read(function: Function) -> Function:
        found = project.functions[function.name]
        if not _are_events(found.left.get("Events")):
            return function
        events = rename(project.take_raw(function, "Events"), project.ids)
        path = ("Resources", found.identifier, "Properties", "Events")
        read = tuple(
            _read_event(name, event, project.scopes, project.position(*path, name))
            for name, event in events.items()
        )
        return replace(function, events=(*function.events, *read))

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
    return _is_event_merged(event) and isinstance(event.get("Type"), str)


def _is_event_merged(event: Json) -> bool:
    """Whether it is what may be said of an event that is there already."""
    if not isinstance(event, Mapping) or not event.keys() <= {"Type", "Properties"}:
        return False
    properties = event.get("Properties") or {}
    is_plain = isinstance(properties, Mapping) and function_of(properties) is None
    return isinstance(event.get("Type", ""), str) and is_plain


def _with_events(function: Function, events: Mapping[str, Json], scopes: Mapping[str, Scope]) -> Function:
    read = tuple(_read_event(name, event, scopes) for name, event in events.items())
    return replace(function, events=(*function.events, *read))


def _read_event(
    name: str, event: Json, scopes: Mapping[str, Scope], position: Position | None = None
) -> EventSource:
    properties = event.get("Properties") or {}
    default = DEFAULT_BATCHES.get(event["Type"])
    settings: dict[str, dict[str, Json]]
    settings = {stage: {} if default is None else {"BatchSize": default} for stage in scopes}
    for key, value in properties.items():
        for stage, found in _by_stage(value, scopes).items():
            if found is not ABSENT:
                settings[stage][key] = found
    return EventSource(event["Type"], settings, name, properties, position)


def _by_stage(value: Json, scopes: Mapping[str, Scope]) -> dict[str, Json]:
    """The value in each stage where the stages differ in it; else as it is written.

    Where only deployment knows it, they may still differ in what is chosen for them: in the ARN of a queue.
    """
    chosen = {stage: choose_branch(value, scope) for stage, scope in scopes.items()}
    resolved = {stage: resolve_leaves(found, scopes[stage]) for stage, found in chosen.items()}
    is_known = all(found is ABSENT or is_literal(found) for found in resolved.values())
    first, *others = (by_stage := resolved if is_known else chosen).values()
    return by_stage if any(other != first for other in others) else dict.fromkeys(scopes, value)


feature = Feature(
    name="events",
    support=(Support("merge template", "`Events` of any other type", "carried", "carried"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
