"""
Routes: one function serves them all, as Chalice's does, each invoked by an event of its own.

Chalice: https://aws.github.io/chalice/topics/routing.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.settings import find_edits_of_api
from converter.chalice.registration import API_FUNCTION, is_known
from converter.feature import Feature, Support
from converter.features.api.authorizers import read_authorizer
from converter.features.api.cors import read_cors
from converter.features.api.settings import read_settings
from converter.model import Application, EventSource, Function, Json, logical_id
from converter.sam.sample_events import request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from converter.chalice.project import ChaliceProject
    from converter.chalice.registration import Registration
    from converter.chalice.writer import ChaliceWriter
    from converter.python.module import Module
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

# What `chalice package` calls it; its outputs are what users of Chalice know.
API = "RestAPI"
_API_REF = {"Ref": API}


@dataclass(frozen=True)
class _Route:
    registration: Registration
    path: str
    method: str
    auth: dict[str, Json]
    cors: Json

    @property
    def name(self) -> str:
        return name_route(self.path, self.method)


def name_route(path: str, method: str) -> str:
    """What the event of a route is called: `GetOrdersName` of GET /orders/{name}."""
    words = re.findall(r"[A-Za-z0-9]+", f"{method.lower()} {path}")
    return "".join(word[:1].upper() + word[1:] for word in words) + ("" if len(words) > 1 else "Root")


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    if not any(project.handlers("route")):
        return application
    reader = _Reader(project)
    routes = list(reader.read())
    function = _with_events(application.functions[API_FUNCTION], routes, project.stages)
    if routes:
        function = replace(function, example=request(routes[0].method, routes[0].path or "/"))
    application, properties = read_settings(project, application.with_function(function))
    auth: dict[str, Json] = dict(properties.pop("Auth", {}))
    if reader.authorizers:
        auth = {"Authorizers": reader.authorizers, **auth}
    if any(route.auth.get("ApiKeyRequired") for route in routes):
        auth["UsagePlan"] = {"CreateUsagePlan": "PER_API"}
    cors = _choose_cors(project, routes)
    properties |= ({"Auth": auth} if auth else {}) | ({"Cors": cors} if cors else {})
    outputs = write_outputs(properties["StageName"])
    project.made_for.update(dict.fromkeys([API, *outputs], project.source.app.position))
    application = application.with_entries(
        "Resources", {API: {"Type": "AWS::Serverless::Api", "Properties": properties}}
    )
    return application.with_entries("Outputs", outputs)


class _Reader:
    """The routes of the project; what cannot be read is reported."""

    def __init__(self, project: ChaliceProject) -> None:
        self.project = project
        self.source = project.source
        self.authorizers: dict[str, Json] = {}
        self._cors_of_app = list(self._read_cors_of_app())

    def read(self) -> Iterator[_Route]:
        seen: dict[tuple[str, str], Registration] = {}
        for registration in self.project.handlers("route"):
            for route in self._read_routes(registration):
                key = route.path, route.method
                if key in seen:
                    reason = f"{route.method} {route.path} is served by the function at {seen[key].position}"
                    self.project.report(
                        codes.DUPLICATE_FUNCTION.at(registration.position, registration.written, reason)
                    )
                    continue
                seen[key] = registration
                yield route

    def _read_routes(self, registration: Registration) -> Iterator[_Route]:
        fields = self.project.arguments(registration)[self.project.stages[0]]
        path, methods = fields.take("path"), fields.take("methods", ["GET"])
        api_key, _ = fields.take("api_key_required"), fields.take("content_types")
        fields.take("cors"), fields.take("authorizer"), fields.take("name")
        is_shown = (
            is_known(path) and is_known(methods) and isinstance(path, str) and fields.take("**") is None
        )
        if not is_shown or not isinstance(methods, (list, tuple, set)):
            reason = "the source does not show its path and methods"
            self.project.report(codes.DYNAMIC_HANDLER.at(registration.position, registration.written, reason))
            return
        auth: dict[str, Json] = {"ApiKeyRequired": True} if is_known(api_key) and api_key else {}
        written = self.source.written_arguments(registration).get("authorizer")
        if written is not None and not _is_none(written[0]):
            auth |= self._read_auth(*written)
        cors = self._read_cors(registration)
        for method in sorted(methods) if isinstance(methods, set) else methods:
            yield _Route(
                registration, join_path(registration.url_prefix, path), str(method).upper(), auth, cors
            )

    def _read_auth(self, node: ast.expr, module: Module) -> dict[str, Json]:
        found = read_authorizer(node, module, self.project)
        if found is None:
            written = module.segment(node) or "authorizer"
            place = module.position(node)
            reason = "the source does not show which authorizer it is, so the route is open to all"
            self.project.report(codes.UNSUPPORTED_SETTING.at(place, f"authorizer={written}", reason))
            return {}
        name, entry, auth = found
        if entry:
            self.authorizers[name] = entry
        return auth

    # --- CORS -------------------------------------------------------------------------

    def _read_cors_of_app(self) -> Iterator[tuple[int, Json]]:
        for home, node, _ in find_edits_of_api(self.source, "cors"):
            if isinstance(node, ast.Assign):
                # What another module sets, app.py imports before its own routes.
                line = node.lineno if home is self.source.app_module else 0
                yield line, self._cors_of(node.value, home)

    def _cors_of(self, node: ast.expr, module: Module) -> Json:
        cors = read_cors(node, module, self.project)
        if cors is None:
            written = module.segment(node) or "cors"
            reason = "the source does not show the CORS configuration; the API answers no preflight requests"
            self.project.report(codes.UNSUPPORTED_SETTING.at(module.position(node), written, reason))
        return cors or False

    def _read_cors(self, registration: Registration) -> Json:
        written = self.source.written_arguments(registration).get("cors")
        if written is not None and not _is_none(written[0]):
            return self._cors_of(*written)
        # What app.api.cors is when the route is registered.
        is_in_app = registration.module is self.source.app_module
        line = registration.decorator.lineno if is_in_app else float("inf")
        return next((cors for at, cors in reversed(self._cors_of_app) if at < line), False)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def join_path(prefix: str, path: str) -> str:
    """A route's path below the Blueprint's url_prefix (chalice.app._HandlerRegistration._register_route)."""
    return "/".join([prefix.rstrip("/"), path.strip("/")]).rstrip("/") if prefix else path


def _with_events(function: Function, routes: list[_Route], stages: tuple[str, ...]) -> Function:
    names: Counter[str] = Counter()
    for route in routes:
        names[route.name] += 1
        name = f"{route.name}{names[route.name]}" if names[route.name] > 1 else route.name
        properties: dict[str, Json] = {
            "Path": route.path or "/",
            "Method": route.method.lower(),
            "RestApiId": _API_REF,
            **({"Auth": route.auth} if route.auth else {}),
        }
        settings = dict.fromkeys(stages, properties)
        position = route.registration.position
        function = function.with_event(EventSource("Api", settings, name, None, position))
    return function


def _choose_cors(project: ChaliceProject, routes: list[_Route]) -> Json:
    """The `Cors` of the API: SAM has one for all paths."""
    found = [route for route in routes if route.cors]
    if not found:
        return None
    texts = Counter(repr(route.cors) for route in found)
    chosen = next(route.cors for route in found if repr(route.cors) == texts.most_common(1)[0][0])
    by_path: dict[str, list[_Route]] = {}
    for route in routes:
        by_path.setdefault(route.path, []).append(route)
    for on_path in by_path.values():
        first = on_path[0].registration
        own = next((route.cors for route in on_path if route.cors), None)
        if own is None:
            reason = "SAM's CORS is for the whole API, so preflight requests to the path are answered too"
            project.report(codes.CORS_FOR_ALL.at(first.position, first.written, reason))
        elif own != chosen:
            reason = "SAM has one CORS configuration for the API, and most routes have another one"
            project.report(codes.CORS_FOR_ALL.at(first.position, first.written, reason))
    return chosen


def write_outputs(stage: Json) -> dict[str, Json]:
    """The outputs that `chalice package` gives a REST API (chalice.package, _inject_restapi_outputs)."""
    name = stage if isinstance(stage, str) else f"${{{stage['Ref']}}}"
    url = f"https://${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{name}/"
    function = logical_id(API_FUNCTION)
    return {
        "EndpointURL": {"Description": "URL of the API", "Value": {"Fn::Sub": url}},
        "RestAPIId": {"Description": "Id of the API", "Value": _API_REF},
        "APIHandlerName": {"Description": "Name of the function behind the API", "Value": {"Ref": function}},
    }


def _write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """Routes that are views stand in the code; others are events, and their API a resource."""
    if writer.api is not None:
        for key, by_stage in writer.api.settings.items():
            writer.set_app(key, by_stage)
        writer.files.update(writer.api.files)


def _read_sam(project: SamProject, application: Application) -> Application:
    return application


def _write_sam(application: Application, writer: SamWriter) -> None:
    """Routes are events of a function, and the API is a resource."""


feature = Feature(
    name="route",
    decorators=("route",),
    support=(
        Support(
            "`@app.route(path, methods=...)`",
            "`Api` event, one for each path and method",
            note="one REST API, that Chalice can say; others are carried",
        ),
        Support(
            "views that answer with `Response`",
            "handlers of an `Api` event that answer API Gateway themselves",
            to_sam="as routes of Powertools",
            to_chalice="mounted, or views (`--http idiomatic`)",
            note="views only where the answers are known to stay the same",
        ),
        Support("`cors=...`, `app.api.cors`", "`Cors` of the API", note="one configuration for all paths"),
        Support("`api_key_required=True`", "`ApiKeyRequired`, with a usage plan"),
        Support("`app.api.binary_types`", "`BinaryMediaTypes`"),
        Support("`api_gateway_stage`", "`StageName`"),
        Support("`api_gateway_endpoint_type`, `api_gateway_endpoint_vpce`", "`EndpointConfiguration`"),
        Support("`api_gateway_policy_file`", "`Auth.ResourcePolicy`"),
        Support("`minimum_compression_size`", "`MinimumCompressionSize`"),
        Support("`api_gateway_custom_domain`", "`Domain`"),
    ),
    read_chalice=read_chalice,
    write_chalice=_write_chalice,
    read_sam=_read_sam,
    write_sam=_write_sam,
)
