"""Functions of the project that handlers hand their events on to, or records of them.

Such a function gets dicts where all that it does with them can be done with dicts, and where it is given
nothing else. One call with Chalice's object is enough to need these wherever it goes on to, so functions that
hand events to each other get dicts all together, or none of them.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from converter import codes
from converter.chalice.event_objects import (
    Given,
    PlainHandler,
    bound_by,
    rewrite_function,
    rewrite_handler,
)
from converter.chalice.registration import APP_PATH, EVENT_DECORATORS, MIDDLEWARES
from converter.python.module import Module, first_line, imported_names
from converter.python.walk import find_parents, walk

if TYPE_CHECKING:
    from converter.chalice.registration import Registration
    from converter.chalice.source import ChaliceSource
    from converter.diagnostics import Diagnostic
    from converter.python.definitions import FunctionNode

# Where a call stands: its module, and the lines and columns of its start and end.
_Place = tuple[str, int, int, int | None, int | None]
# What makes modules known by names that the source need not show.
_LOADERS = frozenset({"imp", "importlib", "pkgutil", "runpy"})
_IMPORTS_CODE = re.compile(r"^\s*(?:from|import)\s+(?:app|chalicelib)\b", re.MULTILINE)


class _Handed(NamedTuple):
    """A call that hands on an event or a record, and the parameter that gets it."""

    place: _Place
    home: Module
    function: FunctionNode
    parameter: str
    given: Given


@dataclass(eq=False)
class _Receiver:
    """A function that gets events or records: which of its parameters gets what.

    A handler has `registrations`. `barred` says why it needs Chalice's objects whatever it does,
    `handed` are the calls by which it hands on what it got.
    """

    module: Module
    node: FunctionNode
    registrations: tuple[Registration, ...] = ()
    barred: str = ""
    given: dict[str, Given] = field(default_factory=dict)
    written: PlainHandler | str = ""
    handed: list[_Handed] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """The function without Chalice's decorators."""
        decorators = [each.decorator for each in self.registrations]
        gone = {line for one in decorators for line in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
        start, end = first_line(self.node), self.node.end_lineno or self.node.lineno
        return "".join(self.module.lines[line - 1] for line in range(start, end + 1) if line not in gone)

    @cached_property
    def shift(self) -> int:
        """How far below its place in the text each line stands in the module."""
        return self.node.lineno - ast.parse(self.text).body[0].lineno

    def place_of(self, call: ast.Call) -> _Place:
        """Where a call of the text stands."""
        last = call.end_lineno + self.shift if call.end_lineno else None
        return self.module.path, call.lineno + self.shift, call.col_offset, last, call.end_col_offset


@dataclass
class HandedEvents:
    """What becomes of the handlers of events, and of the functions that these hand them on to."""

    source: ChaliceSource
    _parents: dict[str, dict[ast.AST, ast.AST]] = field(default_factory=dict)

    def rewrite_handler(self, function: FunctionNode) -> PlainHandler | str:
        """The handler as a plain function, or why it has to get Chalice's object."""
        return self._reasons.get(function) or self._receivers[function].written

    def rewritten(self, module: Module) -> Mapping[ast.stmt, PlainHandler]:
        """The functions of a module, handlers aside, that get dicts now."""
        return {
            one.node: one.written
            for one in self._plain
            if one.module is module and not one.registrations and isinstance(one.written, PlainHandler)
        }

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """The modules with such functions."""
        found = {one.module.path: one.module for one in self._plain if not one.registrations}
        return tuple(found.values())

    def find_shown(self, module: Module) -> Iterator[Diagnostic]:
        """What there is to say of lines that write an event or a record to a log."""
        for one in self._plain:
            calls = one.written.shown if isinstance(one.written, PlainHandler) else ()
            for call in calls if one.module is module else ():
                place = ast.increment_lineno(ast.copy_location(ast.Pass(), call), one.shift)
                reason = "Chalice's object showed its class and address"
                yield codes.LOGGED_EVENT.at(module.position(place), ast.unparse(call), reason)

    @property
    def _plain(self) -> list[_Receiver]:
        return [one for one in self._receivers.values() if one.node not in self._reasons]

    # --- who gets events -----------------------------------------------------------------------

    @cached_property
    def _receivers(self) -> dict[FunctionNode, _Receiver]:
        """The handlers, and every function that gets an event from one, by whatever way."""
        found = {one.node: one for one in self._find_handlers()}
        open_ones = deque(found.values())
        while open_ones:
            one = open_ones.popleft()
            self._rewrite(one)
            for handed in one.handed:
                receiver = found.setdefault(handed.function, _Receiver(handed.home, handed.function))
                if handed.parameter not in receiver.given:
                    receiver.given[handed.parameter] = handed.given
                    open_ones.append(receiver)
                elif receiver.given[handed.parameter] != handed.given:
                    receiver.barred = "it gets events of several kinds"
        return found

    def _find_handlers(self) -> Iterator[_Receiver]:
        by_function: dict[FunctionNode, list[Registration]] = {}
        for found in self.source.registrations:
            if found.kind in EVENT_DECORATORS and found.function is not None:
                by_function.setdefault(found.function, []).append(found)
        for function, registrations in by_function.items():
            if function not in self.source.wrappers:
                reasons = filter(None, map(self._why_barred, registrations))
                module = registrations[0].module
                yield _Receiver(module, function, tuple(registrations), next(reasons, ""))

    def _why_barred(self, registration: Registration) -> str:
        """Why something of Chalice's stands between Lambda and the handler."""
        if registration.kind in self._wrapped:
            return "middleware gets its event"
        if not all(map(self.source.only_makes, self.source.objects(registration.module).values())):
            return "what makes the app object does more than that"
        return "it is defined inside of another statement" if registration.holder else ""

    @cached_property
    def _wrapped(self) -> frozenset[str]:
        """The kinds of handlers for which middleware is called."""
        found = (each for each in self.source.registrations if each.kind in MIDDLEWARES)
        return frozenset(kind for each in found for kind in self.source.find_wrapped(each))

    def _rewrite(self, one: _Receiver) -> None:
        """Rewrite the function, and note what it hands on."""
        one.handed.clear()
        if one.barred:
            # It may stand inside of another statement; what it calls is used otherwise for the others.
            one.written = one.barred
            return

        def hand_on(call: ast.Call, place: int | str, given: Given) -> str | None:
            home, function = self._find_called(one, call) or (None, None)
            if home is None or function is None:
                return ""
            if not isinstance(function, ast.FunctionDef) or function.decorator_list:
                return ", which is no ordinary function"
            parameter = _find_parameter(function, place)
            if parameter is None:
                return ", which has no parameter for it"
            one.handed.append(_Handed(one.place_of(call), home, function, parameter, given))
            return None

        if one.registrations:
            one.written = rewrite_handler(one.text, one.registrations[0].kind, one.module, hand_on)
        else:
            one.written = rewrite_function(one.text, one.given, one.module, hand_on)

    def _find_called(self, one: _Receiver, call: ast.Call) -> tuple[Module, FunctionNode] | None:
        """The project's function that is called, where its name can stand for nothing else."""
        root = next((node.id for node in walk(call.func) if isinstance(node, ast.Name)), "")
        imports = [
            (node, dotted)
            for node in one.module.imports
            for name, dotted in imported_names(node, one.module.package)
            if name == root
        ]
        binders = {node for binder in one.module.binders.get(root, ()) for node in binder.nodes}
        inside = {node for node in walk(one.node) if node is not one.node and root in bound_by(node)}
        if len({dotted for _, dotted in imports}) > 1:
            return None
        if not (inside | (binders if imports else set())) <= {node for node, _ in imports}:
            return None
        return self.source.find_function(one.module, call.func)

    # --- who gets nothing else -----------------------------------------------------------------

    @cached_property
    def _reasons(self) -> dict[FunctionNode, str]:
        """Why functions have to get Chalice's objects, also those that only have to for another's sake."""
        found = {one.node: reason for one in self._receivers.values() if (reason := self._find_reason(one))}
        open_ones = deque(found)
        while open_ones:
            node = open_ones.popleft()
            for other, relation in self._neighbours[node]:
                if other not in found:
                    found[other] = f"it {relation} {node.name}, which needs Chalice's object: {found[node]}"
                    open_ones.append(other)
        return found

    @cached_property
    def _neighbours(self) -> Mapping[FunctionNode, list[tuple[FunctionNode, str]]]:
        """The functions from which each one gets events, and those to which it hands them on."""
        found: dict[FunctionNode, list[tuple[FunctionNode, str]]] = {node: [] for node in self._receivers}
        for one in self._receivers.values():
            for handed in one.handed:
                found[handed.function].append((one.node, "hands its event on to"))
                found[one.node].append((handed.function, "gets the event of"))
        return found

    def _find_reason(self, one: _Receiver) -> str:
        """Why the function needs Chalice's object for itself."""
        if one.barred or isinstance(one.written, str):
            return one.barred or str(one.written)
        return "" if one.registrations else self._find_other_use(one)

    def _find_other_use(self, one: _Receiver) -> str:
        """Where the function is used otherwise than by calls that hand events to it."""
        handed = {
            (each.place, each.parameter)
            for other in self._receivers.values()
            for each in other.handed
            if each.function is one.node
        }
        for module, node in self._find_uses(one):
            parent = self._parents_in(module).get(node)
            is_called = isinstance(parent, ast.Call) and parent.func is node
            place = _place_in(module, parent) if isinstance(parent, ast.Call) and is_called else None
            if not all((place, parameter) in handed for parameter in one.given):
                return f"{module.position(node)} uses it otherwise"
        for module, call in self._lookups:
            if self._may_ask_for(call, module, one):
                return f"{module.position(call)} may ask for it by its name"
        path = self._words_beside.get(one.node.name)
        return f"{path} names it" if path else ""

    def _find_uses(self, one: _Receiver) -> Iterator[tuple[Module, ast.expr]]:
        """The expressions that stand for the function, with their modules."""
        name = one.node.name
        names = {(one.module.path, name)}
        for module, bound, owner in (*self._imports.get(name, ()), *self._imports.get("*", ())):
            home = self.source.find_module(owner)
            if home is not None and self._is(one, self.source.find_defined(home, name)):
                names.add((module.path, name if bound == "*" else bound))
        for path, bound in sorted(names):
            yield from self._names.get((path, bound), ())
        for module, node in self._attributes.get(name, ()):
            if self._loads_modules or self._is(one, self.source.find_function(module, node)):
                yield module, node

    @staticmethod
    def _is(one: _Receiver, found: tuple[Module, FunctionNode] | None) -> bool:
        return found is not None and found[1] is one.node

    def _may_ask_for(self, call: ast.Call, module: Module, one: _Receiver) -> bool:
        """Whether `getattr(...)` or `globals()` may give the function."""
        if len(call.args) < 2:
            return module is one.module
        owner, asked = call.args[:2]
        if isinstance(asked, ast.Constant):
            return asked.value == one.node.name
        return self._loads_modules or self.source.find_module(module.dotted(owner) or "") is not None

    # --- the deployed code, and what lies beside it ------------------------------------------------

    @cached_property
    def _modules(self) -> list[Module]:
        """The deployed modules of the project's own."""
        found = map(self.source.module, self.source.library_paths)
        return [self.source.app_module, *(module for module in found if module is not None)]

    @cached_property
    def _names(self) -> Mapping[tuple[str, str], list[tuple[Module, ast.expr]]]:
        """The names in expressions, by the paths of their modules."""
        found: dict[tuple[str, str], list[tuple[Module, ast.expr]]] = {}
        for module in self._modules:
            for node in module.nodes:
                if isinstance(node, ast.Name):
                    found.setdefault((module.path, node.id), []).append((module, node))
        return found

    @cached_property
    def _attributes(self) -> Mapping[str, list[tuple[Module, ast.expr]]]:
        """The attributes that are asked for, by their names."""
        found: dict[str, list[tuple[Module, ast.expr]]] = {}
        for module in self._modules:
            for node in module.nodes:
                if isinstance(node, ast.Attribute):
                    found.setdefault(node.attr, []).append((module, node))
        return found

    @cached_property
    def _imports(self) -> Mapping[str, list[tuple[Module, str, str]]]:
        """What modules import, by its name where it comes from: how they call it, and that place."""
        found: dict[str, list[tuple[Module, str, str]]] = {}
        for module in self._modules:
            for node in module.imports:
                for bound, dotted in imported_names(node, module.package):
                    owner, _, name = dotted.rpartition(".")
                    found.setdefault(name, []).append((module, bound, owner))
        return found

    @cached_property
    def _lookups(self) -> list[tuple[Module, ast.Call]]:
        """The calls that may give whatever has a name."""
        return [
            (module, node)
            for module in self._modules
            for node in module.nodes
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and (node.func.id == "globals" or (node.func.id == "getattr" and len(node.args) > 1))
        ]

    @cached_property
    def _loads_modules(self) -> bool:
        """Whether the project imports modules by names that the source need not show."""
        return any(
            dotted.partition(".")[0] in _LOADERS or "__import__" in module.source
            for module in self._modules
            for dotted in module.imported.values()
        )

    @cached_property
    def _words_beside(self) -> Mapping[str, str]:
        """The words of files that import the code and are not deployed, as tests do, each with a path."""
        found: dict[str, str] = {}
        for path in self.source.files:
            is_beside = path != APP_PATH and not path.startswith(("chalicelib/", "vendor/"))
            text = (
                self.source.files[path].decode(errors="replace") if is_beside and path.endswith(".py") else ""
            )
            if _IMPORTS_CODE.search(text):
                found.update(dict.fromkeys(re.findall(r"\w+", text), path))
        return found

    def _parents_in(self, module: Module) -> Mapping[ast.AST, ast.AST]:
        if module.path not in self._parents:
            self._parents[module.path] = find_parents(module.tree)
        return self._parents[module.path]


def _place_in(module: Module, call: ast.Call) -> _Place:
    return module.path, call.lineno, call.col_offset, call.end_lineno, call.end_col_offset


def _find_parameter(function: ast.FunctionDef, place: int | str) -> str | None:
    """The name of the parameter that an argument of a call is for."""
    arguments = function.args
    by_place = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if isinstance(place, int):
        return by_place[place] if place < len(by_place) else None
    by_name = {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}
    return place if place in by_name else None
