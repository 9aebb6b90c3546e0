"""What a Chalice application registers when app.py is imported.

Run in the sandbox of `paws verify --behaviour` as if it were a Lambda function beside app.py. It stands
alone: nothing of paws is imported where somebody else's code runs. The attributes are chalice.app.Chalice's.
"""

from __future__ import annotations

import importlib
import inspect
import os
from typing import Any

_EVENTS = {
    "CloudWatchEventConfig": "on_cw_event",
    "DynamoDBEventConfig": "on_dynamodb_record",
    "KinesisEventConfig": "on_kinesis_record",
    "S3EventConfig": "on_s3_event",
    "SNSEventConfig": "on_sns_message",
    "SQSEventConfig": "on_sqs_message",
    "ScheduledEventConfig": "schedule",
}


def describe(event: Any, context: Any) -> Any:
    """The routes, and the other functions with the arguments of their decorators."""
    app = importlib.import_module("app").app
    return {
        "routes": [
            _describe_route(path, method, entry)
            for path, methods in app.routes.items()
            for method, entry in methods.items()
        ],
        "functions": [
            *(_describe_function("lambda_function", each, app) for each in app.pure_lambda_functions),
            *(
                _describe_function(_EVENTS.get(type(each).__name__, ""), each, app)
                for each in app.event_sources
            ),
            *(_describe_function("authorizer", each, app) for each in app.builtin_auth_handlers),
        ],
    }


def _describe_route(path: str, method: str, entry: Any) -> Any:
    return {
        "path": path,
        "method": method,
        "content_types": list(entry.content_types),
        "api_key_required": bool(entry.api_key_required),
        "cors": _describe_cors(entry.cors),
        "authorizer": entry.authorizer.name if entry.authorizer else None,
        "place": _find_place(entry.view_function),
    }


def _describe_cors(cors: Any) -> Any:
    if not cors:
        return False
    headers = cors.get_access_control_headers()
    return {
        "allow_origin": cors.allow_origin,
        "allow_headers": headers["Access-Control-Allow-Headers"].split(","),
        "max_age": headers.get("Access-Control-Max-Age"),
        "allow_credentials": headers.get("Access-Control-Allow-Credentials") == "true",
    }


def _describe_function(kind: str, found: Any, app: Any) -> Any:
    arguments = {
        name: value.to_string() if hasattr(value, "to_string") else value
        for name, value in vars(found).items()
        if name not in ("func", "handler_function", "handler_string", "name", "route_key_handled")
    }
    if "schedule_expression" in arguments:
        arguments["expression"] = arguments.pop("schedule_expression")
    handler = getattr(found, "func", None) or app.handler_map.get(found.name)
    return {
        "kind": kind,
        "name": found.name,
        "arguments": arguments,
        "place": _find_place(getattr(handler, "func", None) or getattr(handler, "handler", handler)),
    }


def _find_place(function: Any) -> Any:
    """The file below the project, and the line, of a function; None for one from elsewhere."""
    code = getattr(inspect.unwrap(function), "__code__", None) if function is not None else None
    if code is None:
        return None
    path = os.path.relpath(os.path.realpath(code.co_filename), os.path.realpath("."))
    return None if path.startswith("..") else [path, code.co_firstlineno]
