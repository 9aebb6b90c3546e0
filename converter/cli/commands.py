"""`paws commands`: what stands for a command of the other framework's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from converter.cli.lazy import make_app
from converter.settings import Framework
from converter.terminal import say

app = make_app()


@app.command(
    epilog="""\
\b
Examples:
  paws commands
  paws commands "chalice deploy --stage prod"
  paws commands --rewrite Makefile .github docs --diff

\b
Exit codes:
  0  done
  1  --check found something to rewrite
  2  wrong usage, or a file that cannot be read
  3  something has no counterpart"""
)
def commands(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LINE | PATH...]",
            help="A command line, or files and folders with --rewrite; the whole table without it.",
            show_default=False,
        ),
    ] = None,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Rewrite the calls in scripts, pipelines and documents.")
    ] = False,
    to: Annotated[
        Framework, typer.Option(help="With --rewrite: the command line that the calls become.")
    ] = "sam",
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if something would change.")
    ] = False,
) -> None:
    """Say what stands for a command of Chalice's in SAM, and the other way round."""
    from converter.commands import render_tables
    from converter.report import Exit
    from converter.rewrite_commands import translate_line

    if rewrite:
        _rewrite_commands([Path(word) for word in words or ["."]], to, diff=diff, check=check)
    if not words:
        say(render_tables(), sys.stdout)
        return
    line = " ".join(words)
    found = translate_line(line)
    if found is None:
        raise typer.BadParameter(f"{line} calls neither chalice nor sam", param_hint="LINE")
    text, remarks = found
    say(f"{text}\n" if text else "", sys.stdout)
    say("".join(f"{remark}\n" for remark in remarks), sys.stderr)
    raise typer.Exit(Exit.DONE if text else Exit.UNFINISHED)


def _rewrite_commands(places: list[Path], to: Framework, *, diff: bool, check: bool) -> NoReturn:
    from converter.diagnostics import UnreadableError
    from converter.files import OutputError
    from converter.report import Exit
    from converter.rewrite_commands import rewrite_files

    try:
        found = rewrite_files(places, "chalice" if to == "sam" else "sam")
        if not (diff or check):
            found.write()
    except (UnreadableError, OutputError, OSError) as error:
        say(f"{error}\n", sys.stderr)
        raise typer.Exit(Exit.UNUSABLE) from None
    done = "rewritten" if not (diff or check) else "to rewrite"
    say(found.diff if diff else "".join(f"{path}: {done}\n" for path in found.after), sys.stdout)
    say("".join(f"{line}\n" for line in found.list_remarks()), sys.stderr)
    if check and found.after:
        raise typer.Exit(Exit.FOUND)
    raise typer.Exit(Exit.UNFINISHED if found.remarks else Exit.DONE)
