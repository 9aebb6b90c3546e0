"""The compatibility module of a converted API, as somebody may have changed it since."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from converter.chalice.http.settings import DEFAULT_BINARY_TYPES
from converter.python.module import Module, Statement, meaning_of, parse_module

COMPAT_MODULE = "api_compat"
ANSWER_AS_POWERTOOLS = "chalicelib.powertools_views.answer_as_powertools"
"""The decorator of views that were routes of a resolver written by hand (resolvers.py)."""

OF_WEBSOCKETS = '''"""What AWS Chalice did for the functions of a WebSocket API.

It made an object of each event, knew where the API is, and answered API Gateway for functions that return
nothing. A part that nobody relies on can be taken out.
"""
'''
"""The docstring of the module where there are no routes."""

# What is written for each project.
_SETTINGS = frozenset({"BINARY_TYPES", "DEBUG", "logger"})


@dataclass(frozen=True)
class Compat:
    """Where it is, and what it says of the project; `logger` is the application's name, or empty."""

    module: str
    path: str
    debug: bool = False
    binary_types: tuple[str, ...] = DEFAULT_BINARY_TYPES
    logger: str = ""


@cache
def compat_source() -> Module:
    """The module with all that there is."""
    source = files("converter.chalice.http").joinpath("compat.py").read_text(encoding="utf-8")
    return parse_module(f"{COMPAT_MODULE}.py", source)


@cache
def compat_names() -> frozenset[str]:
    """The public names of the compatibility module."""
    own = (one for one in compat_source().statements if not one.is_import)
    return frozenset(name for one in own for name in one.names.binds if not name.startswith("_"))


def read_compat(module: Module) -> Compat | Statement:
    """What a project's module says, or the statement that is not as it was written."""
    compat = Compat(module.name, module.path)
    for statement in module.statements:
        (name, *_) = [*statement.names.binds, ""]
        if statement.is_import or statement.is_docstring or meaning_of(statement) in _meanings():
            continue
        node = statement.node
        if name not in _SETTINGS or not isinstance(node, ast.Assign):
            return statement
        value = node.value
        if name == "logger" and isinstance(value, ast.Call) and len(value.args) == 1:
            value = value.args[0]
        try:
            read = ast.literal_eval(value)
        except ValueError:
            return statement
        if name == "logger" and isinstance(read, str):
            compat = replace(compat, logger=read)
        elif name == "DEBUG" and isinstance(read, bool):
            compat = replace(compat, debug=read)
        elif name == "BINARY_TYPES" and isinstance(read, list):
            compat = replace(compat, binary_types=tuple(read))
        else:
            return statement
    return compat


@cache
def _meanings() -> frozenset[str]:
    return frozenset(map(meaning_of, compat_source().statements))
