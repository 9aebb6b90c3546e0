"""
A module whose neighbours moved: its imports name them where they are now.

The rewriting is libcst's, so that what does not change keeps its comments, quotes and
line ends. Relative imports stay as they are, because what moves, moves together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst.helpers import get_full_name_for_node

from converter.python.imports import is_layer_path

_PATH_EDIT = m.Expr(
    m.Call(
        func=m.Attribute(
            value=m.Attribute(value=m.Name("sys"), attr=m.Name("path")),
            attr=m.Name("append") | m.Name("insert"),
        ),
        args=[m.ZeroOrMore(), m.Arg(m.SimpleString())],
    )
)


def move_imports(source: bytes, moves: Mapping[str, str], *, drop_layer_paths: bool = False) -> bytes:
    """The source, importing each top-level name in `moves` from the package that it moved to.

    `{"helper": "chalicelib.orders"}` makes `import helper` into `from chalicelib.orders import helper`.
    The names that the module binds stay the same. With `drop_layer_paths`, statements that put /opt on
    `sys.path` go, and `import sys` with them if nothing else needs it.

    Raises libcst.ParserSyntaxError when libcst cannot read the source.
    """
    tree = cst.parse_module(source)
    spare: Collection[str] = ()
    if drop_layer_paths:
        edits = [node for node in m.findall(tree, _PATH_EDIT) if _is_layer_path_edit(node)]
        if edits and len(m.findall(tree, m.Name("sys"))) == len(edits) + _count_plain_imports(tree, "sys"):
            spare = ("sys",)
    return tree.visit(_Mover(moves, spare, drop_layer_paths)).bytes


def _count_plain_imports(tree: cst.Module, name: str) -> int:
    return len(m.findall(tree, m.ImportAlias(name=m.Name(name), asname=None)))


def _is_layer_path_edit(node: cst.CSTNode) -> bool:
    if not m.matches(node, _PATH_EDIT):
        return False
    call = cst.ensure_type(cst.ensure_type(node, cst.Expr).value, cst.Call)
    return is_layer_path(_read_text(call.args[-1].value))


class _Mover(cst.CSTTransformer):
    def __init__(self, moves: Mapping[str, str], spare: Collection[str], drop_layer_paths: bool) -> None:
        super().__init__()
        self.moves = moves
        self.spare = spare
        self.drop_layer_paths = drop_layer_paths

    def package_of(self, dotted: str) -> str | None:
        return self.moves.get(dotted.partition(".")[0])

    # --- one import -------------------------------------------------------------

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        if updated_node.relative or updated_node.module is None:
            return updated_node
        name = _dotted(updated_node.module)
        package = self.package_of(name)
        return updated_node.with_changes(module=_name(f"{package}.{name}")) if package else updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """`import_module` gives the module that it names; `__import__` the topmost, so that one stays."""
        if _dotted(updated_node.func) not in {"import_module", "importlib.import_module"}:
            return updated_node
        name = updated_node.args[0].value if updated_node.args else None
        package = self.package_of(_read_text(name) or "")
        if not isinstance(name, cst.SimpleString) or package is None:
            return updated_node
        moved = name.with_changes(value=f"{name.prefix}{name.quote}{package}.{name.raw_value}{name.quote}")
        first = updated_node.args[0].with_changes(value=moved)
        return updated_node.with_changes(args=[first, *updated_node.args[1:]])

    def move_import(self, node: cst.Import) -> Iterator[cst.BaseSmallStatement]:
        """One import or several: `import os, helper` needs a `from` for the second."""
        moved = {alias: self.package_of(alias.evaluated_name) for alias in node.names}
        stay = [alias for alias in node.names if not moved[alias] and alias.evaluated_name not in self.spare]
        if len(stay) == len(node.names):
            yield node
            return
        if stay:
            stay[-1] = stay[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            yield node.with_changes(names=stay)
        for alias, package in moved.items():
            if package:
                yield from _move_alias(alias, package)

    # --- the statements around it -------------------------------------------------

    def rewrite(self, smalls: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
        rewritten: list[cst.BaseSmallStatement] = []
        for node in smalls:
            if isinstance(node, cst.Import):
                rewritten.extend(self.move_import(node))
            elif not (self.drop_layer_paths and _is_layer_path_edit(node)):
                rewritten.append(node)
        return rewritten

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        smalls = self.rewrite(updated_node.body)
        # A line with nothing left goes in `keep_lines`, which sees to the comments above it.
        if not smalls or smalls == [*updated_node.body]:
            return updated_node
        if len(updated_node.body) > 1 or len(smalls) < 2:
            return updated_node.with_changes(body=_joined(smalls))
        first, *others = smalls
        lines = [
            updated_node.with_changes(body=[first]),
            *(cst.SimpleStatementLine([node]) for node in others),
        ]
        return cst.FlattenSentinel(lines)

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.SimpleStatementSuite:
        smalls = self.rewrite(updated_node.body)
        if smalls == [*updated_node.body]:
            return updated_node
        return updated_node.with_changes(body=_joined(smalls) or [cst.Pass()])

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body = self.keep_lines(updated_node.body)
        return updated_node.with_changes(body=body or [cst.SimpleStatementLine([cst.Pass()])])

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        return updated_node.with_changes(body=self.keep_lines(updated_node.body))

    def keep_lines(self, body: Sequence[Any]) -> list[Any]:
        """The statements of which something is left; comments that stand apart above the others stay."""
        kept: list[Any] = []
        waiting: list[cst.EmptyLine] = []
        for statement in body:
            if isinstance(statement, cst.SimpleStatementLine) and not self.rewrite(statement.body):
                waiting.extend(_lines_apart(statement))
                continue
            if waiting:
                lines = _join_lines(waiting, statement.leading_lines)
                statement = statement.with_changes(leading_lines=lines)
                waiting = []
            kept.append(statement)
        return kept


def _move_alias(alias: cst.ImportAlias, package: str) -> Iterator[cst.BaseSmallStatement]:
    name = alias.evaluated_name
    if alias.asname is not None:
        parent, _, last = f"{package}.{name}".rpartition(".")
        asname = None if alias.evaluated_alias == last else alias.asname
        yield cst.ImportFrom(_name(parent), [cst.ImportAlias(cst.Name(last), asname=asname)])
        return
    top, _, rest = name.partition(".")
    yield cst.ImportFrom(_name(package), [cst.ImportAlias(cst.Name(top))])
    if rest:
        # `import a.b` binds `a` and sees to it that `a.b` is there.
        yield cst.Import([cst.ImportAlias(_name(f"{package}.{name}"))])


def _joined(smalls: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
    """The statements of one line, with semicolons where they are needed."""
    return [small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for small in smalls]


def _lines_apart(statement: cst.SimpleStatementLine) -> list[cst.EmptyLine]:
    """The lines above a statement without the comments that are about it."""
    lines = [*statement.leading_lines]
    while lines and lines[-1].comment is not None:
        lines.pop()
    return lines


def _join_lines(above: Sequence[cst.EmptyLine], below: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Both, with no more blank lines where they meet than the larger of the two had there."""
    above, below = [*above], [*below]
    while above and below and above[-1].comment is None and below[0].comment is None:
        above.pop()
    return [*above, *below]


def _name(dotted: str) -> cst.Name | cst.Attribute:
    parent, _, last = dotted.rpartition(".")
    return cst.Attribute(_name(parent), cst.Name(last)) if parent else cst.Name(last)


def _dotted(node: cst.BaseExpression) -> str:
    return get_full_name_for_node(node) or ""


def _read_text(node: cst.BaseExpression | None) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None
