from __future__ import annotations

import json
from dataclasses import replace

from converter import __version__
from converter.report.json_ import render
from tests.report.reports import CLEAN, REFUSED, UNFINISHED


def test_whole_document():
    report = replace(UNFINISHED, diagnostics=UNFINISHED.diagnostics[-1:], diff="-a\n+b\n")
    document = {
        "version": 1,
        "paws": __version__,
        "command": "chalice-to-sam",
        "project": "orders",
        "output": "orders-sam",
        "written": True,
        "exit": {"code": 3, "meaning": "converted, but something needs a person"},
        "application": "orders",
        "functions": ["list"],
        "layers": [],
        "files": [
            {"path": "a.py", "change": "unchanged"},
            {"path": "b.py", "change": "unchanged"},
            {"path": "samconfig.toml", "change": "updated"},
            {"path": "template.yaml", "change": "created"},
        ],
        "diagnostics": [
            {
                "code": "PAWS103",
                "severity": "error",
                "title": "A handler that is not converted",
                "path": "app.py",
                "line": 12,
                "column": 2,
                "subject": "on_s3_event",
                "reason": "S3 events are not converted yet",
                "action": "convert this handler by hand",
            }
        ],
        "diff": "-a\n+b\n",
        "next_commands": ["sam build", "sam deploy --guided"],
    }

    assert document == json.loads(render(report))


def test_worst_first_and_in_order_of_place():
    found = [(each["severity"], each["line"]) for each in json.loads(render(UNFINISHED))["diagnostics"]]

    assert [("error", 12), ("warning", 4), ("warning", 19), ("info", None)] == found


def test_every_report_has_the_same_keys():
    assert json.loads(render(CLEAN)).keys() == json.loads(render(REFUSED)).keys()


def test_text_as_it_is():
    assert '"application": "größe"' in render(replace(CLEAN, application="größe"))
