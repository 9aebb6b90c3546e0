from __future__ import annotations

import pytest

from converter.python.imports import (
    find_imports,
    find_imports_by_name,
    find_path_edits,
    find_top_names,
    is_layer_path,
)
from converter.python.module import parse_module


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("app.py", "import a.b, c as d", ["a.b", "c"]),
        ("app.py", "from a import b, c", ["a", "a.b", "a.c"]),
        ("app.py", "from a import *", ["a"]),
        ("app.py", "from . import b", ["b"]),
        ("pkg/app.py", "from . import b", ["pkg", "pkg.b"]),
        ("pkg/app.py", "from ..a import b", ["a", "a.b"]),
        ("pkg/__init__.py", "from .a import b", ["pkg.a", "pkg.a.b"]),
        ("app.py", "def f():\n    try:\n        import a\n    except E: import b", ["a", "b"]),
    ],
)
def test_modules_that_imports_may_name(path, text, expected):
    assert expected == [item.name for item in find_imports(parse_module(path, text))]


@pytest.mark.parametrize(
    ("path", "text", "leaves"),
    [
        ("app.py", "from .a import b", False),
        ("app.py", "from ..a import b", True),
        ("pkg/app.py", "from ..a import b", False),
        ("pkg/app.py", "from ... import b", True),
        ("pkg/__init__.py", "from ..a import b", False),
    ],
)
def test_imports_that_leave_the_folder(path, text, leaves):
    assert leaves == any(item.leaves for item in find_imports(parse_module(path, text)))


def test_top_names_are_of_full_names_only():
    text = (
        "import a.b\nfrom c.d import e\nfrom .f import g\nimport importlib\nimportlib.import_module('h.i')\n"
    )

    assert {"a", "c", "importlib", "h"} == find_top_names(parse_module("app.py", text))


def test_modules_imported_by_name():
    text = "from importlib import import_module as load\nload('a.b')\nload(x)\n__import__('c')\nother('d')\n"

    assert ["a.b", None, "c"] == [name for _, name in find_imports_by_name(parse_module("app.py", text))]


def test_edits_of_the_path():
    text = (
        "import sys\nsys.path.append('/opt')\nsys.path.insert(0, 'lib')\nsys.path.pop()\npath.append('x')\n"
    )

    assert [True, False] == [is_layer for _, is_layer in find_path_edits(parse_module("app.py", text))]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/opt", True),
        ("/opt/", True),
        ("/opt/python", True),
        ("/opt/python/lib/python3.12/site-packages", True),
        ("/opt/lib", False),
        ("/optional", False),
        (None, False),
    ],
)
def test_paths_of_layers(path, expected):
    assert expected == is_layer_path(path)
