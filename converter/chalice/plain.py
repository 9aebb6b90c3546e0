"""A module of a Chalice project without Chalice: its handlers as plain functions.

The decorators go, and so do the app object and what only serves it. `app.log`
becomes the logger that it stands for. Where the code uses more of Chalice than
that, the app object stays, and Chalice with it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.source import find_argument
from converter.python.module import Module, Statement, first_line, read_names, split_lines
from converter.python.needs import Needs
from converter.python.rewrite import keep_imports, replace_attribute

if TYPE_CHECKING:
    from converter.chalice.source import ChaliceObject, ChaliceSource, Registration
    from converter.diagnostics import Diagnostic

# What Chalice's own `app.log` is (chalice.app.Chalice._configure_logging, _configure_log_level).
LOGGER = "{name} = logging.getLogger({app_name})\n"
SET_UP_LOGGER = """\
{name}.propagate = False
{name}.setLevel({level})
{name}_handler = logging.StreamHandler(sys.stdout)
{name}_handler.setFormatter(logging.Formatter("%(name)s - %(levelname)s - %(message)s"))
{name}.addHandler({name}_handler)
"""

# Statements about the app object that mean something to Chalice alone.
_OWN_ATTRIBUTES = frozenset({"api", "debug", "websocket_api"})
_CHALICE_ONLY_CALLS = frozenset(
    {"experimental_feature_flags.update", "register_blueprint", "register_middleware"}
)


@dataclass(frozen=True)
class PlainModule:
    """The module, the statement that each handler became, and whether it still needs Chalice."""

    module: Module
    handlers: Mapping[Registration, Statement]
    diagnostics: tuple[Diagnostic, ...]


def make_plain(
    module: Module, source: ChaliceSource, claimed: Collection[Registration], external: Iterable[str]
) -> PlainModule:
    """The module without Chalice. `external` are the names that other modules import from it."""
    return _Plain(module, source, claimed, frozenset(external)).make()


def has_effects(module: Module, source: ChaliceSource) -> bool:
    """Whether importing the module does more than make its handlers and the app object."""
    plain = _Plain(module, source, (), frozenset())
    handlers = {registration.function for registration in source.registrations}
    needs = Needs(
        module, frozenset(statement for statement in module.statements if statement.node in handlers)
    )
    return bool(plain._lasting_effects(needs))


@dataclass
class _Plain:
    source_module: Module
    source: ChaliceSource
    claimed: Collection[Registration]
    external: frozenset[str]
    renewed: dict[Statement, Statement] = field(default_factory=dict)
    registered: set[Statement] = field(default_factory=set)

    def make(self) -> PlainModule:
        module, handlers = self._without_decorators()
        needs = Needs(module, frozenset(self.registered))
        roots = [*handlers.values(), *needs.of_names(self.external), *self._lasting_effects(needs)]
        needed = needs.closure(roots)
        uses = list(self._uses_of_objects(module, needed))
        kept = [use for use in uses if not self._is_log(use)]
        diagnostics = [self._report_kept(module, use) for use in kept]
        rewritten = dict(self._rewrite(module, needed, keep_object=bool(kept), log_used=bool(uses)))
        self._trim_imports(rewritten)
        module = module.with_statements(self._with_comments(rewritten))
        found = {
            registration: self.renewed.get(statement, statement)
            for registration, statement in handlers.items()
        }
        diagnostics.extend(self._report_chalice_imports(module, found.values()))
        return PlainModule(module, found, tuple(diagnostics))

    @property
    def objects(self) -> dict[str, ChaliceObject]:
        return self.source.objects(self.source_module)

    def _without_decorators(self) -> tuple[Module, dict[Registration, Statement]]:
        by_function: dict[int, list[Registration]] = {}
        for registration in dict.fromkeys((*self.source.registrations, *self.claimed)):
            if registration.module is self.source_module and registration.function is not None:
                by_function.setdefault(id(registration.function), []).append(registration)
        statements: list[Statement] = []
        handlers: dict[Registration, Statement] = {}
        for statement in self._one_a_line():
            if statement.node in self.source.wrappers:
                continue
            registered = [found for node in statement.nodes for found in by_function.get(id(node), ())]
            changed = _remove_decorators(statement, registered) if registered else statement
            statements.append(changed)
            handlers.update({found: changed for found in registered if found in self.claimed})
            self.registered.update([changed] if registered else [])
        return self.source_module.with_statements(statements), handlers

    def _one_a_line(self) -> Iterator[Statement]:
        """The statements, those apart that share a line with one about the app object or with its import."""
        chalice = self.objects.keys() | self._names_of_chalice
        for statement in self.source_module.statements:
            if len(statement.nodes) == 1 or not (statement.names.uses | statement.names.binds) & chalice:
                yield statement
                continue
            for node in statement.nodes:
                text = ast.get_source_segment(self.source_module.source, node) or ""
                above = statement.above if node is statement.node else ""
                yield Statement((node,), above, f"{text}\n", read_names([node]))

    @property
    def _names_of_chalice(self) -> set[str]:
        imported = self.source_module.imported.items()
        return {name for name, dotted in imported if dotted.split(".")[0] == "chalice"}

    def _lasting_effects(self, needs: Needs) -> list[Statement]:
        return [statement for statement in needs.effects if not self._is_chalice_only(statement)]

    def _is_chalice_only(self, statement: Statement) -> bool:
        """`app = Chalice(...)`, `app.debug = True`, `app.register_blueprint(...)` and the like."""
        node = statement.node
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if all(isinstance(target, ast.Name) and target.id in self.objects for target in targets):
                return True
            paths = [self._path_of(target) for target in targets]
            return None not in paths and (
                isinstance(node.value, ast.Constant)
                or {path.split(".")[0] for path in paths if path} <= _OWN_ATTRIBUTES
            )
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return self._path_of(node.value.func) in _CHALICE_ONLY_CALLS
        return False

    def _path_of(self, node: ast.expr) -> str | None:
        """`debug` of `app.debug`, `api.cors` of `app.api.cors`."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        return ".".join(parts) if isinstance(node, ast.Name) and node.id in self.objects and parts else None

    def _uses_of_objects(self, module: Module, needed: Iterable[Statement]) -> Iterator[ast.AST]:
        """The places where code that stays uses the app object or a blueprint."""
        for statement in sorted(needed, key=lambda statement: statement.line):
            if self._is_chalice_only(statement) or not statement.names.uses & self.objects.keys():
                continue
            yield from _outermost_uses(statement, self.objects)
        for name in sorted(self.external & self.objects.keys()):
            yield module.binders[name][0].node

    def _is_log(self, use: ast.AST) -> bool:
        """Whether it is the logger of an app object that is made here."""
        if not isinstance(use, ast.Attribute) or use.attr != "log":
            return False
        made = self.objects[_name(use)]
        return made.is_app and made.module is self.source_module and self._arguments()[0] is not None

    def _rewrite(
        self, module: Module, needed: set[Statement], *, keep_object: bool, log_used: bool
    ) -> Iterator[tuple[Statement, list[Statement]]]:
        """Each statement with what becomes of it."""
        names = _LogNames(module)
        for statement in module.statements:
            changed = [statement]
            if statement in self.registered and statement not in needed:
                # A handler that is not converted, which has been said.
                changed = []
            elif keep_object:
                pass
            elif self._is_chalice_only(statement):
                changed = self._logger(statement, names) if log_used else []
            elif statement.names.uses & self.objects.keys():
                changed = [self._with_plain_log(statement, names)] if statement in needed else []
            yield statement, changed

    def _with_comments(self, rewritten: Mapping[Statement, list[Statement]]) -> Iterator[Statement]:
        """What became of the statements; comments above what is gone belong to the reader of what follows."""
        pending = ""
        for statement, changed in rewritten.items():
            if not changed and statement not in self.registered:
                pending += statement.above if statement.above.strip() else ""
            elif changed and pending:
                changed = [replace(changed[0], above=pending + changed[0].above.lstrip("\r\n")), *changed[1:]]
                pending = ""
            if changed and changed[-1] is not statement:
                self.renewed[statement] = changed[-1]
            yield from changed

    def _with_plain_log(self, statement: Statement, names: _LogNames) -> Statement:
        text = statement.text
        for name in self.objects:
            text = replace_attribute(text, name, "log", names.logger)
        return parse_statement(text, statement)

    def _logger(self, statement: Statement, names: _LogNames) -> list[Statement]:
        """What stands for `app = Chalice(...)`, or `app.debug = ...`, where only its logger is used."""
        node = statement.node
        if isinstance(node, ast.Assign) and self._path_of(node.targets[0]) == "debug":
            text = f"{names.logger}.setLevel({self._level(node.value)})\n"
            return [] if self._debug_beside() is node.value else [parse_statement(text, statement)]
        if self.source.app.call is not getattr(node, "value", None):
            return []
        name, debug, _ = self._arguments()
        text = LOGGER.format(name=names.logger, app_name=self._written(name))
        needed = ["logging"]
        if self._is_set_up():
            level = self._level(self._debug_beside() or debug)
            text += SET_UP_LOGGER.format(name=names.logger, level=level)
            needed.append("sys")
        missing = [name for name in needed if name not in self.source_module.binders]
        imports = [parse_statement(f"import {name}\n", replace(statement, above="")) for name in missing]
        return [*imports, replace(parse_statement(text, statement), self_contained=True)]

    def _arguments(self) -> list[ast.expr | None]:
        names = enumerate(("app_name", "debug", "configure_logs"))
        return [find_argument(self.source.app.call, index, name) for index, name in names]

    def _is_set_up(self) -> bool:
        argument = self._arguments()[2]
        return not (isinstance(argument, ast.Constant) and argument.value is False)

    def _debug_beside(self) -> ast.expr | None:
        """The constant in an `app.debug = ...` right below `app = Chalice(...)`, which sets up the logger."""
        if not self._is_set_up():
            return None
        nodes = [node for statement in self.source_module.statements for node in statement.nodes]
        for made, node in pairwise(nodes):
            if self.source.app.call is getattr(made, "value", None) and isinstance(node, ast.Assign):
                is_debug = self._path_of(node.targets[0]) == "debug"
                return node.value if is_debug and isinstance(node.value, ast.Constant) else None
        return None

    def _level(self, debug: ast.expr | None) -> str:
        if debug is None or isinstance(debug, ast.Constant):
            return "logging.DEBUG" if debug is not None and debug.value else "logging.ERROR"
        return f"logging.DEBUG if {self._written(debug)} else logging.ERROR"

    def _written(self, node: ast.expr | None) -> str:
        return (node and ast.get_source_segment(self.source_module.source, node)) or ""

    def _trim_imports(self, rewritten: dict[Statement, list[Statement]]) -> None:
        """Take out the imports that only Chalice's own parts needed."""
        everything = [*rewritten, *self.source_module.statements]
        before = {name for statement in everything for name in statement.names.uses}
        after = {name for changed in rewritten.values() for one in changed for name in one.names.uses}
        unwanted = (before | self._names_of_chalice) - after - self.external
        for statement, changed in rewritten.items():
            if changed == [statement] and statement.is_import and statement.names.binds & unwanted:
                nodes = [node for node in statement.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
                text = keep_imports(nodes, statement.text, statement.names.binds - unwanted)
                rewritten[statement] = [parse_statement(text, statement)] if text else []

    def _report_kept(self, module: Module, use: ast.AST) -> Diagnostic:
        written = ast.get_source_segment(module.source, use) or "the app object"
        return codes.KEEPS_CHALICE.at(
            module.position(use), written.splitlines()[0], "it has no counterpart outside Chalice"
        )

    def _report_chalice_imports(self, module: Module, handlers: Iterable[Statement]) -> Iterator[Diagnostic]:
        needed = Needs(module).closure(handlers)
        for statement in module.statements:
            if statement in needed and statement.is_import:
                for name in sorted(statement.names.binds):
                    dotted = module.imported.get(name, "")
                    if dotted.split(".")[0] == "chalice" and dotted.rpartition(".")[2] not in {
                        "Chalice",
                        "Blueprint",
                    }:
                        yield codes.KEEPS_CHALICE.at(
                            module.position(statement.node),
                            name,
                            f"{dotted} has no counterpart outside Chalice",
                        )


class _LogNames:
    """Free names for the logger."""

    def __init__(self, module: Module) -> None:
        taken = {
            name for statement in module.statements for name in statement.names.binds | statement.names.uses
        }
        self.logger = next(name for name in ("log", "logger", "app_log", "chalice_log") if name not in taken)


def parse_statement(text: str, like: Statement) -> Statement:
    """The text as one statement in the place of another."""
    nodes = tuple(ast.parse(text).body)
    for node in nodes:
        ast.increment_lineno(node, like.line - 1)
    return Statement(nodes, like.above, text, read_names(nodes))


def _remove_decorators(statement: Statement, registered: Iterable[Registration]) -> Statement:
    """The function without its Chalice decorators; its other decorators stay, in their order."""
    lines = split_lines(statement.text)
    start = first_line(statement.node)
    gone: set[int] = set()
    written = {decorator for node in statement.nodes for decorator in getattr(node, "decorator_list", ())}
    for decorator in (registration.decorator for registration in registered):
        if decorator in written:
            gone.update(range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1))
    text = "".join(line for number, line in enumerate(lines, start) if number not in gone)
    # The module's own tree stays as it is: Chalice's analyzer reads it too.
    node = copy(statement.node)
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    decorators = {registration.decorator for registration in registered}
    node.decorator_list = [decorator for decorator in node.decorator_list if decorator not in decorators]
    return replace(statement, nodes=(node,), text=text, names=read_names([node]))


def _outermost_uses(statement: Statement, names: Container[str]) -> Iterator[ast.AST]:
    """`app.log` of `app.log.info("x")`: each use of a name with the attribute asked of it."""
    inside: set[int] = set()
    for node in (found for root in statement.nodes for found in ast.walk(root)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            inside.add(id(node.value))
            yield node
        elif _is_read(node, names) and id(node) not in inside:
            yield node


def _is_read(node: ast.AST, names: Container[str]) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names


def _name(use: ast.Attribute) -> str:
    return use.value.id if isinstance(use.value, ast.Name) else ""
