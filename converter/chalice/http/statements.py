"""A statement about routes, the app object or requests, as Powertools has it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from converter.chalice.event_objects import EVENT_CLASSES
from converter.chalice.http.compat_module import COMPAT_MODULE, compat_names
from converter.chalice.http.names import CURRENT_APP, MADE, OTHER, PACKAGES, RESOLVER, without_current_app
from converter.chalice.http.rules import write_path
from converter.chalice.registration import WEBSOCKET_FUNCTIONS, dotted_name, find_argument
from converter.python.definitions import find_returns
from converter.python.edits import Edits, structure_of
from converter.python.module import Module, Statement, first_line
from converter.python.walk import walk

if TYPE_CHECKING:
    from converter.chalice.http.powertools import PowertoolsApi

_METHODS = frozenset({"delete", "get", "patch", "post", "put"})
# The attributes that are called, and those that are asked for, in what is rewritten.
_CALLED = ("register_blueprint", "register_middleware", *MADE)
_CLASSES = {"Blueprint": "Router", "Chalice": RESOLVER}
_ASKED = ("cors", "current_request", CURRENT_APP, "log", "websocket_api")


class StatementEdits:
    """The edits of one statement, by place."""

    def __init__(
        self, api: PowertoolsApi, module: Module, objects: Collection[str], statement: Statement
    ) -> None:
        self.api = api
        self.module = module
        self.objects = objects
        # What a parameter is said to be, say.
        self.classes = {
            name: _CLASSES[dotted.rpartition(".")[2]]
            for name, dotted in module.imported.items()
            if dotted.rpartition(".")[0] in PACKAGES and dotted.rpartition(".")[2] in MADE
        }
        self.text = statement.text
        if module.is_own(statement):
            self.nodes = statement.walked
            self.places = Edits(statement.text, first_line(statement.node))
        else:
            self.nodes = walk(ast.parse(statement.text))
            self.places = Edits(statement.text)
        self.edits: list[tuple[int, int, str]] = []

    def rewrite(self) -> str:
        for node in self.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in node.decorator_list:
                    self._rewrite_decorator(decorator, node)
            elif isinstance(node, ast.Call):
                self._rewrite_call(node)
            elif isinstance(node, ast.Attribute):
                self._rewrite_attribute(node)
            elif isinstance(node, ast.Assign):
                self._rewrite_debug(node)
            elif isinstance(node, ast.ImportFrom) and node.module in PACKAGES:
                self._rewrite_import(node)
            elif isinstance(node, ast.Name) and (made := self.classes.get(node.id)):
                self._replace(node, made)
        text = self.text
        done = len(text) + 1
        for start, end, new in sorted(self.edits, reverse=True):
            if end <= done:
                text = text[:start] + new + text[end:]
                done = start
        return text

    def _rewrite_import(self, node: ast.ImportFrom) -> None:
        """`from chalice import BadRequestError` inside of a function."""
        names = {alias.name for alias in node.names}
        if names <= compat_names():
            self.api.used.update(names)
            start, end = self._span(node)
            written = self.text[start:end].replace(node.module or "", COMPAT_MODULE, 1)
            self.edits.append((start, end, written))

    def _rewrite_attribute(self, node: ast.Attribute) -> None:
        named = compat_names() | EVENT_CLASSES
        if node.attr not in _ASKED and node.attr not in named | MADE:
            return
        if self._is_of_object(node, "current_request"):
            self._replace(node, f"{self._added('current_request')}({self._owner(node.value)})")
        elif node.attr == CURRENT_APP and (owner := self._owner(node)):
            self._replace(node, owner)
        elif self._is_of_object(node, "log"):
            self._replace(node, self._added("logger"))
        elif self._is_of_object(node, "websocket_api"):
            self._replace(node, self._added("websocket_api"))
        elif (
            node.attr == "cors" and isinstance(node.ctx, ast.Store) and self._is_of_object(node.value, "api")
        ):
            self._replace(node, "CORS")
        elif (self.module.dotted(node) or "").rpartition(".")[0] in PACKAGES and node.attr in named | MADE:
            self._replace(node, _CLASSES.get(node.attr, node.attr))

    def _rewrite_debug(self, node: ast.Assign) -> None:
        """`set_debug(value)` of `app.debug = value`; in the value there may be more to rewrite."""
        if self._is_of_object(node.targets[0], "debug"):
            (start, end), (first, last) = self._span(node), self._span(node.value)
            self.edits.append((start, first, f"{self._added('set_debug')}("))
            self.edits.append((last, end, ")"))

    def _is_of_object(self, node: ast.expr, attribute: str) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr != attribute:
            return False
        return self._owner(node.value) is not None

    def _owner(self, node: ast.expr) -> str | None:
        name = dotted_name(without_current_app(node))
        return name if name in self.objects else None

    def _rewrite_decorator(self, node: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not isinstance(node, ast.Call):
            return
        if self._is_of_object(node.func, "authorizer"):
            self._replace(node, self._added("as_authorizer"))
        elif any(self._is_of_object(node.func, kind) for kind in WEBSOCKET_FUNCTIONS):
            self._replace(node, self._added("websocket_handler"))
        elif self._is_of_object(node.func, "middleware"):
            assert isinstance(node.func, ast.Attribute)
            self._replace(node, f"{self._added('http_middleware')}({ast.unparse(node.func.value)})")
        elif self._is_of_object(node.func, "route"):
            self._rewrite_route(node)
            for returned in find_returns(function):
                if isinstance(returned.value, ast.Tuple):
                    self._rewrite_tuple(returned.value)

    def _rewrite_route(self, node: ast.Call) -> None:
        assert isinstance(node.func, ast.Attribute)
        self._replace(node, self._write_route(ast.unparse(node.func.value), node))

    def _rewrite_tuple(self, node: ast.Tuple) -> None:
        """Powertools would take the second of two for the status."""
        if len(node.elts) == 2:
            start, end = self._span(node)
            written = self.text[start:end]
            has_parentheses = written.startswith("(") and _is_pair(written[1:-1].strip())
            inner = written[1:-1] if has_parentheses else written
            self.edits.append((start, end, f"[{inner}]"))

    def _write_route(self, owner: str, node: ast.Call) -> str:
        written = {keyword.arg: keyword.value for keyword in node.keywords}
        path_node = node.args[0] if node.args else written["path"]
        evaluate = self.api.source.evaluate
        path = write_path(str(evaluate(path_node, self.module)))
        methods = evaluate(written["methods"], self.module) if "methods" in written else ["GET"]
        options = []
        if "content_types" in written:
            options.append(f"content_types={self._source(written['content_types'])}")
        cors = self._source(written["cors"]) if "cors" in written else ""
        if cors in ("", "None"):
            cors = self.api.cors
        if cors not in ("", "None", "False"):
            options.append(f"cors={cors}")
        middlewares = f"middlewares=[{self._added('view')}({', '.join(options)})]"
        names = [str(method).lower() for method in methods]
        if len(names) == 1 and names[0] in _METHODS:
            return f"{owner}.{names[0]}({path}, {middlewares})"
        listed = ", ".join(f'"{name.upper()}"' for name in names)
        return f"{owner}.route({path}, method=[{listed}], {middlewares})"

    def _rewrite_call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Call) and self._is_of_object(node.func.func, "route"):
            # `app.route("/")(view)`
            self._rewrite_route(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(argument, ast.Name) and self.api.has_stand_in(self.module, node, argument):
                self._replace(argument, f"{self._added('WebsocketApp')}()")
        if isinstance(node.func, ast.Attribute) and node.func.attr not in _CALLED:
            return
        if self._is_of_object(node.func, "register_blueprint"):
            written: dict[str | None, ast.expr] = dict(
                zip(("blueprint", "name_prefix", "url_prefix"), node.args, strict=False)
            )
            written |= {keyword.arg: keyword.value for keyword in node.keywords}
            blueprint = self._source(written["blueprint"])
            prefix = (
                self.api.source.evaluate(written["url_prefix"], self.module)
                if "url_prefix" in written
                else None
            )
            options = (
                f", prefix={write_path(prefix.rstrip('/'))}"
                if isinstance(prefix, str) and prefix.strip("/")
                else ""
            )
            assert isinstance(node.func, ast.Attribute)
            self._replace(node, f"{ast.unparse(node.func.value)}.include_router({blueprint}{options})")
            return
        if self._is_of_object(node.func, "register_middleware"):
            self._rewrite_registered(node)
            return
        owner, _, name = (self.module.dotted(node.func) or "").rpartition(".")
        if owner in PACKAGES and name in MADE:
            self._replace(node, "Router()" if name == "Blueprint" else self._write_resolver())
            debug = find_argument(node, 1, "debug") if name == "Chalice" else None
            if debug is not None and not self.api.shows_debug:
                line = f"{self._added('set_debug')}({self._source(debug)})\n"
                self.edits.append((len(self.text), len(self.text), line))

    def _write_resolver(self) -> str:
        prefixes = ", ".join(json.dumps(f"/{path}") for path in self.api.base_paths)
        options = f", strip_prefixes=[{prefixes}]" if prefixes else ""
        resolver = self._added("ApiResolver") if "ApiResolver" in self.api.used else RESOLVER
        return f"{resolver}(serializer={self._added('to_json')}{options})"

    def _rewrite_registered(self, node: ast.Call) -> None:
        """`http_middleware(app)(f)` of `app.register_middleware(f, "http")`; within `f` there may be more."""
        function = find_argument(node, 0, "func")
        assert isinstance(node.func, ast.Attribute)
        assert function is not None
        (start, end), (first, last) = self._span(node), self._span(function)
        add = f"{self._added('http_middleware')}({ast.unparse(node.func.value)})"
        self.edits.append((start, first, f"{add}("))
        self.edits.append((last, end, ")"))

    def _added(self, name: str) -> str:
        """What a name of the compatibility module is called here."""
        return f"{OTHER}{name}" if name in self.api.bound_in(self.module) else name

    # --- places -------------------------------------------------------------------------------

    def _source(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self.text[start:end]

    def _replace(self, node: ast.expr, new: str) -> None:
        start, end = self._span(node)
        if id(node) not in self._in_texts or self._is_at(node, start, end):
            self.edits.append((start, end, new))
            return
        # Before Python 3.12 places inside of f-strings are not to be relied on.
        for found in re.finditer(rf"(?<![\w.]){re.escape(ast.unparse(node))}(?!\w)", self.text):
            edit = (*found.span(), new)
            if edit not in self.edits:
                self.edits.append(edit)

    @cached_property
    def _in_texts(self) -> set[int]:
        """What stands inside of f-strings."""
        texts = (node for node in self.nodes if isinstance(node, ast.JoinedStr))
        return {id(inner) for text in texts for inner in walk(text)}

    def _is_at(self, node: ast.expr, start: int, end: int) -> bool:
        return structure_of(self.text[start:end]) == structure_of(ast.unparse(node))

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return self.places.start(node), self.places.end(node)


def _is_pair(written: str) -> bool:
    """Whether it is two values without the parentheses that were around it."""
    try:
        body = ast.parse(f"[{written}\n]", mode="eval").body
    except SyntaxError:
        return False
    return isinstance(body, ast.List) and len(body.elts) == 2
