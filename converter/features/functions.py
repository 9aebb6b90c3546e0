"""
Pure Lambda functions, and their names.

Chalice: https://aws.github.io/chalice/topics/purelambda.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.plain import find_effects
from converter.chalice.registration import (
    API_FUNCTION,
    EVENT_DECORATORS,
    WEBSOCKET_FUNCTIONS,
    Registration,
    is_known,
)
from converter.chalice.wrappers import does_all, follow_views, follow_wrapper
from converter.feature import Feature, Support
from converter.model import Application, Code, Function, Handler, Json, Position
from converter.python.events import example_event
from converter.sam.limits import MOST_OUTPUTS
from converter.sam.sample_events import sample_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

# The decorators that make a Lambda function of one handler.
DECORATORS = ("lambda_function", *EVENT_DECORATORS, "authorizer", *WEBSOCKET_FUNCTIONS)

# The kinds of events that have examples, of those that no event of the function's shows.
_EXAMPLES = {"authorizer": "Authorizer", **dict.fromkeys(WEBSOCKET_FUNCTIONS, "Websocket")}

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
_NAME = re.compile(r"[A-Za-z0-9_-]*[A-Za-z0-9][A-Za-z0-9_-]*")


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    functions = dict(application.functions)
    routes = list(project.handlers("route"))
    if routes:
        # It has a process of its own, in which app.py is imported whole.
        functions[API_FUNCTION] = _make_function(project, API_FUNCTION, routes[0])
    app = project.source.app_module
    # Only a wrapper makes it matter.
    find_effects_of_app = cache(lambda: find_effects(app, project.source))
    answering = follow_views(routes, project.source) if routes else None
    if answering is not None and does_all(answering.home, find_effects_of_app(), app):
        project.source.wrappers.update(view.function for view in routes if view.function)
        project.bind(API_FUNCTION, routes[0], answering)
    for registration in project.handlers(*DECORATORS):
        name = _read_name(project, registration, functions)
        if name is None:
            continue
        assert registration.function is not None
        called = follow_wrapper(registration, project.source)
        # What app.py does when it is imported has to be done for a handler elsewhere too.
        if called is not None and does_all(called.home, find_effects_of_app(), app):
            project.source.wrappers.add(registration.function)
        else:
            called = registration
        assert called.function is not None
        project.bind(name, registration, called)
        _report_namesake(project, called)
        function = _make_function(project, name, registration)
        example = sample_event(_EXAMPLES.get(registration.kind, ""))
        if example is None:
            example = example_event(called.function, called.text)
        functions[name] = replace(function, example=example)
    _report_unknown_functions(project, functions)
    _report_only_run(project, functions)
    if not project.source.registrations and not project.source.diagnostics:
        place = project.source.app.position
        project.report(
            codes.NO_HANDLER.at(
                place, "app.py", "no decorator of Chalice's was found in it or in chalicelib/"
            )
        )
    return replace(application, functions=functions)


def _make_function(project: ChaliceProject, name: str, registration: Registration) -> Function:
    settings: dict[str, dict[str, Json]] = {stage: {} for stage in project.stages}
    return Function(name, Code(name, Handler("", "")), settings, position=registration.position)


def _read_name(
    project: ChaliceProject, registration: Registration, taken: Mapping[str, Function]
) -> str | None:
    """The Lambda function's name; None, with a diagnostic, where it cannot have the one that it says."""
    assert registration.function is not None
    by_stage = project.arguments(registration)
    arguments = by_stage[project.stages[0]]
    written, *others = [each.take("name") for each in by_stage.values()]
    is_shown = is_known(written) and not isinstance(written, dict)
    if not is_shown or any(other != written for other in others):
        reason = "it differs by stage" if is_shown else "the source does not show its name"
        reason += f"; the function is called {registration.function.name} here"
        project.report(codes.UNKNOWN_ARGUMENT.at(arguments.where("name"), registration.written, reason))
        written = None
    name = WEBSOCKET_FUNCTIONS.get(
        registration.kind, f"{registration.name_prefix}{written or registration.function.name}"
    )
    if not isinstance(written, (str, type(None))) or not _NAME.fullmatch(name):
        reason = "a name is made of letters, digits, - and _ only"
        project.report(codes.INVALID_FUNCTION_NAME.at(arguments.where("name"), name, reason))
        return None
    if name in taken:
        reason = f"the function at {taken[name].position} has this name"
        project.report(codes.DUPLICATE_FUNCTION.at(registration.position, name, reason))
        return None
    return name


def _report_namesake(project: ChaliceProject, registration: Registration) -> None:
    assert registration.function is not None
    first = project.first_of_name(registration)
    if first.function is not None and first.function is not registration.function:
        project.report(
            codes.DUPLICATE_HANDLER_FUNCTION.at(
                registration.module.position(registration.function),
                registration.function.name,
                f"the function at {first.module.position(first.function)} has the same name, "
                "so Chalice runs this one for both",
            )
        )


def _report_unknown_functions(project: ChaliceProject, functions: dict[str, Function]) -> None:
    for name, entry, place in project.config.functions_named():
        if name not in functions:
            project.report(codes.UNKNOWN_CONFIG_FUNCTION.at(place, name, "no function has this name"))
        elif not isinstance(entry, dict):
            reason = "a function's settings are a JSON object"
            project.report(codes.INVALID_CONFIG_VALUE.at(place, name, reason))


def _report_only_run(project: ChaliceProject, functions: dict[str, Function]) -> None:
    """Functions that running app.py has shown, and the source has not."""
    seen: set[str] = set()
    for shown in project.introspected.values():
        for found in shown.functions:
            if found.name not in functions and found.name not in seen:
                seen.add(found.name)
                place = Position(found.place[0], found.place[1], 1) if found.place else None
                reason = f"app.{found.kind} is called when app.py is imported"
                project.report(codes.ONLY_WHEN_RUN.at(place, found.name, reason))


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """The decorators are written with the code (features/code.py)."""


def read_sam(project: SamProject, application: Application) -> Application:
    stages: dict[str, dict[str, Json]] = {stage: {} for stage in project.stages}
    functions = {
        name: Function(
            name,
            Code("", Handler("", "")),
            {stage: dict(values) for stage, values in stages.items()},
            position=project.position("Resources", found.identifier),
        )
        for name, found in project.functions.items()
    }
    for found in project.functions.values():
        output = f"{found.identifier}Arn"
        if project.section("Outputs").get(output) == _output(found.identifier, found.name):
            project.absorbed_outputs.add(output)
    return replace(application, functions=functions)


def write_sam(application: Application, writer: SamWriter) -> None:
    if len(application.functions) > MOST_OUTPUTS:
        return
    for function in application.functions.values():
        identifier = writer.function_id(function.name)
        writer.sections["Outputs"][f"{identifier}Arn"] = _output(identifier, function.name)


def _output(identifier: str, name: str) -> Json:
    return {"Description": f"ARN of the Lambda function {name}", "Value": {"Fn::GetAtt": [identifier, "Arn"]}}


feature = Feature(
    name="functions",
    decorators=("lambda_function",),
    support=(Support("`@app.lambda_function(name=...)`", "`AWS::Serverless::Function`"),),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
