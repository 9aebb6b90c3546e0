"""Which statements of a module a piece of its code needs in order to run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from converter.python.inert import INERT, Effect, Facts, read_facts
from converter.python.module import BUILTINS, Module, Statement, bound_for_sure
from converter.python.walk import children

_VARIABLE = re.compile(r"""(?:environ(?:\.get)?\s*[\[(]|getenv\()\s*["']([^"']+)["']""")
# How values are made that can be altered without anybody else noticing.
_ALTERABLE = ("dict", "list", "set", "logging.getLogger(")
# Methods of such values that leave them as they are.
_READ_ONLY = frozenset(
    """
    format join split rsplit strip lstrip rstrip lower upper title replace encode decode startswith endswith
    removeprefix removesuffix splitlines get keys values items copy count index
    debug info warning error exception critical log
    """.split()
)
_REGISTRIES = frozenset(
    """
    dict dict() list list() set set()
    collections.OrderedDict() collections.defaultdict() collections.deque()
    """.split()
)
# With these, names of the module are looked up by texts.
_REACHING_ALL = frozenset({"eval", "exec", "globals"})
_OWN_MODULE = "sys.modules[__name__]"


@dataclass(frozen=True)
class Needs:
    """The statements of a module, linked by the names that they bind, use and alter.

    `entries` are functions that are called from outside: a decorator wraps them for
    themselves, where that of a function that nobody calls may have entered it somewhere.
    """

    module: Module
    entries: frozenset[Statement] = frozenset()

    @cached_property
    def facts(self) -> Facts:
        """What running each statement does; a variable that is not set fails now as it did before."""
        return read_facts(self.module, lambda name: INERT, _VARIABLE.findall(self.module.source))

    def is_inert(self, statement: Statement) -> bool:
        """Whether nothing but the names that it binds and alters tells that the statement ran."""
        return statement.self_contained or self.facts.effects[statement] is Effect.NONE

    @cached_property
    def effects(self) -> list[Statement]:
        """The statements that something else could notice, so that they run whoever is served."""
        return [
            statement
            for statement in self.module.statements
            if not statement.is_main_guard
            and not self.is_inert(statement)
            and (statement not in self.entries or self._is_entered_somewhere(statement))
        ]

    def _is_entered_somewhere(self, entry: Statement) -> bool:
        """Whether a decorator of the module's own keeps a list of what it decorates."""
        decorators = getattr(entry.node, "decorator_list", [])
        functions = [one.func if isinstance(one, ast.Call) else one for one in decorators]
        names = {function.id for function in functions if isinstance(function, ast.Name)}
        binders = [binder for name in names for binder in self.module.binders.get(name, ())]
        used = {name for binder in binders for name in binder.names.later}
        return any(binder.names.rebinds for binder in binders) or any(
            self._origin(name) in _REGISTRIES for name in used
        )

    def of_names(self, names: Iterable[str]) -> list[Statement]:
        """The statements that make the names what they are."""
        found: list[Statement] = []
        for name in names:
            if name in self.module.binders:
                found.extend(self.module.binders[name])
                found.extend(self.alterers.get(name, ()))
            elif name in self.rebinders:
                found.extend(self.rebinders[name])
            elif name not in BUILTINS:
                found.extend(self.module.binders.get("*", ()))
        return found

    @cached_property
    def rebinders(self) -> dict[str, list[Statement]]:
        """The functions that bind a name of the module's by `global`."""
        rebinders: dict[str, list[Statement]] = {}
        for statement in self.module.statements:
            for name in statement.names.rebinds:
                rebinders.setdefault(name, []).append(statement)
        return rebinders

    def closure(self, roots: Iterable[Statement]) -> set[Statement]:
        """The roots and all that they need, directly or not."""
        needed: set[Statement] = set()
        open_ones = list(roots)
        while open_ones:
            statement = open_ones.pop()
            if statement not in needed:
                needed.add(statement)
                open_ones.extend(
                    self.module.statements if reaches_all(statement) else self.of_names(statement.names.uses)
                )
        return needed

    @cached_property
    def unsure(self) -> frozenset[str]:
        """The names that may not be bound once the module has been imported."""
        run = [statement for statement in self.module.statements if not statement.is_for_types]
        sure = bound_for_sure(node for statement in run for node in statement.nodes)
        return frozenset(name for statement in run for name in statement.names.binds) - sure - {"*"}

    # --- objects that the module makes and alters ---------------------------------

    @cached_property
    def alterers(self) -> dict[str, list[Statement]]:
        """The statements that alter one of the module's own objects, by each name that leads to it."""
        alterers: dict[str, list[Statement]] = {}
        for statement in self.module.statements:
            altered = {name for node in _walk_now(statement.nodes) for name in self._altered_names(node)}
            for alias in {alias for name in altered for alias in self._aliases(name)}:
                alterers.setdefault(alias, []).append(statement)
        return alterers

    def _altered_names(self, node: ast.AST) -> Iterator[str]:
        """`x` of `x.append(1)`, `x["a"] = 1`, `x.a = 1`, `x += 1`, `del x[0]`."""
        target: ast.AST | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            # `add(1)` after `add = items.append`.
            target = node.func if self._is_object(node.func.id) else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func.value if node.func.attr not in _READ_ONLY else None
            if isinstance(target, ast.Name) and not self._is_alterable(target.id):
                target = None
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            target = node.value
        elif isinstance(node, ast.AugAssign):
            target = node.target
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
        if isinstance(target, ast.Name) and self._is_own(target.id):
            yield target.id

    def _aliases(self, name: str) -> set[str]:
        """The names that may stand for the same object as the name, or for one that it holds."""
        found: set[str] = set()
        open_ones = {name}
        while open_ones:
            name = open_ones.pop()
            found.add(name)
            for binder in self.module.binders[name]:
                if not binder.is_definition:
                    near = binder.names.binds | binder.names.now
                    open_ones |= {other for other in near - found if self._is_object(other)}
        return found

    def _is_own(self, name: str) -> bool:
        return any(not binder.is_import for binder in self.module.binders.get(name, ()))

    def _is_object(self, name: str) -> bool:
        """Whether the name may stand for something that is altered."""
        binders = self.module.binders.get(name, ())
        return any(map(_may_make_object, binders)) and self._is_alterable(name)

    def _is_alterable(self, name: str) -> bool:
        # What alters an object of a library is taken for an effect, and runs for all.
        return not self._origin(name) or self._origin(name).startswith(_ALTERABLE)

    def _origin(self, name: str) -> str:
        """How the name's value was made; empty where that is not known, or not the same throughout."""
        is_bound_once = len(self.module.binders.get(name, ())) == 1
        return self.facts.origins.get(name, "") if is_bound_once else ""


def reaches_all(statement: Statement) -> bool:
    """Whether the code looks up names of its module by texts, as in `globals()[name]`."""
    uses = statement.names.uses
    return bool(uses & _REACHING_ALL) or ("__name__" in uses and _OWN_MODULE in statement.text)


def _walk_now(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node that runs with the statement: not what is in the bodies of functions."""
    open_ones = list(nodes)
    while open_ones:
        node = open_ones.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            open_ones.extend(
                [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
            )
        elif not isinstance(node, ast.Lambda):
            open_ones.extend(children(node))


def _may_make_object(binder: Statement) -> bool:
    value = getattr(binder.node, "value", None)
    return not (binder.is_import or binder.is_definition or isinstance(value, (ast.Constant, ast.JoinedStr)))
