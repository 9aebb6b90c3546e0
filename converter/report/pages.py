"""The HTML reports of the commands: what each shows beside its outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from converter.diagnostics import Severity, UnreadableError
from converter.report.audit import show_share, total
from converter.report.counterparts import find_counterparts
from converter.report.diagram import draw
from converter.report.html import Section, render, wrap_table, write_page
from converter.report.outcome import describe_conversion, describe_verification
from converter.report.sources import show_sources
from converter.verify.side import open_side

if TYPE_CHECKING:
    from converter.audit import Audit, ProjectAudit
    from converter.convert import Conversion
    from converter.model import Application
    from converter.report import Report
    from converter.report.audit import Totals
    from converter.report.verification import VerificationReport
    from converter.verify.side import Side

_FRAMEWORKS = {"chalice": "Chalice", "sam": "SAM"}
_PLAN = "MIGRATION.md"


def render_conversion(report: Report) -> str:
    """The application, its files before and after, and how to go over; or why there is no conversion."""
    outcome, conversion = describe_conversion(report), report.conversion
    if conversion is None:
        return render(outcome)
    sides = _open_sides(report, conversion)
    counterparts = find_counterparts(*sides) if sides else ({}, {})
    names = [_FRAMEWORKS[each] for each in report.command.split("-to-")]
    drawn = [(f"{report.project} ({names[0]}), before", conversion.application)]
    if sides:
        drawn.append((f"{report.output} ({names[1]}), after", sides[1].application))
    sources = show_sources(report.source, conversion.files, report.diagnostics, counterparts)
    plan = "".join(_write_plan(report, conversion))
    sections = (
        ("plan", "Cut-over", plan),
        ("application", "The application, before and after", _draw_beside(drawn)),
        ("files", "Every file, before and after", sources),
    )
    return render(outcome, sections)


def _open_sides(report: Report, conversion: Conversion) -> tuple[Side, Side] | None:
    """Both forms as `paws verify` reads them; None where one of them cannot be read by itself."""
    try:
        return open_side(report.source), open_side(conversion.files)
    except UnreadableError:
        return None


def _draw_beside(drawn: Iterable[tuple[str, Application]]) -> str:
    drawings = "".join(f"<div>{draw(application, title)}</div>" for title, application in drawn)
    return f'<div class="sides">{drawings}</div>'


def _write_plan(report: Report, conversion: Conversion) -> Iterator[str]:
    if _PLAN in conversion.files:
        yield f"<pre>{escape(conversion.files[_PLAN].decode())}</pre>"
    by_hand = f"Do what is left by hand (above), in <code>{escape(report.output)}</code>."
    steps = [
        *([by_hand] if any(each.severity > Severity.INFO for each in report.diagnostics) else ()),
        f"<code>paws verify {escape(report.project)} {escape(report.output)}</code>",
        *(f"<code>{escape(command)}</code>" for command in conversion.next_commands),
        "Move callers and events over to the new stack, then delete the old one.",
    ]
    yield '<ul class="steps">'
    yield from (f'<li><label><input type="checkbox"><span>{step}</span></label></li>' for step in steps)
    yield "</ul>"


def render_verification(report: VerificationReport) -> str:
    """The score, and both applications as they were read."""
    found = report.verification
    drawings: tuple[Section, ...] = ()
    if found is not None:
        sides = ((report.left, found.left), (report.right, found.right))
        drawn = _draw_beside((f"{name} ({side.framework})", side.application) for name, side in sides)
        drawings = (("applications", "Both applications", drawn),)
    return render(describe_verification(report), drawings)


def render_audit(audit: Audit) -> str:
    """The totals and every project, with what blocks it."""
    sums, count = total(audit), len(audit.projects)
    figures = {"Projects": str(count), "Functions": str(sums.functions)}
    figures |= {str(each).capitalize(): show_share(number, count) for each, number in sums.readiness.items()}
    figures |= {"To finish by hand": str(sums.to_finish), "To look at": str(sums.to_look_at)}
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in figures.items())
    sections = (
        ("totals", "Totals", "".join(_write_totals(sums))),
        ("projects", "Projects", "".join(_write_projects(audit)) if count else ""),
    )
    return write_page("paws audit", f"<dl>{facts}</dl>", sections)


def _write_totals(sums: Totals) -> Iterator[str]:
    tables = (
        ("Handlers by kind", sums.handlers),
        ("What needs hands, by projects", {f"{code} {title}": n for (code, title), n in sums.blocks.items()}),
        ("What SAM would make possible, by Chalice projects", sums.gains),
    )
    for title, counts in tables:
        if counts:
            rows = "".join(
                f'<tr><th scope="row">{escape(name)}</th><td class="number">{number}</td></tr>'
                for name, number in counts.items()
            )
            yield f"<h3>{title}</h3><table><tbody>{rows}</tbody></table>"


_COLUMNS = ("Project", "Is", "Functions", "Readiness", "To finish", "To look at", "Why")


def _write_projects(audit: Audit) -> Iterator[str]:
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    yield from wrap_table("Projects", head, map(_write_project, audit.projects))


def _write_project(project: ProjectAudit) -> str:
    reasons = "<br>".join(
        escape(f"{each.code} {each.title} ({each.count}): {each.place} {each.reason}")
        for each in (*project.blocks, *project.lifted)
    )
    cells = (
        f'<th scope="row">{escape(project.folder)}</th><td>{escape(project.framework)}</td>',
        f'<td class="number">{project.functions}</td><td>{project.readiness}</td>',
        f'<td class="number">{project.to_finish}</td><td class="number">{project.to_look_at}</td>',
        f"<td>{reasons}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>\n"
