"""A project's functions as Lambda has them: the original files, and where each goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from converter.chalice.registration import API_FUNCTION, APP_PATH, WEBSOCKET_FUNCTIONS
from converter.chalice.runtime import uses_chalice
from converter.verify.places import ChalicePlaces, SamPlaces
from converter.verify.values import Evaluator

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.model import Application
    from converter.sam.project import SamProject
    from converter.verify.side import Side


# What Chalice's own handlers can be called with.
_KINDS = {
    "on_cw_event": "CloudWatchEvent",
    "on_dynamodb_record": "DynamoDB",
    "on_kinesis_record": "Kinesis",
    "on_s3_event": "S3",
    "on_sns_message": "SNS",
    "on_sqs_message": "SQS",
    "authorizer": "Authorizer",
    **dict.fromkeys(WEBSOCKET_FUNCTIONS, "Websocket"),
    "schedule": "Schedule",
}


@dataclass(frozen=True)
class Deployment:
    """One function: its handler ("module.name"), the files of /var/task and of /opt, its environment.

    `hidden` are packages that it does not have there, though this machine may. `kind` is that of the events
    that it takes and no others, as SAM names it; `routes` are those of an API, (method, path) each.
    `source` is the path of the handler's own module below /var/task.
    """

    handler: str
    task: Mapping[str, bytes]
    opt: Mapping[str, bytes]
    environment: Mapping[str, str]
    hidden: tuple[str, ...] = ()
    kind: str | None = None
    routes: tuple[tuple[str, str], ...] = ()

    @property
    def source(self) -> str:
        module = self.handler.rpartition(".")[0].replace(".", "/")
        return f"{module}.py" if f"{module}.py" in self.task else f"{module}/__init__.py"

    @property
    def function(self) -> str:
        return self.handler.rpartition(".")[2]


def find_deployments(side: Side, stage: str) -> dict[str, Deployment]:
    """Each function of the project that can be called, by its name."""
    application = side.application
    variables = {name: _read_variables(application, name, stage) for name in application.functions}
    if isinstance(side.places, ChalicePlaces):
        found = _find_chalice(side.places.project, variables)
        if any(side.places.project.handlers("route")):
            task = read_task(side.places.project)
            routes = _read_routes(application, stage)
            found[API_FUNCTION] = Deployment("app.app", task, {}, variables[API_FUNCTION], routes=routes)
        return found
    assert isinstance(side.places, SamPlaces)
    return _find_sam(side.places.project, variables)


def _read_variables(application: Application, name: str, stage: str) -> dict[str, str]:
    """The function's environment; what only a deployment knows is a text with the variable's name."""
    evaluator = Evaluator(application.template.sections)
    settings = application.functions[name].settings.get(stage, {})
    values = {key: evaluator.evaluate(value) for key, value in (settings.get("environment") or {}).items()}
    return {
        key: f"({key})" if isinstance(value, dict | list) else str(value) for key, value in values.items()
    }


def _find_chalice(
    project: ChaliceProject, variables: Mapping[str, Mapping[str, str]]
) -> dict[str, Deployment]:
    task = read_task(project)
    found: dict[str, Deployment] = {}
    for registration, name in project.names.items():
        assert registration.function is not None
        handler = f"{registration.module.name}.{registration.function.name}"
        kind = _KINDS.get(registration.kind)
        found[name] = Deployment(handler, task, {}, variables[name], kind=kind)
    return found


def read_task(project: ChaliceProject) -> dict[str, bytes]:
    """What `chalice package` takes along (chalice.deploy.packager)."""
    task: dict[str, bytes] = {}
    for path in project.files:
        if path == APP_PATH or path.startswith("chalicelib/"):
            task[path] = project.files[path]
        elif path.startswith("vendor/"):
            task[path.removeprefix("vendor/")] = project.files[path]
    return task


def _read_routes(application: Application, stage: str) -> tuple[tuple[str, str], ...]:
    events = (event.settings[stage] for event in application.functions[API_FUNCTION].events)
    return tuple((str(event["Method"]).upper(), event["Path"]) for event in events)


def _find_sam(project: SamProject, variables: Mapping[str, Mapping[str, str]]) -> dict[str, Deployment]:
    found = {}
    for name, function in project.functions.items():
        handler, task, opt = project.code.deploy(function.identifier)
        lines = b"\n".join(files.get("requirements.txt", b"") for files in (task, opt))
        # The converter brings Chalice along; a function that has shed it does not.
        is_there = b"chalice" in lines.lower() or any(uses_chalice(files) for files in (task, opt))
        hidden = () if is_there else ("chalice",)
        found[name] = Deployment(handler, task, opt, variables[name], hidden)
    return found
