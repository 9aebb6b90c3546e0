"""
The Python code of a SAM project's functions and layers as the code of one Chalice project.

Chalice finds a handler at run time as `app.<its __name__>`, so each function gets a
`def` in app.py. A small module whose import nobody notices becomes part of app.py; the
handler of any other one is called from there, and its module stays in chalicelib/
(`places` says where). Such a module is imported at the top of app.py only if that is
safe in the processes of the other functions and on the machine that packages (`inert`).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from types import MappingProxyType

from converter import codes
from converter.diagnostics import Diagnostic
from converter.model import Position
from converter.python.app_file import (
    PURE,
    Decorated,
    Decorator,
    Entry,
    Excerpt,
    Section,
    Wrapper,
    is_importable,
    write_app,
)
from converter.python.carry import Carried, carry, make_packages
from converter.python.imports import find_top_names
from converter.python.inert import INERT, UNKNOWN, Effect, Facts, read_facts
from converter.python.inline import Part, can_absorb, can_move, choose_compatible, rename_handler
from converter.python.module import (
    BUILTINS,
    Module,
    is_standard_library,
    module_name,
    parse_module,
    read_names,
)
from converter.python.places import (
    CHALICELIB,
    VENDOR,
    Places,
    Source,
    Unit,
    arrange,
    make_identifier,
)
from converter.python.roots import Root, is_document, is_test, top_of, users_of

__all__ = ["Joined", "Source", "join"]

SHARED_MODULE = f"{CHALICELIB}.shared"
"""What several handlers of a Chalice project share, split off by the conversion to SAM (`split`)."""

# Longer modules stay files of their own, unless there is just one.
_SMALL = 200
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
_IN_RUNTIME = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"})
# Names that say nothing where there are several handlers.
_GENERIC = frozenset({"lambda_handler", "handler", "main"})
_CHALICE_NAMES = frozenset({"app", "Chalice", "chalice"})
_TAKEN = BUILTINS | _CHALICE_NAMES | {CHALICELIB, "import_module"}


@dataclass(frozen=True)
class Joined:
    """The files of the Chalice project's code, and the name of each function's handler in app.py.

    `serves` says that views are registered with the app object: those of the one function that was to be
    served, or functions with what stands beside them.
    """

    files: Mapping[str, bytes]
    handlers: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]
    serves: bool = False


@dataclass(frozen=True)
class Restored:
    """The files of a project with Chalice's app object.

    `decorated` are the functions whose handlers have their decorators. The code `says_all` if its views, too,
    need nothing that is not there. Where modules are `added`, the code has not been imported for other
    functions yet, nor on the machine that packages. With `imports_app` another module makes the app object.
    """

    files: Mapping[str, bytes]
    decorated: frozenset[str] = frozenset()
    says_all: bool = False
    imports_app: bool = False
    added: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Rewritten:
    """The files of a project in which the handlers of some functions are views.

    `decorators` make them such; they use the app object, and names of Chalice's that app.py imports.
    """

    files: Mapping[str, bytes]
    decorators: Mapping[str, Decorator]
    beside: Beside
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Beside:
    """What functions of app.py name.

    `preface` stands below the app object, and needs what is `imported` from Chalice. `needed` are the
    decorators of functions that those of others name; `files` come with all that. `rewrite` gets the files
    as they are in the Chalice project, the path and name of each function's handler, and of those that
    nothing else calls, whether they can stand in app.py.
    """

    preface: str = ""
    imported: frozenset[str] = frozenset()
    needed: Mapping[str, Decorator] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    rewrite: (
        Callable[[Mapping[str, bytes], Mapping[str, tuple[str, str]], Mapping[str, bool]], Rewritten] | None
    ) = None


@dataclass(frozen=True)
class Serving:
    """A function whose handler is an object that serves requests, and what makes that Chalice's app object.

    There may be no such function, where others have Chalice's decorators. `restore` gets the files as they
    are in the Chalice project, and the path and name of each function's handler; it gives what becomes of the
    files, or why nothing can, None where there is nothing to do. `registering` is what can be done with the
    app object while it is set up.
    """

    function: str
    restore: Callable[[Mapping[str, bytes], Mapping[str, tuple[str, str]]], Restored | Diagnostic | None]
    registering: frozenset[str] = frozenset()
    beside: Beside = Beside()


def join(
    app_name: str,
    sources: Sequence[Source],
    layers: Mapping[str, Mapping[str, bytes]],
    environment: Collection[str] = (),
    decorators: Mapping[str, Decorator] = MappingProxyType({}),
    serving: Serving | None = None,
    beside: Beside | None = None,
) -> Joined:
    """One Chalice project of many functions' code.

    `layers` holds, by key, the files of each layer as they lie on `sys.path`. `environment` names
    the variables that Chalice sets for every function, and itself when it packages: those with a
    literal value for the whole application in each stage of config.json. `decorators` are those of functions
    that are no pure Lambda functions.
    A function whose handler cannot be found is reported and has no entry in `handlers`. The one that is
    `serving` has no handler: its routes are registered with the app object, if that can be done. What stands
    `beside` the functions is there if nothing else has its names.
    """
    joiner = _Joiner(app_name, sources, layers, frozenset(environment), decorators)
    served = joiner.join_serving(serving) if serving else None
    return served or (joiner.join_beside(beside) if beside else None) or joiner.join()


class _Joiner:
    def __init__(
        self,
        app_name: str,
        sources: Sequence[Source],
        layers: Mapping[str, Mapping[str, bytes]],
        environment: frozenset[str],
        decorators: Mapping[str, Decorator],
    ) -> None:
        self.app_name = app_name
        self.environment = environment
        self.decorators = decorators
        self.places = arrange(app_name, sources, layers)
        self.carried = carry(self.places)
        self.targets, self.missing = _find_handlers(self.places, sources)

    def join(self) -> Joined:
        project = self._project(self.carried)
        parts = project.choose_parts([one for one in self.targets if one.module])
        names = _Names(self.targets, parts, self.decorators)
        return self._write(project, parts, names, self.targets)

    def join_beside(self, beside: Beside) -> Joined | None:
        """The project with what functions name beside them; None where names or files are taken."""
        decorators = {**self.decorators, **beside.needed}
        targets = _put_first(self.targets, beside.needed)
        project = self._project(self.carried)
        parts = project.choose_parts([one for one in targets if one.module])
        if beside.rewrite is not None:
            project, parts, rewritten = self._rewrite(beside.rewrite, parts)
            beside, decorators = rewritten.beside, {**decorators, **rewritten.decorators}
        names = _Names(targets, parts, decorators, beside.needed)
        is_there = {target.function for target in targets} >= beside.needed.keys()
        is_free = all(self.carried.files.get(path, data) == data for path, data in beside.files.items())
        if not is_there or not is_free or not _can_name(beside, names, parts):
            return None
        return self._write(project, parts, names, targets, beside)

    def _rewrite(
        self,
        rewrite: Callable[
            [Mapping[str, bytes], Mapping[str, tuple[str, str]], Mapping[str, bool]], Rewritten
        ],
        parts: Mapping[str, Part],
    ) -> tuple[_Project, dict[str, Part], Rewritten]:
        """The project with handlers as views, as far as app.py has them; without them it has these parts."""
        modules = {module_name(path): path for path in self.carried.files}
        handlers = {one.function: (modules.get(one.module, ""), one.handler) for one in self.targets}
        times = Counter(handlers.values())
        users = self._project(self.carried).users
        movable = {
            one.function: one.module in parts
            for one in self.targets
            if times[handlers[one.function]] == 1
            and not users.get(one.module, set()) - {modules[one.module]}
            and not (one.module in parts and one.handler in parts[one.module].borrowed)
        }
        while True:
            rewritten = rewrite(self.carried.files, handlers, movable)
            of_views = {one.module for one in self.targets if one.function in rewritten.decorators}
            project = self._project(replace(self.carried, files=rewritten.files), of_views=of_views)
            changed = project.choose_parts([one for one in self.targets if one.module])
            lost = {
                one.function
                for one in self.targets
                if movable.get(one.function) and one.module in of_views - changed.keys()
            }
            if not lost:
                self.missing += map(self._at_source, rewritten.diagnostics)
                return project, changed, rewritten
            movable |= dict.fromkeys(lost, False)

    def join_serving(self, serving: Serving) -> Joined | None:
        """The project with the routes of a function as Chalice's; None where that cannot be done."""
        modules = {module_name(path): path for path in self.carried.files}
        by_name = {target.function: target for target in self.targets}
        beside = serving.beside
        if not by_name.keys() >= {*filter(None, [serving.function]), *beside.needed}:
            return None
        handlers = {one.function: (modules.get(one.module, ""), one.handler) for one in self.targets}
        restored = serving.restore(self.carried.files, handlers)
        if not isinstance(restored, Restored):
            self.missing += [self._at_source(restored)] if restored else []
            return None
        if restored.says_all:
            beside = Beside()
        elif restored.added:
            beside = replace(beside, files={**beside.files, **restored.added})
        serving = replace(serving, beside=beside)
        served = {*filter(None, [serving.function]), *restored.decorated}
        project = self._project(replace(self.carried, files=restored.files), serving, served)
        parts = project.choose_parts(self.targets)
        homeless = {by_name[name].module for name in (*served, *beside.needed)} - parts.keys()
        homeless |= set(project.find_users(parts))
        if restored.added:
            homeless |= {
                by_name[name].module for name in served if not project.needs_nothing(by_name[name].module)
            }
        if homeless:
            reason = "the module cannot be part of app.py, where the app object has to be"
            place = Position(modules.get(min(homeless), "app.py"), 1, 1)
            self.missing.append(self._at_source(codes.KEPT_RESOLVER.at(place, min(homeless), reason)))
            return None
        targets = _put_first(self.targets, beside.needed)
        others = [one for one in targets if one.function not in served]
        names = _Names(others, parts, {**self.decorators, **beside.needed}, beside.needed)
        if not _can_name(beside, names, parts):
            return None
        return self._write(project, parts, names, targets, beside, has_app=restored.imports_app)

    def _at_source(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic about a file of the Chalice project, said of the file that it came from."""
        place = diagnostic.position
        if place is None or place.path not in self.carried.origins:
            return diagnostic
        root, origin = self.carried.origins[place.path]
        return replace(diagnostic, position=replace(place, path=root.place(origin)))

    def _project(
        self,
        carried: Carried,
        serving: Serving | None = None,
        served: Collection[str] = (),
        of_views: Collection[str] = (),
    ) -> _Project:
        requirements = _find_requirements(self.places)
        return _Project(
            carried, self.places.layers, requirements, self.environment, serving, served, of_views
        )

    def _write(
        self,
        project: _Project,
        parts: Mapping[str, Part],
        names: _Names,
        targets: Sequence[_Target],
        beside: Beside | None = None,
        *,
        has_app: bool = False,
    ) -> Joined:
        entries = list(_make_entries(project, targets, parts, names))
        preface, imported = (beside.preface, beside.imported) if beside else ("", frozenset())
        text = write_app(None if has_app else self.app_name, entries, preface, imported)
        files, left_out = project.remaining_files(parts)
        files = {**files, **(beside.files if beside else {})}
        files = {"app.py": text.encode(), **make_packages(files, CHALICELIB)}
        diagnostics = [*self.carried.diagnostics, *self.missing, *left_out, *project.name_changes(parts)]
        return Joined(
            dict(sorted(files.items())),
            {target.function: names.functions.get(target.function, target.handler) for target in targets},
            tuple(sorted(diagnostics, key=lambda diagnostic: diagnostic.sort_key)),
            beside is not None,
        )


def _put_first(targets: Iterable[_Target], needed: Collection[str]) -> list[_Target]:
    """The targets in their order, but for those that the decorators of others name."""
    return sorted(targets, key=lambda one: one.function not in needed)


def _bound(text: str) -> frozenset[str]:
    return read_names(ast.parse(text).body).binds


def _can_name(beside: Beside, names: _Names, parts: Mapping[str, Part]) -> bool:
    """Whether what the decorators of views name has these names, and nothing else has."""
    bound = {name for part in parts.values() for name in part.binds - part.handlers}
    needed = {name: make_identifier(name) for name in beside.needed}
    is_own = all(names.functions[function] == name for function, name in needed.items())
    return is_own and bound.isdisjoint({*_bound(beside.preface), *needed.values()})


# --- handlers --------------------------------------------------------------------


@dataclass(frozen=True)
class _Target:
    """A function's handler: its name, and its module in the Chalice project."""

    function: str
    module: str
    handler: str


def _find_handlers(places: Places, sources: Sequence[Source]) -> tuple[list[_Target], list[Diagnostic]]:
    by_name: dict[str, _Target] = {}
    missing: list[Diagnostic] = []
    for unit in places.units:
        for source in unit.sources:
            found = _find_handler(places, unit, source)
            if isinstance(found, Diagnostic):
                missing.append(found)
            else:
                by_name[source.name] = found
    return [by_name[source.name] for source in sources if source.name in by_name], missing


def _find_handler(places: Places, unit: Unit, source: Source) -> _Target | Diagnostic:
    path, name = source.handler.path, source.handler.name
    root = next((root for root in unit.path.roots if path in root.files), None)
    if root is None:
        if _normal(path.partition("/")[0].removesuffix(".py")) in _requirements_of(unit):
            return _Target(source.name, module_name(path), name)
        return _not_found(unit, source, "there is no such file")
    module = root.parsed(path)
    if module is not None and name not in module.binders and not {"*", "__getattr__"} & module.binders.keys():
        return _not_found(unit, source, f"{path} has no {name}")
    return _Target(source.name, module_name(places.home(root, path).removeprefix(f"{VENDOR}/")), name)


def _not_found(unit: Unit, source: Source, reason: str) -> Diagnostic:
    handler = source.handler
    subject = f"{handler.path.removesuffix('.py')}.{handler.name}"
    return codes.HANDLER_NOT_FOUND.at(Position(unit.root.place(handler.path), 1, 1), subject, reason)


# --- requirements ----------------------------------------------------------------


def _requirements_of(unit: Unit) -> frozenset[str]:
    texts = (root.files.get("requirements.txt", b"").decode(errors="replace") for root in unit.path.roots)
    lines = (re.match(r"[A-Za-z0-9][\w.-]*", line.strip()) for text in texts for line in text.splitlines())
    return frozenset(_normal(line[0]) for line in lines if line)


def _find_requirements(places: Places) -> frozenset[str]:
    """Chalice installs the requirements of one function for all."""
    return frozenset(name for unit in places.units for name in _requirements_of(unit))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _imported_by(root: Root) -> frozenset[str]:
    modules = (root.parsed(path) for path in root.code if path.endswith(".py"))
    return frozenset(_normal(top) for module in modules if module for top in find_top_names(module))


# --- the project as it comes out -------------------------------------------------


class _Project:
    """The carried files, and what can be said of the modules among them."""

    def __init__(
        self,
        carried: Carried,
        layers: Collection[Root],
        requirements: frozenset[str],
        environment: frozenset[str],
        serving: Serving | None = None,
        served: Collection[str] = (),
        of_views: Collection[str] = (),
    ) -> None:
        """`of_views` are modules that use the app object, but make none."""
        self.serving = serving
        self.served = served
        self.of_views = of_views
        self.carried = carried
        self.layers = layers
        inside = {path for path in carried.files if not path.startswith(f"{VENDOR}/")}
        self.root = Root("", {path: data for path, data in carried.files.items() if path in inside})
        for path in inside & carried.origins.keys():
            self.root.adopt(path, *carried.origins[path])
        vendored = {top_of(path.removeprefix(f"{VENDOR}/")) for path in carried.files.keys() - inside}
        # PyYAML brings yaml: a requirement that no import is named like may bring any module.
        self.has_unplaced = bool(requirements - _imported_by(self.root))
        self.installed = requirements | set(map(_normal, vendored))
        self.environment = environment
        self._facts: dict[str, Facts] = {}

    @cached_property
    def users(self) -> Mapping[str, set[str]]:
        return users_of(self.root)

    def facts(self, module: str) -> Facts | None:
        """What importing a module does, its packages included; None if it may not be there."""
        top = module.partition(".")[0]
        if top != CHALICELIB:
            is_there = top == "chalice" and (self.serving or self.of_views)
            is_free = is_standard_library(top) or top in _IN_RUNTIME or is_there
            return INERT if is_free or self.has_unplaced or _normal(top) in self.installed else None
        path = self.root.modules.get(module)
        if module not in self._facts and (path is not None or module in self._added):
            # Where modules import each other, the one that comes first is still empty.
            self._facts[module] = INERT
            self._facts[module] = self._read_facts(module, path or "")
        return self._facts.get(module)

    @cached_property
    def _added(self) -> dict[str, Module]:
        """The modules that come with what is served."""
        files = self.serving.beside.files.items() if self.serving else ()
        return {module_name(path): parse_module(path, data.decode()) for path, data in files}

    def _read_facts(self, module: str, path: str) -> Facts:
        parsed = self._added.get(module) or (self.root.parsed(path) if path else None)
        if path and parsed is None:
            return UNKNOWN
        registering = self.serving.registering if self.serving else frozenset()
        own = read_facts(parsed, self.facts, self.environment, registering) if parsed else INERT
        package = (self.facts(module.rpartition(".")[0]) if "." in module else None) or INERT
        return replace(own, at_least=package.effect, on_process=own.on_process | package.on_process)

    def is_inert(self, module: str) -> bool:
        """Whether app.py may import the module for all functions; of other people's modules, never."""
        facts = self.facts(module) if module in self.root.modules else None
        return facts is not None and facts.effect < Effect.PROCESS

    def needs_nothing(self, module: str) -> bool:
        """Whether importing the module needs nothing from outside of the process."""
        facts = self.facts(module)
        return facts is not None and facts.effect < Effect.UNKNOWN

    def find_users(self, parts: Collection[str]) -> Iterator[str]:
        """The modules beside app.py that use a name which only app.py has."""
        for name, path in self.root.modules.items():
            module = self.root.parsed(path) if path and name not in parts else None
            if module is not None:
                used = {used for one in module.statements for used in one.names.uses}
                if not used.isdisjoint(self._common - module.binders.keys()):
                    yield name

    # --- what becomes part of app.py ---------------------------------------------

    def choose_parts(self, targets: Sequence[_Target]) -> dict[str, Part]:
        """The modules that become part of app.py, by name, in the order of the functions."""
        handlers: dict[str, set[str]] = {}
        for target in targets:
            names = handlers.setdefault(target.module, set())
            if target.function not in self.served:
                names.add(target.handler)
        return self._choose_with_shared(handlers) or self._choose_each(handlers)

    def _can_move(
        self, part: Part, common: Collection[str], *, is_run_by_all: bool = False, is_alone: bool = False
    ) -> bool:
        """Whether the module may be part of app.py; one with views is imported for all functions anyway."""
        if self.serving is None:
            reserved = () if part.module.name in self.of_views else _CHALICE_NAMES
            return can_move(part, reserved, common)
        effects = {one: effect for one, effect in part.facts.effects.items() if one in part.statements}
        facts = replace(part.facts, effects=effects)
        if is_run_by_all or is_alone:
            facts = replace(facts, effects={}, at_least=Effect.NONE)
        return can_move(replace(part, facts=facts), (), common, is_alone=is_alone)

    @property
    def _common(self) -> frozenset[str]:
        """The names of app.py that any part with views may use."""
        serving = self.serving
        if serving is None:
            return frozenset()
        return frozenset(
            {"app", *map(make_identifier, serving.beside.needed), *_bound(serving.beside.preface)}
        )

    def _part(self, module: str, handlers: Iterable[str], shared: str = "") -> Part | None:
        path = self.root.modules.get(module)
        parsed = self.root.parsed(path) if path else None
        facts = self.facts(module)
        return Part(parsed, facts, frozenset(handlers), shared) if parsed and facts else None

    def _common_effects(self, modules: Iterable[str]) -> frozenset[str]:
        """What importing each of the modules does to the process."""
        effects = [self.facts(module) or UNKNOWN for module in modules]
        return frozenset.intersection(*(facts.on_process for facts in effects)) if effects else frozenset()

    def _choose_each(self, handlers: Mapping[str, set[str]]) -> dict[str, Part]:
        common = self._common_effects(handlers)
        parts: dict[str, Part] = {}
        for module, names in handlers.items():
            part = self._part(module, names)
            is_alone = len(handlers) == 1
            is_small = part is not None and (is_alone or not names or len(part.module.lines) <= _SMALL)
            if part is None or not is_small or not self._is_free(module):
                continue
            if self._can_move(part, common, is_alone=is_alone):
                parts[module] = part
        return choose_compatible(parts, self._common)

    def _is_free(self, module: str) -> bool:
        """Whether nothing else needs the module; those of a chalicelib/ stay where they were."""
        path = self.root.modules[module]
        return not self.users.get(module, set()) - {path} and not self._is_from_chalicelib(path)

    def _is_from_chalicelib(self, path: str) -> bool:
        return self.carried.origins[path][1].startswith(f"{CHALICELIB}/")

    def _choose_with_shared(self, handlers: Mapping[str, set[str]]) -> dict[str, Part]:
        """All handlers' modules and the one that they share, if that can be done."""
        shared = self._part(SHARED_MODULE, ())
        if shared is None:
            return {}
        root, _ = self.carried.origins[shared.module.path]
        if root not in self.layers or self._is_from_chalicelib(shared.module.path):
            return {}
        own_files = {self.root.modules.get(module) for module in handlers}
        if not self.users.get(SHARED_MODULE, set()) <= own_files:
            return {}
        chosen: dict[str, Part] = {}
        passed_on: set[str] = set()
        for module, names in handlers.items():
            part = self._part(module, names, SHARED_MODULE)
            if part is None:
                return {}
            passed_on |= names & part.borrowed
            chosen[module] = replace(part, handlers=part.handlers - part.borrowed)
        common = self._common_effects(handlers)
        shared = replace(shared, handlers=frozenset(passed_on))
        parts = {SHARED_MODULE: shared, **chosen}
        # Only imports of the shared module are not among a part's statements.
        is_run_by_all = all(
            any(one.is_import and one not in part.statements for one in part.module.statements)
            for part in chosen.values()
        )
        can_join = all(
            (part is shared or self._is_free(module))
            and self._can_move(part, common, is_run_by_all=part is shared and is_run_by_all)
            and can_absorb(part, shared.module)
            for module, part in parts.items()
        )
        return parts if can_join and choose_compatible(parts, self._common) == parts else {}

    # --- what is left ------------------------------------------------------------

    def remaining_files(self, parts: Collection[str]) -> tuple[dict[str, bytes], list[Diagnostic]]:
        """The files without those that are in app.py now, and without what was there only for them."""
        gone = {self.root.modules[module] for module in parts}
        roots = {self.carried.origins[path][0] for path in gone}
        files: dict[str, bytes] = {}
        left_out: list[Diagnostic] = []
        for path, data in self.carried.files.items():
            root, origin = self.carried.origins[path]
            if path in gone:
                continue
            if root in roots and (is_test(origin) or is_document(origin)):
                position = Position(root.place(origin), 1, 1)
                left_out.append(
                    codes.LEFT_OUT_FILE.at(position, origin, "the code it belongs to is in app.py")
                )
                continue
            files[path] = data
        emptied = {path for path in files if self.carried.origins[path][0] in roots}
        return _without_empty_packages(files, emptied), left_out

    def name_changes(self, parts: Collection[str]) -> Iterator[Diagnostic]:
        """Modules that use `__name__`, which is another one now."""
        for path, (root, origin) in self.carried.origins.items():
            is_own = path.endswith(".py") and not root.is_installed(origin)
            module = root.parsed(origin) if is_own and b"__name__" in root.files[origin] else None
            new = "app" if module_name(path) in parts else module_name(path)
            if module is None or module.name == new or is_test(origin):
                continue
            for statement in module.statements:
                if "__name__" in statement.names.uses and not statement.is_main_guard:
                    position = Position(root.place(origin), statement.line, 1)
                    yield codes.MODULE_NAME_CHANGED.at(
                        position, "__name__", f"it was {module.name} and is {new}"
                    )
                    break


def _without_empty_packages(files: Mapping[str, bytes], emptied: Collection[str]) -> dict[str, bytes]:
    """The files without those empty `__init__.py` that are alone in their folders now."""
    empty = {path for path in emptied if path.endswith("/__init__.py") and not files[path].strip()}
    empty.discard(f"{CHALICELIB}/__init__.py")
    folders = {path[: end.start()] for path in files if path not in empty for end in re.finditer("/", path)}
    return {
        path: data for path, data in files.items() if path not in empty or path.rpartition("/")[0] in folders
    }


# --- app.py ------------------------------------------------------------------------


def _home_of(target: _Target, parts: Mapping[str, Part]) -> str:
    """The part in which the handler is defined, "" if none."""
    part = parts.get(target.module)
    if part is not None and target.handler in part.borrowed:
        return SHARED_MODULE
    return target.module if part is not None else ""


class _Names:
    """The names of app.py: those of its parts, of each function's `def` and of imported handlers."""

    def __init__(
        self,
        targets: Sequence[_Target],
        parts: Mapping[str, Part],
        decorators: Mapping[str, Decorator],
        named: Collection[str] = (),
    ) -> None:
        """`named` are functions that parts use by their names in app.py."""
        self._decorators = decorators
        # Handlers give up their names, so that these are free.
        used = [(part.binds | part.uses) - part.handlers - part.borrowed for part in parts.values()]
        self._taken = set(_TAKEN).union(*used) - set(map(make_identifier, named))
        self._unwanted = _TAKEN | (_GENERIC if len(targets) > 1 else set())
        self.functions: dict[str, str] = {}
        self._parts = parts
        for target in targets:
            wanted = self._wanted(target)[0]
            if wanted not in self._taken | self._local(target):
                self.functions[target.function] = self._choose([wanted])
        for target in targets:
            if target.function not in self.functions:
                self.functions[target.function] = self._choose(self._wanted(target), self._local(target))

    def _wanted(self, target: _Target) -> list[str]:
        """Names for a function's `def`, the best first: its own, unless others call the handler."""
        home, name = _home_of(target, self._parts), make_identifier(target.function)
        own = [target.handler] if home and target.handler not in self._unwanted else []
        is_own_first = home == SHARED_MODULE and target.function not in self._decorators
        names = [*own, name] if is_own_first else [name, *own]
        return [*names, f"{name}_handler"]

    def _local(self, target: _Target) -> frozenset[str]:
        """The names that mean something else where the handler is."""
        home = _home_of(target, self._parts)
        return self._parts[home].identifiers - {target.handler} if home else frozenset()

    def _choose(self, names: Sequence[str], also_taken: Collection[str] = ()) -> str:
        """The first name that is free, which is then taken."""
        numbered = (f"{names[-1]}_{number}" for number in count(2))
        chosen = next(
            name for name in chain(names, numbered) if name not in self._taken and name not in also_taken
        )
        self._taken.add(chosen)
        return chosen

    def decorate(self, target: _Target) -> Decorated:
        decorator = self._decorators.get(target.function, PURE)
        return Decorated(target.function, self.functions[target.function], decorator)

    def choose_alias(self, target: _Target) -> str:
        """A name for an imported handler: its own if that is free and says something."""
        own = [] if target.handler in self._unwanted else [target.handler]
        return self._choose([*own, f"{self.functions[target.function]}_handler"])


def _make_entries(
    project: _Project,
    targets: Sequence[_Target],
    parts: Mapping[str, Part],
    names: _Names,
) -> Iterator[Entry]:
    """The entries of app.py; of what is served, only the modules."""
    handlers: dict[str, dict[str, Decorated]] = {module: {} for module in parts}
    twins: set[str] = set()
    times = Counter((_home_of(target, parts), target.handler) for target in targets)
    used = {name for part in parts.values() for one in part.statements for name in one.names.uses}
    for target in (one for one in targets if one.function not in project.served):
        home = _home_of(target, parts)
        if home and target.handler in handlers[home]:
            twins.add(target.function)
        elif home:
            decorated = names.decorate(target)
            is_alone = times[home, target.handler] == 1 and target.handler not in used
            can_use_object = is_alone and _can_use_object(decorated, target.handler, parts[home].module)
            if not decorated.takes_handlers and not can_use_object:
                # The handler stays as it is, and is called by the one that Chalice gives its object.
                decorated = Decorated(target.function, names.choose_alias(target), None, decorated)
            handlers[home][target.handler] = decorated
    aliases: dict[tuple[str, str], str] = {}
    waiting = dict(parts)
    lent = handlers.get(SHARED_MODULE, {})
    main: Section | None = None
    if SHARED_MODULE in waiting:
        main = replace(_make_section(waiting.pop(SHARED_MODULE), lent), is_main=True)
        yield main
    for target in targets:
        if target.module in waiting:
            yield _make_section(waiting.pop(target.module), handlers[target.module], lent)
        if target.function in project.served:
            continue
        decorated = names.decorate(target)
        of_main = (
            [each for each in main.handlers.values() if each.function == target.function] if main else []
        )
        if main and of_main:
            yield Excerpt(main, of_main[0].name)
        elif target.function in twins:
            yield Wrapper(decorated, "", handlers[_home_of(target, parts)][target.handler].name)
        elif target.module not in parts:
            key = target.module, target.handler
            if key not in aliases and is_importable(target.module) and project.is_inert(target.module):
                aliases[key] = names.choose_alias(target)
            yield Wrapper(decorated, target.module, target.handler, aliases.get(key, ""))


def _can_use_object(decorated: Decorated, handler: str, module: Module) -> bool:
    """Whether the handler is written so that it can take Chalice's object itself."""
    binders = module.binders.get(handler, [])
    if len(binders) != 1 or decorated.decorator is None or decorated.decorator.use_object is None:
        return False
    return decorated.decorator.use_object(binders[0].text, module.imported) is not None


def _make_section(
    part: Part, handlers: Mapping[str, Decorated], lent: Mapping[str, Decorated] = MappingProxyType({})
) -> Section:
    """The part with its handlers, and those that it calls of the shared one, under their names in app.py."""
    for old, decorated in lent.items():
        if old in part.borrowed:
            part = rename_handler(part, old, decorated.name)
    for old, decorated in handlers.items():
        part = rename_handler(part, old, decorated.name)
    return Section(part, {decorated.name: decorated for decorated in handlers.values()})
