from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from converter.codes import LEAVES_OUTPUT, OUTPUT_EXISTS, OUTPUT_FAILED, OUTPUT_IN_PROJECT
from converter.files import Changes, OutputError, read_output, refuse_overlap, write_all
from tests.files.trees import read_tree, write_tree

FILES = {"a.txt": b"new a", "d/b.txt": b"new b", "d/e/c.txt": b"new c"}
FOLDERS = {"d": None, "d/e": None}


class TestNewFolder:
    def test_everything_is_created(self, tmp_path: Path):
        changes = write_all(FILES, tmp_path / "out")

        assert Changes(created=("a.txt", "d/b.txt", "d/e/c.txt")) == changes
        assert {"out": None, **below_out(FILES), **below_out(FOLDERS)} == read_tree(tmp_path)

    def test_with_its_parents(self, tmp_path: Path):
        write_all({"a.txt": b"1"}, tmp_path / "x/y/out")

        assert {"x": None, "x/y": None, "x/y/out": None, "x/y/out/a.txt": b"1"} == read_tree(tmp_path)

    def test_relative_to_the_current_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")

        write_all({"a.txt": b"1"}, Path("../out"))

        assert {"here": None, "out": None, "out/a.txt": b"1"} == read_tree(tmp_path)

    def test_has_the_usual_permissions(self, tmp_path: Path):
        (tmp_path / "usual").mkdir()
        (tmp_path / "usual/file").touch()

        write_all(FILES, tmp_path / "out")

        for made, usual in [("out", "usual"), ("out/d", "usual"), ("out/a.txt", "usual/file")]:
            assert (tmp_path / made).stat().st_mode == (tmp_path / usual).stat().st_mode

    def test_nothing_to_write(self, tmp_path: Path):
        assert Changes() == write_all({}, tmp_path / "out")
        assert {} == read_tree(tmp_path)


class TestExistingFolder:
    def test_files_of_the_user_stay(self, tmp_path: Path):
        write_tree(tmp_path, {"README.md": "mine", "d/mine.txt": "mine"})

        write_all(FILES, tmp_path)

        assert {**FILES, **FOLDERS, "README.md": b"mine", "d/mine.txt": b"mine"} == read_tree(tmp_path)

    def test_equal_files_are_left_alone(self, tmp_path: Path):
        write_tree(tmp_path, FILES)
        before = (tmp_path / "a.txt").stat()

        changes = write_all(FILES, tmp_path)

        assert Changes(unchanged=("a.txt", "d/b.txt", "d/e/c.txt")) == changes
        assert (tmp_path / "a.txt").stat() == before

    def test_refusal_names_every_file(self, tmp_path: Path):
        write_tree(tmp_path, {"a.txt": "mine", "d/b.txt": "mine"})
        before = read_tree(tmp_path)

        with pytest.raises(OutputError) as caught:
            write_all(FILES, tmp_path)

        reason = "it exists, with other content"
        expected = tuple(
            OUTPUT_EXISTS.at(None, str(tmp_path / path), reason) for path in ("a.txt", "d/b.txt")
        )
        assert expected == caught.value.diagnostics
        assert read_tree(tmp_path) == before

    def test_force_overwrites(self, tmp_path: Path):
        write_tree(tmp_path, {"a.txt": "old a", "d/b.txt": "new b"})

        changes = write_all(FILES, tmp_path, force=True)

        assert Changes(created=("d/e/c.txt",), updated=("a.txt",), unchanged=("d/b.txt",)) == changes
        assert {**FILES, **FOLDERS} == read_tree(tmp_path)

    def test_link_is_replaced_and_its_target_left_alone(self, tmp_path: Path):
        write_tree(tmp_path, {"out/d/x.txt": "", "mine.txt": "mine"})
        (tmp_path / "out/a.txt").symlink_to("../mine.txt")

        write_all({"a.txt": b"new"}, tmp_path / "out", force=True)

        assert b"mine" == (tmp_path / "mine.txt").read_bytes()
        assert b"new" == (tmp_path / "out/a.txt").read_bytes()
        assert not (tmp_path / "out/a.txt").is_symlink()


class TestInTheWay:
    @pytest.mark.parametrize("force", [False, True])
    @pytest.mark.parametrize(
        ("there", "at", "reason"),
        [
            pytest.param("out", "out", "what stands there is not a folder", id="file for output"),
            pytest.param("out/d", "out/d", "what stands there is not a folder", id="file for folder"),
            pytest.param("out/a.txt/x", "out/a.txt", "what stands there is not a file", id="folder for file"),
        ],
    )
    def test_something_else(self, there: str, at: str, reason: str, force: bool, tmp_path: Path):
        write_tree(tmp_path, {there: "mine"})
        before = read_tree(tmp_path)

        with pytest.raises(OutputError) as caught:
            write_all(FILES, tmp_path / "out", force=force)

        action = "choose another folder with --output"
        assert (OUTPUT_EXISTS.at(None, str(tmp_path / at), reason, action),) == caught.value.diagnostics
        assert read_tree(tmp_path) == before

    @pytest.mark.parametrize("place", ["out", "out/a.txt"])
    def test_link_that_leads_nowhere(self, place: str, tmp_path: Path):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).symlink_to("nowhere")

        with pytest.raises(OutputError):
            write_all(FILES, tmp_path / "out", force=True)

        assert (tmp_path / place).is_symlink()


class TestEscapes:
    @pytest.mark.parametrize("path", ["../x", "d/../../x", "/x", "", "."])
    def test_path(self, path: str, tmp_path: Path):
        out = tmp_path / "out"

        with pytest.raises(OutputError) as caught:
            write_all({"a.txt": b"1", path: b"1"}, out)

        reason = f"it is not a path below {out}"
        assert (LEAVES_OUTPUT.at(None, path, reason),) == caught.value.diagnostics
        assert {} == read_tree(tmp_path)

    def test_link_to_a_folder_elsewhere(self, tmp_path: Path):
        write_tree(tmp_path, {"elsewhere/b.txt": "mine", "out/a.txt": "new a"})
        (tmp_path / "out/d").symlink_to("../elsewhere")

        with pytest.raises(OutputError) as caught:
            write_all(FILES, tmp_path / "out", force=True)

        reason = f"it is a link to {tmp_path / 'elsewhere'}"
        assert (LEAVES_OUTPUT.at(None, str(tmp_path / "out/d"), reason),) == caught.value.diagnostics
        assert b"mine" == (tmp_path / "elsewhere/b.txt").read_bytes()

    def test_link_to_a_folder_inside(self, tmp_path: Path):
        write_tree(tmp_path, {"real/x.txt": ""})
        (tmp_path / "d").symlink_to("real")

        write_all(FILES, tmp_path)

        assert b"new b" == (tmp_path / "real/b.txt").read_bytes()

    def test_output_folder_reached_through_a_link(self, tmp_path: Path):
        (tmp_path / "real").mkdir()
        (tmp_path / "out").symlink_to("real")

        write_all(FILES, tmp_path / "out")

        assert b"new a" == (tmp_path / "real/a.txt").read_bytes()


class TestOverlap:
    @pytest.mark.parametrize(
        ("out", "reason"),
        [
            ("project", "this is the project's own folder"),
            ("project/out", "it lies inside {project}"),
            ("link", "this is the project's own folder"),
            ("elsewhere/../project/x/y", "it lies inside {project}"),
        ],
    )
    def test_output_in_the_project(self, out: str, reason: str, tmp_path: Path):
        (tmp_path / "project").mkdir()
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "link").symlink_to("project")

        with pytest.raises(OutputError) as caught:
            refuse_overlap(tmp_path / "project", tmp_path / out, ["a.txt"])

        told = reason.format(project=tmp_path / "project")
        assert (OUTPUT_IN_PROJECT.at(None, str(tmp_path / out), told),) == caught.value.diagnostics

    def test_file_that_would_land_in_the_project(self, tmp_path: Path):
        with pytest.raises(OutputError) as caught:
            refuse_overlap(tmp_path / "lambdas", tmp_path, ["a.txt", "lambdas/x.py"])

        assert [str(tmp_path / "lambdas/x.py")] == [each.subject for each in caught.value.diagnostics]

    def test_file_that_would_land_there_through_a_link(self, tmp_path: Path):
        (tmp_path / "project").mkdir()
        (tmp_path / "lambdas").symlink_to("project")

        with pytest.raises(OutputError):
            refuse_overlap(tmp_path / "project", tmp_path, ["lambdas/x.py"])

    def test_file_that_would_replace_the_project(self, tmp_path: Path):
        with pytest.raises(OutputError):
            refuse_overlap(tmp_path / "lambdas", tmp_path, ["lambdas"])

    @pytest.mark.parametrize("out", ["project-sam", ".", "other/project"])
    def test_output_elsewhere(self, out: str, tmp_path: Path):
        refuse_overlap(tmp_path / "project", tmp_path / out, ["a.txt", "projects/x.py"])


class TestReadOutput:
    def test_only_what_is_asked_for_and_there(self, tmp_path: Path):
        write_tree(tmp_path, {"a.txt": "1", "mine.txt": "2"})

        assert {"a.txt": b"1"} == read_output(tmp_path, FILES)

    def test_no_folder(self, tmp_path: Path):
        assert {} == read_output(tmp_path / "out", FILES)

    def test_unreadable_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        write_tree(tmp_path, {"a.txt": "1"})
        monkeypatch.setattr(Path, "read_bytes", failing(PermissionError(13, "Permission denied"), at=1))

        with pytest.raises(OutputError) as caught:
            read_output(tmp_path, FILES)

        assert (OUTPUT_FAILED.at(None, str(tmp_path), "Permission denied"),) == caught.value.diagnostics


FULL = OSError(28, "No space left on device")
READ_ONLY = OSError(30, "Read-only file system")
DENIED = PermissionError(13, "Permission denied")


@pytest.mark.parametrize("exists", [False, True], ids=["new folder", "existing folder"])
class TestAllOrNothing:
    """Wherever writing stops, the output folder is as it was, and nothing lies beside it."""

    @pytest.fixture
    def out(self, exists: bool, tmp_path: Path) -> Path:
        if exists:
            write_tree(tmp_path / "x/out", {"a.txt": "old a", "d/b.txt": "old b", "mine.txt": "mine"})
        return tmp_path / "x/out"

    @pytest.mark.parametrize(
        ("function", "error", "at"),
        [
            *(pytest.param("write_bytes", FULL, at, id=f"disk full at file {at}") for at in (1, 2, 3)),
            *(pytest.param("mkdir", DENIED, at, id=f"denied at folder {at}") for at in (1, 2, 3, 4, 5)),
            *(pytest.param("replace", READ_ONLY, at, id=f"read-only at move {at}") for at in (1, 2, 3, 4, 5)),
        ],
    )
    def test_failure(
        self,
        function: str,
        error: OSError,
        at: int,
        out: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ):
        before = read_tree(tmp_path)
        broken = failing(error, at, getattr(Path, function))
        monkeypatch.setattr(Path, function, broken)

        try:
            write_all(FILES, out, force=True)
        except OutputError as refusal:
            expected = (OUTPUT_FAILED.at(None, str(out), str(error.strerror)),)
            assert (expected, before) == (refusal.diagnostics, read_tree(tmp_path))  # noqa: PT017 - not every step exists
        else:
            assert broken.calls < at, "the failure was swallowed"

    @pytest.mark.parametrize("function", ["write_bytes", "mkdir", "replace"])
    @pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
    @pytest.mark.parametrize("after", [False, True], ids=["before the step", "after the step"])
    def test_interrupt(
        self, function: str, at: int, after: bool, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        before = read_tree(tmp_path)
        broken = failing(KeyboardInterrupt(), at, getattr(Path, function), after=after)
        monkeypatch.setattr(Path, function, broken)

        try:
            write_all(FILES, out, force=True)
        except KeyboardInterrupt:
            assert read_tree(tmp_path) == before
        else:
            assert broken.calls < at, "the interrupt was swallowed"

    def test_stage_cannot_be_made(self, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        before = read_tree(tmp_path)
        monkeypatch.setattr("tempfile.mkdtemp", failing(READ_ONLY, at=1))

        with pytest.raises(OutputError) as caught:
            write_all(FILES, out, force=True)

        assert (OUTPUT_FAILED.at(None, str(out), "Read-only file system"),) == caught.value.diagnostics
        assert read_tree(tmp_path) == before


def test_second_interrupt_does_not_stop_the_taking_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_tree(tmp_path, {"a.txt": "old a", "d/b.txt": "old b"})
    before = read_tree(tmp_path)
    real = Path.replace
    calls = 0

    def interrupted(place: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls >= 4:
            os.kill(os.getpid(), signal.SIGINT)
        return real(place, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    # What runs in the background ignores it.
    before_test = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_all(FILES, tmp_path, force=True)
    finally:
        signal.signal(signal.SIGINT, before_test)

    assert calls > 4
    assert read_tree(tmp_path) == before


def test_what_cannot_be_put_back_is_kept_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_tree(tmp_path, {"a.txt": "old a"})
    # The first move takes the old file away; after it the disk refuses everything.
    monkeypatch.setattr(Path, "replace", failing(READ_ONLY, 2, Path.replace, forever=True))

    with pytest.raises(OutputError) as caught:
        write_all({"a.txt": b"new a"}, tmp_path, force=True)

    [kept] = (path for path, data in read_tree(tmp_path).items() if data == b"old a")
    told = (
        f"{tmp_path / 'a.txt'} could not be taken back; what stood there lies in {(tmp_path / kept).parent}"
    )
    assert caught.value.diagnostics[0].reason == f"[Errno 30] Read-only file system; {told}"


def failing(
    error: BaseException,
    at: int,
    real: Callable[..., object] | None = None,
    *,
    after: bool = False,
    forever: bool = False,
) -> Failing:
    return Failing(error, at, real, after, forever)


class Failing:
    """A function that fails when it is called for the nth time, before or after it did its work."""

    def __init__(
        self, error: BaseException, at: int, real: Callable[..., object] | None, after: bool, forever: bool
    ) -> None:
        self.error, self.at, self.real, self.after, self.forever = error, at, real, after, forever
        self.calls = 0

    def __get__(self, instance: object, owner: object = None) -> Callable[..., object]:
        return lambda *arguments, **options: self(instance, *arguments, **options)

    def __call__(self, *arguments: object, **options: object) -> object:
        self.calls += 1
        fails = self.calls == self.at or (self.forever and self.calls > self.at)
        if fails and not self.after:
            raise self.error
        done = self.real(*arguments, **options) if self.real else None
        if fails:
            raise self.error
        return done


def below_out(files: dict[str, bytes] | dict[str, None]) -> dict[str, bytes | None]:
    return {f"out/{path}": data for path, data in files.items()}
