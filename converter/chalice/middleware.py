"""
Middleware that is a decorator of Lambda functions, as in `ConvertToMiddleware(logger.inject_lambda_context)`.

It gets the event and the context as Lambda gives them (chalice.app.ConvertToMiddleware). So it stands above
a function that is no longer Chalice's as any decorator does, that which was registered first on top.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from converter.chalice.registration import APP_PATH, MIDDLEWARES, WEBSOCKET_FUNCTIONS, find_argument

if TYPE_CHECKING:
    from converter.chalice.registration import Registration
    from converter.chalice.source import ChaliceSource

_CONVERTERS = frozenset({"chalice.ConvertToMiddleware", "chalice.app.ConvertToMiddleware"})


def find_decorators(source: ChaliceSource) -> dict[Registration, ast.expr]:
    """The decorators that handlers of app.py can have themselves, by the middleware that they are."""
    return {
        one: decorator
        for one in source.registrations
        if one.kind in MIDDLEWARES
        and (decorator := _find_decorator(source, one)) is not None
        and (handlers := list(_find_handlers(source, one)))
        and all(_can_stand_above(handler, decorator) for handler in handlers)
    }


def decorators_of(source: ChaliceSource, handler: Registration) -> list[str]:
    """What stands above a handler that was wrapped by middleware, from the outermost on."""
    return [
        middleware.module.segment(decorator)
        for middleware, decorator in source.decorators.items()
        if handler in _find_handlers(source, middleware)
    ]


def _find_decorator(source: ChaliceSource, middleware: Registration) -> ast.expr | None:
    """`d` of `app.register_middleware(ConvertToMiddleware(d))` at the top of app.py, if `d` is a name."""
    module = middleware.module
    made = find_argument(middleware.decorator, 0, "func")
    is_at_top = module.parents.get(middleware.decorator) in module.tree.body
    if module is not source.app_module or not is_at_top or not isinstance(made, ast.Call):
        return None
    decorator = find_argument(made, 0, "lambda_wrapper")
    is_converter = module.dotted(made.func) in _CONVERTERS
    return decorator if is_converter and decorator is not None and module.dotted(decorator) else None


def _find_handlers(source: ChaliceSource, middleware: Registration) -> Iterator[Registration]:
    """What it is called for on Lambda: handlers of app.py, which alone imports that."""
    kinds = source.find_kinds(middleware)
    return (one for one in source.registrations if one.kind in kinds and one.home.path == APP_PATH)


def _can_stand_above(handler: Registration, decorator: ast.expr) -> bool:
    """Whether the handler is a function of app.py itself, below what makes the decorator.

    One of a WebSocket API has a decorator already that takes what Lambda gives.
    """
    if handler.function is None or handler.holder is not None or handler.called_in is not None:
        return False
    if handler.kind in WEBSOCKET_FUNCTIONS:
        return False
    names = {node.id for node in ast.walk(decorator) if isinstance(node, ast.Name)}
    binders = [handler.module.binders.get(name, []) for name in names]
    lines = [one.line for found in binders for one in found]
    return all(binders) and all(line < handler.function.lineno for line in lines)
