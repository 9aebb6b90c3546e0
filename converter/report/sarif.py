"""The report as SARIF 2.1.0, which code scanning shows and follows over time.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from converter import __version__
from converter.diagnostics import Severity
from converter.report.outcome import Item, Outcome, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# The number rises if fingerprints are made in another way.
_FINGERPRINT = "pawsFinding/v1"


def render(outcome: Outcome) -> str:
    """One log with one run. Paths are relative to where the user is, which is taken for the source's root."""
    rules = sorted({item.rule for item in outcome.items}, key=lambda rule: rule.id)
    places = {rule: index for index, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = []
    for item in outcome.items:
        seen[item.fingerprint] += 1
        results.append(_write_result(item, places[item.rule], seen[item.fingerprint]))
    run = {
        "tool": {
            "driver": {
                "name": "paws",
                "semanticVersion": __version__,
                "rules": [_write_rule(rule) for rule in rules],
            }
        },
        "automationDetails": {"id": f"paws {outcome.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _write_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.action or rule.explanation},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _write_result(item: Item, rule: int, number: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": item.rule.id,
        "ruleIndex": rule,
        "level": _LEVELS[item.rule.severity],
        "message": {"text": item.message or item.rule.title},
        # Of equal findings in one file, the first stays the first.
        "partialFingerprints": {_FINGERPRINT: f"{item.fingerprint}:{number}"},
    }
    if item.position:
        at = item.position
        result["locations"] = [
            {
                "physicalLocation": {
                    "artifactLocation": _write_file(at.path),
                    "region": {"startLine": at.line, "startColumn": at.column},
                }
            }
        ]
    return result


def _write_file(path: str) -> dict[str, str]:
    if PurePath(path).is_absolute():
        return {"uri": PurePath(path).as_uri()}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
