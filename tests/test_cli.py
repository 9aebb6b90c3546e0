"""The command line around a core that answers what the test wants."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from converter import __version__, convert
from converter.cli import app
from converter.cli.lazy import COMMANDS
from converter.codes import (
    KEEPS_CHALICE,
    MODULE_NAME_CHANGED,
    NO_CHALICE_OBJECT,
    UNSUPPORTED_HANDLER,
)
from converter.convert import Conversion, LayerStyle, Layout, Options
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import Folder
from converter.model import Application, Code, Function, Handler, Position
from tests.files.trees import read_tree, write_tree

FILES = {"lambdas/list/list.py": b"x = 1\n", "layers/shared/shared.py": b"", "template.yaml": b"a: 1\n"}
AT = Position("app.py", 3, 1)
NOTE = MODULE_NAME_CHANGED.at(AT, "log", "its name changed")
WARNING = KEEPS_CHALICE.at(AT, "BadRequestError", "no rewrite")
ERROR = UNSUPPORTED_HANDLER.at(AT, "on_s3_event", "not yet")


class Core:
    """Stands in for both directions of the conversion, and keeps what it was called with."""

    def __init__(self) -> None:
        function = Function("list", Code("", Handler("app.py", "list")))
        application = Application("orders", functions={"list": function})
        self.conversion = Conversion(FILES, (), application, ("sam build", "sam deploy"))
        self.error: BaseException | None = None
        self.calls: list[tuple[str, Mapping[str, bytes], Options]] = []

    def direction(self, name: str) -> Callable[[Mapping[str, bytes], Options], Conversion]:
        def answer(files: Mapping[str, bytes], options: Options) -> Conversion:
            self.calls.append((name, files, options))
            if self.error:
                raise self.error
            return self.conversion

        return answer

    def answers(self, *diagnostics: Diagnostic) -> None:
        self.conversion = replace(self.conversion, diagnostics=diagnostics)

    @property
    def options(self) -> Options:
        [(_, _, options)] = self.calls
        return options


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Core:
    core = Core()
    monkeypatch.setattr(convert, "chalice_to_sam", core.direction("chalice-to-sam"))
    monkeypatch.setattr(convert, "sam_to_chalice", core.direction("sam-to-chalice"))
    return core


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project `orders`, and in it."""
    write_tree(tmp_path, {"orders/app.py": "app = 1\n", ".git/HEAD": ""})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paws(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def to_sam(*arguments: str) -> Result:
    return paws("convert", "chalice-to-sam", "orders", *arguments)


def files_below(folder: Path) -> dict[str, bytes]:
    """The files of a folder, without what `paws sync` needs (tests/sync)."""
    found = {path: data for path, data in read_tree(folder).items() if data is not None}
    return {path: data for path, data in found.items() if path != ".paws.lock"}


@pytest.mark.usefixtures("here")
class TestConvert:
    def test_writes_and_says_so(self, core: Core, here: Path):
        result = to_sam("-o", "out")

        assert (0, "") == (result.exit_code, result.stdout)
        assert "Converted orders to SAM in out/\n  1 function, 1 layer, 3 files\n" in result.stderr
        assert result.stderr.endswith("Next, in out/\n  sam build\n  sam deploy\n")
        assert files_below(here / "out") == FILES

    def test_source_is_untouched(self, core: Core, here: Path):
        before = read_tree(here / "orders")

        to_sam()

        assert read_tree(here / "orders") == before

    def test_core_gets_the_project_and_the_options(self, core: Core):
        to_sam(
            "--stage",
            "prod",
            "--layout",
            "shared",
            "--layer-style",
            "dummy-lambda",
            "--runtime",
            "python3.12",
        )

        [(direction, files, options)] = core.calls
        assert direction == "chalice-to-sam"
        assert isinstance(files, Folder)
        assert {"app.py": b"app = 1\n"} == dict(files)
        assert Options("prod", Layout.SHARED, LayerStyle.DUMMY_LAMBDA, runtime="python3.12") == options

    def test_options_not_given_are_the_conversion_s_own(self, core: Core):
        to_sam()

        assert Options() == core.options

    def test_the_other_direction(self, core: Core, here: Path):
        result = paws("convert", "sam-to-chalice", "orders", "--stage", "prod")

        assert [("sam-to-chalice", Options("prod"))] == [(name, options) for name, _, options in core.calls]
        assert "to Chalice in orders-chalice/" in result.stderr
        assert files_below(here / "orders-chalice") == FILES

    def test_default_output_is_beside_the_project(self, core: Core, here: Path):
        to_sam()

        assert files_below(here / "orders-sam") == FILES

    def test_default_project_is_the_current_folder(
        self, core: Core, here: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.chdir(here / "orders")

        result = paws("convert", "chalice-to-sam")

        assert "in ../orders-sam/" in result.stderr
        assert files_below(here / "orders-sam") == FILES

    def test_default_output_of_an_absolute_path(self, core: Core, here: Path):
        result = paws("convert", "chalice-to-sam", str(here / "orders"))

        assert f"in {here}/orders-sam/" in result.stderr

    def test_again(self, core: Core):
        to_sam()

        result = to_sam()

        assert result.exit_code == 0
        assert "orders-sam/ already holds the SAM form of orders" in result.stderr

    def test_links_that_leave_the_project_are_told(self, core: Core, here: Path):
        write_tree(here, {"secret.txt": ""})
        (here / "orders/link").symlink_to("../secret.txt")
        core.conversion = replace(core.conversion, files={"template.yaml": b""})

        result = to_sam()

        assert "warning PAWS905  orders/link:1:1  link" in result.stderr

    def test_quiet_and_verbose(self, core: Core):
        core.answers(NOTE, WARNING)

        assert "Converted" not in to_sam("--quiet").stderr
        assert "PAWS304" in to_sam("--quiet").stderr
        assert "PAWS306" not in to_sam().stderr
        assert "PAWS306" in to_sam("-v").stderr


@pytest.mark.usefixtures("here")
class TestExitCode:
    @pytest.mark.parametrize(
        ("found", "arguments", "code"),
        [
            pytest.param((), "", 0, id="nothing found"),
            pytest.param((NOTE, WARNING), "", 0, id="warning"),
            pytest.param((NOTE, ERROR), "", 3, id="error"),
            pytest.param((NOTE,), "--fail-on info", 1, id="info at info"),
            pytest.param((NOTE,), "--fail-on warning", 0, id="info at warning"),
            pytest.param((WARNING,), "--fail-on warning", 1, id="warning at warning"),
            pytest.param((WARNING,), "--fail-on error", 0, id="warning at error"),
            pytest.param((ERROR,), "--fail-on error", 1, id="error at error: 1 counts before 3"),
            pytest.param((ERROR,), "--check", 1, id="out of date with error: 1 counts before 3"),
            pytest.param((), "--dry-run", 0, id="dry run"),
            pytest.param((ERROR,), "--diff", 3, id="diff with error"),
            pytest.param((ERROR,), "--check -o orders/x", 2, id="2 counts before 1"),
            pytest.param((), "--fail-on loud", 2, id="no such level"),
            pytest.param((), "--layout flat", 2, id="no such layout"),
            pytest.param((), "--runtime nodejs20.x", 2, id="no Python runtime"),
            pytest.param((), "--nonsense", 2, id="no such option"),
        ],
    )
    def test_exit_code(self, found: tuple[Diagnostic, ...], arguments: str, code: int, core: Core):
        core.answers(*found)

        assert code == to_sam(*arguments.split()).exit_code

    def test_fail_on_writes_all_the_same(self, core: Core, here: Path):
        core.answers(WARNING)

        assert to_sam("--fail-on", "warning").exit_code == 1
        assert files_below(here / "orders-sam") == FILES


@pytest.mark.usefixtures("here")
class TestLookFirst:
    @pytest.mark.parametrize("option", ["--dry-run", "--diff", "--check"])
    def test_nothing_is_written(self, option: str, core: Core, here: Path):
        before = read_tree(here)

        to_sam(option, "--force")

        assert read_tree(here) == before

    def test_dry_run_lists_the_files(self, core: Core):
        result = to_sam("--dry-run")

        assert "lambdas/list/list.py\nlayers/shared/shared.py\ntemplate.yaml\n" == result.stdout
        assert "Would convert orders to SAM in orders-sam/" in result.stderr
        assert "Next" not in result.stderr

    def test_diff_against_what_is_there(self, core: Core, here: Path):
        write_tree(here / "orders-sam", {**FILES, "template.yaml": "a: 2\n", "mine.txt": "mine"})

        result = to_sam("--diff")

        assert result.stdout == (
            "diff --git a/template.yaml b/template.yaml\n--- a/template.yaml\n+++ b/template.yaml\n"
            "@@ -1 +1 @@\n-a: 2\n+a: 1\n"
        )

    def test_diff_says_what_could_not_be_converted(self, core: Core):
        core.answers(ERROR)

        assert "error PAWS103  orders/app.py:3:1  on_s3_event" in to_sam("--diff").stderr

    def test_check_in_step(self, core: Core, here: Path):
        write_tree(here / "orders-sam", {**FILES, "mine.txt": "mine"})

        result = to_sam("--check")

        assert (0, "") == (result.exit_code, result.stdout)
        assert "orders-sam/ already holds the SAM form of orders" in result.stderr

    def test_check_out_of_step(self, core: Core, here: Path):
        write_tree(here / "orders-sam", {"template.yaml": "a: 2\n", "lambdas/list/list.py": "x = 1\n"})

        result = to_sam("--check")

        assert (1, "") == (result.exit_code, result.stdout)
        assert "orders-sam/ is not the SAM form of orders" in result.stderr
        assert "  new      layers/shared/shared.py\n  changed  template.yaml\n" in result.stderr

    def test_all_at_once(self, core: Core):
        result = to_sam("--dry-run", "--diff", "--check")

        assert result.exit_code == 1
        assert result.stdout.startswith(
            "lambdas/list/list.py\nlayers/shared/shared.py\ntemplate.yaml\ndiff --git "
        )


@pytest.mark.usefixtures("here")
class TestJson:
    def test_one_document_and_nothing_else(self, core: Core):
        core.answers(ERROR)

        result = to_sam("--format", "json", "--diff", "--dry-run")

        document = json.loads(result.stdout)
        assert "" == result.stderr
        assert {"code": 3, "meaning": "converted, but something needs a person"} == document["exit"]
        assert ["PAWS103"] == [each["code"] for each in document["diagnostics"]]
        assert sorted(FILES) == [each["path"] for each in document["files"]]
        assert document["diff"].startswith("diff --git ")
        assert document["layers"] == ["shared"]
        assert document["written"] is False

    def test_refusal_is_a_document_too(self, core: Core):
        result = to_sam("--format", "json", "-o", "orders")

        document = json.loads(result.stdout)
        assert (2, "") == (result.exit_code, result.stderr)
        assert (2, ["PAWS908"]) == (
            document["exit"]["code"],
            [each["code"] for each in document["diagnostics"]],
        )


@pytest.mark.usefixtures("here")
class TestBadInput:
    """A message with its place, exit code 2, the source untouched, nothing half-written."""

    @pytest.fixture(autouse=True)
    def _nothing_changes(self, here: Path) -> object:
        yield
        assert {"orders": None, "orders/app.py": b"app = 1\n"} == {
            path: data
            for path, data in read_tree(here).items()
            if not path.startswith((".git", "there", "pyproject"))
        }

    def test_no_project(self, core: Core):
        core.error = UnreadableError(NO_CHALICE_OBJECT.at(AT, "app.py", "it makes none"))

        result = to_sam()

        assert (2, "") == (result.exit_code, result.stdout)
        assert "Nothing was written.\n\n  error PAWS101  orders/app.py:3:1  app.py\n" in result.stderr

    def test_reason_may_be_a_link_that_was_not_followed(self, core: Core, here: Path):
        write_tree(here / "there", {"common/x.py": ""})
        (here / "there/link").symlink_to("../orders")
        core.error = UnreadableError(NO_CHALICE_OBJECT.at(None, "app.py", "there is none"))

        result = paws("convert", "chalice-to-sam", "there")

        assert result.exit_code == 2
        assert "error PAWS101" in result.stderr
        assert "warning PAWS905  there/link:1:1  link\n" in result.stderr

    def test_project_that_is_a_link_to_itself(self, core: Core, here: Path):
        (here / "there").symlink_to("there")

        result = paws("convert", "chalice-to-sam", "there")

        assert result.exit_code == 2
        assert "error PAWS901  there\n" in result.stderr

    @pytest.mark.parametrize("project", ["nowhere", "orders/app.py"])
    def test_no_folder(self, project: str, core: Core):
        result = paws("convert", "chalice-to-sam", project)

        assert result.exit_code == 2
        assert f"error PAWS901  {project}\n" in result.stderr

    @pytest.mark.parametrize("output", ["orders", "orders/out", "./orders/../orders"])
    def test_output_inside_the_project(self, output: str, core: Core):
        result = to_sam("-o", output)

        assert result.exit_code == 2
        assert "error PAWS908" in result.stderr

    def test_output_that_holds_other_files(self, core: Core, here: Path):
        write_tree(here / "there", {"template.yaml": "mine", "lambdas/list/list.py": "mine"})
        before = read_tree(here)

        result = to_sam("-o", "there")

        assert result.exit_code == 2
        assert "error PAWS906  there/lambdas/list/list.py\n" in result.stderr
        assert "                 there/template.yaml\n" in result.stderr
        assert read_tree(here) == before

    def test_force(self, core: Core, here: Path):
        write_tree(here / "there", {"template.yaml": "mine"})

        assert to_sam("-o", "there", "--force").exit_code == 0
        assert files_below(here / "there") == FILES

    def test_file_in_the_way(self, core: Core, here: Path):
        write_tree(here, {"there": "mine"})

        result = to_sam("-o", "there", "--force")

        assert result.exit_code == 2
        assert "error PAWS906  there\n      what stands there is not a folder\n" in result.stderr

    @pytest.mark.parametrize(
        ("function", "error"),
        [
            pytest.param("write_bytes", OSError(28, "No space left on device"), id="full"),
            pytest.param("replace", OSError(30, "Read-only file system"), id="read-only"),
        ],
    )
    def test_disk(self, function: str, error: OSError, core: Core, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(Path, function, raising(error))

        result = to_sam()

        assert result.exit_code == 2
        assert f"error PAWS907  orders-sam\n      {error.strerror}\n" in result.stderr

    def test_interrupt_while_writing(self, core: Core, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(Path, "write_bytes", raising(KeyboardInterrupt()))

        result = to_sam()

        assert (130, "Interrupted. Nothing was written.\n") == (result.exit_code, result.stderr)

    def test_path_that_leaves_the_output_folder(self, core: Core):
        core.conversion = replace(core.conversion, files={"../orders/app.py": b"overwritten"})

        result = to_sam()

        assert result.exit_code == 2
        assert "error PAWS909  ../orders/app.py\n" in result.stderr

    def test_setting(self, core: Core, here: Path):
        write_tree(here, {"pyproject.toml": "[tool.paws]\nlayuot = 'shared'\n"})

        result = to_sam()

        assert result.exit_code == 2
        assert "error PAWS911  pyproject.toml:2:1  layuot\n" in result.stderr
        assert "to do: did you mean layout?" in result.stderr

    def test_disk_that_refuses_to_read(self, core: Core):
        core.error = PermissionError(13, "Permission denied", "orders/secret")

        result = to_sam()

        assert result.exit_code == 2
        assert "error PAWS902  orders/secret\n      Permission denied\n" in result.stderr


@pytest.mark.usefixtures("here")
class TestSettings:
    @pytest.fixture(autouse=True)
    def _settings(self, here: Path) -> None:
        text = (
            "[tool.paws]\nstage = 'prod'\noutput = 'there'\nlayout = 'shared'\n"
            "fail-on = 'info'\nformat = 'json'\n"
        )
        write_tree(here, {"pyproject.toml": text})

    def test_they_count(self, core: Core, here: Path):
        core.answers(NOTE)

        result = to_sam()

        assert Options("prod", Layout.SHARED) == core.options
        assert result.exit_code == 1
        assert files_below(here / "there") == FILES
        assert json.loads(result.stdout)["exit"]["code"] == 1

    def test_command_line_wins(self, core: Core, here: Path):
        core.answers(NOTE)

        result = to_sam(
            *[
                "--stage",
                "dev",
                "-o",
                "other",
                "--layout",
                "per-function",
                "--fail-on",
                "error",
                "--format",
                "text",
            ],
        )

        assert Options("dev", Layout.PER_FUNCTION) == core.options
        assert (0, "") == (result.exit_code, result.stdout)
        assert files_below(here / "other") == FILES

    def test_output_is_relative_to_the_file(self, core: Core, here: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(here / "orders")

        paws("convert", "chalice-to-sam")

        assert files_below(here / "there") == FILES


class TestHelp:
    @pytest.mark.parametrize("command", ["chalice-to-sam", "sam-to-chalice"])
    def test_has_examples_and_exit_codes(self, command: str):
        result = paws("convert", command, "--help")

        assert result.exit_code == 0
        assert f"Examples:\n    paws convert {command}\n" in result.stdout
        assert "    3  converted, but something needs a person\n" in result.stdout

    def test_examples_are_right(self, core: Core, here: Path):
        write_tree(here, {"orders-sam/template.yaml": ""})
        texts = [paws("convert", command, "-h").stdout for command in ("chalice-to-sam", "sam-to-chalice")]
        examples = re.findall(r"^    paws (.*)$", "".join(texts), re.MULTILINE)

        assert len(examples) == 7
        for example in examples:
            result = paws(*example.split(), *["--dry-run"] * (example.split()[-1] not in {"--diff"}))
            assert "Usage:" not in result.stderr, example

    def test_layout_is_a_matter_of_sam(self):
        assert "--layout" in paws("convert", "chalice-to-sam", "--help").stdout
        assert "--layout" not in paws("convert", "sam-to-chalice", "--help").stdout


class TestExplain:
    def test_one(self):
        result = paws("explain", "901")

        assert (0, "") == (result.exit_code, result.stderr)
        assert result.stdout.startswith("PAWS901 (error): Not a project\n\n")

    def test_all(self):
        assert "\nPAWS901  error    Not a project\n" in paws("explain").stdout

    def test_unknown(self):
        result = paws("explain", "PAWS000")

        assert (2, "") == (result.exit_code, result.stdout)
        assert "there is no code PAWS000; 'paws explain' lists them all" in result.stderr


# --- the process --------------------------------------------------------------


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes started in another folder find the package that is tested, and choose colours themselves."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]), prepend=os.pathsep)
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR", "PAWS_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with some code run before it."""
    return subprocess.run(
        command(*arguments, code=code), capture_output=True, text=True, env={**os.environ, **environment}
    )


def command(*arguments: str, code: str = "") -> list[str]:
    if not code:
        return [sys.executable, "-m", "converter", *arguments]
    return [sys.executable, "-c", f"{code}\nfrom converter.__main__ import main\nmain()", *arguments]


# At the end of the command, which may leave without Python's own end.
SHOW_MODULES = """\
import atexit, os, sys
leave = os._exit
show = lambda: print(*sorted(sys.modules), flush=True)
os._exit = lambda code: (show(), leave(code))
atexit.register(show)
"""

FAKE_CORE = """\
from converter import convert
from converter.model import Application

def answer(files, options):
    {before}
    return convert.Conversion({files}, (), Application("orders"))

convert.chalice_to_sam = answer
"""


def fake_core(before: str = "pass", files: str = repr(FILES)) -> str:
    return FAKE_CORE.format(before=before, files=files)


class TestProcess:
    def test_version(self):
        result = run("--version")

        assert (0, f"paws {__version__}\n", "") == (result.returncode, result.stdout, result.stderr)

    def test_version_is_the_same_through_the_parser(self):
        assert f"paws {__version__}\n" == paws("--version").stdout

    def test_version_imports_nothing_heavy(self):
        code = SHOW_MODULES

        modules = run("--version", code=code).stdout.split()

        assert "converter" in modules
        assert not {"typer", "rich", "converter.cli", "dataclasses", "pathlib", "json"} & set(modules)

    def test_start_imports_nothing_heavy(self):
        code = SHOW_MODULES

        modules = run("explain", "PAWS901", code=code).stdout.split()

        assert "converter.cli" in modules
        assert not {"rich", "libcst", "ruamel.yaml", "chalice", "converter.convert", "tomllib"} & set(modules)

    def test_completion(self):
        result = run(
            _PAWS_COMPLETE="complete_bash", COMP_WORDS="paws convert chalice-to-sam --layout ", COMP_CWORD="4"
        )

        assert ["per-function", "shared"] == result.stdout.split()

    def test_completion_of_codes(self):
        result = run(_PAWS_COMPLETE="complete_bash", COMP_WORDS="paws explain PAWS101", COMP_CWORD="2")

        assert ["PAWS101"] == result.stdout.split()

    def test_without_arguments_shows_help(self):
        result = run()

        assert "Usage: paws [OPTIONS] COMMAND [ARGS]..." in result.stdout + result.stderr

    def test_help_says_all_of_each_command_the_first_one_first(self):
        lines = run("--help").stdout.partition("Convert:")[2].splitlines()
        names = [line.split()[0] for line in lines if line[:2] == "  " and line[2:3].islower()]

        assert ["convert", "verify", "sync", "audit"] == [name for name in names if name in COMMANDS][:4]
        assert set(COMMANDS) <= set(names)
        assert not [line for line in lines if line.endswith("...")]

    def test_bug(self, here: Path):
        result = run("convert", "chalice-to-sam", "orders", code=fake_core("1 / 0"))

        assert (70, "") == (result.returncode, result.stdout)
        assert result.stderr.startswith(
            "Internal error: ZeroDivisionError: division by zero\nThis is a bug in paws"
        )
        assert "Traceback" not in result.stderr

    def test_bug_with_traceback(self, here: Path):
        result = run("convert", "chalice-to-sam", "orders", code=fake_core("1 / 0"), PAWS_DEBUG="1")

        assert result.returncode == 70
        assert "Traceback" in result.stderr

    @pytest.mark.parametrize(
        ("number", "code", "said"),
        [
            (signal.SIGINT, 130, "Interrupted. Nothing was written.\n"),
            (signal.SIGTERM, 143, ""),
        ],
    )
    def test_signal(self, number: signal.Signals, code: int, said: str, here: Path):
        before = read_tree(here)
        waiting = fake_core("import time; print('ready', flush=True); time.sleep(60)")

        with subprocess.Popen(
            command("convert", "chalice-to-sam", "orders", code=waiting),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # What runs in the background ignores SIGINT, and so would this.
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.send_signal(number)
            _, told = process.communicate(timeout=30)

        assert (code, said) == (process.returncode, told)
        assert read_tree(here) == before

    def test_broken_pipe(self, here: Path):
        """Whoever reads the data may stop early; that changes neither the exit code nor the messages."""
        many = "{f'{i}.txt': b'x' * 100 for i in range(5000)}"
        arguments = command("convert", "chalice-to-sam", "orders", "--diff", code=fake_core(files=many))

        with subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            told = process.stderr.read()

        assert process.returncode == 0
        assert told.startswith("Would convert orders to SAM")
        assert "Broken" not in told

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
    def test_nothing_can_be_printed(self, here: Path):
        with Path("/dev/full").open("w") as full:
            result = subprocess.run(
                command("explain"), stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )

        assert (2, "Nothing can be printed: No space left on device\n") == (result.returncode, result.stderr)

    def test_names_that_the_terminal_cannot_show(self, here: Path):
        result = run(
            "convert",
            "chalice-to-sam",
            "orders",
            "--dry-run",
            code=fake_core(files="{'é.py': b''}"),
            PYTHONIOENCODING="ascii",
        )

        assert (0, "\\xe9.py\n") == (result.returncode, result.stdout)


class TestTerminal:
    """What is seen on a terminal, and where none is."""

    @pytest.mark.parametrize(
        ("environment", "coloured"),
        [
            ({}, True),
            ({"NO_COLOR": "1"}, False),
            ({"NO_COLOR": ""}, True),
            ({"TERM": "dumb"}, False),
            ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
            ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ],
    )
    def test_colour_on_a_terminal(self, environment: dict[str, str], coloured: bool, here: Path):
        told = run_on_terminal(command("convert", "chalice-to-sam", "orders", code=fake_core()), environment)

        assert "Converted orders to SAM" in told
        assert ("\033[1" in told) is coloured

    @pytest.mark.parametrize(
        ("environment", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": ""}, False)]
    )
    def test_colour_without_a_terminal(self, environment: dict[str, str], coloured: bool, here: Path):
        result = run("convert", "chalice-to-sam", "orders", "--diff", code=fake_core(), **environment)

        assert ("\033[1" in result.stderr) is coloured
        assert ("\033[1" in result.stdout) is coloured

    def test_progress_when_it_takes_long(self, here: Path):
        slow = fake_core("import time; time.sleep(1.5)")

        told = run_on_terminal(command("convert", "chalice-to-sam", "orders", code=slow), {})

        assert "Converting ...\r\033[K" in told

    def test_no_progress_without_a_terminal(self, here: Path):
        slow = fake_core("import time; time.sleep(1.5)")

        assert "Converting" not in run("convert", "chalice-to-sam", "orders", code=slow).stderr


def run_on_terminal(arguments: list[str], environment: dict[str, str]) -> str:
    """What the command prints on a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        arguments, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **environment}
    )
    os.close(theirs)
    told = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            part = os.read(ours, 65536)
        except OSError:
            # Linux answers with EIO, others with nothing, when the other end is closed.
            break
        if not part:
            break
        told += part
    os.close(ours)
    process.wait(timeout=30)
    return told.decode()


def raising(error: BaseException) -> Callable[..., object]:
    def fail(*arguments: object, **options: object) -> object:
        raise error

    return fail


@pytest.mark.usefixtures("here")
class TestIntrospect:
    def test_nobody_can_be_asked(self, here: Path):
        result = to_sam("-o", "out", "--introspect")

        assert 2 == result.exit_code
        assert "--yes" in result.stderr
        assert not (here / "out").exists()

    def test_what_running_shows_is_taken(self, here: Path):
        source = (
            "from chalice import Chalice\napp = Chalice('shop')\nfor p in ['/a']:\n    app.route(p)(print)\n"
        )
        (here / "orders" / "app.py").write_text(source, encoding="utf-8")

        without, result = to_sam("-o", "other"), to_sam("-o", "out", "--introspect", "--yes")

        assert (3, 0) == (without.exit_code, result.exit_code)
        assert "Path: /a" in (here / "out" / "template.yaml").read_text(encoding="utf-8")

    def test_what_cannot_be_run_is_read(self, here: Path):
        source = "from chalice import Chalice\nimport not_there\napp = Chalice('shop')\n"
        handler = "@app.lambda_function()\ndef one(event, context): pass\n"
        (here / "orders" / "app.py").write_text(source + handler, encoding="utf-8")

        result = to_sam("-o", "out", "--introspect", "-y")

        assert 0 == result.exit_code
        assert "not_there" in result.stderr
        assert (here / "out" / "template.yaml").exists()
