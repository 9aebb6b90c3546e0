"""What the rewriting for Powertools calls things: the names of Chalice's, and of what replaces them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.python.module import Module, Statement


RESOLVER = "APIGatewayRestResolver"
# Where Powertools has what takes the place of Chalice's objects.
POWERTOOLS = {
    RESOLVER: "aws_lambda_powertools.event_handler",
    "Router": "aws_lambda_powertools.event_handler.api_gateway",
}
# Names of Chalice's that are gone with the decorators that they are arguments of.
GONE = frozenset({"Cron", "Rate", "CognitoUserPoolAuthorizer", "CustomAuthorizer", "IAMAuthorizer"})
MADE = frozenset({"Chalice", "Blueprint"})
# Names of the compatibility module that the source does not have; where it has, they are called otherwise.
ADDED = frozenset(
    """
    ApiResolver WebsocketApp as_authorizer current_request http_middleware logger set_debug to_json view
    websocket_api websocket_handler
    """.split()
)
OTHER = "api_"
# The app that a Blueprint is registered with.
CURRENT_APP = "current_app"
PACKAGES = frozenset({"chalice", "chalice.app"})


def is_gone(statement: Statement, module: Module) -> bool:
    """Whether it makes what only decorators of Chalice's take: an authorizer, a schedule."""
    node = statement.node
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Call):
        return False
    owner, _, name = (module.dotted(node.value.func) or "").rpartition(".")
    return owner in PACKAGES and name in GONE


def without_current_app(node: ast.expr) -> ast.expr:
    """`bp` of `bp.current_app`: what that can be asked for, the Blueprint can be, too."""
    return node.value if isinstance(node, ast.Attribute) and node.attr == CURRENT_APP else node
