"""The custom domain of a WebSocket API, beside what `chalice package` makes of it."""

from __future__ import annotations

import json

import pytest

from converter import codes
from converter.convert import chalice_to_sam
from converter.model import Json
from converter.verify.tools.packaging import package_chalice

APP = b"""
from chalice import Chalice

app = Chalice("talk")
app.experimental_feature_flags.update(["WEBSOCKETS"])

@app.on_ws_message()
def message(event):
    return {"body": event.body}
"""
DOMAIN = {"domain_name": "ws.example.com", "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/a"}


def make_project(*domains: dict[str, Json]) -> dict[str, bytes]:
    stages: dict[str, Json] = {
        f"stage{number}": {"websocket_api_custom_domain": domain} for number, domain in enumerate(domains)
    }
    config = {"version": "2.0", "app_name": "talk", "stages": stages}
    return {"app.py": APP, "requirements.txt": b"", ".chalice/config.json": json.dumps(config).encode()}


@pytest.mark.parametrize("more", [{}, {"url_prefix": "/"}, {"url_prefix": "v1", "tags": {"a": "b"}}])
def test_custom_domain(more: dict[str, Json]) -> None:
    project = make_project({**DOMAIN, **more})
    converted = chalice_to_sam(project)
    ours = converted.application.template.sections["Resources"]
    theirs = package_chalice(project, "stage0")["Resources"]

    for name in ("WebsocketApiCustomDomain", "WebsocketApiCustomDomainMapping"):
        assert theirs[name] == ours[name]


def test_domains_that_differ_by_stage() -> None:
    found = chalice_to_sam(make_project(DOMAIN, {**DOMAIN, "domain_name": "other.example.com"})).diagnostics

    assert codes.STAGES_ALIKE in {one.code for one in found}


def test_tls_version_is_reported() -> None:
    found = chalice_to_sam(make_project({**DOMAIN, "tls_version": "1.2"})).diagnostics

    assert "websocket_api_custom_domain.tls_version" in {one.subject for one in found}
