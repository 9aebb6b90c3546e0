from __future__ import annotations

from textwrap import dedent

import pytest

from converter.python.inert import INERT, Effect, Facts, read_facts
from converter.python.module import parse_module

MODULES = {
    "effects": "import logging\nlogging.basicConfig()\n",
    "clients": "import boto3\nimport os\ndynamodb = boto3.resource('dynamodb')\nTABLE = os.getenv('TABLE')\n",
    "wrapping": (
        "from functools import wraps\ndef keep(f):\n    @wraps(f)\n    def call(): ...\n    return call\n"
    ),
    "work": "import os\nos.environ['X']\n",
}


def find(name: str) -> Facts | None:
    """The modules above, and of other people's all but `absent`."""
    if name in MODULES:
        return read_facts(parse_module(f"{name}.py", MODULES[name]), find)
    top = name.partition(".")[0]
    if top in MODULES:
        return None
    return None if top == "absent" else INERT


def read(text: str, *environment: str) -> Facts:
    return read_facts(parse_module("app.py", dedent(text)), find, environment)


NONE = r"""
import json, os.path as p
from boto3.dynamodb.conditions import Key
X: int = 3 * 4 + len("abc")
X = {"a": [1, (2,)], **{}}
import os; X = os.environ.get("A", "b").split(",")
import os; X = int(os.environ.get("A", 3))
import os; X = os.environ.get("A") or "b"
import os; X = f"{os.environ.get('A')}-b"
import os; X = 1 if os.environ.get("A") else 2
import os; X = os.environ.get("A") == "b"
import boto3; X = boto3.client("s3", region_name=os.environ.get("A"))
import boto3; X = boto3.resource("dynamodb").Table("orders")
import boto3; X = boto3.Session().client("s3")
import logging; log = logging.getLogger(__name__); log.setLevel(logging.INFO); log.propagate = False
from logging import getLogger; getLogger(__name__).setLevel("INFO")
import re; X = re.compile("a")
X = []; X.append(1)
X = {}; X["a"] = 1
X = sorted(x for x in range(3))
X = lambda a, b=1: unknown(a)
def f(a, b=[1], *, c=2): return unknown()
def f():\n    "Doc."\n    return {"a": 1}\nX = f()
from chalice import Cron\ndef f(): return Cron(0, 1, "*", "*", "?", "*")\nX = {"a": f()}
class A(Exception): x = 1
from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass A:\n    x: list = field(repr=False)
import functools\n@functools.lru_cache(maxsize=1)\ndef f(): ...
from wrapping import keep\n@keep\ndef f(): ...
from clients import dynamodb; table = dynamodb.Table("a")
try:\n    import absent\nexcept ImportError:\n    absent = None
from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import absent
if __name__ == "__main__":\n    unknown()
"docstring"
pass
global a"""

MAYBE_NONE = r"""
import os; X = os.environ.get("A")
import os; X = [os.getenv("A")]
import os; X = os.getenv("A") and 1
from clients import TABLE as X"""

PROCESS = r"""
print("loading")
import logging; logging.basicConfig()
import logging; log = logging.getLogger(); log.setLevel("INFO")
import logging; logging.getLogger("boto3").setLevel("INFO")
import logging; log = logging.getLogger(); log.propagate = False
from aws_lambda_powertools import Logger, Tracer; tracer = Tracer()
from aws_xray_sdk.core import patch_all; patch_all()
import effects
from effects import anything
class A:\n    print("a")"""

UNKNOWN_EFFECT = r"""
import absent
from absent import a
import work
import os; X = os.environ["A"]
import os; os.environ["A"] = "b"
import os; X = int(os.environ.get("A"))
import os; X = os.environ.get("A").lower()
import os; X = os.environ.get("A") + "b"
import os; X = os.environ.get("A") < 3
import os; X = os.environ.get("A")\nY = X.lower()
import boto3, os; X = boto3.resource("dynamodb").Table(os.environ.get("A"))
from clients import dynamodb, TABLE; table = dynamodb.Table(TABLE)
import boto3; X = boto3.client("s3").list_buckets()
X = unknown()
X = [unknown()]
def f(): ...\nX = f()
def f(): return unknown()\nX = f()
def f(a): return {"a": a}\nX = f(1)
def f(): return 1\nf = unknown\nX = f()
def f(): ...\nX = list(map(f, []))
class A: ...\nX = A()
def keep(f): return f\n@keep\ndef g(): ...
class A:\n    x = unknown()
def f(a=unknown()): ...
import sys; sys.path.insert(0, "lib")
import ssl; ssl.x = 1
for x in []: pass
with open("a"): pass
del X
assert True
X += unknown()
try:\n    unknown()\nexcept Exception: pass
if __name__ != "__main__":\n    unknown()"""


def rows(effect: Effect, texts: str) -> list[object]:
    return [pytest.param(effect, text.replace("\\n", "\n"), id=text) for text in texts.split("\n")[1:]]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        *rows(Effect.NONE, NONE),
        *rows(Effect.PROCESS, PROCESS),
        *rows(Effect.UNKNOWN, UNKNOWN_EFFECT),
    ],
)
def test_effect(expected, text):
    assert expected == read(text).effect


@pytest.mark.parametrize("text", MAYBE_NONE.split("\n")[1:])
def test_name_that_may_be_none(text):
    facts = read(text)

    assert Effect.NONE == facts.effect
    assert {"X"} == facts.may_be_none


def test_variable_that_is_set_everywhere():
    text = 'import os\nTABLE = os.environ["TABLE"].lower()\nOTHER = os.environ.get("TABLE").lower()\n'

    assert Effect.NONE == read(text, "TABLE").effect


def test_effects_on_the_process_are_named_wherever_they_are():
    text = "import effects\nimport logging\nlog = logging.getLogger()\nlog.setLevel( 'INFO' )\nX = 1\n"

    assert {"logging.basicConfig()", "log.setLevel('INFO')"} == read(text).on_process


WRAPPERS = {
    "plain": "def keep(f):\n    'Doc.'\n    @wraps(f)\n    def call(*a): ...\n    return call",
    "with arguments": (
        "def keep(x):\n    def decorate(f):\n        @wraps(f)\n        def call(*a): ...\n"
        "        return call\n    return decorate"
    ),
}
OTHERS = {
    "no wraps": "def keep(f):\n    def call(*a): ...\n    return call",
    "does something": "def keep(f):\n    print(f)\n    @wraps(f)\n    def call(*a): ...\n    return call",
    "registers": "def keep(f):\n    handlers.append(f)\n    return f",
    "nothing": "def keep(f): ...",
}


@pytest.mark.parametrize("text", WRAPPERS.values(), ids=WRAPPERS)
def test_decorator_that_wraps(text):
    facts = read(f"from functools import wraps\n{text}\n@keep\ndef handler(): ...\n")

    assert {"keep"} == facts.wrappers
    assert 1 == len(facts.wrapping)


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_decorator_that_may_do_more(text):
    facts = read(f"from functools import wraps\n{text}\n@keep\ndef handler(): ...\n")

    assert not facts.wrapping
    assert Effect.UNKNOWN == facts.effect


def test_decorators_of_powertools_wrap():
    text = """\
        from aws_lambda_powertools import Logger
        logger = Logger()
        @logger.inject_lambda_context(log_event=True)
        def f(): ...
        """

    assert 1 == len(read(text).wrapping)
