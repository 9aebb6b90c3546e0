"""`paws verify`: show whether two forms mean the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from converter.cli.answers import ask_to_run, is_for_programs, tell_programs
from converter.cli.lazy import make_app
from converter.cli.options import FormatOption, IntrospectOption, YesOption
from converter.settings import Settings
from converter.terminal import choose_style, say, showing_progress

app = make_app()


def _check_kinds(kinds: list[str] | None) -> list[str]:
    from converter.verify.facts import KINDS

    for kind in kinds or []:
        if kind not in KINDS:
            from difflib import get_close_matches

            similar = get_close_matches(kind, KINDS, 1)
            hint = f"did you mean {similar[0]}?" if similar else f"there are {', '.join(KINDS)}"
            raise typer.BadParameter(f"there is no kind {kind}; {hint}")
    return kinds or []


@app.command(
    epilog="""\
\b
Examples:
  paws verify orders orders-sam
  paws verify orders orders-sam --stage prod --ignore tags
  paws verify orders orders-sam --with-tools
  paws verify orders orders-sam --behaviour

\b
Exit codes:
  0  the projects mean the same
  1  they differ
  2  wrong usage, or a project that cannot be read
  3  the same as far as they were compared; something could not be""",
)
def verify(
    left: Annotated[Path, typer.Argument(metavar="PROJECT", help="A project's folder.", show_default=False)],
    right: Annotated[
        Path, typer.Argument(metavar="OTHER", help="The folder of its other form.", show_default=False)
    ],
    stage: Annotated[str | None, typer.Option(metavar="NAME", help="Compare one stage only.")] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND", callback=_check_kinds, help="Leave facts of a kind out, such as tags; repeatable."
        ),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="List the accepted differences, too.")] = False,
    with_tools: Annotated[
        bool,
        typer.Option(
            "--with-tools",
            help="Ask 'chalice package' (it runs app.py) and the SAM translator what is deployed.",
        ),
    ] = False,
    behaviour: Annotated[
        bool,
        typer.Option("--behaviour", help="Call the functions of both with the same events; runs their code."),
    ] = False,
    introspect: IntrospectOption = False,
    yes: YesOption = False,
    format: FormatOption = None,
) -> None:
    """Show whether a Chalice project and a SAM project, in either order, mean the same."""
    from converter.report import Exit, verification
    from converter.verify.run import verify_folders

    if behaviour and not yes:
        question = f"Run the code of {left} and {right}, each call in a sandbox of its own?"
        ask_to_run(question, "--behaviour")
    elif introspect and not yes:
        ask_to_run("Run app.py, in a sandbox, to see what it registers?", "--introspect")
    try:
        with showing_progress("Comparing ..."):
            settings, report = verify_folders(
                left,
                right,
                Settings(stage=stage, format=format),
                ignore=ignore or (),
                with_tools=with_tools,
                with_behaviour=behaviour,
                introspected=introspect,
            )
    except KeyboardInterrupt:
        say("Interrupted.\n", sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    format = settings.format or "text"
    if is_for_programs(format):
        from converter.report.outcome import describe_verification

        tell_programs(describe_verification(report), format, lambda pages: pages.render_verification(report))
    if format == "json":
        say(verification.render_json(report), sys.stdout)
    elif format == "text":
        style = choose_style(sys.stdout)
        say(verification.render_text(report, style, show_all=show_all), sys.stdout)
        say(verification.render_failure(report, choose_style(sys.stderr)), sys.stderr)
    raise typer.Exit(report.exit)
