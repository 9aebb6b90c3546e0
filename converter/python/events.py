"""What a handler reads of its event."""

from __future__ import annotations

import ast
import re

from converter.model import Json


def example_event(function: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> Json:
    """An event with the keys that the handler reads, their values left for the user to fill in.

    `text` is the function's source.
    """
    if not function.args.args:
        return {}
    event = re.escape(function.args.args[0].arg)
    key = re.compile(rf"""\b{event}(?:\[|\.get\()\s*(["'])([^"'\\\n]+)\1""")
    return {match.group(2): "" for match in key.finditer(text)}
