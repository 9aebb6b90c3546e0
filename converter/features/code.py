"""
The code of the functions: where it lies, and what is shared.

Chalice: https://aws.github.io/chalice/topics/packaging.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-layers.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from converter.feature import Feature, Support
from converter.sam import layout
from converter.sam.intrinsics import is_literal
from converter.sam.sample_events import sample_event

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application, Settings
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    from converter.chalice.code import read_code

    return read_code(project, application)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    from converter.chalice.http.served import make_serving
    from converter.python.app_file import Decorator
    from converter.python.join import Source, join

    used = {layer for function in application.functions.values() for layer in function.code.layers}
    sources = [
        Source(
            function.name,
            function.code.folder,
            application.folders.get(function.code.folder, {}),
            function.code.handler,
            function.code.layers,
        )
        for function in application.functions.values()
    ]
    layers = {layer: application.folders[layer] for layer in sorted(used)}
    decorators = {
        name: Decorator(decoration.decorator, decoration.write_arguments(), decoration.use_object)
        for name, decoration in writer.decorations.items()
    }
    serving = make_serving(application.name, writer.api) if writer.api else None
    variables = _variables_set_for_all(application)
    joined = join(application.name, sources, layers, variables, decorators, serving)
    writer.files.update(joined.files)
    writer.report(*joined.diagnostics)
    writer.left_out.update(application.functions.keys() - joined.handlers.keys())
    if not joined.serves:
        writer.api = None


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
