"""
A module whose neighbours moved: its imports name them where they are now.

The rewriting is libcst's, so what does not change keeps its comments, quotes and
line ends; a module with nothing to rewrite is given back byte for byte.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from converter.python.module import Module, resolve_relative

if TYPE_CHECKING:
    import libcst as cst

_IMPORT_BY_NAME = frozenset({"importlib.import_module", "__import__"})
_PATH_EDITS = frozenset({"sys.path.append", "sys.path.insert", "sys.path.extend"})
# Lambda unpacks layers below /opt and has /opt/python on sys.path by itself:
# https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
_LAYER_PATH = re.compile(r"/opt(/python(/lib/python3\.\d+/site-packages)?)?/?")


@dataclass(frozen=True)
class Import:
    """One module named by an import, with the statement; `leaves` if it lies above the module's root."""

    node: ast.Import | ast.ImportFrom
    name: str
    leaves: bool = False


def find_imports(module: Module) -> Iterator[Import]:
    """Every module that the imports may name, wherever they stand; `from a import b` may name `a.b`."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from (Import(node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above_top = len(module.package.split(".")) if module.package else 0
            if node.level > above_top + 1:
                yield Import(node, "", leaves=True)
                continue
            base = resolve_relative(node, module.package)
            if base:
                yield Import(node, base)
            prefix = f"{base}." if base else ""
            yield from (Import(node, prefix + alias.name) for alias in node.names if alias.name != "*")


def find_imports_by_name(module: Module) -> Iterator[tuple[ast.Call, str | None]]:
    """Calls of `import_module` and `__import__`, with the module's name where it is a literal."""
    for node in module.nodes:
        if isinstance(node, ast.Call) and node.args and module.dotted(node.func) in _IMPORT_BY_NAME:
            name = node.args[0]
            is_text = isinstance(name, ast.Constant) and isinstance(name.value, str)
            yield node, name.value if is_text else None  # type: ignore[attr-defined]  # is_text says so


def is_layer_path(path: object) -> bool:
    """Whether `sys.path.append(path)` does no more than put layers on the path."""
    return isinstance(path, str) and _LAYER_PATH.fullmatch(path) is not None


def _is_path_edit(module: Module, node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and (module.dotted(node.func) or "") in _PATH_EDITS


def find_path_edits(module: Module) -> Iterator[ast.Call]:
    """Calls that put anything but layers on `sys.path`."""
    layer_paths = {id(node.value) for node in _find_layer_paths(module)}
    for node in module.nodes:
        if isinstance(node, ast.Call) and _is_path_edit(module, node) and id(node) not in layer_paths:
            yield node


def _find_layer_paths(module: Module) -> list[ast.Expr]:
    """The statements `sys.path.append("/opt")` and `sys.path.insert(0, "/opt/python")`."""
    return [
        node
        for node in module.nodes
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and _is_path_edit(module, node.value)
        and node.value.args
        and isinstance(node.value.args[-1], ast.Constant)
        and is_layer_path(node.value.args[-1].value)
    ]


def rewrite_imports(
    source: bytes, module: Module, moves: Mapping[str, str], *, drop_layer_paths: bool = False
) -> bytes:
    """The source of `module`, importing each top-level name in `moves` from the package it moved to.

    `{"helper": "chalicelib.orders"}` makes `import helper` into `from chalicelib.orders import helper`.
    The names that the module binds stay the same. Relative imports are left alone: what moves, moves
    together. With `drop_layer_paths`, statements that put /opt on `sys.path` go.
    """
    paths = _find_layer_paths(module) if drop_layer_paths else []
    if not paths and not _names_moved(module, moves):
        return source
    import libcst as cst

    tree = cst.parse_module(source)
    spare = {"sys"} if paths and _count_uses(module, "sys") == len(paths) else set()
    return tree.visit(_transformer(moves, drop_layer_paths, spare)).bytes


def _names_moved(module: Module, moves: Container[str]) -> bool:
    absolute = (item for item in find_imports(module) if not getattr(item.node, "level", 0))
    return any(item.name.partition(".")[0] in moves for item in absolute) or any(
        name and name.partition(".")[0] in moves for _, name in find_imports_by_name(module)
    )


def _count_uses(module: Module, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for node in module.nodes)


def _transformer(moves: Mapping[str, str], drop_layer_paths: bool, spare: Container[str]) -> cst.CSTTransformer:
    import libcst as cst
    import libcst.matchers as m

    path_call = m.Call(
        func=m.Attribute(
            value=m.Attribute(value=m.Name("sys"), attr=m.Name("path")), attr=m.Name("append") | m.Name("insert")
        ),
        args=[m.ZeroOrMore(), m.Arg(value=m.SimpleString())],
    )

    def package_of(node: cst.BaseExpression | None) -> str | None:
        return moves.get(_dotted(node).partition(".")[0]) if node is not None else None

    def dotted_node(name: str) -> cst.Name | cst.Attribute:
        return cst.ensure_type(cst.parse_expression(name), cst.Name if "." not in name else cst.Attribute)

    def move_import(node: cst.Import) -> Iterator[cst.BaseSmallStatement]:
        stay = [alias for alias in node.names if package_of(alias.name) is None and alias.evaluated_name not in spare]
        if len(stay) == len(node.names):
            yield node
            return
        if stay:
            yield node.with_changes(names=[*stay[:-1], stay[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)])
        for alias in node.names:
            package = package_of(alias.name)
            if package is not None:
                yield from move_alias(alias, package)

    def move_alias(alias: cst.ImportAlias, package: str) -> Iterator[cst.BaseSmallStatement]:
        name = alias.evaluated_name
        if alias.asname is not None:
            parent, _, last = f"{package}.{name}".rpartition(".")
            moved = cst.ImportAlias(cst.Name(last), asname=alias.asname)
            if alias.evaluated_alias == last:
                moved = cst.ImportAlias(cst.Name(last))
            yield cst.ImportFrom(dotted_node(parent), [moved])
            return
        top, _, rest = name.partition(".")
        yield cst.ImportFrom(dotted_node(package), [cst.ImportAlias(cst.Name(top))])
        if rest:
            # `import a.b` binds `a` and sees to it that `a.b` is there.
            yield cst.Import([cst.ImportAlias(dotted_node(f"{package}.{name}"))])

    def rewrite_small(node: cst.BaseSmallStatement) -> list[cst.BaseSmallStatement]:
        if isinstance(node, cst.Import):
            return list(move_import(node))
        is_path = drop_layer_paths and m.matches(node, m.Expr(path_call))
        if is_path and is_layer_path(_last_text(cst.ensure_type(node, cst.Expr))):
            return []
        return [node]

    class Mover(cst.CSTTransformer):
        def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
            package = package_of(updated_node.module)
            if updated_node.relative or updated_node.module is None or package is None:
                return updated_node
            return updated_node.with_changes(module=dotted_node(f"{package}.{_dotted(updated_node.module)}"))

        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
            """`import_module` gives the module that it names; `__import__` the topmost, so it stays."""
            function = _dotted(updated_node.func)
            if function not in {"import_module", "importlib.import_module"} or not updated_node.args:
                return updated_node
            text = updated_node.args[0].value
            package = moves.get(_text(text).partition(".")[0])
            if package is None or not isinstance(text, cst.SimpleString):
                return updated_node
            moved = text.with_changes(value=f"{text.prefix}{text.quote}{package}.{text.raw_value}{text.quote}")
            return updated_node.with_changes(
                args=[updated_node.args[0].with_changes(value=moved), *updated_node.args[1:]]
            )

        def leave_SimpleStatementLine(
            self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
        ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
            smalls = [small for node in updated_node.body for small in rewrite_small(node)]
            if smalls == list(updated_node.body):
                return updated_node
            if len(updated_node.body) > 1 or len(smalls) < 2:
                return updated_node.with_changes(body=[_unjoined(small) for small in smalls])
            first, *others = (cst.SimpleStatementLine([small]) for small in smalls)
            kept = first.with_changes(
                leading_lines=updated_node.leading_lines, trailing_whitespace=updated_node.trailing_whitespace
            )
            return cst.FlattenSentinel([kept, *others])

        def leave_SimpleStatementSuite(
            self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
        ) -> cst.SimpleStatementSuite:
            smalls = [small for node in updated_node.body for small in rewrite_small(node)]
            if smalls == list(updated_node.body):
                return updated_node
            return updated_node.with_changes(body=[_unjoined(small) for small in smalls] or [cst.Pass()])

        def leave_IndentedBlock(
            self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
        ) -> cst.IndentedBlock:
            body = _without_empty_lines(updated_node.body)
            return updated_node.with_changes(body=body or [cst.SimpleStatementLine([cst.Pass()])])

        def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
            return updated_node.with_changes(body=_without_empty_lines(updated_node.body))

    return Mover()


def _without_empty_lines(
    body: object,
) -> list[cst.BaseStatement]:
    """The statements but for those with nothing left in them; comments further above them stay."""
    import libcst as cst

    kept: list[cst.BaseStatement] = []
    waiting: list[cst.EmptyLine] = []
    for statement in body:  # type: ignore[attr-defined]  # a sequence of statements of either block kind
        if isinstance(statement, cst.SimpleStatementLine) and not statement.body:
            lines = list(statement.leading_lines)
            while lines and lines[-1].comment is not None:
                lines.pop()
            waiting.extend(lines if any(line.comment for line in lines) else lines[:1])
            continue
        if waiting:
            own = list(statement.leading_lines)
            statement = statement.with_changes(leading_lines=_join_lines(waiting, own))
            waiting = []
        kept.append(statement)
    return kept


def _join_lines(above: list[cst.EmptyLine], below: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Both without doubled blank lines where they meet."""
    while above and below and above[-1].comment is None and below[0].comment is None:
        above = above[:-1]
    return [*above, *below]


def _unjoined(node: cst.BaseSmallStatement) -> cst.BaseSmallStatement:
    import libcst as cst

    return node.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)


def _dotted(node: cst.BaseExpression) -> str:
    from libcst.helpers import get_full_name_for_node

    return get_full_name_for_node(node) or ""


def _text(node: cst.BaseExpression) -> str:
    import libcst as cst

    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else ""


def _last_text(node: cst.Expr) -> str:
    import libcst as cst

    return _text(cst.ensure_type(node.value, cst.Call).args[-1].value)
