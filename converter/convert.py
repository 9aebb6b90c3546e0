"""From one framework to the other, by way of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.readme import README, is_written
from converter.chalice.registration import API_FUNCTION
from converter.features import FEATURES
from converter.model import Application

if TYPE_CHECKING:
    from converter.chalice.http.proxied import ProxiedApi
    from converter.chalice.http.served import ServedApi
    from converter.chalice.introspection import Introspection
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.diagnostics import Diagnostic
    from converter.files import TrackedFiles
    from converter.model import Position
    from converter.sam.project import SamProject


class Layout(str, Enum):
    """Where the code of a SAM project's functions lies."""

    PER_FUNCTION = "per-function"
    SHARED = "shared"


class LayerStyle(str, Enum):
    """How a SAM project builds its layers."""

    NATIVE = "native"
    DUMMY_LAMBDA = "dummy-lambda"


class Http(str, Enum):
    """What serves the routes: the first two on the way to SAM, the others on that to Chalice."""

    POWERTOOLS = "powertools"
    CHALICE = "chalice"
    MOUNT = "mount"
    IDIOMATIC = "idiomatic"
    SEPARATE = "separate"


@dataclass(frozen=True)
class Options:
    """What the user may choose.

    `stage` None means every stage; `name` is the application's where the project has none.
    `least_privilege` gives a function what its own code needs, where Chalice would generate its policy.
    `introspected` is what running a Chalice project's app.py has shown, by stage.
    """

    stage: str | None = None
    layout: Layout = Layout.PER_FUNCTION
    layer_style: LayerStyle = LayerStyle.NATIVE
    http: Http = Http.POWERTOOLS
    runtime: str | None = None
    name: str = "app"
    least_privilege: bool = False
    introspected: Mapping[str, Introspection] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Conversion:
    """The project in its other form, and what there is to say about it.

    `files` are the files to write, by path below the output folder; none where no function was found.
    """

    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]
    application: Application
    next_commands: tuple[str, ...] = field(default=())


def read_chalice(project: ChaliceProject, options: Options) -> Application:
    """What a Chalice project says, all features' parts together."""
    name = project.config.app_name or project.source.app_name or options.name
    application = Application(name, project.stages, options.runtime)
    for feature in FEATURES:
        application = feature.read_chalice(project, application)
    return application


def read_sam(project: SamProject, options: Options) -> Application:
    """What a SAM project says, all features' parts together."""
    application = Application(project.name, project.stages, options.runtime)
    for feature in FEATURES:
        application = feature.read_sam(project, application)
    return application


def chalice_to_sam(files: Mapping[str, bytes], options: Options | None = None) -> Conversion:
    """The SAM form of the Chalice project whose files are given by path.

    Raises UnreadableError when there is no project to convert.
    """
    from converter.chalice.project import open_chalice
    from converter.sam.writer import SamWriter

    options = options or Options()
    project = open_chalice(files, options.stage, options.introspected)
    project.keeps_chalice = options.http is Http.CHALICE
    project.least_privilege = options.least_privilege
    application = read_chalice(project, options)
    if not application.functions:
        return Conversion({}, _tidy(project.diagnostics()), application)
    writer = SamWriter(application, options.layout.value, options.layer_style.value)
    for feature in FEATURES:
        feature.write_sam(application, writer)
    written = writer.finish()
    diagnostics = _tidy([*project.diagnostics(), *writer.diagnostics, *_report_left_behind(project.files)])
    return Conversion(written, diagnostics, application, ("sam build", "sam deploy"))


def sam_to_chalice(files: Mapping[str, bytes], options: Options | None = None) -> Conversion:
    """The Chalice form of the SAM project whose files are given by path.

    Raises UnreadableError when there is no project to convert.
    """
    from converter.sam.project import open_sam

    options = options or Options()
    project = open_sam(files, options.stage, options.name)
    application = read_sam(project, options)
    if not application.functions:
        place = project.position("Resources")
        nothing = codes.NO_FUNCTION.at(place, "Resources", "none of them is a function that Chalice can hold")
        return Conversion({}, _tidy([*project.diagnostics(), nothing]), application)
    read = application
    locate = partial(project.position, "Resources")
    application, writer = _write_chalice(application, options, locate)
    written = writer.finish()
    needed = writer.template.get("Parameters", {})
    gone = _find_gone(project, read, application)
    found = (
        one
        for one in project.diagnostics()
        if (one.code != codes.OPEN_PARAMETER or one.subject in needed)
        and (one.code != codes.CARRIED_PROPERTY or one.position not in gone)
    )
    diagnostics = _tidy([*found, *writer.diagnostics, *_report_left_behind(project.files)])
    return Conversion(written, diagnostics, application, writer.next_commands)


def _find_gone(project: SamProject, before: Application, after: Application) -> set[Position]:
    """Where functions that are one now are called what none of them is any more (PAWS237)."""
    from converter.features.api.joining import OWN_WORDS

    joined = [name for name in before.functions if name not in after.functions or name == API_FUNCTION]
    if len(joined) < 2 or API_FUNCTION not in after.functions:
        return set()
    return {
        project.position("Resources", project.functions[name].identifier, "Properties", key)
        for name in joined
        for key in OWN_WORDS
    }


def _write_chalice(
    application: Application, options: Options, locate: Callable[[str], Position]
) -> tuple[Application, ChaliceWriter]:
    """The project with its APIs as Chalice's own if that reads back as it was, else as the template has them.

    The application is the one that was written; `locate` says where a resource of the template is.
    """
    from converter.features.api.websocket_mounting import mount_websockets

    if options.http is Http.SEPARATE:
        return application, _write_features(application, None)
    mounted = mount_websockets(application, locate)
    kept = list(mounted.diagnostics)
    if mounted.decorators:
        written, writer, is_same = _write_mounted(mounted.application, options, mounted.decorators)
        if is_same:
            writer.report(*kept)
            return written, writer
        kept += [
            codes.SEPARATE_WEBSOCKETS.at(one.position, one.subject, one.reason)
            for one in writer.diagnostics
            if one.code == codes.KEPT_RESOLVER
        ]
    written, writer, _ = _write_mounted(application, options, {})
    writer.report(*kept)
    return written, writer


def _write_mounted(
    application: Application, options: Options, websockets: Mapping[str, str]
) -> tuple[Application, ChaliceWriter, bool]:
    """The project with its REST API as Chalice's own if that can be, and whether it reads back as it was.

    `websockets` are the decorators of functions that serve its WebSocket API, which is Chalice's already.
    """
    from converter.features.api.mounting import mount_api
    from converter.features.api.written import take_api

    mounted = mount_api(application)
    taken = take_api(mounted.application)
    kept: list[Diagnostic] = []
    if taken is None and mounted.api is not None:
        function = mounted.application.functions[API_FUNCTION]
        reason = "Chalice's decorators cannot say who may call each route"
        kept.append(codes.SEPARATE_API.at(function.position, API_FUNCTION, reason))
    if taken is not None:
        proxied = mounted.api and replace(mounted.api, is_idiomatic=options.http is Http.IDIOMATIC)
        writer = _write_features(*taken, proxied, websockets)
        writer.report(*mounted.diagnostics)
        if writer.api is not None and _merge_rest(mounted.application, writer, options):
            return mounted.application, writer, True
        kept += (one for one in writer.diagnostics if one.code == codes.KEPT_RESOLVER)
    writer = _write_features(application, None, None, websockets)
    writer.report(*(mounted.separate().diagnostics if mounted.api else mounted.diagnostics), *kept)
    return application, writer, not websockets or _merge_rest(application, writer, options)


def _merge_rest(application: Application, writer: ChaliceWriter, options: Options) -> bool:
    """Merge what Chalice does not make of what is written; whether it then has all of the application."""
    from converter.chalice.project import RESOURCES_PATH, open_chalice
    from converter.diagnostics import UnreadableError
    from converter.features.api.written import merge_rest

    files = {path: data for path, data in writer.finish().items() if path != RESOURCES_PATH}
    # Where another module has an app object of its own, there is no project to read.
    with suppress(UnreadableError):
        return merge_rest(application, read_chalice(open_chalice(files, options.stage), options), writer)
    return False


def _write_features(
    application: Application,
    api: ServedApi | None,
    proxied: ProxiedApi | None = None,
    websockets: Mapping[str, str] | None = None,
) -> ChaliceWriter:
    from converter.chalice.writer import ChaliceWriter

    writer = ChaliceWriter(application, api=api, proxied=proxied, websockets=websockets or {})
    for feature in FEATURES:
        feature.write_chalice(application, writer)
    return writer


def _report_left_behind(files: TrackedFiles) -> list[Diagnostic]:
    names = [path for path in files.unread() if path != README or not is_written(files.peek(path))]
    if not names:
        return []
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return [codes.LEFT_BEHIND.at(None, shown, "nothing that is deployed needs them")]


def _tidy(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each finding once, in the order of the source."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda diagnostic: diagnostic.sort_key))
