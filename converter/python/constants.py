"""Values that the source alone shows: literals, and names and f-strings made of them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from converter.python.module import Module

UNKNOWN: Any = object()

_DEPTH = 8


def evaluate(
    node: ast.expr, module: Module, find_module: Callable[[str], Module | None], depth: int = _DEPTH
) -> Any:
    """The value of an expression of literals, f-strings, `+`, and constants, also imported ones.

    UNKNOWN where the source does not show it; nothing is run.
    """
    if depth == 0:
        return UNKNOWN
    if isinstance(node, ast.JoinedStr):
        parts = [evaluate(_plain(part), module, find_module, depth - 1) for part in node.values]
        return UNKNOWN if any(part is UNKNOWN for part in parts) else "".join(map(str, parts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = (evaluate(side, module, find_module, depth - 1) for side in (node.left, node.right))
        both_text = isinstance(left, str) and isinstance(right, str)
        return left + right if both_text else UNKNOWN
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _follow(node, module, find_module, depth)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


def _plain(part: ast.expr) -> ast.expr:
    """The expression in `{...}` of an f-string, unless it is formatted in a way of its own."""
    if isinstance(part, ast.FormattedValue) and part.conversion == -1 and part.format_spec is None:
        return part.value
    return part


def _follow(
    node: ast.Name | ast.Attribute, module: Module, find_module: Callable[[str], Module | None], depth: int
) -> Any:
    if isinstance(node, ast.Name) and node.id in module.binders and node.id not in module.imported:
        value = assigned_value(module, node.id)
        return UNKNOWN if value is None else evaluate(value, module, find_module, depth - 1)
    owner, _, name = (module.dotted(node) or "").rpartition(".")
    other = find_module(owner) if owner else None
    return UNKNOWN if other is None else evaluate(ast.Name(name), other, find_module, depth - 1)


def assigned_value(module: Module, name: str) -> ast.expr | None:
    """The expression that a module-level name is bound to, if it is bound once and for good."""
    binders = module.binders.get(name, [])
    rebound = any(name in statement.names.rebinds for statement in module.statements)
    if len(binders) != 1 or rebound:
        return None
    node = binders[0].node
    if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
        return node.value
    if isinstance(node, ast.AnnAssign):
        return node.value
    return None
