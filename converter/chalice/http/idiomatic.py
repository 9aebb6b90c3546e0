"""
Handlers that answer API Gateway as views of Chalice's, where the source shows that the answers stay the same.

What of a handler's module has to change is edited where it stands: what the handler asks of its event
(asked.py), and what it answers, with the functions that answer for it (answers.py). An error that leaves a
view is an answer of Chalice's, so a view that it may leave (raising.py) hands it on to Lambda.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http import lambda_errors
from converter.chalice.http.answers import RESPONSE, Answered, Answers, Constant, UnknownError
from converter.chalice.http.asked import Asked
from converter.chalice.http.proxied import decorate_view, find_parameters
from converter.chalice.http.raising import Raising
from converter.chalice.http.settings import DEFAULT_BINARY_TYPES
from converter.diagnostics import UnreadableError
from converter.model import Position
from converter.python.app_file import Call
from converter.python.edits import Edits, NoPlaceError
from converter.python.module import Module, parse_module
from converter.python.places import CHALICELIB
from converter.python.rewrite import drop_unused, import_from

if TYPE_CHECKING:
    from converter.chalice.http.proxied import ProxiedApi, View
    from converter.chalice.http.served import ServedApi
    from converter.diagnostics import Diagnostic
    from converter.python.app_file import Decorator
    from converter.python.join import Beside, Rewritten

# What app.py has these names for.
_NAMES = frozenset({"app", "chalice", "Chalice", RESPONSE, "errors_to_lambda"})
_SHARED = "another function has the same handler, or other code uses its module"


@dataclass(frozen=True)
class _Found:
    """A handler that can be a view, with the functions that answer for it."""

    asked: Asked
    functions: Mapping[str, Answered]
    may_raise: bool


def make_rewriting(api: ServedApi, proxied: ProxiedApi, beside: Beside) -> Beside:
    """What stands beside views that ask handlers for their answers, where some become views themselves."""
    return replace(beside, rewrite=partial(_rewrite, api, proxied, beside))


def _rewrite(
    api: ServedApi,
    proxied: ProxiedApi,
    beside: Beside,
    files: Mapping[str, bytes],
    handlers: Mapping[str, tuple[str, str]],
    movable: Mapping[str, bool],
) -> Rewritten:
    from converter.python.join import Rewritten

    code = _Code(files, proxied.binary_types or DEFAULT_BINARY_TYPES)
    by_path: dict[str, dict[str, str]] = {}
    kept: list[Diagnostic] = []
    for function in (name for name in proxied.views if name in handlers):
        path, name = handlers[function]
        if function in movable:
            by_path.setdefault(path, {})[name] = function
        else:
            kept.append(codes.MOUNTED_HANDLER.at(Position(path, 1, 1), name, _SHARED))
    written = dict(files)
    found: dict[str, _Found] = {}
    for path, functions in by_path.items():
        views = {name: proxied.views[function] for name, function in functions.items()}
        apart = not all(movable[function] for function in functions.values())
        own = code.find_views(path, views, kept, apart=apart)
        if own:
            written[path] = code.write(path, own, apart=apart).encode()
            found |= {functions[name]: one for name, one in own.items()}
    decorators = {name: _decorate(proxied.views[name], api, one) for name, one in found.items()}
    others = {} if found.keys() >= proxied.views.keys() else beside.files
    errors = (
        {lambda_errors.PATH: lambda_errors.OF_CHALICE.encode()}
        if any(one.may_raise for one in found.values())
        else {}
    )
    needs_response = any(not one.asked.apart for one in found.values())
    imported = beside.imported | ({RESPONSE} if needs_response else set())
    return Rewritten(
        written, decorators, replace(beside, imported=imported, files={**others, **errors}), tuple(kept)
    )


def _decorate(view: View, api: ServedApi, found: _Found) -> Decorator:
    """What makes a handler a view, or calls one that is apart from the app object."""
    mounted = decorate_view(view, api)
    within = (lambda_errors.DECORATOR,) if found.may_raise else ()
    if not found.asked.apart:
        return replace(mounted, call=None, within=within)
    assert mounted.call is not None
    given = ", ".join(found.asked.given)
    return replace(mounted, call=Call(mounted.call.parameters, f"{{handler}}({given})"), within=within)


@dataclass(frozen=True)
class _Code:
    """The code of a Chalice project."""

    files: Mapping[str, bytes]
    binary_types: Collection[str]

    @cached_property
    def modules(self) -> dict[str, Module]:
        """The modules by path."""
        found: dict[str, Module] = {}
        for path, data in self.files.items():
            if path.endswith(".py"):
                try:
                    found[path] = parse_module(path, data.decode())
                except (UnicodeDecodeError, UnreadableError):
                    continue
        return found

    def find_views(
        self, path: str, views: Mapping[str, View], kept: list[Diagnostic], *, apart: bool
    ) -> dict[str, _Found]:
        """Those of a module's handlers that can be views, by name; `kept` gets why the others cannot."""
        module = self.modules[path]
        answers = Answers(module, self.find_constant, self.binary_types)
        found: dict[str, _Found] = {}
        for name, view in views.items():
            try:
                found[name] = self._find_view(module, answers, name, view, apart=apart)
            except UnknownError as error:
                kept.append(_report(module, error))
        while True:
            functions = {each: one for view in found.values() for each, one in view.functions.items()}
            used = answers.find_other_use(functions, found.keys())
            if used is None:
                return found
            kept.append(_report(module, UnknownError(used, "it is used otherwise than for an answer, too")))
            found = {name: one for name, one in found.items() if used.id not in one.functions}

    def _find_view(self, module: Module, answers: Answers, name: str, view: View, *, apart: bool) -> _Found:
        reserved = {RESPONSE} if apart else _NAMES
        for node in module.nodes:
            for taken in reserved.intersection(_names_of(node)):
                raise UnknownError(node, f"{taken} is what Chalice has, and here something else")
        binders = module.binders.get(name, [])
        if len(binders) != 1 or not isinstance(binders[0].node, ast.FunctionDef):
            raise UnknownError(binders[0].node if binders else module.tree, f"{name} is no plain function")
        functions = answers.read(name)
        paths = list(dict.fromkeys(path for path, _ in view.routes))
        named = [*map(find_parameters, paths)]
        asked = Asked(functions[name].function, named, apart=apart)
        raising = Raising(module, {each: one.function for each, one in functions.items()})
        try:
            self._write(module, [asked], functions.values(), apart=apart)
        except (NoPlaceError, SyntaxError):
            raise UnknownError(binders[0].node, "the places of what has to change are not known") from None
        return _Found(asked, functions, raising.may_leave(asked.function, asked.event))

    def write(self, path: str, found: Mapping[str, _Found], *, apart: bool) -> str:
        """The module with these handlers as views."""
        functions = {each: one for view in found.values() for each, one in view.functions.items()}
        asked = [one.asked for one in found.values()]
        return self._write(self.modules[path], asked, functions.values(), apart=apart)

    def _write(
        self, module: Module, asked: Sequence[Asked], functions: Collection[Answered], *, apart: bool
    ) -> str:
        edits = Edits(module.source)
        if apart:
            place = edits.offset(_find_end_of_imports(module) + 1, 0)
            edits.replace_part(place, place, import_from("chalice", [RESPONSE]))
        for one in asked:
            one.write(edits)
        for function in functions:
            Answers.write(function, edits)
        text = edits.apply()
        ast.parse(text)
        return drop_unused(module, text, CHALICELIB)

    # --- constants ----------------------------------------------------------------------------

    def find_constant(self, module: Module, node: ast.expr) -> Constant | None:
        """The value that a name of the module is given once, as long as nothing can change it."""
        dotted = self._resolve(module, node)
        owner, _, name = dotted.rpartition(".")
        home = self._by_name.get(owner)
        binders = home.binders.get(name, []) if home else []
        value = getattr(binders[0].node, "value", None) if len(binders) == 1 else None
        is_assigned = len(binders) == 1 and isinstance(binders[0].node, (ast.Assign, ast.AnnAssign))
        if home is None or not is_assigned or not isinstance(value, ast.expr):
            return None
        is_rebound = any(name in statement.names.rebinds for statement in home.statements)
        can_change = not isinstance(value, ast.Constant) and self._is_changed(dotted)
        return None if is_rebound or can_change else Constant(value, home)

    def _resolve(self, module: Module, node: ast.expr) -> str:
        """The dotted name of what a module calls so, itself or by an import."""
        dotted = module.dotted(node) or ""
        return dotted if "." in dotted else f"{module.name}.{dotted}"

    @cached_property
    def _by_name(self) -> dict[str, Module]:
        return {module.name: module for module in self.modules.values()}

    @cached_property
    def _importers(self) -> dict[str, list[Module]]:
        """The modules that import something, by its dotted name."""
        found: dict[str, list[Module]] = {}
        for module in self.modules.values():
            for dotted in set(module.imported.values()):
                found.setdefault(dotted, []).append(module)
        return found

    def _is_changed(self, dotted: str) -> bool:
        """Whether it is ever more than a value in a literal."""
        owner, _, _ = dotted.rpartition(".")
        parts = owner.split(".")
        packages = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
        if f"{owner}.*" in self._importers:
            return True
        users = [self._by_name[owner]]
        users += (module for name in (*packages, dotted) for module in self._importers.get(name, ()))
        return any(self._uses_otherwise(module, dotted) for module in users)

    def _uses_otherwise(self, module: Module, dotted: str) -> bool:
        """Whether a module does more with it than to have it as a value in a literal."""
        values = {value for node in module.nodes if isinstance(node, ast.Dict) for value in node.values}
        names = (node for node in module.nodes if isinstance(node, (ast.Name, ast.Attribute)))
        uses = (node for node in names if isinstance(node.ctx, ast.Load) and node not in values)
        return any(self._resolve(module, node) == dotted for node in uses)


def _find_end_of_imports(module: Module) -> int:
    """The line where the imports at the top of the module end, and what it says about itself."""
    last = 0
    for statement in module.statements:
        if not statement.is_import and not statement.is_docstring:
            break
        last = max(node.end_lineno or 0 for node in statement.nodes)
    return last


def _names_of(node: ast.AST) -> Sequence[str]:
    kinds = ("id", "arg", "name", "asname") if not isinstance(node, ast.keyword) else ()
    return [name for kind in kinds if isinstance(name := getattr(node, kind, None), str)]


def _report(module: Module, error: UnknownError) -> Diagnostic:
    written = module.segment(error.node) or module.path
    subject = error.node.name if isinstance(error.node, ast.FunctionDef) else written.splitlines()[0]
    return codes.MOUNTED_HANDLER.at(module.position(error.node), subject, error.reason)
