"""
A WebSocket API of a template as Chalice has its own: a function for each of three routes.

What Chalice makes beside them, and cannot say otherwise, is merged into it (written.py, beside this).
Chalice: https://aws.github.io/chalice/topics/websockets.html
CloudFormation: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.registration import WEBSOCKET_FUNCTIONS
from converter.features.api.callers import find_other_ways, list_users
from converter.features.api.renaming import rename_function, rename_sections, rename_text
from converter.features.api.websockets import API, ROUTE_KEYS, write_outputs, write_resources
from converter.model import Application, Function, Json, logical_id
from converter.sam.intrinsics import function_of, references

if TYPE_CHECKING:
    from converter.diagnostics import Diagnostic
    from converter.model import Position

_V2 = "AWS::ApiGatewayV2::"
_PERMISSION = "AWS::Lambda::Permission"
# What a resource may say beside its properties for Chalice's to stand for it.
_KEYS = frozenset({"Type", "Properties", "DependsOn", "Metadata"})
# What of a function Chalice's cannot have.
_OF_FUNCTIONS = frozenset({"Properties", "Metadata", "DependsOn"})


@dataclass(frozen=True)
class MountedWebsockets:
    """An application with its WebSocket API as Chalice's own, and the decorators of its functions.

    There are none where it is as it was; what is to say of that is in the diagnostics. `made` is what Chalice
    makes for it: resources and outputs, under the new names of `ids`.
    """

    application: Application
    decorators: Mapping[str, str] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    def add_made(self, sections: Mapping[str, Mapping[str, Json]]) -> dict[str, Mapping[str, Json]]:
        """The sections of a template, in which the new names stand, with all that Chalice says."""
        resources = sections["Resources"]
        made = {
            name: _add_defaults(resources.get(name, {}), one) for name, one in self.made["Resources"].items()
        }
        outputs = {**self.made["Outputs"], **(sections.get("Outputs") or {})}
        return {**sections, "Resources": {**resources, **made}, "Outputs": outputs}


def mount_websockets(
    application: Application, locate: Callable[[str], Position | None] = lambda name: None
) -> MountedWebsockets:
    """The application with its WebSocket API as Chalice has one, if Chalice can serve any of its routes.

    `locate` says where a resource of the template is, by its id.
    """
    resources = application.template.sections.get("Resources", {})
    found = [_Api(application, name, locate) for name, one in resources.items() if _is_websocket_api(one)]
    if len(found) > 1:
        reason = "Chalice has one WebSocket API, and the template several"
        return MountedWebsockets(application, diagnostics=tuple(one.report(reason) for one in found))
    for api in found:
        obstacle = next(api.find_obstacles(), None)
        if obstacle is not None:
            return MountedWebsockets(application, diagnostics=(obstacle,))
        return api.mount()
    return MountedWebsockets(application)


def _is_websocket_api(resource: Json) -> bool:
    if not isinstance(resource, Mapping) or resource.get("Type") != f"{_V2}Api":
        return False
    return (resource.get("Properties") or {}).get("ProtocolType") == "WEBSOCKET"


@dataclass(frozen=True)
class _Served:
    """A route that Chalice can have: its function, and the ids of what leads requests to that."""

    kind: str
    route: str
    integration: str
    function: Function
    permissions: tuple[str, ...]


@dataclass(frozen=True)
class _Api:
    application: Application
    identifier: str
    locate: Callable[[str], Position | None]

    @cached_property
    def resources(self) -> Mapping[str, Json]:
        return self.application.template.sections.get("Resources", {})

    def _properties(self, name: str) -> Mapping[str, Json]:
        found = self.resources.get(name, {}).get("Properties")
        return found if isinstance(found, Mapping) and function_of(found) is None else {}

    def _of_type(self, kind: str) -> list[str]:
        """The ids of the API's own resources of a type."""
        return [
            name
            for name, one in self.resources.items()
            if isinstance(one, Mapping)
            and one.get("Type") == f"{_V2}{kind}"
            and self._properties(name).get("ApiId") == {"Ref": self.identifier}
        ]

    def report(self, reason: str, named: str = "") -> Diagnostic:
        named = named or self.identifier
        function = self.application.functions.get(named)
        place = function.position if function else self.locate(named)
        return codes.SEPARATE_WEBSOCKETS.at(place, named, reason)

    @cached_property
    def served(self) -> list[_Served]:
        """The routes that Chalice has decorators for, and that lead to functions of the application."""
        kinds = {key: kind for kind, key in ROUTE_KEYS.items()}
        found = []
        for route in self._of_type("Route"):
            key = self._properties(route).get("RouteKey")
            if isinstance(key, str) and key in kinds and (served := self._follow(kinds[key], route)):
                found.append(served)
        return sorted(found, key=lambda one: list(ROUTE_KEYS).index(one.kind))

    def _find_integration(self, route: str) -> str:
        targets = references(self._properties(route).get("Target")) & set(self._of_type("Integration"))
        return targets.pop() if len(targets) == 1 else ""

    def _follow(self, kind: str, route: str) -> _Served | None:
        integration = self._find_integration(route)
        if [route] != [one for one in self._of_type("Route") if self._find_integration(one) == integration]:
            # Several routes call its function, which Chalice has one of for each.
            return None
        called = references(self._properties(integration).get("IntegrationUri")) & self._by_id.keys()
        if len(called) != 1 or self._properties(integration).get("IntegrationType") != "AWS_PROXY":
            return None
        (identifier,) = called
        permissions = tuple(
            name
            for name, one in self.resources.items()
            if isinstance(one, Mapping)
            and one.get("Type") == _PERMISSION
            and identifier in references(self._properties(name).get("FunctionName"))
            and self._properties(name).get("Principal") == "apigateway.amazonaws.com"
        )
        return _Served(kind, route, integration, self._by_id[identifier], permissions)

    @cached_property
    def _by_id(self) -> dict[str, Function]:
        return {logical_id(function.name): function for function in self.application.functions.values()}

    # --- what cannot be ---------------------------------------------------------------

    def find_obstacles(self) -> Iterator[Diagnostic]:
        """Why Chalice cannot have it."""
        if not self.served:
            yield self.report("no function serves its $connect, $default or $disconnect alone")
        for kind in ("Deployment", "Stage"):
            if len(self._of_type(kind)) != 1:
                yield self.report(f"Chalice makes one {kind} of it, and the template has another number")
                return
        (stage,), (deployment,) = self._of_type("Stage"), self._of_type("Deployment")
        if self._properties(stage).get("DeploymentId") != {"Ref": deployment}:
            yield self.report("Chalice's stage has the deployment that it makes", stage)
        name = self._properties(stage).get("StageName")
        if not isinstance(name, str) and function_of(name) != "Ref":
            yield self.report("the name of its stage is neither a name nor a parameter", stage)
        for identifier in self.ids.keys() & self.resources.keys():
            for key in sorted(self.resources[identifier].keys() - _KEYS):
                yield self.report(f"Chalice's counterpart of {identifier} has no {key}", identifier)
        for one in self.served:
            yield from self._find_obstacles_of_function(one)
        new = set(self.ids.values()) | {
            name for name in self._made if not name.endswith(("Deployment", "Stage"))
        }
        for name in sorted(new & (self.resources.keys() | self._by_id.keys()) - self.ids.keys()):
            yield self.report(f"Chalice calls what it makes for it {name}, which the template has too", name)

    def _find_obstacles_of_function(self, served: _Served) -> Iterator[Diagnostic]:
        function, identifier = served.function, logical_id(served.function.name)
        if function.events:
            yield self.report(f"{function.events[0].name} invokes it too", function.name)
        for key in sorted(function.carried.keys() - _OF_FUNCTIONS):
            yield self.report(f"Chalice's function has no {key}", function.name)
        for reason in find_other_ways(function):
            yield self.report(reason, function.name)
        if len(served.permissions) > 1:
            yield self.report("API Gateway has more than one permission to invoke it", function.name)
        own = {function.name, served.integration, *served.permissions}
        for user, value in list_users(self.application, own).items():
            if identifier in references(value):
                yield self.report(
                    f"{user} names it, and may call it otherwise than the API does", function.name
                )

    # --- what becomes of it -----------------------------------------------------------

    @cached_property
    def ids(self) -> dict[str, str]:
        """Chalice's names for what the template has, and SAM makes of that."""
        ids = {self.identifier: API}
        for kind in ("Deployment", "Stage"):
            ids |= dict.fromkeys(self._of_type(kind), f"{API}{kind}")
        for one in self.served:
            name = WEBSOCKET_FUNCTIONS[one.kind]
            ids |= {
                logical_id(one.function.name): logical_id(name),
                logical_id(f"{one.function.name}_role"): logical_id(f"{name}_role"),
                one.route: f"{logical_id(name)}Route",
                one.integration: f"{logical_id(name)}APIIntegration",
                **{each: f"{logical_id(name)}InvokePermission" for each in one.permissions},
            }
        return ids

    @property
    def _stage(self) -> Json:
        (stage,) = self._of_type("Stage")
        return self._properties(stage).get("StageName")

    @cached_property
    def _made(self) -> dict[str, Json]:
        """What Chalice makes for it."""
        return write_resources([one.kind for one in self.served], self._stage)

    def _describe_others(self) -> Iterator[Diagnostic]:
        """The routes that Chalice has no decorators for."""
        own = {one.route for one in self.served}
        for route in self._of_type("Route"):
            if route not in own:
                key = self._properties(route).get("RouteKey")
                has_decorator = key in ROUTE_KEYS.values()
                reason = f"Chalice has no decorator for messages of the route {key}"
                yield self.report("it leads to no function alone" if has_decorator else reason, route)

    def mount(self) -> MountedWebsockets:
        names = {one.function.name: WEBSOCKET_FUNCTIONS[one.kind] for one in self.served}
        functions = {
            names.get(name, name): replace(rename_function(function, self.ids), name=names.get(name, name))
            for name, function in self.application.functions.items()
        }
        made = {"Resources": self._made, "Outputs": write_outputs(self._stage)}
        decorators = {WEBSOCKET_FUNCTIONS[one.kind]: one.kind for one in self.served}
        mounted = MountedWebsockets(
            self.application, decorators, tuple(self._describe_others()), self.ids, made
        )
        template = self.application.template
        sections = mounted.add_made(rename_sections(template.sections, self.ids))
        text = rename_text(template, self.ids, lambda section, name: name not in self.ids)
        application = replace(
            self.application, functions=functions, template=replace(template, sections=sections, text=text)
        )
        return replace(mounted, application=application)


# What says the same in several ways, of which Chalice has its own.
_SAME = frozenset({"IntegrationUri", "Target", "FunctionName"})


def _add_defaults(written: Mapping[str, Json], made: Mapping[str, Json]) -> dict[str, Json]:
    """A resource with what Chalice always says of it."""
    own = {name: value for name, value in written.get("Properties", {}).items() if name not in _SAME}
    return {**made, **written, "Properties": {**made["Properties"], **own}}
