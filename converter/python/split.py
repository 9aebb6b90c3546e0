"""
One module taken apart: what one function needs goes with it, what several need is shared.

Each Lambda function runs in a process of its own, so module state was never shared
between functions and may be doubled or moved freely. What must stay is the order of
the statements whose running can be noticed, and that every function runs them.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from converter.python.loggers import Loggers
from converter.python.module import (
    BUILTINS,
    Module,
    Statement,
    header_of,
    is_standard_library,
    leading_lines,
    read_names,
)
from converter.python.needs import Needs, reaches_all
from converter.python.rewrite import import_from, keep_imports

# Imported for their names only; nobody imports them for what they do.
_QUIET_PACKAGES = frozenset({"boto3", "botocore"})


class Split(NamedTuple):
    """The text of each root's own module, of the shared one (None: nothing is shared), and the rest."""

    parts: Mapping[str, str]
    shared: str | None
    left_out: tuple[Statement, ...]


def split(
    module: Module,
    roots: Mapping[str, Sequence[Statement]],
    *,
    shared_name: str,
    external: Iterable[str] = (),
    is_pinned: Callable[[Statement], bool] = lambda statement: False,
) -> Split:
    """Take `module` apart into one module for each root and a shared one, imported as `shared_name`.

    A root is a statement that binds the name for which its module is imported, and others that it goes with.
    `external` are names that other modules import from it; with what they need they are
    shared. So is what `is_pinned` names, wherever it is needed.
    """
    first = {key: statements[0] for key, statements in roots.items()}
    return _Splitter(module, first, roots, shared_name, frozenset(external), is_pinned).split()


@dataclass
class _Splitter:
    module: Module
    roots: dict[str, Statement]
    together: Mapping[str, Sequence[Statement]]
    shared_name: str
    external: frozenset[str]
    is_pinned: Callable[[Statement], bool]
    placed: set[Statement] = field(default_factory=set)
    _narrowed: dict[tuple[Statement, frozenset[str]], Statement | None] = field(default_factory=dict)

    @cached_property
    def needs(self) -> Needs:
        return Needs(self.module, frozenset(self._all_roots))

    @cached_property
    def loggers(self) -> Loggers:
        outside = self.needs.of_names(self.external)
        return Loggers(self.needs, self.needs.closure([*self._all_roots, *outside, *self.needs.effects]))

    @property
    def _all_roots(self) -> list[Statement]:
        return [statement for statements in self.together.values() for statement in statements]

    @cached_property
    def used_anywhere(self) -> frozenset[str]:
        return frozenset(name for statement in self.module.statements for name in statement.names.uses)

    @cached_property
    def order(self) -> dict[Statement, int]:
        return {statement: number for number, statement in enumerate(self.module.statements)}

    @cached_property
    def copied(self) -> list[Statement]:
        """Imports and the set-up of logging, which stand in each module that uses them."""
        return [
            statement
            for statement in self.module.statements
            if statement.is_import or statement.is_for_types or statement in self.loggers.setups
        ]

    @cached_property
    def uncopied(self) -> frozenset[Statement]:
        return frozenset(self.module.statements).difference(self.copied)

    def split(self) -> Split:
        needed_by = {key: self._needed_by(key) for key in self.roots}
        shared = self._find_shared(needed_by)
        own = {key: needed.union(self.together[key]) - shared for key, needed in needed_by.items()}
        written = shared.union(*own.values())
        parts = {key: self._write_part(key, own[key], shared) for key in self.roots}
        last = max(written, key=self.order.__getitem__, default=None)
        tail_of = next((key for key, statements in own.items() if last in statements), None)
        if tail_of is not None:
            parts[tail_of] += self.module.tail
        text = self._write_shared(shared)
        in_place = written | self.placed
        left_out = [
            statement
            for statement in self.module.statements
            if statement not in in_place
            and (statement in self.uncopied or statement in self.loggers.setups)
            and not statement.is_docstring
        ]
        return Split(parts, text + self.module.tail if text and tail_of is None else text, tuple(left_out))

    # --- who needs what -------------------------------------------------------

    def _needed_by(self, key: str) -> set[Statement]:
        """What a root needs, but for functions that another one of the same name replaces."""
        root = self.roots[key]
        replaced = {other for other in self._replaced if other is not root}
        twins = {twin for twin in self._twins.get(root.names.binds, ()) if twin is not root}
        return (
            self.needs.closure(self.together[key]) - replaced - twins | self._needed_by_all
        ) & self.uncopied

    @cached_property
    def _twins(self) -> dict[frozenset[str], list[Statement]]:
        found: dict[frozenset[str], list[Statement]] = {}
        for root in self.roots.values():
            found.setdefault(root.names.binds, []).append(root)
        return {names: twins for names, twins in found.items() if len(twins) > 1}

    @cached_property
    def _replaced(self) -> set[Statement]:
        return {twin for twins in self._twins.values() for twin in twins[:-1]}

    @cached_property
    def _effects(self) -> list[Statement]:
        return [statement for statement in self.needs.effects if statement in self.uncopied]

    @cached_property
    def _needed_by_all(self) -> set[Statement]:
        return self.needs.closure(self._effects)

    @cached_property
    def _needed_outside(self) -> set[Statement]:
        """What other modules import, with what that needs."""
        return self.needs.closure(self.needs.of_names(self.external)) & self.uncopied

    def _find_shared(self, needed_by: Mapping[str, set[Statement]]) -> set[Statement]:
        users = [*needed_by.values()]
        if self.external:
            users.append(self._needed_outside | self._needed_by_all & self.uncopied)
        times = Counter(statement for needed in users for statement in needed)
        shared = {
            statement
            for statement, count in times.items()
            if count > 1
            or self.is_pinned(statement)
            or reaches_all(statement)
            or (len(users) > 1 and self._must_not_move(statement))
        }
        return self._close(shared | self._needed_outside, set(times))

    def _must_not_move(self, statement: Statement) -> bool:
        """A value worked out before a statement with effects is worked out before it still."""
        if not self._effects or not _works_out_values(statement):
            return False
        # The set-up of logging goes with the effects, and only who asks for a logger can tell.
        setups = self.loggers.setups if self._uses_logging(statement) else frozenset()
        return statement.line < max(effect.line for effect in (*self._effects, *setups))

    def _uses_logging(self, statement: Statement) -> bool:
        loggers = {name for setup in self.loggers.setups for name in setup.names.binds}
        loggers |= {
            name for name, path in self.module.imported.items() if path.partition(".")[0] == "logging"
        }
        return any(not loggers.isdisjoint(one.names.uses) for one in self.needs.closure([statement]))

    def _close(self, shared: set[Statement], needed: set[Statement]) -> set[Statement]:
        """With what the shared statements need, and with all who would not find it there as it was here."""
        loose = self.needs.unsure | self.needs.rebinders.keys()
        while True:
            closed = self.needs.closure(shared) & self.uncopied
            names = {name for one in closed for name in one.names.binds | one.names.rebinds}
            makers = {name: self.needs.of_names([name]) for name in names}
            # One module makes a name what it is, from its first value to its last.
            closed.update(one for found in makers.values() for one in found if one in needed)
            last = {name: max(one.line for one in found) for name, found in makers.items() if len(found) > 1}
            closed |= {statement for statement in needed if _is_tied(statement, names & loose, last)}
            if closed == shared:
                return shared
            shared = closed

    # --- the modules that come out -----------------------------------------------

    def _write_part(self, key: str, own: set[Statement], shared: set[Statement]) -> str:
        runs_effects = not any(effect in shared for effect in self._effects)
        chosen = self._with_copies(own, runs_effects=runs_effects, has_preface=not shared)
        if self.roots[key] not in shared:
            return self._assemble(self._with_import(chosen, shared), has_preface=not shared)
        names = self.roots[key].names.binds
        if own:
            return self._assemble(self._with_import(chosen, shared, names), has_preface=False)
        # All that the handler's own module has to do beside is what is done for all functions.
        set_up = [] if all(copy.is_import for copy in chosen) else chosen
        text = self._assemble(self._with_import(set_up, shared, names), has_preface=False)
        return text + with_line_ends(f'\n__all__ = ["{min(names)}"]\n', self.module)

    def _write_shared(self, shared: set[Statement]) -> str | None:
        if not shared and not self._copied_outside:
            return None
        runs_effects = any(effect in shared for effect in self._effects) or any(map(self._reads_logs, shared))
        chosen = self._with_copies(
            shared, runs_effects=runs_effects, has_preface=True, also=self._copied_outside
        )
        return self._assemble(chosen, has_preface=True)

    def _reads_logs(self, statement: Statement) -> bool:
        """Whether what is worked out at once may depend on how logging is set up."""
        imported = (self.module.imported.get(name, "") for name in statement.names.now)
        return not statement.is_import and any(each.partition(".")[0] == "logging" for each in imported)

    @property
    def _copied_outside(self) -> set[str]:
        """The names that other modules import, of statements that stand in each module that uses them."""
        return {name for copy in self.copied for name in copy.names.binds & self.external}

    def _assemble(self, statements: list[Statement], *, has_preface: bool) -> str:
        text = assemble(statements, self.module)
        first = self.module.statements[0]
        is_first_gone = all(statement.line != first.line for statement in statements)
        return header_of(first.above) + text if has_preface and is_first_gone else text

    def _with_import(
        self, chosen: list[Statement], shared: set[Statement], also: Iterable[str] = ()
    ) -> list[Statement]:
        """With the import of the shared module, below the imports that ran before its effects did."""
        bound_here = {name for statement in chosen for name in statement.names.binds}
        used = {name for statement in chosen for name in statement.names.uses} - bound_here
        from_shared = {name for name in used if not shared.isdisjoint(self.module.binders.get(name, ()))}
        names = sorted(from_shared.union(also))
        effects = [effect.line for effect in self._effects if effect in shared]
        if not names and not effects:
            return chosen
        text = f"import {self.shared_name}  # noqa: F401  (for what it sets up)\n"
        if names:
            text = import_from(self.shared_name, names)
        index = 0
        for number, statement in enumerate(chosen):
            is_early = not effects or statement.line < min(effects)
            if not (statement.is_docstring or ((statement.is_import or statement.is_for_types) and is_early)):
                break
            index = number + 1
        is_beside_own = index > 0 and self._is_own_import(chosen[index - 1])
        nodes = tuple(ast.parse(text).body)
        imported = Statement(nodes, "" if is_beside_own else "\n", text, read_names(nodes))
        return [*chosen[:index], imported, *chosen[index:]]

    def _is_own_import(self, statement: Statement) -> bool:
        """Whether an import names the project's own code, which stands in a group of its own."""
        dotted = {self.module.imported.get(name, name) for name in statement.names.binds}
        return statement.is_import and all(path.partition(".")[0] == "chalicelib" for path in dotted)

    def _with_copies(
        self,
        statements: set[Statement],
        *,
        runs_effects: bool,
        has_preface: bool,
        also: Iterable[str] = (),
    ) -> list[Statement]:
        """The statements in their order, with the imports and loggers that they or others use."""
        used = {name for statement in statements for name in statement.names.uses}.union(also)
        chosen = {self.order[statement]: statement for statement in statements}
        for statement in reversed(self.copied):
            copy = self._copy(statement, used, runs_effects=runs_effects)
            if copy is not None:
                chosen[self.order[statement]] = copy
                self.placed.add(statement)
                used |= copy.names.uses
        first = self.module.statements[0]
        if has_preface and first.is_docstring:
            chosen[0] = first
        return [chosen[number] for number in sorted(chosen)]

    def _copy(self, statement: Statement, used: set[str], *, runs_effects: bool) -> Statement | None:
        if statement.is_for_types:
            return statement if used & statement.names.binds else None
        if not statement.is_import:
            return statement if self.loggers.serves(statement, used, is_for_all=runs_effects) else None
        if statement.is_future or (runs_effects and self._is_between_effects(statement)):
            return statement
        if "*" in statement.names.binds:
            is_for_effect = not self._is_star_used and not statement.self_contained
            is_wanted = any(name not in self.module.binders for name in used) or is_for_effect
            return statement if is_wanted else None
        wanted = frozenset(
            name
            for name in statement.names.binds
            if name in used or (not statement.self_contained and self._is_for_effect(name))
        )
        if (statement, wanted) not in self._narrowed:
            self._narrowed[statement, wanted] = _narrow(statement, wanted)
        return self._narrowed[statement, wanted]

    def _is_between_effects(self, statement: Statement) -> bool:
        lines = [effect.line for effect in self._effects]
        return bool(lines) and min(lines) < statement.line < max(lines)

    @cached_property
    def _is_star_used(self) -> bool:
        """Whether the code has names that only a star import explains."""
        return bool(self.used_anywhere - self.module.binders.keys() - BUILTINS)

    def _is_for_effect(self, name: str) -> bool:
        """Whether an import that nobody uses may be there for what importing it does."""
        if name in self.used_anywhere:
            return False
        top = self.module.imported.get(name, name).partition(".")[0]
        return not is_standard_library(top) and top not in _QUIET_PACKAGES and top != "chalice"


def _narrow(statement: Statement, wanted: frozenset[str]) -> Statement | None:
    """An import of nothing but these names."""
    nodes = [node for node in statement.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    text = keep_imports(nodes, statement.text, wanted)
    if not text or text == statement.text:
        return statement if text else None
    return replace(statement, text=text, names=replace(statement.names, binds=wanted))


def assemble(statements: Iterable[Statement], module: Module) -> str:
    """The statements as a module, with the author's spacing where the neighbours are the same."""
    places = module.places
    pieces: list[str] = []
    previous: Statement | None = None
    for statement in statements:
        above = statement.above
        if previous is None:
            above = above.lstrip("\r\n")
        else:
            before, here = places.get(previous.node, -1), places.get(statement.node, 0)
            if here != before + 1:
                above = _blank_lines(
                    previous, statement, module.statements[before + 1 : here]
                ) + above.lstrip("\r\n")
        pieces.append(above + _ended(statement.text))
        previous = statement
    return with_line_ends("".join(pieces), module)


def with_line_ends(text: str, module: Module) -> str:
    """The text with the line ends of the module."""
    is_crlf = module.source.partition("\n")[0].endswith("\r")
    return re.sub(r"(?<!\r)\n", "\r\n", text) if is_crlf else text


def _is_future(statement: Statement) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in statement.nodes)


def _blank_lines(previous: Statement, statement: Statement, between: Sequence[Statement]) -> str:
    """The empty lines above a statement that did not follow the previous one."""
    if previous.is_definition or statement.is_definition:
        return "\n\n"
    if previous.is_import and statement.is_import:
        return "\n" if any(leading_lines(one.above) for one in (statement, *between)) else ""
    # Two lines below a definition are the definition's, unless they set off what is said of a whole group.
    is_of_definition = between and between[-1].is_definition and not header_of(statement.above)
    least = 1 if previous.is_import or previous.is_docstring else 0
    most = 1 if is_of_definition else 2
    return "\n" * max(least, min(leading_lines(statement.above).count("\n"), most))


def _ended(text: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + "\n"


def _works_out_values(statement: Statement) -> bool:
    return any(
        isinstance(node, (ast.Call, ast.Subscript, ast.Attribute))
        for root in statement.nodes
        for value in _values(root)
        for node in ast.walk(value)
    )


def _values(node: ast.stmt) -> Iterable[ast.AST]:
    """What a statement works out: of a function, its defaults; of a class, its attributes."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    if isinstance(node, ast.ClassDef):
        return [value for inner in node.body for value in _values(inner)]
    if isinstance(node, ast.AnnAssign):
        return [] if node.value is None else [node.value]
    return [node]


def _is_tied(statement: Statement, loose: set[str], last: Mapping[str, int]) -> bool:
    """Whether a statement has to stand in the module that makes the names that it uses.

    `loose` may be bound anew, or not at all, so that they cannot be imported; `last` is where
    others get their last value, and what reads them before that reads another one.
    """
    if not loose.isdisjoint(statement.names.uses):
        return True
    return any(statement.line < last.get(name, 0) for name in statement.names.now)
