"""An API of a template as Chalice's: what its views say, and what stands beside them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.kept import find_decorated, imports_app
from converter.chalice.http.obstacles import Obstacle
from converter.chalice.http.resolvers import EXPECTED, VIEWS_PATH, VIEWS_SOURCE, write_as_converted
from converter.chalice.http.rules import Route
from converter.chalice.http.settings import DEFAULT_BINARY_TYPES
from converter.chalice.http.views import restore_views
from converter.chalice.registration import DECORATORS
from converter.python.module import read_names

if TYPE_CHECKING:
    from converter.chalice.http.proxied import ProxiedApi
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


def make_serving(app_name: str, api: ServedApi, proxied: ProxiedApi | None = None) -> Serving:
    """How the code that serves the API becomes Chalice's; `proxied` says what handlers of another form do."""
    from converter.python.join import Beside, Restored, Serving

    def restore(
        files: Mapping[str, bytes], handlers: Mapping[str, tuple[str, str]]
    ) -> Restored | Diagnostic | None:
        found = _restore(app_name, files, handlers, api, proxied) if api.function else None
        if isinstance(found, Obstacle):
            return codes.KEPT_RESOLVER.at(found.position, found.subject, found.reason)
        if found is not None:
            return found
        decorated = find_decorated(files, handlers, api.function)
        if decorated is None:
            return None
        is_elsewhere = bool(api.function) and imports_app(files, handlers[api.function][0])
        return Restored(files, decorated, says_all=True, imports_app=is_elsewhere)

    made = read_names(ast.parse(api.preface).body).binds
    registering = _REGISTERING | EXPECTED | {f"{name}.with_scopes" for name in made}
    beside = Beside(api.preface, api.imported, api.authorizers)
    return Serving(api.function, restore, registering, beside)


def _restore(
    app_name: str,
    files: Mapping[str, bytes],
    handlers: Mapping[str, tuple[str, str]],
    api: ServedApi,
    proxied: ProxiedApi | None,
) -> Restored | Obstacle | None:
    """The views of a resolver that was converted, or that does nothing else than such a one."""
    from converter.python.join import Restored

    by_hand: Mapping[str, bytes] | Obstacle | None = None
    if proxied and proxied.is_idiomatic and len(proxied.views) == 1:
        types = proxied.binary_types
        by_hand = write_as_converted(
            files, handlers[api.function], DEFAULT_BINARY_TYPES if types is None else types
        )
    if isinstance(by_hand, Obstacle):
        return by_hand
    asked = frozenset(handlers[name] for name in api.authorizers)
    is_by_hand = by_hand is not None
    found = restore_views(app_name, by_hand or files, api.routes, asked, keeps_powertools=is_by_hand)
    if found is None or isinstance(found, Obstacle):
        return found
    added = {VIEWS_PATH: VIEWS_SOURCE.encode()} if is_by_hand else {}
    return Restored(found, imports_app=imports_app(found, handlers[api.function][0]), added=added)
