"""
OpenAPI documents of APIs that say no more than SAM writes by itself for the events of functions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
SAM's own: samtranslator.open_api.open_api.OpenApiEditor.add_lambda_integration
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from converter.model import Json

ROUTE = tuple[str, str, str]
"""A path, its method or `ANY`, and the logical id of the function that serves it."""

_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_INVOCATION = re.compile(
    r"arn:(?:aws|\$\{AWS::Partition\}):apigateway:\$\{AWS::Region\}:lambda:path/2015-03-31/functions/"
    r"\$\{(\w+)\.Arn\}/invocations"
)
# What changes nothing of how requests to a function are answered, and tells nothing to a reader.
_EMPTY = {"produces", "consumes", "schemes", "passthroughBehavior"}


class _SaysMoreError(Exception):
    """The document says what events cannot."""


def read_routes(document: Json) -> frozenset[ROUTE] | None:
    """The routes of a document that says nothing but them and its title; None for any other."""
    try:
        top = _only(document, {"swagger", "openapi", "info", "paths"})
        _only(top.get("info") or {}, {"title", "version"})
        return frozenset(
            route for path, item in _mapping(top.get("paths")).items() for route in _read_path(path, item)
        )
    except _SaysMoreError:
        return None


def find_title(document: Json) -> Json:
    """What the document calls the API, None if nothing."""
    return _mapping(_mapping(document).get("info") or {}).get("title")


def _read_path(path: str, item: Json) -> Iterator[ROUTE]:
    for method, operation in _mapping(item).items():
        said = _only(operation, {_INTEGRATION, "responses"})
        for response in _mapping(said.get("responses") or {}).values():
            _only(response, set())
        integration = _only(said.get(_INTEGRATION), {"type", "httpMethod", "uri"})
        uri = _mapping(integration.get("uri")).get("Fn::Sub")
        invoked = _INVOCATION.fullmatch(uri) if isinstance(uri, str) else None
        is_proxy = str(integration.get("type")).lower() == "aws_proxy" and invoked
        if not is_proxy or str(integration.get("httpMethod")).upper() != "POST" or invoked is None:
            raise _SaysMoreError
        yield path, "ANY" if method == _ANY else method.upper(), invoked[1]


def _only(value: Json, known: set[str]) -> Mapping[str, Json]:
    found = _mapping(value)
    if found.keys() - known - _EMPTY:
        raise _SaysMoreError
    return found


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise _SaysMoreError
    return value
