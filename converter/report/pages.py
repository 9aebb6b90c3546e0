"""The HTML reports of the commands: what each shows beside its outcome."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from converter.diagnostics import Severity
from converter.report.audit import show_share, total
from converter.report.diagram import draw
from converter.report.html import Section, render, write_page
from converter.report.outcome import describe_conversion, describe_verification
from converter.report.sources import show_sources

if TYPE_CHECKING:
    from converter.audit import Audit, ProjectAudit
    from converter.convert import Conversion
    from converter.report import Report
    from converter.report.audit import Totals
    from converter.report.verification import VerificationReport

_PLAN = "MIGRATION.md"


def render_conversion(report: Report) -> str:
    """The application, its files before and after, and how to go over; or why there is no conversion."""
    outcome, conversion = describe_conversion(report), report.conversion
    if conversion is None:
        return render(outcome)
    diagram = draw(conversion.application, "Events, functions and the resources that they name")
    sources = show_sources(report.source, conversion.files, report.diagnostics)
    plan = "".join(_write_plan(report, conversion))
    sections = (("plan", "Cut-over", plan), ("application", "The application", diagram))
    return render(outcome, (*sections, ("files", "Every file, before and after", sources)))


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
        drawn = "".join(
            f"<div>{draw(side.application, f'{name} ({side.framework})')}</div>" for name, side in sides
        )
        drawings = (("applications", "Both applications", f'<div class="sides">{drawn}</div>'),)
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
    yield f"<table><thead><tr>{head}</tr></thead><tbody>\n"
    yield from map(_write_project, audit.projects)
    yield "</tbody></table>"


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
