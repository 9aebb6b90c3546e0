"""What keeps this API's answers as they were on AWS Chalice.

Powertools and Chalice differ in what clients see: the JSON of errors, the check of the request's
Content-Type, CORS headers, how numbers and headers are written. Each part of this module keeps one of these
as it was. A part that nobody relies on can be taken out, and Powertools' own put in.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial, wraps
from typing import Any

import boto3
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler import Response as PowertoolsResponse

logger = logging.getLogger("APP_NAME")

# Whether clients see the traceback of an error that no view has caught.
DEBUG = False

# Responses of these types are sent as bytes, to clients that accept them.
BINARY_TYPES = ["BINARY_TYPES"]


# --- errors ---------------------------------------------------------------------------


class ChaliceError(Exception):
    """What all errors of this module are."""


class ChaliceUnhandledError(ChaliceError):
    """An error that is no answer to the client."""


class ChaliceViewError(ChaliceError):
    """An error that the client sees: its class is the `Code`, its text the `Message`."""

    STATUS_CODE = 500


class BadRequestError(ChaliceViewError):
    STATUS_CODE = 400


class UnauthorizedError(ChaliceViewError):
    STATUS_CODE = 401


class ForbiddenError(ChaliceViewError):
    STATUS_CODE = 403


class NotFoundError(ChaliceViewError):
    STATUS_CODE = 404


class MethodNotAllowedError(ChaliceViewError):
    STATUS_CODE = 405


class RequestTimeoutError(ChaliceViewError):
    STATUS_CODE = 408


class ConflictError(ChaliceViewError):
    STATUS_CODE = 409


class UnprocessableEntityError(ChaliceViewError):
    STATUS_CODE = 422


class TooManyRequestsError(ChaliceViewError):
    STATUS_CODE = 429


# --- answers --------------------------------------------------------------------------


def _write_decimal(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


to_json = partial(json.dumps, separators=(",", ":"), default=_write_decimal)


class Response(PowertoolsResponse[Any]):
    """An answer with Chalice's arguments; a body that is no text is written as JSON."""

    def __init__(self, body: Any, headers: Mapping[str, Any] | None = None, status_code: int = 200) -> None:
        super().__init__(status_code, None, body, headers)

    def is_json(self) -> bool:
        """Whether Powertools writes the body as JSON, in which it fails with bytes, as Chalice does."""
        return not isinstance(self.body, str) and not _matches(_find_type(self), BINARY_TYPES)


def _error(code: str, status: int, message: str) -> Response:
    return Response({"Code": code, "Message": message}, status_code=status)


def _unhandled(error: Exception, path: str) -> Response:
    logger.error("Caught exception for path %s", path, exc_info=True)
    if DEBUG:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return Response(text, {"Content-Type": "text/plain"}, 500)
    return _error("InternalServerError", 500, "An internal server error occurred.")


def set_debug(debug: Any) -> None:
    """Say whether clients see such tracebacks, and with that how much is written to the log."""
    global DEBUG
    DEBUG = bool(debug)
    logger.setLevel(logging.DEBUG if debug else logging.ERROR)


def _find_type(response: Response) -> str:
    types = (str(value) for name, value in response.headers.items() if name.lower() == "content-type")
    return next(types, "application/json")


def _matches(header: str, types: Iterable[str]) -> bool:
    known = {each.lower() for each in types}
    named = {part.strip() for part in re.split("[,;]", header.lower())}
    return "*/*" in header or "*/*" in known or bool(named & known)


# --- CORS -----------------------------------------------------------------------------


class CORSConfig:
    """Which other origins may call a route."""

    def __init__(
        self,
        allow_origin: str = "*",
        allow_headers: Sequence[str] | None = None,
        expose_headers: Sequence[str] | None = None,
        max_age: int | None = None,
        allow_credentials: bool | None = None,
    ) -> None:
        always = ["Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key"]
        self.headers = {
            "Access-Control-Allow-Origin": allow_origin,
            "Access-Control-Allow-Headers": ",".join(sorted({*always, *(allow_headers or ())})),
        }
        if expose_headers:
            self.headers["Access-Control-Expose-Headers"] = ",".join(expose_headers)
        if max_age is not None:
            self.headers["Access-Control-Max-Age"] = str(max_age)
        if allow_credentials is True:
            self.headers["Access-Control-Allow-Credentials"] = "true"


# --- views ----------------------------------------------------------------------------


def view(
    content_types: Sequence[str] = ("application/json",), cors: CORSConfig | bool | None = None
) -> Callable[[Any, Callable[..., Any]], Any]:
    """Middleware of a route that takes these types of content, and answers with these CORS headers."""
    config = CORSConfig() if cors is True else cors

    def answer(app: Any, call_next: Callable[..., Any]) -> Any:
        headers = app.current_event.headers
        given = headers.get("content-type", "application/json")
        if content_types and not _matches(given, content_types):
            response = _error("UnsupportedMediaType", 415, f"Unsupported media type: {given}")
        else:
            try:
                response = call_next(app)
                if not isinstance(response, Response):
                    response = Response(_find_returned(response))
                if any("\n" in value for value in response.headers.values()):
                    raise ChaliceError("The value of a header has more than one line")
            except ChaliceUnhandledError as error:
                if "has_middleware" in app.context:
                    raise
                return _unhandled(error, app.current_event.resource)
            except ChaliceViewError as error:
                response = _error(type(error).__name__, error.STATUS_CODE, str(error))
            except Exception as error:
                response = _unhandled(error, app.current_event.resource)
        if config:
            for name, value in config.headers.items():
                response.headers.setdefault(name, value)
        return _check_binary(response, headers)

    return answer


def _find_returned(response: PowertoolsResponse[Any]) -> Any:
    """What the view returned: Powertools takes the second of two values for the status code."""
    return response.body if response.status_code == 200 else [response.body, response.status_code]


def _check_binary(response: Response, headers: Mapping[str, str]) -> Response:
    """Refuse to send bytes to a client that does not accept them."""
    kind = _find_type(response)
    if _matches(kind, BINARY_TYPES) and not _matches(headers.get("accept", ""), BINARY_TYPES):
        message = (
            f"Request did not specify an Accept header with {kind}, "
            f"The response has a Content-Type of {kind}. If a response has a binary Content-Type "
            "then the request must specify an Accept header that matches."
        )
        refused = _error("BadRequest", 400, message)
        refused.headers.update(
            {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}
        )
        return refused
    return response


# --- requests -------------------------------------------------------------------------


class MultiDict(dict[str, Any]):
    """The last value of each name; `getlist` has all of them."""

    def __init__(self, values: Mapping[str, list[Any]] | None) -> None:
        self._values = dict(values or {})
        super().__init__({name: each[-1] for name, each in self._values.items() if each})

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self._values[name] = [value]

    def __repr__(self) -> str:
        return f"MultiDict({self._values})"

    def getlist(self, name: str) -> list[Any]:
        return list(self._values[name])


class Request:
    """The request that is being answered, by Chalice's names."""

    def __init__(self, app: Any) -> None:
        event: dict[str, Any] = app.current_event.raw_event
        query = event["multiValueQueryStringParameters"]
        self.query_params = None if query is None else MultiDict(query)
        self.headers = app.current_event.headers
        self.uri_params = event["pathParameters"]
        self.method = event["requestContext"]["httpMethod"]
        self.context = event["requestContext"]
        self.stage_vars = event["stageVariables"]
        self.path = event["requestContext"]["resourcePath"]
        self.lambda_context = app.lambda_context
        self._event = event
        self._json_body: Any = None

    @property
    def raw_body(self) -> bytes:
        body = self._event["body"]
        if body is None:
            return b""
        return base64.b64decode(body) if self._event.get("isBase64Encoded") else body.encode()

    @property
    def json_body(self) -> Any:
        """None for other content than JSON."""
        if not self.headers.get("content-type", "").startswith("application/json"):
            return None
        if self._json_body is None:
            try:
                self._json_body = json.loads(self.raw_body)
            except ValueError:
                raise BadRequestError("Error Parsing JSON") from None
        return self._json_body

    def to_dict(self) -> dict[str, Any]:
        found = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        del found["lambda_context"]
        query = self.query_params
        return {
            **found,
            "headers": dict(self.headers),
            "query_params": query if query is None else dict(query),
        }

    def to_original_event(self) -> dict[str, Any]:
        return self._event


def current_request(app: Any) -> Any:
    """The request that the app is answering: one object as long as it does."""
    if "request" not in app.context:
        app.append_context(request=Request(app))
    return app.context["request"]


class ApiResolver(APIGatewayRestResolver):
    """A resolver for code that asks the app object for the request, or for its log."""

    log = logger

    @property
    def current_request(self) -> Any:
        return current_request(self)


# --- middleware -----------------------------------------------------------------------


def http_middleware(app: Any) -> Callable[[Any], Any]:
    """Put a function of the request and of `get_response` around all views of the app."""

    def add(function: Any) -> Any:
        def answer(app: Any, call_next: Callable[..., Any]) -> Any:
            is_outermost = "has_middleware" not in app.context
            app.append_context(has_middleware=True)
            try:
                return function(current_request(app), lambda request: call_next(app))
            except Exception as error:
                if not is_outermost:
                    raise
                return _unhandled(error, app.current_event.resource)

        app.use([answer])
        return function

    return add


class ConvertToMiddleware:
    """A decorator of Lambda functions as a function of the request and of `get_response`."""

    def __init__(self, decorate: Callable[..., Any]) -> None:
        self._decorate = decorate

    def __call__(self, request: Request, get_response: Callable[..., Any]) -> Any:
        @wraps(self._decorate)
        def answer(event: dict[str, Any], context: Any) -> Any:
            return get_response(request)

        return self._decorate(answer)(request.to_original_event(), request.lambda_context)


# --- authorizers ----------------------------------------------------------------------


class AuthRequest:
    """What API Gateway asks an authorizer about."""

    def __init__(self, auth_type: str, token: str, method_arn: str) -> None:
        self.auth_type = auth_type
        self.token = token
        self.method_arn = method_arn


class AuthRoute:
    """A path, and the methods by which it may be called."""

    def __init__(self, path: str, methods: list[str]) -> None:
        self.path = path
        self.methods = methods


class AuthResponse:
    """What a caller may call: paths, `*` for all of them, or routes with methods."""

    def __init__(self, routes: list[Any], principal_id: str, context: dict[str, str] | None = None) -> None:
        self.routes = routes
        self.principal_id = principal_id
        self.context = context or {}

    def to_dict(self, request: AuthRequest) -> dict[str, Any]:
        """The answer as API Gateway wants it: a policy about ARNs of this API's stage."""
        *prefix, resource = request.method_arn.split(":", 5)
        stage = "/".join(resource.split("/")[:2])
        resources = []
        for route in self.routes:
            path, methods = (route.path, route.methods) if isinstance(route, AuthRoute) else (route, ["*"])
            resources += [
                ":".join([*prefix, f"{stage}/{method}/{'*' if path == '*' else path[1:]}"])
                for method in methods
            ]
        statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resources}
        return {
            "context": self.context,
            "principalId": self.principal_id,
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        }


def as_authorizer(decide: Callable[[AuthRequest], Any]) -> Callable[[dict[str, Any], Any], Any]:
    """A Lambda function of a function that takes an AuthRequest and gives an AuthResponse, or a policy."""

    @wraps(decide)
    def answer(event: dict[str, Any], context: Any) -> Any:
        request = AuthRequest(event["type"], event["authorizationToken"], event["methodArn"])
        decision = decide(request)
        return decision.to_dict(request) if isinstance(decision, AuthResponse) else decision

    return answer


# --- WebSockets -----------------------------------------------------------------------


class WebsocketDisconnectedError(ChaliceError):
    """The client that something is sent to is gone."""

    def __init__(self, connection_id: str) -> None:
        self.connection_id = connection_id


class WebsocketAPI:
    """The connections of the WebSocket API, as the functions of its clients have them."""

    def __init__(self) -> None:
        # What makes the client: this, or a session of it.
        self.session: Any = boto3
        self._endpoint: str | None = None
        self._client: Any = None

    def configure(self, domain_name: str, stage: str) -> None:
        """Say where the API is; who says it first is right."""
        self._endpoint = self._endpoint or f"https://{domain_name}/{stage}"

    def send(self, connection_id: str, message: str) -> None:
        self._call("post_to_connection", connection_id, Data=message)

    def close(self, connection_id: str) -> None:
        self._call("delete_connection", connection_id)

    def info(self, connection_id: str) -> Any:
        return self._call("get_connection", connection_id)

    def _call(self, operation: str, connection_id: str, **arguments: str) -> Any:
        if self._endpoint is None:
            raise ValueError("websocket_api.configure has to say where the API is")
        if self._client is None:
            self._client = self.session.client("apigatewaymanagementapi", endpoint_url=self._endpoint)
        try:
            return getattr(self._client, operation)(ConnectionId=connection_id, **arguments)
        except self._client.exceptions.GoneException:
            raise WebsocketDisconnectedError(connection_id) from None


websocket_api = WebsocketAPI()


class WebsocketApp:
    """What code has that asks the app object for its WebSockets."""

    websocket_api = websocket_api


class WebsocketEvent:
    """Somebody who comes, says something, or leaves."""

    def __init__(self, event: dict[str, Any], context: Any) -> None:
        self._event = event
        self.context = context
        self.domain_name = event["requestContext"]["domainName"]
        self.stage = event["requestContext"]["stage"]
        self.connection_id = event["requestContext"]["connectionId"]
        self.body = str(event.get("body"))
        self._json_body: Any = None

    @property
    def json_body(self) -> Any:
        if self._json_body is None:
            try:
                self._json_body = json.loads(self.body)
            except ValueError:
                raise BadRequestError("Error Parsing JSON") from None
        return self._json_body

    def to_dict(self) -> dict[str, Any]:
        return self._event


def websocket_handler(handle: Callable[[WebsocketEvent], Any]) -> Callable[[dict[str, Any], Any], Any]:
    """A Lambda function of a function that takes a WebsocketEvent, and need not say that all went well."""

    @wraps(handle)
    def answer(event: dict[str, Any], context: Any) -> Any:
        request, region = event["requestContext"], os.environ["AWS_REGION"]
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        websocket_api.configure(f"{request['apiId']}.execute-api.{region}.{domain}", request["stage"])
        said = handle(WebsocketEvent(event, context))
        return {"statusCode": 200, **(said if isinstance(said, dict) else {})}

    return answer
