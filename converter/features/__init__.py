"""The features, in the order in which they are read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.features import (
    code,
    environment,
    functions,
    layers,
    log_retention,
    policies,
    requirements,
    resources,
    runtime,
    settings,
    tags,
    vpc,
)

if TYPE_CHECKING:
    from converter.feature import Feature

# Functions come first, for the others add to them; code comes after all that read handlers.
FEATURES: tuple[Feature, ...] = (
    functions.feature,
    *settings.FEATURES,
    environment.feature,
    tags.feature,
    vpc.feature,
    log_retention.feature,
    policies.feature,
    code.feature,
    runtime.feature,
    requirements.feature,
    layers.feature,
    resources.feature,
)
