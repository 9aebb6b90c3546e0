"""The compatibility module of a converted API, as somebody may have changed it since."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from converter.chalice.http.settings import DEFAULT_BINARY_TYPES
from converter.python.module import Module, Statement, meaning_of, parse_module
from converter.python.needs import Needs
from converter.python.rewrite import keep_imports
from converter.python.split import assemble

COMPAT_MODULE = "api_compat"
ANSWER_AS_POWERTOOLS = "chalicelib.powertools_views.answer_as_powertools"
"""The decorator of views that were routes of a resolver written by hand (resolvers.py)."""

OF_WEBSOCKETS = '''"""What AWS Chalice did for the functions of a WebSocket API.

It made an object of each event, knew where the API is, and answered API Gateway for functions that return
nothing. A part that nobody relies on can be taken out.
"""
'''
"""The docstring of the module where there are no routes."""

WEBSOCKET_NAMES = frozenset(
    """
    WebsocketAPI WebsocketApp WebsocketDisconnectedError WebsocketEvent websocket_api websocket_handler
    """.split()
)
"""What the module has for the functions of a WebSocket API: it works beside Chalice, too."""

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


def write_parts(names: Iterable[str], docstring: str = "") -> str:
    """The module with what has these names, and what that needs; `docstring` may stand for its own."""
    module = compat_source()
    needs = Needs(module)
    needed = needs.closure(needs.of_names(sorted(names)))
    used = {name for one in needed for name in one.names.uses}
    statements = []
    for one in module.statements:
        if one.is_import and not one.is_future:
            nodes = [node for node in one.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
            text = keep_imports(nodes, one.text, one.names.binds & used)
            statements += [replace(one, text=text)] if text and one in needed else []
        elif one.is_docstring:
            statements.append(replace(one, text=docstring or one.text))
        elif one in needed or one.is_future:
            statements.append(replace(one, above=re.sub(r"# --- .*\n+", "", one.above)))
    return assemble(statements, module)


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
