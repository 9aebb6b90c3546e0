"""
The code of a Chalice project as its Lambda functions see it.

Chalice deploys app.py, chalicelib/ and the contents of vendor/ (chalice/deploy/packager.py)
and gives all of it to every function. Here each function gets a folder with what it
alone needs; what several need goes to a folder that all have on their path.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from keyword import iskeyword
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.settings import is_debugging, read_binary_types
from converter.chalice.plain import PlainModule, find_events, give_dicts, make_plain
from converter.chalice.registration import (
    API_FUNCTION,
    APP_PATH,
    MIDDLEWARES,
    REGISTERING_BYTES,
    WEBSOCKET_FUNCTIONS,
    Registration,
)
from converter.diagnostics import UnreadableError
from converter.files import decode_text, encode_python
from converter.model import Application, Code, Function, Handler, Json
from converter.python.data_files import find_reads
from converter.python.module import Module, Statement, is_standard_library, parse_module
from converter.python.rewrite import make_absolute, rename_module
from converter.python.split import assemble, split

if TYPE_CHECKING:
    from converter.chalice.handed_events import HandedEvents
    from converter.chalice.http.powertools import PowertoolsApi
    from converter.chalice.project import ChaliceProject

SHARED_FOLDER = "shared"

# Chalice's Lambda function for the API runs the app object itself.
API_HANDLER = Handler(APP_PATH, "app")
# The handlers that are objects of Chalice's.
_KEPT = frozenset({*WEBSOCKET_FUNCTIONS, "authorizer"})
_OF_API = frozenset({"route", "middleware"})

_IMPORTS_APP = re.compile(rb"^\s*(from|import)\b.*\bapp\b", re.MULTILINE)


def read_code(project: ChaliceProject, application: Application) -> Application:
    """The application with the code of its functions, free of Chalice."""
    return _CodeReader(project, application).read()


@dataclass
class _CodeReader:
    project: ChaliceProject
    application: Application
    folders: dict[str, dict[str, bytes]] = field(default_factory=dict)
    shared: dict[str, bytes] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)

    def read(self) -> Application:
        self.shared.update(self._deployed_files())
        if self._has_api and set(self.application.functions) == {API_FUNCTION}:
            self._copy_whole()
            return replace(self.application, functions=self._with_codes(), folders=self.folders)
        taken = list(self._library_modules_with_handlers())
        for module in taken:
            external = self._names_imported_from(module) | self._names_of_api(module)
            self._take_apart(module, module.name, external)
        self._rewrite_library({module.path for module in taken})
        app_name = self._free_name(SHARED_FOLDER)
        self._take_apart(self.project.source.app_module, app_name, self._names_imported_from_app())
        self._place_compat()
        self._place_shared()
        return replace(self.application, functions=self._with_codes(), folders=self.folders)

    def _copy_whole(self) -> None:
        """The one function that there is gets everything."""
        app = self.project.source.app_module
        text = app.source
        if self._powertools:
            plain = make_plain(app, self.project.source, (), (), self._kept, self._powertools, self._events)
            self.project.report(*plain.diagnostics)
            text = assemble(plain.module.statements, plain.module) + app.tail
            self._rewrite_library(set())
            self._place_compat()
        self.folders[API_FUNCTION] = {APP_PATH: encode_python(text), **self.shared}
        self.handlers[API_FUNCTION] = API_HANDLER

    @cached_property
    def _powertools(self) -> PowertoolsApi | None:
        """How the code does without the app object; None where it keeps that, or has nothing that needs it.

        Routes become Powertools', and handlers of WebSockets have a small module.
        """
        if self.project.keeps_chalice or not (self._has_api or self._has_websockets):
            return None
        from converter.chalice.http.powertools import PowertoolsApi

        api = PowertoolsApi(self.project.source, self._base_paths())
        obstacle = api.find_obstacle()
        if obstacle is None:
            self.project.report(*api.find_disordered(), *api.find_left_out())
            return api
        what = "routes" if self._has_api else "handlers of WebSockets"
        reason = f"{obstacle.reason}, so the {what} stay Chalice's"
        self.project.report(codes.KEPT_API.at(obstacle.position, obstacle.subject, reason))
        return None

    def _base_paths(self) -> tuple[str, ...]:
        """The base paths of the custom domains of the stages."""
        config = self.project.config
        domains = (config.lookup("api_gateway_custom_domain", each, None) for each in self.project.stages)
        paths = (domain.get("url_prefix") for domain in domains if isinstance(domain, dict))
        found = (path.strip("/") for path in paths if isinstance(path, str) and path != "(none)")
        return tuple(dict.fromkeys(filter(None, found)))

    def _rewrite_library(self, done: Collection[str]) -> None:
        """Rewrite the modules of chalicelib/ that have no Lambda functions.

        They get dicts for events, and speak to Powertools.
        """
        changed: dict[str, Module] = {}
        for module in self._events.modules if self._events else ():
            if module.path != APP_PATH and module.path not in done and self._events:
                changed[module.path] = give_dicts(module, self._events, self._names_imported_from(module))
                self.project.report(*self._events.find_shown(module))
        for module in self._powertools.modules if self._powertools else ():
            if module.path != APP_PATH and module.path not in done and self._powertools:
                changed[module.path] = self._rewrite_for_powertools(module, changed.get(module.path, module))
        for path, module in changed.items():
            self.shared[path] = encode_python(assemble(module.statements, module) + module.tail)

    def _rewrite_for_powertools(self, module: Module, changed: Module) -> Module:
        """A module without Lambda functions, of which some may have been `changed` already."""
        source, powertools = self.project.source, self._powertools
        assert powertools is not None
        external = self._names_imported_from(module)
        if module is not source.app.module:
            return powertools.rewrite_module(changed, external)
        plain = make_plain(module, source, (), external, self._kept, powertools, self._events)
        self.project.report(*plain.diagnostics)
        return plain.module

    def _place_compat(self) -> None:
        if self._powertools is None or not self._powertools.used:
            return
        from converter.chalice.http.compat_module import COMPAT_MODULE

        source = self.project.source
        types, _ = read_binary_types(source)
        text = self._powertools.write_compat(
            types, debug=self._powertools.shows_debug and is_debugging(source)
        )
        self.shared[f"{COMPAT_MODULE}.py"] = encode_python(text)

    @cached_property
    def _events(self) -> HandedEvents | None:
        return find_events(self.project.source)

    @cached_property
    def _has_api(self) -> bool:
        """Whether the routes have views of their own, and not just one function that answers them all."""
        return any(self.project.handlers("route")) and API_FUNCTION not in self.project.bound

    @property
    def _has_websockets(self) -> bool:
        return any(self.project.handlers(*WEBSOCKET_FUNCTIONS))

    @cached_property
    def _kept(self) -> frozenset[Registration]:
        """The handlers that stay Chalice's, and what is called before and after them."""
        registrations = self.project.source.registrations
        kinds = {*_KEPT, *(_OF_API if self._has_api else ())}
        source = self.project.source
        middlewares = [each for each in registrations if each.kind in MIDDLEWARES]
        wrapped = {kind for each in middlewares for kind in source.find_wrapped(each)}
        if wrapped:
            kinds.add("middleware")
        # What wraps handlers is there only where app.py is imported.
        return frozenset(
            found
            for found in registrations
            if (
                found.kind in kinds and not self._is_left_out(found) and found.function not in source.wrappers
            )
            or (found.kind in wrapped and found.home.path == APP_PATH)
        )

    def _is_left_out(self, found: Registration) -> bool:
        """Whether it is middleware that has nothing to be called for."""
        is_middleware = self._powertools is not None and found.kind in MIDDLEWARES
        return is_middleware and not self.project.source.is_of_requests(found)

    def _with_codes(self) -> dict[str, Function]:
        return {name: self._with_code(function) for name, function in self.application.functions.items()}

    def _with_code(self, function: Function) -> Function:
        layers = (SHARED_FOLDER,) if SHARED_FOLDER in self.folders else ()
        return replace(function, code=Code(function.name, self.handlers[function.name], layers))

    # --- modules with handlers ---------------------------------------------------

    def _take_apart(self, module: Module, shared_name: str, external: frozenset[str]) -> None:
        own = {name: found for name, found in self.project.bound.items() if found.home is module}
        plain = make_plain(
            module,
            self.project.source,
            set(own.values()),
            external,
            self._kept,
            self._powertools,
            self._events,
        )
        self.project.report(*plain.diagnostics)
        names = {name: self._module_name(name) for name in own}
        is_app = module.path == APP_PATH
        is_moved_whole = not external or (is_app and len(self.project.bound) == 1)
        has_api = is_app and self._has_api
        if len(own) == 1 and is_moved_whole and not has_api and self._is_all_wanted(module):
            (name,) = own
            parts, rest = {name: assemble(plain.module.statements, plain.module) + module.tail}, None
            moved_to = names[name]
        else:
            roots = {
                name: (plain.handlers[found], *(plain.app if found in plain.kept else ()))
                for name, found in own.items()
            }
            if has_api:
                roots[API_FUNCTION] = (*plain.app, *plain.api)
            taken = split(
                plain.module, roots, shared_name=shared_name, external=external, is_pinned=self._is_pinned
            )
            parts, rest = dict(taken.parts), taken.shared
            moved_to = shared_name
            self._report_left_out(module, plain, taken.left_out)
        if has_api:
            self.folders[API_FUNCTION] = {APP_PATH: encode_python(parts.pop(API_FUNCTION))}
            self.handlers[API_FUNCTION] = API_HANDLER
        for name, text in parts.items():
            self._add_part(module, name, names[name], text, own[name])
        if is_app:
            self._place_rest_of_app(rest, moved_to, external)
        elif rest is not None:
            self.shared[module.path] = encode_python(rest)
        else:
            self.shared[module.path] = b""
        if not is_app:
            self._report_lost_middleware(module)

    def _report_lost_middleware(self, module: Module) -> None:
        """Name what a module of chalicelib/ registers for requests by a call."""
        source = self.project.source
        for found in source.registrations if self._has_api else ():
            is_call = found.kind == "register_middleware" and found.module is module
            if is_call and source.is_of_requests(found):
                reason = "the module is taken apart for its functions"
                self.project.report(codes.LOST_MIDDLEWARE.at(found.position, found.written, reason))

    def _is_all_wanted(self, module: Module) -> bool:
        """Whether the module holds nothing but its one function, and what goes with that."""
        wanted = {found.function for found in self.project.bound.values()} | self.project.source.wrappers
        return all(
            found.function in wanted for found in self.project.source.registrations if found.module is module
        )

    def _add_part(
        self, module: Module, name: str, module_name: str, text: str, registration: Registration
    ) -> None:
        assert registration.function is not None
        if module.package and re.search(r"^\s*from \.", text, re.MULTILINE):
            text = make_absolute(text, module.package)
        self.folders[name] = {"__init__.py": b"", f"{module_name}.py": encode_python(text)}
        self.handlers[name] = Handler(f"{module_name}.py", registration.function.name)
        if "__name__" in text:
            self._report_module_name(module, name, module_name)

    def _place_rest_of_app(self, rest: str | None, moved_to: str, external: Iterable[str]) -> None:
        if rest is not None:
            self.shared[f"{moved_to}.py"] = encode_python(rest)
        if not external:
            return
        for folder in (self.shared, *self.folders.values()):
            for path, content in folder.items():
                if path.endswith(".py") and _IMPORTS_APP.search(content):
                    text = rename_module(decode_text(path, content), "app", moved_to)
                    folder[path] = encode_python(text)

    def _is_pinned(self, statement: Statement) -> bool:
        """Code that finds files by its own place stays beside them."""
        return len(self.project.bound) > 1 and "__file__" in statement.names.uses

    def _report_left_out(self, module: Module, plain: PlainModule, left_out: Iterable[Statement]) -> None:
        if module.path != APP_PATH:
            return
        for statement in left_out:
            if statement.is_main_guard:
                what, reason = "if __name__ == ...", "it does not run on Lambda; left out"
            else:
                what = ", ".join(sorted(statement.names.binds)) or statement.text.strip().splitlines()[0]
                reason = "no Lambda function uses it; left out"
            self.project.report(codes.LEFT_OUT_CODE.at(module.position(statement.node), what, reason))

    def _report_module_name(self, module: Module, function: str, module_name: str) -> None:
        used = (statement for statement in module.statements if "__name__" in statement.names.uses)
        first = next((statement for statement in used if not statement.is_main_guard), None)
        if first is not None:
            reason = f"it was {module.name!r} and is {module_name!r} in the function {function}"
            self.project.report(codes.MODULE_NAME_CHANGED.at(module.position(first.node), "__name__", reason))

    def _library_modules_with_handlers(self) -> Iterator[Module]:
        seen: set[str] = set()
        for registration in self.project.bound.values():
            module = registration.home
            if module.path != APP_PATH and module.path not in seen:
                seen.add(module.path)
                yield module

    # --- who imports what from whom --------------------------------------------------

    def _names_imported_from(self, module: Module) -> frozenset[str]:
        """The names of a library module that others need, its blueprints for app.py aside."""
        names: set[str] = set()
        for path in (APP_PATH, *self.project.source.library_paths):
            other = self.project.source.module(path)
            if other is None or other is module:
                continue
            found = _names_used_from(other, module.name)
            if path == APP_PATH:
                found -= self.project.source.objects(module).keys() - self._names_handed_on_by_app(module)
                found -= self._names_called_by_wrappers(module)
            names |= found
        return frozenset(names & module.binders.keys())

    def _names_handed_on_by_app(self, module: Module) -> set[str]:
        """The names of a library module that app.py uses elsewhere than in what is registered at its top."""
        app = self.project.source.app_module
        gone = [one for one in app.statements if one.is_import or self._registers_blueprint(one)]
        # Decorators go too.
        used = {
            name
            for one in app.statements
            if one not in gone
            for name in (one.names.later if one.is_definition else one.names.uses)
        }
        owners = (app.imported.get(name, "").rpartition(".") for name in used)
        return {name for owner, _, name in owners if owner == module.name}

    def _registers_blueprint(self, statement: Statement) -> bool:
        call = statement.node.value if isinstance(statement.node, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        return isinstance(function, ast.Attribute) and function.attr == "register_blueprint"

    def _names_of_api(self, module: Module) -> frozenset[str]:
        """The names of a library module by which its Blueprints serve routes."""
        kept = [found for found in self._kept if found.module is module and found.kind in _OF_API]
        views = {found.function.name for found in kept if found.function is not None}
        return frozenset(views.union(self.project.source.objects(module)) if kept else ())

    def _names_called_by_wrappers(self, module: Module) -> set[str]:
        """The handlers that app.py imports from a module only to call them for Chalice."""
        called = (found for found in self.project.bound.values() if found.called_in is module)
        return {found.function.name for found in called if found.function}

    def _names_imported_from_app(self) -> frozenset[str]:
        names: set[str] = set()
        for path, content in self.shared.items():
            if path.startswith("chalicelib/") and path.endswith(".py") and re.search(rb"\bapp\b", content):
                other = self.project.source.module(path)
                if other is not None:
                    names |= _names_used_from(parse_module(path, decode_text(path, content)), "app")
        return frozenset(names & self.project.source.app_module.binders.keys())

    # --- files ------------------------------------------------------------------------

    def _deployed_files(self) -> dict[str, bytes]:
        """What Chalice puts beside app.py, by its path in the package."""
        files: dict[str, bytes] = {}
        for path in self.project.files:
            if path.startswith("chalicelib/"):
                files[path] = self.project.files[path]
            elif path.startswith("vendor/"):
                files[path.removeprefix("vendor/")] = self.project.files[path]
        if API_FUNCTION in self.project.bound:
            from converter.chalice.http.proxied import PATH

            files.pop(PATH, None)
        if set(files) == {"chalicelib/__init__.py"} and not files["chalicelib/__init__.py"].strip():
            # `chalice new-project` makes an empty chalicelib; nothing imports it.
            return {}
        files.update(self._sibling_modules())
        return files

    def _sibling_modules(self) -> dict[str, bytes]:
        """Modules beside app.py that it imports though Chalice does not deploy them."""
        siblings: dict[str, bytes] = {}
        module = self.project.source.app_module
        for node in module.imports:
            if isinstance(node, ast.ImportFrom) and node.level:
                continue
            written = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            for top in {name.partition(".")[0] for name in written} - {"chalicelib", "app"}:
                found = [
                    path for path in self.project.files if path == f"{top}.py" or path.startswith(f"{top}/")
                ]
                if found and any(path.endswith(".py") for path in found) and not is_standard_library(top):
                    siblings.update({path: self.project.files[path] for path in found})
                    reason = "Chalice deploys only app.py, chalicelib/ and vendor/; it is carried here"
                    self.project.report(codes.SIBLING_MODULE.at(module.position(node), top, reason))
                    if any(_registers(siblings[path]) for path in found if path.endswith(".py")):
                        # Chalice would fail on Lambda, so nobody reads what it would have been.
                        reason = (
                            "it registers handlers, which are not read where Chalice does not deploy them"
                        )
                        action = "move it into chalicelib/"
                        found_at = module.position(node)
                        self.project.report(codes.DYNAMIC_HANDLER.at(found_at, top, reason, action))
        return siblings

    def _place_shared(self) -> None:
        self._drop_emptied()
        if not self.shared:
            return
        if len(self.folders) == 1:
            next(iter(self.folders.values())).update(self.shared)
        elif self.folders:
            self._move_data()
            for files in self.folders.values():
                files.update(self._files_named_in(files))
            for files in self.folders.values():
                files.update(self._files_named_in(self.shared))
            self.folders[SHARED_FOLDER] = self.shared

    def _drop_emptied(self) -> None:
        """Leave out modules that gave all they had to their functions, and packages with nothing else."""
        emptied = [path for path in self.shared if self._is_emptied(path)]
        for path in emptied:
            del self.shared[path]
        for folder in {path.rpartition("/")[0] for path in emptied}:
            left = [path for path in self.shared if path.startswith(f"{folder}/")]
            if left == [f"{folder}/__init__.py"] and not self.shared[left[0]].strip():
                del self.shared[left[0]]
        if (
            set(self.shared) == {"chalicelib/__init__.py"}
            and not self.shared["chalicelib/__init__.py"].strip()
        ):
            self.shared.clear()

    def _is_emptied(self, path: str) -> bool:
        before = self.project.files.get(path, b"")
        return path.endswith(".py") and not self.shared[path] and bool(before.strip())

    def _move_data(self) -> None:
        """Give files of vendor/ that code opens from the current folder to the functions that do."""
        data = [
            path for path in self.shared if not path.endswith(".py") and not path.startswith("chalicelib/")
        ]
        if not data:
            return
        moved: set[str] = set()
        by_all = _read_from_here(self.shared, data)
        for files in self.folders.values():
            own = by_all | _read_from_here(files, data)
            files.update({path: self.shared[path] for path in own})
            moved |= own
        for path in moved:
            del self.shared[path]

    def _files_named_in(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Data files that code opens from the current folder, as in open("chalicelib/x.json").

        The current folder is the function's own, not the layer's. Without its `__init__.py` the
        copy does not hide the package in the layer.
        """
        named: set[str] = set()
        for path, content in files.items():
            if path.endswith(".py") and re.search(rb"""["'](\./)?chalicelib["'/]""", content):
                named |= set(_paths_from_here(parse_module(path, decode_text(path, content))))
        return {
            path: content
            for path, content in self.shared.items()
            if path.startswith("chalicelib/")
            and not path.endswith(".py")
            and any(path == name or path.startswith(f"{name}/") for name in named)
        }

    # --- names of modules ----------------------------------------------------------------

    def _module_name(self, function: str) -> str:
        name = re.sub(r"\W", "_", function)
        name = f"_{name}" if name[:1].isdigit() else name
        return f"{name}_function" if self._is_taken(name) or name == SHARED_FOLDER else name

    def _free_name(self, name: str) -> str:
        return name if not self._is_taken(name) else f"{name}_code"

    def _is_taken(self, name: str) -> bool:
        """Whether a module cannot be called so, or would hide one that the code imports."""
        return is_standard_library(name) or name in self._imported_tops or iskeyword(name)

    @property
    def _imported_tops(self) -> frozenset[str]:
        if not hasattr(self, "_tops"):
            tops: set[str] = {path.partition("/")[0].removesuffix(".py") for path in self.shared}
            for path in (APP_PATH, *self.project.source.library_paths):
                module = self.project.source.module(path)
                if module is not None:
                    tops |= {dotted.partition(".")[0] for dotted in module.imported.values()}
            self._tops = frozenset(tops)
        return self._tops


def _read_from_here(files: Mapping[str, bytes], data: Collection[str]) -> set[str]:
    """Those of the data files that the author's modules among the files name by their path from here."""
    own = {path: content for path, content in files.items() if path.endswith(".py")}
    modules = (_parsed(path, content) for path, content in own.items())
    return {file for module in modules if module for read in find_reads(module, data) for file in read.files}


def _parsed(path: str, content: bytes) -> Module | None:
    try:
        return parse_module(path, decode_text(path, content))
    except UnreadableError:
        return None


def _paths_from_here(module: Module) -> Iterator[str]:
    """Paths below chalicelib/ that the code spells without `__file__`, whole or in parts."""
    for statement in module.statements:
        if "__file__" in statement.names.uses:
            continue
        nodes = [node for root in statement.nodes for node in ast.walk(root)]
        in_calls: set[int] = set()
        for call in nodes:
            if isinstance(call, ast.Call) and len(call.args) > 1 and _is_path(call.args[0]):
                in_calls.add(id(call.args[0]))
                parts = list(takewhile(lambda part: isinstance(part, str), map(_constant, call.args)))
                yield "/".join(parts).removeprefix("./").rstrip("/")
        for node in nodes:
            if _is_path(node) and id(node) not in in_calls:
                yield str(_constant(node)).removeprefix("./").rstrip("/")


def _is_path(node: ast.AST) -> bool:
    value = _constant(node)
    return isinstance(value, str) and re.match(r"(\./)?chalicelib(/|$)", value) is not None


def _constant(node: ast.AST) -> Json:
    return node.value if isinstance(node, ast.Constant) else None


def _names_used_from(module: Module, dotted: str) -> set[str]:
    """The names of the module `dotted` that `module` uses, by import or as an attribute."""
    names: set[str] = set()
    prefix = f"{dotted}."
    for path in module.imported.values():
        if path == f"{prefix}*":
            used = {name for statement in module.statements for name in statement.names.uses}
            names |= used - module.binders.keys()
        elif path.startswith(prefix):
            names.add(path.removeprefix(prefix).partition(".")[0])
        elif path == dotted or dotted.startswith(f"{path}."):
            for node in module.nodes:
                if isinstance(node, ast.Attribute):
                    full = module.dotted(node) or ""
                    if full.startswith(prefix):
                        names.add(full.removeprefix(prefix).partition(".")[0])
    return names


def _registers(content: bytes) -> bool:
    """Whether a module that knows of Chalice may register something."""
    return b"chalice" in content and REGISTERING_BYTES.search(content) is not None
