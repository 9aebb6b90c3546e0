"""The code that a function can run: its handlers, what they use by name, and what importing it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from converter.chalice.source import ChaliceSource
from converter.python.module import Module, Statement, resolve_relative
from converter.python.needs import Needs


@dataclass
class Reach:
    """The statements that are reached, by module; grows as code is added."""

    source: ChaliceSource
    reached: dict[str, dict[Statement, None]] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    _needs: dict[str, Needs] = field(default_factory=dict)

    def add(self, module: Module, roots: Iterable[Statement]) -> None:
        """Add statements of a module, all that they need, and what importing the module runs."""
        pending = [(module, list(roots))]
        while pending:
            module, statements = pending.pop()
            if module.path not in self.reached:
                self.reached[module.path], self.modules[module.path] = {}, module
                self._needs[module.path] = Needs(module)
                # What defines something runs nothing; a decorator's work is the framework's.
                statements = [
                    *statements,
                    *(one for one in self._needs[module.path].effects if not one.is_definition),
                ]
            known = self.reached[module.path]
            new = [one for one in self._needs[module.path].closure(statements) if one not in known]
            known.update(dict.fromkeys(sorted(new, key=lambda one: one.line)))
            for statement in new:
                pending.extend(self._imported_by(module, statement))

    def _imported_by(self, module: Module, statement: Statement) -> list[tuple[Module, list[Statement]]]:
        """What a statement uses of the project's other modules."""
        found: list[tuple[Module, list[Statement]]] = []
        for top in statement.nodes:
            for node in ast.walk(top):
                if isinstance(node, (ast.Name, ast.Attribute)):
                    found.extend(self._find(module.dotted(node) or ""))
                elif isinstance(node, (ast.Import, ast.ImportFrom)):
                    found.extend(self._find_imported(module, node))
        return found

    def _find(self, dotted: str) -> list[tuple[Module, list[Statement]]]:
        owner, _, name = dotted.rpartition(".")
        home = self.source.find_module(owner) if owner else None
        return [(home, home.binders[name])] if home is not None and name in home.binders else []

    def _find_imported(
        self, module: Module, node: ast.Import | ast.ImportFrom
    ) -> list[tuple[Module, list[Statement]]]:
        """The modules that an import runs; all of one whose names are imported by a star."""
        names = {alias.name for alias in node.names}
        homes: set[str]
        if isinstance(node, ast.Import):
            homes = names
        else:
            owner = resolve_relative(node, module.package) if node.level else node.module or ""
            homes = {owner, *(f"{owner}.{name}" for name in names)}
        found = []
        for dotted in sorted(homes):
            home = self.source.find_module(dotted)
            if home is not None and home is not module:
                found.append((home, list(home.statements) if "*" in names else []))
        return found


def find_statement(module: Module, node: ast.AST) -> Statement | None:
    """The top-level statement that a node of the module stands in."""
    line = getattr(node, "lineno", 0)
    inside = (one for one in module.statements if one.line <= line <= (one.nodes[-1].end_lineno or one.line))
    return next(inside, None)
