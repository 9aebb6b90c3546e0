"""Whether the functions of two projects do the same with the same events."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import TYPE_CHECKING

from converter.model import Json
from converter.verify.behaviour.deployment import Deployment, find_deployments
from converter.verify.behaviour.events import make_events, make_events_of, make_requests_of
from converter.verify.behaviour.sandbox import DEFAULT_LIMITS, Answer, Limits, call
from converter.verify.comparison import pair_parts
from converter.verify.values import show_value

if TYPE_CHECKING:
    from converter.verify.side import Side

HTTP = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}


@dataclass(frozen=True)
class Case:
    """One event, and what each side made of it. `kinds` are the ways in which that differs."""

    event: Json
    left: Answer
    right: Answer
    kinds: tuple[str, ...] = ()

    @property
    def failed(self) -> str:
        """Why it could not run, on whichever side."""
        return self.left.failed or self.right.failed

    @property
    def is_informative(self) -> bool:
        """Whether it says more than that both sides fail."""
        return not self.failed and bool(not self.left.error or self.left.calls or self.kinds)


@dataclass(frozen=True)
class Checked:
    """A function of both sides, and all that was tried. `missed` are its lines that no event reached."""

    left: str
    right: str
    cases: tuple[Case, ...]
    missed: tuple[str, ...] = ()

    @property
    def different(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.kinds)

    @property
    def failures(self) -> tuple[str, ...]:
        """Why events could not be tried, each reason once."""
        return tuple(dict.fromkeys(case.failed for case in self.cases if case.failed))


@dataclass(frozen=True)
class Behaviour:
    """All functions that both sides have. `unpaired` are those of one side only."""

    functions: tuple[Checked, ...]
    unpaired: tuple[str, ...] = ()

    @property
    def is_different(self) -> bool:
        return any(function.different for function in self.functions)

    @property
    def is_complete(self) -> bool:
        """Whether every function could be called with each event, and at least one told something."""
        return not self.unpaired and all(
            not function.failures and any(case.is_informative for case in function.cases)
            for function in self.functions
        )


def check_behaviour(
    left: Side,
    right: Side,
    stage: str,
    own_events: Mapping[str, Sequence[Json]] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Behaviour:
    """What the functions of both sides make of the same events, in one stage. It runs the projects' code.

    `own_events` are the user's, by function name; others are made up from both sources.
    """
    ours, theirs = find_deployments(left, stage), find_deployments(right, stage)
    parts = (left.read_facts(stage, {}).parts, right.read_facts(stage, {}).parts)
    pairs = [
        (mine.name, other.name)
        for mine, other in pair_parts(*parts)
        if mine.kind == "function" and mine.name in ours and other.name in theirs
    ]
    unpaired = [
        *(ours.keys() - {mine for mine, _ in pairs}),
        *(theirs.keys() - {other for _, other in pairs}),
    ]

    def check(pair: tuple[str, str]) -> Checked:
        events = [*(own_events or {}).get(pair[0], ()), *(own_events or {}).get(pair[1], ())]
        return _check(pair, ours[pair[0]], theirs[pair[1]], events, limits)

    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        return Behaviour(tuple(pool.map(check, pairs)), tuple(sorted(unpaired)))


def _check(
    names: tuple[str, str], left: Deployment, right: Deployment, own: Sequence[Json], limits: Limits
) -> Checked:
    made_up = _make_events(left, right)
    events = list({show_value(event): event for event in [*own, *made_up]}.values())
    ours, theirs = call(left, events, limits), call(right, events, limits)
    cases = tuple(
        Case(event, mine, other, tuple(compare_answers(mine, other)))
        for event, mine, other in zip(events, ours, theirs, strict=True)
    )
    return Checked(*names, cases, tuple(_list_missed(left, ours)))


def _make_events(left: Deployment, right: Deployment) -> list[Json]:
    routes = left.routes or right.routes
    if routes:
        task = left.task if left.routes else right.task
        sources = [code.decode("utf-8", "replace") for path, code in task.items() if path.endswith(".py")]
        return make_requests_of(routes, sources)
    kind = left.kind or right.kind
    return [
        event
        for deployment in (left, right)
        for source, function in [_read_source(deployment)]
        for event in (make_events_of(kind, source) if kind else make_events(source, function))
    ]


def _read_source(deployment: Deployment) -> tuple[str, str]:
    files = {
        **{path.removeprefix("python/"): code for path, code in deployment.opt.items()},
        **deployment.task,
    }
    return files.get(deployment.source, b"").decode("utf-8", "replace"), deployment.function


# --- what differs -----------------------------------------------------------------------


def compare_answers(left: Answer, right: Answer) -> Iterator[str]:
    """The kinds of differences between what the two sides made of one event."""
    if left.failed or right.failed:
        return
    if left.error != right.error:
        yield "exception"
    elif not left.error and left.value != right.value:
        yield from _compare_values(left.value, right.value)
    if left.calls != right.calls:
        yield "calls"


def _compare_values(left: Json, right: Json) -> Iterator[str]:
    """For answers to API Gateway, what a client sees: header names in any case, JSON by its content."""
    if not (_is_response(left) and _is_response(right)):
        yield "value"
        return
    if left["statusCode"] != right["statusCode"]:
        yield "status"
    if _headers(left) != _headers(right):
        yield "header"
    if _body(left) != _body(right):
        yield "body"
    if {key: left[key] for key in left.keys() - HTTP} != {key: right[key] for key in right.keys() - HTTP}:
        yield "value"


def _is_response(value: Json) -> bool:
    return isinstance(value, dict) and "statusCode" in value


def _headers(response: Json) -> dict[str, Json]:
    """What a client gets: API Gateway says application/json where the answer says no type."""
    several = response.get("multiValueHeaders") or {}
    single = {name: [value] for name, value in (response.get("headers") or {}).items()}
    found = {name.lower(): value for name, value in {**single, **several}.items()}
    return {"content-type": ["application/json"], **found}


# With `debug` a client gets the traceback of an unhandled error: files and lines are other ones by nature.
_TRACEBACK = "Traceback (most recent call last):\n"
_FRAMES = re.compile(rf"{re.escape(_TRACEBACK)}(?:[ \t].*\n)+")


def _body(response: Json) -> tuple[bool, Json]:
    # No body is an empty one.
    body = "" if response.get("body") is None else response["body"]
    if isinstance(body, str):
        body = _FRAMES.sub(_TRACEBACK, body)
    try:
        return bool(response.get("isBase64Encoded")), json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return bool(response.get("isBase64Encoded")), body


# --- coverage ---------------------------------------------------------------------------


def _list_missed(deployment: Deployment, answers: Sequence[Answer]) -> Iterator[str]:
    """The statements of the handler's own module, function bodies only, that no event reached."""
    source, _ = _read_source(deployment)
    path = f"task/{deployment.source}"
    reached = {line for answer in answers for file, line in answer.lines if file == path}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    called = [node for node in functions if reached & {each.lineno for each in node.body}]
    lines = {
        node.lineno
        for function in called
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node is not function and not _is_docstring(node)
    }
    yield from (f"{deployment.source}:{line}" for line in sorted(lines - reached))


def _is_docstring(node: ast.stmt) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, (ast.Global, ast.Nonlocal, ast.Pass))
