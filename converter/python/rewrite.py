"""Small rewrites of a piece of Python; everything else in it stays as the author wrote it."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from converter.python.edits import Edits
from converter.python.module import Module, imported_names, parse_module, split_lines

if TYPE_CHECKING:
    import libcst as cst

Import = ast.Import | ast.ImportFrom

_LINE_LENGTH = 88


def replace_attribute(text: str, owner: str, attribute: str, name: str) -> str:
    """The code with `owner.attribute` written as `name`."""
    import libcst as cst
    import libcst.matchers as m

    shape = m.Attribute(value=m.Name(owner), attr=m.Name(attribute))
    changed = m.replace(cst.parse_module(text), shape, cst.Name(name))
    return cst.ensure_type(changed, cst.Module).code


def keep_imports(nodes: Sequence[Import], text: str, wanted: Container[str]) -> str:
    """The imports of one line without the names that are not wanted; empty when none is left."""
    kept = {node: [alias for alias in node.names if _is_wanted(node, alias, wanted)] for node in nodes}
    if all(len(kept[node]) == len(node.names) for node in nodes):
        return text
    written = "".join(_write_import(node, aliases) for node, aliases in kept.items() if aliases)
    if not written or len(nodes) > 1:
        return written
    (node,) = nodes
    lines = split_lines(text)
    is_one = len(kept[node]) == 1 and "#" not in text
    if _has_lines_of_their_own(node) and not is_one:
        gone = {alias.lineno - node.lineno for alias in node.names if alias not in kept[node]}
        return "".join(line for number, line in enumerate(lines) if number not in gone)
    comment = lines[-1].encode()[node.end_col_offset :].decode()
    return written.removesuffix("\n") + comment if comment.strip() else written


def drop_unused(before: Module, text: str, own: str) -> str:
    """The changed text of a module without the imports that only what it had before has used.

    Those from the package `own` stay, for what importing them does.
    """
    module = parse_module(before.path, text)
    gone = _list_uses(before) - _list_uses(module)
    edits = Edits(text)
    for statement in module.statements if gone else ():
        nodes = [node for node in statement.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
        is_own = any(f"{dotted}.".startswith(f"{own}.") for _, dotted in _names_of(nodes, module))
        if statement.is_import and not is_own and not statement.names.binds.isdisjoint(gone):
            start = edits.start(nodes[0])
            kept = keep_imports(nodes, statement.text, statement.names.binds - gone)
            edits.replace_part(start, start + len(statement.text), kept)
    return edits.apply()


def _names_of(nodes: Iterable[Import], module: Module) -> Iterator[tuple[str, str]]:
    return (named for node in nodes for named in imported_names(node, module.package))


def _list_uses(module: Module) -> set[str]:
    return {name for statement in module.statements for name in statement.names.uses}


def _write_import(node: Import, aliases: Iterable[ast.alias]) -> str:
    names = [ast.unparse(alias) for alias in aliases]
    if isinstance(node, ast.Import):
        return f"import {', '.join(names)}\n"
    return import_from("." * node.level + (node.module or ""), names)


def import_from(module: str, names: Sequence[str]) -> str:
    """`from module import ...`, with a line for each name where one would be too long."""
    line = f"from {module} import {', '.join(names)}\n"
    if len(line) <= _LINE_LENGTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"


def _has_lines_of_their_own(node: Import) -> bool:
    """Whether each name stands on a line between the parentheses."""
    lines = {alias.lineno for alias in node.names}
    return len(lines) == len(node.names) and node.lineno < min(lines) and max(lines) < (node.end_lineno or 0)


def _is_wanted(node: Import, alias: ast.alias, wanted: Container[str]) -> bool:
    return alias.name == "*" or _bound_name(node, alias) in wanted


def _bound_name(node: Import, alias: ast.alias) -> str:
    if alias.asname:
        return alias.asname
    return alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name


def rename_module(text: str, old: str, new: str) -> str:
    """The code with the top-level module `old` imported as `new`; the names it binds stay."""
    import libcst as cst
    import libcst.matchers as m

    module = cst.parse_module(text)
    module = cst.ensure_type(
        m.replace(
            module,
            m.ImportFrom(module=m.Name(old), relative=[]),
            lambda node, _: node.with_changes(module=cst.Name(new)),
        ),
        cst.Module,
    )

    def rename(node: cst.CSTNode, _: object) -> cst.CSTNode:
        names = cst.ensure_type(node, cst.Import).names
        return node.with_changes(names=[_rename_alias(alias, old, new) for alias in names])

    of_module = m.Import(names=[m.ZeroOrMore(), m.ImportAlias(name=m.Name(old)), m.ZeroOrMore()])
    return cst.ensure_type(m.replace(module, of_module, rename), cst.Module).code


def _rename_alias(alias: cst.ImportAlias, old: str, new: str) -> cst.ImportAlias:
    import libcst as cst

    if alias.evaluated_name != old:
        return alias
    return alias.with_changes(name=cst.Name(new), asname=alias.asname or cst.AsName(name=cst.Name(old)))


def make_absolute(text: str, package: str) -> str:
    """The code of a module of `package` with its relative imports written out."""
    import libcst as cst
    import libcst.matchers as m

    def write_out(node: cst.CSTNode, _: object) -> cst.CSTNode:
        written = cst.ensure_type(node, cst.ImportFrom)
        kept = package.split(".")[: len(package.split(".")) - len(written.relative) + 1]
        parts = [*kept, *([cst.Module([]).code_for_node(written.module)] if written.module else [])]
        name = cst.parse_expression(".".join(parts))
        return written.with_changes(relative=[], module=name)

    changed = m.replace(cst.parse_module(text), m.ImportFrom(relative=[m.AtLeastN(n=1)]), write_out)
    return cst.ensure_type(changed, cst.Module).code
