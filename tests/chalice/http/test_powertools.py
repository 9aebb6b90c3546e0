"""Requests to views of every kind: on Chalice, and as routes of Powertools'."""

from __future__ import annotations

from pathlib import Path

from converter.convert import chalice_to_sam
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Limits, call
from tests.verify.behaviour.test_semantics import read_cases

SOURCE = Path(__file__).parent / "every_view.py"

# What Powertools does otherwise.
KNOWN = {
    # It cannot occur behind API Gateway, which answers such requests itself.
    "route/unknown path": {"status", "header", "body"},
    "route/wrong method": {"status", "header", "body"},
    "route/ANY": {"status", "header", "body"},
    "cors/preflight in lambda": {"status", "header", "body"},
    "misc/not a proxy event": {"exception"},
    # Programming errors: both fail for the client, or with a text as the body of an image only Chalice.
    "ret/bytes": {"exception"},
    "resp/bytes_text": {"exception"},
    "resp/json_bytes": {"exception"},
    "resp/str_png": {"exception"},
    # Powertools chooses the view by the path, and Chalice by what API Gateway has chosen.
    "route/param decoded slash?": {"status", "body"},
    "route/param backtick": {"status", "body"},
    "route/precedence": {"body"},
    "route/custom domain base path": {"status", "body"},
}


def test_views_answer_as_they_did() -> None:
    app = SOURCE.read_bytes()
    task = {
        path.removeprefix("lambdas/api_handler/"): code
        for path, code in chalice_to_sam({"app.py": app}).files.items()
        if path.startswith("lambdas/api_handler/")
    }
    cases = read_cases()
    ours, theirs = (
        call(Deployment("app.app", files, {}, {}), list(cases.values()), Limits())
        for files in ({"app.py": app}, task)
    )
    kinds = {name: set(compare_answers(*both)) for name, *both in zip(cases, ours, theirs, strict=True)}

    assert b"import chalice" not in task["app.py"]
    assert b"from chalice" not in task["app.py"]
    assert [] == [answer.failed for side in (ours, theirs) for answer in side if answer.failed]
    assert {name: found for name, found in kinds.items() if found} == KNOWN
