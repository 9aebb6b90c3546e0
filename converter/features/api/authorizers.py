"""
Who may call a route.

Chalice: https://aws.github.io/chalice/topics/authorizers.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from converter.chalice.made import Made, find_made
from converter.chalice.registration import is_known
from converter.feature import Feature, Support
from converter.model import logical_id

if TYPE_CHECKING:
    import ast

    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Json
    from converter.python.module import Module
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

_FUNCTION_IN_URI = re.compile(r":lambda:path/[\d-]+/functions/(.+)/invocations$")
_DEFAULT_HEADER = "Authorization"


def read_authorizer(
    node: ast.expr, module: Module, project: ChaliceProject
) -> tuple[str, dict[str, Json], dict[str, Json]] | None:
    """The name, the entry of SAM's `Authorizers` and the `Auth` of a route that it guards.

    None where the source does not show it.
    """
    made = find_made(node, module, project.source, project.evaluate_for_deployment)
    if made is None or not all(is_known(value) for key, value in made.arguments.items() if key != "name"):
        return None
    if made.kind == "IAMAuthorizer":
        # SAM would have the function called with the caller's rights.
        return "sigv4", {}, {"Authorizer": "AWS_IAM", "InvokeRole": "NONE"}
    found = _read_function(made, project) if made.kind == "function" else _read_made(made)
    if found is None:
        return None
    name, entry = found
    # SAM makes ids of it.
    name = re.sub(r"[^A-Za-z0-9]", "", name) if name.isascii() else logical_id(name)
    scopes = made.arguments.get("scopes")
    return name, entry, {"Authorizer": name, **({"AuthorizationScopes": list(scopes)} if scopes else {})}


def _read_made(made: Made) -> tuple[str, dict[str, Json]] | None:
    arguments = made.arguments
    # Where only deployment knows what the console is to call it, that is what the code calls it.
    name = arguments["name"] if is_known(arguments.get("name")) else made.variable
    header = arguments.get("header") or _DEFAULT_HEADER
    if not isinstance(name, str) or not name:
        return None
    if made.kind == "CognitoUserPoolAuthorizer":
        pools = arguments.get("provider_arns")
        if not isinstance(pools, (list, tuple)) or not pools:
            return None
        entry = {"UserPoolArn": pools[0] if len(pools) == 1 else list(pools)}
        return name, entry | _identity(header, None)
    uri = _FUNCTION_IN_URI.search(str(arguments.get("authorizer_uri")))
    if uri is None:
        return None
    entry = {"FunctionArn": uri[1], **_identity(header, arguments.get("ttl_seconds", 300))}
    role = arguments.get("invoke_role_arn")
    return name, entry | ({"FunctionInvokeRole": role} if role is not None else {})


def _read_function(made: Made, project: ChaliceProject) -> tuple[str, dict[str, Json]] | None:
    registration = next((one for one in project.handlers("authorizer") if one.function is made.node), None)
    name = project.names.get(registration) if registration else None
    if registration is None or name is None:
        return None
    fields = project.arguments(registration)[project.stages[0]]
    ttl, role, header = (fields.get(key) for key in ("ttl_seconds", "execution_role", "header"))
    if not all(map(is_known, (ttl, role, header))):
        return None
    entry: dict[str, Json] = {"FunctionArn": {"Fn::GetAtt": [logical_id(name), "Arn"]}}
    entry |= _identity(header or _DEFAULT_HEADER, ttl)
    return name, entry | ({"FunctionInvokeRole": role} if role is not None else {})


def _identity(header: str, ttl: Json) -> dict[str, Json]:
    identity: dict[str, Json] = {}
    if header != _DEFAULT_HEADER:
        identity["Header"] = header
    if ttl is not None:
        identity["ReauthorizeEvery"] = ttl
    return {"Identity": identity} if identity else {}


def _read_chalice(project: ChaliceProject, application: Application) -> Application:
    """Their functions are read with all others, and what they guard with the routes."""
    for registration in project.handlers("authorizer"):
        for fields in project.arguments(registration).values():
            for name in ("ttl_seconds", "execution_role", "header"):
                fields.take(name)
    return application


def _write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """They stand in the API's resource."""


def _read_sam(project: SamProject, application: Application) -> Application:
    return application


def _write_sam(application: Application, writer: SamWriter) -> None:
    """They stand in the API's resource."""


feature = Feature(
    name="authorizer",
    decorators=("authorizer",),
    support=(
        Support("`@app.authorizer(...)`", "`Auth.Authorizers` with a function"),
        Support("`CognitoUserPoolAuthorizer`", "`Auth.Authorizers` with a user pool"),
        Support("`CustomAuthorizer`", "`Auth.Authorizers` with the function's ARN"),
        Support("`IAMAuthorizer`", "`Authorizer: AWS_IAM`"),
    ),
    read_chalice=_read_chalice,
    write_chalice=_write_chalice,
    read_sam=_read_sam,
    write_sam=_write_sam,
)
