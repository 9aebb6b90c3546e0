"""Which names a piece of code reads and binds, where its statements end, and what does not parse."""

from __future__ import annotations

import ast
import sys
from typing import Any

import pytest

from converter.codes import PYTHON_2, UNPARSABLE_PYTHON
from converter.diagnostics import UnreadableError
from converter.model import Position
from converter.python.module import (
    Module,
    bound_for_sure,
    imported_names,
    module_name,
    parse_module,
    read_names,
    resolve_relative,
    split_lines,
)


def parse(source: str, path: str = "app.py") -> Module:
    return parse_module(path, source)


def words(names: frozenset[str]) -> str:
    return " ".join(sorted(names))


# --- names ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "now", "later", "binds", "rebinds"),
    [
        ("a = b", "b", "", "a", ""),
        ("a += b", "a b", "", "a", ""),
        ("a.b = c", "a c", "", "", ""),
        ("a[b] = c", "a b c", "", "", ""),
        ("a, (b, *c) = d", "d", "", "a b c", ""),
        ("a: b = c", "b c", "", "a", ""),
        ("a: 'b.c[d]'", "", "b d", "a", ""),
        ("del a", "", "", "a", ""),
        ("import a.b, c as d", "", "", "a d", ""),
        ("from a import b as c, d", "", "", "c d", ""),
        ("from a import *", "", "", "*", ""),
        ("for a in b:\n    c = a\nelse:\n    d", "a b d", "", "a c", ""),
        ("with a as b, c:\n    d", "a c d", "", "b", ""),
        ("try:\n    a\nexcept b as c:\n    d\nfinally:\n    e", "a b d e", "", "c", ""),
        ("match a:\n    case B(c, d=[e, *f]) if g: pass", "B a g", "", "c e f", ""),
        ("match a:\n    case {'b': c, **d} | e.f: pass", "a e", "", "c d", ""),
        ("while (a := b): pass", "b", "", "a", ""),
        ("a = [b for b in c if d]", "c d", "", "a", ""),
        ("a = [b for b in b]", "b", "", "a", ""),
        ("a = [c for b in d for c in b]", "d", "", "a", ""),
        ("a = {b: c for b in d}", "c d", "", "a", ""),
        ("[a := b for b in c]", "c", "", "a", ""),
        ("a = lambda b, c=d: b + e", "d", "e", "a", ""),
        ("a = f'{b!r:{c}}'", "b c", "", "a", ""),
        ("def f(a, b=c): return a + d", "c", "d", "f", ""),
        ("def f(a: b, *c: d, **e: g) -> h: pass", "b d g h", "", "f", ""),
        ("def f(a: 'b') -> 'C[d]': pass", "", "C b d", "f", ""),
        ("def f(a: 'not a type'): pass", "", "", "f", ""),
        ("@a(b)\ndef f(): pass", "a b", "", "f", ""),
        ("async def f():\n    async for a in b: await c", "", "b c", "f", ""),
        ("def f():\n    a = 1\n    return a", "", "", "f", ""),
        ("def f():\n    import a\n    return a.b", "", "", "f", ""),
        ("def f():\n    for a in b: pass", "", "b", "f", ""),
        ("def f():\n    def g(): return a\n    return g", "", "a", "f", ""),
        ("def f():\n    a = 1\n    def g(): return a\n    return g", "", "", "f", ""),
        ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = b", "", "b", "f", ""),
        ("def f():\n    global a\n    a = 1", "", "a", "f", "a"),
        ("def f():\n    global a\n    return a", "", "a", "f", ""),
        ("def f():\n    global a\n    a += b", "", "a b", "f", "a"),
        ("def f():\n    def g():\n        global a\n        a = 1", "", "a", "f", "a"),
        ("def f():\n    a: b = c", "", "b c", "f", ""),
        ("class A(b, metaclass=c):\n    d = e\n    f: g", "b c e g", "", "A", ""),
        ("class A:\n    def b(self, c=d): return e", "d", "e", "A", ""),
        ("class A:\n    def b(self):\n        global c\n        c = 1", "", "c", "A", "c"),
        ("@a\nclass B: pass", "a", "", "B", ""),
    ],
)
def test_names(source: str, now: str, later: str, binds: str, rebinds: str):
    names = read_names(ast.parse(source).body)

    assert (now, later, binds, rebinds) == (
        words(names.now),
        words(names.later),
        words(names.binds),
        words(names.rebinds),
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = b = 1", "a b"),
        ("a: int", ""),
        ("a: int = 1", "a"),
        ("a = 1\ndel a", ""),
        ("if x: a = b = 1\nelse: b = c = 1", "b"),
        ("if x: a = 1", ""),
        ("if x: a = 1\nelif y: a = 2\nelse: a = 3", "a"),
        ("for a in b: c = 1", ""),
        ("while x: a = 1", ""),
        ("with x as a: b = 1", "a b"),
        ("match x:\n    case a: pass", ""),
        ("try: a = 1\nexcept E: a = 2", "a"),
        ("try: a = 1\nexcept E: pass", ""),
        ("try: a = 1\nexcept E: raise", "a"),
        ("try: pass\nexcept E as a: pass", ""),
        ("try: pass\nexcept E: a = 1\nelse: a = 2\nfinally: b = 1", "a b"),
        ("def a(): b = 1\nclass c: d = 1", "a c"),
        ("import a.b\nfrom c import d as e", "a e"),
        ("(a := 1)", "a"),
    ],
)
def test_names_that_are_bound_for_sure(source: str, expected: str):
    assert expected == words(frozenset(bound_for_sure(ast.parse(source).body)))


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("import a.b", "", {"a": "a"}),
        ("import a.b as c", "", {"c": "a.b"}),
        ("from a import b as c, d", "", {"c": "a.b", "d": "a.d"}),
        ("from . import a", "chalicelib", {"a": "chalicelib.a"}),
        ("from .a import b", "chalicelib", {"b": "chalicelib.a.b"}),
        ("from ..a import b", "chalicelib.deep", {"b": "chalicelib.a.b"}),
        ("from .. import a", "", {"a": "a"}),
    ],
)
def test_imported_names(source: str, package: str, expected: dict[str, str]):
    (node,) = ast.parse(source).body
    assert isinstance(node, (ast.Import, ast.ImportFrom))

    assert expected == dict(imported_names(node, package))


def test_relative_import_above_the_top():
    (node,) = ast.parse("from ...a import b").body
    assert isinstance(node, ast.ImportFrom)

    assert resolve_relative(node, "chalicelib") == "a"


@pytest.mark.parametrize(
    ("path", "name", "package"),
    [
        ("app.py", "app", ""),
        ("chalicelib/__init__.py", "chalicelib", "chalicelib"),
        ("chalicelib/a/b.py", "chalicelib.a.b", "chalicelib.a"),
    ],
)
def test_names_of_modules(path: str, name: str, package: str):
    module = parse("", path)

    assert (name, package) == (module_name(path), module.package)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("sleep", "time.sleep"),
        ("osp.join", "os.path.join"),
        ("os.path.join", "os.path.join"),
        ("own.x", "own.x"),
        ("f().x", None),
        ("x[0]", None),
    ],
)
def test_dotted_follows_the_imports(expression: str, expected: str | None):
    module = parse("import os, os.path as osp\nfrom time import sleep\n")

    assert expected == module.dotted(ast.parse(expression, mode="eval").body)


# --- statements ------------------------------------------------------------------


def texts(source: str) -> list[tuple[str, str]]:
    return [(statement.above, statement.text) for statement in parse(source).statements]


def test_statements_hold_all_the_text():
    source = (
        "# a\n\nimport os  # b\n\n\n@c\n# d\ndef f():\n    pass\n    # e\n\n# f\nx = (\n  1\n); y = 2\n# g\n"
    )
    module = parse(source)

    assert texts(source) == [
        ("# a\n\n", "import os  # b\n"),
        ("\n\n", "@c\n# d\ndef f():\n    pass\n"),
        ("    # e\n\n# f\n", "x = (\n  1\n); y = 2\n"),
    ]
    assert module.tail == "# g\n"


def test_texts_between_statements_are_comments():
    module = parse('"""Doc."""\na = 1\n"""About b."""\nb = 2\n"""The end."""\n')

    assert [statement.above for statement in module.statements] == ["", "", '"""About b."""\n']
    assert module.tail == '"""The end."""\n'
    assert [True, False, False] == [statement.is_docstring for statement in module.statements]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends(end: str):
    source = end.join(["import os", "", "x = '''a", "b'''", "y = 1"])

    assert texts(source) == [
        ("", f"import os{end}"),
        (end, f"x = '''a{end}b'''{end}"),
        ("", "y = 1"),
    ]


def test_lines_end_where_python_ends_them():
    assert split_lines("a\x0cb\n\u2028c\x0b\x1c\r\n\n") == ["a\x0cb\n", "\u2028c\x0b\x1c\r\n", "\n"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if __name__ == '__main__': pass", True),
        ("if '__main__' == __name__: pass", True),
        ("if __name__ != '__main__': pass", False),
        ("if __name__ == '__main__': pass\nelse: pass", False),
        ("if __name__ == '__main__' or x: pass", False),
        ("x = '__main__'", False),
    ],
)
def test_main_guard(source: str, expected: bool):
    assert expected == parse(source).statements[0].is_main_guard


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if TYPE_CHECKING: import a", True),
        ("if typing.TYPE_CHECKING: import a", True),
        ("if not TYPE_CHECKING: import a", False),
        ("if TYPE_CHECKING: import a\nelse: a = None", False),
    ],
)
def test_import_for_types(source: str, expected: bool):
    assert expected == parse(source).statements[0].is_for_types


def test_position_counts_characters():
    module = parse("x = 'é世', y\n")
    (assign,) = module.tree.body
    name: Any = assign.value.elts[1]  # type: ignore[attr-defined]

    assert Position("app.py", 1, 11) == module.position(name)


def test_position_of_a_decorated_function_is_its_own():
    module = parse("@a\n@b\ndef f(): pass\n")

    assert Position("app.py", 3, 1) == module.position(module.tree.body[0])


# --- what is not Python 3 -----------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = 1\nprint 'hello'\n", id="print"),
        pytest.param("x = 1\nprint x, y\n", id="print names"),
        pytest.param("x = 1\nexec 'x'\n", id="exec"),
        pytest.param(
            "x = 1\ntry: x\nexcept A, b: x\n",
            id="except",
            marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="3.14 reads it"),
        ),
    ],
)
def test_python_2(source: str):
    with pytest.raises(UnreadableError) as caught:
        parse(source)
    (diagnostic,) = caught.value.diagnostics

    assert PYTHON_2 is diagnostic.code
    assert diagnostic.position is not None
    assert diagnostic.position.line == len(source.splitlines())
    assert diagnostic.subject == source.splitlines()[-1]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        pytest.param("x = 1\ny = = 2\n", (2, 5), id="operator"),
        pytest.param("def f(:\n", (1, 7), id="bracket"),
        pytest.param("x = 'a\n", (1, 5), id="open text"),
        pytest.param("if x:\ny\n", (2, 1), id="indentation"),
        pytest.param("é = 'é' y\n", (1, 9), id="column in characters"),
    ],
)
def test_syntax_error(source: str, place: tuple[int, int]):
    with pytest.raises(UnreadableError) as caught:
        parse(source, "chalicelib/broken.py")
    (diagnostic,) = caught.value.diagnostics

    assert UNPARSABLE_PYTHON is diagnostic.code
    assert Position("chalicelib/broken.py", *place) == diagnostic.position


@pytest.mark.parametrize(
    "source",
    [pytest.param("x = \0\n", id="NUL"), pytest.param("(" * 5000, id="brackets without end")],
)
def test_what_the_parser_gives_up_on(source: str):
    with pytest.raises(UnreadableError):
        parse(source)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="it reads them")
def test_text_of_a_newer_python():
    with pytest.raises(UnreadableError) as caught:
        parse_module("app.py", "x = f'{a['b']}'\n")

    assert "Python 3.12 reads more" in str(caught.value)
