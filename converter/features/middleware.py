"""
Middleware: code that runs before and after handlers.

Chalice: https://aws.github.io/chalice/topics/middleware.html
SAM has no such thing: it stays with the handlers that it wraps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Feature, Support

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


def _read_chalice(project: ChaliceProject, application: Application) -> Application:
    """It is part of the code (chalice/code.py)."""
    for registration in project.handlers("middleware", "register_middleware"):
        for fields in project.arguments(registration).values():
            fields.take("event_type")
            fields.take("func")
    return application


def _write_chalice(application: Application, writer: ChaliceWriter) -> None:
    pass


def _read_sam(project: SamProject, application: Application) -> Application:
    return application


def _write_sam(application: Application, writer: SamWriter) -> None:
    pass


feature = Feature(
    name="middleware",
    decorators=("middleware",),
    support=(
        Support(
            "`@app.middleware(...)`, `app.register_middleware(...)` of requests",
            "middleware of the Powertools resolver",
        ),
        Support(
            "`app.register_middleware(ConvertToMiddleware(decorator))` of other events",
            "the decorator above the function",
        ),
        Support(
            "other middleware of other events", "stays in the code of what it wraps, which keeps Chalice"
        ),
    ),
    read_chalice=_read_chalice,
    write_chalice=_write_chalice,
    read_sam=_read_sam,
    write_sam=_write_sam,
)
