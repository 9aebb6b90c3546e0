"""What the reader of functions' code says about code that it cannot use, and where."""

from __future__ import annotations

from textwrap import dedent

import pytest

from converter.codes import CARRIED_FUNCTION, PYTHON_2, UNPARSABLE_PYTHON
from converter.sam.project import open_sam


def find_places(template: str, **files: str) -> list[str]:
    content = {path.replace("__", "/") + ".py": dedent(text).encode() for path, text in files.items()}
    project = open_sam({"template.yaml": dedent(template).encode(), **content})
    assert not project.functions
    found = [each for each in project.diagnostics() if each.code is not CARRIED_FUNCTION]
    assert {each.code for each in found} <= {UNPARSABLE_PYTHON, PYTHON_2}
    return [f"{each.position} {each.subject}" for each in found]


INLINE = """\
    Resources:
      RollFunction:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.13
          Handler: index.handler
          InlineCode: {code}
    """


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "|\n            def handler(event, context):\n                return event +\n",
            "template.yaml:9:31 return event +",
            id="block",
        ),
        pytest.param(
            "|\n\n            import json\n\n            print 'rolled'\n",
            "template.yaml:11:13 print 'rolled'",
            id="empty lines, and Python 2",
        ),
        pytest.param('"x =\\ny = 1\\n"', "template.yaml:7:7 x =", id="quoted"),
    ],
)
def test_inline_code_that_cannot_be_read(code: str, expected: str):
    assert [expected] == find_places(dedent(INLINE).format(code=code))


def test_file_that_cannot_be_read():
    template = """\
        Resources:
          RollFunction:
            Type: AWS::Serverless::Function
            Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: src}
        """

    assert ["src/app.py:1:4 x ="] == find_places(template, src__app="x =\n")


# --- code at the root beside other folders --------------------------------------------------

ROOT = """\
Resources:
  Main: {Type: AWS::Serverless::Function, Properties: {Handler: main.handler}}
  Deep: {Type: AWS::Serverless::Function, Properties: {Handler: %s, CodeUri: ./}}
  Job: {Type: AWS::Serverless::Function, Properties: {Handler: job.handler, CodeUri: jobs}}
"""
HANDLER = b"def handler(event, context):\n    return 1\n"


def read_root(main: bytes, deep: str) -> set[str]:
    """The files that functions have whose folder is the project's."""
    files = {"main.py": main, "jobs/job.py": HANDLER, "jobs/shared.py": b"", "other/deep.py": HANDLER}
    project = open_sam({"template.yaml": (ROOT % deep).encode(), **files})
    assert ["main", "deep", "job"] == [*project.functions]
    return {*project.code.deploy("Main")[1]}


@pytest.mark.parametrize(
    ("main", "deep", "has_jobs"),
    [
        pytest.param(HANDLER, "other/deep.handler", False, id="not needed"),
        pytest.param(HANDLER, "jobs/job.handler", True, id="holds a handler"),
        pytest.param(b"from jobs import shared\n" + HANDLER, "other/deep.handler", True, id="imported"),
        pytest.param(
            b"import os, jobs.shared\n" + HANDLER, "other/deep.handler", True, id="imported by name"
        ),
        pytest.param(b"from jobs_of import x\n" + HANDLER, "other/deep.handler", False, id="other name"),
    ],
)
def test_other_folders_at_the_root(main: bytes, deep: str, has_jobs: bool):
    jobs = {"jobs/job.py", "jobs/shared.py"} if has_jobs else set()

    assert {"main.py", "other/deep.py", *jobs} == read_root(main, deep)
