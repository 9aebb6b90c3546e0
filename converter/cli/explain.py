"""`paws explain`: what a code means."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from converter.cli.lazy import make_app
from converter.terminal import say

app = make_app()


def _complete_code(incomplete: str) -> list[str]:
    from converter.explain import list_codes

    return [number for number in list_codes() if number.startswith(incomplete.upper())]


@app.command(epilog="Example: paws explain PAWS101")
def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help="A code such as PAWS101; all are listed without it.",
            autocompletion=_complete_code,
            show_default=False,
        ),
    ] = "",
) -> None:
    """Say what a code means and what to do about it."""
    from converter.explain import explain_all, explain_code, find_code

    found = find_code(code) if code else None
    if code and not found:
        raise typer.BadParameter(f"there is no code {code}; 'paws explain' lists them all", param_hint="CODE")
    say(explain_code(found) if found else explain_all(), sys.stdout)
