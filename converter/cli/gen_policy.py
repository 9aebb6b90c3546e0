"""`paws gen-policy`: the permissions that code needs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from converter.cli.lazy import make_app
from converter.cli.options import ProjectArgument
from converter.terminal import say

app = make_app()


@app.command(
    "gen-policy",
    epilog="""\
\b
Examples:
  paws gen-policy orders-sam
  paws gen-policy orders-sam --function load-order --stage prod""",
)
def gen_policy(
    project: ProjectArgument = Path(),
    function: Annotated[
        str | None, typer.Option(metavar="NAME", help="The policy of this function only.")
    ] = None,
    stage: Annotated[str | None, typer.Option(metavar="NAME", help="The stage (the first one).")] = None,
) -> None:
    """Print the policies that the functions of a project need, as their code shows it."""
    import json

    from converter.diagnostics import UnreadableError
    from converter.files import Folder
    from converter.least_privilege import derive_policies
    from converter.report import Exit
    from converter.settings import Settings, find_settings

    try:
        folder, settings = Folder(project), Settings(stage=stage).or_else(find_settings(project))
        found = derive_policies(folder, settings.stage, project.resolve().name)
    except (UnreadableError, OSError) as error:
        say(f"{error}\n", sys.stderr)
        raise typer.Exit(Exit.UNUSABLE) from None
    if function and function not in found.documents:
        names = ", ".join(found.documents)
        raise typer.BadParameter(f"there is no {function}, only {names}", param_hint="--function")
    shown = found.documents[function] if function else found.documents
    say(json.dumps(shown, indent=2) + "\n", sys.stdout)
    said = [
        *map(str, found.findings),
        *(f"{name}: it has no Python code that can be read" for name in found.others),
    ]
    say("".join(f"{line}\n" for line in said), sys.stderr)
