"""One of the two projects that are held against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.registration import API_FUNCTION, API_ID, WEBSOCKET_FUNCTIONS
from converter.convert import Options, read_chalice, read_sam
from converter.diagnostics import Diagnostic, Severity, UnreadableError
from converter.model import Application, Json, Position, logical_id
from converter.verify.facts import Fact, Facts
from converter.verify.places import ChalicePlaces, Places, SamPlaces
from converter.verify.reading import read_facts
from converter.verify.route_code import Route, RouteCode, read_route_code
from converter.verify.values import find_reference

if TYPE_CHECKING:
    from converter.chalice.introspection import Introspection
    from converter.features.api.websocket_mounting import MountedWebsockets


class Framework(str, Enum):
    """What a project is written for."""

    CHALICE = "Chalice"
    SAM = "SAM"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Side:
    """A project, read.

    `findings` are what its reader has to say about it; `parameters` what each stage gives the template's;
    `function_ids` are the logical ids of the functions, by name.
    """

    framework: Framework
    application: Application
    places: Places
    findings: tuple[Diagnostic, ...]
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    function_ids: Mapping[str, str] = field(default_factory=dict)
    template_path: str = ""

    @property
    def stages(self) -> tuple[str, ...]:
        return self.application.stages

    @cached_property
    def routes(self) -> Mapping[Route, Position | None]:
        """The routes of all stages, and where each is said."""
        return {
            (str(settings.get("Method")).upper(), str(settings.get("Path"))): event.position
            for function in self.application.functions.values()
            for event in function.events
            if event.kind == "Api"
            for settings in event.settings.values()
        }

    @cached_property
    def route_code(self) -> Mapping[Route, RouteCode]:
        """What the code says of each route, where it is shown."""
        return read_route_code(self.application)

    @property
    def shown_routes(self) -> Set[Route]:
        """The routes of which the code says something."""
        return self.routes.keys() & self.route_code.keys() if self.routes else set()

    @cached_property
    def preflight_paths(self) -> Set[str]:
        """The paths where API Gateway answers preflight requests.

        Chalice's API has them where a decorator says `cors`; SAM's has one CORS configuration for all paths.
        """
        said = {route: shown.said for route, shown in self.route_code.items()}
        with_cors = {path for (_, path), one in said.items() if one.cors and not one.is_own}
        of_template = {path for (_, path), one in said.items() if one.is_own}
        return {
            str(settings.get("Path"))
            for function in self.application.functions.values()
            for event in function.events
            if event.kind == "Api"
            for settings in event.settings.values()
            if (
                settings.get("Path") in with_cors
                if self.framework is Framework.CHALICE
                and event.written is None
                and settings.get("Path") not in of_template
                else self._has_cors(settings.get("RestApiId"))
            )
        }

    def _has_cors(self, api: Json) -> bool:
        sections = self.application.template.sections
        own = sections.get("Resources", {}).get(find_reference(api), {}).get("Properties", {})
        return bool({**(sections.get("Globals", {}).get("Api") or {}), **own}.get("Cors"))

    def mounted_for(self, other: Side) -> Side | None:
        """A SAM project with its APIs as the other side, Chalice's, has them; None where it has none.

        It is what the conversion makes of it before it writes anything (features/api/mounting.py, and
        websocket_mounting.py beside that).
        """
        if (self.framework, other.framework) != (Framework.SAM, Framework.CHALICE):
            return None
        from converter.features.api.mounting import mount_api

        websockets = self.websockets_for(other)
        application = websockets.application if websockets else self.application
        if API_FUNCTION in other.application.functions:
            application = mount_api(application).application
        return replace(self, application=application) if application is not self.application else None

    def websockets_for(self, other: Side) -> MountedWebsockets | None:
        """A SAM project's WebSocket API as the other side, Chalice's, has it; None where it has none."""
        is_pair = (self.framework, other.framework) == (Framework.SAM, Framework.CHALICE)
        if not is_pair or other.application.functions.keys().isdisjoint(WEBSOCKET_FUNCTIONS.values()):
            return None
        from converter.features.api.websocket_mounting import mount_websockets

        mounted = mount_websockets(self.application)
        return mounted if mounted.decorators else None

    def read_facts(self, stage: str, parameters: Mapping[str, str], routes: Collection[Route] = ()) -> Facts:
        """The facts of a stage; what the code says of `routes` is among them."""
        said = {route: (*self.said_by_code(route), self._preflight(route)) for route in routes}
        return read_facts(self.application, stage, parameters, said)

    def said_by_code(self, route: Route) -> Iterator[Fact]:
        """What the code says of a route that it shows."""
        said = self.route_code[route].said
        yield from (Fact("route", "", {"content type": each}) for each in said.content_types)
        yield Fact("route", "CORS", said.cors)

    def _preflight(self, route: Route) -> Fact:
        return Fact("route", "preflight", route[1] in self.preflight_paths)


def open_side(
    files: Mapping[str, bytes], stage: str | None = None, name: str = "app", *, introspected: bool = False
) -> Side:
    """The project in these files, by path below its root; `stage` None means all of its stages.

    `introspected` runs app.py of a Chalice project, in a sandbox, to see what its source does not show.
    Raises UnreadableError when it is neither a Chalice nor a SAM project.
    """
    if is_chalice(files):
        return _open_chalice(files, stage, name, introspected=introspected)
    return _open_sam(files, stage, name)


def is_chalice(files: Mapping[str, bytes]) -> bool:
    """Whether the folder holds a Chalice project, which may have templates beside it."""
    from converter.sam.project import SAMCONFIG_PATHS, TEMPLATE_PATHS

    if ".chalice/config.json" in files:
        return True
    if any(path in files for path in (*TEMPLATE_PATHS, *SAMCONFIG_PATHS)):
        return False
    if "app.py" not in files:
        reason = "it has neither an app.py nor a SAM template at its root"
        raise UnreadableError(codes.NOT_A_PROJECT.at(None, "the folder", reason))
    return True


def _open_chalice(files: Mapping[str, bytes], stage: str | None, name: str, *, introspected: bool) -> Side:
    from converter.chalice.project import open_chalice

    shown: Mapping[str, Introspection] = {}
    failures: list[Diagnostic] = []
    if introspected:
        from converter.verify.behaviour.introspect import introspect

        shown, failures = introspect(files, stage)
    project = open_chalice(files, stage, shown)
    application = read_chalice(project, Options(stage=stage, name=name))
    has_api = any(project.handlers("route"))
    return Side(
        Framework.CHALICE,
        application,
        ChalicePlaces(project, application),
        _tidy([*failures, *project.diagnostics()]),
        parameters=application.parameters,
        function_ids={name: _chalice_id(name, has_api) for name in application.functions},
    )


def _chalice_id(name: str, has_api: bool) -> str:
    """The logical id that `chalice package` gives a function; that of the API's has capitals of its own."""
    return API_ID if has_api and name == API_FUNCTION else logical_id(name)


def _open_sam(files: Mapping[str, bytes], stage: str | None, name: str) -> Side:
    from converter.sam.project import open_sam

    project = open_sam(files, stage, name)
    application = read_sam(project, Options(stage=stage, name=name))
    environments = project.config.stages()
    parameters = {name: environment.parameter_overrides for name, environment in environments.items()}
    places = SamPlaces(project, application)
    return Side(
        Framework.SAM,
        application,
        places,
        _tidy(project.diagnostics()),
        parameters=parameters,
        function_ids={name: found.identifier for name, found in project.functions.items()},
        template_path=project.document.source.path,
    )


def _tidy(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    serious = (each for each in diagnostics if each.severity > Severity.INFO)
    return tuple(sorted(dict.fromkeys(serious), key=lambda each: each.sort_key))
