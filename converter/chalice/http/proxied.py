"""Handlers that answer API Gateway themselves, as views of Chalice's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import TYPE_CHECKING

from converter.chalice.decoration import write_literal
from converter.python.app_file import Call, Decorator

if TYPE_CHECKING:
    from converter.chalice.http.served import ServedApi
    from converter.model import Code
    from converter.python.join import Beside

MODULE = "lambda_proxy"
PATH = f"chalicelib/{MODULE}.py"
ANSWER = f"chalicelib.{MODULE}.answer"
SOURCE = '''\
"""Views whose requests are answered by functions as Lambda calls them."""

from chalice import Response


class _Answer(Response):
    """The answer of a handler, which goes to API Gateway as it is.

    Chalice asks for it outside of its error handling, so that an error of the handler's is one of Lambda's.
    """

    def __init__(self, app, handler):
        super().__init__("")
        self._app = app
        self._handler = handler

    def to_dict(self, binary_types=None):
        return self._handler(self._app.current_request.to_original_event(), self._app.lambda_context)


def answer(app, handler):
    """What the handler answers to the request that app serves."""
    return _Answer(app, handler)
'''
_NAME = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class View:
    """A function's code, and the routes that it serves: path and method."""

    code: Code
    routes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ProxiedApi:
    """The functions that serve an API, by name, and the types of content that it takes for bytes.

    The types are None where Chalice's code does not say them. Chalice makes no usage plan, which it may have.
    `is_idiomatic` says that handlers become views themselves where their answers are known to stay the same.
    """

    views: Mapping[str, View]
    binary_types: tuple[str, ...] | None = None
    has_usage_plan: bool = False
    is_idiomatic: bool = False

    def put_into(self, by_name: Mapping[str, Code], function: str) -> dict[str, Code]:
        """The functions' code with those that serve the API in the place of the one that does."""
        return {
            name: code
            for own, whole in by_name.items()
            for name, code in (
                {each: view.code for each, view in self.views.items()} if own == function else {own: whole}
            ).items()
        }


def decorate_view(view: View, api: ServedApi) -> Decorator:
    """The decorators of the function in app.py that serves the routes."""
    by_path: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for path, method in view.routes:
        by_path.setdefault((path, api.routes[path, method]), []).append(method)
    first, *others = (
        Decorator("route", _write_arguments(path, methods, more)) for (path, more), methods in by_path.items()
    )
    call = Call(
        _write_parameters([path for path, _ in by_path]),
        "answer(app, {handler})",
        (f"from chalicelib.{MODULE} import answer\n",),
    )
    return replace(first, call=call, below=tuple(others))


def _write_arguments(path: str, methods: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    # Chalice takes JSON only, if nothing is said.
    said = () if methods == ["GET"] else (f"methods={write_literal(list(methods))}",)
    return (write_literal(path), *said, 'content_types=["*/*"]', *more)


def _write_parameters(paths: Sequence[str]) -> str:
    """Those that Chalice gives for the names in any of the paths, which are all in the event."""
    named = [find_parameters(path) for path in paths]
    names = dict.fromkeys(name for found in named for name in found)
    is_plain = all(name.isidentifier() and not iskeyword(name) for name in names)
    if not is_plain:
        return "**parameters"
    # Chalice gives them by name.
    certain = [name for name in names if all(name in found for found in named)]
    return ", ".join([*certain, *(f"{name}=None" for name in names if name not in certain)])


def find_parameters(path: str) -> list[str]:
    """The names in a path for which Chalice gives arguments; none for `{proxy+}`."""
    return _NAME.findall(path)


def put_beside(api: ServedApi, binary_types: Sequence[str] | None) -> Beside:
    """What the views need: the module that they import, authorizers, and the API's types of content."""
    from converter.python.join import Beside

    types = (
        f"app.api.binary_types = {write_literal(list(binary_types))}\n" if binary_types is not None else ""
    )
    return Beside(types + api.preface, api.imported, api.authorizers, {PATH: SOURCE.encode()})
