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
