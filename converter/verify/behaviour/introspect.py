"""Importing app.py in the sandbox, to see what it registers (`paws convert chalice-to-sam --introspect`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from converter import codes
from converter.chalice import describe_app
from converter.chalice.introspection import Introspection, read_introspection
from converter.chalice.project import open_chalice
from converter.chalice.registration import APP_PATH
from converter.diagnostics import Diagnostic
from converter.model import Position
from converter.verify.behaviour.deployment import Deployment, read_task
from converter.verify.behaviour.sandbox import Limits, call

_MODULE = "paws_describe_app"
_LIMITS = Limits(seconds=30)


def introspect(
    files: Mapping[str, bytes], stage: str | None = None, limits: Limits = _LIMITS
) -> tuple[dict[str, Introspection], list[Diagnostic]]:
    """What app.py registers in each stage, or in one; a diagnostic for one in which it cannot be imported.

    Raises UnreadableError when it is no Chalice project.
    """
    project = open_chalice(files, stage)
    program = Path(describe_app.__file__).read_bytes()
    task = {**read_task(project), f"{_MODULE}.py": program}
    found: dict[str, Introspection] = {}
    diagnostics = []
    answers: dict[tuple[tuple[str, str], ...], Introspection | str] = {}
    for name, variables in project.variables.items():
        key = tuple(sorted(variables.items()))
        if key not in answers:
            deployment = Deployment(f"{_MODULE}.describe", task, {}, variables)
            (answer,) = call(deployment, [{}], limits)
            said = answer.failed or (answer.error and f"{answer.error}: {answer.message}")
            answers[key] = said or read_introspection(answer.value)
        result = answers[key]
        if isinstance(result, str):
            place = Position(APP_PATH, 1, 1)
            diagnostics.append(codes.NOT_INTROSPECTED.at(place, f"the stage {name}", result))
        else:
            found[name] = result
    return found, diagnostics
