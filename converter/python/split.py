"""
One module taken apart: what one function needs goes with it, what several need is shared.

Each Lambda function runs in a process of its own, so module state was never shared
between functions and may be doubled or moved freely. What must stay is the order of
the statements whose running can be noticed, and that every function runs them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter

from converter.python.module import Module, Statement, is_standard_library
from converter.python.needs import Needs
from converter.python.rewrite import keep_imports

_LINE_LENGTH = 88
# Imported for their names only; nobody imports them for what they do.
_QUIET_PACKAGES = frozenset({"boto3", "botocore"})


@dataclass(frozen=True)
class Split:
    """The text of each root's own module, of the shared one (None: nothing is shared), and the rest."""

    parts: Mapping[str, str]
    shared: str | None
    left_out: tuple[Statement, ...]


def split(
    module: Module,
    roots: Mapping[str, Statement],
    *,
    shared_name: str,
    external: Iterable[str] = (),
    is_pinned: Callable[[Statement], bool] = lambda statement: False,
) -> Split:
    """Take `module` apart into one module for each root and a shared one, imported as `shared_name`.

    `external` are names that other modules import from it; with what they need they are
    shared. So is what `is_pinned` names, wherever it is needed.
    """
    return _Splitter(module, dict(roots), shared_name, frozenset(external), is_pinned).split()


@dataclass
class _Splitter:
    module: Module
    roots: dict[str, Statement]
    shared_name: str
    external: frozenset[str]
    is_pinned: Callable[[Statement], bool]

    @cached_property
    def needs(self) -> Needs:
        return Needs(self.module)

    @cached_property
    def by_binds(self) -> dict[frozenset[str], list[Statement]]:
        found: dict[frozenset[str], list[Statement]] = {}
        for root in self.roots.values():
            found.setdefault(root.names.binds, []).append(root)
        return found

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
            if statement.is_import or self.module.is_logging_setup(statement)
        ]

    @cached_property
    def uncopied(self) -> frozenset[Statement]:
        return frozenset(self.module.statements).difference(self.copied)

    def split(self) -> Split:
        needed_by = {key: self._needed_by(key) for key in self.roots}
        shared = self._find_shared(needed_by)
        own = {key: needed - shared for key, needed in needed_by.items()}
        written = shared.union(*own.values()) if own else shared
        left_out = [
            statement
            for statement in self.module.statements
            if statement in self.uncopied and statement not in written and not statement.is_docstring
        ]
        texts = {key: self._write_part(key, statements, shared) for key, statements in own.items()}
        return Split(*self._with_tail(texts, own, self._write_shared(shared)), tuple(left_out))

    def _with_tail(
        self, parts: dict[str, str], own: Mapping[str, set[Statement]], shared: str | None
    ) -> tuple[dict[str, str], str | None]:
        """Comments at the end of the module go where its last statement went."""
        if not self.module.tail.strip():
            return parts, shared
        last = self.module.statements[-1]
        for key, statements in own.items():
            if last in statements:
                return {**parts, key: parts[key] + self.module.tail}, shared
        return parts, shared + self.module.tail if shared is not None else None

    # --- who needs what -------------------------------------------------------

    def _needed_by(self, key: str) -> set[Statement]:
        root = self.roots[key]
        twins = {
            other
            for other in self.roots.values()
            if other is not root and other.names.binds == root.names.binds
        }
        needed = self.needs.closure([root, *self._effects]) - twins
        return needed & self.uncopied

    @cached_property
    def _effects(self) -> list[Statement]:
        return [statement for statement in self.needs.effects if statement in self.uncopied]

    def _find_shared(self, needed_by: Mapping[str, set[Statement]]) -> set[Statement]:
        times: dict[Statement, int] = {}
        for needed in needed_by.values():
            for statement in needed:
                times[statement] = times.get(statement, 0) + 1
        effects = self._effects
        last_effect = max((statement.line for statement in effects), default=0)
        shared = {
            statement
            for statement, count in times.items()
            if count > 1
            or self.is_pinned(statement)
            or (len(self.roots) > 1 and self._must_not_move(statement, last_effect))
        }
        shared |= self.needs.closure(self.needs.of_names(self.external)) & self.uncopied
        return self._close(shared, set(times))

    def _must_not_move(self, statement: Statement, last_effect: int) -> bool:
        """A value worked out before a statement with effects is worked out before it still."""
        if statement.is_definition or statement.line >= last_effect:
            return False
        return any(
            isinstance(node, (ast.Call, ast.Subscript, ast.Attribute))
            for root in statement.nodes
            for node in ast.walk(root)
        )

    def _close(self, shared: set[Statement], needed: set[Statement]) -> set[Statement]:
        """With what the shared statements need, and with all who touch a name that `global` rebinds."""
        rebound = {name for statement in needed | shared for name in statement.names.rebinds}
        while True:
            closed = self.needs.closure(shared) & self.uncopied
            state = {name for statement in closed for name in statement.names.binds} & rebound
            closed |= {statement for statement in needed if statement.names.uses & state}
            if closed == shared:
                return shared
            shared = closed

    # --- the modules that come out -----------------------------------------------

    def _write_part(self, key: str, own: set[Statement], shared: set[Statement]) -> str:
        root = self.roots[key]
        if root in shared:
            (name,) = root.names.binds
            return f'{self._from_shared([name])}\n__all__ = ["{name}"]\n'
        chosen = self._with_copies(own, is_part=True, has_docstring=not shared)
        bound_here = {name for statement in chosen for name in statement.names.binds}
        used = {name for statement in chosen for name in statement.names.uses}
        effects = [statement for statement in self._effects if statement in shared]
        names = sorted(
            name
            for name in used - bound_here
            if any(binder in shared for binder in self.module.binders.get(name, ()))
        )
        text = ""
        if names:
            text = self._from_shared(names)
        elif effects:
            text = f"import {self.shared_name}  # noqa: F401  (for what it sets up)\n"
        return assemble(self._place_import(chosen, text, effects), self.module)

    def _from_shared(self, names: list[str]) -> str:
        line = f"from {self.shared_name} import {', '.join(names)}\n"
        if len(line) <= _LINE_LENGTH:
            return line
        return f"from {self.shared_name} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"

    def _place_import(self, chosen: list[Statement], text: str, effects: list[Statement]) -> list[Statement]:
        """The import of the shared module goes below the imports that ran before its effects did."""
        if not text:
            return chosen
        first_effect = min((statement.line for statement in effects), default=0)
        index = 0
        for number, statement in enumerate(chosen):
            is_early = not first_effect or statement.line < first_effect
            if not (statement.is_docstring or (statement.is_import and is_early)):
                break
            index = number + 1
        node = ast.parse(text).body[0]
        node.lineno = chosen[index - 1].line if index else 1
        is_beside_own = index and self._is_own_import(chosen[index - 1])
        imported = Statement((node,), "" if is_beside_own else "\n", text, names=chosen[0].names)
        return [*chosen[:index], imported, *chosen[index:]]

    def _is_own_import(self, statement: Statement) -> bool:
        """Whether an import names the project's own code, which stands in a group of its own."""
        dotted = {self.module.imported.get(name, name) for name in statement.names.binds}
        return statement.is_import and all(path.partition(".")[0] == "chalicelib" for path in dotted)

    def _write_shared(self, shared: set[Statement]) -> str | None:
        if not shared:
            return None
        return assemble(self._with_copies(shared, is_part=False, has_docstring=True), self.module)

    def _with_copies(
        self, statements: set[Statement], *, is_part: bool, has_docstring: bool
    ) -> list[Statement]:
        """The statements in their order, with the imports and loggers that they use."""
        used = {name for statement in statements for name in statement.names.uses}
        unresolved = any(name not in self.module.binders for name in used)
        chosen = {self.order[statement]: statement for statement in statements}
        for statement in reversed(self.copied):
            copy = self._copy(statement, used, unresolved, is_part)
            if copy is not None:
                chosen[self.order[statement]] = copy
                used |= copy.names.uses
        docstring = self.module.statements[0] if has_docstring else None
        if docstring is not None and docstring.is_docstring:
            chosen[0] = docstring
        return [statement for _, statement in sorted(chosen.items(), key=itemgetter(0))]

    def _copy(
        self, statement: Statement, used: set[str], unresolved: bool, is_part: bool
    ) -> Statement | None:
        if not statement.is_import:
            is_for_all = is_part and self.module.sets_up_root_logger(statement)
            concerns = statement.names.binds or {self.module.logger_set_up(statement)}
            return statement if is_for_all or used & concerns else None
        wanted = {name for name in statement.names.binds if name in used or self._is_for_effect(name)}
        if "*" in statement.names.binds and unresolved:
            return statement
        if any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in statement.nodes):
            return statement
        text = "".join(
            keep_imports(
                node, statement.text if len(statement.nodes) == 1 else ast.unparse(node) + "\n", wanted
            )
            for node in statement.nodes
            if isinstance(node, (ast.Import, ast.ImportFrom))
        )
        if not text:
            return None
        return replace(statement, text=text, names=replace(statement.names, binds=frozenset(wanted)))

    def _is_for_effect(self, name: str) -> bool:
        """Whether an import that nobody uses may be there for what importing it does."""
        if name in self.used_anywhere:
            return False
        top = self.module.imported.get(name, name).partition(".")[0]
        return not is_standard_library(top) and top not in _QUIET_PACKAGES and top != "chalice"


def assemble(statements: Iterable[Statement], module: Module) -> str:
    """The statements as a module, with the author's spacing where the neighbours are the same."""
    previous_of = module.predecessors
    pieces: list[str] = []
    previous: Statement | None = None
    for statement in statements:
        above = statement.above
        if previous is None:
            above = above.lstrip("\r\n")
        elif not _is_same(previous_of.get(statement), previous):
            above = _blank_lines(previous, statement) + above.lstrip("\r\n")
        pieces.append(above + _ended(statement.text))
        previous = statement
    return "".join(pieces)


def _is_same(one: Statement | None, other: Statement) -> bool:
    return one is not None and one.line == other.line and one.node is other.node


def _blank_lines(previous: Statement, statement: Statement) -> str:
    if previous.is_definition or statement.is_definition:
        return "\n\n"
    if previous.is_import and statement.is_import:
        return "\n" if statement.above.startswith(("\n", "\r")) else ""
    if previous.is_import or previous.is_docstring:
        return "\n"
    return "\n" * min(len(statement.above) - len(statement.above.lstrip("\r\n")), 2)


def _ended(text: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + "\n"
