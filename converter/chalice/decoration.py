"""An event as one of Chalice's decorators says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from converter.model import EventSource, Json, logical_id

# Stands for an ARN that only the template knows, as the merge template gives it.
ARN_IN_TEMPLATE = "arn:aws:{service}:us-east-1:000000000000:named-in-resources.yaml"

# What Chalice calls the event of a function (chalice.deploy.appgraph), by SAM's kind of event.
_SUFFIXES = {
    "CloudWatchEvent": "event",
    "DynamoDB": "dynamodb-event-source",
    "EventBridgeRule": "event",
    "Kinesis": "kinesis-event-source",
    "SNS": "sns-subscription",
    "SQS": "sqs-event-source",
    "Schedule": "event",
}

# A longer literal is broken into lines.
_LONGEST = 80
_STEP = "    "


@dataclass(frozen=True)
class Decoration:
    """What a decorator says of an event: its arguments, and the properties that Chalice makes of them.

    `kind` is that of the event that it makes, `function` the one that the event invokes. `positional`
    arguments go without their names.
    """

    function: str
    event: EventSource
    decorator: str
    kind: str
    arguments: Mapping[str, Json]
    properties: Mapping[str, Json]
    positional: frozenset[str] = field(default=frozenset())

    @property
    def event_id(self) -> str:
        return event_id(self.kind, self.function)

    @property
    def merged(self) -> dict[str, Json]:
        """The properties that the decorator does not say."""
        nothing = object()
        written: Mapping[str, Json] = self.event.properties
        return {name: value for name, value in written.items() if self.properties.get(name, nothing) != value}

    def use_object(self, handler: str, imported: Mapping[str, str]) -> str | None:
        """The plain handler as one of the decorator's object; None where it does more with the event."""
        from converter.chalice.event_attributes import use_event_object

        return use_event_object(handler, self.decorator, imported)

    def write_arguments(self) -> tuple[str, ...]:
        """The arguments as Python."""
        return tuple(
            text if name in self.positional else f"{name}={text}"
            for name, text in ((name, write_literal(value)) for name, value in self.arguments.items())
        )


def event_id(kind: str, function: str) -> str:
    """The id that `chalice package` gives the event of a decorated function; empty for other kinds."""
    return logical_id(f"{function}-{_SUFFIXES[kind]}") if kind in _SUFFIXES else ""


def write_literal(value: Json, indent: str = "") -> str:
    """A value as Python, in one line if that is not too long."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)):
        return repr(value)
    inner = indent + _STEP
    if isinstance(value, dict):
        items = [f"{write_literal(key)}: {write_literal(item, inner)}" for key, item in value.items()]
    else:
        items = [write_literal(item, inner) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    line = f"{opening}{', '.join(items)}{closing}"
    if not items or ("\n" not in line and len(indent) + len(line) <= _LONGEST):
        return line
    lines = f",\n{inner}".join(items)
    return f"{opening}\n{inner}{lines},\n{indent}{closing}"
