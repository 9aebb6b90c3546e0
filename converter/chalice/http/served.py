"""An API of a template as Chalice's: what its views say, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.http.views import Obstacle, Route, restore_views

if TYPE_CHECKING:
    from converter.diagnostics import Diagnostic
    from converter.model import Json
    from converter.python.app_file import Decorator
    from converter.python.join import Serving

_OF_APP = "route authorizer middleware register_blueprint register_middleware api.cors api.binary_types"
_OF_LISTS = "append extend"
# What may be done with Chalice's objects while they are set up, as inert.py writes it.
_REGISTERING = frozenset(
    {
        "chalice.Chalice",
        "chalice.ConvertToMiddleware",
        *(f"chalice.Chalice().{name}" for name in _OF_APP.split()),
        *(f"chalice.Chalice().api.binary_types.{name}" for name in _OF_LISTS.split()),
        *(f"chalice.Blueprint().{name}" for name in ("route", "middleware", "register_middleware")),
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
    from converter.python.join import Beside, Serving

    def restore(
        files: Mapping[str, bytes], handlers: Mapping[str, tuple[str, str]]
    ) -> Mapping[str, bytes] | Diagnostic | None:
        found = restore_views(app_name, files, api.routes, frozenset(handlers.values()))
        if isinstance(found, Obstacle):
            return codes.KEPT_RESOLVER.at(found.position, found.subject, found.reason)
        return found.files if found else None

    beside = Beside(api.preface, api.imported, api.authorizers)
    return Serving(api.function, restore, _REGISTERING, beside)
