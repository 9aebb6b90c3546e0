"""The application that both frameworks describe, and nothing of either's syntax.

A value that is not known before deployment stays a CloudFormation intrinsic in
its long form (`{"Ref": "Table"}`). Inside the model such a reference names a
function by the logical id that `chalice package` generates for it, so both
sides' readers agree on one spelling (`logical_id`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

# JSON values as `json.loads` gives them. `Any` because mypy cannot narrow a
# recursive union through the deep look-ups that templates need.
Json = Any
Settings = Mapping[str, Json]


@dataclass(frozen=True, order=True)
class Position:
    """A place in a source file; line and column count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True)
class EventSource:
    """What invokes a function: a kind of event as SAM names it, and its properties in each stage.

    `name` is what the template calls it. `written` are the properties as a template's author wrote them,
    None where a decorator says them.
    """

    kind: str
    settings: Mapping[str, Settings]
    name: str = field(default="", compare=False)
    written: Json = field(default=None, compare=False)
    position: Position | None = field(default=None, compare=False)

    @property
    def properties(self) -> Json:
        """The properties for all stages, as a template says them."""
        return self.written if self.written is not None else next(iter(self.settings.values()))


@dataclass(frozen=True)
class Handler:
    """The callable that Lambda invokes: a file below the code folder, and a name in it."""

    path: str
    name: str


@dataclass(frozen=True)
class Code:
    """A function's code as Lambda sees it: a folder, a handler in it, layers with code of the project's own.

    `folder` and `layers` are keys of `Application.folders`.
    """

    folder: str
    handler: Handler
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """One Lambda function.

    `settings` holds, per stage, each setting under the model's name; `carried` the properties
    that only SAM knows; `example` an event with the keys that the handler reads.
    """

    name: str
    code: Code = field(compare=False)
    settings: Mapping[str, Settings] = field(default_factory=dict)
    events: tuple[EventSource, ...] = ()
    carried: Mapping[str, Json] = field(default_factory=dict)
    example: Json = field(default=None, compare=False)
    position: Position | None = field(default=None, compare=False)

    def with_event(self, event: EventSource) -> Function:
        return replace(self, events=(*self.events, event))

    def with_setting(self, name: str, by_stage: Mapping[str, Json]) -> Function:
        """The function with one setting added for each stage whose value is not None."""
        if all(value is None for value in by_stage.values()):
            return self
        settings = {
            stage: {**values, name: by_stage[stage]} if by_stage.get(stage) is not None else values
            for stage, values in self.settings.items()
        }
        return replace(self, settings=settings)

    def setting(self, name: str) -> dict[str, Json]:
        """The setting's value in each stage, None where it is not set."""
        return {stage: values.get(name) for stage, values in self.settings.items()}


@dataclass(frozen=True)
class Template:
    """What only a template can say: its sections, with ids as `logical_id` spells them.

    `text` keeps the author's own lines of a section's entry (comments, order, quotes)
    for whoever writes it out again; it takes no part in comparisons.
    """

    sections: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    text: Mapping[tuple[str, str], str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Application:
    """A whole project.

    `folders` hold the code: what lies in a function's folder, or on the path through a layer,
    by path below it. Code is free of either framework's decorators, and takes no part in comparisons.
    `files` are carried beside the code as they are. `parameters` are the values that deployment
    gives to those of the template, by stage; `profile` is that of the AWS CLI's configuration.
    """

    name: str
    stages: tuple[str, ...] = ("dev",)
    runtime: str | None = None
    functions: Mapping[str, Function] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    dependencies_layer: Mapping[str, bool] = field(default_factory=dict)
    template: Template = field(default_factory=Template)
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    profile: str | None = None
    folders: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict, compare=False)
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False)

    def with_function(self, function: Function) -> Application:
        return replace(self, functions={**self.functions, function.name: function})

    def with_entries(self, section: str, entries: Mapping[str, Json]) -> Application:
        """The application with entries added to a section of its template."""
        sections = self.template.sections
        joined = {**sections, section: {**sections.get(section, {}), **entries}}
        return replace(self, template=replace(self.template, sections=joined))

    def map_functions(self, change: Any) -> Application:
        functions = {name: change(function) for name, function in self.functions.items()}
        return replace(self, functions=functions)


@cache
def logical_id(name: str) -> str:
    """The CloudFormation id that Chalice gives a function (chalice.utils.to_cfn_resource_name)."""
    for separator in "-_":
        name = "".join(part[0].upper() + part[1:] for part in name.split(separator) if part)
    return re.sub(r"[^A-Za-z0-9]+", "", name)
