"""APIs: routes and who may call them, WebSockets, and the settings of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.features.api import authorizers, routes, websockets

if TYPE_CHECKING:
    from converter.feature import Feature

FEATURES: tuple[Feature, ...] = (routes.feature, authorizers.feature, websockets.feature)
