from __future__ import annotations

from textwrap import dedent

import pytest

from converter.python.module import parse_module
from converter.python.needs import Needs


def read(source: str) -> Needs:
    return Needs(parse_module("app.py", dedent(source)))


def needed_by(name: str, source: str) -> list[str]:
    """The statements that make the name what it is, in the order of the source."""
    needs = read(source)
    needed = needs.closure(needs.of_names([name]))
    return [one.text.splitlines()[0] for one in needs.module.statements if one in needed]


SOURCE = """\
    import os
    from typing import Any
    A = os.sep
    B = [A]
    B.append(2)
    C = B
    def f(x: Any): return g(x)
    def g(x): return h and D
    D = 1
    def d():
        global D
        D = 2
    def e(): return E
    def set_e():
        global E
        E = 1
    """


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A", ["import os", "A = os.sep"]),
        ("B", ["import os", "A = os.sep", "B = [A]", "B.append(2)"]),
        ("C", ["import os", "A = os.sep", "B = [A]", "B.append(2)", "C = B"]),
        ("f", ["from typing import Any", "def f(x: Any): return g(x)", "def g(x): return h and D", "D = 1"]),
        ("e", ["def e(): return E", "def set_e():"]),
    ],
)
def test_what_a_name_needs(name: str, expected: list[str]):
    assert expected == needed_by(name, SOURCE)


@pytest.mark.parametrize(
    "body",
    [
        "globals()['a']",
        "eval('a')",
        "exec('a')",
        "sys.modules[__name__]",
        "getattr(sys.modules[__name__], 'a')",
    ],
)
def test_names_looked_up_by_texts(body: str):
    assert [f"def f(): return {body}", "a = 1"] == needed_by("f", f"def f(): return {body}\na = 1\n")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("items.append(1)", "items"),
        ("items[0] = 1", "items"),
        ("items[0].x.append(1)", "items"),
        ("items.x = 1", "items"),
        ("items += [1]", "items"),
        ("del items[0]", "items"),
        ("x = items.pop()", "items"),
        ("x = [items.append(n) for n in 'ab']", "items"),
        ("if 1: items.append(1)", "items"),
        ("class A:\n    items.append(1)", "items"),
        ("also.append(1)", "also items"),
        ("table['a'].append(1)", "items table"),
        ("add(1)", "add items"),
        ("logger.setLevel(1)", "logger"),
        ("A.x = 1", "A"),
        ("f.x = 1", "f"),
    ],
)
def test_what_alters_an_object(source: str, expected: str):
    needs = read(f"""\
import logging
TEXT = "a"
items = [TEXT]
also = items
table = {{"a": items}}
add = items.append
logger = logging.getLogger("a")
class A: pass
def f(): return items
{source}
""")

    assert expected.split() == sorted(needs.alterers)


@pytest.mark.parametrize(
    "source",
    [
        "x = items.copy()",
        "x = ', '.join(items)",
        "x = os.path.join(TEXT)",
        "os.environ['A'] = '1'",
        "x = table.get('a')",
        "x = len(items)",
        "x = f(items)",
        "x = s3.Table('a')",
        "logger.info('a')",
        "def g(): items.append(1)",
        "x = lambda: items.append(1)",
        "x = items[0]",
    ],
)
def test_what_alters_nothing(source: str):
    needs = read(f"""\
import boto3, logging, os
TEXT = "a"
items = [TEXT]
table = {{"a": items}}
s3 = boto3.resource("s3")
logger = logging.getLogger("a")
def f(x): return x
{source}
""")

    assert {} == needs.alterers
