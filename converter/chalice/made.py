"""Objects of Chalice's that the source makes and hands to decorators: authorizers, CORS configurations."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from converter.chalice.registration import dotted_name, returned_name
from converter.model import Json
from converter.python.constants import UNKNOWN
from converter.python.definitions import assigned_value, find_home, read_helper

if TYPE_CHECKING:
    from converter.chalice.source import ChaliceSource
    from converter.python.module import Module

# The classes' parameters in their order (chalice.app).
_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "CORSConfig": ("allow_origin", "allow_headers", "expose_headers", "max_age", "allow_credentials"),
    "CognitoUserPoolAuthorizer": ("name", "provider_arns", "header", "scopes"),
    "CustomAuthorizer": ("name", "authorizer_uri", "ttl_seconds", "header", "invoke_role_arn", "scopes"),
    "IAMAuthorizer": (),
}
_STEPS = 8


@dataclass(frozen=True)
class Made:
    """An object: its class, or `function` for a decorated one, and what it was made with.

    A value that the source does not show is UNKNOWN. `variable` is the name that it goes by, "" without one.
    """

    kind: str
    arguments: Mapping[str, Json]
    node: ast.AST
    module: Module
    variable: str = ""


Evaluate = Callable[[ast.expr, "Module"], Json]


def find_made(
    node: ast.expr, module: Module, source: ChaliceSource, evaluate: Evaluate | None = None
) -> Made | None:
    """The object that an expression stands for, wherever it is made; None where that is not shown.

    `evaluate` gives the values of its arguments, those that the source shows if it is None.
    """
    return _Finder(source, evaluate or source.evaluate).find(node, module, _STEPS)


def makes_object(node: ast.expr | None, module: Module) -> bool:
    """Whether it does no more than make one of these objects."""
    if not isinstance(node, ast.Call):
        return False
    owner, _, name = (module.dotted(node.func) or "").rpartition(".")
    return owner in ("chalice", "chalice.app") and name in _PARAMETERS


@dataclass(frozen=True)
class _Finder:
    source: ChaliceSource
    evaluate: Evaluate

    def find(self, node: ast.expr, module: Module, steps: int) -> Made | None:
        if steps == 0:
            return None
        if isinstance(node, ast.Call):
            return self._find_of_call(node, module, steps)
        home, name = find_home(node, module, self.source.find_module)
        return self._find_of_name(name, home, steps) if home is not None and name in home.binders else None

    def _find_of_name(self, name: str, module: Module, steps: int) -> Made | None:
        value = assigned_value(module, name)
        if value is not None:
            made = self.find(value, module, steps - 1)
            return made and replace(made, variable=made.variable or name)
        (binder, *others) = module.binders[name]
        is_function = isinstance(binder.node, (ast.FunctionDef, ast.AsyncFunctionDef))
        return Made("function", {}, binder.node, module) if is_function and not others else None

    def _find_of_call(self, node: ast.Call, module: Module, steps: int) -> Made | None:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "with_scopes" and node.args:
            made = self.find(node.func.value, module, steps - 1)
            scopes = self.evaluate(node.args[0], module)
            return made and replace(made, arguments={**made.arguments, "scopes": scopes})
        owner, _, name = (module.dotted(node.func) or "").rpartition(".")
        if owner not in ("chalice", "chalice.app") or name not in _PARAMETERS:
            return self._find_returned(node, module, steps)
        written = dict(zip(_PARAMETERS[name], node.args, strict=False))
        written.update({keyword.arg or "**": keyword.value for keyword in node.keywords})
        if "**" in written:
            return Made(name, {"name": UNKNOWN}, node, module)
        arguments = {key: self.evaluate(value, module) for key, value in written.items() if key != "name"}
        if "name" in written:
            # It stands for nothing that deployment could say.
            arguments["name"] = self.source.evaluate(written["name"], module)
        return Made(name, arguments, node, module)

    def _find_returned(self, node: ast.Call, module: Module, steps: int) -> Made | None:
        """The object that a function without parameters makes and returns, kept in a variable or not."""
        found = self.source.find_function(module, node.func)
        if found is None or node.args or node.keywords or found[1].decorator_list:
            return None
        home, function = found
        variable, helper = returned_name(function), read_helper(function)
        assigned = [
            one.value
            for one in ast.walk(function)
            if isinstance(one, ast.Assign) and variable in map(dotted_name, one.targets)
        ]
        if variable and assigned:
            made = self.find(assigned[0], home, steps - 1) if len(assigned) == 1 else None
            return made and replace(made, variable=made.variable or variable)
        return self.find(helper.returned, home, steps - 1) if helper else None
