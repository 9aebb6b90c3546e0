from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from converter.python.rewrite import (
    import_from,
    keep_imports,
    make_absolute,
    rename_module,
    replace_attribute,
)


def keep(text: str, *wanted: str) -> str:
    nodes = [node for node in ast.parse(text).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return keep_imports(nodes, text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("import a, b\n", "a b", "import a, b\n"),
        ("import a, b\n", "b", "import b\n"),
        ("import a, b\n", "", ""),
        ("import a.b, c.d as e\n", "a", "import a.b\n"),
        ("import a.b, c.d as e\n", "e", "import c.d as e\n"),
        ("import a, b  # why\n", "a", "import a  # why\n"),
        ("import  a ,b\n", "a b", "import  a ,b\n"),
        ("from a import b, c as d\n", "d", "from a import c as d\n"),
        ("from ..a import b, c\n", "b", "from ..a import b\n"),
        ("from . import b, c\n", "b", "from . import b\n"),
        ("from a import *\n", "", "from a import *\n"),
        ("from a import (b, c)\n", "c", "from a import c\n"),
        ("from a import b, \\\n    c\n", "c", "from a import c\n"),
        ("import a; import b\n", "a b", "import a; import b\n"),
        ("import a; import b\n", "b", "import b\n"),
        ("import a, b; from c import d\n", "b d", "import b\nfrom c import d\n"),
        ("from é import a, b  # é\n", "a", "from é import a  # é\n"),
        ("import a, b", "a", "import a\n"),
    ],
)
def test_imports_are_kept(text: str, wanted: str, expected: str):
    assert expected == keep(text, *wanted.split())


def test_imports_with_lines_of_their_own():
    text = dedent("""\
        from a import (
            b,  # one
            # two
            c as d,
            e,
        )  # three
        """)

    assert keep(text, "d", "e") == dedent("""\
        from a import (
            # two
            c as d,
            e,
        )  # three
        """)


def test_long_import():
    names = [f"name_{number}" for number in range(12)]

    assert import_from("a", names[:8]) == f"from a import {', '.join(names[:8])}\n"
    assert (
        import_from("a", names) == "from a import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
    )


def test_attribute_becomes_a_name():
    text = "app.log.info(app.logger, x.app.log, 'app.log')  # app.log\n"

    assert "log.info(app.logger, x.app.log, 'app.log')  # app.log\n" == replace_attribute(
        text, "app", "log", "log"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from app import x  # x\n", "from shared import x  # x\n"),
        ("import app\napp.x()\n", "import shared as app\napp.x()\n"),
        ("import app as a\n", "import shared as a\n"),
        ("import os, app, sys\n", "import os, shared as app, sys\n"),
        (
            "def f():\n    from app import (\n        x,\n    )\n",
            "def f():\n    from shared import (\n        x,\n    )\n",
        ),
        ("from .app import x\nfrom app.x import y\nimport application\n",) * 2,
        ("app = 'app'\n",) * 2,
    ],
)
def test_module_has_another_name(text: str, expected: str):
    assert expected == rename_module(text, "app", "shared")


@pytest.mark.parametrize(
    ("text", "package", "expected"),
    [
        ("from . import a\n", "chalicelib", "from chalicelib import a\n"),
        ("from .a import b  # c\n", "chalicelib", "from chalicelib.a import b  # c\n"),
        ("from .a.b import c\n", "chalicelib.x", "from chalicelib.x.a.b import c\n"),
        ("from ..a import b\n", "chalicelib.x", "from chalicelib.a import b\n"),
        ("from .. import b\n", "chalicelib.x", "from chalicelib import b\n"),
        ("def f():\n    from . import a\n", "chalicelib", "def f():\n    from chalicelib import a\n"),
        ("from a import b\nimport c\n", "chalicelib", "from a import b\nimport c\n"),
    ],
)
def test_relative_imports_are_written_out(text: str, package: str, expected: str):
    assert expected == make_absolute(text, package)
