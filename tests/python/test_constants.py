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
        ("class Config:\n    QUEUE = 'a'", "Config.QUEUE", "a"),
        ("class Config:\n    QUEUE = 'a'\nconfig = Config()", "config.QUEUE", "a"),
        ("import enum\nclass Method(enum.Enum):\n    GET = 'get'", "[Method.GET.value.upper()]", ["GET"]),
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
        ("", "1 + 'a'"),
        ("", "1 / 0"),
        ("", "'{} {}'.format(1)"),
        ("", "'%s %s' % 1"),
        ("", "print('a')"),
        ("def f(a):\n    b = a\n    return b", "f('a')"),
        ("@cached\ndef f(a): return a", "f('a')"),
        ("def f(*a): return a", "f('a')"),
        ("def f(a): return a", "f(**{'a': 1})"),
        ("def f(a): return f(a)", "f('a')"),
        ("class A:\n    B = 1\n    B = 2", "A.B"),
        ("import os", "'a' if os.environ['A'] else 'b'"),
        ("", "[*a]"),
        ("from chalicelib.deep import CHANGED", "CHANGED"),
        ("from chalicelib.absent import A", "A"),
        ("from chalicelib.names import absent", "absent"),
    ],
)
def test_what_the_source_does_not_show(source: str, expression: str):
    assert value_of(expression, source) is UNKNOWN


@pytest.mark.parametrize(
    ("source", "expression", "expected"),
    [
        ("", "1 + 2", 3),
        ("", "60 * 5", 300),
        ("", "[1] + [2]", [1, 2]),
        ("A = {'b': 1}", "A['b']", 1),
        ("A = ['x', 'y']", "A[-1]", "y"),
        ("A = 'a'", "(A, [A], {A: A})", ("a", ["a"], {"a": "a"})),
        ("A = {'b': 1}", "{**A, 'c': 2}", {"b": 1, "c": 2}),
        ("A = 'a'", "'%s-queue' % A", "a-queue"),
        ("A = 'a'", "'%s-%d' % (A, 5)", "a-5"),
        ("A = 'a'", "'%(a)s' % {'a': A}", "a"),
        ("A = 'a'", "'{}-{x}'.format(A, x='b')", "a-b"),
        ("A = 'a'", "'-'.join([A, 'b'])", "a-b"),
        ("A = 'Ab '", "A.strip().lower()", "ab"),
        ("A = 'a'", "'b' if A == 'a' else 'c'", "b"),
        ("A = 'a'", "A in ('b', 'c')", False),
        ("A = ''", "A or 'b'", "b"),
        ("A = ''", "not A", True),
        ("A = '5'", "int(A)", 5),
        ("def f(a, b='x'): return f'{a}-{b}'", "f('q')", "q-x"),
        ("def f(a):\n    'Why.'\n    return a + P\nP = 'p'", "f(a='q')", "qp"),
        ("def int(a): return 5", "str(int('a'))", "5"),
        ("class A:\n    B = 'b'", "A.B", "b"),
        ("class A:\n    B = 'b'\na = A()", "a.B", "b"),
    ],
)
def test_what_is_made_of_others(source: str, expression: str, expected: Any):
    assert expected == value_of(expression, source)


def with_variables(expression: str, source: str = "import os") -> Any:
    """The value where STAGE is set to prod, and deployment says all others."""
    node = ast.parse(expression, mode="eval").body
    return evaluate(node, parse_module("app.py", source), find, {"STAGE": "prod"}, lambda name: {"Ref": name})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("os.environ['STAGE']", "prod"),
        ("os.environ.get('STAGE')", "prod"),
        ("os.getenv('STAGE', 'dev')", "prod"),
        ("os.getenv('OTHER', 'dev')", "dev"),
        ("os.environ.get('OTHER', default='dev')", "dev"),
        ("f\"q-{os.environ['STAGE']}\"", "q-prod"),
        ("'a' if os.environ['STAGE'] == 'prod' else 'b'", "a"),
        ("os.environ['Queue']", {"Ref": "Queue"}),
        ("[os.environ['Queue'], 'a']", [{"Ref": "Queue"}, "a"]),
    ],
)
def test_environment_variables(expression: str, expected: Any):
    assert expected == with_variables(expression)


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        ("from os import environ", "environ['STAGE']"),
        ("from os import environ as e", "e['STAGE']"),
        ("import os as o", "o.getenv('STAGE')"),
        ("from os import getenv", "getenv('STAGE')"),
    ],
)
def test_environment_variables_by_other_names(source: str, expression: str):
    assert with_variables(expression, source) == "prod"


@pytest.mark.parametrize(
    "expression",
    [
        "f\"{os.environ['Queue']}-x\"",
        "os.environ['Queue'] + '-x'",
        "'%s-%s' % (os.environ['Queue'], 'x')",
        "'{}-{x}'.format(os.environ['Queue'], x='x')",
        "'-'.join([os.environ['Queue'], 'x'])",
    ],
)
def test_a_text_with_what_deployment_says(expression: str):
    assert with_variables(expression) == {"Fn::Sub": "${Queue}-x"}


def test_a_dollar_that_is_no_reference():
    assert with_variables("'${a}' + os.environ['Queue']") == {"Fn::Sub": "${!a}${Queue}"}
