"""
Handlers in app.py that do no more than call another function, of chalicelib/ or of their own module.

That is how our other direction writes a function whose module may only be imported by
itself, and how many people keep app.py short. The called one is the handler then.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import replace

from converter.chalice.registration import OBJECT_DECORATORS, WEBSOCKET_FUNCTIONS, Registration
from converter.chalice.source import ChaliceSource
from converter.python.definitions import FunctionNode, find_returns
from converter.python.imports import find_imports
from converter.python.module import Module, Statement, meaning_of, resolve_relative

# What the other direction writes for handlers that answer API Gateway themselves.
ANSWER = "chalicelib.lambda_proxy.answer"
# The decorator of handlers that the compatibility module has for WebSockets.
_WEBSOCKET_HANDLER = "api_compat.websocket_handler"
_OF_REQUESTS = frozenset({"route", "middleware", "register_middleware"})


def follow_wrapper(registration: Registration, source: ChaliceSource) -> Registration | None:
    """The registration as if it stood at the function that its handler calls, None if it is no wrapper."""
    called = _called_name(registration)
    if called is None:
        return None
    found = _follow(called, registration, source, is_own=registration.kind in OBJECT_DECORATORS)
    if found is None or registration.kind not in WEBSOCKET_FUNCTIONS or _answers_websockets(found):
        return found
    return None


def _answers_websockets(handler: Registration) -> bool:
    """Whether the function itself tells API Gateway what Chalice tells it for others."""
    function, module = handler.function, handler.module
    if not isinstance(function, ast.FunctionDef):
        return False
    decorators = [module.dotted(each) or "" for each in function.decorator_list]
    if decorators:
        return len(decorators) == 1 and decorators[0].endswith(_WEBSOCKET_HANDLER)
    returned = (one.value for one in find_returns(function))
    return isinstance(function.body[-1], (ast.Return, ast.Raise)) and all(
        isinstance(value, ast.Dict) and any(map(_is_status, value.keys)) for value in returned
    )


def _is_status(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == "statusCode"


def follow_views(views: Collection[Registration], source: ChaliceSource) -> Registration | None:
    """The one function that answers the requests of all views, as if it was a Lambda function of its own."""
    called = {_answering_name(view) for view in views}
    first, *_ = views
    if len(called) != 1 or len({view.module.path for view in views}) != 1:
        return None
    name = called.pop()
    found = _follow(name, replace(first, kind="lambda_function"), source, is_own=True) if name else None
    others = [one for one in source.registrations if one not in views and one.kind in _OF_REQUESTS]
    return None if others else found


def _follow(
    called: str, registration: Registration, source: ChaliceSource, *, is_own: bool
) -> Registration | None:
    owner, _, name = called.rpartition(".")
    module = registration.module if is_own and not owner else None
    if owner.startswith("chalicelib"):
        module = source.find_module(owner)
    found = _find_function(module, name, source) if module else None
    if found is None:
        return None
    definer, function = found
    return replace(registration, module=definer, function=function, called_in=module)


def does_all(module: Module, statements: Collection[Statement], app: Module) -> bool:
    """Whether importing the module does what these statements of app.py do."""
    done = {meaning_of(statement) for statement in module.statements}
    used = {name for statement in statements for name in statement.names.uses}
    return all(
        all(module.imported.get(name) == app.imported[name] for name in statement.names.binds & used)
        if statement.is_import
        else meaning_of(statement) in done
        for statement in statements
    )


def _find_function(module: Module, name: str, source: ChaliceSource) -> tuple[Module, FunctionNode] | None:
    """The function that is called so in the module, and where it is defined."""
    node = _bound_once(module, name)
    if isinstance(node, FunctionNode):
        return module, node
    if not isinstance(node, ast.ImportFrom) or len(node.names) > 1 or _is_imported(module, source):
        return None
    # What several functions share stays where it is; the module that hands it on is one function's.
    owner, _, original = module.imported[name].rpartition(".")
    definer = source.find_module(owner)
    function = _bound_once(definer, name) if definer and original == name else None
    return (definer, function) if definer and isinstance(function, FunctionNode) else None


def _bound_once(module: Module, name: str) -> ast.stmt | None:
    binders = module.binders.get(name, [])
    return binders[0].node if len(binders) == 1 and len(binders[0].nodes) == 1 else None


def _is_imported(module: Module, source: ChaliceSource) -> bool:
    """Whether anything in chalicelib/ imports the module, or what is in it."""
    is_package = module.path.endswith("__init__.py")
    others = (source.module(path) for path in source.library_paths)
    return is_package or any(
        module.name == item.name for other in others if other for item in find_imports(other)
    )


def _expected(registration: Registration, parameters: list[str]) -> str | None:
    """What a wrapper hands on: the event and the context as Lambda gives them."""
    if registration.kind in OBJECT_DECORATORS and len(parameters) == 1:
        return f"{parameters[0]}.to_dict(), {parameters[0]}.context"
    is_pure = registration.kind == "lambda_function" and len(parameters) == 2
    return ", ".join(parameters) if is_pure else None


def _called_name(registration: Registration) -> str | None:
    """`chalicelib.x.f` of `def g(event, context): return f(event, context)`, or of a function of the module.

    Of an event handler: `def g(event): return f(event.to_dict(), event.context)`.
    """
    function, call = registration.function, _find_call(registration)
    if call is None or not isinstance(function, ast.FunctionDef) or len(function.decorator_list) != 1:
        return None
    parameters = [argument.arg for argument in function.args.args]
    passed = ", ".join(map(ast.unparse, call.args))
    if passed != _expected(registration, parameters):
        return None
    return _resolve(call.func, function, registration.module)


def _answering_name(view: Registration) -> str | None:
    """`chalicelib.x.f` of `def view(id): return answer(app, f)`, or of a function of the module."""
    function, call = view.function, _find_call(view)
    if call is None or not isinstance(function, ast.FunctionDef) or len(call.args) != 2:
        return None
    app, handler = call.args
    is_app = isinstance(app, ast.Name) and app.id in view.module.binders and app.id == "app"
    is_answer = isinstance(call.func, ast.Name) and view.module.imported.get(call.func.id) == ANSWER
    return _resolve(handler, function, view.module) if is_app and is_answer else None


def _find_call(registration: Registration) -> ast.Call | None:
    """The call whose value the handler returns, which is all that it does after an import."""
    function = registration.function
    if not isinstance(function, ast.FunctionDef):
        return None
    *before, last = function.body
    if len(before) > 1 or not all(isinstance(each, ast.ImportFrom) for each in before):
        return None
    call = last.value if isinstance(last, ast.Return) else None
    return call if isinstance(call, ast.Call) and not call.keywords else None


def _resolve(node: ast.expr, function: ast.FunctionDef, module: Module) -> str | None:
    """What a name stands for in a function that imports it itself, or has it from its module."""
    if not isinstance(node, ast.Name):
        return None
    imported = function.body[0]
    if not isinstance(imported, ast.ImportFrom):
        return module.imported.get(node.id, node.id)
    base = resolve_relative(imported, module.package)
    names = {alias.asname or alias.name: f"{base}.{alias.name}" for alias in imported.names}
    return names.get(node.id)
