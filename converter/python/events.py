"""What a handler reads of its event."""

from __future__ import annotations

import ast

from converter.model import Json


def example_event(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Json:
    """An event with the keys that the handler reads, their values left for the user to fill in."""
    if not function.args.args:
        return {}
    event = function.args.args[0].arg
    keys: dict[str, Json] = {}
    for node in ast.walk(function):
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript) and _is_name(node.value, event):
            key = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            key = node.args[0] if _is_name(node.func.value, event) and node.args else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            keys.setdefault(key.value, "")
    return keys


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
