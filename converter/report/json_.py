"""The report for programs: one JSON document. Its version rises when a key changes its meaning or goes."""

from __future__ import annotations

import json
from typing import Any

from converter import __version__
from converter.diagnostics import Diagnostic, Severity
from converter.report import Report

VERSION = 1


def render(report: Report) -> str:
    """The report as JSON, equal for equal runs."""
    return json.dumps(_describe(report), indent=2, ensure_ascii=False) + "\n"


def _describe(report: Report) -> dict[str, Any]:
    return {
        "version": VERSION,
        "paws": __version__,
        "command": report.command,
        "project": report.project,
        "output": report.output,
        "written": report.written,
        "exit": {"code": report.exit.value, "meaning": report.exit.meaning},
        "application": report.application,
        "functions": list(report.functions),
        "layers": list(report.layers),
        "files": _describe_files(report),
        "diagnostics": [
            describe_diagnostic(each)
            for severity in sorted(Severity, reverse=True)
            for each in report.findings(severity)
        ],
        "diff": report.diff,
        "next_commands": list(report.next_commands),
    }


def _describe_files(report: Report) -> list[dict[str, str]]:
    changes = {
        "created": report.files.created,
        "updated": report.files.updated,
        "unchanged": report.files.unchanged,
    }
    files = [{"path": path, "change": change} for change, paths in changes.items() for path in paths]
    return sorted(files, key=lambda file: file["path"])


def describe_diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    """A finding as JSON, its place in parts."""
    at = diagnostic.position
    return {
        "code": diagnostic.code.number,
        "severity": str(diagnostic.severity),
        "title": diagnostic.code.title,
        "path": at.path if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "subject": diagnostic.subject,
        "reason": diagnostic.reason,
        "action": diagnostic.action,
    }
