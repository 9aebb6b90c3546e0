"""`paws sync`: carry changes of one form into the other."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from converter.cli.answers import ask_to_run, is_for_programs, tell_programs
from converter.cli.lazy import make_app
from converter.cli.options import (
    DryRunOption,
    FormatOption,
    IntrospectOption,
    QuietOption,
    VerboseOption,
    YesOption,
)
from converter.settings import Framework
from converter.terminal import choose_style, say, showing_progress

app = make_app()


@app.command(
    epilog="""\
\b
Examples:
  paws sync orders
  paws sync orders --check
  paws sync orders --from sam --diff

\b
Exit codes:
  0  in step, or brought into step
  1  conflicts, or --check found something to carry over
  2  wrong usage, no lock file, input that cannot be read, output that cannot be written
  3  carried over, but something of the conversion needs a person""",
)
def sync(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="The folder of either form (this one).", show_default=False),
    ] = Path(),
    origin: Annotated[
        Framework | None,
        typer.Option(
            "--from", help="The form whose changes are carried over (the one that was converted first)."
        ),
    ] = None,
    introspect: IntrospectOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 if there is something to carry over."),
    ] = False,
    format: FormatOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Carry what changed in one form of a project into the other, and keep what people changed there."""
    from converter.report import Exit
    from converter.sync import report as reports
    from converter.sync.run import SyncRequest, sync_folder

    if introspect and not yes:
        ask_to_run("Run app.py, in a sandbox, to see what it registers?", "--introspect")
    try:
        with showing_progress("Converting ..."):
            report = sync_folder(SyncRequest(folder, origin, dry_run, diff, check, introspect))
    except KeyboardInterrupt:
        say("Interrupted. Nothing was written.\n", sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    format = format or "text"
    if is_for_programs(format):
        from converter.report.outcome import describe_sync

        tell_programs(describe_sync(report), format, lambda pages: pages.render(describe_sync(report)))
    if format == "json":
        say(reports.render_json(report), sys.stdout)
    elif format == "text":
        from converter.report import text

        say(text.render_diff(report.diff, choose_style(sys.stdout)), sys.stdout)
        style = choose_style(sys.stderr)
        say(reports.render_text(report, style, verbose=verbose, quiet=quiet), sys.stderr)
    raise typer.Exit(report.exit)
