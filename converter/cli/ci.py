"""`paws ci`: jobs that keep both forms in step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from converter.cli.lazy import make_app
from converter.cli.options import ForceOption
from converter.settings import System
from converter.terminal import say

app = make_app(help="Keep both forms of a project in step by CI.", no_args_is_help=True)


@app.callback()
def ci() -> None:
    pass


@app.command(
    "init",
    epilog="""\
\b
Examples:
  paws ci init github orders orders-sam
  paws ci init gitlab orders orders-sam
  paws ci init github --matrix 8""",
)
def init_ci(
    system: Annotated[
        System, typer.Argument(metavar="github|gitlab", help="The CI system.", show_default=False)
    ],
    project: Annotated[
        str,
        typer.Argument(metavar="PROJECT", help="The folder that was converted, from the repository's root."),
    ] = ".",
    output: Annotated[
        str | None,
        typer.Argument(
            metavar="OUTPUT", help="The folder of its other form (PROJECT-sam).", show_default=False
        ),
    ] = None,
    matrix: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=256, help="GitHub: a job that audits all projects on N machines."
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write a job into this repository that keeps both forms in step."""
    from converter.ci import write_audit_job, write_job
    from converter.files import OutputError, write_all

    if matrix is not None and system != "github":
        raise typer.BadParameter("only GitHub has a matrix", param_hint="--matrix")
    if matrix is None and output is None and project == ".":
        raise typer.BadParameter("say the folders of both forms", param_hint="PROJECT OUTPUT")
    path, text = write_audit_job(matrix) if matrix else write_job(system, project, output or f"{project}-sam")
    try:
        write_all({path: text.encode()}, Path(), force=force)
    except OutputError as error:
        say(f"{error}\n", sys.stderr)
        raise typer.Exit(2) from None
    say(f"{path}\n", sys.stdout)
    if system == "gitlab":
        say(f"Add to .gitlab-ci.yml:\n\ninclude:\n  - local: {path}\n", sys.stderr)
