"""The imports at the top of one module that is made of several.

Sorted and grouped as isort's profile `black` has them:
https://pycqa.github.io/isort/docs/configuration/profiles.html
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from converter.python.inline import Part
from converter.python.module import Statement, is_standard_library
from converter.python.rewrite import Import, keep_imports

_LINE_LENGTH = 88


class _Order(NamedTuple):
    """Where an import belongs: its group, `import` before `from`, then by module."""

    group: int
    is_from: bool
    module: str


def write_own_imports(part: Part, added: Sequence[str], own_package: str) -> str:
    """The imports of one module as the author wrote them, and each added line where isort would have it."""
    lines = [
        (_order(statement, own_package), _comments_and_text(part, statement))
        for statement in part.statements
        if statement.is_import
    ]
    for line in added:
        order = _order(ast.parse(line).body[0], own_package)
        index = next((at for at, (other, _) in enumerate(lines) if other > order), len(lines))
        lines.insert(index, (order, _apart([other.group for other, _ in lines[:index]], order) + line))
        if lines[index + 1 :] and lines[index + 1][0].group > order.group:
            following, text = lines[index + 1]
            lines[index + 1] = following, "\n" + text.lstrip("\n")
    return "".join(text for _, text in lines).lstrip("\n")


def _apart(groups_above: Sequence[int], order: _Order) -> str:
    """An empty line, if the line is the first of its group and the groups above are in order."""
    return "\n" if groups_above and max(groups_above) < order.group else ""


def _comments_and_text(part: Part, statement: Statement) -> str:
    """Comments above the first statement of a module are about the module."""
    return statement.text if statement is part.module.statements[0] else statement.above + statement.text


def write_merged_imports(parts: Iterable[Part], added: Iterable[str], own_package: str) -> str:
    """The imports of several modules and the added lines, without doubles."""
    block = _Block(own_package)
    for line in added:
        node = ast.parse(line).body[0]
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        block.add(node, node.names)
    for part in parts:
        for statement in part.statements:
            if statement.is_import:
                block.add_statement(part, statement)
    return block.write()


class _Block:
    def __init__(self, own_package: str) -> None:
        self.own_package = own_package
        self.seen: set[tuple[str, str, str]] = set()
        self.names: dict[str, dict[str, str]] = {}
        self.lines: list[tuple[_Order, str]] = []

    def add_statement(self, part: Part, statement: Statement) -> None:
        above = _comments_and_text(part, statement).removesuffix(statement.text)
        comments = re.sub(r"^\s*\n", "", above, flags=re.MULTILINE)
        for node, text in _one_a_line(statement):
            missing = [
                alias
                for alias in node.names
                if _key(node, alias) not in self.seen and part.is_meant(node, alias)
            ]
            if not missing or not (comments or _comment_in(text)):
                self.add(node, missing)
                continue
            wanted = {alias.asname or alias.name.partition(".")[0] for alias in missing}
            self.lines.append((_order(node, self.own_package), comments + keep_imports([node], text, wanted)))
            self.seen.update(_key(node, alias) for alias in missing)
            comments = ""

    def add(self, node: ast.Import | ast.ImportFrom, names: Iterable[ast.alias]) -> None:
        for alias in names:
            self.seen.add(_key(node, alias))
            text = alias.name + (f" as {alias.asname}" if alias.asname else "")
            if isinstance(node, ast.Import):
                self.lines.append((_order(ast.Import([alias]), self.own_package), f"import {text}\n"))
            else:
                self.names.setdefault(node.module or "", {})[text] = alias.name

    def write(self) -> str:
        merged = [
            (_order(ast.ImportFrom(module, [], 0), self.own_package), _write_from(module, names))
            for module, names in self.names.items()
        ]
        groups: dict[int, str] = {}
        for order, text in sorted([*self.lines, *merged]):
            ended = text if text.endswith("\n") else f"{text}\n"
            groups[order.group] = groups.get(order.group, "") + ended
        return "\n".join(groups.values())


def _key(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str, str]:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    return module, alias.name, alias.asname or ""


def _order(imported: Statement | ast.stmt, own_package: str) -> _Order:
    node = imported.node if isinstance(imported, Statement) else imported
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    module = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
    return _Order(
        _group(module.partition(".")[0], own_package), isinstance(node, ast.ImportFrom), module.lower()
    )


def _group(top: str, own_package: str) -> int:
    if top == "__future__":
        return 0
    if is_standard_library(top):
        return 1
    return 3 if top == own_package else 2


def _write_from(module: str, names: Mapping[str, str]) -> str:
    ordered = sorted(names, key=lambda text: (_kind(names[text]), names[text].lower()))
    line = f"from {module} import {', '.join(ordered)}\n"
    if len(line) <= _LINE_LENGTH + 1:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")\n"


def _kind(name: str) -> int:
    """Constants, then classes, then the rest."""
    if name.isupper() and len(name) > 1:
        return 0
    return 1 if name[:1].isupper() else 2


def _one_a_line(statement: Statement) -> Iterator[tuple[Import, str]]:
    """Each import of a line (`import os; import sys` has two) as a line; a comment goes with the first."""
    if len(statement.nodes) == 1:
        texts = [statement.text]
    else:
        first, *others = map(ast.unparse, statement.nodes)
        texts = [f"{first}  {_comment_in(statement.text)}".rstrip(), *others]
    for text in texts:
        node = ast.parse(text).body[0]
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        yield node, text if text.endswith("\n") else f"{text}\n"


def _comment_in(text: str) -> str:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return next((token.string for token in tokens if token.type == tokenize.COMMENT), "")
