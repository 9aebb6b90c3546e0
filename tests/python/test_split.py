"""The laws of splitting: who gets what, in which order it runs, and that the author's text survives."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from tests.python.splitting import check_same_behaviour, take_apart, text_of

# --- what goes where ---------------------------------------------------------


def test_helper_of_one_goes_with_it():
    taken = check_same_behaviour("""\
        def helper(x):
            return x + 1


        def one(event, context):
            return helper(1)


        def two(event, context):
            return 2
        """)

    assert text_of(taken) == dedent("""\
        # === one
        def helper(x):
            return x + 1


        def one(event, context):
            return helper(1)
        # === two
        def two(event, context):
            return 2
        """)


def test_helper_of_several_is_shared_with_what_it_needs():
    taken = check_same_behaviour("""\
        import json
        import os

        # How much is added.
        STEP = 1


        def helper(x):
            return json.dumps(x + STEP)


        def one(event, context):
            return helper(1)


        def two(event, context):
            return os.sep, helper(2)
        """)

    assert text_of(taken) == dedent("""\
        # === one
        from shared import helper


        def one(event, context):
            return helper(1)
        # === two
        import os

        from shared import helper


        def two(event, context):
            return os.sep, helper(2)
        # === shared
        import json

        # How much is added.
        STEP = 1


        def helper(x):
            return json.dumps(x + STEP)
        """)


def test_chain_of_helpers():
    taken = check_same_behaviour("""\
        def deepest():
            return 1

        def middle():
            return deepest() + 1

        def outer():
            return middle() + 1

        def one(event, context):
            return outer()

        def two(event, context):
            return deepest()
        """)

    assert "def middle" in taken.parts["one"]
    assert "def outer" in taken.parts["one"]
    assert taken.parts["one"].startswith("from shared import deepest\n")
    assert taken.parts["two"].startswith("from shared import deepest\n")
    assert taken.shared == "def deepest():\n    return 1\n"


def test_single_function_keeps_all_it_needs():
    taken = check_same_behaviour("""\
        A = 1

        def helper():
            return A

        def one(event, context):
            return helper()
        """)

    assert taken.shared is None
    assert taken.parts["one"].startswith("A = 1\n")


def test_code_that_nobody_needs_is_left_out():
    taken = take_apart("""\
        UNUSED = 1

        def one(event, context):
            return 1

        def unused():
            return UNUSED
        """)

    assert [{"UNUSED"}, {"unused"}] == [set(statement.names.binds) for statement in taken.left_out]
    assert taken.parts == {"one": "def one(event, context):\n    return 1\n"}


def test_main_guard_is_left_out():
    taken = take_apart("""\
        def one(event, context):
            return 1

        if __name__ == "__main__":
            print(one({}, None))
        """)

    assert [True] == [statement.is_main_guard for statement in taken.left_out]


def test_handler_calls_handler():
    taken = check_same_behaviour("""\
        def one(event, context):
            return 1

        def two(event, context):
            return one(event, context) + 1

        def three(event, context):
            return 3
        """)

    assert text_of(taken) == dedent("""\
        # === one
        from shared import one

        __all__ = ["one"]
        # === two
        from shared import one


        def two(event, context):
            return one(event, context) + 1
        # === three
        def three(event, context):
            return 3
        # === shared
        def one(event, context):
            return 1
        """)


def test_handlers_call_each_other():
    check_same_behaviour(
        """\
        def one(event, context):
            return 1 if event else two({"again": True}, context)

        def two(event, context):
            return one(event, context) + 1
        """
    )


def test_same_named_handlers_get_their_own_code():
    taken = take_apart("""\
        def first():
            return 1

        def handler(event, context):
            return first()

        def second():
            return 2

        def handler(event, context):
            return second()
        """)

    assert text_of(taken) == dedent("""\
        # === handler
        def first():
            return 1

        def handler(event, context):
            return first()
        # === handler_2
        def second():
            return 2

        def handler(event, context):
            return second()
        """)


def test_function_defined_twice_counts_once_and_last():
    check_same_behaviour("""\
        def helper():
            return "first"

        def helper():
            return "second"

        def one(event, context):
            return helper()

        def two(event, context):
            return helper()
        """)


def test_name_rebound_at_the_top_level():
    check_same_behaviour("""\
        size = 1
        double = size * 2
        size = 5

        def one(event, context):
            return size, double

        def two(event, context):
            return size
        """)


def test_names_that_others_import_are_shared():
    taken = check_same_behaviour(
        """\
        BASE = 1
        LIMIT = BASE + 1

        def one(event, context):
            return LIMIT
        """,
        external=["LIMIT"],
    )

    assert taken.shared == "BASE = 1\nLIMIT = BASE + 1\n"
    assert taken.parts["one"].startswith("from shared import LIMIT\n")


def test_pinned_code_is_shared_by_the_one_function_that_needs_it():
    from converter.python.module import parse_module
    from converter.python.split import split

    module = parse_module("app.py", "HERE = __file__\n\ndef one(event, context):\n    return HERE\n")
    taken = split(
        module,
        {"one": [module.statements[1]]},
        shared_name="common",
        is_pinned=lambda statement: "__file__" in statement.names.uses,
    )

    assert taken.shared == "HERE = __file__\n"
    assert taken.parts["one"].startswith("from common import HERE\n")


def test_long_import_is_wrapped():
    names = [f"a_rather_long_name_{number}" for number in range(6)]
    lines = "".join(f"{name} = {number}\n" for number, name in enumerate(names))
    handlers = "".join(
        f"def {one}(event, context):\n    return {', '.join(names)}\n" for one in ("one", "two")
    )
    taken = check_same_behaviour(lines + handlers)

    imported = "".join(f"    {name},\n" for name in names)
    assert taken.parts["one"].startswith(f"from shared import (\n{imported})\n")


# --- imports -------------------------------------------------------------------


def test_imports_are_copied_and_trimmed():
    taken = check_same_behaviour("""\
        import os, sys
        import xml.dom.minidom
        from json import dumps, loads as read  # both ways
        from math import (
            ceil,
            floor,
        )


        def one(event, context):
            return os.sep, read("1"), ceil(1.5)


        def two(event, context):
            return sys.byteorder, dumps(1), xml.dom.minidom.__name__, ceil(1.5), floor(1.5)
        """)

    assert text_of(taken) == dedent("""\
        # === one
        import os
        from json import loads as read  # both ways
        from math import ceil


        def one(event, context):
            return os.sep, read("1"), ceil(1.5)
        # === two
        import sys
        import xml.dom.minidom
        from json import dumps  # both ways
        from math import (
            ceil,
            floor,
        )


        def two(event, context):
            return sys.byteorder, dumps(1), xml.dom.minidom.__name__, ceil(1.5), floor(1.5)
        """)


def test_future_import_stands_first_everywhere():
    taken = check_same_behaviour('''\
        """Orders."""
        from __future__ import annotations

        import os

        A = os.sep


        def one(event: Undefined, context):
            return A


        def two(event, context) -> Undefined:
            return A
        ''')

    assert taken.parts["one"].startswith("from __future__ import annotations\n\nfrom shared import A\n")
    assert (taken.shared or "").startswith('"""Orders."""\nfrom __future__ import annotations\n')


STAR = {"tools": "def tool():\n    return 'tool'\nRATE = 2\n"}


def test_star_import_goes_where_a_name_is_unexplained():
    taken = check_same_behaviour(
        """\
        from chalicelib.tools import *

        def one(event, context):
            return tool()

        def two(event, context):
            return event
        """,
        library=STAR,
    )

    assert "import *" in taken.parts["one"]
    assert "import *" not in taken.parts["two"]


def test_star_import_that_a_shared_helper_needs():
    check_same_behaviour(
        """\
        from chalicelib.tools import *

        def helper():
            return tool(), RATE

        def one(event, context):
            return helper()

        def two(event, context):
            return helper(), RATE
        """,
        library=STAR,
    )


def test_star_import_hides_a_builtin():
    check_same_behaviour(
        """\
        from chalicelib.tools import *

        def one(event, context):
            return open()

        def two(event, context):
            return len(event)
        """,
        library={"tools": "def open():\n    return 'mine'\n"},
    )


@pytest.mark.parametrize("missing", ["no_such_json", "json"])
def test_import_with_a_fallback(missing: str):
    check_same_behaviour(f"""\
        try:
            import {missing} as reader
        except ImportError:
            reader = None

        def one(event, context):
            return reader is None

        def two(event, context):
            return reader is None
        """)


def test_import_by_version():
    check_same_behaviour("""\
        import sys

        if sys.version_info >= (3, 8):
            from functools import partial
        else:
            from backports import partial

        def one(event, context):
            return partial(int, "1")()

        def two(event, context):
            return partial(int, "2")()
        """)


def test_import_for_types_only():
    taken = check_same_behaviour("""\
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from no_such_module import Event, Result


        def one(event: "Event", context) -> "Result":
            return 1


        def two(event: "Event", context):
            return 2
        """)

    assert taken.parts["one"] == dedent("""\
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from no_such_module import Event, Result


        def one(event: "Event", context) -> "Result":
            return 1
        """)
    assert taken.shared is None


def test_import_that_is_there_for_its_effect_goes_everywhere():
    taken = check_same_behaviour(
        """\
        import chalicelib.patches

        def one(event, context):
            return 1

        def two(event, context):
            return 2
        """,
        library={"patches": "from world import note\nnote(1)\n"},
    )

    assert "import chalicelib.patches" in taken.parts["one"]
    assert "import chalicelib.patches" in taken.parts["two"]


@pytest.mark.parametrize("unused", ["import json", "import boto3", "from chalice import Chalice"])
def test_import_that_is_there_for_nothing_goes(unused: str):
    taken = take_apart(f"{unused}\n\ndef one(event, context):\n    return 1\n")

    assert taken.parts == {"one": "def one(event, context):\n    return 1\n"}


# --- effects: they run for all, in their order ------------------------------------


def test_effect_runs_for_every_function():
    taken = check_same_behaviour("""\
        from world import note

        note("first")
        A = 1
        note("second", A)

        def one(event, context):
            note("one")
            return A

        def two(event, context):
            return 2
        """)

    assert taken.parts["two"].startswith("import shared  # noqa: F401  (for what it sets up)\n")


@pytest.mark.parametrize(
    "effect",
    [
        pytest.param("for n in range(3):\n    note(n)", id="loop"),
        pytest.param("n = 0\nwhile n < 3:\n    n += 1\n    note(n)", id="while"),
        pytest.param("with open('/dev/null') as file:\n    note(file.name)", id="with"),
        pytest.param("note('a') if A else note('b')", id="conditional expression"),
        pytest.param("if A:\n    note('a')\nelse:\n    note('b')", id="if"),
        pytest.param("try:\n    note(1 / 0)\nexcept ZeroDivisionError as error:\n    note(error)", id="try"),
        pytest.param("[note(n) for n in range(3)]", id="comprehension"),
        pytest.param("B = [note(n) for n in range(3)]", id="comprehension that is kept"),
        pytest.param("(B := note('walrus'))", id="walrus"),
        pytest.param("match A:\n    case 1:\n        note('one')\n    case _:\n        pass", id="match"),
        pytest.param("def setup():\n    note('setup')\nsetup()", id="call of a function"),
        pytest.param("class Setup:\n    note('class body')", id="class body"),
        pytest.param("class Setup:\n    done = note('class body')", id="class attribute"),
        pytest.param("def setup(x=note('default')):\n    pass", id="default argument"),
        pytest.param("setup = lambda x=note('default'): x", id="default of a lambda"),
        pytest.param("@note\ndef setup():\n    pass", id="decorator"),
        pytest.param("B = C = note('twice')", id="two targets"),
        pytest.param("B: int = note('annotated')", id="annotated"),
        pytest.param("items = []\nitems.append(note('argument'))", id="argument of a change"),
        pytest.param("table = {}\ntable[note('key')] = 1", id="key of a change"),
        pytest.param("table = {}\ntable['a'] = note('value')", id="value of a change"),
        pytest.param("assert note('assert') is None", id="assert"),
        pytest.param("text = f'{note(1)}'", id="f-string"),
        pytest.param("a, *b = note('a') or (1, 2, 3)", id="unpacking"),
        pytest.param("A = 1; note('beside')", id="several statements on a line"),
        pytest.param("if __name__ != '__main__':\n    note('not main')", id="no main guard"),
        pytest.param("if __name__ == '__main__':\n    pass\nelse:\n    note('x')", id="else of a main guard"),
        pytest.param("import os\nos.environ['PAWS_TEST'] = '1'\nnote(os.environ['PAWS_TEST'])", id="environ"),
        pytest.param("import os\nos.environ.setdefault('PAWS_TEST', '1')", id="environ default"),
    ],
)
def test_every_kind_of_effect(effect: str):
    check_same_behaviour(
        f"""\
from world import note

A = 1
{effect}

def one(event, context):
    return A

def two(event, context):
    import os
    return os.environ.get("PAWS_TEST")
"""
    )


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("X = requests.get('url')", id="method of a module"),
        pytest.param("X = requests.copy('a', 'b')", id="method of a module that is named like a pure one"),
        pytest.param("X = get('url')", id="imported function"),
        pytest.param("X = requests.session.get('url')", id="method of a module's object"),
    ],
)
def test_call_of_an_imported_name_is_an_effect(source: str):
    check_same_behaviour(
        f"""\
import chalicelib.requests as requests
from chalicelib.requests import get

{source}

def one(event, context):
    return X

def two(event, context):
    return 2
""",
        library={
            "requests": """\
                from types import SimpleNamespace
                from world import note

                def get(url):
                    note(url)

                def copy(a, b):
                    note(a, b)

                session = SimpleNamespace(get=get)
                """,
        },
    )


def test_class_reads_its_attributes_between_the_same_effects():
    check_same_behaviour("""\
        import os

        os.environ["PAWS_TEST"] = "1"

        class Reader:
            found: str = os.environ["PAWS_TEST"]

        os.environ["PAWS_TEST"] = "2"

        def one(event, context):
            return Reader.found

        def two(event, context):
            return os.environ["PAWS_TEST"]
        """)


def test_sys_path_is_edited_before_the_imports_that_need_it():
    taken = take_apart("""\
        import os
        import sys

        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "vendored"))

        import vendored_module


        def one(event, context):
            return vendored_module.x


        def two(event, context):
            return vendored_module.y
        """)

    assert taken.parts["one"] == dedent("""\
        import shared  # noqa: F401  (for what it sets up)

        import vendored_module


        def one(event, context):
            return vendored_module.x
        """)


def test_monkeypatching_happens_before_the_value_is_taken():
    check_same_behaviour(
        """\
        import chalicelib.client
        from world import note

        before = chalicelib.client.send
        chalicelib.client.send = lambda: note("patched") or "patched"
        after = chalicelib.client.send

        def one(event, context):
            return before(), after()

        def two(event, context):
            return chalicelib.client.send()

        def three(event, context):
            return after is before
        """,
        library={"client": "def send():\n    return 'sent'\n"},
    )


def test_value_that_an_effect_changes_later():
    check_same_behaviour("""\
        import os

        before = os.environ.get("PAWS_TEST")
        os.environ["PAWS_TEST"] = "set"
        after = os.environ.get("PAWS_TEST")

        def one(event, context):
            return before, after

        def two(event, context):
            return before

        def three(event, context):
            return after
        """)


@pytest.mark.parametrize("external", [["MODE"], ["BEFORE"], ["helper"]])
def test_effects_stay_before_what_others_import(external: list[str]):
    check_same_behaviour(
        """\
        import os

        BEFORE = os.environ.get("PAWS_TEST")
        os.environ["PAWS_TEST"] = "prod"
        MODE = os.environ.get("PAWS_TEST")

        def helper():
            return MODE, BEFORE

        def one(event, context):
            return MODE, BEFORE
        """,
        external=external,
    )


def test_effect_between_imports():
    check_same_behaviour(
        """\
        from world import note
        note("before")
        import chalicelib.noisy
        note("after")

        def one(event, context):
            return chalicelib.noisy.x

        def two(event, context):
            return chalicelib.noisy.x
        """,
        library={
            "noisy": "from world import note\nnote('noisy')\nx = 1\n",
        },
    )


# --- state -------------------------------------------------------------------------


def test_state_stays_together():
    taken = check_same_behaviour("""\
        cache = None

        def load():
            global cache
            if cache is None:
                cache = ["loaded"]
            return cache

        def one(event, context):
            load()
            return cache

        def two(event, context):
            load().append(1)
            return cache
        """)

    assert taken.parts["one"] == 'from shared import one\n\n__all__ = ["one"]\n'


def test_state_of_one_function_stays_with_it():
    taken = check_same_behaviour("""\
        cold = True

        def is_cold():
            global cold
            was, cold = cold, False
            return was

        def one(event, context):
            return is_cold(), is_cold()

        def two(event, context):
            return 2
        """)

    assert taken.shared is None


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("items = []\nitems.append(1)", id="append"),
        pytest.param("items = []\nitems += [1]", id="augmented assignment"),
        pytest.param("items = [0]\nitems[0] = 1", id="item"),
        pytest.param("items = [1, 2]\ndel items[0]", id="deleted item"),
        pytest.param("items = other = []\nother.append(1)", id="two names of one list"),
        pytest.param("other = []\nitems = other\nother.append(1)", id="alias"),
        pytest.param("items = []\nother = items\nother.append(1)", id="alias that is altered"),
        pytest.param("items = []\nboxes = {'a': items}\nboxes['a'].append(1)", id="inside a mapping"),
        pytest.param("items = [[]]\nother = items[0]\nother.append(1)", id="item that has a name"),
        pytest.param("items = []\n(items).append(1)", id="parentheses"),
        pytest.param("items = []\nfor n in range(3):\n    items.append(n)", id="loop"),
        pytest.param("items = []\ndef fill():\n    items.append(1)\nfill()", id="function"),
        pytest.param("items = []\nfill = items.append\nfill(1)", id="bound method"),
        pytest.param("items = []\n[items.append(n) for n in range(3)]", id="comprehension"),
        pytest.param("items = []\nitems.append(1); items.append(2)", id="two on a line"),
        pytest.param("items = []\nif True:\n    items.append(1)", id="if"),
        pytest.param("items = []\nitems.extend(x for x in (1, 2))", id="generator"),
        pytest.param("items: list = []\nitems.append(1)", id="annotated"),
        pytest.param("items = list()\nitems.append(1)", id="constructor"),
        pytest.param(
            "class Box:\n    items = []\nBox.items.append(1)\nitems = Box.items", id="class attribute"
        ),
        pytest.param(
            "def items():\n    return items.x\nitems.x = 1\nitems = items()", id="function attribute"
        ),
        pytest.param("a, items = [], []\nitems.append(1)", id="unpacked"),
        pytest.param("(items := []).append(1)", id="walrus"),
    ],
)
@pytest.mark.parametrize("second", ["items", "2"], ids=["for both", "for one"])
def test_objects_made_and_altered_at_the_top_level(source: str, second: str):
    check_same_behaviour(f"""\
{source}

def one(event, context):
    return items

def two(event, context):
    return {second}
""")


def test_alteration_goes_with_its_object():
    taken = check_same_behaviour("""\
        table = {}
        # The first one.
        table["a"] = 1

        def one(event, context):
            return table

        def two(event, context):
            return 2
        """)

    assert '# The first one.\ntable["a"] = 1\n' in taken.parts["one"]
    assert taken.shared is None


def test_name_that_may_be_unbound():
    check_same_behaviour("""\
        import os

        if os.environ.get("PAWS_DEBUG"):
            import pdb as debugger

        def one(event, context):
            return bool(os.environ.get("PAWS_DEBUG")) and debugger

        def two(event, context):
            return bool(os.environ.get("PAWS_DEBUG")) and debugger
        """)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("value = 1\ndel value", id="deleted"),
        pytest.param("try:\n    1 / 0\nexcept ZeroDivisionError as value:\n    pass", id="except name"),
        pytest.param("for value in ():\n    pass", id="loop that does not run"),
        pytest.param("value: int", id="only annotated"),
        pytest.param("if 0:\n    value = 1\nelif 0:\n    value = 2", id="elif without else"),
        pytest.param("match 1:\n    case 2:\n        value = 1", id="match"),
        pytest.param("try:\n    import no_such_module as value\nexcept ImportError:\n    pass", id="import"),
    ],
)
def test_name_that_is_unbound(source: str):
    check_same_behaviour(
        f"""\
{source}

def one(event, context):
    try:
        return value
    except NameError:
        return "unbound"

def two(event, context):
    return "value" in globals()  # value

def three(event, context):
    if event:
        return value
"""
    )


# --- decorators ------------------------------------------------------------------------


def test_own_decorator_goes_with_its_function():
    check_same_behaviour("""\
        import functools

        def loud(function):
            @functools.wraps(function)
            def wrapper(*arguments):
                return function(*arguments), "!"
            return wrapper

        @loud
        def one(event, context):
            return 1

        @loud
        def two(event, context):
            return 2

        def three(event, context):
            return 3
        """)


@pytest.mark.parametrize(
    "registry",
    [
        pytest.param(
            """\
            REGISTRY = {}
            def register(thing):
                REGISTRY[thing.__name__] = thing
                return thing
            """,
            id="dict",
        ),
        pytest.param(
            """\
            REGISTRY = []
            def register(thing):
                REGISTRY.append(thing.__name__)
                return thing
            """,
            id="list",
        ),
        pytest.param(
            """\
            from collections import OrderedDict
            REGISTRY = OrderedDict()
            def register(thing):
                REGISTRY[thing.__name__] = thing
                return thing
            """,
            id="container of the standard library",
        ),
        pytest.param(
            """\
            REGISTRY = None
            def register(thing):
                global REGISTRY
                REGISTRY = (REGISTRY or ()) + (thing.__name__,)
                return thing
            """,
            id="global",
        ),
        pytest.param(
            """\
            class Registry(dict):
                def register(self, thing):
                    self[thing.__name__] = thing
                    return thing
            REGISTRY = Registry()
            register = REGISTRY.register
            """,
            id="bound method",
        ),
        pytest.param("from chalicelib.registry import REGISTRY, register", id="imported"),
    ],
)
@pytest.mark.parametrize("thing", ["def {name}(): pass", "class {name}: pass"], ids=["function", "class"])
def test_decorator_that_registers(registry: str, thing: str):
    check_same_behaviour(
        f"""\
{dedent(registry)}
@register
{thing.format(name="first")}

@register
{thing.format(name="second")}

def one(event, context):
    return sorted(REGISTRY)

def two(event, context):
    return 2
""",
        library={
            "registry": """\
                REGISTRY = []

                def register(thing):
                    REGISTRY.append(thing.__name__)
                    return thing
                """,
        },
    )


@pytest.mark.parametrize("decorator", ['@router.on("a")', "@router.add"])
@pytest.mark.parametrize("origin", ["", "from chalicelib.routing import Router"], ids=["own", "imported"])
def test_function_registered_on_an_object(decorator: str, origin: str):
    router = dedent("""\
        class Router:
            def __init__(self):
                self.known = {}

            def add(self, function):
                self.known["a"] = function
                return function

            def on(self, name):
                return self.add
        """)
    taken = check_same_behaviour(
        f"""\
{origin or router}
router = Router()

def helper():
    return "found"

{decorator}
def found():
    return helper()

def one(event, context):
    return router.known["a"]()

def two(event, context):
    return 2
""",
        library={"routing": router},
    )

    assert "found" not in taken.parts["two"]


def test_class_that_its_base_registers():
    check_same_behaviour("""\
        class Base:
            known = []

            def __init_subclass__(cls):
                Base.known.append(cls.__name__)

        class First(Base):
            pass

        class Second(First):
            pass

        def one(event, context):
            return Base.known

        def two(event, context):
            return 2
        """)


def test_class_that_its_metaclass_registers():
    check_same_behaviour("""\
        known = []

        class Meta(type):
            def __init__(cls, *arguments):
                known.append(cls.__name__)

        class First(metaclass=Meta):
            pass

        def one(event, context):
            return known

        def two(event, context):
            return 2
        """)


# --- logging -----------------------------------------------------------------------------


def test_logger_is_made_in_each_module():
    taken = take_apart("""\
        import logging

        logger = logging.getLogger(__name__)
        logger.setLevel(logging.INFO)


        def helper():
            logger.info("helper")


        def one(event, context):
            logger.info("one")
            helper()


        def two(event, context):
            helper()
        """)

    assert text_of(taken) == dedent("""\
        # === one
        import logging

        from shared import helper

        logger = logging.getLogger(__name__)
        logger.setLevel(logging.INFO)


        def one(event, context):
            logger.info("one")
            helper()
        # === two
        from shared import helper


        def two(event, context):
            helper()
        # === shared
        import logging

        logger = logging.getLogger(__name__)
        logger.setLevel(logging.INFO)


        def helper():
            logger.info("helper")
        """)


def test_root_logger_is_set_up_for_every_function():
    taken = take_apart("""\
        import logging

        logging.basicConfig(level=logging.INFO)


        def one(event, context):
            return 1


        def two(event, context):
            return 2
        """)

    assert all("logging.basicConfig(level=logging.INFO)\n" in part for part in taken.parts.values())


def test_root_logger_is_set_up_for_a_function_that_another_calls():
    taken = take_apart("""\
        import logging

        logging.basicConfig(level=logging.INFO)


        def one(event, context):
            logging.info("one")


        def two(event, context):
            return one(event, context)
        """)

    assert taken.parts["one"] == dedent("""\
        import logging

        from shared import one

        logging.basicConfig(level=logging.INFO)

        __all__ = ["one"]
        """)


@pytest.mark.parametrize(
    "setup",
    [
        pytest.param("logging.basicConfig(level=LEVEL)", id="basicConfig"),
        pytest.param("logger.setLevel(LEVEL)", id="own logger"),
        pytest.param("logging.getLogger().setLevel(LEVEL)", id="root logger"),
        pytest.param("logging.getLogger(PREFIX + 'library').setLevel(LEVEL)", id="logger of a library"),
        pytest.param("logger.setLevel(find_level())", id="level that a function finds"),
        pytest.param("logger.setLevel(LEVELS['debug'])", id="level from a table"),
    ],
)
@pytest.mark.parametrize(
    "also", ["0", "(LEVEL, PREFIX, LEVELS)"], ids=["for logging alone", "for others too"]
)
def test_logging_is_set_up_by_constants(setup: str, also: str):
    check_same_behaviour(
        f"""\
import logging
import os
from world import note

PREFIX = "paws-tests."
LEVEL = os.environ.get("PAWS_LEVEL", "WARNING")
LEVELS = {{"debug": logging.DEBUG}}

def find_level():
    note("asked")
    return LEVEL

logger = logging.getLogger(PREFIX + "own")
{setup}

def one(event, context):
    return logger.level, {also}

def two(event, context):
    return logging.getLogger(PREFIX + "library").level, {also}

def three(event, context):
    return logger.level
"""
    )


# --- the author's text ----------------------------------------------------------------------


def test_comments_and_blank_lines_travel():
    taken = take_apart('''\
        # Copyright Example Ltd.
        """Orders."""
        import os


        # Where orders go.
        # A table.
        TABLE = os.environ.get("TABLE")  # set by the stack


        # --- first -------------------

        # Called by one.
        def helper():
            # nothing to see

            return TABLE  # here



        def one(event, context):
            return helper()
        # after one

        # before two
        def two(event, context):

            return 2
        # the end
        ''')

    assert text_of(taken) == dedent('''\
        # === one
        # Copyright Example Ltd.
        """Orders."""
        import os


        # Where orders go.
        # A table.
        TABLE = os.environ.get("TABLE")  # set by the stack


        # --- first -------------------

        # Called by one.
        def helper():
            # nothing to see

            return TABLE  # here



        def one(event, context):
            return helper()
        # === two
        # Copyright Example Ltd.
        """Orders."""


        # after one

        # before two
        def two(event, context):

            return 2
        # the end
        ''')


COMMENTS = """
=== above an import that goes
# Copyright

import json
import os

def one(event, context):
    return os.sep
=== above a future import
# Copyright
from __future__ import annotations

def one(event, context):
    return 1
=== below an import
def one(event, context):
    return 1

import json
# the end
=== below what is left out
def one(event, context):
    return 1

unused = 1
# the end
=== a text at the end
def one(event, context):
    return 1
'''the end'''
=== a text between
A = 1
'''About B.'''
B = 2

def one(event, context):
    return A, B
=== a text above a comment
A = 1
'''A section.'''

# About one.
def one(event, context):
    return A
=== above a function
# only a comment
def one(event, context):
    return 1
=== beside an import
import os  # why

def one(event, context):
    return 1

def two(event, context):
    return os.sep
=== beside an import that is trimmed
import os, json  # why

def one(event, context):
    return os.sep
=== inside an import
from os import (
    sep,  # one
    linesep,  # two
)

def one(event, context):
    return sep, linesep
"""


def sections(text: str) -> list[Any]:
    """A parameter for each part of the text, named by the line above it."""
    parts = [part.partition("\n") for part in text.split("=== ")[1:]]
    return [pytest.param(source, id=name) for name, _, source in parts]


@pytest.mark.parametrize("source", sections(COMMENTS))
def test_comments_survive(source: str):
    taken = check_same_behaviour(source)

    for text in ("# Copyright", "# the end", "the end", "About B.", "A section.", "# why"):
        assert (text in source) == (text in text_of(taken))


SYNTAX = """
=== several statements on one line
A = 1; B = 2
C = A; D = B
=== import and statement on one line
import os; A = os.sep
B = C = D = A
=== imports on one line
import os; import sys
A = os.sep; B = sys.path[:0]
C = D = B
=== line continuation
A = B = C = D = 1 + \\
    2
=== text over several lines
A = B = C = D = '''a
# no comment
b'''
=== unicode
A = 'é世😀'; B = C = D = A
=== unicode name
café = 1
A = B = C = D = café
=== tabs
if True:
\tA = 1
B = C = D = A
=== form feed
A = 1\x0c
B = C = D = A
=== Unicode line separator
A = '\u2028'
B = C = D = A
=== parentheses
A = (
    1,

    # inside
    2,
)
B = C = D = A
=== unpacking
A, (B, *C) = 1, (2, 3)
D = A
=== lambda
A = B = 1
C = lambda x=2, y=B: (x, y, A)
D = C(1)
=== comprehension
A = [x for x in range(3) if x]
x = 5
B = {x: x for x in A}
C = D = x
=== comprehension over its own name
x = [1]
A = [x for x in x]
B = C = D = A
=== nested comprehension
x = 2
A = [[x * y for y in range(x)] for x in range(x)]
B = C = D = A
=== class body
y = 3
class K:
    y = 1
    z = [y for _ in range(2)]
A = K.z
B = C = D = K.y
=== class that hides a name
y = 3
class K:
    y = y + 1
    def get(self):
        return y
A = K.y
B = C = D = K().get()
=== nested functions
def f():
    def g():
        return h()
    return g()
def h():
    return 1
A = B = C = D = f
=== nonlocal
def f(n):
    total = 0
    def g():
        nonlocal total
        total += n
    g()
    return total
A = f(2)
B = C = D = A
=== match
def f(n):
    match n:
        case {'k': k, **rest}:
            return k, rest
        case [a, *others]:
            return a, others
        case str() as s:
            return s
A = f({'k': 1, 'l': 2}), f([1, 2]), f('s')
B = C = D = 1
=== match at the top level
match {'k': 1, 'l': 2}, [3, 4]:
    case {'k': A, **B}, [C, *D]:
        pass
=== coroutine
import asyncio
async def f():
    return 1
A = asyncio.run(f())
B = C = D = A
=== decorator over several lines
import functools
@functools.lru_cache(
    maxsize=
    None,
)
def f(x=1):
    return x
A = f
B = C = D = f(1)
=== dataclass
import dataclasses
@dataclasses.dataclass
class K:
    x: 'int' = 1
A = K().x
B = C = D = dataclasses.asdict(K())
=== finally
try:
    pass
finally:
    A = 1
B = C = D = A
=== augmented assignment
A = 1
A += 1
B = A
A *= 10
C = D = A
=== walrus in a loop
i = 0
A = []
while (i := i + 1) < 4:
    A.append(i)
B = C = D = i
=== loop variables
for i, A in enumerate('ab'):
    pass
B = i
C = D = A
=== with
with open('/dev/null') as file:
    A = file.read()
B = C = D = A
=== del
x = 1
y = x
del x
A = B = C = D = y
=== all kinds of parameters
def f(a, /, b, *c, d, **e):
    return a, b, c, d, e
A = f(1, 2, 3, d=4, g=5)
B = C = D = A
=== f-string
A = f'{1 + 1!r:>{2 * 2}}'
B = C = D = A
=== annotation
x: 'list[int]' = []
A = B = C = D = x
=== global at the top level
global A
A = 1
B = C = D = A
=== compound statement on one line
if (A := 1): B = 2
C = D = B
=== class on one line
class K: x = 1; y = x
A = B = C = D = K.y
=== statements that do nothing
pass
...
A = B = C = D = 1
"""


@pytest.mark.parametrize("source", sections(SYNTAX))
def test_every_kind_of_syntax(source: str):
    check_same_behaviour(f"""\
{source}

def value_of(thing):
    return thing() if callable(thing) else thing

def one(event, context):
    return value_of(A), value_of(B)

def two(event, context):
    return value_of(C)

def three(event, context):
    return value_of(B), value_of(D)
""")


def test_async_handler():
    check_same_behaviour("""\
        import asyncio

        async def helper():
            await asyncio.sleep(0)
            return 1

        async def one(event, context):
            return await helper()

        async def two(event, context):
            async def inner():
                return [await helper() for _ in range(2)]
            return await inner()
        """)


def test_line_ends_stay():
    source = dedent("""\
        import os

        A = os.sep


        def one(event, context):
            return A


        def two(event, context):
            return A
        """)
    taken = check_same_behaviour(source.replace("\n", "\r\n"))
    modules = [*taken.parts.values(), taken.shared or ""]

    assert text_of(taken).replace("\r\n", "\n") == text_of(take_apart(source))
    assert all(line.endswith("\r\n") for module in modules for line in module.splitlines(keepends=True))


def test_splitting_again_changes_nothing():
    source = dedent('''\
        """Orders."""
        from __future__ import annotations

        import logging
        import os

        logger = logging.getLogger(__name__)

        TABLE = os.environ.get("TABLE")


        def helper():
            return TABLE


        def one(event, context):
            logger.info("one")
            return helper()
        ''')
    [once] = take_apart(source).parts.values()
    [twice] = take_apart(once).parts.values()

    assert source == once == twice


def test_names_in_annotations_are_needed():
    taken = check_same_behaviour("""\
        import typing

        class Model:
            pass

        class Quoted:
            pass

        def one(event: Model, context):
            return typing.get_type_hints(one)["event"].__name__

        def two(event: "typing.Optional[Quoted]", context) -> "Quoted":
            return typing.get_type_hints(two)["return"].__name__
        """)

    assert "class Model" in taken.parts["one"]
    assert "class Quoted" in taken.parts["two"]


def test_function_found_by_its_name():
    check_same_behaviour(
        """\
        def first():
            return 1

        def second():
            return 2

        def one(event, context):
            return globals()[event["name"]]()

        def two(event, context):
            return second()
        """,
        events=[{"name": "first"}, {"name": "second"}],
    )


def test_class_whose_attributes_a_library_describes():
    taken = take_apart("""\
        from dataclasses import dataclass, field

        from pydantic import BaseModel, Field


        class Order(BaseModel):
            number: int = Field(gt=0)


        @dataclass(frozen=True)
        class Item:
            tags: list = field(default_factory=list)

            @property
            def first(self):
                return self.tags[0]

            @first.setter
            def first(self, tag):
                self.tags[:1] = [tag]


        def one(event, context):
            return Order(**event)


        def two(event, context):
            return Item()
        """)

    assert "class Order" in taken.parts["one"]
    assert "class Item" in taken.parts["two"]
    assert taken.shared is None


def test_default_that_is_worked_out_before_an_effect():
    check_same_behaviour("""\
        import logging

        logging.getLogger().level += 5


        def helper(x=logging.getLogger().level):
            return x


        logging.getLogger().setLevel(10)


        def one(event, context):
            return 1


        def two(event, context):
            return helper()
        """)
