"""
The code of the functions: where it lies, and what is shared.

Chalice: https://aws.github.io/chalice/topics/packaging.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-layers.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from converter import codes
from converter.feature import Feature, Support
from converter.sam import layout
from converter.sam.intrinsics import is_literal
from converter.sam.sample_events import sample_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Code, Settings
    from converter.python.app_file import Decorator
    from converter.python.join import Joined, Source
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    from converter.chalice.code import read_code

    return read_code(project, application)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    joined = _join_served(application, writer)
    writer.files.update(joined.files)
    writer.report(*joined.diagnostics)
    writer.left_out.update(application.functions.keys() - joined.handlers.keys())
    if not joined.serves:
        writer.api = None
    elif writer.api:
        writer.left_out.discard(writer.api.function)


def _join_served(application: Application, writer: ChaliceWriter) -> Joined:
    """The code with the views of the API as far as can be: Chalice's own, else such as call the handlers."""
    from converter.chalice.http.proxied import decorate_view, put_beside
    from converter.chalice.http.served import make_serving
    from converter.python.app_file import Decorator
    from converter.python.join import join

    codes_by_name = {function.name: function.code for function in application.functions.values()}
    layers = {layer: application.folders[layer] for layer in sorted(_list_layers(codes_by_name.values()))}
    decorators = {
        name: Decorator(decoration.decorator, decoration.write_arguments(), decoration.use_object)
        for name, decoration in writer.decorations.items()
    }
    decorators |= {name: _serve_websockets(kind) for name, kind in writer.websockets.items()}
    variables = _variables_set_for_all(application)
    api, proxied = writer.api, writer.proxied
    serving = make_serving(application.name, api, proxied) if api else None
    sources = _list_sources(application, codes_by_name)
    joined = join(application.name, sources, layers, variables, decorators, serving)
    if api is None or proxied is None or joined.serves:
        writer.proxied = None
        return joined
    kept = [found for found in joined.diagnostics if found.code == codes.KEPT_RESOLVER]
    writer.report(*kept)
    decorators |= {name: decorate_view(view, api) for name, view in proxied.views.items()}
    sources = _list_sources(application, proxied.put_into(codes_by_name, api.function))
    beside = put_beside(api, proxied.binary_types)
    # What hands all requests to a resolver is no view, for the reason that was given.
    if proxied.is_idiomatic and not (kept and len(proxied.views) == 1):
        from converter.chalice.http.idiomatic import make_rewriting

        beside = make_rewriting(api, proxied, beside)
    return join(application.name, sources, layers, variables, decorators, beside=beside)


def _serve_websockets(kind: str) -> Decorator:
    from converter.chalice.event_attributes import use_event_object
    from converter.python.app_file import Decorator

    flag = 'app.experimental_feature_flags.update(["WEBSOCKETS"])\n'
    return Decorator(
        kind, use_object=lambda text, imported: use_event_object(text, kind, imported), set_up=flag
    )


def _list_layers(found: Iterable[Code]) -> set[str]:
    return {layer for code in found for layer in code.layers}


def _list_sources(application: Application, by_name: Mapping[str, Code]) -> list[Source]:
    from converter.python.join import Source

    return [
        Source(name, code.folder, application.folders.get(code.folder, {}), code.handler, code.layers)
        for name, code in by_name.items()
    ]


def _variables_set_for_all(application: Application) -> frozenset[str]:
    """The environment variables that are set wherever Chalice imports app.py.

    When it packages, Chalice sets those of the stage, and not those of a single function.
    """
    common: set[str] | None = None
    for stage in application.stages:
        values: list[Settings] = [
            function.settings[stage].get("environment") or {} for function in application.functions.values()
        ]
        names = {
            name
            for name, value in (values[0] if values else {}).items()
            if is_literal(value) and all(other.get(name) == value for other in values)
        }
        common = names if common is None else common & names
    return frozenset(common or ())


def read_sam(project: SamProject, application: Application) -> Application:
    return project.code.read(application)


def write_sam(application: Application, writer: SamWriter) -> None:
    layout.write_code(application, writer)
    for function in application.functions.values():
        samples = (sample_event(event.kind) for event in function.events)
        example = next(filter(None, samples), function.example or {})
        event = json.dumps(example, indent=2, ensure_ascii=False) + "\n"
        writer.files[f"events/{function.name}.json"] = event.encode()


feature = Feature(
    name="code",
    support=(
        Support("`app.py`, `chalicelib/`", "`CodeUri`, `Handler`, local layers"),
        Support("`vendor/`", "carried into the function's folder or the layer"),
        Support(
            "Blueprints' Lambda functions", "`AWS::Serverless::Function`", to_chalice="as functions of app.py"
        ),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
