"""An API of a template as Chalice's: what its views say, and what stands beside them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.kept import find_decorated
from converter.chalice.http.powertools import Obstacle
from converter.chalice.http.views import Route, restore_views
from converter.chalice.source import DECORATORS
from converter.python.module import read_names

if TYPE_CHECKING:
    from converter.diagnostics import Diagnostic
    from converter.model import Json
    from converter.python.app_file import Decorator
    from converter.python.join import Restored, Serving

_OF_APP = (
    *("api.binary_types", "api.cors", "debug", "experimental_feature_flags.update", "websocket_api.session"),
    *("register_blueprint", "register_middleware", *DECORATORS),
)
_OF_LISTS = "append extend"
# What may be done with Chalice's objects while they are set up, as inert.py writes it.
_REGISTERING = frozenset(
    {
        "chalice.Chalice",
        "chalice.ConvertToMiddleware",
        *(f"chalice.Chalice().{name}" for name in _OF_APP),
        *(f"chalice.Chalice().api.binary_types.{name}" for name in _OF_LISTS.split()),
        *(f"chalice.Blueprint().{name}" for name in ("register_middleware", *DECORATORS)),
    }
)


@dataclass(frozen=True)
class ServedApi:
    """The routes of one function, as `@app.route` has them.

    `routes` have the further arguments of each decorator as Python (`("api_key_required=True",)`), by the
    path as the template has it and the method in capitals. `preface` are the statements that make what
    these name, with their imports from Chalice in `imported`; `authorizers` the decorators of functions
    that they name. `settings` are keys of the config by stage, `files` those that they name.
    """

    function: str
    routes: Mapping[Route, tuple[str, ...]]
    preface: str = ""
    imported: frozenset[str] = frozenset()
    authorizers: Mapping[str, Decorator] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def make_serving(app_name: str, api: ServedApi) -> Serving:
    """How the code that serves the API becomes Chalice's."""
    from converter.python.join import Beside, Restored, Serving

    def restore(
        files: Mapping[str, bytes], handlers: Mapping[str, tuple[str, str]]
    ) -> Restored | Diagnostic | None:
        asked = frozenset(handlers[name] for name in api.authorizers)
        found = restore_views(app_name, files, api.routes, asked) if api.function else None
        if isinstance(found, Obstacle):
            return codes.KEPT_RESOLVER.at(found.position, found.subject, found.reason)
        if found is not None:
            return Restored(found)
        decorated = find_decorated(files, handlers, api.function)
        return None if decorated is None else Restored(files, decorated, says_all=True)

    made = read_names(ast.parse(api.preface).body).binds
    registering = _REGISTERING | {f"{name}.with_scopes" for name in made}
    beside = Beside(api.preface, api.imported, api.authorizers)
    return Serving(api.function, restore, registering, beside)
