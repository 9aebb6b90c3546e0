"""One conversion as it was asked for: from the project's folder to the output folder, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converter.settings import Level, Settings

if TYPE_CHECKING:
    from converter.convert import Conversion, Options
    from converter.diagnostics import Diagnostic, Severity
    from converter.files import Changes, Folder
    from converter.report import Exit, Report
    from converter.sync.lock import Lock

# Imports stand in the functions: `paws --help` needs none of what a conversion needs.


@dataclass(frozen=True)
class Request:
    """What one conversion was asked for. `command` is chalice-to-sam or sam-to-chalice.

    `introspect` says that app.py is to be run, too, to see what it registers.
    """

    command: str
    project: Path
    settings: Settings
    dry_run: bool = False
    diff: bool = False
    check: bool = False
    force: bool = False
    introspect: bool = False

    @property
    def writes(self) -> bool:
        return not (self.dry_run or self.diff or self.check)

    @property
    def output(self) -> Path:
        """The folder asked for, or one beside the project."""
        if self.settings.output is not None:
            return Path(self.settings.output)
        # Not Path.resolve: it raises at links that go in circles before Python 3.13.
        folder = Path(os.path.realpath(self.project))
        beside = folder.parent / f"{folder.name}-{self.command.rpartition('-')[2]}"
        return beside if self.project.is_absolute() else Path(os.path.relpath(beside))


def carry_out(request: Request) -> tuple[Request, Report]:
    """The request with the project's own settings filled in, and what came of it.

    What makes it impossible is in the report; only bugs and interrupts are raised.
    """
    from converter.codes import UNREADABLE_FILE
    from converter.diagnostics import UnreadableError
    from converter.files import Folder, OutputError
    from converter.settings import find_settings
    from converter.sync.lock import NAME, write_lock

    try:
        folder = Folder(request.project)
        given, found = request.settings, find_settings(request.project)
        request = replace(request, settings=given.or_else(found))
        conversion = convert_folder(request, folder)
        record = {NAME: write_lock(make_lock(request, folder, conversion.files, given, found))}
        changes, diff = _write(request, conversion, record if conversion.files else {})
        return request, _report_conversion(request, conversion, folder, changes, diff)
    except (UnreadableError, OutputError) as error:
        return request, _report_failure(request, error.diagnostics)
    except OSError as error:
        subject = str(error.filename or request.project)
        finding = UNREADABLE_FILE.at(None, subject, error.strerror or str(error))
        return request, _report_failure(request, (finding,))


def convert_folder(request: Request, folder: Folder) -> Conversion:
    """The project in its other form. Raises UnreadableError when there is nothing to convert."""
    from converter import convert
    from converter.diagnostics import UnreadableError

    directions = {"chalice-to-sam": convert.chalice_to_sam, "sam-to-chalice": convert.sam_to_chalice}
    options = make_options(request.settings)
    try:
        if not request.introspect:
            return directions[request.command](folder, options)
        from converter.verify.behaviour.introspect import introspect

        found, diagnostics = introspect(folder, options.stage)
        conversion = convert.chalice_to_sam(folder, replace(options, introspected=found))
        return replace(conversion, diagnostics=(*diagnostics, *conversion.diagnostics))
    except UnreadableError as error:
        # A link that was not followed may be the reason.
        raise UnreadableError(*error.diagnostics, *folder.diagnostics) from error


def make_options(settings: Settings) -> Options:
    """What the settings say of the conversion itself."""
    from converter import convert

    said: dict[str, Any] = {"stage": settings.stage, "runtime": settings.runtime}
    if settings.layout:
        said["layout"] = convert.Layout(settings.layout)
    if settings.layer_style:
        said["layer_style"] = convert.LayerStyle(settings.layer_style)
    if settings.http:
        said["http"] = convert.Http(settings.http)
    if settings.least_privilege is not None:
        said["least_privilege"] = settings.least_privilege
    return convert.Options(**said)


def make_lock(
    request: Request,
    folder: Mapping[str, bytes],
    files: Mapping[str, bytes],
    given: Settings,
    found: Settings,
) -> Lock:
    """What `paws sync` has to know of a conversion: its settings, given and found, and both sides' files."""
    from converter.sync.lock import Lock, Snapshot, digest

    # Of the real folders: from behind a link, `..` leads elsewhere.
    source = os.path.relpath(os.path.realpath(request.project), os.path.realpath(request.output))
    return Lock(
        request.command,
        Path(source).as_posix(),
        {**given.for_conversion(), **({"introspect": True} if request.introspect else {})},
        found.for_conversion(),
        {path: digest(data) for path, data in folder.items()},
        {path: Snapshot.take(data) for path, data in files.items()},
    )


def _write(
    request: Request, conversion: Conversion, record: Mapping[str, bytes]
) -> tuple[Changes, str | None]:
    """What was written, or would be; and the difference in full, if that was asked for."""
    from converter.files import compare, read_output, refuse_overlap, unified_diff, write_all

    files = conversion.files
    refuse_overlap(request.project, request.output, files)
    if request.writes:
        return write_all(files, request.output, force=request.force, record=record), None
    before = read_output(request.output, files)
    return compare(before, files), unified_diff(before, files) if request.diff else None


def _report_conversion(
    request: Request, conversion: Conversion, folder: Folder, changes: Changes, diff: str | None
) -> Report:
    from converter.report import Report

    application = conversion.application
    diagnostics = (*conversion.diagnostics, *folder.diagnostics)
    layers = {path.split("/")[1] for path in conversion.files if path.startswith("layers/")}
    if "layers/requirements.txt" in conversion.files:
        # One layer, the folder itself: a dummy function builds it.
        layers = {"layers"}
    return Report(
        request.command,
        str(request.project),
        str(request.output),
        _choose_exit(request, changes, diagnostics),
        written=request.writes,
        checked=request.check,
        application=application.name,
        functions=tuple(function.name for function in application.functions.values()),
        layers=tuple(sorted(layers)),
        files=changes,
        diff=diff,
        diagnostics=diagnostics,
        next_commands=conversion.next_commands,
        source=folder,
        conversion=conversion,
    )


def _report_failure(request: Request, diagnostics: tuple[Diagnostic, ...]) -> Report:
    from converter.report import Exit, Report

    project, output = str(request.project), str(request.output)
    return Report(request.command, project, output, Exit.UNUSABLE, diagnostics=diagnostics)


def _choose_exit(request: Request, changes: Changes, diagnostics: tuple[Diagnostic, ...]) -> Exit:
    from converter.diagnostics import Severity
    from converter.report import Exit

    worst = max((diagnostic.severity for diagnostic in diagnostics), default=None)
    if (request.check and changes) or is_failure(worst, request.settings.fail_on):
        return Exit.FOUND
    return Exit.UNFINISHED if worst == Severity.ERROR else Exit.DONE


def is_failure(worst: Severity | None, fail_on: Level | None) -> bool:
    """Whether findings of this severity, the worst of all, are what the user wants a run to fail on."""
    from converter.diagnostics import Severity

    return bool(fail_on and worst and worst >= Severity[fail_on.upper()])
