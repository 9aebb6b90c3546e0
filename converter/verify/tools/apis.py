"""The facts of a REST API, whichever way its document is written.

Both frameworks deploy an OpenAPI document, of 2.0 or 3.0; what they write into it beside what decides on
requests (descriptions, schemas, templates of mock answers) is not compared.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from converter.model import Json
from converter.verify.facts import Fact, Part, read_permissions
from converter.verify.values import find_reference, show_value

REST_API = "AWS::ApiGateway::RestApi"
PERMISSION = "AWS::Lambda::Permission"

# Which headers scripts may read is said by the answer itself; Chalice says it before, too, to no effect.
_CORS_HEADER = re.compile(r"method\.response\.header\.Access-Control-(Allow-.+|Max-Age)")


def read_api(name: str, properties: Mapping[str, Json], callers: list[Json]) -> Iterator[Part]:
    """The API and its routes; `callers` are the functions that it may invoke."""
    body = properties.get("Body")
    document: Mapping[str, Json] = body if isinstance(body, Mapping) else {}
    authorizers = _read_authorizers(document)
    facts = [
        *_read_settings(properties, document),
        *(Fact("api", "", {"authorizer": each}) for each in authorizers.values()),
        *(Fact("api", "", {"may invoke": caller}) for caller in callers),
    ]
    yield Part("api", name, REST_API, tuple(facts), name)
    for path, methods in (document.get("paths") or {}).items():
        for method, operation in methods.items():
            if isinstance(operation, Mapping):
                shown = f"{method.upper()} {path}"
                facts = [Fact("route", "path", path), Fact("route", "method", method.lower())]
                facts += _read_operation(operation, authorizers)
                yield Part("route", f"{shown} of {name}", "route", tuple(facts))


def find_callers(name: str, permissions: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """The permissions by which API Gateway may invoke functions for this API, with the functions."""
    return {
        identifier: {"Ref": find_reference(properties.get("FunctionName"))}
        for identifier, properties in permissions.items()
        if str(properties.get("Principal")).startswith("apigateway.")
        and show_value({"Ref": name}) in show_value(properties.get("SourceArn"))
        and find_reference(properties.get("FunctionName"))
    }


def _read_settings(properties: Mapping[str, Json], document: Mapping[str, Json]) -> Iterator[Fact]:
    info = document.get("info") or {}
    configuration = properties.get("EndpointConfiguration") or {}
    others = properties.get("Parameters") or {}
    types = configuration.get("Types") or [others.get("endpointConfigurationTypes") or "EDGE"]
    yield Fact("api", "endpoint type", types[0] if isinstance(types, list) else types)
    yield Fact("api", "name", properties.get("Name") or info.get("title"))
    binary = (
        properties.get("BinaryMediaTypes") or document.get("x-amazon-apigateway-binary-media-types") or []
    )
    plain = [str(each).replace("~1", "/") for each in binary] if isinstance(binary, list) else []
    yield from (Fact("api", "", {"binary type": each}) for each in sorted(set(plain)))
    extension = document.get("x-amazon-apigateway-endpoint-configuration") or {}
    endpoints = configuration.get("VpcEndpointIds") or extension.get("vpcEndpointIds") or []
    if endpoints:
        yield Fact("api", "VPC endpoints", endpoints)
    if properties.get("MinimumCompressionSize") is not None:
        yield Fact("api", "minimum compression size", properties["MinimumCompressionSize"])
    policy = properties.get("Policy") or document.get("x-amazon-apigateway-policy") or {}
    statements = policy.get("Statement", []) if isinstance(policy, Mapping) else [policy]
    yield from read_permissions(statements if isinstance(statements, list) else [statements])


def _read_authorizers(document: Mapping[str, Json]) -> dict[str, Json]:
    """What each authorizer does, by the name that the document has for it."""
    found: dict[str, Json] = {}
    # OpenAPI 2.0, and 3.0.
    schemes = document.get("securityDefinitions") or (document.get("components") or {}).get("securitySchemes")
    for name, scheme in (schemes or {}).items():
        authorizer = scheme.get("x-amazon-apigateway-authorizer") or {}
        if scheme.get("x-amazon-apigateway-authtype") in ("awsSigv4", None) and not authorizer:
            # An API key, or the caller's signature: the routes say so.
            continue
        said = {
            "header": scheme.get("name"),
            "type": authorizer.get("type"),
            "pools": authorizer.get("providerARNs"),
            "function": _find_function(authorizer.get("authorizerUri")),
            "role": authorizer.get("authorizerCredentials"),
            # API Gateway keeps a decision for five minutes where nothing is said.
            "ttl": authorizer.get("authorizerResultTtlInSeconds", 300),
        }
        found[name] = {key: value for key, value in said.items() if value is not None}
    return found


def _read_operation(operation: Mapping[str, Json], authorizers: Mapping[str, Json]) -> Iterator[Fact]:
    integration = operation.get("x-amazon-apigateway-integration") or {}
    function = _find_function(integration.get("uri"))
    if function is not None:
        yield Fact("route", "function", function)
    for security in operation.get("security") or []:
        for name, scopes in security.items():
            if name == "api_key":
                yield Fact("route", "API key", True)
            else:
                yield Fact("route", "authorizer", authorizers.get(name, "AWS_IAM"))
                yield from (Fact("route", "", {"scope": scope}) for scope in scopes)
    answers = integration.get("responses") or {}
    headers = (answers.get("default") or {}).get("responseParameters") or {}
    for header, value in headers.items():
        found = _CORS_HEADER.fullmatch(header)
        if found is not None:
            names = sorted(each.strip() for each in str(value).strip("'").split(","))
            yield Fact("route", f"CORS {found[1]}", names)


def _find_function(uri: Json) -> Json:
    """The function that a URI of API Gateway's leads to: a reference, or a text."""
    if uri is None:
        return None
    parts = uri.get("Fn::Join", ["", []])[1] if isinstance(uri, Mapping) else [uri]
    references = [part for part in parts if find_reference(part)]
    return {"Ref": find_reference(references[0])} if references else show_value(uri)
