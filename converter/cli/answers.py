"""What every command does with its outcome, and with a question before."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from converter.settings import Format
from converter.terminal import say

if TYPE_CHECKING:
    from converter.report.outcome import Outcome


def ask_to_run(question: str, option: str) -> None:
    """Go on only if the user agrees that code is run."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("say --yes where nobody can be asked", param_hint=option)
    typer.confirm(question, abort=True, err=True)


def is_for_programs(format: Format) -> bool:
    """Whether a report of findings is wanted: of the command itself, or by the CI system that runs it."""
    return format not in ("text", "json") or "GITHUB_STEP_SUMMARY" in os.environ


def tell_programs(outcome: Outcome, format: Format, write_page: Callable[[Any], str]) -> None:
    """Print the report of the outcome; as HTML what `write_page` makes with converter.report.pages."""
    from importlib import import_module

    from converter.report.markdown import append_summary

    append_summary(outcome)
    if format == "html":
        say(write_page(import_module("converter.report.pages")), sys.stdout)
    elif format not in ("text", "json"):
        say(import_module(f"converter.report.{format}").render(outcome), sys.stdout)
