"""The features, in the order in which they are read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.features import (
    code,
    environment,
    events,
    functions,
    layers,
    log_retention,
    policies,
    profile,
    requirements,
    resources,
    runtime,
    settings,
    tags,
    vpc,
)

if TYPE_CHECKING:
    from converter.feature import Feature

# Functions come first, for the others add to them, and code after all that read handlers. Policies
# come after code: what Chalice generates depends on the app.py that has been written.
FEATURES: tuple[Feature, ...] = (
    functions.feature,
    *settings.FEATURES,
    environment.feature,
    tags.feature,
    vpc.feature,
    log_retention.feature,
    *events.FEATURES,
    code.feature,
    policies.feature,
    runtime.feature,
    requirements.feature,
    layers.feature,
    resources.feature,
    profile.feature,
)
