"""A module of a Chalice project without Chalice: its handlers as plain functions.

The decorators go, and so do the app object and what only serves it. `app.log`
becomes the logger that it stands for. Where the code uses more of Chalice than
that, the app object stays, and Chalice with it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from converter import codes
from converter.chalice.app_statements import AppStatements
from converter.chalice.http.names import is_gone, without_current_app
from converter.chalice.plain_log import LogNames, PlainLog
from converter.chalice.registration import EVENT_DECORATORS, WEBSOCKET_FUNCTIONS
from converter.python.imports import WHY_LAZY, find_imports
from converter.python.module import (
    Module,
    Statement,
    first_line,
    imported_names,
    leading_lines,
    parse_statement,
    read_head_names,
    read_names,
    split_lines,
)
from converter.python.needs import Needs
from converter.python.rewrite import keep_imports, replace_attribute
from converter.python.standard_imports import add_import, join_imports
from converter.python.walk import children

if TYPE_CHECKING:
    from converter.chalice.event_objects import PlainHandler
    from converter.chalice.handed_events import HandedEvents
    from converter.chalice.http.powertools import PowertoolsApi
    from converter.chalice.registration import Registration
    from converter.chalice.source import ChaliceSource
    from converter.diagnostics import Diagnostic


class PlainModule(NamedTuple):
    """The module, the statement that each handler became, and what those need that stay Chalice's.

    `app` makes and sets up the app object for any of these, `api` what serves its routes. `kept` are the
    handlers that stay Chalice's.
    """

    module: Module
    handlers: Mapping[Registration, Statement]
    app: tuple[Statement, ...]
    api: tuple[Statement, ...]
    kept: frozenset[Registration]
    diagnostics: tuple[Diagnostic, ...]


def make_plain(
    module: Module,
    source: ChaliceSource,
    claimed: Collection[Registration],
    external: Iterable[str],
    kept: Collection[Registration] = (),
    powertools: PowertoolsApi | None = None,
    events: HandedEvents | None = None,
) -> PlainModule:
    """The module without Chalice, but for the registrations that are `kept`.

    `external` are the names that other modules import from it. With `powertools` its routes are Powertools'.
    `events` are those of the whole project, where it has more than this module.
    """
    events = events or find_events(source)
    return _Plain(module, source, claimed, frozenset(external), set(kept), events, powertools).make()


def find_events(source: ChaliceSource) -> HandedEvents | None:
    """What becomes of the project's handlers of events, None where it has none."""
    if not any(found.kind in EVENT_DECORATORS for found in source.registrations):
        return None
    from converter.chalice.handed_events import HandedEvents

    return HandedEvents(source)


def give_dicts(module: Module, events: HandedEvents, external: Container[str]) -> Module:
    """A module without handlers, in which functions get dicts for Chalice's objects of events.

    `external` are the names that other modules import from it.
    """
    rewritten = events.rewritten(module)
    statements = [
        parse_statement(rewritten[one.node].text, one) if one.node in rewritten else one
        for one in module.statements
    ]
    before, after = (
        {name for one in some for name in one.names.uses} for some in (module.statements, statements)
    )
    gone = {
        name
        for name in before - after
        if name not in external and module.imported.get(name, "").partition(".")[0] == "chalice"
    }
    kept = [_without_imports(one, gone) for one in statements]
    changed = [one for one in kept if one is not None]
    for line in join_imports(line for one in rewritten.values() for line in one.imports):
        add_import(changed, line)
    return module.with_statements(changed)


def _without_imports(statement: Statement, gone: Collection[str]) -> Statement | None:
    """An import without these names, None if nothing is left of it."""
    if not statement.is_import or statement.names.binds.isdisjoint(gone):
        return statement
    nodes = [node for node in statement.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    text = keep_imports(nodes, statement.text, statement.names.binds - set(gone))
    return parse_statement(text, statement) if text else None


def find_effects(module: Module, source: ChaliceSource) -> set[Statement]:
    """What importing the module does beyond making its handlers and the app object, with what that needs."""
    plain = _Plain(module, source, (), frozenset(), set(), find_events(source))
    handlers = {registration.statement for registration in source.registrations}
    needs = Needs(
        module, frozenset(statement for statement in module.statements if statement.node in handlers)
    )
    return needs.closure(plain._lasting_effects(needs))


@dataclass
class _Plain:
    source_module: Module
    source: ChaliceSource
    claimed: Collection[Registration]
    external: frozenset[str]
    kept: set[Registration]
    events: HandedEvents | None
    powertools: PowertoolsApi | None = None
    renewed: dict[Statement, Statement] = field(default_factory=dict)
    registered: set[Statement] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    with_objects: set[Registration] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @cached_property
    def about(self) -> AppStatements:
        return AppStatements(self.source_module, self.source, self.external, self.kept, self.powertools)

    @cached_property
    def log(self) -> PlainLog:
        return PlainLog(self.about, self.missing)

    def make(self) -> PlainModule:
        module, handlers = self._without_decorators()
        needs = Needs(module, frozenset(self.registered))
        plain = [statement for found, statement in handlers.items() if found not in self.kept]
        app, api = self.about.find_serving(module), self.about.find_views(module)
        outside = [one for one in needs.of_names(self.external) if one not in (*app, *api)]
        needed = needs.closure([*plain, *outside, *self._lasting_effects(needs)])
        uses = list(self._uses_of_objects(module, needed))
        self.log.is_in_handlers = bool(plain and uses)
        # Where there is nothing but routes, what they use has a counterpart.
        is_api = self.powertools is not None and not plain
        kept = [use for use in uses if not (is_api or self.log.is_log(use) or self._has_stand_in(use))]
        diagnostics = [*self.diagnostics, *(self._report_kept(module, use) for use in kept)]
        serving = needs.closure([*app, *api, *(handlers[one] for one in self.kept if one in handlers)])
        if self.powertools:
            uses += [use for use in self._uses_of_objects(module, serving) if self.log.is_log(use)]
        logs_elsewhere = self.powertools is not None and self.powertools.logs_elsewhere
        asks_log = not all(map(self._has_stand_in, uses))
        log_used = asks_log or (logs_elsewhere and module.path == self.source.app.module.path)
        rewritten = dict(
            self._rewrite(module, needed, serving if self.kept else set(), bool(kept), log_used=log_used)
        )
        self._trim_imports(rewritten)
        statements = list(self._with_comments(rewritten))
        if self.powertools:
            statements = self.powertools.with_imports(statements, module, self.external)
        for line in join_imports(self.missing):
            add_import(statements, line)
        module = module.with_statements(statements)
        # What stands above a statement may have changed since.
        by_nodes = {statement.nodes: statement for statement in statements}

        def find_last(statement: Statement) -> Statement:
            last = self.renewed.get(statement, statement)
            return by_nodes.get(last.nodes, last)

        found = {registration: find_last(statement) for registration, statement in handlers.items()}
        # What uses Chalice's object of its event has been named.
        named = self.with_objects if self.powertools else self.with_objects | self.kept
        left = [statement for one, statement in found.items() if one not in named]
        if self.powertools is None:
            diagnostics.extend(self._report_chalice_imports(module, left))
        else:
            diagnostics.extend(self._report_chalice_imports(module, [*left, *map(find_last, api)]))
            # They need no app object.
            self.kept = {one for one in self.kept if one.kind not in ("authorizer", *WEBSOCKET_FUNCTIONS)}
        return PlainModule(
            module,
            found,
            # Where other modules write to the log too, it is set up although no name asks for it.
            tuple(
                by_nodes.get(each.nodes, each)
                for one in app
                for each in (rewritten[one] if logs_elsewhere else rewritten[one][-1:])
            ),
            tuple(find_last(one) for one in api if rewritten[one]),
            frozenset(self.kept),
            tuple(diagnostics),
        )

    def _without_decorators(self) -> tuple[Module, dict[Registration, Statement]]:
        by_function: dict[int, list[Registration]] = {}
        for registration in dict.fromkeys((*self.source.registrations, *self.claimed)):
            if registration.module is self.source_module and registration.statement is not None:
                by_function.setdefault(id(registration.statement), []).append(registration)
        statements: list[Statement] = []
        handlers: dict[Registration, Statement] = {}
        rewritten = self.events.rewritten(self.source_module) if self.events else {}
        for statement in self._one_a_line():
            if statement.node in self.source.wrappers:
                continue
            registered = [one for node in statement.nodes for one in by_function.get(id(node), ())]
            changed = self._make_decorated(statement, registered) if registered else statement
            if left := self._unregistered(statement):
                changed = _remove_decorators(changed, left)
                self.registered.add(changed)
            if statement.node in rewritten:
                changed = self._replace(statement, rewritten[statement.node])
            statements.append(changed)
            handlers.update({one: changed for one in registered if one in self.claimed})
            handlers.update(dict.fromkeys(self._handed_on(statement), statement))
            self.registered.update([changed] if registered else [])
        self._import_classes(statements)
        self.diagnostics.extend(self.events.find_shown(self.source_module) if self.events else ())
        return self.source_module.with_statements(statements), handlers

    def _unregistered(self, statement: Statement) -> list[Registration]:
        """The decorators of a Blueprint that is gone; one with routes, though not registered, is a Router."""
        left = [one for one in self.source.unregistered if one.kind in EVENT_DECORATORS]
        return [one for one in left if one.statement is statement.node]

    def _import_classes(self, statements: list[Statement]) -> None:
        """Put imports of Chalice's classes below those that the module has, if it has any at its top."""
        places = [number for number, one in enumerate(statements) if one.names.binds & self._names_of_chalice]
        lines = [line for line in self.missing if line.startswith("from chalice")]
        if places and lines:
            like = replace(statements[places[-1]], above="")
            self.missing[:] = [line for line in self.missing if line not in lines]
            statements[places[-1] + 1 : places[-1] + 1] = [
                parse_statement(f"{line}\n", like) for line in join_imports(lines)
            ]

    def _make_decorated(self, statement: Statement, registered: list[Registration]) -> Statement:
        """The handler without Chalice, below the decorators that it had as middleware."""
        made = self._make_function(statement, registered)
        gone = [found for found in registered if found not in self.kept]
        if not gone or not self.source.decorators:
            return made
        from converter.chalice.middleware import decorators_of

        lines = dict.fromkeys(line for found in gone for line in decorators_of(self.source, found))
        text = "".join(f"@{line}\n" for line in lines)
        return parse_statement(text + made.text, made) if lines else made

    def _make_function(self, statement: Statement, registered: list[Registration]) -> Statement:
        """The handler without Chalice: its decorators go, and it takes the event as it comes."""
        if any(found.holder for found in registered):
            return self._keep(statement, registered, "it is defined inside of another statement")
        if maker := self._busy_maker:
            return self._keep(statement, registered, f"{maker} does more than make the app object")
        gone = [found for found in registered if found not in self.kept]
        plain = _remove_decorators(statement, gone) if gone else statement
        for found in gone:
            if found.kind in EVENT_DECORATORS and found.called_in is None:
                assert found.function is not None
                assert self.events is not None
                written = self.events.rewrite_handler(found.function)
                if isinstance(written, str):
                    place = self.source_module.position(statement.node)
                    self.diagnostics.append(codes.KEPT_HANDLER.at(place, found.function.name, written))
                    made = self._make_object(statement, plain, found) if len(gone) == 1 else None
                    if made is None:
                        self.kept.update(gone)
                        return statement
                    self.with_objects.update(gone)
                    written = made
                return self._replace(plain, written)
        return plain

    def _make_object(
        self, statement: Statement, plain: Statement, found: Registration
    ) -> PlainHandler | None:
        """The handler with Chalice's object of its event, and without the app object."""
        from converter.chalice.event_objects import make_handler, make_object

        made = make_object(plain.text, found.kind, self.source_module)
        if made is not None or found.function is None or len(statement.nodes) > 1:
            return made
        place = found.function.decorator_list.index(found.decorator)
        return make_handler(statement.text, place, found.kind, self.source_module)

    def _replace(self, statement: Statement, written: PlainHandler) -> Statement:
        """The function as it is written now."""
        self.missing += [line for line in written.imports if line not in self.missing]
        return parse_statement(written.text, statement)

    @cached_property
    def _busy_maker(self) -> str:
        """The function that makes the app object, if it has effects beside, which every handler must have."""
        makers = (made.maker for made in self.about.objects.values() if not self.source.only_makes(made))
        return next((maker.name for maker in makers if maker is not None), "")

    def _keep(self, statement: Statement, registered: list[Registration], reason: str) -> Statement:
        """A statement with handlers, which stays as it is."""
        for found in registered:
            if found not in self.kept and found.function is not None:
                self.kept.add(found)
                place = self.source_module.position(found.function)
                self.diagnostics.append(codes.KEPT_HANDLER.at(place, found.function.name, reason))
        return statement

    def _handed_on(self, statement: Statement) -> Iterator[Registration]:
        """The handlers that the statement imports from where they are defined."""
        for found in self.claimed if statement.is_import else ():
            is_elsewhere = found.called_in is self.source_module and found.module is not self.source_module
            if is_elsewhere and found.function and found.function.name in statement.names.binds:
                yield found

    def _one_a_line(self) -> Iterator[Statement]:
        """The statements, those apart that share a line with one about the app object or with its import."""
        chalice = self.about.objects.keys() | self._names_of_chalice
        for statement in self.source_module.statements:
            if len(statement.nodes) == 1 or not (statement.names.uses | statement.names.binds) & chalice:
                yield statement
                continue
            for node in statement.nodes:
                text = self.source_module.segment(node)
                above = statement.above if node is statement.node else ""
                yield Statement((node,), above, f"{text}\n", read_names([node]))

    @property
    def _names_of_chalice(self) -> set[str]:
        imported = self.source_module.imported.items()
        return {name for name, dotted in imported if dotted.split(".")[0] == "chalice"}

    def _lasting_effects(self, needs: Needs) -> list[Statement]:
        return [
            one
            for one in needs.effects
            if not (self.about.is_chalice_only(one) or self.about.is_for_decorators(one))
        ]

    def _uses_of_objects(self, module: Module, needed: Iterable[Statement]) -> Iterator[ast.AST]:
        """The places where code that stays uses the app object or a blueprint."""
        for statement in sorted(needed, key=lambda statement: statement.line):
            if self.about.is_chalice_only(statement) or not statement.names.uses & self.about.objects.keys():
                continue
            yield from _outermost_uses(statement, self.about.objects)
        for name in sorted(self.external & self.about.objects.keys()) if not self.kept else ():
            yield module.binders[name][0].node

    def _rewrite(
        self,
        module: Module,
        needed: set[Statement],
        serving: set[Statement],
        keep_object: bool,
        *,
        log_used: bool,
    ) -> Iterator[tuple[Statement, list[Statement]]]:
        """Each statement with what becomes of it.

        `needed` is what plain handlers need, `serving` what those do that stay Chalice's.
        """
        names = LogNames(module)
        for statement in module.statements:
            changed = [statement]
            if self.powertools and is_gone(statement, module):
                changed = []
            elif statement in self.registered and statement not in needed and statement not in serving:
                # A handler that is not converted, which has been said.
                changed = []
            elif (
                self.about.is_for_decorators(statement)
                and statement not in needed
                and statement not in serving
            ):
                changed = []
            elif self.about.is_chalice_only(statement):
                changed = self.log.write(statement, names) if log_used and not keep_object else []
                if keep_object and not serving:
                    changed.append(statement)
                elif statement in serving and (not self.powertools or self._has_counterpart(statement)):
                    changed.append(self._serve(statement))
            elif statement in serving and statement in self.registered:
                changed = [self._serve(statement)]
            elif statement.names.uses & self.about.objects.keys() and not keep_object:
                if statement in needed or (self.powertools and statement in serving):
                    plain = self._with_plain_log(statement, names)
                    changed = [self.powertools.rewrite(plain, module) if self.powertools else plain]
                elif statement not in serving:
                    changed = []
            elif self.powertools and self._only_serves(statement):
                # Functions that serve no requests do without it.
                changed = [replace(statement, self_contained=True)]
            elif self.powertools:
                changed = [self.powertools.rewrite(statement, module)]
            yield statement, changed

    def _only_serves(self, statement: Statement) -> bool:
        """Whether it imports modules that have views, and that do nothing else when they are imported."""
        if self.about.serving_imports.isdisjoint(statement.nodes):
            return False
        named = {each.name for each in find_imports(self.source_module) if each.node in statement.nodes}
        modules = [self.source.find_module(name) for name in named]
        return not any(one is not None and find_effects(one, self.source) for one in modules)

    def _serve(self, statement: Statement) -> Statement:
        """What stays Chalice's: whoever needs it asks for it, and to others it is nothing that it is done."""
        served = statement
        if self.powertools:
            served = self._with_plain_log(statement, self._log_names)
            served = self.powertools.rewrite(served, self.source_module)
        return replace(served, self_contained=True)

    @cached_property
    def _log_names(self) -> LogNames:
        return LogNames(self.source_module)

    def _has_stand_in(self, use: ast.AST) -> bool:
        """Whether it is `app.websocket_api`, or goes to code that asks for that: other objects have it."""
        if self.powertools is None:
            return False
        is_api = isinstance(use, ast.Attribute) and use.attr == "websocket_api"
        return is_api or self.powertools.stands_for(use)

    def _has_counterpart(self, statement: Statement) -> bool:
        """Whether Powertools has it too: objects and registered Blueprints, but not `app.debug = True`."""
        node = statement.node
        assert self.powertools is not None
        if not self.powertools.has_routes:
            return False
        if self.log.sets_debug(statement):
            return True
        if self.about.registers(statement) or self.about.registers_middleware(statement):
            return True
        kept = {made.call for made in self.about.objects.values()}
        cors = self.powertools.find_cors()
        return isinstance(node, (ast.Assign, ast.AnnAssign)) and (node.value in kept or node.value is cors)

    def _with_comments(self, rewritten: Mapping[Statement, list[Statement]]) -> Iterator[Statement]:
        """What became of the statements; comments above what is gone belong to the reader of what follows."""
        gone: list[str] = []
        is_at_top = True
        for statement, changed in rewritten.items():
            if not changed and statement not in self.registered:
                gone.append(statement.above)
            elif changed and gone:
                above = _join_above(gone, changed[0].above, is_at_top=is_at_top)
                changed = [replace(changed[0], above=above), *changed[1:]]
                gone = []
            is_at_top = is_at_top and not changed
            if changed and changed[-1] is not statement:
                self.renewed[statement] = changed[-1]
            yield from changed

    def _with_plain_log(self, statement: Statement, names: LogNames) -> Statement:
        if not re.search(r"\blog\b", statement.text):
            return statement
        text = statement.text
        for name, made in self.about.objects.items():
            if made.module is self.source_module:
                text = replace_attribute(text, name, "log", names.logger)
        return parse_statement(text, statement)

    def _trim_imports(self, rewritten: dict[Statement, list[Statement]]) -> None:
        """Take out the imports that only Chalice's own parts needed."""
        everything = [*rewritten, *self.source_module.statements]
        before = {name for statement in everything for name in statement.names.uses}
        after = {name for changed in rewritten.values() for one in changed for name in one.names.uses}
        unwanted = (before | self._names_of_chalice) - after - self.external
        if self.kept and self.source_module is self.source.app_module:
            # Where the API's function starts, the app object is.
            unwanted -= {name for name, made in self.about.objects.items() if made.is_app}
        for statement, changed in rewritten.items():
            if changed == [statement] and statement.is_import and statement.names.binds & unwanted:
                nodes = [node for node in statement.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
                text = keep_imports(nodes, statement.text, statement.names.binds - unwanted)
                rewritten[statement] = [parse_statement(text, statement)] if text else []

    def _report_kept(self, module: Module, use: ast.AST) -> Diagnostic:
        written = module.segment(use) or "the app object"
        return codes.KEEPS_CHALICE.at(
            module.position(use), written.splitlines()[0], "it has no counterpart outside Chalice"
        )

    def _report_chalice_imports(self, module: Module, handlers: Iterable[Statement]) -> Iterator[Diagnostic]:
        of_chalice = [
            (statement, name, dotted)
            for statement in module.statements
            for node in (statement.nodes if statement.is_import else ())
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name, dotted in imported_names(node, module.package)
            if dotted.split(".")[0] == "chalice" and dotted.rpartition(".")[2] not in {"Chalice", "Blueprint"}
        ]
        if not of_chalice:
            return
        needed = Needs(module).closure(handlers)
        used = {name for statement in needed for name in statement.names.uses}
        for statement, name, dotted in sorted(of_chalice, key=lambda found: (found[0].line, found[1])):
            if statement in needed and name in used:
                reason = f"{dotted} has no counterpart outside Chalice"
                yield codes.KEEPS_CHALICE.at(module.position(statement.node), name, reason)


def _join_above(gone: Sequence[str], above: str, *, is_at_top: bool) -> str:
    """The comments of statements that are gone and of the next one, as far from what is before as any was."""
    texts = "".join([*filter(str.strip, gone), above.lstrip("\r\n")])
    if is_at_top and gone[0].strip():
        return texts
    return max((leading_lines(text) for text in (*gone, above)), key=len) + texts.lstrip("\r\n")


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
    assert isinstance(statement.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    node = copy(statement.node)
    decorators = {registration.decorator for registration in registered}
    node.decorator_list = [decorator for decorator in node.decorator_list if decorator not in decorators]
    above = statement.above.replace(WHY_LAZY, "")
    before, after = read_head_names(statement.node), read_head_names(node)
    if len(statement.nodes) == 1 and replace(before, now=after.now) == after:
        # Only the definition reads other names: to read a thousand bodies again takes long.
        names = replace(statement.names, now=after.now)
    else:
        names = read_names([node])
    return replace(statement, nodes=(node,), above=above, text=text, names=names)


def _outermost_uses(statement: Statement, names: Container[str]) -> Iterator[ast.AST]:
    """`app.log` of `app.log.info("x")`: each use of a name with the attribute asked of it.

    What is asked of `bp.current_app` is asked of the Blueprint.
    """
    inside: set[int] = set()
    for node in statement.walked:
        if id(node) in inside:
            inside.update(map(id, children(node)))
        elif isinstance(node, ast.Attribute) and _is_read(without_current_app(node.value), names):
            inside.add(id(node.value))
            yield node
        elif _is_read(node, names):
            yield node


def _is_read(node: ast.AST, names: Container[str]) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names
