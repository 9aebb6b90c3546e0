from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from converter.files import Changes, compare, unified_diff
from tests.files.trees import read_tree, write_tree


def test_compare():
    before = {"same": b"1", "other": b"1", "theirs": b"1"}
    after = {"same": b"1", "other": b"2", "b": b"", "a": b""}

    assert Changes(created=("a", "b"), updated=("other",), unchanged=("same",)) == compare(before, after)


def test_changes_are_true_if_there_are_any():
    assert Changes(created=("a",))
    assert Changes(updated=("a",))
    assert not Changes(unchanged=("a",))


def test_no_difference():
    assert "" == unified_diff({"a": b"1\n", "theirs": b"2\n"}, {"a": b"1\n"})


def test_changed_file():
    diff = """\
diff --git a/x.txt b/x.txt
--- a/x.txt
+++ b/x.txt
@@ -1,2 +1,2 @@
 one
-two
+three
"""

    assert diff == unified_diff({"x.txt": b"one\ntwo\n"}, {"x.txt": b"one\nthree\n"})


def test_new_file():
    diff = """\
diff --git a/x.txt b/x.txt
new file mode 100644
--- /dev/null
+++ b/x.txt
@@ -0,0 +1 @@
+one
"""

    assert diff == unified_diff({}, {"x.txt": b"one\n"})


@pytest.mark.parametrize("data", [b"\0", b"\xff"], ids=["nul", "not utf-8"])
def test_binary_file(data: bytes):
    diff = "diff --git a/x.bin b/x.bin\nBinary files a/x.bin and b/x.bin differ\n"

    assert diff == unified_diff({"x.bin": b"one"}, {"x.bin": data})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"x": b"a\nb"}, {"x": b"a\nb\n"}, id="line end added"),
        pytest.param({"x": b"a\nb\n"}, {"x": b"a\nc"}, id="line end removed"),
        pytest.param({"x": b"a\r\nb\r\n"}, {"x": b"a\nb\r\n"}, id="carriage returns"),
        pytest.param({"x": b"a\x0cb\n"}, {"x": b"a\x0cc\n"}, id="form feed"),
        pytest.param({"x": "é\u2028\n".encode()}, {"x": "ü\u2028\n".encode()}, id="unicode line separator"),
        pytest.param({"x": b"a\n"}, {"x": b"a\n", "d/new": b"1\n2", "d/empty": b""}, id="new files"),
        pytest.param({"x": b"a\n"}, {"x": b""}, id="emptied"),
    ],
)
def test_git_applies_it(before: dict[str, bytes], after: dict[str, bytes], tmp_path: Path):
    write_tree(tmp_path, before)

    diff = unified_diff(before, after)
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, input=diff.encode(), check=True
    )

    assert after == {path: data for path, data in read_tree(tmp_path).items() if data is not None}
