"""
How near a template is to CloudFormation's limits, what SAM makes of it counted.

Limits: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
What SAM makes: https://github.com/aws/serverless-application-model/blob/develop/docs/internals/generated_resources.rst
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter import codes
from converter.diagnostics import Diagnostic
from converter.model import Json

MOST_RESOURCES = 500
MOST_PARAMETERS = 200
MOST_OUTPUTS = 200
MOST_BYTES = 1_000_000
# From this part of a limit on there is something to say: a project that is converted goes on growing.
_NEAR = 0.9

# What SAM makes of an event beside the function; all others are one resource.
_OF_EVENT = {
    "CloudWatchEvent": 2,
    "CloudWatchLogs": 2,
    "EventBridgeRule": 2,
    "IoTRule": 2,
    "Schedule": 2,
    "ScheduleV2": 2,
    "SNS": 2,
}
_OF_RESOURCE = {
    "AWS::Serverless::Api": 3,
    "AWS::Serverless::HttpApi": 2,
    "AWS::Serverless::StateMachine": 2,
    "AWS::Serverless::WebSocketApi": 3,
}
_IMPLICIT_API = {"Api": ("RestApiId", 3), "HttpApi": ("ApiId", 2)}


def count_resources(resources: Mapping[str, Json], shared: Mapping[str, Json] | None = None) -> int:
    """How many resources CloudFormation is asked for; `shared` are the Globals of functions."""
    known = [resource for resource in resources.values() if isinstance(resource, Mapping)]
    count = sum(_count(resource, shared or {}) for resource in known)
    for kind, (key, made) in _IMPLICIT_API.items():
        # SAM makes one API for all events that name none.
        if any(
            event.get("Type") == kind and key not in _mapping(event, "Properties")
            for resource in known
            for event in _events(resource)
        ):
            count += made
    return count


def _count(resource: Mapping[str, Json], shared: Mapping[str, Json]) -> int:
    kind = str(resource.get("Type"))
    properties = {**shared, **_mapping(resource, "Properties")}
    if kind == "AWS::Serverless::Api":
        return _OF_RESOURCE[kind] + _count_of_api(properties)
    if kind != "AWS::Serverless::Function":
        return _OF_RESOURCE.get(kind, 1)
    role = properties.get("Role")
    # Of a role that is there in some stages only, SAM makes one for the others.
    count = 1 if role and "Fn::If" not in role else 2
    count += 2 if "AutoPublishAlias" in properties else 0
    count += 1 if "EventInvokeConfig" in properties else 0
    count += 2 if "FunctionUrlConfig" in properties else 0
    return count + sum(_OF_EVENT.get(str(event.get("Type")), 1) for event in _events(resource))


def _count_of_api(properties: Mapping[str, Json]) -> int:
    auth, domain = _mapping(properties, "Auth"), _mapping(properties, "Domain")
    authorizers = _mapping(auth, "Authorizers").values()
    count = sum(isinstance(one, Mapping) and "FunctionArn" in one for one in authorizers)
    count += 3 if "UsagePlan" in auth else 0
    if domain:
        paths = domain.get("BasePath")
        count += 1 + (len(paths) if isinstance(paths, list) else 1) + ("Route53" in domain)
    return count


def _events(resource: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    if resource.get("Type") == "AWS::Serverless::Function":
        for event in _mapping(_mapping(resource, "Properties"), "Events").values():
            if isinstance(event, Mapping):
                yield event


def _mapping(value: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def report_limits(sections: Mapping[str, Mapping[str, Json]], size: int) -> Iterator[Diagnostic]:
    """A finding for each limit that a template of so many bytes is near to, or beyond."""
    shared = _mapping(sections.get("Globals", {}), "Function")
    counts = (
        ("resources", count_resources(sections.get("Resources", {}), shared), MOST_RESOURCES),
        ("parameters", len(sections.get("Parameters", {})), MOST_PARAMETERS),
        ("outputs", len(sections.get("Outputs", {})), MOST_OUTPUTS),
        ("bytes", size, MOST_BYTES),
    )
    for what, count, most in counts:
        if count > most:
            reason = f"CloudFormation refuses a stack with {count:,} {what}: {most:,} are allowed"
        elif count > _NEAR * most:
            reason = f"the stack has {count:,} {what}, and {most:,} are allowed"
        else:
            continue
        action = _ACTIONS.get(what)
        yield codes.NEAR_LIMIT.at(None, "template.yaml", reason, action)


_ACTIONS = {
    "outputs": "leave out outputs that nobody reads",
    "parameters": "give the values in Mappings, or read them from the Parameter Store",
    "resources": "split the functions over several stacks, or nest them (AWS::Serverless::Application); a"
    " role that functions share saves one resource for each",
}
