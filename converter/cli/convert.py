"""`paws convert`: write a project in its other form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import typer

from converter.cli.answers import ask_to_run, is_for_programs, tell_programs
from converter.cli.lazy import make_app
from converter.cli.options import (
    CheckOption,
    DiffOption,
    DryRunOption,
    FailOnOption,
    ForceOption,
    FormatOption,
    HttpOption,
    IntrospectOption,
    LayerStyleOption,
    LayoutOption,
    LeastPrivilegeOption,
    OutputOption,
    ProjectArgument,
    QuietOption,
    RuntimeOption,
    StageOption,
    VerboseOption,
    ViewsOption,
    YesOption,
)
from converter.request import Request, carry_out
from converter.settings import Settings
from converter.terminal import choose_style, say, showing_progress

app = make_app(
    help="Write a project in its other form, into a folder of its own.",
    epilog="Options may also stand in pyproject.toml, in the table [tool.paws]; the command line wins.",
    no_args_is_help=True,
)

_EXIT_CODES = """\
\b
Exit codes:
  0  done
  1  --check or --fail-on found something
  2  wrong usage, input that cannot be read, output that cannot be written
  3  converted, but something needs a person"""


@app.command(
    "chalice-to-sam",
    epilog=f"""\
\b
Examples:
  paws convert chalice-to-sam
  paws convert chalice-to-sam orders -o orders-sam --stage prod
  paws convert chalice-to-sam orders --diff
  paws convert chalice-to-sam orders --check --fail-on warning

{_EXIT_CODES}""",
)
def chalice_to_sam(
    project: ProjectArgument = Path(),
    output: OutputOption = None,
    stage: StageOption = None,
    layout: LayoutOption = None,
    layer_style: LayerStyleOption = None,
    http: HttpOption = None,
    least_privilege: LeastPrivilegeOption = None,
    introspect: IntrospectOption = False,
    yes: YesOption = False,
    runtime: RuntimeOption = None,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    diff: DiffOption = False,
    check: CheckOption = False,
    fail_on: FailOnOption = None,
    format: FormatOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Turn a Chalice project into a SAM project."""
    if introspect and not yes:
        ask_to_run(f"Run {project / 'app.py'}, in a sandbox, to see what it registers?", "--introspect")
    given = Settings(output, stage, layout, layer_style, http, runtime, fail_on, format, least_privilege)
    request = Request("chalice-to-sam", project, given, dry_run, diff, check, force, introspect)
    _convert(request, verbose=verbose, quiet=quiet)


@app.command(
    "sam-to-chalice",
    epilog=f"""\
\b
Examples:
  paws convert sam-to-chalice
  paws convert sam-to-chalice orders-sam -o orders --stage prod
  paws convert sam-to-chalice orders-sam --diff

{_EXIT_CODES}""",
)
def sam_to_chalice(
    project: ProjectArgument = Path(),
    output: OutputOption = None,
    stage: StageOption = None,
    http: ViewsOption = None,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    diff: DiffOption = False,
    check: CheckOption = False,
    fail_on: FailOnOption = None,
    format: FormatOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Turn a SAM project into a Chalice project."""
    given = Settings(output=output, stage=stage, http=http, fail_on=fail_on, format=format)
    request = Request("sam-to-chalice", project, given, dry_run, diff, check, force)
    _convert(request, verbose=verbose, quiet=quiet)


def _convert(request: Request, *, verbose: bool, quiet: bool) -> NoReturn:
    from converter.report import Exit

    try:
        with showing_progress("Converting ..."):
            request, report = carry_out(request)
    except KeyboardInterrupt:
        say("Interrupted. Nothing was written.\n", sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    format = request.settings.format or "text"
    if is_for_programs(format):
        from converter.report.outcome import describe_conversion

        tell_programs(describe_conversion(report), format, lambda pages: pages.render_conversion(report))
    if format == "json":
        from converter.report import json_

        say(json_.render(report), sys.stdout)
    elif format == "text":
        from converter.report import text

        if request.dry_run:
            say(text.list_files(report), sys.stdout)
        say(text.render_diff(report.diff, choose_style(sys.stdout)), sys.stdout)
        say(text.render(report, choose_style(sys.stderr), verbose=verbose, quiet=quiet), sys.stderr)
    raise typer.Exit(report.exit)
