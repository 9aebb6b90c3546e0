"""One module of an API's code, with Chalice's views for the routes of a resolver: part of views.py."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from textwrap import indent
from typing import TYPE_CHECKING

from converter.chalice.http.compat_module import ANSWER_AS_POWERTOOLS, WEBSOCKET_NAMES
from converter.chalice.http.obstacles import ObstacleError
from converter.chalice.http.resolver_objects import (
    CLASSES,
    POWERTOOLS,
    ResolverObject,
    attribute_of,
    read_included,
)
from converter.chalice.http.rules import GREEDY, join_paths, plain_route, read_rule
from converter.chalice.registration import dotted_name
from converter.model import Position
from converter.python.edits import Edits, NoPlaceError
from converter.python.handed_objects import bound_by
from converter.python.imports import find_imports
from converter.python.module import Module, Statement, leading_lines, meaning_of, parse_module, read_names
from converter.python.rewrite import import_from, keep_imports
from converter.python.split import assemble

if TYPE_CHECKING:
    from converter.chalice.http.views import Restorer

_OF_DECORATORS = ("CognitoUserPoolAuthorizer", "CustomAuthorizer", "IAMAuthorizer")
_METHODS = frozenset({"delete", "get", "patch", "post", "put"})
# What Chalice's package exports of the names that the compatibility module has too; chalice.app has them all.
OF_PACKAGE = frozenset(
    {
        "AuthResponse",
        "AuthRoute",
        "BadRequestError",
        "CORSConfig",
        "ChaliceUnhandledError",
        "ChaliceViewError",
        "ConflictError",
        "ConvertToMiddleware",
        "ForbiddenError",
        "NotFoundError",
        "Response",
        "TooManyRequestsError",
        "UnauthorizedError",
        "UnprocessableEntityError",
    }
)
# What only the compatibility module has: each of its uses becomes something else.
OF_COMPAT = frozenset(
    {
        "BINARY_TYPES",
        "DEBUG",
        "ApiResolver",
        "as_authorizer",
        "current_request",
        "http_middleware",
        "logger",
        "set_debug",
        "to_json",
        "view",
    }
)
_LONGEST = 100


class ViewModule:
    """The rewriting of one module."""

    def __init__(self, restorer: Restorer, module: Module) -> None:
        self.restorer = restorer
        self.module = module
        self.objects = restorer.objects_in(module)
        # A parameter may stand for several.
        self.given = {
            node: given
            for function, given in restorer.handed.given_in(module).items()
            for node in ast.walk(function)
        }
        for owner in module.tree.body:
            in_class = {name: {made} for name, made in _find_in_class(owner, self.objects)}
            self.given |= dict.fromkeys(ast.walk(owner), in_class) if in_class else {}
        self.log = restorer.find_log(module)
        self.edits = Edits(module.source)
        self.parents = module.parents
        self.done: set[ast.AST] = set()
        self.spans: set[tuple[int, int]] = set()
        self.special = {
            name: dotted.rpartition(".")[2]
            for name, dotted in module.imported.items()
            if dotted.rpartition(".")[0] == restorer.compat.module and dotted.rpartition(".")[2] in OF_COMPAT
        }

    def rewrite(self) -> str:
        if not self._is_concerned():
            return self.module.source
        self._check_names()
        for node in self.module.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in node.decorator_list:
                    self._rewrite_decorator(decorator, node)
            elif isinstance(node, ast.Call):
                self._rewrite_call(node)
            elif isinstance(node, ast.ImportFrom) and node not in self.module.tree.body:
                self._rewrite_inner_import(node)
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                self._rewrite_assignment(node)
        for node in self.module.nodes:
            if isinstance(node, (ast.Name, ast.Attribute)) and node not in self.done:
                self._rewrite_name(node)
        try:
            text = self.edits.apply()
        except NoPlaceError:
            place = Position(self.module.path, 1, 1)
            raise ObstacleError(place, self.module.path, "two rewritings are in each other's way") from None
        return self._rewrite_imports(text)

    def _is_concerned(self) -> bool:
        homes = tuple(f"{name}." for name in (self.restorer.compat.module, *POWERTOOLS))
        imported = self.module.imported.values()
        return bool(self.objects or self.given or self._log_names) or any(
            dotted.startswith(homes) for dotted in imported
        )

    def _objects_at(self, node: ast.AST) -> dict[str, set[ResolverObject]]:
        """The names that stand for resolvers or Routers at a place."""
        given = self.given.get(node)
        return self._of_module | given if given else self._of_module

    @cached_property
    def _of_module(self) -> dict[str, set[ResolverObject]]:
        return {name: {made} for name, made in self.objects.items()}

    # --- what cannot be undone -------------------------------------------------------

    def _fail(self, node: ast.AST, reason: str) -> ObstacleError:
        written = self.module.segment(node) or ast.unparse(node)
        return ObstacleError(self.module.position(node), written.splitlines()[0], reason)

    def _check_names(self) -> None:
        """That a name stands for one thing wherever it is used."""
        watched = {*self.objects, *self.special, *self._log_names}
        bound: Counter[str] = Counter()
        for node in self.module.nodes:
            bound.update(bound_by(node))
            if bound.keys() & {"Chalice", "Blueprint"}:
                raise self._fail(node, "the name is needed for what Chalice has")
        given = self.restorer.handed.given_in(self.module).values()
        bound.subtract(name for parameters in given for name in parameters)
        found: dict[str, ast.AST] = {
            name: self.module.binders[name][0].node for name in watched if bound[name] > 1
        }
        found |= self.restorer.handed.find_rebound(self.module)
        for name in sorted(found):
            place = self.module.position(found[name])
            raise ObstacleError(place, name, "the name stands for something else, too")

    @cached_property
    def _log_names(self) -> set[str]:
        """The names of what was `app.log`."""
        own = {self.log.name} if self.log else set()
        imported = self.module.imported.items()
        return own | {name for name, dotted in imported if self.restorer.is_log(dotted)}

    # --- rewritings --------------------------------------------------------------------

    def _rewrite_decorator(self, node: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if self._special(node) == "as_authorizer":
            if (self.module.path, function.name) not in self.restorer.asked:
                raise self._fail(node, "no API of the template asks this authorizer")
            self.done.add(node)
            start = self.edits.offset(node.lineno, 0)
            self._replace_part(start, self.edits.offset((node.end_lineno or node.lineno) + 1, 0), "")
        elif isinstance(node, ast.Call) and self._special(node.func) == "http_middleware":
            self.done.add(node.func)
            self._replace(node, f'{self._take_object(node.args[0])}.middleware("http")')
        elif isinstance(node, ast.Call) and self._is_route(node):
            self._replace(node, self._write_routes(node))

    def _is_route(self, node: ast.Call) -> bool:
        return attribute_of(node.func, self._objects_at(node)) in {*_METHODS, "route"}

    def _rewrite_call(self, node: ast.Call) -> None:
        special = self._special(node.func)
        if special == "current_request" and len(node.args) == 1 and not node.keywords:
            self.done.add(node.func)
            self._replace(node, f"{self._take_object(node.args[0])}.current_request")
        elif special == "set_debug" and isinstance(self.parents[node], ast.Expr) and len(node.args) == 1:
            self.done.add(node.func)
            (start, end), (first, last) = self._span(node), self._span(node.args[0])
            opened, closed = ("(", ")") if node.lineno != node.end_lineno else ("", "")
            self._replace_part(start, first, f"{self._find_app_at(node)}.debug = {opened}")
            self._replace_part(last, end, closed)
        elif isinstance(node.func, ast.Call) and self._special(node.func.func) == "http_middleware":
            # Within what is registered there may be more to rewrite.
            owner = self._take_object(node.func.args[0])
            self.done.add(node.func.func)
            (start, end), argument = self._span(node), node.args[0]
            self._replace_part(start, self.edits.start(argument), f"{owner}.register_middleware(")
            self._replace_part(self.edits.end(argument), end, ', "http")')
        elif isinstance(node.func, ast.Call) and self._is_route(node.func):
            # `app.get("/", ...)(view)`
            self._replace(node.func, self._write_routes(node.func, most=1))
        elif attribute_of(node.func, self._objects_at(node)) == "include_router":
            self._rewrite_included(node)

    def _rewrite_included(self, node: ast.Call) -> None:
        router, prefix = read_included(node)
        if prefix is None or router is None or not isinstance(self.parents[node], ast.Expr):
            raise self._fail(node, "it is no plain registration")
        assert isinstance(node.func, ast.Attribute)
        owner = self._take_object(node.func.value)
        if self.restorer.find_included(self.module, router) is None:
            raise self._fail(router, "the source does not show which object it is")
        self.done.update(ast.walk(router))
        blueprint = self.module.segment(router)
        path = read_rule(prefix)
        if path is None or not all(made.is_app for made in self._objects_at(node)[owner]):
            raise self._fail(node, "Chalice has nothing for it")
        options = f", url_prefix={json.dumps(path)}" if path else ""
        self._replace(node, f"{owner}.register_blueprint({blueprint}{options})")

    def _rewrite_inner_import(self, node: ast.ImportFrom) -> None:
        names = {alias.name for alias in node.names}
        if node.module != self.restorer.compat.module or node.level:
            return
        if names <= WEBSOCKET_NAMES:
            self.restorer.kept_of_compat.update(names)
            return
        if names & OF_COMPAT:
            raise self._fail(node, "the import is not at the top level")
        home = "chalice" if names <= OF_PACKAGE else "chalice.app"
        start, end = self.edits.start(node), self.edits.end(node)
        self._replace_part(start, end, self.module.source[start:end].replace(node.module, home, 1))

    def _rewrite_assignment(self, node: ast.Assign | ast.AnnAssign) -> None:
        made = next((one for one in self.objects.values() if one.statement.node is node), None)
        if made is not None and made.module is self.module:
            self.done.update(ast.walk(made.call))
            if made.is_app:
                call, below = self.restorer.write_app()
                self._check_resolver(made.call)
                self._replace(made.call, call)
                end = self.edits.end(node)
                self._replace_part(end, end, "".join(f"\n{line}" for line in below.splitlines()))
            elif made.call.args or made.call.keywords:
                raise self._fail(made.call, "Chalice's Blueprint has no such argument")
            else:
                self._replace(made.call, "Blueprint(__name__)")
        elif isinstance(node, ast.Assign) and self.restorer.is_cors(node.targets[0], self.module):
            self.done.add(node.targets[0])
            self._replace(node.targets[0], f"{self._app_here}.api.cors")

    def _check_resolver(self, call: ast.Call) -> None:
        for keyword in call.keywords:
            is_serializer = keyword.arg == "serializer" and self._special(keyword.value) == "to_json"
            if not is_serializer and keyword.arg != "strip_prefixes":
                raise self._fail(keyword.value, "Chalice's app object has no such argument")
        if call.args or not any(keyword.arg == "serializer" for keyword in call.keywords):
            raise self._fail(call, "it writes JSON in another way than Chalice")

    def _rewrite_name(self, node: ast.Name | ast.Attribute) -> None:
        dotted = self.module.dotted(node) or ""
        if dotted in CLASSES:
            self._replace(node, CLASSES[dotted])
            return
        if isinstance(node, ast.Attribute):
            if self.restorer.resolve(dotted) or dotted.rpartition(".")[0] == self.restorer.compat.module:
                raise self._fail(node, "here it goes by the name of its module")
            return
        if not isinstance(node.ctx, ast.Load):
            return
        if node.id in self._log_names:
            if not self._is_in_log(node):
                self._replace(node, f"{self._find_logging_object(node)}.log")
        elif node.id in self.special or (
            dotted.startswith(tuple(f"{one}." for one in POWERTOOLS)) and not self._is_kept(dotted)
        ):
            raise self._fail(node, "it is used in a way that Chalice has nothing for")
        elif node.id in self._objects_at(node):
            parent = self.parents[node]
            call = self.parents[parent] if isinstance(parent, ast.keyword) else parent
            is_handed_out = any(made.is_handed_out for made in self._objects_at(node)[node.id])
            if call in self.restorer.handed.calls or (is_handed_out and isinstance(call, ast.Call)):
                return
            if isinstance(parent, ast.Call) and self.module.dotted(parent.func) == ANSWER_AS_POWERTOOLS:
                return
            if not isinstance(parent, ast.Attribute) or parent.attr not in ("lambda_context",):
                raise self._fail(node, "Chalice's object has nothing for this use")
        elif self.restorer.is_cors(node, self.module):
            self._replace(node, f"{self._app_here}.api.cors")

    def _is_kept(self, dotted: str) -> bool:
        """Whether it is of Powertools, and so may be what a view written for that returns or raises."""
        owner, _, name = dotted.rpartition(".")
        return self.restorer.keeps_powertools and (
            owner.endswith(".exceptions")
            or name in ("CORSConfig", "Response", "content_types")
            or "content_types" in owner
        )

    def _is_in_log(self, node: ast.AST) -> bool:
        """Whether it belongs to the set-up of the logger, which goes."""
        statements = self.log.statements if self.log else ()
        return any(node in ast.walk(one.node) for one in statements)

    def _find_logging_object(self, node: ast.AST) -> str:
        """What an object that has the `log` is called at a place."""
        if given := self.given.get(node):
            return next(iter(given))
        return min(self.objects, key=lambda name: not self.objects[name].is_app, default="app")

    def _find_app_at(self, node: ast.AST) -> str:
        """What the app object is called at a place."""
        given = self.given.get(node, {})
        return next((name for name, made in given.items() if all(one.is_app for one in made)), self._app_here)

    @property
    def _app_here(self) -> str:
        return next((name for name, made in self.objects.items() if made.is_app), "app")

    # --- routes ------------------------------------------------------------------------

    def _write_routes(self, node: ast.Call, most: int = len(_METHODS)) -> str:
        """The decorators of a view: one for each of its methods that has other arguments."""
        assert isinstance(node.func, ast.Attribute)
        self.done.update(inner for inner in ast.walk(node) if isinstance(inner, ast.Name))
        name = dotted_name(node.func.value)
        made = self._objects_at(node)[name]
        rule, methods, view = self._read_route(node)
        path = read_rule(rule)
        if path is None:
            raise self._fail(node, "API Gateway has no such path")
        groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for method in methods:
            path, arguments = self._find_route(node, made, path, method)
            groups[arguments].append(method)
        if len(groups) > most:
            raise self._fail(node, "what calls it differs from one of its methods to the other")
        decorators = (
            self._write_route(name, path, names, view, arguments) for arguments, names in groups.items()
        )
        return "\n@".join(decorators)

    def _read_route(self, node: ast.Call) -> tuple[str, list[str], ast.Call]:
        """The rule, the methods, and the call of `view` in the middlewares."""
        assert isinstance(node.func, ast.Attribute)
        written = {keyword.arg: keyword.value for keyword in node.keywords}
        rule = node.args[0] if len(node.args) == 1 else None
        middlewares = written.pop("middlewares", None)
        method = written.pop("method", None)
        methods = [node.func.attr.upper()] if node.func.attr != "route" else _texts(method)
        if not isinstance(rule, ast.Constant) or not isinstance(rule.value, str) or not methods or written:
            raise self._fail(node, "Chalice's decorator has nothing for its arguments")
        calls = middlewares.elts if isinstance(middlewares, ast.List) else []
        if len(calls) != 1 or not isinstance(calls[0], ast.Call) or self._special(calls[0].func) != "view":
            raise self._fail(node, "it answers as Powertools does, not as Chalice")
        return rule.value, methods, calls[0]

    def _find_route(
        self, node: ast.Call, made: Collection[ResolverObject], path: str, method: str
    ) -> tuple[str, tuple[str, ...]]:
        """The path with the names of the template, and what else the decorator has to say."""
        found: dict[str, tuple[str, ...]] = {}
        prefixes = [prefix for one in made for prefix in self.restorer.prefixes.get(one.dotted, ())]
        if not prefixes:
            # A Router that nothing includes.
            return path.replace("{+}", "{proxy+}"), ()
        for prefix in prefixes:
            whole = join_paths(read_rule(prefix) or "", path)
            key = plain_route((whole, method))
            route = next((one for one in self.restorer.routes if plain_route(one) == key), None)
            if route is None:
                raise self._fail(node, f"no event of the template calls it for {method} {whole}")
            if key in self.restorer.served:
                raise self._fail(node, f"{method} {whole} has another view, too")
            self.restorer.served.add(key)
            greedy = GREEDY.search(route[0])
            found[GREEDY.sub(greedy[0], path) if greedy else path] = self.restorer.routes[route]
        if len(set(found.values())) != 1 or len(found) != 1:
            raise self._fail(node, "what calls it differs from one of its paths to the other")
        return next(iter(found.items()))

    def _write_route(
        self, owner: str, path: str, methods: list[str], view: ast.Call, arguments: tuple[str, ...]
    ) -> str:
        options = {keyword.arg: keyword.value for keyword in view.keywords}
        written = [json.dumps(path)]
        if methods != ["GET"]:
            written.append(f"methods={json.dumps(methods)}")
        if "content_types" in options:
            written.append(f"content_types={self.module.segment(options['content_types'])}")
        cors = options.get("cors")
        if cors is not None and not self.restorer.is_cors(cors, self.module):
            written.append(f"cors={self.module.segment(cors)}")
        elif cors is None and self.restorer.has_cors:
            written.append("cors=False")
        return _write_call(f"{owner}.route", [*written, *arguments])

    # --- imports ------------------------------------------------------------------------

    def _rewrite_imports(self, text: str) -> str:
        """The rewritten module with what it imports from Chalice, and nothing that it does not use now."""
        module = parse_module(self.module.path, text)
        setup = {meaning_of(one) for one in self.log.statements} if self.log else set()
        used = {name for one in module.statements if meaning_of(one) not in setup for name in one.names.uses}
        before = {name for one in self.module.statements for name in one.names.uses}
        external = self._used_elsewhere
        wanted: dict[str, set[str]] = defaultdict(set)
        for name in used & {"Chalice", "Blueprint", *_OF_DECORATORS} - module.binders.keys():
            wanted["chalice"].add(name)
        statements: list[Statement] = []
        place: int | None = None
        gone = (before | self._gone_with_log) - used - external
        for one in module.statements:
            if meaning_of(one) in setup:
                one = replace(one, text="")
            elif one.is_import and self.restorer.keeps_powertools and self._imports_resolvers(one):
                nodes = [node for node in one.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
                kept = {name for name in one.names.binds if self.module.imported.get(name) not in CLASSES}
                one = replace(one, text=keep_imports(nodes, one.text, kept - gone))
            elif one.is_import and self._imports_replaced(one):
                place = len(statements) if place is None else place
                self._gather(one, used | external, wanted)
                one = replace(one, text="")
            elif one.is_import:
                nodes = [node for node in one.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
                one = replace(one, text=keep_imports(nodes, one.text, one.names.binds - gone))
            statements.append(one)
        statements = self._import_app(statements, used)
        return self._assemble(module, statements, place, wanted)

    @property
    def _gone_with_log(self) -> set[str]:
        """The names of what only set up the log."""
        return {made for name in self._log_names for made in (name, f"{name}_handler")}

    def _import_app(self, statements: list[Statement], used: set[str]) -> list[Statement]:
        """Where only the log was imported, the app object that has it."""
        app = self.restorer.app
        bound = {name for one in self.module.statements for name in one.names.binds}
        homes = {dotted.rpartition(".")[0] for dotted in self.module.imported.values()}
        if app is None or app.name not in used or app.name in bound or app.module.name not in homes:
            return statements
        text = import_from(app.module.name, [app.name])
        index = max((number + 1 for number, one in enumerate(statements) if one.is_import), default=0)
        nodes = tuple(ast.parse(text).body)
        return [*statements[:index], Statement(nodes, "", text, read_names(nodes)), *statements[index:]]

    def _imports_resolvers(self, statement: Statement) -> bool:
        return all(getattr(node, "module", None) in POWERTOOLS for node in statement.nodes)

    def _imports_replaced(self, statement: Statement) -> bool:
        modules = (self.restorer.compat.module, *POWERTOOLS)
        return any(isinstance(node, ast.ImportFrom) and node.module in modules for node in statement.nodes)

    def _gather(self, statement: Statement, used: Collection[str], wanted: dict[str, set[str]]) -> None:
        """What is still to be imported, by the module that has it."""
        for node in statement.nodes:
            assert isinstance(node, ast.ImportFrom)
            for alias in node.names:
                name = alias.asname or alias.name
                if node.module in POWERTOOLS and f"{node.module}.{alias.name}" not in CLASSES:
                    wanted[node.module].add(ast.unparse(alias))
                elif node.module == self.restorer.compat.module and alias.name in WEBSOCKET_NAMES:
                    self.restorer.kept_of_compat.add(alias.name)
                    wanted[node.module].add(ast.unparse(alias))
                elif node.module == self.restorer.compat.module and name in used and name not in self.special:
                    home = "chalice" if alias.name in OF_PACKAGE else "chalice.app"
                    wanted[home].add(ast.unparse(alias))

    @cached_property
    def _used_elsewhere(self) -> set[str]:
        """The names that other modules import from this one."""
        modules = self.restorer.modules.values()
        return {
            alias.name
            for other in modules
            for found in find_imports(other)
            if found.name == self.module.name and isinstance(found.node, ast.ImportFrom)
            for alias in found.node.names
        }

    def _assemble(
        self, module: Module, statements: list[Statement], place: int | None, wanted: Mapping[str, set[str]]
    ) -> str:
        lines = [
            import_from(home, sorted(wanted[home], key=str.lower)) for home in sorted(wanted) if wanted[home]
        ]
        if place is not None and lines:
            above = statements[place].above
            # It stood beside what is installed, and Chalice's stands below the standard library.
            apart = "" if self.restorer.keeps_powertools else "\n"
            statements[place] = replace(statements[place], above=above or apart, text="".join(lines))
        pieces: list[Statement] = []
        gone: list[str] = []
        for one in statements:
            if not one.text:
                gone.append(one.above)
                continue
            if gone:
                # Comments above what is gone belong to the reader of what follows.
                blank = max((leading_lines(above) for above in (*gone, one.above)), key=len)
                said = "".join(dict.fromkeys(above.lstrip("\r\n") for above in (*gone, one.above)))
                one = replace(one, above=blank + said)
                gone = []
            pieces.append(one)
        return assemble(pieces, module) + module.tail

    # --- places -------------------------------------------------------------------------

    def _special(self, node: ast.expr) -> str:
        """Which name of the compatibility module it is, of those that only that has."""
        return self.special.get(node.id, "") if isinstance(node, ast.Name) else ""

    def _take_object(self, node: ast.expr) -> str:
        """The name of an object that the rewriting deals with."""
        name = dotted_name(node)
        if name not in self._objects_at(node):
            raise self._fail(node, "the source does not show which object it is")
        self.done.update(ast.walk(node))
        return name

    def _span(self, node: ast.expr) -> tuple[int, int]:
        return self.edits.start(node), self.edits.end(node)

    def _replace(self, node: ast.expr, new: str) -> None:
        try:
            self._replace_part(*self.edits.span(node), new)
        except NoPlaceError:
            # Before Python 3.12 places inside of f-strings are not to be relied on.
            holder = next(one for one in self.module.statements if node in ast.walk(one.node))
            start = self.edits.offset(holder.node.lineno, 0)
            end = self.edits.end(holder.node)
            pattern = rf"(?<![\w.]){re.escape(ast.unparse(node))}(?!\w)"
            for found in re.finditer(pattern, self.module.source[start:end]):
                self._replace_part(start + found.start(), start + found.end(), new)

    def _replace_part(self, start: int, end: int, new: str) -> None:
        if (start, end) not in self.spans:
            self.spans.add((start, end))
            self.edits.replace_part(start, end, new)


def _find_in_class(
    owner: ast.stmt, objects: Mapping[str, ResolverObject]
) -> Iterator[tuple[str, ResolverObject]]:
    """The Routers of a class by their names in its body."""
    start = f"{owner.name}." if isinstance(owner, ast.ClassDef) else "\0"
    return ((name.removeprefix(start), made) for name, made in objects.items() if name.startswith(start))


def _texts(node: ast.expr | None) -> list[str]:
    if not isinstance(node, (ast.List, ast.Tuple)):
        return []
    values = [one.value for one in node.elts if isinstance(one, ast.Constant)]
    return [value.upper() for value in values if isinstance(value, str)]


def _write_call(function: str, arguments: list[str]) -> str:
    line = f"{function}({', '.join(arguments)})"
    if len(line) < _LONGEST or "\n" in line:
        return line
    return f"{function}(\n{indent(''.join(f'{one},{chr(10)}' for one in arguments), '    ')})"
