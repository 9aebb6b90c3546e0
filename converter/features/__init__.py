"""The features, in the order in which they are read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.features import (
    api,
    code,
    environment,
    events,
    functions,
    layers,
    log_retention,
    middleware,
    migration,
    policies,
    profile,
    requirements,
    resources,
    runtime,
    settings,
    surroundings,
    tags,
    vpc,
)
from converter.features.events import s3

if TYPE_CHECKING:
    from converter.feature import Feature

# Functions come first, for the others add to them, and code after all that read handlers. Policies
# come after code: what Chalice generates depends on the app.py that has been written. S3 events make a
# function of their own, with settings of its own.
FEATURES: tuple[Feature, ...] = (
    functions.feature,
    *settings.FEATURES,
    environment.feature,
    tags.feature,
    vpc.feature,
    log_retention.feature,
    *events.FEATURES,
    *api.FEATURES,
    middleware.feature,
    code.feature,
    policies.feature,
    runtime.feature,
    requirements.feature,
    layers.feature,
    s3.feature,
    resources.feature,
    profile.feature,
    surroundings.feature,
    migration.feature,
)
