"""
An API of a template as Chalice has its own: one function serves all its routes, under Chalice's names.

Chalice: https://aws.github.io/chalice/topics/cfn.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.proxied import ProxiedApi, View
from converter.chalice.http.settings import DEFAULT_BINARY_TYPES
from converter.chalice.registration import API_FUNCTION
from converter.features.api.callers import find_other_ways, list_users
from converter.features.api.definitions import ROUTE, find_title, read_routes
from converter.features.api.joining import CannotJoinError, describe, join_functions
from converter.features.api.renaming import rename_function, rename_sections, rename_text
from converter.features.api.routes import API, name_route, write_outputs
from converter.features.api.written import take_api
from converter.model import Application, EventSource, Function, Json, logical_id
from converter.sam.intrinsics import function_of, is_literal, references, rename
from converter.sam.resource_types import API as API_TYPE
from converter.sam.resource_types import FUNCTION
from converter.sam.sam_globals import merge_globals

if TYPE_CHECKING:
    from converter.diagnostics import Diagnostic

# What SAM calls the API of events that name none (samtranslator.plugins.api.implicit_rest_api_plugin).
_IMPLICIT = "ServerlessRestApi"
_IMPLICIT_STAGE = "Prod"
# What ANY stands for.
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# What `chalice package` makes for the API beside it.
_MADE = ("APIHandler", "APIHandlerInvokePermission")
_SAID = {"Path", "Method", "RestApiId", "Auth"}
# What holds for all routes, and where an API says whether it does for preflight requests.
_OF_PREFLIGHT = {
    "ApiKeyRequired": "AddApiKeyRequiredToCorsPreflight",
    "DefaultAuthorizer": "AddDefaultAuthorizerToCorsPreflight",
}
# What SAM makes for a usage plan of the API's own.
_OF_USAGE_PLAN = ("UsagePlan", "UsagePlanKey", "ApiKey")


@dataclass(frozen=True)
class Mounted:
    """An application with its API as Chalice's own, and what serves it; or as it was, and why."""

    application: Application
    api: ProxiedApi | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    def separate(self) -> Mounted:
        """The same, after it was found that app.py cannot have the views."""
        reason = "app.py has no place for its views, or they would say something else"
        place = self.application.functions[API_FUNCTION].position
        kept = (one for one in self.diagnostics if one.code != codes.JOINED_FUNCTIONS)
        return replace(self, api=None, diagnostics=(codes.SEPARATE_API.at(place, API, reason), *kept))


def mount_api(application: Application) -> Mounted:
    """The application with the API that has most routes as Chalice's, which has one.

    Where Chalice cannot serve it, the application stays as it is.
    """
    found = _find_apis(application)
    if not found:
        return Mounted(application)
    api, *others = sorted(found.values(), key=lambda one: -len(one.events))
    reasons = tuple(one.report("Chalice has one REST API, and this is another one") for one in others)
    obstacle = next(api.find_obstacles(), None)
    if obstacle is not None:
        return Mounted(application, None, (obstacle, *reasons))
    return Mounted(api.mount(), api.list_views(), (*api.describe_joined(), *reasons))


def _find_apis(application: Application) -> dict[str, _Api]:
    """The APIs that functions of the application serve, by their ids; empty for one that has no plain id."""
    events: dict[str, list[tuple[Function, EventSource]]] = {}
    for function in application.functions.values():
        for event in function.events:
            if event.kind == "Api":
                events.setdefault(_name_api(event.properties), []).append((function, event))
    return {name: _Api(application, name, tuple(found)) for name, found in events.items()}


def _name_api(properties: Json) -> str:
    named = properties.get("RestApiId", {"Ref": _IMPLICIT})
    return str(named.get("Ref", "")) if isinstance(named, Mapping) else ""


@dataclass(frozen=True)
class _Api:
    """An API with the events that it has, of which functions."""

    application: Application
    identifier: str
    events: tuple[tuple[Function, EventSource], ...]

    @cached_property
    def resources(self) -> Mapping[str, Json]:
        return self.application.template.sections.get("Resources", {})

    @cached_property
    def shared(self) -> Mapping[str, Json]:
        return self.application.template.sections.get("Globals", {})

    @cached_property
    def functions(self) -> dict[str, Function]:
        return {function.name: function for function, _ in self.events}

    @cached_property
    def properties(self) -> Mapping[str, Json]:
        """What the template says of it."""
        if self.identifier == _IMPLICIT:
            return merge_globals(self.shared, "Api", {"StageName": _IMPLICIT_STAGE})
        written = self.resources[self.identifier].get("Properties") or {}
        properties = merge_globals(self.shared, "Api", written)
        document = properties.get("DefinitionBody")
        if document is None or read_routes(document) != self._served:
            return properties
        title = find_title(document)
        named = {"Name": title} if title is not None else {}
        return {**named, **{name: value for name, value in properties.items() if name != "DefinitionBody"}}

    @cached_property
    def _served(self) -> frozenset[ROUTE]:
        """What the events say of its routes."""
        return frozenset(
            (
                str(event.properties.get("Path")),
                str(event.properties.get("Method")).upper(),
                logical_id(function.name),
            )
            for function, event in self.events
        )

    @cached_property
    def auth(self) -> Mapping[str, Json]:
        """Who may call its routes, if nothing else is said of them."""
        found = self.properties.get("Auth")
        return found if isinstance(found, Mapping) and function_of(found) is None else {}

    @cached_property
    def said_of_all(self) -> Mapping[str, Json]:
        """What of that its routes can say; what is for preflight requests too, only the API can."""
        return {
            name: self.auth[name]
            for name, preflight in _OF_PREFLIGHT.items()
            if name in self.auth and (not self.properties.get("Cors") or self.auth.get(preflight) is False)
        }

    def report(self, reason: str, event: EventSource | None = None) -> Diagnostic:
        named = event.name if event else self.identifier or "RestApiId"
        return codes.SEPARATE_API.at((event or self.events[0][1]).position, named, reason)

    @cached_property
    def joined(self) -> Function | CannotJoinError:
        """The one function that stands for those that serve it, or why none can."""
        try:
            return join_functions(list(self.functions.values()))
        except CannotJoinError as reason:
            return reason

    def describe_joined(self) -> Iterator[Diagnostic]:
        """What the functions become that are one now."""
        if len(self.functions) > 1 and not isinstance(self.joined, CannotJoinError):
            has = describe(list(self.functions.values()), self.joined)
            reason = f"one function of Chalice's serves their routes, with {has}"
            yield codes.JOINED_FUNCTIONS.at(self.joined.position, ", ".join(self.functions), reason)

    # --- what cannot be ---------------------------------------------------------------

    def find_obstacles(self) -> Iterator[Diagnostic]:
        """Why Chalice cannot serve it."""
        yield from self._find_obstacles_of_resource()
        if isinstance(self.joined, CannotJoinError):
            named = ", ".join(self.functions)
            yield self.report(f"several functions serve it ({named}), and {self.joined}")
        for function in self.functions.values():
            yield from self._find_obstacles_of_function(function)
        for _, event in self.events:
            yield from self._find_obstacles_of_event(event)
        yield from self._find_duplicates()
        yield from self._find_callers()
        yield from self._find_obstacles_of_names()
        yield from self._find_obstacles_of_auth()

    def _find_obstacles_of_resource(self) -> Iterator[Diagnostic]:
        if self.identifier != _IMPLICIT:
            resource = self.resources.get(self.identifier)
            if not isinstance(resource, Mapping) or resource.get("Type") != API_TYPE:
                yield self.report("it is no AWS::Serverless::Api of the template")
                return
            for key in resource.keys() - {"Type", "Properties", "Metadata"}:
                yield self.report(f"Chalice's API has no {key}")
        stage = self.properties.get("StageName")
        if not isinstance(stage, str) and function_of(stage) != "Ref":
            yield self.report("its StageName is neither a name nor a parameter")
        for key in ("DefinitionBody", "DefinitionUri"):
            if key in self.properties:
                yield self.report(f"its routes stand in its {key}")
        # Others of its functions may be in another language.
        for name, resource in self.resources.items():
            if isinstance(resource, Mapping) and resource.get("Type") == FUNCTION:
                events = (resource.get("Properties") or {}).get("Events") or {}
                for event in events.values() if isinstance(events, Mapping) else ():
                    is_api = isinstance(event, Mapping) and event.get("Type") == "Api"
                    if is_api and _name_api(event.get("Properties") or {}) == self.identifier:
                        yield self.report(f"{name} serves it too, which Chalice cannot hold")

    def _find_obstacles_of_function(self, function: Function) -> Iterator[Diagnostic]:
        own = [event for owner, event in self.events if owner.name == function.name]
        for event in function.events:
            if event not in own:
                yield self.report(f"{event.name} invokes {function.name} too", own[0])
        for key in function.carried.keys() - {"Properties", "Metadata", "DependsOn"}:
            yield self.report(f"Chalice's API needs {function.name}, which has a {key}", own[0])
        for reason in find_other_ways(function):
            yield self.report(reason, own[0])

    def _find_obstacles_of_event(self, event: EventSource) -> Iterator[Diagnostic]:
        first, *others = event.settings.values()
        unsaid = sorted(first.keys() - _SAID)
        path, method = first.get("Path"), str(first.get("Method")).upper()
        if unsaid:
            yield self.report(f"a route of Chalice's cannot say {', '.join(unsaid)}", event)
        elif not is_literal(first.get("Path")) or any(other != first for other in others):
            yield self.report("its path is not known before deployment", event)
        elif not isinstance(path, str) or not path.startswith("/") or (path.endswith("/") and path != "/"):
            yield self.report(f"a route of Chalice's cannot be {path}", event)
        elif method not in (*METHODS, "ANY"):
            yield self.report(f"a route of Chalice's has no method {method}", event)

    def _find_callers(self) -> Iterator[Diagnostic]:
        """What knows a function may call it with events of its own, which Chalice would take for requests."""
        own = {logical_id(name): name for name in self.functions}
        for user, value in list_users(self.application, {self.identifier}).items():
            named = {own[identifier] for identifier in references(value) & own.keys()}
            for name in sorted(named | set(self._find_lost_names(user, value))):
                yield self.report(f"{user} names {name}, and may call it otherwise than the API does")

    def _find_lost_names(self, user: str, value: Json) -> Iterator[str]:
        """The functions whose FunctionName stands in a text; where several are one, none keeps its own."""
        for function in self.functions.values() if len(self.functions) > 1 else ():
            written = function.carried.get("Properties", {}).get("FunctionName")
            name = written.get("Fn::Sub") if isinstance(written, Mapping) else written
            if (
                isinstance(name, str)
                and user != function.name
                and any(name in text for text in _texts(value))
            ):
                yield function.name

    def _find_duplicates(self) -> Iterator[Diagnostic]:
        seen: set[tuple[str, str]] = set()
        for _, event in self.events:
            for route in self._routes_of(event):
                if route in seen:
                    yield self.report(f"{' '.join(reversed(route))} is a route of another event too", event)
                seen.add(route)

    def _find_obstacles_of_names(self) -> Iterator[Diagnostic]:
        others = self.resources.keys() - {self.identifier}
        taken = (others & {API, *_MADE}) or (
            self.application.functions.keys() - self.functions & {API_FUNCTION}
        )
        for name in sorted(taken):
            yield self.report(f"Chalice calls what it makes for its API {name}, which the template has too")
        # SAM makes more for the API and its events, and calls it after them.
        begins = [self.identifier, *(f"{logical_id(one.name)}{event.name}" for one, event in self.events)]
        made = tuple(f"{event.name}Permission" for _, event in self.events)
        for name in sorted(references(self.application.template.sections) - self.ids.keys() - others):
            if name.startswith(tuple(begins)) or any(part in name for part in made):
                yield self.report(f"{name} is named in the template, which Chalice does not make")

    def _find_obstacles_of_auth(self) -> Iterator[Diagnostic]:
        for _, event in self.events:
            own = event.properties.get("Auth")
            is_open = isinstance(own, Mapping) and own.get("ApiKeyRequired") is False
            if is_open and self.auth.get("ApiKeyRequired") and "ApiKeyRequired" not in self.said_of_all:
                yield self.report("all routes of the API need a key but this one", event)
        if take_api(self.mount()) is None:
            yield self.report("Chalice's decorators cannot say who may call its routes")

    # --- what becomes of it ---------------------------------------------------------------

    @cached_property
    def ids(self) -> dict[str, str]:
        """Chalice's names for what the template has, and SAM makes of that."""
        stage = self.properties.get("StageName")
        named = stage if isinstance(stage, str) else ""
        ids = {self.identifier: API, f"{self.identifier}{named}Stage": f"{API}{named}Stage"}
        for name in self.functions:
            ids[logical_id(name)] = logical_id(API_FUNCTION)
            ids[logical_id(f"{name}_role")] = logical_id(f"{API_FUNCTION}_role")
        for name in _OF_USAGE_PLAN if "UsagePlan" in self.auth else ():
            ids[f"{self.identifier}{name}"] = f"{API}{name}"
        return ids

    def _routes_of(self, event: EventSource) -> Iterator[tuple[str, str]]:
        """Its paths and methods; preflight requests are answered by the API where it has CORS."""
        path, method = event.properties.get("Path"), str(event.properties.get("Method")).upper()
        for each in METHODS if method == "ANY" else (method,):
            if method != "ANY" or each != "OPTIONS" or not self.properties.get("Cors"):
                yield str(path), each

    def list_views(self) -> ProxiedApi:
        """The functions with their routes."""
        views = {
            function.name: View(
                function.code,
                tuple(
                    route
                    for owner, event in self.events
                    if owner.name == function.name
                    for route in self._routes_of(event)
                ),
            )
            for function in self.functions.values()
        }
        types = self._write_properties()["BinaryMediaTypes"]
        # Where all types are bytes, Chalice refuses requests that do not say what they accept.
        is_said = is_literal(types) and "*/*" not in types and types != list(DEFAULT_BINARY_TYPES)
        return ProxiedApi(views, tuple(types) if is_said else None, "UsagePlan" in self.auth)

    def mount(self) -> Application:
        function = self._mount_function()
        functions = {
            (API_FUNCTION if name in self.functions else name): (
                function if name in self.functions else rename_function(other, self.ids)
            )
            for name, other in self.application.functions.items()
        }
        sections = dict(self._mount_sections())
        template = self.application.template
        text = rename_text(template, self.ids, self._is_carried)
        return replace(
            self.application,
            functions=functions,
            template=replace(template, sections=sections, text=text),
        )

    def _is_carried(self, section: str, name: str) -> bool:
        """Whether an entry stays what the author wrote."""
        is_api = self.resources.get(name, {}).get("Type") == API_TYPE if section == "Resources" else False
        takes_globals = is_api and bool(self.shared.get("Api"))
        return (section, name) not in (
            ("Resources", self.identifier),
            ("Globals", "Api"),
        ) and not takes_globals

    def _mount_function(self) -> Function:
        assert not isinstance(self.joined, CannotJoinError)
        events = tuple(
            EventSource(
                "Api",
                dict.fromkeys(self.application.stages, self._write_route(event, path, method)),
                self._name_event(event, path, method, is_alone=len(routes) == 1),
                None,
                event.position,
            )
            for _, event in self.events
            for routes in (list(self._routes_of(event)),)
            for path, method in routes
        )
        return replace(rename_function(self.joined, self.ids), name=API_FUNCTION, events=events)

    def _name_event(self, event: EventSource, path: str, method: str, *, is_alone: bool) -> str:
        if self._names[event.name] > 1:
            # Those of several functions may have one name, but not those of one.
            return name_route(path, method)
        return event.name if is_alone else f"{event.name}{method.title()}"

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(event.name for _, event in self.events)

    def _write_route(self, event: EventSource, path: str, method: str) -> dict[str, Json]:
        auth = self._write_auth(event.properties.get("Auth") or {})
        return {
            "Path": path,
            "Method": method.lower(),
            "RestApiId": {"Ref": API},
            **({"Auth": auth} if auth else {}),
        }

    def _write_auth(self, own: Json) -> Json:
        """What is said of one route, with what is said of all."""
        if not isinstance(own, Mapping) or function_of(own) is not None:
            return own
        said = {
            "ApiKeyRequired": own.get("ApiKeyRequired", self.said_of_all.get("ApiKeyRequired")),
            "Authorizer": own.get("Authorizer", self.said_of_all.get("DefaultAuthorizer")),
        }
        auth = {name: value for name, value in {**own, **said}.items() if value not in (None, False)}
        if (
            auth.get("Authorizer") == "NONE"
            and "DefaultAuthorizer" not in self.auth.keys() - self.said_of_all
        ):
            auth.pop("Authorizer")
        return auth

    def _mount_sections(self) -> Iterator[tuple[str, dict[str, Json]]]:
        properties = self._write_properties()
        sections = rename_sections(self.application.template.sections, self.ids)
        resources = {name: self._join_globals(value) for name, value in sections.get("Resources", {}).items()}
        sections["Resources"] = {**resources, API: {"Type": API_TYPE, "Properties": properties}}
        sections["Outputs"] = {**write_outputs(properties["StageName"]), **sections.get("Outputs", {})}
        sections.get("Globals", {}).pop("Api", None)
        return ((section, entries) for section, entries in sections.items() if entries)

    def _join_globals(self, resource: Json) -> Json:
        if not isinstance(resource, Mapping) or resource.get("Type") != API_TYPE:
            return resource
        return {**resource, "Properties": merge_globals(self.shared, "Api", resource.get("Properties") or {})}

    def _write_properties(self) -> dict[str, Json]:
        """The properties with those that Chalice always has."""
        # So SAM calls an API that the template does not name.
        properties = {"Name": {"Ref": "AWS::StackName"}, **rename(self.properties, self.ids)}
        types = properties.get("BinaryMediaTypes") or []
        if isinstance(types, list):
            types = [each.replace("~1", "/") if isinstance(each, str) else each for each in types]
        properties["BinaryMediaTypes"] = types
        if self.auth:
            moved = {name for each in self.said_of_all for name in (each, _OF_PREFLIGHT[each])}
            properties["Auth"] = {
                name: value for name, value in properties["Auth"].items() if name not in moved
            }
        if any(
            "ApiKeyRequired" in self._write_auth(event.properties.get("Auth") or {})
            for _, event in self.events
        ):
            # Without one a key is of no use, so what reads Chalice's decorators gives the API one.
            properties["Auth"] = {
                "UsagePlan": {"CreateUsagePlan": "PER_API"},
                **(properties.get("Auth") or {}),
            }
        # It decides only how SAM writes the API's document.
        properties["OpenApiVersion"] = "2.0"
        endpoint = properties.get("EndpointConfiguration")
        if isinstance(endpoint, str):
            endpoint = properties["EndpointConfiguration"] = {"Type": endpoint}
        if endpoint in ({"Type": "EDGE"}, None):
            properties.pop("EndpointConfiguration", None)
        return properties


def _texts(value: Json) -> Iterator[str]:
    """Every text in a value, those of its keys aside."""
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in items:
        yield from [item] if isinstance(item, str) else _texts(item)
