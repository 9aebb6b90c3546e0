"""The arguments that a call is given by `**`, where the source shows them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy

from converter.python.constants import UNKNOWN
from converter.python.definitions import FindModule, Helper, Written, find_function, find_value, read_helper
from converter.python.module import Module

Evaluate = Callable[[ast.expr, Module], object]

_STEPS = 8


def spread(
    node: ast.expr, module: Module, find_module: FindModule, evaluate: Evaluate, steps: int = _STEPS
) -> dict[str, Written] | None:
    """The expressions behind the names of a dict, each with its module; None where that is not shown.

    It may be written out, stand in a variable, or be what a function returns that does no more than that.
    """

    def again(inner: ast.expr, home: Module) -> dict[str, Written] | None:
        return spread(inner, home, find_module, evaluate, steps - 1)

    if steps == 0:
        return None
    if isinstance(node, ast.Dict):
        return _join(node.keys, node.values, module, again)
    if isinstance(node, ast.Call) and module.dotted(node.func) == "dict" and not node.args:
        names = [ast.Constant(each.arg) if each.arg else None for each in node.keywords]
        return _join(names, [each.value for each in node.keywords], module, again)
    if isinstance(node, ast.Call):
        found = find_function(module, node.func, find_module)
        helper = read_helper(found[1]) if found else None
        given = _bind(node, helper, module, evaluate) if helper else None
        if found is None or helper is None or given is None:
            return None
        return again(_Substitution(given).visit(deepcopy(helper.returned)), found[0])
    value = find_value(node, module, find_module)
    return again(*value) if value is not None else None


def _join(
    keys: Iterable[ast.expr | None],
    values: Iterable[ast.expr],
    module: Module,
    again: Callable[[ast.expr, Module], dict[str, Written] | None],
) -> dict[str, Written] | None:
    joined: dict[str, Written] = {}
    for key, value in zip(keys, values, strict=True):
        if key is None:
            inner = again(value, module)
            if inner is None:
                return None
            joined |= inner
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            joined[key.value] = value, module
        else:
            return None
    return joined


def _bind(call: ast.Call, helper: Helper, module: Module, evaluate: Evaluate) -> dict[str, ast.expr] | None:
    """What stands for each parameter: its value as it is written out, or a name that is nothing."""
    given: dict[str | None, ast.expr] = dict(zip(helper.parameters, call.args, strict=False))
    given |= {each.arg: each.value for each in call.keywords}
    if not given.keys() <= helper.parameters.keys():
        return None
    return {
        name: _write(evaluate(given[name], module)) if name in given else default or _NOTHING
        for name, default in helper.parameters.items()
    }


# A name that no module binds.
_NOTHING = ast.Name("<unknown>", ast.Load())


def _write(value: object) -> ast.expr:
    try:
        node = _NOTHING if value is UNKNOWN else ast.parse(repr(value), mode="eval").body
        ast.literal_eval(node)
    except (SyntaxError, ValueError):
        return _NOTHING
    return node


class _Substitution(ast.NodeTransformer):
    """Puts expressions into the places of names."""

    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.copy_location(self.given[node.id], node) if node.id in self.given else node
