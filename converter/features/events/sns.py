"""
Functions for messages of SNS topics.

Chalice: https://aws.github.io/chalice/topics/events.html#sns-events
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sns.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from converter.chalice.decoration import ARN_IN_TEMPLATE
from converter.feature import Support
from converter.features.events.arn import arn_of, find_name
from converter.features.events.decorator import Said, event_decorator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.features.events.decorator import Arguments
    from converter.model import Json

# chalice.package.SAMTemplateGenerator._generate_snslambdasubscription
_ARN = re.compile(r"arn:aws[a-z\-]*:sns:")


def _read(arguments: Arguments) -> dict[str, Json]:
    topic = arguments.take_text("topic")
    if topic is None:
        arguments.refuse("it says no topic")
    is_arn = isinstance(topic, str) and _ARN.match(topic)
    return {"Topic": topic if is_arn or topic is None else arn_of("sns", topic)}


def _write(properties: Mapping[str, Json]) -> Said | None:
    topic = properties.get("Topic")
    name = find_name(topic, "sns")
    if name is not None:
        return Said({"topic": name}, {"Topic": topic})
    arn = topic if isinstance(topic, str) and _ARN.match(topic) else ARN_IN_TEMPLATE.format(service="sns")
    return Said({"topic": arn}, {"Topic": arn})


feature = event_decorator(
    "on_sns_message",
    "SNS",
    _read,
    _write,
    Support(
        "`@app.on_sns_message(topic=...)`, a name or an ARN", "`SNS` event", note="the topic exists already"
    ),
)
