"""The command line: a module for each command, which parses, makes one call, reports and exits.

Data goes to stdout, messages to stderr. Exit codes: converter.report.Exit.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from converter import __version__
from converter.cli.lazy import LazyGroup
from converter.terminal import say

app = typer.Typer(
    name="paws",
    cls=LazyGroup,
    help="Convert serverless Python projects between AWS Chalice and AWS SAM, both ways.",
    epilog="Start with: paws convert chalice-to-sam PROJECT --dry-run",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run() -> NoReturn:
    """Run the command line and exit. A bug exits with 70, its traceback shown under PAWS_DEBUG=1."""
    # Terminated like interrupted: what was half written is taken back on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    # A run is short and makes no garbage to speak of; collecting takes half the time of a large project.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="paws")
    except SystemExit as asked:
        _leave(asked)
    except Exception as error:
        _report_bug(error)
    sys.exit()


def _leave(asked: SystemExit) -> NoReturn:
    """Exit without freeing each object first, a tenth of a conversion's time; mypy does so too."""
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(asked.code, int):
            os._exit(asked.code)
    raise asked


def _report_bug(error: Exception) -> NoReturn:
    from converter.report import Exit

    if os.environ.get("PAWS_DEBUG"):
        import traceback

        traceback.print_exc()
    say(
        f"Internal error: {type(error).__name__}: {error}\n"
        f"This is a bug in paws {__version__}, not in your project. Please report it, with what the same\n"
        "command prints when PAWS_DEBUG=1 is set.\n",
        sys.stderr,
    )
    sys.exit(Exit.INTERNAL_ERROR)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"paws {__version__}\n", sys.stdout)
        raise typer.Exit


@app.callback()
def paws(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit."),
    ] = False,
) -> None:
    pass
