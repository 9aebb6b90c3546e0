from __future__ import annotations

import os
from pathlib import Path

import pytest

from converter.codes import BROKEN_LINK, LEAVES_PROJECT, NOT_A_PROJECT, UNREADABLE_FILE
from converter.diagnostics import UnreadableError
from converter.files import Folder
from converter.model import Position
from tests.files.trees import write_tree


def test_paths_are_posix_and_sorted(tmp_path: Path):
    write_tree(tmp_path, {"b.py": "", "a/z.txt": "", "a.py": "", "a/b/c.json": ""})

    assert ["a.py", "a/b/c.json", "a/z.txt", "b.py"] == list(Folder(tmp_path))


def test_content_is_bytes_as_they_are(tmp_path: Path):
    write_tree(tmp_path, {"a.bin": b"\xff\r\n\0"})

    assert b"\xff\r\n\0" == Folder(tmp_path)["a.bin"]


def test_it_is_a_mapping(tmp_path: Path):
    folder = Folder(write_tree(tmp_path, {"a.py": "1", "b/c.py": "2"}))

    assert {"a.py": b"1", "b/c.py": b"2"} == dict(folder)
    assert len(folder) == 2
    assert "a.py" in folder
    assert "b" not in folder
    assert folder.get("nothing") is None


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/lib/x.py",
        "__pycache__/a.cpython-311.pyc",
        "old.pyc",
        "node_modules/x/index.js",
        ".aws-sam/build/template.yaml",
        ".chalice/deployments/x.zip",
        "services/one/.chalice/deployments/x.zip",
        ".mypy_cache/x.json",
        ".tox/x",
    ],
)
def test_what_tools_leave_behind_is_no_part_of_it(path: str, tmp_path: Path):
    write_tree(tmp_path, {"app.py": "", path: ""})

    assert ["app.py"] == list(Folder(tmp_path))


@pytest.mark.parametrize(
    "path",
    [".chalice/config.json", ".chalice/deployed/dev.json", "deployments/a.py", ".gitignore", "vendor/a/b.so"],
)
def test_what_looks_alike_is_part_of_it(path: str, tmp_path: Path):
    write_tree(tmp_path, {path: ""})

    assert [path] == list(Folder(tmp_path))


def test_virtual_environment_under_any_name(tmp_path: Path):
    write_tree(tmp_path, {"app.py": "", "env/pyvenv.cfg": "", "env/lib/x.py": ""})

    assert ["app.py"] == list(Folder(tmp_path))


def test_project_that_is_itself_a_virtual_environment(tmp_path: Path):
    write_tree(tmp_path, {"pyvenv.cfg": "", "app.py": ""})

    assert ["app.py", "pyvenv.cfg"] == list(Folder(tmp_path))


def test_special_file_is_not_listed_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")

    assert [] == list(Folder(tmp_path))


@pytest.mark.parametrize(
    ("path", "reason"), [("nowhere", "there is no such folder"), ("file", "this is a file")]
)
def test_no_folder(path: str, reason: str, tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(UnreadableError) as caught:
        Folder(tmp_path / path)

    assert (NOT_A_PROJECT.at(None, str(tmp_path / path), reason),) == caught.value.diagnostics


class TestOutside:
    def test_file_is_there_when_asked_for(self, tmp_path: Path):
        write_tree(tmp_path, {"project/app.py": "", "common/x.py": "1"})
        folder = Folder(tmp_path / "project")

        assert b"1" == folder["../common/x.py"]
        assert "../common/x.py" in folder
        assert "../common/y.py" not in folder
        assert ["app.py"] == list(folder)

    def test_list_a_folder(self, tmp_path: Path):
        write_tree(tmp_path, {"project/app.py": "", "common/x.py": "1", "common/__pycache__/x.pyc": ""})
        folder = Folder(tmp_path / "project")

        assert ("../common/x.py",) == folder.list_outside("../common")
        assert ("../common/x.py",) == folder.list_outside("../common/")

    def test_list_a_file(self, tmp_path: Path):
        write_tree(tmp_path, {"project/app.py": "", "code.zip": "1"})

        assert ("../code.zip",) == Folder(tmp_path / "project").list_outside("../code.zip")

    def test_list_nothing(self, tmp_path: Path):
        folder = Folder(write_tree(tmp_path / "project", {}))

        assert () == folder.list_outside("../common")
        assert ["../common"] == [each.subject for each in folder.diagnostics]


class TestLinks:
    def test_to_a_file_and_a_folder_inside(self, tmp_path: Path):
        write_tree(tmp_path, {"common/x.py": "1", "one/a.py": "", "two/a.py": ""})
        (tmp_path / "one/common").symlink_to("../common")
        (tmp_path / "two/common").symlink_to("../common")
        (tmp_path / "x.py").symlink_to("common/x.py")
        folder = Folder(tmp_path)

        assert ["common/x.py", "one/a.py", "one/common/x.py", "two/a.py", "two/common/x.py", "x.py"] == list(
            folder
        )
        assert b"1" == folder["two/common/x.py"] == folder["x.py"]
        assert () == folder.diagnostics

    @pytest.mark.parametrize("target", ["../secrets", "../secrets/key.txt"])
    def test_that_leaves_the_project(self, target: str, tmp_path: Path):
        write_tree(tmp_path, {"secrets/key.txt": "s3cret", "project/app.py": ""})
        (tmp_path / "project/link").symlink_to(target)
        folder = Folder(tmp_path / "project")

        assert ["app.py"] == list(folder)
        assert (
            LEAVES_PROJECT.at(Position("link", 1, 1), "link", f"it leads to {target}"),
        ) == folder.diagnostics

    def test_to_a_project_whose_name_only_begins_alike(self, tmp_path: Path):
        write_tree(tmp_path, {"project/app.py": "", "project-old/app.py": ""})
        (tmp_path / "project/old").symlink_to("../project-old")

        assert ["app.py"] == list(Folder(tmp_path / "project"))

    def test_to_nothing(self, tmp_path: Path):
        (tmp_path / "link").symlink_to("nothing")
        folder = Folder(tmp_path)

        assert [] == list(folder)
        reason = "its target nothing does not exist"
        assert (BROKEN_LINK.at(Position("link", 1, 1), "link", reason),) == folder.diagnostics

    def test_to_itself(self, tmp_path: Path):
        (tmp_path / "link").symlink_to("link")
        folder = Folder(tmp_path)

        assert [] == list(folder)
        assert [BROKEN_LINK] == [each.code for each in folder.diagnostics]

    def test_in_a_circle(self, tmp_path: Path):
        write_tree(tmp_path, {"a/x.py": "", "b/y.py": ""})
        (tmp_path / "a/b").symlink_to("../b")
        (tmp_path / "b/a").symlink_to("../a")
        (tmp_path / "b/root").symlink_to("..")
        folder = Folder(tmp_path)

        assert ["a/b/y.py", "a/x.py", "b/a/x.py", "b/y.py"] == list(folder)
        assert ["a/b/a", "a/b/root", "b/a/b", "b/root"] == [each.subject for each in folder.diagnostics]
        assert {BROKEN_LINK} == {each.code for each in folder.diagnostics}

    def test_project_reached_through_a_link(self, tmp_path: Path):
        write_tree(tmp_path / "real", {"app.py": "", "x.py": ""})
        (tmp_path / "real/y.py").symlink_to("x.py")
        (tmp_path / "link").symlink_to("real")

        assert ["app.py", "x.py", "y.py"] == list(Folder(tmp_path / "link"))


class TestUnreadable:
    def test_file_costs_nothing_until_it_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        folder = Folder(write_tree(tmp_path, {"app.py": "1", "secret.py": "2"}))
        deny(monkeypatch, Path, "read_bytes", "secret.py")

        assert b"1" == folder["app.py"]
        with pytest.raises(UnreadableError) as caught:
            folder["secret.py"]
        at = Position("secret.py", 1, 1)
        assert (UNREADABLE_FILE.at(at, "secret.py", "Permission denied"),) == caught.value.diagnostics

    def test_folder_is_reported(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        folder = Folder(write_tree(tmp_path, {"app.py": "1", "secret/x.py": "2"}))
        deny(monkeypatch, os, "scandir", "secret")

        assert ["app.py"] == list(folder)
        at = Position("secret", 1, 1)
        assert (UNREADABLE_FILE.at(at, "secret", "Permission denied"),) == folder.diagnostics


def deny(monkeypatch: pytest.MonkeyPatch, owner: object, function: str, name: str) -> None:
    """Let the function fail for what has the name, as permissions would for anybody but root."""
    real = getattr(owner, function)

    def denied(place: Path | str, *arguments: object) -> object:
        if Path(place).name == name:
            raise PermissionError(13, "Permission denied", str(place))
        return real(place, *arguments)

    monkeypatch.setattr(owner, function, denied)
