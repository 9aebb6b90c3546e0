"""
Chalice's own analyzer of app.py, in time that grows with the file and not with its square.

chalice.analyzer asks the standard library anew for all of a module's functions each time it
looks one up by name, which is most of what `chalice package` does for a large app.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, ClassVar, cast
from weakref import WeakKeyDictionary

from chalice.analyzer import (
    AppViewTypeInfer,
    ChainedSymbolTable,
    ParsedCode,
    SymbolTableTypeInfer,
    TypeBinder,
)

from converter.python.walk import PARTS

Children = dict[str, list[symtable.SymbolTable]]

_CHILDREN: WeakKeyDictionary[symtable.SymbolTable, Children] = WeakKeyDictionary()


class _IndexedSymbolTable(ChainedSymbolTable):
    """The same look-up, by name."""

    def lookup_sub_namespace(self, name: str, lineno: int | None = None) -> _IndexedSymbolTable:
        for child in _children(self._local_table).get(name, ()):
            if lineno is None or child.get_lineno() == lineno:
                return _IndexedSymbolTable(child, self._local_table)
        for child in _children(self._global_table).get(name, ()):
            return _IndexedSymbolTable(child, self._global_table)
        raise ValueError(f"Unknown symbol name: {name}")


class _Symbol:
    """A name of the module; the analyzer notes on it what it has found out."""

    def is_global(self) -> bool:
        return True


class _ModuleTable:
    """A module's symbols without the functions of each name, for which the analyzer never asks."""

    def __init__(self, table: symtable.SymbolTable) -> None:
        self.get_children = table.get_children
        self.get_name = table.get_name
        self._symbols = {name: _Symbol() for name in table.get_identifiers()}

    def lookup(self, name: str) -> _Symbol:
        return self._symbols[name]


class _TypeInfer(SymbolTableTypeInfer):
    """The same inference; methods are looked up by the node's type, not by a name spelled for each node."""

    methods: ClassVar[dict[type[ast.AST], Callable[[Any, Any], None]]]

    def visit(self, node: Any) -> None:
        method = self.methods.get(type(node))
        if method is not None:
            method(self, node)
        else:
            self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        for name in PARTS[type(node)]:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)


_TypeInfer.methods = {
    getattr(ast, name.removeprefix("visit_")): method
    for name, method in vars(SymbolTableTypeInfer).items()
    if name.startswith("visit_")
}


class _ViewTypeInfer(AppViewTypeInfer):
    """The same, which looks for views among the statements only."""

    def __init__(self, parsed: ParsedCode) -> None:
        super().__init__(parsed)
        self.parsed = parsed
        self.binder = TypeBinder()
        self.visited: set[ast.AST] = set()

    def bind_types(self) -> TypeBinder:
        _TypeInfer(self.parsed, self.binder, self.visited).bind_types()
        for function in _outer_functions(self.parsed.parsed_ast):
            if self._is_chalice_view(function):
                table = self.parsed.symbol_table.lookup_sub_namespace(function.name, function.lineno)
                _TypeInfer(ParsedCode(function, table), self.binder, self.visited).bind_types()
        return self.binder


def _outer_functions(node: ast.AST) -> Iterator[ast.FunctionDef]:
    """The functions below the node that are not inside of other functions, in their order."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        value = getattr(node, name, None)
        for child in value if isinstance(value, list) else ():
            if isinstance(child, ast.FunctionDef):
                yield child
            else:
                yield from _outer_functions(child)


def _children(table: symtable.SymbolTable) -> Children:
    if table not in _CHILDREN:
        by_name: Children = {}
        _CHILDREN[table] = by_name
        for child in table.get_children():
            by_name.setdefault(child.get_name(), []).append(child)
    return _CHILDREN[table]


def find_client_calls(source: str, tree: ast.Module | None = None) -> dict[str, set[str]]:
    """The methods of boto3 clients that the source calls, by service, as Chalice finds them.

    `tree` is what the source parses to, if that is known. The answer is that of
    chalice.analyzer.get_client_calls_for_app.
    """
    # It has all that the analyzer asks of a module's table.
    table = cast(symtable.SymbolTable, _ModuleTable(symtable.symtable(source, "app.py", "exec")))
    tree = tree or ast.parse(source, "app.py")
    binder = _ViewTypeInfer(ParsedCode(tree, _IndexedSymbolTable(table, table))).bind_types()
    # What chalice.analyzer.APICallCollector finds, without walking the whole tree for it.
    calls: dict[str, set[str]] = {}
    for service, method in chain.from_iterable(binder._node_to_api_calls.values()):
        calls.setdefault(service, set()).add(method)
    return calls
