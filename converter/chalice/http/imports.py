"""What a module imports in place of Chalice's names, once its routes are Powertools'."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from dataclasses import replace

from converter.chalice.event_objects import EVENT_CLASSES, HOME_OF_CLASSES
from converter.chalice.http.compat_module import COMPAT_MODULE, compat_names
from converter.chalice.http.names import ADDED, GONE, OTHER, PACKAGES, POWERTOOLS
from converter.python.module import Module, Statement, leading_lines, read_names


def with_imports(
    statements: Iterable[Statement], module: Module, external: Collection[str], used_of_compat: set[str]
) -> list[Statement]:
    """The statements with imports of what takes the place of Chalice's names.

    `external` are the names that other modules import from this one. What is needed of the compatibility
    module is added to `used_of_compat`.
    """
    statements = list(statements)
    used = {name for one in statements if not _imports_chalice(one) for name in one.names.uses}
    used.update(external)
    changed: list[Statement] = []
    lines: dict[str, list[str]] = {}
    first: int | None = None
    distance = ""
    for statement in statements:
        if not _imports_chalice(statement):
            changed.append(statement)
            continue
        if first is None:
            first, distance = len(changed), leading_lines(statement.above)
        for node in statement.nodes:
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                name = alias.asname or alias.name
                written = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                if alias.name in compat_names() and name in used:
                    used_of_compat.add(alias.name)
                    lines.setdefault(COMPAT_MODULE, []).append(written)
                elif alias.name in GONE and name in used:
                    # Something else than an argument of a decorator.
                    lines.setdefault("chalice", []).append(written)
                elif alias.name in EVENT_CLASSES and name in used:
                    lines.setdefault(HOME_OF_CLASSES, []).append(written)
        if statement.above.strip():
            changed.append(replace(statement, nodes=(ast.Pass(),), text="", names=read_names([])))
    bound = {name for one in changed for name in one.names.binds} | {
        name.rpartition(" as ")[2] for names in lines.values() for name in names
    }
    for name in sorted(used - bound):
        if name in POWERTOOLS:
            lines.setdefault(POWERTOOLS[name], []).append(name)
        elif name in EVENT_CLASSES and name not in module.binders:
            lines.setdefault(HOME_OF_CLASSES, []).append(name)
        elif name in compat_names() and name not in module.binders:
            used_of_compat.add(name)
            lines.setdefault(COMPAT_MODULE, []).append(name)
        elif name.removeprefix(OTHER) in ADDED and name not in module.binders:
            used_of_compat.add(name.removeprefix(OTHER))
            lines.setdefault(COMPAT_MODULE, []).append(f"{name.removeprefix(OTHER)} as {name}")
    place = first if first is not None else _place_of_import(changed, module)
    new = [_make_import(home, sorted(set(lines[home]))) for home in lines if home != COMPAT_MODULE]
    if new and place == 0 and changed and changed[0].above.strip():
        # What stands at the top stays there.
        distance = changed[0].above
        changed[0] = replace(changed[0], above="" if changed[0].is_import else "\n")
    new[:1] = [replace(one, above=distance) for one in new[:1]]
    changed[place:place] = new
    if COMPAT_MODULE in lines:
        # What is the project's own stands below what is installed.
        end = place + len(new)
        while end < len(changed) and changed[end].is_import and not _is_own(changed[end]):
            end += 1
        changed.insert(end, _make_import(COMPAT_MODULE, sorted(set(lines[COMPAT_MODULE]))))
        if end + 1 < len(changed) and _is_own(changed[end + 1]):
            changed[end + 1] = replace(changed[end + 1], above=changed[end + 1].above.lstrip("\r\n"))
    return changed


def _imports_chalice(statement: Statement) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.module in PACKAGES and not node.level)
        or (isinstance(node, ast.Import) and all(alias.name in PACKAGES for alias in node.names))
        for node in statement.nodes
    )


def _is_own(statement: Statement) -> bool:
    """Whether it imports from the project itself."""
    modules = [getattr(node, "module", None) or "" for node in statement.nodes]
    return statement.is_import and any(module.split(".")[0] == "chalicelib" for module in modules)


def _place_of_import(statements: list[Statement], module: Module) -> int:
    """Where the module had imported Chalice, else the end of the imports at its top."""
    line = next((one.line for one in module.statements if _imports_chalice(one)), None)
    if line is None:
        places = (number for number, one in enumerate(statements) if not (one.is_import or one.is_docstring))
    else:
        places = (number for number, one in enumerate(statements) if one.line > line)
    return next(places, len(statements))


def _make_import(home: str, names: list[str]) -> Statement:
    text = f"from {home} import {', '.join(names)}\n"
    if len(text) > 100:
        text = f"from {home} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
    nodes = tuple(ast.parse(text).body)
    above = "\n" if home == COMPAT_MODULE else ""
    return Statement(nodes, above, text, read_names(nodes))
