"""
Which functions an error may leave: for a view Chalice answers then, for a Lambda function API Gateway.

What is known not to fail are literals, JSON and texts made of them, prints and logging; the rest may, unless
all of its errors are caught.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from converter.chalice.event_objects import bound_by
from converter.chalice.http.asked import KEYS
from converter.python.module import Module

_ALL = frozenset({"BaseException", "Exception"})
_LEVELS = frozenset({"critical", "debug", "error", "exception", "info", "warning"})
# What takes errors too, and does not fail with them.
_SAYS = frozenset({"print", "repr", "str", "traceback.print_exc", *(f"logging.{one}" for one in _LEVELS)})
_OPTIONS = {"json.dumps": {"indent"}, "print": {"flush"}}


@dataclass(frozen=True)
class _Known:
    """Names of what is JSON, and of errors that were caught; `event` is that of API Gateway's event."""

    plain: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    event: str = ""


class Raising:
    """What may leave functions of a module, which are given by name."""

    def __init__(self, module: Module, functions: Mapping[str, ast.FunctionDef]) -> None:
        self.module = module
        others = (node for node in module.nodes if not isinstance(node, (ast.Import, ast.ImportFrom)))
        times = Counter(name for node in others for name in bound_by(node))
        self.functions = {name: one for name, one in functions.items() if times[name] == 1}
        self.loggers = {name for name in module.binders if times[name] == 1 and self._is_logger(name)}
        self.bound = times.keys() - self.loggers - self.functions.keys()
        self._open: set[str] = set()

    def may_leave(self, function: ast.FunctionDef, event: str) -> bool:
        """Whether an error may leave the function, which Lambda gives the event."""
        others = (node for node in ast.walk(function) if node not in function.args.args)
        is_one = not any(event in bound_by(node) for node in others)
        known = _Known(event=event if is_one else "")
        return bool(function.decorator_list) or self._may_leave(function.body, known)

    def _may_leave(self, body: Sequence[ast.stmt], known: _Known) -> bool:
        for statement in body:
            if not self._is_safe(statement, known):
                return True
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                known = replace(known, plain=known.plain | {statement.targets[0].id})
        return False

    def _is_safe(self, node: ast.stmt, known: _Known) -> bool:
        if isinstance(node, (ast.Return, ast.Expr)):
            return node.value is not None and self._is_plain(node.value, known)
        if isinstance(node, ast.Assign):
            is_name = len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
            return is_name and self._is_plain(node.value, known)
        if isinstance(node, ast.If):
            blocks = (node.body, node.orelse)
            return self._is_plain(node.test, known) and not any(self._may_leave(one, known) for one in blocks)
        if isinstance(node, ast.Try):
            return self._is_caught(node, known)
        return isinstance(node, ast.Pass)

    def _is_caught(self, node: ast.Try, known: _Known) -> bool:
        catches_all = any(
            one.type is None or (isinstance(one.type, ast.Name) and one.type.id in _ALL - self.bound)
            for one in node.handlers
        )
        blocks = [node.orelse, node.finalbody, *([] if catches_all else [node.body])]
        return not any(self._may_leave(one, known) for one in blocks) and not any(
            self._may_leave(one.body, replace(known, errors=known.errors | {one.name or ""}))
            for one in node.handlers
        )

    # --- expressions ------------------------------------------------------------------------------

    def _is_plain(self, node: ast.AST, known: _Known, *, takes_errors: bool = False) -> bool:
        """Whether it is JSON, or an answer of such, made without a failure."""
        if isinstance(node, ast.Constant):
            return node.value is None or isinstance(node.value, (str, int, float))
        if isinstance(node, ast.Name):
            return node.id in known.plain or (takes_errors and node.id in known.errors)
        if isinstance(node, ast.Call):
            return self._is_plain_call(node, known)
        if isinstance(node, ast.Subscript):
            is_event = isinstance(node.value, ast.Name) and node.value.id == known.event
            return is_event and isinstance(node.slice, ast.Constant) and node.slice.value in KEYS
        if isinstance(node, ast.FormattedValue):
            return node.format_spec is None and self._is_plain(node.value, known, takes_errors=True)
        if isinstance(node, ast.IfExp):
            return all(self._is_plain(one, known) for one in (node.test, node.body, node.orelse))
        if isinstance(node, ast.JoinedStr):
            return all(self._is_plain(one, known) for one in node.values)
        if isinstance(node, (ast.List, ast.Tuple)):
            return all(self._is_plain(one, known) for one in node.elts)
        return isinstance(node, ast.Dict) and self._is_plain_dict(node, known)

    def _is_plain_dict(self, node: ast.Dict, known: _Known) -> bool:
        keys = [one.value for one in node.keys if isinstance(one, ast.Constant)]
        # The headers of an answer are known to be literals, or names of such.
        headers = {"headers", "multiValueHeaders"} if "statusCode" in keys else set()
        return len(keys) == len(node.keys) and all(
            isinstance(key, str) and (key in headers or self._is_plain(value, known))
            for key, value in zip(keys, node.values, strict=True)
        )

    def _is_plain_call(self, node: ast.Call, known: _Known) -> bool:
        dotted = self.module.dotted(node.func) or ""
        owner, _, name = dotted.rpartition(".")
        says = dotted in _SAYS or (owner in self.loggers and name in _LEVELS)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if not all(self._is_plain(one, known, takes_errors=says) for one in given):
            return False
        if dotted in self.functions:
            return self._is_safe_call(node, self.functions[dotted])
        options = {"exc_info"} if says and owner else _OPTIONS.get(dotted, set())
        is_free = dotted.partition(".")[0] not in self.bound
        is_known = says or dotted == "json.dumps"
        return is_known and is_free and {keyword.arg for keyword in node.keywords} <= options

    def _is_safe_call(self, node: ast.Call, function: ast.FunctionDef) -> bool:
        """Whether the call fits the function, and no error leaves that."""
        arguments = function.args
        if (
            function.decorator_list
            or arguments.posonlyargs
            or arguments.kwonlyargs
            or arguments.vararg
            or arguments.kwarg
        ):
            return False
        names = [one.arg for one in arguments.args]
        named = [str(keyword.arg) for keyword in node.keywords]
        given = [*names[: len(node.args)], *named]
        required = names[: len(names) - len(arguments.defaults)]
        fits = len(node.args) <= len(names) and {*required} <= {*given} <= {*names}
        if not fits or len(given) != len(set(given)) or function.name in self._open:
            return False
        plain = all(self._is_plain(one, _Known()) for one in arguments.defaults)
        self._open.add(function.name)
        is_safe = plain and not self._may_leave(function.body, _Known(frozenset(names)))
        self._open.discard(function.name)
        return is_safe

    def _is_logger(self, name: str) -> bool:
        binders = self.module.binders[name]
        value = getattr(binders[0].node, "value", None)
        is_made = isinstance(value, ast.Call) and self.module.dotted(value.func) == "logging.getLogger"
        return len(binders) == 1 and is_made
