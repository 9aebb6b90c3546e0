"""What invokes functions beside an API: one file for each kind that Chalice has a decorator for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.features.events import event_rule, schedule, sns, sqs, streams, template

if TYPE_CHECKING:
    from converter.feature import Feature

# What a template says of events comes last: it is about the functions of all decorators.
FEATURES: tuple[Feature, ...] = (
    schedule.feature,
    event_rule.feature,
    sqs.feature,
    sns.feature,
    streams.kinesis,
    streams.dynamodb,
    template.feature,
)
