"""The statements that allow what a function's own code does, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.privileges.actions import (
    COLLECTIONS,
    POSITIONS,
    RESOURCE_METHODS,
    SILENT,
    SUB_RESOURCES,
    actions_of,
    actions_of_method,
    awaited_operation,
    operations,
    resources_of,
)
from converter.chalice.privileges.objects import AwsCall, Objects, Scope
from converter.chalice.privileges.reach import Reach, find_statement
from converter.chalice.registration import API_FUNCTION

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from converter.chalice.project import ChaliceProject
    from converter.chalice.registration import Registration
    from converter.model import Function, Json
    from converter.python.module import Module

_ANYTHING = "*"


def derive_statements(project: ChaliceProject, function: Function) -> dict[str, list[Json]]:
    """What the function's code is allowed by, for each stage; what hides calls is reported."""
    reach = Reach(project.source)
    for registration in _handlers(project, function.name):
        _add_handler(reach, registration)
    objects = Objects(reach)
    calls = list(objects.calls())
    project.report(*(codes.UNSEEN_CALL.at(*unseen) for unseen in objects.unseen))
    statements: dict[str, list[Json]] = {}
    for stage in project.stages:
        variables = function.settings[stage].get("environment") or {}
        granted = [one for call in calls for one in _grants(project, objects, call, variables)]
        statements[stage] = _join(granted)
    return statements


def _handlers(project: ChaliceProject, function: str) -> Iterator[Registration]:
    """What a function runs: its handler, all views for the API's, and the middleware around them."""
    if function in project.bound:
        yield project.bound[function]
    for registration in project.source.registrations:
        is_view = function == API_FUNCTION and registration.kind == "route"
        if is_view or registration.kind in ("middleware", "register_middleware"):
            yield registration


def _add_handler(reach: Reach, registration: Registration) -> None:
    module: Module = registration.module
    node: ast.AST = registration.function or registration.decorator
    statement = find_statement(module, node)
    reach.add(module, [statement] if statement else [])
    if registration.home is not module:
        reach.add(registration.home, [])


def _grants(
    project: ChaliceProject, objects: Objects, call: AwsCall, variables: Mapping[str, Json]
) -> Iterator[tuple[str, Json]]:
    """Each action that a call needs with a resource that it is about."""
    actions = _actions(call)
    if not actions and _is_hidden(call):
        reason = f"no API call of {call.owner.service} is known by the name {call.method}"
        project.report(codes.UNSEEN_CALL.at(call.position, call.method, reason))
    written = _arguments(call)

    def value_of(name: str) -> Json:
        return objects.value_of(*written[name], variables) if name in written else None

    for action in actions:
        resources = resources_of(call.owner.service, action, value_of)
        if not resources and _takes_resource(action):
            reason = f"the source does not show which resource {action} is about"
            project.report(codes.ANY_RESOURCE.at(call.position, call.method, reason))
        for resource in resources or (_ANYTHING,):
            yield action, resource


def _actions(call: AwsCall) -> tuple[str, ...]:
    owner, method = call.owner, call.method
    if owner.kind == "resource":
        operation = RESOURCE_METHODS.get((owner.service, owner.name), {}).get(method)
        return actions_of(owner.service, operation) if operation else ()
    if owner.kind == "paginator":
        return _client_actions(owner.service, owner.name) if method == "paginate" else ()
    if owner.kind == "waiter":
        operation = awaited_operation(owner.service, owner.name) if method == "wait" else None
        return actions_of(owner.service, operation) if operation else ()
    if owner.kind != "client" or call.node is None:
        return ()
    if method in ("generate_presigned_url", "generate_presigned_post"):
        # Who uses the URL does it in the function's name.
        first = call.node.args[0] if call.node.args else None
        name = getattr(first, "value", None) if method.endswith("url") else "put_object"
        return _client_actions(owner.service, name) if isinstance(name, str) else ()
    return _client_actions(owner.service, method)


def _client_actions(service: str, method: str) -> tuple[str, ...]:
    operation = operations(service).get(method)
    return actions_of(service, operation) if operation else actions_of_method(service, method)


def _is_hidden(call: AwsCall) -> bool:
    """Whether a method is none that is known to call nothing."""
    if call.node is None:
        return False
    if call.owner.kind == "resource":
        return call.method not in SUB_RESOURCES and call.method not in COLLECTIONS
    return call.owner.kind == "client" and call.method not in SILENT


def _arguments(call: AwsCall) -> dict[str, tuple[ast.expr, Scope]]:
    """The arguments that name what a call is about, each with its scope."""
    found: dict[str, tuple[ast.expr, Scope]] = {
        name: (value, scope) for name, value, scope in call.owner.arguments
    }
    # Of a sub-resource it names what the call is about, and no argument does.
    if call.node is not None and not call.owner.arguments:
        names = POSITIONS.get((call.owner.service, call.method), ())
        found.update({n: (v, call.scope) for n, v in zip(names, call.node.args, strict=False)})
        found.update({one.arg: (one.value, call.scope) for one in call.node.keywords if one.arg})
    return found


def _takes_resource(action: str) -> bool:
    """Whether IAM could be told what an action is about: most that list or describe all cannot."""
    return not action.partition(":")[2].startswith(("List", "Describe")) or action == "s3:ListBucket"


def _join(granted: list[tuple[str, Json]]) -> list[Json]:
    """The fewest statements: one for all actions on the same resources."""
    by_action: dict[str, list[Json]] = {}
    for action, resource in granted:
        resources = by_action.setdefault(action, [])
        if resource not in resources:
            resources.append(resource)
    by_resources: dict[str, tuple[list[str], list[Json]]] = {}
    for action, resources in sorted(by_action.items()):
        resources = [_ANYTHING] if _ANYTHING in resources else sorted(resources, key=str)
        by_resources.setdefault(str(resources), ([], resources))[0].append(action)
    return [
        {"Effect": "Allow", "Action": actions, "Resource": resources}
        for actions, resources in by_resources.values()
    ]
