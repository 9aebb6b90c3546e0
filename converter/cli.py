"""The command line: a command parses, makes one call, reports and exits.

Data goes to stdout, messages to stderr. Exit codes: converter.report.Exit.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from converter import __version__
from converter.request import Request, carry_out
from converter.settings import (
    AuditFormat,
    Format,
    Framework,
    HttpOfChalice,
    HttpOfSam,
    LayerStyle,
    Layout,
    Level,
    Settings,
    System,
    find_runtime_fault,
)
from converter.terminal import choose_style, say, showing_bar, showing_progress

if TYPE_CHECKING:
    from converter.audit import Audit
    from converter.report.outcome import Outcome

app = typer.Typer(
    name="paws",
    help="Convert serverless Python projects between AWS Chalice and AWS SAM, both ways.",
    epilog="Start with: paws convert chalice-to-sam PROJECT --dry-run",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
convert_app = typer.Typer(
    help="Write a project in its other form, into a folder of its own.",
    epilog="Options may also stand in pyproject.toml, in the table [tool.paws]; the command line wins.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(convert_app, name="convert")
layer_app = typer.Typer(help="Layers of a SAM project.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(layer_app, name="layer")
ci_app = typer.Typer(
    help="Keep both forms of a project in step by CI.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(ci_app, name="ci")


def run() -> NoReturn:
    """Run the command line and exit. A bug exits with 70, its traceback shown under PAWS_DEBUG=1."""
    # Terminated like interrupted: what was half written is taken back on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    # A run is short and makes no garbage to speak of; collecting takes half the time of a large project.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="paws")
    except SystemExit as asked:
        _leave(asked)
    except Exception as error:
        _report_bug(error)
    sys.exit()


def _leave(asked: SystemExit) -> NoReturn:
    """Exit without freeing each object first, a tenth of a conversion's time; mypy does so too."""
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(asked.code, int):
            os._exit(asked.code)
    raise asked


def _report_bug(error: Exception) -> NoReturn:
    from converter.report import Exit

    if os.environ.get("PAWS_DEBUG"):
        import traceback

        traceback.print_exc()
    say(
        f"Internal error: {type(error).__name__}: {error}\n"
        f"This is a bug in paws {__version__}, not in your project. Please report it, with what the same\n"
        "command prints when PAWS_DEBUG=1 is set.\n",
        sys.stderr,
    )
    sys.exit(Exit.INTERNAL_ERROR)


# --- paws ---------------------------------------------------------------------


def _show_version(asked: bool) -> None:
    if asked:
        say(f"paws {__version__}\n", sys.stdout)
        raise typer.Exit


@app.callback()
def paws(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit."),
    ] = False,
) -> None:
    pass


def _complete_code(incomplete: str) -> list[str]:
    from converter.explain import list_codes

    return [number for number in list_codes() if number.startswith(incomplete.upper())]


@app.command(epilog="Example: paws explain PAWS101")
def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help="A code such as PAWS101; all are listed without it.",
            autocompletion=_complete_code,
            show_default=False,
        ),
    ] = "",
) -> None:
    """Say what a code means and what to do about it."""
    from converter.explain import explain_all, explain_code, find_code

    found = find_code(code) if code else None
    if code and not found:
        raise typer.BadParameter(f"there is no code {code}; 'paws explain' lists them all", param_hint="CODE")
    say(explain_code(found) if found else explain_all(), sys.stdout)


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


# --- paws convert -------------------------------------------------------------


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
        "--http", help="Functions of an API mounted as views (the default), or kept separate in the template."
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

_EXIT_CODES = """\
\b
Exit codes:
  0  done
  1  --check or --fail-on found something
  2  wrong usage, input that cannot be read, output that cannot be written
  3  converted, but something needs a person"""


@convert_app.command(
    "chalice-to-sam",
    epilog=f"""\
\b
Examples:
  paws convert chalice-to-sam
  paws convert chalice-to-sam orders -o orders-sam --stage prod
  paws convert chalice-to-sam orders --diff
  paws convert chalice-to-sam orders --check --fail-on warning

{_EXIT_CODES}""",
)
def chalice_to_sam(
    project: ProjectArgument = Path(),
    output: OutputOption = None,
    stage: StageOption = None,
    layout: LayoutOption = None,
    layer_style: LayerStyleOption = None,
    http: HttpOption = None,
    least_privilege: LeastPrivilegeOption = None,
    introspect: IntrospectOption = False,
    yes: YesOption = False,
    runtime: RuntimeOption = None,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    diff: DiffOption = False,
    check: CheckOption = False,
    fail_on: FailOnOption = None,
    format: FormatOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Turn a Chalice project into a SAM project."""
    if introspect and not yes:
        _ask_to_run(f"Run {project / 'app.py'}, in a sandbox, to see what it registers?", "--introspect")
    given = Settings(output, stage, layout, layer_style, http, runtime, fail_on, format, least_privilege)
    request = Request("chalice-to-sam", project, given, dry_run, diff, check, force, introspect)
    _convert(request, verbose=verbose, quiet=quiet)


@convert_app.command(
    "sam-to-chalice",
    epilog=f"""\
\b
Examples:
  paws convert sam-to-chalice
  paws convert sam-to-chalice orders-sam -o orders --stage prod
  paws convert sam-to-chalice orders-sam --diff

{_EXIT_CODES}""",
)
def sam_to_chalice(
    project: ProjectArgument = Path(),
    output: OutputOption = None,
    stage: StageOption = None,
    http: ViewsOption = None,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    diff: DiffOption = False,
    check: CheckOption = False,
    fail_on: FailOnOption = None,
    format: FormatOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Turn a SAM project into a Chalice project."""
    given = Settings(output=output, stage=stage, http=http, fail_on=fail_on, format=format)
    request = Request("sam-to-chalice", project, given, dry_run, diff, check, force)
    _convert(request, verbose=verbose, quiet=quiet)


def _ask_to_run(question: str, option: str) -> None:
    """Go on only if the user agrees that code is run."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("say --yes where nobody can be asked", param_hint=option)
    typer.confirm(question, abort=True, err=True)


def _convert(request: Request, *, verbose: bool, quiet: bool) -> NoReturn:
    from converter.report import Exit

    try:
        with showing_progress("Converting ..."):
            request, report = carry_out(request)
    except KeyboardInterrupt:
        say("Interrupted. Nothing was written.\n", sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    format = request.settings.format or "text"
    if _is_for_programs(format):
        from converter.report.outcome import describe_conversion

        _tell_programs(describe_conversion(report), format, lambda pages: pages.render_conversion(report))
    if format == "json":
        from converter.report import json_

        say(json_.render(report), sys.stdout)
    elif format == "text":
        from converter.report import text

        if request.dry_run:
            say(text.list_files(report), sys.stdout)
        say(text.render_diff(report.diff, choose_style(sys.stdout)), sys.stdout)
        say(text.render(report, choose_style(sys.stderr), verbose=verbose, quiet=quiet), sys.stderr)
    raise typer.Exit(report.exit)


def _is_for_programs(format: Format) -> bool:
    """Whether a report of findings is wanted: of the command itself, or by the CI system that runs it."""
    return format not in ("text", "json") or "GITHUB_STEP_SUMMARY" in os.environ


def _tell_programs(outcome: Outcome, format: Format, write_page: Callable[[Any], str]) -> None:
    """Print the report of the outcome; as HTML what `write_page` makes with converter.report.pages."""
    from importlib import import_module

    from converter.report.markdown import append_summary

    append_summary(outcome)
    if format == "html":
        say(write_page(import_module("converter.report.pages")), sys.stdout)
    elif format not in ("text", "json"):
        say(import_module(f"converter.report.{format}").render(outcome), sys.stdout)


# --- paws sync ----------------------------------------------------------------


@app.command(
    epilog="""\
\b
Examples:
  paws sync orders
  paws sync orders --check
  paws sync orders --from sam --diff

\b
Exit codes:
  0  in step, or brought into step
  1  conflicts, or --check found something to carry over
  2  wrong usage, no lock file, input that cannot be read, output that cannot be written
  3  carried over, but something of the conversion needs a person""",
)
def sync(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="The folder of either form (this one).", show_default=False),
    ] = Path(),
    origin: Annotated[
        Framework | None,
        typer.Option(
            "--from", help="The form whose changes are carried over (the one that was converted first)."
        ),
    ] = None,
    introspect: IntrospectOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 if there is something to carry over."),
    ] = False,
    format: FormatOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Carry what changed in one form of a project into the other, and keep what people changed there."""
    from converter.report import Exit
    from converter.sync import report as reports
    from converter.sync.run import SyncRequest, sync_folder

    if introspect and not yes:
        _ask_to_run("Run app.py, in a sandbox, to see what it registers?", "--introspect")
    try:
        with showing_progress("Converting ..."):
            report = sync_folder(SyncRequest(folder, origin, dry_run, diff, check, introspect))
    except KeyboardInterrupt:
        say("Interrupted. Nothing was written.\n", sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    format = format or "text"
    if _is_for_programs(format):
        from converter.report.outcome import describe_sync

        _tell_programs(describe_sync(report), format, lambda pages: pages.render(describe_sync(report)))
    if format == "json":
        say(reports.render_json(report), sys.stdout)
    elif format == "text":
        from converter.report import text

        say(text.render_diff(report.diff, choose_style(sys.stdout)), sys.stdout)
        style = choose_style(sys.stderr)
        say(reports.render_text(report, style, verbose=verbose, quiet=quiet), sys.stderr)
    raise typer.Exit(report.exit)


# --- paws gen-policy ----------------------------------------------------------


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

    try:
        found = derive_policies(Folder(project), stage, project.resolve().name)
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


# --- paws layer ---------------------------------------------------------------


@layer_app.command(
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


# --- paws ci ------------------------------------------------------------------


@ci_app.command(
    "init",
    epilog="""\
\b
Examples:
  paws ci init github orders orders-sam
  paws ci init gitlab orders orders-sam
  paws ci init github --matrix 8""",
)
def init_ci(
    system: Annotated[
        System, typer.Argument(metavar="github|gitlab", help="The CI system.", show_default=False)
    ],
    project: Annotated[
        str,
        typer.Argument(metavar="PROJECT", help="The folder that was converted, from the repository's root."),
    ] = ".",
    output: Annotated[
        str | None,
        typer.Argument(
            metavar="OUTPUT", help="The folder of its other form (PROJECT-sam).", show_default=False
        ),
    ] = None,
    matrix: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=256, help="GitHub: a job that audits all projects on N machines."
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write a job into this repository that keeps both forms in step."""
    from converter.ci import write_audit_job, write_job
    from converter.files import OutputError, write_all

    if matrix is not None and system != "github":
        raise typer.BadParameter("only GitHub has a matrix", param_hint="--matrix")
    if matrix is None and output is None and project == ".":
        raise typer.BadParameter("say the folders of both forms", param_hint="PROJECT OUTPUT")
    path, text = write_audit_job(matrix) if matrix else write_job(system, project, output or f"{project}-sam")
    try:
        write_all({path: text.encode()}, Path(), force=force)
    except OutputError as error:
        say(f"{error}\n", sys.stderr)
        raise typer.Exit(2) from None
    say(f"{path}\n", sys.stdout)
    if system == "gitlab":
        say(f"Add to .gitlab-ci.yml:\n\ninclude:\n  - local: {path}\n", sys.stderr)


# --- paws verify --------------------------------------------------------------


def _check_kinds(kinds: list[str] | None) -> list[str]:
    from converter.verify.facts import KINDS

    for kind in kinds or []:
        if kind not in KINDS:
            from difflib import get_close_matches

            similar = get_close_matches(kind, KINDS, 1)
            hint = f"did you mean {similar[0]}?" if similar else f"there are {', '.join(KINDS)}"
            raise typer.BadParameter(f"there is no kind {kind}; {hint}")
    return kinds or []


@app.command(
    epilog="""\
\b
Examples:
  paws verify orders orders-sam
  paws verify orders orders-sam --stage prod --ignore tags
  paws verify orders orders-sam --with-tools
  paws verify orders orders-sam --behaviour

\b
Exit codes:
  0  the projects mean the same
  1  they differ
  2  wrong usage, or a project that cannot be read
  3  the same as far as they were compared; something could not be""",
)
def verify(
    left: Annotated[Path, typer.Argument(metavar="PROJECT", help="A project's folder.", show_default=False)],
    right: Annotated[
        Path, typer.Argument(metavar="OTHER", help="The folder of its other form.", show_default=False)
    ],
    stage: Annotated[str | None, typer.Option(metavar="NAME", help="Compare one stage only.")] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND", callback=_check_kinds, help="Leave facts of a kind out, such as tags; repeatable."
        ),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="List the accepted differences, too.")] = False,
    with_tools: Annotated[
        bool,
        typer.Option(
            "--with-tools",
            help="Ask 'chalice package' (it runs app.py) and the SAM translator what is deployed.",
        ),
    ] = False,
    behaviour: Annotated[
        bool,
        typer.Option("--behaviour", help="Call the functions of both with the same events; runs their code."),
    ] = False,
    yes: YesOption = False,
    format: FormatOption = None,
) -> None:
    """Show whether a Chalice project and a SAM project, in either order, mean the same."""
    from converter.report import Exit, verification
    from converter.verify.run import verify_folders

    if behaviour and not yes:
        question = f"Run the code of {left} and {right}, each call in a sandbox of its own?"
        _ask_to_run(question, "--behaviour")
    try:
        with showing_progress("Comparing ..."):
            report = verify_folders(
                left,
                right,
                stage=stage,
                ignore=ignore or (),
                with_tools=with_tools,
                with_behaviour=behaviour,
            )
    except KeyboardInterrupt:
        say("Interrupted.\n", sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    format = format or "text"
    if _is_for_programs(format):
        from converter.report.outcome import describe_verification

        _tell_programs(describe_verification(report), format, lambda pages: pages.render_verification(report))
    if format == "json":
        say(verification.render_json(report), sys.stdout)
    elif format == "text":
        style = choose_style(sys.stdout)
        say(verification.render_text(report, style, show_all=show_all), sys.stdout)
        say(verification.render_failure(report, choose_style(sys.stderr)), sys.stderr)
    raise typer.Exit(report.exit)


# --- paws audit ---------------------------------------------------------------


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
