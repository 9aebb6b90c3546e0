"""The arguments that a call is given by `**`, where the source shows them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy

from converter.python.constants import UNKNOWN, assigned_value
from converter.python.handed import find_function
from converter.python.loops import Written
from converter.python.module import Module, is_text

FindModule = Callable[[str], Module | None]
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
        given = _bind(node, found[1], module, evaluate) if found else None
        returned = _returned(found[1]) if found else None
        if found is None or given is None or returned is None:
            return None
        return again(_Substitution(given).visit(deepcopy(returned)), found[0])
    return _spread_name(node, module, find_module, again)


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


def _spread_name(
    node: ast.expr,
    module: Module,
    find_module: FindModule,
    again: Callable[[ast.expr, Module], dict[str, Written] | None],
) -> dict[str, Written] | None:
    if isinstance(node, ast.Name) and node.id in module.binders and node.id not in module.imported:
        value = assigned_value(module, node.id)
        return again(value, module) if value is not None else None
    owner, _, name = (module.dotted(node) or "").rpartition(".")
    home = find_module(owner) if owner else None
    return again(ast.Name(name), home) if home is not None else None


def _returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """What a function returns that does nothing else."""
    body = [one for one in function.body if not is_text(one)]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or function.decorator_list:
        return None
    return body[0].value


def _bind(
    call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef, module: Module, evaluate: Evaluate
) -> dict[str, ast.expr] | None:
    """What stands for each parameter: its value as it is written out, or a name that is nothing."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
        return None
    names = [each.arg for each in arguments.args]
    given: dict[str | None, ast.expr] = dict(zip(names, call.args, strict=False))
    given |= {each.arg: each.value for each in call.keywords}
    defaults = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
    if None in given or not given.keys() <= set(names):
        return None
    return {
        name: _write(evaluate(given[name], module)) if name in given else defaults.get(name, _NOTHING)
        for name in names
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
