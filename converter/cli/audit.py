"""`paws audit`: what would become of many projects."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from converter.cli.lazy import make_app
from converter.settings import AuditFormat
from converter.terminal import say, showing_bar

if TYPE_CHECKING:
    from converter.audit import Audit

app = make_app()


def _check_shard(text: str | None) -> str | None:
    from converter.report.audit import read_shard

    try:
        if text is not None:
            read_shard(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not one part of several, such as 2/5") from None
    return text


@app.command(
    epilog="""\
\b
Examples:
  paws audit .
  paws audit clones --format csv > projects.csv
  paws audit clones --shard 2/5 --format json > audit-2.json
  paws audit merge audit-*.json

\b
Exit codes:
  0  done, whatever was found
  2  wrong usage, a folder that is not there, reports that do not make a whole""",
)
def audit(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...",
            help="Where to look, at any depth; or 'merge' and the JSON reports of all shards.",
            show_default=False,
        ),
    ],
    format: Annotated[AuditFormat, typer.Option(help="What is printed on stdout.")] = "table",
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", callback=_check_shard, help="Only part I of N of the projects."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Projects at a time (as many as there are cores).")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for one project.")] = 120,
) -> None:
    """Say what would become of every Chalice and SAM project below some folders; write nothing."""
    from converter import audit as audits
    from converter.report import Exit
    from converter.report.audit import RENDERERS, read_shard

    if str(folders[0]) == "merge":
        if shard or len(folders) == 1:
            fault = "--shard is for audits" if shard else "there is no report to merge"
            raise typer.BadParameter(fault, param_hint="merge")
        found = _merge_reports(folders[1:])
    else:
        for folder in folders:
            if not folder.is_dir():
                raise typer.BadParameter(f"there is no folder {folder}", param_hint="FOLDER")
        try:
            with showing_bar() as tell:
                places = audits.find_projects(folders)
                part = read_shard(shard) if shard else None
                chosen = audits.choose_shard(places, part)
                judged = audits.audit(chosen, jobs=jobs, patience=timeout, tell=tell)
                found = audits.Audit(judged.projects, part)
        except KeyboardInterrupt:
            say("Interrupted.\n", sys.stderr)
            raise typer.Exit(Exit.INTERRUPTED) from None
    if format == "html":
        from converter.report.pages import render_audit

        say(render_audit(found), sys.stdout)
    else:
        say(RENDERERS[format](found), sys.stdout)


def _merge_reports(reports: list[Path]) -> Audit:
    from converter.audit import IncompleteError, merge
    from converter.report.audit import NoReportError, read_json

    audits = []
    for path in reports:
        try:
            audits.append(read_json(path.read_text(encoding="utf-8")))
        except (NoReportError, OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{path}: {error}", param_hint="merge") from None
    try:
        return merge(audits)
    except IncompleteError as error:
        raise typer.BadParameter(str(error), param_hint="merge") from None
