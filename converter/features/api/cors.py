"""
CORS: which other origins may call a route.

Chalice: https://aws.github.io/chalice/topics/views.html#cors-support
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from converter.chalice.made import find_made
from converter.chalice.registration import is_known
from converter.sam.intrinsics import function_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.chalice.project import ChaliceProject
    from converter.model import Json
    from converter.python.module import Module

# chalice.app.CORSConfig._REQUIRED_HEADERS
_REQUIRED_HEADERS = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key")


def read_cors(node: ast.expr, module: Module, project: ChaliceProject) -> Mapping[str, Json] | bool | None:
    """SAM's `Cors` of a `cors=` argument, False for none; None where the source does not show it."""
    value = project.source.evaluate(node, module)
    if value is True:
        return _write_cors({})
    if isinstance(value, dict):
        # What running app.py has shown.
        return _write_cors(value)
    if is_known(value):
        return False if not value else None
    made = find_made(node, module, project.source, project.evaluate_for_deployment)
    if made is None or made.kind != "CORSConfig" or not all(map(is_known, made.arguments.values())):
        return None
    headers = made.arguments.get("allow_headers") or ()
    if not isinstance(headers, (list, tuple, set)) or not all(isinstance(each, str) for each in headers):
        return None
    return _write_cors(made.arguments)


def _write_cors(arguments: Mapping[str, Json]) -> dict[str, Json]:
    headers = {*_REQUIRED_HEADERS, *(arguments.get("allow_headers") or ())}
    cors: dict[str, Json] = {
        "AllowOrigin": _quoted(arguments.get("allow_origin", "*")),
        "AllowHeaders": _quoted(",".join(sorted(headers))),
    }
    if arguments.get("max_age") is not None:
        cors["MaxAge"] = _quoted(arguments["max_age"])
    if arguments.get("allow_credentials") is True:
        cors["AllowCredentials"] = True
    return cors


def _quoted(value: Json) -> Json:
    """API Gateway takes a constant in quotes of its own."""
    if not isinstance(value, dict):
        return f"'{value}'"
    if function_of(value) == "Ref":
        return {"Fn::Sub": f"'${{{value['Ref']}}}'"}
    return {"Fn::Join": ["", ["'", value, "'"]]}
