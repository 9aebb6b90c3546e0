"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from converter.settings import (
    Format,
    HttpOfChalice,
    HttpOfSam,
    LayerStyle,
    Layout,
    Level,
    find_runtime_fault,
)


def _check_runtime(runtime: str | None) -> str | None:
    if runtime is not None and (fault := find_runtime_fault(runtime)):
        raise typer.BadParameter(fault)
    return runtime


ProjectArgument = Annotated[
    Path, typer.Argument(metavar="PROJECT", help="The project's folder (this one).", show_default=False)
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        help="Where to write (beside PROJECT: PROJECT-sam, PROJECT-chalice).",
    ),
]
StageOption = Annotated[str | None, typer.Option(metavar="NAME", help="Convert one stage only.")]
LayoutOption = Annotated[
    Layout | None, typer.Option(help="A folder per function (the default), or one for all.")
]
LayerStyleOption = Annotated[
    LayerStyle | None,
    typer.Option(help="Layers as SAM builds them (the default), or by the older trick of a dummy function."),
]
HttpOption = Annotated[
    HttpOfSam | None,
    typer.Option(help="Routes served by Powertools (the default), or by Chalice's own files as before."),
]
ViewsOption = Annotated[
    HttpOfChalice | None,
    typer.Option(
        "--http",
        help="Functions of an API mounted as views (the default), rewritten as views where that changes no "
        "answer (idiomatic), or kept separate in the template.",
    ),
]
LeastPrivilegeOption = Annotated[
    bool | None,
    typer.Option(
        "--least-privilege/--no-least-privilege",
        help="Permissions from each function's own code, not Chalice's one policy for all.",
        show_default=False,
    ),
]
IntrospectOption = Annotated[
    bool,
    typer.Option("--introspect", help="Run app.py in a sandbox, too, to see what its source does not show."),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before code is run.")]
RuntimeOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", callback=_check_runtime, help="The Lambda runtime, such as python3.13."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite files that have other content.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Write nothing; list the files.")]
DiffOption = Annotated[
    bool, typer.Option("--diff", help="Write nothing; show what would change in the output folder.")
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit with 1 if the output folder is out of date.")
]
FailOnOption = Annotated[
    Level | None, typer.Option(help="Exit with 1 if there is a finding of this level or above.")
]
FormatOption = Annotated[
    Format | None,
    typer.Option(help="Text for people (the default), or for programs: a document or annotations on stdout."),
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show the notes too.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what needs a person.")]
