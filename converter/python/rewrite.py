"""Small rewrites of a piece of Python; everything else in it stays as the author wrote it."""

from __future__ import annotations

import ast
from collections.abc import Container


def replace_attribute(text: str, owner: str, attribute: str, name: str) -> str:
    """The code with `owner.attribute` written as `name`."""
    import libcst as cst
    import libcst.matchers as m

    shape = m.Attribute(value=m.Name(owner), attr=m.Name(attribute))
    changed = m.replace(cst.parse_module(text), shape, cst.Name(name))
    return cst.ensure_type(changed, cst.Module).code


def keep_imports(node: ast.Import | ast.ImportFrom, text: str, wanted: Container[str]) -> str:
    """The import without the names that are not wanted; empty when none is left."""
    kept = [alias for alias in node.names if _bound_name(node, alias) in wanted or alias.name == "*"]
    if len(kept) == len(node.names):
        return text
    if not kept:
        return ""
    names = ", ".join(alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in kept)
    if isinstance(node, ast.Import):
        return f"import {names}\n"
    return f"from {'.' * node.level}{node.module or ''} import {names}\n"


def _bound_name(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
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
    alias = cst.ImportAlias(name=cst.Name(new), asname=cst.AsName(name=cst.Name(old)))
    plain = m.ImportAlias(name=m.Name(old), asname=None)
    renamed = m.replace(module, m.Import(names=[plain]), lambda node, _: node.with_changes(names=[alias]))
    return cst.ensure_type(renamed, cst.Module).code


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
