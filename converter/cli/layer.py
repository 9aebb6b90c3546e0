"""`paws layer`: layers of a SAM project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from converter.cli.lazy import make_app
from converter.terminal import say

app = make_app(help="Layers of a SAM project.", no_args_is_help=True)


@app.callback()
def layer() -> None:
    pass


@app.command(
    "init",
    epilog="""\
\b
Examples:
  paws layer init pandas pyjanitor
  paws layer init requests --name http --function LoadOrder --project orders-sam""",
)
def init_layer(
    packages: Annotated[
        list[str], typer.Argument(metavar="PACKAGE...", help="What pip installs.", show_default=False)
    ],
    project: Annotated[Path, typer.Option(metavar="FOLDER", help="The SAM project (this folder).")] = Path(),
    name: Annotated[str, typer.Option(metavar="NAME", help="What the layer is called.")] = "packages",
    function: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="A function that has it, by its logical id; repeatable. All without."
        ),
    ] = None,
) -> None:
    """Add a layer with packages to a SAM project, as `sam build` builds it."""
    from converter.diagnostics import UnreadableError
    from converter.files import Folder, OutputError, write_all
    from converter.layer import add_layer
    from converter.report import Exit

    try:
        added = add_layer(Folder(project), packages, name, function or ())
        write_all(added.files, project, force=True)
    except (UnreadableError, OutputError, OSError) as error:
        say(f"{error}\n", sys.stderr)
        raise typer.Exit(Exit.UNUSABLE) from None
    say("".join(f"{path}\n" for path in added.files), sys.stdout)
    having = ", ".join(added.functions) or "all functions"
    say(f"{added.identifier} is a layer of {having}; build it with: sam build\n", sys.stderr)
