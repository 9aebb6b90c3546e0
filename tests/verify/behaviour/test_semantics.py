"""137 requests to one application in two forms: on Chalice, and written as plain handlers.

What each form answers was compared by other means, and the differences were explained one by one; the
behaviour check has to find the same ones. The application is in `semantics/`, as it was examined.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Limits, call

SEMANTICS = Path(__file__).parent / "semantics"

# What the plain form does otherwise. Behind API Gateway the first four cannot occur, and the next is no
# request of its; then Chalice's own type as a return value, and an answer that fails on both sides.
KNOWN = {
    "route/unknown path": {"status", "header", "body"},
    "route/wrong method": {"status", "header", "body"},
    "route/ANY": {"status", "header", "body"},
    "cors/preflight in lambda": {"status", "header", "body"},
    "misc/not a proxy event": {"status", "body"},
    "ret/multidict": {"status", "body"},
    "resp/str_png": {"exception"},
}


def test_check_finds_what_is_known_to_differ() -> None:
    cases = read_cases()
    task = {path.name: path.read_bytes() for path in SEMANTICS.glob("*.py")}
    answers = [
        call(Deployment(handler, task, {}, {}), list(cases.values()), Limits())
        for handler in ("a_chalice_app.app", "a_plain.lambda_handler")
    ]
    kinds = {name: set(compare_answers(*both)) for name, *both in zip(cases, *answers, strict=True)}

    assert 137 == len(cases)
    assert {name: found for name, found in kinds.items() if found} == KNOWN
    assert [] == [answer.failed for side in answers for answer in side if answer.failed]


def read_cases() -> dict[str, object]:
    spec = importlib.util.spec_from_file_location("semantics_events", SEMANTICS / "events.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cases: dict[str, object] = json.loads(json.dumps(module.CASES))
    return cases
