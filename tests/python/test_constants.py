from __future__ import annotations

import ast
from typing import Any

import pytest

from converter.python.constants import UNKNOWN, evaluate
from converter.python.module import Module, parse_module

MODULES = {
    "chalicelib.names": "PREFIX = 'orders'\nQUEUE = f'{PREFIX}-queue'\nfrom chalicelib.deep import RATE\n",
    "chalicelib.deep": "RATE = 5\nCHANGED = 1\nCHANGED = 2\n",
}


def find(name: str) -> Module | None:
    path = f"{name.replace('.', '/')}.py"
    return parse_module(path, MODULES[name]) if name in MODULES else None


def value_of(expression: str, source: str = "") -> Any:
    node = ast.parse(expression, mode="eval").body
    return evaluate(node, parse_module("app.py", source), find)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a'", "a"),
        ("-1", -1),
        ("['a', {'b': (None, True)}]", ["a", {"b": (None, True)}]),
        ("'a' 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("f'a{1}b'", "a1b"),
        ("f'a{\"b\"}'", "ab"),
    ],
)
def test_literals(expression: str, expected: Any):
    assert expected == value_of(expression)


@pytest.mark.parametrize(
    ("source", "expression", "expected"),
    [
        ("NAME = 'a'", "NAME", "a"),
        ("NAME: str = 'a'", "NAME", "a"),
        ("A = B = 'a'", "B", "a"),
        ("A = 'a'\nB = A + 'b'", "f'{B}-c'", "ab-c"),
        ("from chalicelib.names import PREFIX", "PREFIX", "orders"),
        ("from chalicelib.names import PREFIX as P", "P", "orders"),
        ("from chalicelib.names import QUEUE", "QUEUE", "orders-queue"),
        ("from chalicelib import names", "names.QUEUE", "orders-queue"),
        ("import chalicelib.names", "chalicelib.names.QUEUE", "orders-queue"),
        ("import chalicelib.names as n", "n.QUEUE", "orders-queue"),
        ("from chalicelib.names import RATE", "RATE", 5),
    ],
)
def test_names(source: str, expression: str, expected: Any):
    assert expected == value_of(expression, source)


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        ("", "missing"),
        ("", "f()"),
        ("import os", "os.environ['A']"),
        ("import os\nA = os.environ['A']", "A"),
        ("A = 1\nA = 2", "A"),
        ("A = 1\nA += 1", "A"),
        ("A, B = 1, 2", "A"),
        ("A = 1\ndef f():\n    global A\n    A = 2", "A"),
        ("for A in 'ab': pass", "A"),
        ("def A(): pass", "A"),
        ("A: int", "A"),
        ("A = A", "A"),
        ("A = B\nB = A", "A"),
        ("if x:\n    A = 1", "A"),
        ("A = {'b': 1}", "A['c']"),
        ("A = 'a'", "f'{A!r}'"),
        ("A = 'a'", "f'{A:>5}'"),
        ("", "[*a]"),
        ("from chalicelib.deep import CHANGED", "CHANGED"),
        ("from chalicelib.absent import A", "A"),
        ("from chalicelib.names import absent", "absent"),
    ],
)
def test_what_the_source_does_not_show(source: str, expression: str):
    assert value_of(expression, source) is UNKNOWN
