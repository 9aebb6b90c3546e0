"""The facts of an application as the converter's own readers understand it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from keyword import kwlist
from types import MappingProxyType
from typing import TYPE_CHECKING

from converter.model import Function, Json, logical_id
from converter.verify.entries import NOT_DEPLOYED, read_entry, read_parameters
from converter.verify.facts import Fact, Facts, Part, flatten, read_permissions
from converter.verify.values import Evaluator, find_reference, show_value

if TYPE_CHECKING:
    from converter.model import Application
    from converter.verify.route_code import Route

_FUNCTION = "AWS::Lambda::Function"
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
# What any handler says.
_COMMON_WORDS = frozenset(
    {
        *kwlist,
        "__all__",
        "context",
        "event",
        "handler",
        "lambda_handler",
        "os",
        "json",
        "opt",
        "shared",
        "sys",
    }
)
# Settings of the model that hold many facts; each other setting is one.
_MAPPINGS = {"environment", "tags"}
_POLICIES = {"managed_policies", "policy", "role_settings"}


def read_facts(
    application: Application,
    stage: str,
    parameters: Mapping[str, str],
    routes: Mapping[Route, Iterable[Fact]] = MappingProxyType({}),
) -> Facts:
    """The facts of one stage, with these values for the parameters of what is carried.

    `routes` has further facts of routes, by method and path.

    They are the model itself: each setting of a function, each event, each entry of the carried
    template. So what a feature adds to the model is compared from that day on.
    """
    return Facts(tuple(_Reading(application, stage, parameters, routes).read()))


class _Reading:
    def __init__(
        self,
        application: Application,
        stage: str,
        parameters: Mapping[str, str],
        routes: Mapping[Route, Iterable[Fact]],
    ) -> None:
        self.application = application
        self.routes = routes
        self.stage = stage
        self.evaluator = Evaluator(application.template.sections, parameters)

    def read(self) -> Iterator[Part]:
        yield Part("application", "", "", tuple(self._read_application()))
        for function in self.application.functions.values():
            yield self._read_function(function)
            yield from self._read_events(function)
        sections = self.application.template.sections
        yield from read_parameters(sections.get("Parameters", {}), self.evaluator)
        for section, kind in (("Resources", "resource"), ("Outputs", "output")):
            for name, entry in sections.get(section, {}).items():
                if isinstance(entry, Mapping):
                    yield from read_entry(kind, name, entry, self.evaluator)

    def _read_application(self) -> Iterator[Fact]:
        if self.application.runtime:
            yield Fact("runtime", "Runtime", self.application.runtime)
        for line in self.application.requirements:
            requirement = line.partition(" #")[0].strip()
            if requirement and not requirement.startswith("#"):
                yield Fact("requirement", "", requirement)
        sections = self.application.template.sections
        for name in ("Globals", "Transform", "Rules"):
            yield from flatten("template", name, self.evaluator.evaluate(sections.get(name, {})))

    # --- functions ----------------------------------------------------------------------

    def _read_function(self, function: Function) -> Part:
        facts: list[Fact] = []
        settings = function.settings.get(self.stage, {})
        for name, value in settings.items():
            # A role from elsewhere has what it has; policies beside it are of no effect.
            if name not in _POLICIES or settings.get("role") is None:
                facts += _read_setting(name.replace("_", "-"), self.evaluator.evaluate(value))
        for name, value in function.carried.items():
            if name == "Properties":
                facts += flatten("property", "", self.evaluator.evaluate(value))
            elif name not in NOT_DEPLOYED:
                facts += flatten("property", f"({name})", self.evaluator.evaluate(value))
        hints = frozenset(_find_hints(self.application, function))
        attached = (("role", logical_id(f"{function.name}_role")),)
        identifier = logical_id(function.name)
        invoked_by = frozenset(self._find_invokers(function))
        return Part(
            "function", function.name, _FUNCTION, tuple(facts), identifier, attached, hints, invoked_by
        )

    def _find_invokers(self, function: Function) -> Iterator[str]:
        """The function's events, without what these refer to."""
        for event in function.events:
            settings = self.evaluator.evaluate(event.settings.get(self.stage, {}))
            said = {name: value for name, value in settings.items() if not find_reference(value)}
            yield f"{event.kind} {show_value(said)}"

    def _read_events(self, function: Function) -> Iterator[Part]:
        target = Fact("event", "function", {"Ref": logical_id(function.name)})
        for event in function.events:
            settings = event.settings.get(self.stage, {})
            facts = [target, *flatten("event", "", self.evaluator.evaluate(settings))]
            route = (str(settings.get("Method")).upper(), str(settings.get("Path")))
            if event.kind == "Api":
                facts += self.routes.get(route, ())
            yield Part("event", f"{event.name} of {function.name}", event.kind, tuple(facts))

    # --- the carried template -------------------------------------------------------------


def _read_setting(kind: str, value: Json) -> Iterator[Fact]:
    if value is None:
        return
    if kind in _MAPPINGS and isinstance(value, Mapping):
        yield from (Fact(kind, name, item) for name, item in value.items())
    elif kind == "policy":
        yield from read_permissions(value if isinstance(value, list) else [value])
    elif kind == "managed-policies":
        yield from (Fact("permission", "", {"effect": "Attach", "action": policy}) for policy in value)
    else:
        yield Fact(kind, kind, value)


def _find_hints(application: Application, function: Function) -> Iterator[str]:
    """What the handler's own module names: functions that are set up alike are told apart by it."""
    source = application.folders.get(function.code.folder, {}).get(function.code.handler.path, b"")
    return (word for word in map(bytes.decode, _WORD.findall(source)) if word not in _COMMON_WORDS)
