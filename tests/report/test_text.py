from __future__ import annotations

import re
from dataclasses import replace

import pytest

from converter.codes import UNSUPPORTED_HANDLER
from converter.diagnostics import Diagnostic
from converter.files import Changes
from converter.model import Position
from converter.report import Exit, Report
from converter.report.text import Style, list_files, render, render_diff
from tests.report.reports import CLEAN, REFUSED, UNFINISHED


def test_all_is_well():
    text = """\
Converted orders to SAM in orders-sam/
  2 functions, 1 layer, 3 files

Next, in orders-sam/
  sam build
  sam deploy --guided
"""

    assert text == render(CLEAN)


def test_something_needs_a_person():
    text = """\
Converted orders to SAM in orders-sam/
  1 function, 4 files (1 new, 1 changed, 2 unchanged)

1 error, 2 warnings, 1 note (-v shows them); paws explain CODE says more about each

  error PAWS103  orders/app.py:12:2  on_s3_event
      S3 events are not converted yet
      to do: convert this handler by hand

  warning PAWS111  orders/.chalice/config.json:4:5   colour
                   orders/.chalice/config.json:19:5  speed
      Chalice does not read it
      to do: remove it, or correct its spelling

Next, in orders-sam/
  sam build
  sam deploy --guided
"""

    assert text == render(UNFINISHED)


def test_notes_are_shown_on_demand():
    text = render(UNFINISHED, verbose=True)

    assert "  note PAWS115  config.json\n      there is none\n" in text
    assert "-v" not in text


def test_quiet_says_only_what_needs_a_person():
    text = render(UNFINISHED, quiet=True)

    assert text.startswith("  error PAWS103")
    assert text.endswith("      to do: remove it, or correct its spelling\n")


def test_quiet_says_nothing_when_all_is_well():
    assert "" == render(CLEAN, quiet=True)


def test_refused():
    text = """\
Nothing was written.

  error PAWS906  ../orders/.chalice/config.json
                 ../orders/app.py
      it exists, with other content
      to do: choose another folder with --output, or pass --force
"""

    assert text == render(REFUSED)


def test_nothing_to_do():
    report = replace(CLEAN, files=Changes(unchanged=CLEAN.files.created))
    text = """\
orders-sam/ already holds the SAM form of orders
  2 functions, 1 layer, 3 files (3 unchanged)
"""

    assert render(report).startswith(text)


def test_dry_run():
    text = """\
Would convert orders to SAM in orders-sam/
  2 functions, 1 layer, 3 files
"""

    assert text == render(replace(CLEAN, written=False))


def test_check():
    files = Changes(created=("a.py",), updated=("b.py", "c.py"), unchanged=("d.py",))
    text = """\
orders-sam/ is not the SAM form of orders
  2 functions, 1 layer, 4 files (1 new, 2 changed, 1 unchanged)
  new      a.py
  changed  b.py
  changed  c.py
  files that exist are changed only with --force
"""

    assert text == render(replace(CLEAN, exit=Exit.FOUND, written=False, checked=True, files=files))


def test_chalice_is_named():
    assert "Converted orders to Chalice in" in render(replace(CLEAN, command="sam-to-chalice"))


@pytest.mark.parametrize(
    ("project", "path", "shown"),
    [
        (".", "app.py", "app.py:12:2"),
        ("a/b", "app.py", "a/b/app.py:12:2"),
        ("a/b", "../pyproject.toml", "a/pyproject.toml:12:2"),
        ("../a", "app.py", "../a/app.py:12:2"),
        ("/a", "app.py", "/a/app.py:12:2"),
    ],
)
def test_places_are_paths_from_the_current_folder(project: str, path: str, shown: str):
    finding = UNSUPPORTED_HANDLER.at(Position(path, 12, 2), "x", "why")

    assert f"PAWS103  {shown}  x\n" in render(replace(CLEAN, project=project, diagnostics=(finding,)))


def test_long_lines_are_wrapped_on_a_terminal():
    finding = UNSUPPORTED_HANDLER.at(Position("app.py", 12, 2), "x", "a reason of many words " * 6)

    text = render(with_finding(finding), Style(width=60))

    assert max(map(len, text.splitlines())) <= 60
    assert text.count("\n      a reason") == 1
    assert text.count("\n      ") == 4


def test_names_from_the_project_do_not_steer_the_terminal():
    finding = UNSUPPORTED_HANDLER.at(Position("a\033[2Jb.py", 1, 1), "x\ny\007", "é \033]0;title")

    text = render(with_finding(finding))

    assert r"orders/a\x1b[2Jb.py:1:1  x\ny\x07" in text
    assert r"é \x1b]0;title" in text


@pytest.mark.parametrize("report", [CLEAN, UNFINISHED, REFUSED], ids=["clean", "unfinished", "refused"])
def test_colour_changes_nothing_but_colour(report: Report):
    coloured = render(report, Style(colour=True))

    assert "\033[1m" in coloured or "\033[1;" in coloured
    assert render(report) == re.sub(r"\033\[[\d;]*m", "", coloured)


def test_diff_in_colour():
    diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n c\n"
    painted = (
        "\033[1mdiff --git a/x b/x\033[0m\n\033[1m--- a/x\033[0m\n\033[1m+++ b/x\033[0m\n"
        "\033[36m@@ -1 +1 @@\033[0m\n\033[31m-a\033[0m\n\033[32m+b\033[0m\n c\n"
    )

    assert painted == render_diff(diff, Style(colour=True))
    assert diff == render_diff(diff, Style())


def test_list_of_files():
    files = Changes(created=("c", "e"), updated=("a", "d"), unchanged=("b",))

    assert "a\nb\nc\nd\ne\n" == list_files(replace(CLEAN, files=files))


def with_finding(finding: Diagnostic) -> Report:
    return replace(CLEAN, exit=Exit.UNFINISHED, diagnostics=(finding,))
