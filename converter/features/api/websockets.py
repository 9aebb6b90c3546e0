"""
WebSocket APIs: up to three functions, for those who come, what they say, and when they leave.

Chalice: https://aws.github.io/chalice/topics/websockets.html
CloudFormation: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.registration import WEBSOCKET_FUNCTIONS
from converter.feature import Feature, Support
from converter.features.api.settings import DEFAULT_STAGE, read_domain, read_stage_name
from converter.model import Application, Json, logical_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

# What `chalice package` calls it (chalice.package, _generate_websocketapi).
API = "WebsocketAPI"
_DOMAIN = "WebsocketApiCustomDomain"
_API_REF = {"Ref": API}
ROUTE_KEYS = {"on_ws_connect": "$connect", "on_ws_message": "$default", "on_ws_disconnect": "$disconnect"}


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    kinds = [found.kind for found in project.handlers(*WEBSOCKET_FUNCTIONS) if found in project.names]
    if not kinds:
        return application
    application, stage = read_stage_name(project, application, API)
    resources: dict[str, Json] = {
        API: {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": _api_name(application),
                "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": "$request.body.action",
            },
        }
    }
    resources |= write_resources(kinds, stage)
    resources |= _read_domain(project)
    outputs = write_outputs(stage)
    place = next(project.handlers(*WEBSOCKET_FUNCTIONS)).position
    project.made_for.update(dict.fromkeys([*resources, *outputs], place))
    application = application.with_entries("Resources", resources)
    return application.with_entries("Outputs", outputs)


def write_resources(kinds: Iterable[str], stage: Json) -> dict[str, Json]:
    """What Chalice makes for the handlers of these decorators, beside the API itself, in its stage."""
    resources: dict[str, Json] = {}
    routes = []
    for kind in kinds:
        function = logical_id(WEBSOCKET_FUNCTIONS[kind])
        route = f"{function}Route"
        routes.append(route)
        resources |= {
            f"{function}APIIntegration": _write_integration(function),
            f"{function}InvokePermission": _write_permission(function),
            route: _write_route(function, ROUTE_KEYS[kind]),
        }
    resources[f"{API}Deployment"] = {
        "Type": "AWS::ApiGatewayV2::Deployment",
        "DependsOn": routes,
        "Properties": {"ApiId": _API_REF},
    }
    resources[f"{API}Stage"] = {
        "Type": "AWS::ApiGatewayV2::Stage",
        "Properties": {
            "ApiId": _API_REF,
            "DeploymentId": {"Ref": f"{API}Deployment"},
            "StageName": stage,
        },
    }
    return resources


def _api_name(application: Application) -> Json:
    """Chalice names it after the application and the stage."""
    if len(application.stages) == 1:
        return f"{application.name}-{application.stages[0]}-websocket-api"
    return {"Fn::Sub": "${AWS::StackName}-websocket-api"}


def _write_integration(function: str) -> Json:
    uri = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:${{{function}}}/invocations"
    )
    return {
        "Type": "AWS::ApiGatewayV2::Integration",
        "Properties": {
            "ApiId": _API_REF,
            "ConnectionType": "INTERNET",
            "ContentHandlingStrategy": "CONVERT_TO_TEXT",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": {"Fn::Sub": uri},
        },
    }


def _write_permission(function: str) -> Json:
    arn = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{API}}}/*"
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": function},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": arn},
        },
    }


def _write_route(function: str, key: str) -> Json:
    target = {"Fn::Join": ["/", ["integrations", {"Ref": f"{function}APIIntegration"}]]}
    return {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {"ApiId": _API_REF, "RouteKey": key, "Target": target},
    }


def _read_domain(project: ChaliceProject) -> dict[str, Json]:
    """The resources of a custom domain (chalice.package, _add_websocket_domain_name)."""
    key = "websocket_api_custom_domain"
    stage, domain = read_domain(project, key)
    if not domain:
        return {}
    if domain.get("tls_version"):
        place = project.config.place(key, stage, None)
        reason = "Chalice sets it for no WebSocket API"
        project.report(codes.UNSUPPORTED_SETTING.at(place, f"{key}.tls_version", reason))
    configuration = {"CertificateArn": domain["certificate_arn"], "EndpointType": "REGIONAL"}
    properties: dict[str, Json] = {
        "DomainName": domain["domain_name"],
        "DomainNameConfigurations": [configuration],
    }
    if domain.get("tags"):
        properties["Tags"] = domain["tags"]
    prefix = domain.get("url_prefix", "/")
    mapping: dict[str, Json] = {
        "DomainName": {"Ref": _DOMAIN},
        "ApiId": _API_REF,
        "ApiMappingKey": "(none)" if prefix == "/" else prefix,
        "Stage": {"Ref": f"{API}Stage"},
    }
    return {
        _DOMAIN: {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": properties},
        f"{_DOMAIN}Mapping": {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": mapping},
    }


def write_outputs(stage: Json) -> dict[str, Json]:
    name = stage if isinstance(stage, str) else f"${{{stage['Ref']}}}"
    url = f"wss://${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{name}/"
    return {
        "WebsocketAPIId": {"Description": "Id of the WebSocket API", "Value": _API_REF},
        "WebsocketConnectEndpointURL": {"Description": "URL of the WebSocket API", "Value": {"Fn::Sub": url}},
    }


def _write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """The stage's name, where no REST API has one; the decorators are written with the code."""
    stage = application.template.sections.get("Resources", {}).get(f"{API}Stage", {})
    name = stage.get("Properties", {}).get("StageName")
    has_rest_api = writer.api is not None and writer.api.function
    if writer.websockets and not has_rest_api and isinstance(name, str) and name != DEFAULT_STAGE:
        writer.set_app("api_gateway_stage", dict.fromkeys(application.stages, name))


def _read_sam(project: SamProject, application: Application) -> Application:
    return application


def _write_sam(application: Application, writer: SamWriter) -> None:
    """The API is made of resources."""


feature = Feature(
    name="websocket",
    decorators=tuple(WEBSOCKET_FUNCTIONS),
    support=(
        Support(
            "`@app.on_ws_connect()`, `on_ws_message`, `on_ws_disconnect`",
            "`AWS::ApiGatewayV2` resources",
            note="other routes than `$connect`, `$default` and `$disconnect` are carried",
        ),
        Support(
            "`websocket_api_custom_domain`",
            "`AWS::ApiGatewayV2::DomainName`, `AWS::ApiGatewayV2::ApiMapping`",
            to_chalice="carried",
        ),
    ),
    read_chalice=read_chalice,
    write_chalice=_write_chalice,
    read_sam=_read_sam,
    write_sam=_write_sam,
)
