"""What a handler reads of its event."""

from __future__ import annotations

import ast
import re

from converter.model import Json


def example_event(function: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> Json:
    """An event with the keys that the handler cannot do without, for the user to fill in.

    `text` is the function's source. What the handler loops over is a list.
    """
    if not function.args.args:
        return {}
    event = re.escape(function.args.args[0].arg)
    key = re.compile(rf"""(\bin\s+)?\b{event}\[\s*(["'])([^"'\\\n]+)\2\s*\]""")
    keys: dict[str, Json] = {}
    for match in key.finditer(text):
        keys[match.group(3)] = [] if match.group(1) else keys.get(match.group(3), "")
    return keys
