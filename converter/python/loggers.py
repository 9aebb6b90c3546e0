"""
The set-up of logging in a module.

Setting up logging twice with the same words is the same as once, so each module that code
is moved to may do it for itself, as its author would.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from converter.python.inert import Effect
from converter.python.module import Statement
from converter.python.needs import Needs

_FUNCTIONS = frozenset({"logging.getLogger", "logging.basicConfig", "logging.captureWarnings"})
_METHODS = frozenset({"setLevel"})


@dataclass(frozen=True)
class Loggers:
    """The loggers of a module, and who sets them up.

    `live` are the statements that anybody needs: what the others do does not count.
    """

    needs: Needs
    live: Collection[Statement]

    @cached_property
    def setups(self) -> frozenset[Statement]:
        """The statements that set up logging, and those that make constants for them alone.

        None that set up a logger which something other than such a statement alters.
        """
        setups = set(filter(self._is_setup, self.live))
        while True:
            groups = {one: self.needs.closure([one, *self.needs.of_names(one.names.binds)]) for one in setups}
            beside = {other for group in groups.values() for other in group - setups if not other.is_import}
            others = [statement for statement in self.live if statement not in setups | beside]
            used = {name for statement in others for name in statement.names.uses}
            barred = {one for one in beside if not self.needs.is_inert(one) or one.names.binds & used}
            kept = {one for one, group in groups.items() if not group & barred}
            if kept == setups:
                return frozenset(setups | beside)
            setups = kept

    def serves(self, statement: Statement, used: set[str], *, is_for_all: bool) -> bool:
        """Whether a module that uses the names needs a set-up; `is_for_all` if it runs what all need."""
        if is_for_all and self._is_for_all(statement):
            return True
        return bool(used & (statement.names.binds or {self._owner(statement)}))

    def _is_for_all(self, statement: Statement) -> bool:
        """Whether others than the code that uses the logger here depend on its set-up."""
        if (
            not isinstance(statement.node, ast.Expr)
            or self.needs.facts.effects[statement] is not Effect.PROCESS
        ):
            return False
        name = self._owner(statement)
        makers = [binder.node for binder in self.needs.module.binders.get(name, ())]
        is_named = any(isinstance(node, ast.Assign) and _has_arguments(node.value) for node in makers)
        return not (is_named and name in self._used_by_code)

    @cached_property
    def _used_by_code(self) -> frozenset[str]:
        statements = set(self.live) - self.setups
        return frozenset(name for statement in statements for name in statement.names.uses)

    def _is_setup(self, statement: Statement) -> bool:
        """`logger = logging.getLogger(...)`, `logger.setLevel(...)`, `logging.basicConfig(...)`."""
        node = statement.node
        if len(statement.nodes) > 1 or not isinstance(node, (ast.Assign, ast.Expr)):
            return False
        if not isinstance(node.value, ast.Call) or self.needs.facts.effects[statement] is Effect.UNKNOWN:
            return False
        function = node.value.func
        if self.needs.module.dotted(function) in _FUNCTIONS:
            return True
        if not isinstance(function, ast.Attribute) or function.attr not in _METHODS:
            return False
        return self._is_logger(function.value)

    def _is_logger(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return self.needs.module.dotted(node.func) == "logging.getLogger"
        origin = self.needs.facts.origins.get(node.id, "") if isinstance(node, ast.Name) else ""
        return origin.startswith("logging.getLogger(")

    def _owner(self, statement: Statement) -> str:
        """`logger` of `logger.setLevel(...)`; empty for a call of `logging` itself."""
        call = getattr(statement.node, "value", None)
        owner = getattr(getattr(call, "func", None), "value", None)
        return owner.id if isinstance(owner, ast.Name) and owner.id in self.needs.module.binders else ""


def _has_arguments(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and bool(value.args)
