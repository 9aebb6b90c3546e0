"""Many projects at once: what would convert, what would not, and why. Nothing is written."""

from __future__ import annotations

from converter.audit.find import Place, find_projects
from converter.audit.judge import ProjectAudit, Readiness, judge_project
from converter.audit.run import Audit, IncompleteError, audit, choose_shard, merge

__all__ = [
    "Audit",
    "IncompleteError",
    "Place",
    "ProjectAudit",
    "Readiness",
    "audit",
    "choose_shard",
    "find_projects",
    "judge_project",
    "merge",
]
