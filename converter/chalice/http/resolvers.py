"""
A Powertools resolver that somebody wrote by hand, as the conversion from Chalice writes one (powertools.py).

That is what views.py restores. What Powertools does with the answer of a route and with errors, it does for
the views too, by a decorator; Chalice's app object takes the view that API Gateway has found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from converter.chalice.http.compat_module import ANSWER_AS_POWERTOOLS, COMPAT_MODULE, compat_source
from converter.chalice.http.obstacles import Obstacle, ObstacleError
from converter.chalice.http.paths import TriedPaths
from converter.chalice.http.resolver_objects import attribute_of
from converter.chalice.http.rules import read_rule
from converter.chalice.http.views import Restorer
from converter.diagnostics import UnreadableError
from converter.python.definitions import FunctionNode
from converter.python.edits import Edits, NoPlaceError
from converter.python.module import Module, is_text, parse_module
from converter.python.places import CHALICELIB
from converter.python.rewrite import drop_unused, import_from

VIEWS_PATH = "chalicelib/powertools_views.py"
VIEWS_SOURCE = '''\
"""Views that answer as the routes of a Powertools resolver do."""

import json
from functools import partial, wraps
from types import SimpleNamespace

from aws_lambda_powertools.event_handler import CORSConfig
from aws_lambda_powertools.event_handler import Response as PowertoolsResponse
from aws_lambda_powertools.event_handler.api_gateway import ResponseBuilder
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.shared.json_encoder import Encoder
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from chalice import Response

_to_json = partial(json.dumps, separators=(",", ":"), cls=Encoder)


class _Answer(Response):
    """What a view has returned; Chalice asks for the answer outside of its error handling."""

    def __init__(self, returned, event, route):
        super().__init__("")
        self._returned = returned
        self._event = event
        self._route = route

    def to_dict(self, binary_types=None):
        answer, status = self._returned, 200
        if isinstance(answer, tuple) and len(answer) == 2:
            answer, status = answer
        if not isinstance(answer, PowertoolsResponse):
            answer = PowertoolsResponse(status, "application/json", answer)
        builder = ResponseBuilder(response=answer, serializer=_to_json, route=self._route)
        cors = self._route.cors
        return builder.build(self._event, cors if isinstance(cors, CORSConfig) else None)


class _Failure(Response):
    """An error that is no answer, but one of the Lambda function."""

    def __init__(self, error):
        super().__init__("")
        self._error = error

    def to_dict(self, binary_types=None):
        raise self._error


def answer_as_powertools(app, cors=None, cache_control=None, compress=False):
    """A view of the app whose answers and errors are those of a route of Powertools' with these arguments."""

    def decorate(view):
        @wraps(view)
        def answer(**arguments):
            try:
                returned = view(**arguments)
            except ServiceError as error:
                returned = ({"statusCode": error.status_code, "message": error.msg}, error.status_code)
            except Exception as error:
                return _Failure(error)
            route = SimpleNamespace(cors=cors, cache_control=cache_control, compress=compress)
            return _Answer(returned, current_event(app.current_request), route)

        return answer

    return decorate


def current_event(request):
    """The request as Powertools has it: one object as long as it is answered."""
    if not hasattr(request, "powertools_event"):
        request.powertools_event = APIGatewayProxyEvent(request.to_original_event())
    return request.powertools_event
'''
_HOME, _, _ANSWER = ANSWER_AS_POWERTOOLS.rpartition(".")
_METHODS = frozenset({"delete", "get", "patch", "post", "put", "route"})
# Decorators of Lambda functions that say something of each call, and change no answer.
_OBSERVERS = {"capture_lambda_handler": "Tracer", "inject_lambda_context": "Logger", "log_metrics": "Metrics"}
_POWERTOOLS = (
    "aws_lambda_powertools",
    *(f"aws_lambda_powertools.{one}" for one in ("logging", "metrics", "tracing")),
)
EXPECTED = frozenset(
    {
        *(f"{home}.{made}().{name}" for home in _POWERTOOLS for name, made in _OBSERVERS.items()),
        *(f"aws_lambda_powertools.event_handler.{name}" for name in ("CORSConfig", "api_gateway.CORSConfig")),
    }
)
"""Calls that are for nothing but the views, as inert.py writes them."""
# What is said of a route that Powertools does with its answers.
_OPTIONS = ("cors", "cache_control", "compress")


def write_as_converted(
    files: Mapping[str, bytes], handler: tuple[str, str], binary_types: Sequence[str]
) -> Mapping[str, bytes] | Obstacle | None:
    """The files with the resolver as a converted one; None if there is none, or it is such a one already.

    `handler` is the path and the name of the function that hands requests to it, `binary_types` what the API
    takes for bytes.
    """
    own = {path: data for path, data in files.items() if path.endswith(".py")}
    is_converted = any(path.rpartition("/")[2] == f"{COMPAT_MODULE}.py" for path in own)
    if is_converted or not any(b"APIGatewayRestResolver" in data for data in own.values()):
        return None
    try:
        restorer = Restorer("", files, {}, ())
        return _Resolver(restorer, handler).write(binary_types) if restorer.app else None
    except ObstacleError as error:
        return error.obstacle


class _Resolver:
    """The rewriting of all modules."""

    def __init__(self, restorer: Restorer, handler: tuple[str, str]) -> None:
        self.restorer = restorer
        self.handler = handler
        self.has_handler = False
        self.tried = TriedPaths()
        self.dynamic: list[tuple[Module, ast.AST, str]] = []

    def write(self, binary_types: Sequence[str]) -> dict[str, bytes]:
        files = dict(self.restorer.files)
        for module in self.restorer.modules.values():
            objects = self.restorer.objects_in(module)
            if objects:
                files[module.path] = _Rewriter(self, module).rewrite().encode()
        if self.restorer.app is not None and not self.has_handler:
            reason = "the function that hands requests to it does not have it by its name"
            raise self.restorer.obstacle(self.restorer.app, self.restorer.app.name, reason)
        for module, node, path in self.dynamic:
            if any(self.tried.find_worse(path)):
                raise _fail(
                    module, node, "another route takes its requests in Powertools, and not in API Gateway"
                )
        types = "".join(f'    "{each}",\n' for each in binary_types)
        text = compat_source().source.replace('["BINARY_TYPES"]', f"[\n{types}]")
        files[f"chalicelib/{COMPAT_MODULE}.py"] = text.replace('"APP_NAME"', '""').encode()
        return files

    def is_used(self, home: Module, name: str) -> bool:
        """Whether any module does anything with a function by its name."""
        return any(
            isinstance(node, (ast.Name, ast.Attribute))
            and isinstance(node.ctx, ast.Load)
            and module.dotted(node) in (f"{home.name}.{name}", *([name] if module is home else ()))
            for module in self.restorer.modules.values()
            for node in module.nodes
        )


class _Rewriter:
    """The rewriting of one module."""

    def __init__(self, resolver: _Resolver, module: Module) -> None:
        self.resolver = resolver
        self.module = module
        self.objects = resolver.restorer.objects_in(module)
        self.edits = Edits(module.source)
        self.used: dict[str, set[str]] = {f"chalicelib.{COMPAT_MODULE}": set(), _HOME: set()}

    def rewrite(self) -> str:
        handler = self._find_handler()
        inside = set(ast.walk(handler)) if handler else set()
        for node in self.module.nodes:
            if node in inside:
                continue
            if isinstance(node, FunctionNode):
                self._rewrite_view(node)
            elif isinstance(node, ast.Attribute) and attribute_of(node, self.objects) == "current_event":
                self._replace(node, self._write_event(node))
        for made in self.objects.values():
            if made.is_app and made.module is self.module:
                self._rewrite_resolver(made.call)
        if handler is not None:
            self._rewrite_handler(handler)
        try:
            return self._rewrite_imports(self.edits.apply())
        except (NoPlaceError, UnreadableError):
            reason = "two rewritings are in each other's way"
            raise _fail(self.module, self.module.tree, reason) from None

    def _rewrite_resolver(self, call: ast.Call) -> None:
        self._check_arguments(call, "serializer")
        taken = self._take_out(call, ["cors"] if self._cors else [])
        place = self.edits.text.index("(", self.edits.end(call.func)) + 1
        comma = ", " if len(call.keywords) > len(taken) else ""
        self.edits.replace_part(place, place, f"serializer={self._use(COMPAT_MODULE, 'to_json')}{comma}")

    # --- the function that Lambda calls -------------------------------------------------------

    def _find_handler(self) -> ast.FunctionDef | None:
        """What hands requests to the resolver, and does nothing else."""
        path, name = self.resolver.handler
        if path != self.module.path:
            return None
        self.resolver.has_handler = True
        if name in self.objects and self.objects[name].is_app:
            # A resolver can be called itself.
            return None
        binders = self.module.binders.get(name, [])
        function = binders[0].node if len(binders) == 1 else self.module.tree
        body = [one for one in getattr(function, "body", ()) if not is_text(one)]
        call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        if not isinstance(function, ast.FunctionDef) or not isinstance(call, ast.Call):
            raise _fail(self.module, function, "it does more than to hand requests to the resolver")
        given = [ast.unparse(one) for one in (*call.args, *(keyword.value for keyword in call.keywords))]
        is_resolver = attribute_of(call.func, self.objects) == "resolve"
        if not is_resolver or given != [one.arg for one in function.args.args]:
            raise _fail(self.module, function, "it does more than to hand requests to the resolver")
        return function

    def _rewrite_handler(self, function: ast.FunctionDef) -> None:
        """Take the function out; what says something of its calls becomes middleware."""
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            owner = called.value if isinstance(called, ast.Attribute) else None
            made = self._find_made(owner) if isinstance(called, ast.Attribute) else ""
            if not isinstance(called, ast.Attribute) or not made or made != _OBSERVERS.get(called.attr):
                raise _fail(self.module, decorator, "it may change what the resolver gets and answers")
            start, end = self.edits.start(decorator), self.edits.end(decorator)
            add = self._use(COMPAT_MODULE, "http_middleware")
            convert = self._use(COMPAT_MODULE, "ConvertToMiddleware")
            app = next(name for name, one in self.objects.items() if one.is_app)
            text = f"{add}({app})({convert}({self.edits.text[start:end]}))"
            self.edits.replace_part(self.edits.text.rindex("@", 0, start), end, text)
        self.edits.replace_part(self.edits.offset(function.lineno, 0), self.edits.end(function), "")

    def _find_made(self, node: ast.expr | None) -> str:
        """`Logger` of a name that is given one of Powertools'."""
        binders = self.module.binders.get(node.id, []) if isinstance(node, ast.Name) else []
        value = getattr(binders[0].node, "value", None) if len(binders) == 1 else None
        dotted = self.module.dotted(value.func) or "" if isinstance(value, ast.Call) else ""
        owner, _, name = dotted.rpartition(".")
        return name if owner in _POWERTOOLS else ""

    # --- routes ---------------------------------------------------------------------------------

    def _rewrite_view(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        routes = [
            decorator
            for decorator in function.decorator_list
            if isinstance(decorator, ast.Call) and attribute_of(decorator.func, self.objects) in _METHODS
        ]
        if not routes:
            return
        if isinstance(function, ast.AsyncFunctionDef):
            raise _fail(self.module, function, "Chalice does not await it")
        if self.resolver.is_used(self.module, function.name):
            raise _fail(self.module, function, "other code calls it, too, and gets what it returns")
        options = [self._rewrite_route(route, function) for route in routes]
        if any(one != options[0] for one in options):
            raise _fail(self.module, function, "its routes are not answered in the same way")
        given = [ast.unparse(getattr(routes[0].func, "value", routes[0])), *options[0]]
        end = self.edits.end(routes[-1])
        indent = " " * (routes[-1].col_offset - 1)
        self.edits.replace_part(end, end, f"\n{indent}@{self._use(_HOME, _ANSWER)}({', '.join(given)})")

    def _rewrite_route(self, route: ast.Call, function: ast.FunctionDef) -> list[str]:
        """Rewrite the decorator, and give what it says of answers."""
        rule = route.args[0] if route.args else None
        path = (
            read_rule(rule.value) if isinstance(rule, ast.Constant) and isinstance(rule.value, str) else None
        )
        arguments = function.args
        named = [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]
        unknown = [name for name in named if path is None or f"{{{name}}}" not in path]
        if unknown or arguments.vararg or arguments.kwarg:
            raise _fail(self.module, function, "a route of API Gateway's does not give it all its arguments")
        assert isinstance(route.func, ast.Attribute)
        assert isinstance(route.func.value, ast.Name)
        made = self.objects[route.func.value.id]
        for prefix in self.resolver.restorer.prefixes.get(made.dotted, ()):
            whole = f"{prefix.rstrip('/')}{path}"
            if path is not None and "{" in (read_rule(whole) or whole):
                self.resolver.tried.add(whole)
                self.resolver.dynamic.append((self.module, route, whole))
        for keyword in route.keywords:
            if keyword.arg == "method" and isinstance(keyword.value, ast.Constant):
                self._replace(keyword.value, f"[{self.module.segment(keyword.value)}]")
        self._check_arguments(route, "middlewares")
        self._add_argument(route, f'middlewares=[{self._use(COMPAT_MODULE, "view")}(content_types=["*/*"])]')
        taken = self._take_out(route, _OPTIONS)
        cors = taken.pop("cors", "None")
        if cors != "False" and self._cors:
            cors = self._cors
        said = {"cors": cors, **taken}
        return [f"{name}={value}" for name, value in said.items() if value not in ("None", "False")]

    @cached_property
    def _cors(self) -> str:
        """The name of the CORS configuration that the resolver has for all routes; empty if it has none."""
        app = self.resolver.restorer.app
        assert app is not None
        found = next((one.value for one in app.call.keywords if one.arg == "cors"), ast.Constant(None))
        if isinstance(found, ast.Constant) and found.value is None:
            return ""
        is_here = app.module is self.module and isinstance(found, ast.Name)
        if not is_here:
            raise _fail(app.module, found, "what it stands for is not known where the views are")
        return ast.unparse(found)

    def _take_out(self, call: ast.Call, names: Sequence[str]) -> dict[str, str]:
        """The text of these arguments, which the call is without then."""
        taken: dict[str, str] = {}
        for keyword in call.keywords:
            if keyword.arg and keyword.arg in names:
                taken[keyword.arg] = self.module.segment(keyword.value)
                start = self.edits.offset(keyword.lineno, keyword.col_offset)
                end = self.edits.end(keyword.value)
                before = self.edits.text[:start].rstrip()
                comma = re.compile(r"\s*,\s*").match(self.edits.text, end)
                if before.endswith(","):
                    start = len(before) - 1
                elif comma:
                    end = comma.end()
                self.edits.replace_part(start, end, "")
        return taken

    def _check_arguments(self, call: ast.Call, name: str) -> None:
        """That an argument is not there yet."""
        for keyword in call.keywords:
            if keyword.arg in (None, name):
                raise _fail(self.module, keyword.value, "Chalice has nothing for this argument")

    def _add_argument(self, call: ast.Call, text: str) -> None:
        end = self.edits.end(call) - 1
        before = self.edits.text[self.edits.end(call.func) : end].rstrip()
        comma = "" if before.endswith(("(", ",")) else ", "
        self.edits.replace_part(end, end, f"{comma}{text}")

    # --- requests and names -----------------------------------------------------------------------

    def _write_event(self, node: ast.Attribute) -> str:
        request = f"{self._use(COMPAT_MODULE, 'current_request')}({ast.unparse(node.value)})"
        return f"{self._use(_HOME, 'current_event')}({request})"

    def _use(self, home: str, name: str) -> str:
        """A name that is to be imported."""
        if name in self.module.binders:
            raise _fail(
                self.module, self.module.binders[name][0].node, "the name is needed for something else"
            )
        self.used[home if home in self.used else f"chalicelib.{home}"].add(name)
        return name

    def _replace(self, node: ast.expr, new: str) -> None:
        try:
            self.edits.replace(node, new)
        except NoPlaceError:
            # Before Python 3.12 places inside of f-strings are not to be relied on.
            raise _fail(self.module, node, "the place of what has to change is not known") from None

    def _rewrite_imports(self, text: str) -> str:
        """The module with what it needs now, and without what only the handler needed."""
        text = drop_unused(self.module, text, CHALICELIB)
        imports = [one for one in parse_module(self.module.path, text).statements if one.is_import]
        lines = [import_from(home, sorted(names)) for home, names in self.used.items() if names]
        edits = Edits(text)
        place = edits.offset((imports[-1].nodes[-1].end_lineno or 0) + 1, 0)
        edits.replace_part(place, place, "\n".join(lines))
        return edits.apply()


def _fail(module: Module, node: ast.AST, reason: str) -> ObstacleError:
    written = getattr(node, "name", "") or module.segment(node) or module.path
    return ObstacleError(module.position(node), written.splitlines()[0], reason)
