from __future__ import annotations

import pytest

from converter.python.move_imports import move_imports

MOVES = {"helper": "chalicelib.orders", "pkg": "chalicelib.orders", "shared": "chalicelib"}


def check_moved(before: str, after: str, *, drop_layer_paths: bool = False) -> None:
    moved = move_imports(before.encode(), MOVES, drop_layer_paths=drop_layer_paths)

    assert after == moved.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import helper", "from chalicelib.orders import helper"),
        ("import helper as h", "from chalicelib.orders import helper as h"),
        ("import helper as helper", "from chalicelib.orders import helper"),
        ("import shared", "from chalicelib import shared"),
        ("import pkg.sub as s", "from chalicelib.orders.pkg import sub as s"),
        ("import pkg.sub", "from chalicelib.orders import pkg\nimport chalicelib.orders.pkg.sub"),
        ("import os, helper", "import os\nfrom chalicelib.orders import helper"),
        ("import helper, os", "import os\nfrom chalicelib.orders import helper"),
        ("from helper import x", "from chalicelib.orders.helper import x"),
        ("from helper import *", "from chalicelib.orders.helper import *"),
        ("from pkg.sub import x as y", "from chalicelib.orders.pkg.sub import x as y"),
        ("from helper import (\n x,  # one\n)", "from chalicelib.orders.helper import (\n x,  # one\n)"),
        ("import helper  # mine", "from chalicelib.orders import helper  # mine"),
        ("if a: import helper", "if a: from chalicelib.orders import helper"),
        ("if a: import pkg.b", "if a: from chalicelib.orders import pkg; import chalicelib.orders.pkg.b"),
        ("def f():\n\timport helper", "def f():\n\tfrom chalicelib.orders import helper"),
        ("try:\n import helper\nfinally: x()", "try:\n from chalicelib.orders import helper\nfinally: x()"),
        ("import_module('helper.x')", "import_module('chalicelib.orders.helper.x')"),
        ('importlib.import_module(r"pkg", None)', 'importlib.import_module(r"chalicelib.orders.pkg", None)'),
    ],
)  # fmt: skip
def test_import_of_a_module_that_moved(before, after):
    check_moved(f"{before}\n", f"{after}\n")


@pytest.mark.parametrize(
    "text",
    [
        "import os, json as j",
        "import helpers",
        "from . import helper",
        "from .helper import x",
        "from os import helper",
        "__import__('helper')",
        "import_module(name)",
        "import_module(f'helper.{name}')",
        "load('helper')",
        "helper.x = 1  # import helper",
    ],
)
def test_what_stays(text):
    check_moved(text, text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"\xef\xbb\xbfimport os\r\nx  =  'a'\r\n", id="byte order mark and CRLF"),
        pytest.param(b"# -*- coding: latin-1 -*-\nx = '\xe9'", id="latin-1 without a last line end"),
    ],
)
def test_bytes_around_a_rewrite_stay(text):
    newline = b"\r\n" if b"\r\n" in text else b"\n"

    assert text + newline + b"from chalicelib import shared" == move_imports(
        text + newline + b"import shared", MOVES
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("import sys\nsys.path.append('/opt')\nimport os\n", "import os\n", id="sys not needed"),
        pytest.param(
            "import sys\nsys.path.insert(0, '/opt/python')\nprint(sys)\n",
            "import sys\nprint(sys)\n",
            id="sys needed",
        ),
        pytest.param("import sys; sys.path.append('/opt'); import os\n", "import os\n", id="one line"),
        pytest.param("import os, sys\nsys.path.append('/opt')\n", "import os\n", id="sys among others"),
        pytest.param("if a:\n    sys.path.append('/opt')\n", "if a:\n    pass\n", id="alone in a block"),
        pytest.param("if a: sys.path.append('/opt')\n", "if a: pass\n", id="alone behind a colon"),
        pytest.param(
            "import os\n\n# Settings.\n\n# For the layer.\nsys.path.append('/opt')\n\nX = 1\n",
            "import os\n\n# Settings.\n\nX = 1\n",
            id="with its comment",
        ),
    ],
)
def test_layer_path_is_dropped(before, after):
    check_moved(before, after, drop_layer_paths=True)


@pytest.mark.parametrize(
    "text", ["import sys\nsys.path.append('/opt/lib')\n", "sys.path.append(x)\n", "paths.append('/opt')\n"]
)
def test_path_that_is_not_a_layers_stays(text):
    check_moved(text, text, drop_layer_paths=True)


def test_layer_path_stays_unless_told():
    check_moved("import sys\nsys.path.append('/opt')\n", "import sys\nsys.path.append('/opt')\n")


def test_moving_twice_is_moving_once():
    once = move_imports(b"import helper, os\nfrom pkg import x\n", MOVES)

    assert once == move_imports(once, MOVES)
