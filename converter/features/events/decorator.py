"""The feature of one decorator of Chalice's that is one type of event of SAM's."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from converter import codes
from converter.chalice.decoration import Decoration, event_id
from converter.chalice.registration import is_known
from converter.feature import Feature, Support
from converter.model import Application, EventSource, Function, Json, logical_id
from converter.sam.intrinsics import references

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.registration import Registration
    from converter.chalice.writer import ChaliceWriter
    from converter.diagnostics import Fields
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


class Arguments:
    """The arguments of one decorator in one stage; what is wrong with them is reported."""

    def __init__(self, project: ChaliceProject, registration: Registration, fields: Fields) -> None:
        self._project = project
        self._registration = registration
        self._fields = fields
        self.is_valid = True

    def take(self, name: str, expected: str, is_valid: Callable[[Json], bool], default: Json = None) -> Json:
        """An argument's value, None where it is neither written nor has a default, or cannot be used."""
        return self._check(name, self._fields.take(name, default), expected, is_valid)

    def _check(self, name: str, value: Json, expected: str, is_valid: Callable[[Json], bool]) -> Json:
        if value is None or (is_known(value) and is_valid(value)):
            return value
        reason = f"{value!r} is not {expected}" if is_known(value) else "the source does not show its value"
        self._reject(name, reason)
        return None

    def take_text(self, name: str) -> Json:
        """A text; one that the source does not show is a parameter of the template."""
        value = self._fields.take(name)
        if value is None or (is_known(value) and value != ""):
            for reference in sorted(references(value)):
                reason = f"the config does not set the variable, so deployment has to say it ({reference})"
                self._project.report(codes.UNKNOWN_ARGUMENT.at(self._fields.where(name), name, reason))
            return self._check(name, value, "a text", is_text)
        owner = self._project.names.get(self._registration, self._registration.kind)
        written = self._registration.written_argument(name)
        reference = self._project.add_parameter(
            logical_id(f"{owner}_{name}"), f"What {name}={written} is in app.py, {owner}"
        )
        reason = (
            f"the source does not show what {written} is, so deployment has to say it ({reference['Ref']})"
        )
        self._project.report(codes.UNKNOWN_ARGUMENT.at(self._fields.where(name), name, reason))
        return reference

    def take_number(self, name: str, default: Json = None) -> Json:
        return self.take(name, "a number", lambda value: type(value) is int, default)

    def refuse(self, reason: str) -> None:
        """Report that the arguments make no event."""
        self._reject("", reason)

    def _reject(self, name: str, reason: str) -> None:
        self.is_valid = False
        code, place = codes.INVALID_DECORATOR_ARGUMENT, self._fields.where(name)
        self._project.report(code.at(place, name or self._registration.written, reason))


def is_text(value: Json) -> bool:
    """Whether it is a text, one that is known on deployment only included."""
    return (isinstance(value, str) and value != "") or isinstance(value, dict)


class Said(NamedTuple):
    """A decorator's arguments, and the properties that `chalice package` makes of them."""

    arguments: Mapping[str, Json]
    properties: Mapping[str, Json]


def event_decorator(
    decorator: str,
    kind: str,
    read: Callable[[Arguments], dict[str, Json]],
    write: Callable[[Mapping[str, Json]], Said | None],
    *support: Support,
    positional: str = "",
    also: tuple[str, ...] = (),
) -> Feature:
    """The feature of a decorator.

    `read` gives the event's properties as SAM has them, None for none; `write` what the decorator can say of
    properties in a template, None where it cannot be used. The argument `positional` goes without its name.
    Events of the kinds in `also` are of the same form, so that the merge template can make them of this one.
    """

    def read_chalice(project: ChaliceProject, application: Application) -> Application:
        for registration in project.handlers(decorator):
            fields = project.arguments(registration)
            settings: dict[str, dict[str, Json]] = {}
            for stage in project.stages:
                arguments = Arguments(project, registration, fields[stage])
                properties = read(arguments)
                if arguments.is_valid:
                    settings[stage] = {name: value for name, value in properties.items() if value is not None}
            name = project.names.get(registration)
            if name is not None and len(settings) == len(project.stages):
                event = EventSource(kind, settings, logical_id(f"{name}-event"), None, registration.position)
                application = application.with_function(application.functions[name].with_event(event))
        return application

    def write_chalice(application: Application, writer: ChaliceWriter) -> None:
        mentions = _Mentions(application)
        for function in application.functions.values():
            for event in function.events:
                if event.kind not in (kind, *also) or function.name in writer.decorations:
                    continue
                said = write(event.properties)
                if said is None or not _can_decorate(event, function, mentions):
                    continue
                writer.decorations[function.name] = Decoration(
                    function.name,
                    event,
                    decorator,
                    kind,
                    said.arguments,
                    said.properties,
                    frozenset({positional}),
                )
                if event.kind in _TAKEN_APART:
                    reason = f"Chalice takes every event of {function.name} apart before the handler gets it"
                    writer.report(codes.ONLY_ITS_EVENTS.at(event.position, event.name, reason))

    return Feature(
        name=decorator,
        decorators=(decorator,),
        support=support,
        read_chalice=read_chalice,
        write_chalice=write_chalice,
        read_sam=_read_sam,
        write_sam=_write_sam,
    )


# Kinds of events of which Chalice takes out what is always there (chalice.app, _extract_attributes), so that
# it refuses events of other forms; by what it takes for the form.
_TAKEN_APART = {
    "CloudWatchEvent": "EventBridge",
    "EventBridgeRule": "EventBridge",
    "SNS": "SNS",
    "Schedule": "EventBridge",
}


def _can_decorate(event: EventSource, function: Function, mentions: _Mentions) -> bool:
    """Whether Chalice's event can take the place of this one, for every event that the function gets."""
    others = [other for other in function.events if other is not event]
    identifier = logical_id(function.name)
    # SAM names what it makes of an event after the event.
    made = (f"{identifier}{event.name}", f"{identifier}Function{event.name}")
    is_taken = event_id(event.kind, function.name) in {other.name for other in others}
    if is_taken or any(map(mentions.begin_with, made)):
        return False
    if event.kind not in _TAKEN_APART:
        return True
    form = _TAKEN_APART[event.kind]
    is_alone = all(_TAKEN_APART.get(other.kind) == form and _has_own_form(other) for other in others)
    # What knows the function may invoke it with events of its own.
    return is_alone and identifier not in mentions.of_functions


def _has_own_form(event: EventSource) -> bool:
    return not event.properties.keys() & {"Input", "InputPath"}


@dataclass(frozen=True)
class _Mentions:
    """The words of a template, and of what is set for functions: ids are among them."""

    application: Application

    def begin_with(self, name: str) -> bool:
        """Whether a word of the template begins so."""
        place = bisect_left(self._words, name)
        return place < len(self._words) and self._words[place].startswith(name)

    @cached_property
    def _words(self) -> list[str]:
        return sorted(_words_of(self.application.template.sections))

    @cached_property
    def of_functions(self) -> set[str]:
        """The words of what is set for functions, and of other resources."""
        functions = self.application.functions.values()
        resources = self.application.template.sections.get("Resources", {})
        return _words_of([[one.settings for one in functions], [one.carried for one in functions], resources])


def _words_of(value: Json) -> set[str]:
    return set(re.findall(r"\w+", json.dumps(value, default=str)))


# How many records AWS takes at a time where an event source does not say it, as Chalice always does.
DEFAULT_BATCHES = {"DynamoDB": 100, "Kinesis": 100, "SQS": 10}


def read_batches(properties: Mapping[str, Json], kind: str, chalice: int) -> Said:
    """How many records at a time; `chalice` is its decorator's default."""
    size = properties.get("BatchSize", DEFAULT_BATCHES[kind])
    window = properties.get("MaximumBatchingWindowInSeconds", 0)
    said = {
        "BatchSize": size if type(size) is int else chalice,
        "MaximumBatchingWindowInSeconds": window if type(window) is int else 0,
    }
    arguments: dict[str, Json] = {"batch_size": said["BatchSize"]} if said["BatchSize"] != chalice else {}
    if said["MaximumBatchingWindowInSeconds"]:
        arguments["maximum_batching_window_in_seconds"] = window
    return Said(arguments, said)


# What a template says of an event is the same for every kind (template.py).


def _read_sam(project: SamProject, application: Application) -> Application:
    return application


def _write_sam(application: Application, writer: SamWriter) -> None:
    """The event stands in the function's Events."""
