"""Imports of the standard library that code needs once it has been rewritten."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from converter.python.module import (
    Statement,
    header_of,
    is_standard_library,
    leading_lines,
    parse_statement,
)


def join_imports(lines: Iterable[str]) -> list[str]:
    """The imports, those from one module as one."""
    names: dict[str, set[str]] = {}
    for line in lines:
        start, _, name = line.partition(" import ")
        names.setdefault(start, set()).add(name)
    return [
        f"{start} import {', '.join(sorted(found))}" if start.startswith("from ") else start
        for start, found in names.items()
    ]


def add_import(statements: list[Statement], line: str) -> None:
    """Put an import of the standard library where isort would have it."""
    imported = ast.parse(line).body[0]
    is_preface = (one.is_docstring or one.names.binds == {"annotations"} for one in statements)
    start = next((number for number, is_above in enumerate(is_preface) if not is_above), len(statements))
    block = list(takewhile(lambda one: one.is_import, statements[start:]))
    earlier = [number for number, one in enumerate(block, start) if _comes_before(one.node, imported)]
    index = max(earlier, default=start - 1) + 1
    above = "" if earlier else "\n"
    if not earlier and statements[index:]:
        following = statements[index]
        header = following.above if block and index == 0 else header_of(following.above)
        above = header if index == 0 else above
        text = following.above.lstrip("\r\n").removeprefix(above.strip("\r\n")).lstrip("\r\n")
        is_beside = block and is_standard_library(_module_of(following.node))
        distance = "\n\n" if following.is_definition else "\n"
        blank = "" if is_beside else "\n" if block else leading_lines(following.above) or distance
        statements[index] = replace(following, above=blank + text)
    like = replace(statements[min(index, len(statements) - 1)], above=above)
    statements.insert(index, parse_statement(f"{line}\n", like))


def _comes_before(node: ast.stmt, imported: ast.stmt) -> bool:
    """Whether isort has the import above the other: `import a` come first, then `from a import b`."""
    if not is_standard_library(_module_of(node)):
        return False
    here, other = ((isinstance(one, ast.ImportFrom), _module_of(one)) for one in (node, imported))
    return here < other


def _module_of(node: ast.stmt) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name
    return node.module or "" if isinstance(node, ast.ImportFrom) else ""
