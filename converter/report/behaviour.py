"""What `paws verify --behaviour` found, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from converter.report.text import Style, printable
from converter.verify.values import show_value

if TYPE_CHECKING:
    from converter.verify.behaviour import Answer, Behaviour, Case, Checked

_LONGEST = 200
_HEADS = ("function", "events", "equal", "different", "could not run", "informative")


def render_behaviour(behaviour: Behaviour, style: Style) -> Iterator[str]:
    """Paragraphs: a table of the functions, an example of each kind of difference, what was not reached."""
    rows = [_HEADS, *(_make_row(function) for function in behaviour.functions)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = ["  ".join(_pad(row, widths)).rstrip() for row in rows]
    yield "\n".join([style.paint("Behaviour", "bold"), *(f"  {printable(line)}" for line in lines)])
    for function in behaviour.functions:
        for kind, case in _choose_examples(function):
            yield _render_example(function, kind, case, style)
    for function in behaviour.functions:
        if function.failures:
            reasons = "; ".join(function.failures[:3])
            yield printable(f"{style.paint(function.left, 'bold')} could not run: {reasons}")
    for function in behaviour.functions:
        if function.missed and not function.failures:
            shown = ", ".join(function.missed[:8]) + (", ..." if len(function.missed) > 8 else "")
            yield style.wrap(printable(f"No event reached, in {function.left}: {shown}"), "")
    if behaviour.unpaired:
        yield style.wrap(f"Not called, for only one project has them: {', '.join(behaviour.unpaired)}", "")


def _make_row(function: Checked) -> tuple[str, ...]:
    failed = sum(bool(case.failed) for case in function.cases)
    different = len(function.different)
    informative = sum(case.is_informative for case in function.cases)
    equal = len(function.cases) - failed - different
    return function.left, *map(str, (len(function.cases), equal, different, failed, informative))


def _pad(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    yield row[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))


def _choose_examples(function: Checked) -> Iterator[tuple[str, Case]]:
    """For each kind of difference, the smallest event that shows it."""
    kinds = dict.fromkeys(kind for case in function.different for kind in case.kinds)
    for kind in kinds:
        cases = (case for case in function.different if kind in case.kinds)
        yield kind, min(cases, key=lambda case: len(show_value(case.event)))


def _render_example(function: Checked, kind: str, case: Case, style: Style) -> str:
    names = function.left if function.left == function.right else f"{function.left}, {function.right}"
    said = {
        "event": show_value(case.event),
        "first": _show(case.left, kind),
        "second": _show(case.right, kind),
    }
    head = f"{style.paint(names, 'bold')}: another {style.paint(kind, 'red')}"
    return "\n".join(
        [head, *(f"  {name.ljust(6)}  {_shorten(printable(text))}" for name, text in said.items())]
    )


def _show(answer: Answer, kind: str) -> str:
    if kind == "calls":
        calls = (
            f"{service}.{operation}({show_value(parameters)})"
            for service, operation, parameters in answer.calls
        )
        return ", ".join(calls) or "no calls to AWS"
    return (
        f"raises {answer.error}: {answer.message}" if answer.error else f"returns {show_value(answer.value)}"
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def describe_behaviour(behaviour: Behaviour) -> dict[str, Any]:
    """The same as JSON; only events that tell something are listed."""
    return {
        "functions": [_describe_function(function) for function in behaviour.functions],
        "unpaired": list(behaviour.unpaired),
    }


def _describe_function(function: Checked) -> dict[str, Any]:
    return {
        "left": function.left,
        "right": function.right,
        "events": len(function.cases),
        "informative": sum(case.is_informative for case in function.cases),
        "different": [_describe_case(case) for case in function.different],
        "could_not_run": list(function.failures),
        "not_reached": list(function.missed),
    }


def _describe_case(case: Case) -> dict[str, Any]:
    return {
        "kinds": list(case.kinds),
        "event": case.event,
        "left": _describe_answer(case.left),
        "right": _describe_answer(case.right),
    }


def _describe_answer(answer: Answer) -> dict[str, Any]:
    if answer.error:
        said: dict[str, Any] = {"error": answer.error, "message": answer.message}
    else:
        said = {"value": answer.value}
    return {**said, "calls": list(answer.calls)}
