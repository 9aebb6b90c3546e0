"""
What the config says of the REST API, and `app.api` in the code.

Chalice: https://aws.github.io/chalice/topics/configfile.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.settings import find_hidden_edits, read_binary_types
from converter.chalice.policy import as_list
from converter.diagnostics import UnreadableError
from converter.features.parameters import with_value
from converter.files import decode_text
from converter.json_source import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from converter.chalice.project import ChaliceProject
    from converter.model import Application, Json

DEFAULT_STAGE = "api"


def read_settings(project: ChaliceProject, application: Application) -> tuple[Application, dict[str, Json]]:
    """The application, and the properties of SAM's API that are no routes'."""
    properties: dict[str, Json] = {"Name": application.name}
    application, properties["StageName"] = read_stage_name(project, application, "RestAPI")
    # With it SAM does not make a second stage, called Stage.
    properties["OpenApiVersion"] = "2.0"
    application, endpoint = _read_endpoint(project, application)
    properties |= {"EndpointConfiguration": endpoint} if endpoint else {}
    properties["BinaryMediaTypes"] = _read_binary_types(project)
    application, size = _read(
        project, application, "minimum_compression_size", _is_number, "a number of bytes"
    )
    properties |= {"MinimumCompressionSize": size} if size is not None else {}
    policy = _read_policy(project)
    properties |= {"Auth": {"ResourcePolicy": {"CustomStatements": policy}}} if policy else {}
    domain = _read_domain(project)
    properties |= {"Domain": domain} if domain else {}
    return application, properties


def read_stage_name(project: ChaliceProject, application: Application, api: str) -> tuple[Application, Json]:
    """The name of API Gateway's stage, which ends the URL."""
    application, name = _read(project, application, "api_gateway_stage", _is_text, "a text", DEFAULT_STAGE)
    return application, name


def _read(
    project: ChaliceProject,
    application: Application,
    key: str,
    is_valid: Callable[[Json], bool],
    expected: str,
    default: Json = None,
) -> tuple[Application, Json]:
    by_stage = {
        stage: project.read(key, stage, None, is_valid, expected) or default for stage in project.stages
    }
    if None in by_stage.values() and any(by_stage.values()):
        without = next(stage for stage, value in by_stage.items() if value is None)
        stage = next(stage for stage, value in by_stage.items() if value is not None)
        place = project.config.place(key, stage, None)
        reason = f"one template serves all stages, and {without} has no such setting; convert it with --stage"
        project.report(codes.STAGES_ALIKE.at(place, key, reason))
        return application, by_stage[stage]
    name = "".join(word.capitalize() for word in key.split("_"))
    return with_value(application, name, by_stage)


def _read_endpoint(project: ChaliceProject, application: Application) -> tuple[Application, dict[str, Json]]:
    application, kind = _read(
        project,
        application,
        "api_gateway_endpoint_type",
        ("EDGE", "REGIONAL", "PRIVATE").__contains__,
        "EDGE, REGIONAL or PRIVATE",
        "EDGE",
    )
    application, endpoints = _read(
        project,
        application,
        "api_gateway_endpoint_vpce",
        lambda value: _is_text(value) or (isinstance(value, list) and all(map(_is_text, value))),
        "an id or a list of ids",
    )
    configuration: dict[str, Json] = {} if kind == "EDGE" else {"Type": kind}
    if endpoints:
        configuration["VPCEndpointIds"] = [endpoints] if isinstance(endpoints, str) else endpoints
    return application, configuration


def _read_policy(project: ChaliceProject) -> list[Json]:
    """The statements of the resource policy, those of the first stage."""
    by_stage = {stage: _policy_of(project, stage) for stage in project.stages}
    first, *others = by_stage.values()
    if any(other != first for other in others):
        place = project.config.place("api_gateway_policy_file", project.stages[0], None)
        reason = "a resource policy cannot differ by stage in one template; convert with --stage"
        project.report(codes.STAGES_ALIKE.at(place, "api_gateway_policy_file", reason))
    return first


def _policy_of(project: ChaliceProject, stage: str) -> list[Json]:
    name = project.read("api_gateway_policy_file", stage, None, _is_text, "the name of a file in .chalice/")
    kind = project.config.lookup("api_gateway_endpoint_type", stage, None)
    if name is None and kind == "PRIVATE":
        # chalice.deploy.appgraph, _get_default_private_api_policy
        condition = {
            "StringEquals": {
                "aws:SourceVpce": project.config.lookup("api_gateway_endpoint_vpce", stage, None)
            }
        }
        return [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "arn:*:execute-api:*:*:*",
                "Condition": condition,
            }
        ]
    path = normpath(f".chalice/{name}")
    if name is None:
        return []
    place = project.config.place("api_gateway_policy_file", stage, None)
    if path not in project.files:
        project.report(codes.MISSING_POLICY_FILE.at(place, path, "the file is missing"))
        return []
    try:
        source = read_json(path, decode_text(path, project.files[path]))
    except UnreadableError as error:
        project.report(*error.diagnostics)
        return []
    document = source.value if isinstance(source.value, dict) else {}
    return as_list(document.get("Statement"))


def read_domain(project: ChaliceProject, key: str) -> tuple[str, dict[str, Json]]:
    """The custom domain that `key` configures, and the first stage that has it; empty where none has."""
    by_stage = {
        stage: project.read(key, stage, None, _is_domain, "an object with domain_name and certificate_arn")
        for stage in project.stages
    }
    stage = next((stage for stage, value in by_stage.items() if value), None)
    if stage is None:
        return "", {}
    value: dict[str, Json] = by_stage[stage]
    if any(other != value for other in by_stage.values()):
        place = project.config.place(key, stage, None)
        reason = "a domain cannot differ by stage in one template; convert each stage with --stage"
        project.report(codes.STAGES_ALIKE.at(place, key, reason))
    return stage, value


def _read_domain(project: ChaliceProject) -> dict[str, Json]:
    """SAM's `Domain` of the first stage that has a custom domain."""
    key = "api_gateway_custom_domain"
    stage, value = read_domain(project, key)
    if not value:
        return {}
    if "tags" in value:
        place = project.config.place(key, stage, None)
        project.report(codes.UNSUPPORTED_SETTING.at(place, f"{key}.tags", "SAM has no tags for domains"))
    domain: dict[str, Json] = {
        "DomainName": value["domain_name"],
        "CertificateArn": value["certificate_arn"],
        "EndpointConfiguration": project.config.lookup("api_gateway_endpoint_type", stage, None) or "EDGE",
    }
    if value.get("tls_version"):
        domain["SecurityPolicy"] = f"TLS_{str(value['tls_version']).replace('.', '_')}"
    if value.get("url_prefix") not in (None, "/", "(none)"):
        domain["BasePath"] = [value["url_prefix"]]
    return domain


def _is_domain(value: Json) -> bool:
    return isinstance(value, dict) and {"domain_name", "certificate_arn"} <= value.keys()


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and value != ""


def _is_number(value: Json) -> bool:
    return type(value) is int


def _read_binary_types(project: ChaliceProject) -> list[Json]:
    types, unknown = read_binary_types(project.source)
    for module, node in unknown:
        written = module.segment(node) or "app.api.binary_types"
        reason = "the source does not show the binary types; those that it shows were taken"
        project.report(codes.UNSUPPORTED_SETTING.at(module.position(node), written, reason))
    for module, node in find_hidden_edits(project.source):
        written = module.segment(node) or "app.api"
        reason = "it is set where the source does not show whether or when"
        project.report(codes.UNSUPPORTED_SETTING.at(module.position(node), written, reason))
    return types
