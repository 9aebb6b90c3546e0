"""A killed run leaves what was there or what it was to make, once the next run has finished it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from converter.files import finish_writing
from tests.files.trees import read_tree
from tests.sync.projects import Shop, make_shop

# Kills itself before the nth thing that it does to the paths in which a text stands.
KILLED = """\
import os, signal, sys

left, text, events = int(sys.argv[1]), sys.argv[2], sys.argv[3].split()

def count(event, arguments):
    global left
    if event in events and text in str(arguments[0]):
        if event == "open" and not (isinstance(arguments[1], str) and "w" in arguments[1]):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.argv = ["paws", *sys.argv[4:]]
from converter.__main__ import main
sys.addaudithook(count)
main()
"""
CHANGES = "os.rename os.remove os.mkdir os.rmdir open"


def run_killed(steps: int, text: str, *arguments: str, events: str = CHANGES) -> int:
    """Run paws until it has done so much to such paths; gives how it ended."""
    command = [sys.executable, "-c", KILLED, str(steps), text, events, *arguments]
    return subprocess.run(command, capture_output=True, check=False).returncode


def read_files(folder: Path) -> dict[str, bytes]:
    """The files that people see."""
    found = {path: data for path, data in read_tree(folder).items() if data is not None}
    return {path: data for path, data in found.items() if not path.startswith(".paws-")}


def restore(shop: Shop, folder: Path) -> None:
    shutil.rmtree(shop.sam, ignore_errors=True)
    shutil.copytree(folder, shop.sam)


@pytest.fixture
def changed(tmp_path: Path) -> Shop:
    """A shop in which a sync changes, makes, moves and removes files."""
    shop = make_shop(tmp_path)
    shop.edit("chalice/app.py", 'name="price")\ndef price(', 'name="cost")\ndef cost(')
    shop.edit("chalice/app.py", "@app.schedule(Rate(1", "@app.schedule(Rate(2")
    shop.edit("sam/lambdas/price/price.py", "# Nobody sells", "# Alas, nobody sells")
    return shop


@pytest.mark.slow
def test_sync(changed: Shop, tmp_path: Path):
    shutil.copytree(changed.sam, tmp_path / "before")
    assert 0 == changed.sync().exit_code
    shutil.copytree(changed.sam, tmp_path / "after")
    before, after = read_files(tmp_path / "before"), read_files(tmp_path / "after")
    ends = set()

    for steps in range(1000):
        restore(changed, tmp_path / "before")
        code = run_killed(steps, str(changed.sam), "sync", str(changed.chalice))
        if code == 0:
            break
        assert -signal.SIGKILL == code
        finish_writing(changed.sam)
        found = read_files(changed.sam)
        assert found in (before, after), f"neither, killed after {steps} steps"
        assert not list(changed.sam.glob(".paws-*"))
        ends.add("before" if found == before else "after")

    assert {"before", "after"} == ends
    assert after == read_files(changed.sam)


@pytest.mark.slow
def test_convert_into_a_new_folder(tmp_path: Path):
    shop = make_shop(tmp_path)
    after = read_files(shop.sam)
    ends = set()

    for steps in range(1000):
        shutil.rmtree(shop.sam, ignore_errors=True)
        code = run_killed(steps, str(tmp_path), "convert", "chalice-to-sam", str(shop.chalice))
        if code == 0:
            break
        assert not shop.sam.exists() or after == read_files(shop.sam)
        ends.add(shop.sam.exists())
        finish_writing(shop.sam)
        assert not list(tmp_path.glob(".paws-*"))

    assert {False, True} == ends
    assert after == read_files(shop.sam)


def test_the_next_sync_does_the_rest(changed: Shop):
    kill_half_way(changed)

    checked = changed.sync("--check")
    assert (2, True) == (checked.exit_code, "PAWS924" in checked.stderr)
    assert 0 == changed.sync().exit_code
    assert "# Alas, nobody sells" in changed.read("sam/lambdas/cost/cost.py")
    assert not list(changed.sam.glob(".paws-*"))


def test_what_was_changed_since_stays(changed: Shop):
    kill_half_way(changed)
    changed.add("sam/template.yaml", "# mine\n")

    result = changed.sync()

    assert (2, True) == (result.exit_code, "changed after a run of paws was killed" in result.stderr)
    assert changed.read("sam/template.yaml").endswith("# mine\n")


def kill_half_way(shop: Shop) -> None:
    """Some files are moved into their places, and the template is not."""
    before = shop.read("sam/template.yaml")
    assert -signal.SIGKILL == run_killed(2, "/new/", "sync", str(shop.chalice), events="os.rename")
    assert shop.exists("sam/lambdas/cost")
    assert before == shop.read("sam/template.yaml")
