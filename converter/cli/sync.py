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
    FailOnOption,
    FormatOption,
    IntrospectOption,
    QuietOption,
    VerboseOption,
    YesOption,
)
from converter.settings import Framework, Settings
from converter.terminal import choose_style, say, showing_progress

app = make_app()


@app.command(
    epilog="""\
\b
Examples:
  paws sync orders
  paws sync orders --check
  paws sync orders --from sam --diff
  paws sync orders --adopt orders-by-hand

\b
Exit codes:
  0  in step, or brought into step
  1  conflicts, --check found something to carry over, or --fail-on found something
  2  wrong usage, no lock file, input that cannot be read, output that cannot be written
  3  carried over, but something of the conversion needs a person""",
)
def sync(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The folder of either form, or of both (this one).", show_default=False
        ),
    ] = Path(),
    origin: Annotated[
        Framework | None,
        typer.Option(
            "--from", help="The form whose changes are carried over (the one that was converted first)."
        ),
    ] = None,
    adopt: Annotated[
        Path | None,
        typer.Option(
            metavar="OTHER",
            help="Write the lock that a pair lacks: OTHER is the form of FOLDER that somebody made by hand.",
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
    fail_on: FailOnOption = None,
    format: FormatOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Carry what changed in one form of a project into the other, and keep what people changed there."""
    from converter.report import Exit
    from converter.sync import report as reports
    from converter.sync.pair import SyncRequest
    from converter.sync.run import sync_folder

    if adopt and origin:
        raise typer.BadParameter("FOLDER is where --adopt converts from", param_hint="--from")
    if introspect and not yes:
        ask_to_run("Run app.py, in a sandbox, to see what it registers?", "--introspect")
    try:
        with showing_progress("Converting ..."):
            given = Settings(fail_on=fail_on, format=format)
            settings, report = sync_folder(
                SyncRequest(folder, origin, dry_run, diff, check, introspect, adopt, given)
            )
    except KeyboardInterrupt:
        say("Interrupted. Nothing was written.\n", sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    format = settings.format or "text"
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
