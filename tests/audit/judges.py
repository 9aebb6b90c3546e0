"""What stands in for the judge of a project: it has to be found by a process of its own."""

from __future__ import annotations

import os
import time

from converter.audit import Place, ProjectAudit, judge_project


def misbehave(place: Place) -> ProjectAudit:
    """Does what the folder's name says."""
    if place.folder.endswith("raise"):
        raise RuntimeError("broken")
    if place.folder.endswith("hang"):
        time.sleep(600)
    if place.folder.endswith("die"):
        os._exit(7)
    return judge_project(place)
