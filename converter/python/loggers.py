"""
The set-up of logging in a module.

Setting up logging twice with the same words is the same as once, so each module that code
is moved to may do it for itself, as its author would.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from converter.python.inert import Effect
from converter.python.module import Module, Statement
from converter.python.needs import Needs

_FUNCTIONS = frozenset({"logging.getLogger", "logging.basicConfig", "logging.captureWarnings"})
_METHODS = frozenset({"setLevel"})


def find_setups(needs: Needs) -> set[Statement]:
    """The statements that set up logging, and those that make constants for them alone.

    A logger is set up once for all where something other than such a statement alters it.
    """
    module = needs.module
    setups = {statement for statement in module.statements if _is_setup(statement, needs)}
    while True:
        groups = {setup: needs.closure([setup, *needs.of_names(setup.names.binds)]) for setup in setups}
        beside = {other for group in groups.values() for other in group - setups if not other.is_import}
        used = _names_used(set(module.statements) - setups - beside)
        barred = {other for other in beside if not needs.is_inert(other) or other.names.binds & used}
        kept = {setup for setup, group in groups.items() if not group & barred}
        if kept == setups:
            return setups | beside
        setups = kept


def logger_set_up(statement: Statement, module: Module) -> str:
    """`logger` of `logger.setLevel(...)`; empty for a call of `logging` itself."""
    call = getattr(statement.node, "value", None)
    owner = call.func.value if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else None
    return owner.id if isinstance(owner, ast.Name) and owner.id in module.binders else ""


def sets_up_root_logger(statement: Statement, needs: Needs) -> bool:
    """Whether the statement sets up the logger that all others hand their messages to."""
    call = getattr(statement.node, "value", None)
    if not isinstance(statement.node, ast.Expr) or not isinstance(call, ast.Call):
        return False
    return needs.facts.effects[statement] is Effect.PROCESS


def _is_setup(statement: Statement, needs: Needs) -> bool:
    """`logger = logging.getLogger(...)`, `logger.setLevel(...)`, `logging.basicConfig(...)`."""
    node = statement.node
    if len(statement.nodes) > 1 or not isinstance(node, (ast.Assign, ast.Expr)):
        return False
    if not isinstance(node.value, ast.Call) or needs.facts.effects[statement] is Effect.UNKNOWN:
        return False
    function = node.value.func
    if needs.module.dotted(function) in _FUNCTIONS:
        return True
    return (
        isinstance(function, ast.Attribute)
        and function.attr in _METHODS
        and _is_logger(function.value, needs)
    )


def _is_logger(node: ast.expr, needs: Needs) -> bool:
    if isinstance(node, ast.Call):
        return needs.module.dotted(node.func) == "logging.getLogger"
    return isinstance(node, ast.Name) and needs.facts.origins.get(node.id, "").startswith(
        "logging.getLogger("
    )


def _names_used(statements: Iterable[Statement]) -> set[str]:
    return {name for statement in statements for name in statement.names.uses}
