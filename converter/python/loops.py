"""What a `for` loop goes over, where the source shows it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from converter.python.definitions import FindModule, Written, assigned_value, find_home
from converter.python.module import Module

_STEPS = 8


def unroll(loop: ast.For, module: Module, find_module: FindModule) -> list[dict[str, Written]] | None:
    """What the loop's variables stand for in each round; None where the source does not show it."""
    found = _find_literal(loop.iter, module, find_module)
    if found is None:
        return None
    rounds: list[dict[str, Written]] = []
    for item in _items(found[0], _method_of(loop.iter)):
        bound = _bind(loop.target, item, found[1])
        if bound is None:
            return None
        rounds.append(bound)
    return rounds


def loops_around(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> Iterator[ast.For]:
    """The `for` loops in whose body a node stands, the innermost first, up to the next function."""
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        if isinstance(parent, ast.For) and node in parent.body:
            yield parent
        node = parent


def _method_of(node: ast.expr) -> str:
    """`items` of `{...}.items()`, "" of anything else."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def _find_literal(node: ast.expr, module: Module, find_module: FindModule) -> Written | None:
    """The list, tuple, set or dict that an expression stands for, wherever it is written."""
    if _method_of(node) in ("items", "keys", "values") and isinstance(node, ast.Call) and not node.args:
        assert isinstance(node.func, ast.Attribute)
        found = _find_literal(node.func.value, module, find_module)
        return found if found and isinstance(found[0], ast.Dict) else None
    for _ in range(_STEPS):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            return node, module
        home, name = find_home(node, module, find_module)
        value = assigned_value(home, name) if home is not None else None
        if home is None or value is None or _is_changed(home, name):
            return None
        node, module = value, home
    return None


def _is_changed(module: Module, name: str) -> bool:
    """Whether anything is done with a list or dict but to go over it."""
    uses = (node for node in module.nodes if isinstance(node, ast.Attribute) and node.attr not in _READING)
    return any(isinstance(node.value, ast.Name) and node.value.id == name for node in uses)


_READING = frozenset({"copy", "count", "get", "index", "items", "keys", "values"})


def _items(node: ast.expr, method: str) -> list[ast.expr]:
    if not isinstance(node, ast.Dict):
        assert isinstance(node, (ast.List, ast.Tuple, ast.Set))
        return node.elts
    keys = [
        key if key is not None else ast.Starred(value)
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    if method == "values":
        return list(node.values)
    if method == "items":
        return [ast.Tuple([key, value]) for key, value in zip(keys, node.values, strict=True)]
    return keys


def _bind(target: ast.expr, item: ast.expr, module: Module) -> dict[str, Written] | None:
    if isinstance(item, ast.Starred):
        return None
    if isinstance(target, ast.Name):
        return {target.id: (item, module)}
    if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(item, (ast.Tuple, ast.List)):
        return None
    if len(target.elts) != len(item.elts):
        return None
    bound: dict[str, Written] = {}
    for inner, value in zip(target.elts, item.elts, strict=True):
        found = _bind(inner, value, module)
        if found is None:
            return None
        bound |= found
    return bound
