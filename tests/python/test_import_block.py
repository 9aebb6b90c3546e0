from __future__ import annotations

from textwrap import dedent

import pytest

from converter.python.import_block import write_merged_imports, write_own_imports
from converter.python.inert import Facts
from converter.python.inline import Part
from converter.python.module import parse_module

CHALICE = "from chalice import Chalice\n"


def make_part(text: str) -> Part:
    return Part(parse_module("app.py", dedent(text)), Facts())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", CHALICE, id="none"),
        pytest.param("import os\n", f"import os\n\n{CHALICE}", id="standard library"),
        pytest.param(
            "import os\n\nimport boto3\nfrom yaml import a\n",
            f"import os\n\nimport boto3\n{CHALICE}from yaml import a\n",
            id="third party",
        ),
        pytest.param("import boto3\nimport os\n", f"import boto3\nimport os\n{CHALICE}", id="no order"),
        pytest.param("from lib.a import b\n", f"{CHALICE}\nfrom lib.a import b\n", id="own package"),
        pytest.param(
            "import os\n\nfrom lib.a import b\n",
            f"import os\n\n{CHALICE}\nfrom lib.a import b\n",
            id="in between",
        ),
        pytest.param(
            "from __future__ import annotations\n\n# Mine.\nimport os  # noqa\n",
            f"from __future__ import annotations\n\n# Mine.\nimport os  # noqa\n\n{CHALICE}",
            id="comments",
        ),
        pytest.param(
            "'''Doc.'''\n# Mine.\nimport os\n", f"# Mine.\nimport os\n\n{CHALICE}", id="below a docstring"
        ),
    ],
)  # fmt: skip
def test_line_among_the_authors_own(before, after):
    assert after == write_own_imports(make_part(before), [CHALICE], "lib")


def test_lines_that_are_added_to_the_authors_own():
    added = [CHALICE, "from lib.a import x\n"]

    assert f"{CHALICE}\nfrom lib.a import x\n" == write_own_imports(make_part("X = 1\n"), added, "lib")


def test_merged():
    parts = [
        make_part("""\
            import os, json
            from collections import defaultdict, OrderedDict
            import boto3
            from lib.a import B, a
            """),
        make_part("""\
            from __future__ import annotations
            import json
            import os.path
            from collections import abc, OrderedDict as Ordered, OrderedDict
            # The fast one.
            import orjson
            import yaml  # noqa: F401
            """),
    ]  # fmt: skip

    assert write_merged_imports(parts, [CHALICE], "lib") == dedent("""\
        from __future__ import annotations

        import json
        import os
        import os.path
        from collections import OrderedDict, OrderedDict as Ordered, abc, defaultdict

        import boto3
        # The fast one.
        import orjson
        import yaml  # noqa: F401
        from chalice import Chalice

        from lib.a import B, a
        """)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("import sys; import os\n", "import os\nimport sys\n"),
        ("import sys; from os import a, sep  # both\n", "import sys  # both\nfrom os import a, sep\n"),
        ("# Why.\nimport sys; import os\n", "import os\n# Why.\nimport sys\n"),
        ("import os; from sys import argv, path", "import os\nfrom sys import argv, path\n"),
    ],
)
def test_imports_that_share_a_line_are_merged(line: str, after: str):
    part = make_part("X = 1\n" + line)

    assert after == write_merged_imports([part], [], "lib")


def test_of_two_meanings_the_last_is_merged():
    part = make_part("import json\nimport simplejson as json\n")

    assert write_merged_imports([part], [], "lib") == "import simplejson as json\n"


def test_long_line_is_wrapped():
    names = ", ".join(f"name_number_{number}" for number in range(9))
    lines = "".join(f"    name_number_{number},\n" for number in range(9))

    assert write_merged_imports([make_part(f"from a import {names}\n")], [], "lib") == (
        f"from a import (\n{lines})\n"
    )
