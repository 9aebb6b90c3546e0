"""What a reader of ours does not know yet: it is named, and its counterpart left out of the comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter import codes
from converter.diagnostics import Diagnostic, Severity
from converter.verify.facts import Facts, Part

# The types of SAM's events that each kind of Chalice's handlers stands for.
_EVENTS = {
    "on_cw_event": {"CloudWatchEvent", "EventBridgeRule"},
    "on_dynamodb_record": {"DynamoDB"},
    "on_kinesis_record": {"Kinesis"},
    "on_s3_event": {"S3"},
    "on_sns_message": {"SNS"},
    "on_sqs_message": {"SQS"},
    "route": {"Api", "HttpApi"},
    "schedule": {"Schedule", "ScheduleV2"},
}
# The same for what stands beside the functions.
_RESOURCES = {"route": {"AWS::Serverless::Api", "AWS::Serverless::HttpApi"}}

# Findings of the readers that mean: something was said, and could not be understood. Errors all do.
_NOT_UNDERSTOOD = {
    codes.INVALID_CONFIG_VALUE,
    codes.POLICY_NOT_GENERATED,
    codes.UNKNOWN_DECORATOR_ARGUMENT,
    codes.UNSUPPORTED_SETTING,
}


def choose_unread(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings about what takes no part in the comparison."""
    return (each for each in findings if each.severity is Severity.ERROR or each.code in _NOT_UNDERSTOOD)


def split_counterparts(
    facts: Facts, unread_handlers: frozenset[str], named: frozenset[str]
) -> tuple[Facts, tuple[Part, ...]]:
    """The facts without the counterparts of the other side's unread handlers, and those counterparts.

    A function is one when all its events are, and the other side names none so.
    """
    events = {each for kind in unread_handlers for each in _EVENTS.get(kind, ())}
    resources = {each for kind in unread_handlers for each in _RESOURCES.get(kind, ())}
    sources: dict[str, set[str]] = {}
    for part in facts.parts:
        if part.kind == "event":
            sources.setdefault(part.name.rpartition(" of ")[2], set()).add(part.type)

    def is_counterpart(part: Part) -> bool:
        if part.kind == "function":
            types = sources.get(part.name, set())
            return bool(types) and types <= events and part.name not in named
        return part.type in (events if part.kind == "event" else resources)

    left_out = tuple(part for part in facts.parts if is_counterpart(part))
    return Facts(tuple(part for part in facts.parts if part not in left_out)), left_out
