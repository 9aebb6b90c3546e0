"""What a name of a project stands for: the function, class or expression, in whichever module it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from converter.python.module import Module, is_text, resolve_relative
from converter.python.walk import children

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
# The project's own module of a dotted name, None for any other.
FindModule = Callable[[str], Module | None]
# An expression, and the module in which it stands.
Written = tuple[ast.expr, Module]

_STEPS = 12


# --- expressions ------------------------------------------------------------------------


def find_home(node: ast.expr, module: Module, find_module: FindModule) -> tuple[Module | None, str]:
    """The module that makes what a name or an attribute stands for, and its name there."""
    if isinstance(node, ast.Name) and node.id in module.binders and node.id not in module.imported:
        return module, node.id
    for _ in range(_STEPS):
        owner, _, name = (module.dotted(node) or "").rpartition(".")
        home = find_module(owner) if owner else None
        if home is None or name not in home.imported:
            return home, name
        module, node = home, ast.Name(name)
    return None, ""


def find_value(node: ast.expr, module: Module, find_module: FindModule) -> Written | None:
    """The expression that a name or an attribute is bound to, once and for good, at the top of a module."""
    home, name = find_home(node, module, find_module)
    value = assigned_value(home, name) if home is not None else None
    return (value, home) if value is not None and home is not None else None


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


# --- functions and classes --------------------------------------------------------------


class Helper(NamedTuple):
    """A function that does nothing but return an expression: its parameters, with their defaults."""

    parameters: Mapping[str, ast.expr | None]
    returned: ast.expr


def read_helper(function: FunctionNode) -> Helper | None:
    """The function as such a helper; None for one that does more, or is wrapped or called in its own way."""
    arguments = function.args
    body = [one for one in function.body if not is_text(one)]
    is_plain = isinstance(function, ast.FunctionDef) and not function.decorator_list
    is_open = arguments.vararg or arguments.kwarg or arguments.kwonlyargs
    if not is_plain or is_open or len(body) != 1 or not isinstance(body[0], ast.Return):
        return None
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    defaults = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
    returned = body[0].value
    return Helper({name: defaults.get(name) for name in names}, returned) if returned else None


def find_function(
    module: Module, node: ast.expr, find_module: FindModule
) -> tuple[Module, FunctionNode] | None:
    """The function of the project's own that an expression stands for, and where it is defined."""
    owner, _, name = (module.dotted(node) or "").rpartition(".")
    home = find_module(owner) if owner else module
    return find_defined(home, name, find_module) if home else None


def find_defined(module: Module, name: str, find_module: FindModule) -> tuple[Module, FunctionNode] | None:
    """The function that goes by a name in a module, and where it is defined."""
    found = find_definition(module, name, find_module)
    return (found[0], found[1]) if found is not None and isinstance(found[1], FunctionNode) else None


def find_definition(
    module: Module, name: str, find_module: FindModule
) -> tuple[Module, FunctionNode | ast.ClassDef] | None:
    """The function or class that goes by a name in a module, and where it is defined."""
    open_ones = [(module, name)]
    seen: set[tuple[str, str]] = set()
    while open_ones:
        home, name = open_ones.pop()
        if (home.path, name) in seen:
            continue
        seen.add((home.path, name))
        nodes = [statement.node for statement in home.binders.get(name, ())]
        if len(nodes) == 1 and isinstance(nodes[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return home, nodes[0]
        owner, _, defined = home.imported.get(name, "").rpartition(".")
        if (other := find_module(owner) if owner else None) is not None:
            open_ones.append((other, defined))
        elif name not in home.binders:
            open_ones.extend((each, name) for each in star_imported(home, find_module))
    return None


def star_imported(module: Module, find_module: FindModule) -> Iterator[Module]:
    """The project's own modules of which a module imports all names."""
    for node in module.imports:
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            other = find_module(resolve_relative(node, module.package))
            if other is not None and other is not module:
                yield other


def find_returns(function: FunctionNode) -> Iterator[ast.Return]:
    """The returns of the function itself, not of those inside it."""
    open_ones: list[ast.AST] = [*function.body]
    while open_ones:
        inner = open_ones.pop()
        if isinstance(inner, ast.Return):
            yield inner
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            open_ones.extend(children(inner))
