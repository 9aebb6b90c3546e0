"""
The application's API as `chalice package` makes it: what the code and the config say is not in the template.

What neither the code nor the config can say is merged into the resource that Chalice makes.
https://aws.github.io/chalice/topics/cfn.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.served import ServedApi
from converter.chalice.project import join_templates
from converter.chalice.registration import API_FUNCTION
from converter.features.api.routes import API
from converter.features.api.settings import DEFAULT_STAGE
from converter.features.api.views import plan_views
from converter.sam.intrinsics import function_of, is_literal
from converter.sam.samconfig import PATHS

if TYPE_CHECKING:
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Json, Settings

_POLICY = "api_policy.json"
# How code makes an app object.
_CHALICE = b"Chalice("
# What the reader of the config calls parameters in which the stages differ.
_PARAMETERS = (
    "ApiGatewayStage",
    "ApiGatewayEndpointType",
    "ApiGatewayEndpointVpce",
    "MinimumCompressionSize",
)
_OUTPUTS = ("EndpointURL", "RestAPIId", "APIHandlerName")


def take_api(application: Application) -> tuple[Application, ServedApi] | None:
    """The application without what Chalice makes for its API, and that; None where it has none of its own."""
    if API_FUNCTION not in application.functions:
        # What kept Chalice may have other handlers than views.
        return (application, ServedApi("", {})) if _keeps_chalice(application) else None
    api = application.template.sections.get("Resources", {}).get(API)
    planned = plan_views(application)
    if planned is None or not isinstance(api, Mapping) or api.get("Type") != "AWS::Serverless::Api":
        return None
    properties = api.get("Properties") or {}
    if set(api) - {"Type", "Properties"} or function_of(properties):
        return None
    settings, files = _write_settings(application, properties)
    return _without_api(application), replace(planned, settings=settings, files=files)


def _keeps_chalice(application: Application) -> bool:
    files = (file for folder in application.folders.values() for file in folder.items())
    return any(_CHALICE in code for path, code in files if path.endswith(".py"))


def _write_settings(
    application: Application, properties: Settings
) -> tuple[dict[str, dict[str, Json]], dict[str, bytes]]:
    """The keys of the config by stage, and the files that they name."""
    endpoint = properties.get("EndpointConfiguration")
    endpoint = endpoint if isinstance(endpoint, Mapping) else {"Type": endpoint}
    written = {
        "api_gateway_stage": properties.get("StageName"),
        "api_gateway_endpoint_type": endpoint.get("Type"),
        "api_gateway_endpoint_vpce": endpoint.get("VPCEndpointIds"),
        "minimum_compression_size": properties.get("MinimumCompressionSize"),
        "api_gateway_custom_domain": _write_domain(properties.get("Domain")),
    }
    settings = {key: _by_stage(application, value) for key, value in written.items() if value is not None}
    settings = {
        key: by_stage for key, by_stage in settings.items() if all(map(is_literal, by_stage.values()))
    }
    if all(stage == DEFAULT_STAGE for stage in settings.get("api_gateway_stage", {"": None}).values()):
        settings.pop("api_gateway_stage")
    size = settings.get("minimum_compression_size", {})
    settings |= (
        {"minimum_compression_size": {stage: int(value) for stage, value in size.items()}} if size else {}
    )
    policy = (properties.get("Auth") or {}).get("ResourcePolicy", {}).get("CustomStatements")
    if not policy or not is_literal(policy):
        return settings, {}
    document = {"Version": "2012-10-17", "Statement": policy}
    settings["api_gateway_policy_file"] = dict.fromkeys(application.stages, _POLICY)
    return settings, {f".chalice/{_POLICY}": f"{json.dumps(document, indent=2)}\n".encode()}


def _by_stage(application: Application, value: Json) -> dict[str, Json]:
    """The value in each stage, that of a parameter included."""
    name = str(value.get("Ref")) if isinstance(value, Mapping) else ""
    parameters = application.template.sections.get("Parameters", {})
    if name not in parameters:
        return dict.fromkeys(application.stages, value)
    parameter = parameters[name]
    is_list = parameter.get("Type") == "CommaDelimitedList"
    found: dict[str, Json] = {}
    for stage in application.stages:
        text = application.parameters.get(stage, {}).get(name, parameter.get("Default", value))
        found[stage] = text.split(",") if is_list and isinstance(text, str) else text
    return found


def _write_domain(domain: Json) -> Json:
    if not isinstance(domain, Mapping):
        return None
    version = str(domain.get("SecurityPolicy", "")).removeprefix("TLS_").replace("_", ".")
    prefix = domain.get("BasePath") or []
    return {
        "domain_name": domain.get("DomainName"),
        "certificate_arn": domain.get("CertificateArn"),
        **({"tls_version": version} if version else {}),
        **({"url_prefix": prefix[0]} if len(prefix) == 1 else {}),
    }


def _without_api(application: Application) -> Application:
    function = application.functions[API_FUNCTION]
    sections = {
        name: {key: entry for key, entry in section.items() if not _is_made(name, key)}
        for name, section in application.template.sections.items()
    }
    parameters = {
        stage: {name: value for name, value in given.items() if name not in _PARAMETERS}
        for stage, given in application.parameters.items()
    }
    return replace(
        application.with_function(replace(function, events=())),
        template=replace(application.template, sections={key: one for key, one in sections.items() if one}),
        parameters={stage: given for stage, given in parameters.items() if given},
    )


def _is_made(section: str, name: str) -> bool:
    """Whether Chalice, or what reads its config, makes the entry."""
    made = {"Resources": (API,), "Outputs": _OUTPUTS, "Parameters": _PARAMETERS}
    return name in made.get(section, ())


def merge_rest(application: Application, made: Application, writer: ChaliceWriter) -> bool:
    """Merge what Chalice does not make of the written code and config; whether all is the same then.

    `made` is the application without the merge template.
    """
    is_same = made.functions.keys() == application.functions.keys()
    if not is_same or _routes_of(made) != _routes_of(application):
        return False
    for section in ("Resources", "Outputs"):
        ours = application.template.sections.get(section, {})
        for name, theirs in made.template.sections.get(section, {}).items():
            if name not in ours and section == "Outputs":
                continue
            lacking, extra = _compare(theirs, ours.get(name, {}))
            if extra:
                place = next(iter(application.functions.values())).position
                reason = f"Chalice always says it of {name}, and the template does not"
                writer.report(codes.KEPT_RESOLVER.at(place, extra, reason))
                return False
            if name == API and writer.proxied and writer.proxied.has_usage_plan:
                plan = ours[name]["Properties"]["Auth"]["UsagePlan"]
                lacking = join_templates(lacking, {"Properties": {"Auth": {"UsagePlan": plan}}})
            writer.template.setdefault(section, {}).pop(name, None)
            if lacking:
                writer.template[section][name] = lacking
    if not any(writer.template.values()):
        # Nothing is left for the SAM CLI to deploy.
        writer.files = {path: data for path, data in writer.files.items() if path not in PATHS}
    return True


def _routes_of(application: Application) -> list[str]:
    """What its events say, whatever their order: views that others use stand above the others."""
    function = application.functions.get(API_FUNCTION)
    events = function.events if function else ()
    return sorted(json.dumps([event.kind, event.settings], sort_keys=True, default=str) for event in events)


def _compare(made: Json, wanted: Json) -> tuple[Json, str]:
    """What has to be merged into one value for the other, and a key that no merging takes out."""
    if not _is_plain(made) or not _is_plain(wanted):
        return (wanted, "") if made != wanted else ({}, "")
    extra = next((key for key in made if key not in wanted), "")
    lacking: dict[str, Json] = {}
    for key, value in wanted.items():
        if key not in made:
            lacking[key] = value
        elif made[key] != value:
            lacking[key], inner = _compare(made[key], value)
            extra = extra or inner
    return lacking, extra


def _is_plain(value: Json) -> bool:
    return isinstance(value, Mapping) and function_of(value) is None
