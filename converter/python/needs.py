"""Which statements of a module a piece of its code needs in order to run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from converter.python.module import BUILTINS, Module, Statement


@dataclass(frozen=True)
class Needs:
    """The statements of a module, linked by the names that they bind, use and alter."""

    module: Module

    @cached_property
    def changers(self) -> dict[str, list[Statement]]:
        """The statements that do nothing but alter one of the module's own objects, by its name."""
        changers: dict[str, list[Statement]] = {}
        for statement in self.module.statements:
            name = self.module.changes(statement)
            if name is not None:
                changers.setdefault(name, []).append(statement)
        return changers

    @cached_property
    def star_imports(self) -> list[Statement]:
        return [statement for statement in self.module.statements if "*" in statement.names.binds]

    @cached_property
    def effects(self) -> list[Statement]:
        """The statements that something else could notice, so that they run whoever is served."""
        tied = {id(statement) for found in self.changers.values() for statement in found}
        return [
            statement
            for statement in self.module.statements
            if id(statement) not in tied
            and not statement.is_docstring
            and not statement.is_main_guard
            and not self.module.is_inert(statement)
        ]

    def of_names(self, names: Iterable[str]) -> list[Statement]:
        """The statements that make the names what they are."""
        found: list[Statement] = []
        for name in names:
            binders = self.module.binders.get(name)
            if binders is None:
                found.extend(() if name in BUILTINS else self.star_imports)
            else:
                found.extend(binders)
                found.extend(self.changers.get(name, ()))
        return found

    def closure(self, roots: Iterable[Statement]) -> set[Statement]:
        """The roots and all that they need, directly or not."""
        needed: set[Statement] = set()
        open_ones = list(roots)
        while open_ones:
            statement = open_ones.pop()
            if statement not in needed:
                needed.add(statement)
                open_ones.extend(self.of_names(statement.names.uses))
        return needed
