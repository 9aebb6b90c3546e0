"""The feature of one decorator of Chalice's that is one type of event of SAM's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.source import is_known
from converter.feature import Feature, Support, carried_back
from converter.model import Application, EventSource, Json, logical_id
from converter.sam.intrinsics import references

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.source import Registration
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


def event_decorator(
    decorator: str,
    kind: str,
    read: Callable[[Arguments], dict[str, Json]],
    *support: Support,
) -> Feature:
    """The feature of a decorator. `read` gives the event's properties as SAM has them, None for none."""

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

    return Feature(
        name=decorator,
        decorators=(decorator,),
        support=carried_back(*support),
        read_chalice=read_chalice,
        write_chalice=_write_chalice,
        read_sam=_read_sam,
        write_sam=_write_sam,
    )


# What a template says of an event is the same for every kind (template.py).


def _read_sam(project: SamProject, application: Application) -> Application:
    return application


def _write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """The event stands in the merge template."""


def _write_sam(application: Application, writer: SamWriter) -> None:
    """The event stands in the function's Events."""
