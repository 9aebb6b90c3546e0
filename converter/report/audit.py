"""The report of `paws audit`: a table for people, CSV, JSON (read back to be merged), Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from converter import __version__
from converter.audit.judge import ProjectAudit, Readiness, Reason
from converter.audit.run import Audit
from converter.report.markdown import escape
from converter.report.text import printable

VERSION = 1


class NoReportError(Exception):
    """A file that is not what `paws audit --format json` wrote. Says why."""


@dataclass(frozen=True)
class Totals:
    """All projects together. `blocks` counts, for each code with its title, the projects that have it."""

    readiness: Mapping[Readiness, int]
    functions: int
    handlers: Mapping[str, int]
    blocks: Mapping[tuple[str, str], int]
    gains: Mapping[str, int]
    to_finish: int
    to_look_at: int


def total(audit: Audit) -> Totals:
    """What the projects come to; what is frequent stands first."""
    projects = audit.projects
    readiness = Counter(each.readiness for each in projects)
    handlers = Counter[str]()
    for each in projects:
        handlers.update(each.handlers)
    blocks = Counter((one.code, one.title) for each in projects for one in each.blocks)
    gains = Counter(gain for each in projects for gain in each.gains)
    return Totals(
        {each: readiness[each] for each in Readiness},
        sum(each.functions for each in projects),
        dict(handlers.most_common()),
        dict(blocks.most_common()),
        dict(gains.most_common()),
        sum(each.to_finish for each in projects),
        sum(each.to_look_at for each in projects),
    )


def show_share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else str(part)


# --- for people ---------------------------------------------------------------

_HEAD = ("project", "is", "becomes", "functions", "readiness", "to finish", "to look at")


def render_table(audit: Audit) -> str:
    """A line for each project, and the totals."""
    return "\n".join(_write_table(audit)) + "\n"


def _write_table(audit: Audit) -> Iterator[str]:
    rows = [_HEAD, *map(_write_row, audit.projects)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows if audit.projects else ():
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield from _write_totals(audit)


def _write_row(project: ProjectAudit) -> tuple[str, ...]:
    other = "SAM" if project.framework == "Chalice" else "Chalice"
    numbers = (project.to_finish, project.to_look_at)
    return (
        printable(project.folder),
        project.framework,
        other,
        str(project.functions),
        str(project.readiness),
        *map(str, numbers),
    )


def _write_totals(audit: Audit) -> Iterator[str]:
    count, sums = len(audit.projects), total(audit)
    if not count:
        yield "No Chalice or SAM project was found."
        return
    shard = f" (shard {audit.shard[0]}/{audit.shard[1]})" if audit.shard else ""
    yield f"\n{count} project{'s' if count > 1 else ''}{shard}"
    yield from (f"  {show_share(number, count)} {each}" for each, number in sums.readiness.items())
    yield f"{sums.to_finish} places to finish by hand, {sums.to_look_at} to look at"
    handlers = sum(sums.handlers.values())
    if handlers:
        yield f"\n{handlers} handlers in {sums.functions} functions"
        yield from (f"  {show_share(number, handlers)} {kind}" for kind, number in sums.handlers.items())
    if sums.blocks:
        yield "\nWhat needs hands, by projects"
        yield from (f"  {number}  {code} {title}" for (code, title), number in sums.blocks.items())
    if sums.gains:
        yield "\nWhat SAM would make possible, by Chalice projects"
        yield from (f"  {number}  {gain}" for gain, number in sums.gains.items())


def render_markdown(audit: Audit) -> str:
    """The totals, and a table of the projects."""
    return "\n".join(_write_markdown(audit)) + "\n"


def _write_markdown(audit: Audit) -> Iterator[str]:
    count, sums = len(audit.projects), total(audit)
    yield f"## paws audit\n\n{count} projects, {sums.functions} functions\n\n| | |\n|---|---|"
    yield from (f"| {each} | {show_share(number, count)} |" for each, number in sums.readiness.items())
    yield f"| places to finish by hand | {sums.to_finish} |\n| places to look at | {sums.to_look_at} |"
    if sums.blocks:
        yield "\n| what needs hands | projects |\n|---|---:|"
        yield from (f"| {code} {escape(title)} | {number} |" for (code, title), number in sums.blocks.items())
    if count:
        yield f"\n| {' | '.join(_HEAD)} |\n|---|---|---|---:|---|---:|---:|"
        yield from (f"| {' | '.join(map(escape, _write_row(each)))} |" for each in audit.projects)


# --- for programs -------------------------------------------------------------


_COLUMNS = tuple(
    "folder framework application readiness functions to_finish to_look_at blocks lifted gains".split()
)


def render_csv(audit: Audit) -> str:
    """A row for each project, a column for each kind of handler that any of them has."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    kinds = sorted(total(audit).handlers)
    writer.writerow([*_COLUMNS, *(f"handlers: {kind}" for kind in kinds)])
    for each in audit.projects:
        known = [each.folder, each.framework, each.application, each.readiness, each.functions]
        lists = ["; ".join(one.code for one in reasons) for reasons in (each.blocks, each.lifted)]
        counts = [each.handlers.get(kind, 0) for kind in kinds]
        row = [*known, each.to_finish, each.to_look_at, *lists, "; ".join(each.gains), *counts]
        writer.writerow([_protect(cell) for cell in row])
    return text.getvalue()


def _protect(cell: object) -> object:
    """A name that a spreadsheet would take for a formula is text all the same."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def render_json(audit: Audit) -> str:
    """The audit as one document, equal for equal projects."""
    sums = total(audit)
    described = {
        "version": VERSION,
        "paws": __version__,
        "command": "audit",
        "shard": f"{audit.shard[0]}/{audit.shard[1]}" if audit.shard else None,
        "totals": {
            "projects": len(audit.projects),
            "readiness": {each.value: number for each, number in sums.readiness.items()},
            "functions": sums.functions,
            "handlers": sums.handlers,
            "to_finish": sums.to_finish,
            "to_look_at": sums.to_look_at,
            "blocks": [
                {"code": code, "title": title, "projects": n} for (code, title), n in sums.blocks.items()
            ],
            "gains": [{"gain": gain, "projects": number} for gain, number in sums.gains.items()],
        },
        "projects": [asdict(each) for each in audit.projects],
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def read_json(text: str) -> Audit:
    """What `render_json` wrote. Raises NoReportError for anything else."""
    try:
        document = json.loads(text)
        if document["command"] != "audit" or document["version"] != VERSION:
            raise NoReportError("it is not the JSON report of this version's paws audit")
        shard = read_shard(document["shard"]) if document["shard"] else None
        return Audit(tuple(map(_read_project, document["projects"])), shard)
    except (ValueError, KeyError, TypeError) as error:
        raise NoReportError("it is not a report of paws audit --format json") from error


def read_shard(text: str) -> tuple[int, int]:
    """`2/5` as numbers. Raises ValueError for what is no part of a whole."""
    number, count = map(int, text.split("/"))
    if not 1 <= number <= count:
        raise ValueError(f"{text} is not one of {count} parts")
    return number, count


def _read_project(described: Any) -> ProjectAudit:
    reasons = {name: tuple(Reason(**each) for each in described[name]) for name in ("blocks", "lifted")}
    others = {"readiness": Readiness(described["readiness"]), "gains": tuple(described["gains"])}
    return ProjectAudit(**{**described, **reasons, **others})


RENDERERS: Mapping[str, Callable[[Audit], str]] = {
    "table": render_table,
    "csv": render_csv,
    "json": render_json,
    "markdown": render_markdown,
}
