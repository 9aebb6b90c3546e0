"""What an author of Chalice applications would have made of a SAM project's code, and that it still runs."""

from __future__ import annotations

from textwrap import dedent

import pytest

from converter.diagnostics import Severity
from converter.python.join import Source, join
from tests.python.joining import (
    app_of,
    check_lint,
    check_same_behaviour,
    codes_of,
    join_all,
    make_source,
    modules_of,
)

HELLO = """\
    import json


    def lambda_handler(event, context):
        return {"statusCode": 200, "body": json.dumps(event)}
    """


# --- modules that become part of app.py --------------------------------------------


def test_one_small_handler(tmp_path):
    source = make_source("hello-world", {"app.py": HELLO, "__init__.py": "", "requirements.txt": "requests"})
    joined = check_same_behaviour(tmp_path, [source], [{}, {"a": 1}])

    assert [*joined.files] == ["app.py"]
    assert app_of(joined) == dedent("""\
        import json

        from chalice import Chalice

        app = Chalice(app_name="example")


        @app.lambda_function(name="hello-world")
        def hello_world(event, context):
            return {"statusCode": 200, "body": json.dumps(event)}
        """)


def test_text_of_one_module_survives(tmp_path):
    joined = join_all(
        make_source(
            "report",
            {
                "app.py": '''\
        #!/usr/bin/env python
        # Copyright Example Ltd.
        """Writes the report."""

        from __future__ import annotations

        import logging  # the standard one
        import os
        from datetime import datetime

        import boto3

        # Where reports go.
        BUCKET = os.environ.get("BUCKET")
        s3 = boto3.client('s3')
        logger = logging.getLogger(__name__)


        def name_report(now: datetime) -> str:
            # one a day
            return f'{now:%Y-%m-%d}.txt'


        def lambda_handler(event, context):
            return name_report(datetime.fromisoformat(event["time"]))


        # def old_handler(event, context): ...
        '''
            },
        )
    )
    check_lint(join_all(make_source("report", {"app.py": HELLO})), tmp_path)

    assert app_of(joined) == dedent('''\
        # Copyright Example Ltd.
        """Writes the report."""

        from __future__ import annotations

        import logging  # the standard one
        import os
        from datetime import datetime

        import boto3
        from chalice import Chalice

        app = Chalice(app_name="example")

        # Where reports go.
        BUCKET = os.environ.get("BUCKET")
        s3 = boto3.client('s3')
        logger = logging.getLogger(__name__)


        def name_report(now: datetime) -> str:
            # one a day
            return f'{now:%Y-%m-%d}.txt'


        @app.lambda_function()
        def report(event, context):
            return name_report(datetime.fromisoformat(event["time"]))


        # def old_handler(event, context): ...
        ''')


def test_several_modules_with_one_handler_name(tmp_path):
    sources = [
        make_source("get-user", {"app.py": """\
            # Copyright Example Ltd.
            import json
            import os

            TABLE = os.environ.get("TABLE", "users")


            # Asked for by the page.
            def lambda_handler(event, context):
                return {"body": json.dumps({"table": TABLE, "user": event.get("user")})}
            """}),
        make_source("put-user", {"app.py": """\
            # Copyright Example Ltd.
            import os, json
            from collections import OrderedDict, defaultdict

            TABLE = os.environ.get("TABLE", "users")
            counts = defaultdict(int)

            def lambda_handler(event, context):
                counts[TABLE] += 1
                if event.get("again"):
                    return lambda_handler({}, context)
                return json.dumps(OrderedDict(event, counts=counts))
            """}),
    ]  # fmt: skip
    joined = check_same_behaviour(tmp_path, sources, [{}, {"user": 1, "again": True}])
    check_lint(joined, tmp_path)

    assert app_of(joined) == dedent("""\
        # Copyright Example Ltd.
        import json
        import os
        from collections import OrderedDict, defaultdict

        from chalice import Chalice

        app = Chalice(app_name="example")

        TABLE = os.environ.get("TABLE", "users")


        # Asked for by the page.
        @app.lambda_function(name="get-user")
        def get_user(event, context):
            return {"body": json.dumps({"table": TABLE, "user": event.get("user")})}


        counts = defaultdict(int)


        @app.lambda_function(name="put-user")
        def put_user(event, context):
            counts[TABLE] += 1
            if event.get("again"):
                return put_user({}, context)
            return json.dumps(OrderedDict(event, counts=counts))
        """)


def test_docstrings_of_several_modules_become_comments():
    sources = [
        make_source(name, {"app.py": f'"""Makes {name}."""\n\n\n' + dedent(HELLO)})
        for name in ("tea", "coffee")
    ]
    app = app_of(join_all(*sources))

    assert "# Makes tea.\n\n\n@app.lambda_function()\ndef tea(event" in app
    assert "# Makes coffee.\n\n\n@app.lambda_function()\ndef coffee(event" in app


def test_several_handlers_of_one_module(tmp_path):
    files = {"users.py": """\
        store = {}

        def get(event, context):
            return store

        def put(event, context):
            store.update(event)
            return store
        """}  # fmt: skip
    sources = [make_source(f"{name}-user", files, f"users.{name}", "src") for name in ("get", "put")]
    joined = check_same_behaviour(tmp_path, sources, [{"a": 1}])

    assert modules_of(joined) == ["app.py"]
    assert app_of(joined).count("store = {}") == 1
    assert dict(joined.handlers) == {"get-user": "get_user", "put-user": "put_user"}


def test_two_functions_with_one_handler(tmp_path):
    sources = [make_source(name, {"app.py": HELLO}, folder="src") for name in ("first", "second")]
    joined = check_same_behaviour(tmp_path, sources, [{"a": 1}])

    assert dict(joined.handlers) == {"first": "first", "second": "second"}
    assert "def second(event, context):\n    return first(event, context)\n" in app_of(joined)


def test_custom_decorators_stay_below_chalices(tmp_path):
    source = make_source("safe", {"app.py": """\
        from functools import wraps

        def answer(code):
            def decorate(function):
                @wraps(function)
                def call(event, context):
                    return {"code": code, "body": function(event, context)}
                return call
            return decorate

        def shout(function):
            @wraps(function)
            def call(event, context):
                return function(event, context).upper()
            return call

        @answer(200)  # always
        @shout
        def lambda_handler(event, context):
            return event.get("text", "nothing")
        """})  # fmt: skip
    joined = check_same_behaviour(tmp_path, [source], [{}, {"text": "hi"}])
    expected = "@app.lambda_function()\n@answer(200)  # always\n@shout\ndef safe("

    assert expected in app_of(joined)


def test_crlf_and_latin_1_become_text_of_app():
    text = "# -*- coding: latin-1 -*-\r\ndef lambda_handler(event, context):\r\n    return 'caf\xe9'\r\n"
    joined = join_all(make_source("cafe", {"app.py": text.encode("latin-1")}))

    assert "    return 'caf\xe9'\n" in app_of(joined)
    assert "coding" not in app_of(joined)
    assert "\r" not in app_of(joined)


def test_variable_that_is_set_for_every_function():
    text = (
        'import os\n\nTABLE = os.environ["TABLE"]\n\ndef lambda_handler(event, context):\n    return TABLE\n'
    )
    source = make_source("get", {"app.py": text})

    assert modules_of(join_all(source)) == ["app.py", "chalicelib/app.py"]
    assert modules_of(join_all(source, environment=["TABLE"])) == ["app.py"]


# --- modules that stay in chalicelib ---------------------------------------------------

STAY = {
    "variable": 'import os\nTABLE = os.environ["TABLE"]',
    "absent variable as argument": 'import os\nLIMIT = int(os.environ.get("LIMIT"))',
    "unknown call": "from random import random\nSEED = random()",
    "call of own function": "def load():\n    return open('x')\nX = load()",
    "name app": "app = 1",
    "name Chalice": "class Chalice: ...",
    "__file__": "from pathlib import Path\nHERE = Path(__file__).parent",
    "__name__": "NAME = __name__",
    "globals": "def list_names():\n    return list(globals())",
    "star import": "from json import *",
    "relative import": "def load():\n    from . import app",
    "main guard": 'if __name__ == "__main__":\n    lambda_handler({}, None)',
    "sys.path": "import sys\nsys.path.insert(0, 'lib')",
    "handler called another way": "def test():\n    return lambda_handler(event={}, context=None)",
    "handler as a value": "handlers = [lambda_handler]",
    "handler in globals": "def test():\n    global lambda_handler\n    lambda_handler = 1",
    "handler's name used otherwise": "def test(lambda_handler):\n    return lambda_handler",
    "unknown decorator": "def keep(f):\n    return lambda e, c: f(e, c)\n@keep\ndef other(): ...",
    "undeclared package": "import unknown_package",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in STAY.items()])
def test_module_that_stays_a_file(text):
    code = f"def lambda_handler(event, context):\n    return 1\n\n\n{text}\n"
    joined = join_all(make_source("one", {"app.py": code}))

    assert joined.files["chalicelib/app.py"] == code.encode()


HANDLERS = {
    "async": "async def lambda_handler(event, context):\n    return 1",
    "instance": "class Handler:\n    def __call__(self, e, c):\n        return 1\nlambda_handler = Handler()",
    "made": "def make():\n    return lambda e, c: 1\nlambda_handler = make()",
    "re-exported": "from json import dumps as lambda_handler",
    "assigned again": "def lambda_handler(e, c):\n    return 1\nlambda_handler = keep(lambda_handler)",
    "decorator that hides the name": (
        "def keep(f):\n    return lambda e, c: f(e, c)\n@keep\ndef lambda_handler(e, c):\n    return 1"
    ),
    "star": "from os.path import *",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HANDLERS.items()])
def test_handler_that_is_called_from_app(text):
    joined = join_all(make_source("one", {"app.py": text}))

    assert dict(joined.handlers) == {"one": "one"}
    assert joined.files["chalicelib/app.py"] == text.encode()


def test_wrapper_imports_late_what_does_work(tmp_path):
    source = make_source("get-item", {"app.py": """\
        import os

        TABLE = os.environ["TABLE"]


        def lambda_handler(event, context):
            return TABLE
        """})  # fmt: skip
    joined = check_same_behaviour(tmp_path, [source], environment={"TABLE": "items"})
    check_lint(joined, tmp_path)

    assert app_of(joined) == dedent("""\
        from chalice import Chalice

        app = Chalice(app_name="example")


        # Chalice imports this file in every Lambda process, and to package the application. The
        # modules below do work when they are imported, so each is imported by its own function.


        @app.lambda_function(name="get-item")
        def get_item(event, context):
            from chalicelib.app import lambda_handler

            return lambda_handler(event, context)
        """)


def test_wrapper_imports_at_the_top_what_does_not(tmp_path):
    code = """\
        from pathlib import Path

        HERE = Path(__file__).parent


        def lambda_handler(event, context):
            return (HERE / "greeting.txt").read_text()
        """
    source = make_source("greet", {"app.py": code, "greeting.txt": "hello"})
    joined = check_same_behaviour(tmp_path, [source])
    check_lint(joined, tmp_path)

    assert "from chalicelib.app import lambda_handler\n" in app_of(joined)
    assert "def greet(event, context):\n    return lambda_handler(event, context)\n" in app_of(joined)
    assert joined.files["chalicelib/greeting.txt"] == b"hello"


def test_reason_for_late_imports_is_given_once():
    text = 'import os\nos.environ["TABLE"]\ndef lambda_handler(event, context): ...\n'
    joined = join_all(*(make_source(name, {"app.py": text}) for name in ("one", "two")))

    assert app_of(joined).count("# Chalice imports this file") == 1


def test_same_name_with_two_meanings_keeps_one_module_apart(tmp_path):
    head = {
        "one": "from datetime import datetime\nnow = datetime.now",
        "two": "from datetime import datetime\nnow = datetime.now",
        "three": "import datetime\nnow = datetime.datetime.now",
    }
    tail = "\n\n\ndef lambda_handler(event, context):\n    return now().year\n"
    sources = [make_source(name, {"app.py": text + tail}) for name, text in head.items()]
    joined = check_same_behaviour(tmp_path, sources)
    check_lint(joined, tmp_path)

    assert modules_of(joined) == ["app.py", "chalicelib/three/app.py"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("def filter(items):\n    return []", "ODD = list(filter(None, [1]))", id="builtin"),
        pytest.param("items = []\nitems.append(1)", "items = []", id="object altered in one only"),
        pytest.param("items = [1]\nX = items.pop()", "items = [1]", id="object altered beside"),
        pytest.param(
            "def f(a: int): ...", "from __future__ import annotations\ndef g(a: int): ...", id="annotations"
        ),
        pytest.param("cache = None\ndef f():\n    global cache\n    cache = 1", "cache = 2", id="global"),
        pytest.param(
            "import logging\nlogger = logging.getLogger(__name__)\nlogger.setLevel('INFO')",
            "import logging\nlog = logging.getLogger(__name__)",
            id="level of the module's logger",
        ),
    ],
)
def test_modules_that_do_not_agree(one, other):
    handler = "\n\n\ndef lambda_handler(event, context):\n    return 1\n"
    sources = [make_source("one", {"app.py": one + handler}), make_source("two", {"app.py": other + handler})]

    assert len(modules_of(join_all(*sources))) == 2


ROOT_LEVEL = "import logging\nlogger = logging.getLogger()\nlogger.setLevel(logging.INFO)\n"
PLAIN = "def lambda_handler(event, context):\n    return 1\n"


def test_effect_on_the_process_that_every_function_has():
    sources = [make_source(name, {"app.py": ROOT_LEVEL + PLAIN}) for name in ("one", "two")]
    joined = join_all(*sources)

    assert modules_of(joined) == ["app.py"]
    assert app_of(joined).count("logger.setLevel") == 1


def test_effect_on_the_process_that_one_function_has():
    sources = [make_source("one", {"app.py": ROOT_LEVEL + PLAIN}), make_source("two", {"app.py": PLAIN})]

    assert modules_of(join_all(*sources)) == ["app.py", "chalicelib/one/app.py"]


def test_long_module_among_several_stays_a_file():
    long = PLAIN + "\n# filler" * 200 + "\n"
    both = join_all(make_source("long", {"app.py": long}), make_source("short", {"app.py": PLAIN}))

    assert modules_of(both) == ["app.py", "chalicelib/long/app.py"]
    assert modules_of(join_all(make_source("long", {"app.py": long}))) == ["app.py"]


# --- names ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("foo-bar", "foo_bar"),
        ("app", "app_handler"),
        ("list", "list_handler"),
        ("import", "import_"),
        ("2nd", "_2nd"),
        ("CamelCase", "CamelCase"),
    ],
)
def test_name_of_a_function_without_one_of_its_own(function, expected, tmp_path):
    sources = [make_source(function, {"app.py": PLAIN}), make_source("other", {"app.py": PLAIN})]

    assert check_same_behaviour(tmp_path, sources).handlers[function] == expected


def test_names_that_identifiers_make_equal():
    joined = join_all(*(make_source(name, {"app.py": PLAIN}) for name in ("foo-bar", "foo_bar")))

    assert sorted(joined.handlers.values()) == ["foo_bar", "foo_bar_handler"]


def test_new_name_is_not_one_that_the_module_uses(tmp_path):
    text = """\
        def order(event):
            return len(event)

        def lambda_handler(event, context):
            return order(event)
        """
    sources = [make_source("order", {"app.py": text}), make_source("other", {"app.py": PLAIN})]

    assert check_same_behaviour(tmp_path, sources).handlers["order"] == "order_handler"


def test_handler_file_that_cannot_be_named_in_an_import(tmp_path):
    code = {"lambda/my-app.py": 'import os\nos.environ["X"]\ndef handler(event, context):\n    return 1\n'}
    source = make_source("odd", code, "lambda.my-app.handler")
    joined = check_same_behaviour(tmp_path, [source], environment={"X": "1"})
    check_lint(joined, tmp_path)

    assert 'return import_module("chalicelib.lambda.my_app").handler(event, context)' in app_of(joined)


# --- folders with more modules -----------------------------------------------------------


def test_own_module_beside_a_handler(tmp_path):
    source = make_source("lambda_1", {
        "lambda_1.py": """\
            from custom_script import stuff


            def handler(event, context):
                return stuff(event)
            """,
        "custom_script.py": "def stuff(event):\n    return len(event)\n",
        "__init__.py": "",
        "requirements.txt": "",
    }, "lambda_1.handler")  # fmt: skip
    joined = check_same_behaviour(tmp_path, [source], [{}, {"a": 1}])
    check_lint(joined, tmp_path)

    assert [*joined.files] == [
        "app.py",
        "chalicelib/__init__.py",
        "chalicelib/custom_script.py",
    ]
    assert "from chalicelib.custom_script import stuff\n" in app_of(joined)


def test_same_modules_in_several_folders(tmp_path):
    def make(name: str) -> dict[str, str]:
        return {
            "app.py": "import helper\n\n\ndef lambda_handler(event, context):\n    return helper.answer()\n",
            "helper.py": f"import os\n\nX = os.environ['X']\n\ndef answer():\n    return '{name}' + X\n",
        }

    sources = [make_source(name, make(name)) for name in ("one", "two")]
    joined = check_same_behaviour(tmp_path, sources, environment={"X": "1"})

    assert joined.files["chalicelib/one/app.py"].startswith(b"from chalicelib.one import helper\n")
    assert joined.files["chalicelib/two/app.py"].startswith(b"from chalicelib.two import helper\n")


def test_folder_that_several_functions_share(tmp_path):
    files = {
        "handlers/users.py": "from models.user import User\n\ndef get(event, context): return User.name\n",
        "handlers/orders.py": """\
            import handlers.users as users
            import models.user

            def get(event, context):
                return users.get(event, context) + models.user.User.name
            """,
        "models/user.py": "from .base import Base\n\nclass User(Base):\n    name = 'user'\n",
        "models/base.py": "class Base:\n    pass\n",
    }
    sources = [
        make_source("get_user", files, "handlers.users.get", "src/api"),
        make_source("get_order", files, "handlers.orders.get", "src/api"),
    ]
    joined = check_same_behaviour(tmp_path, sources)

    assert "chalicelib/models/user.py" in joined.files
    assert "chalicelib/models/__init__.py" in joined.files
    assert joined.files["chalicelib/models/user.py"] == files["models/user.py"].encode()
    # orders.py uses it too, so that it cannot become part of app.py.
    assert "chalicelib/handlers/users.py" in joined.files


def test_folders_with_one_last_name():
    files = {"a.py": PLAIN + "app = 1", "b.py": PLAIN + "app = 2"}
    sources = [
        make_source(f"{service}_{module}", files, f"{module}.lambda_handler", f"{service}/src")
        for service in ("users", "orders")
        for module in ("a", "b")
    ]

    assert {path.split("/")[1] for path in modules_of(join_all(*sources)) if "/" in path} == {
        "src",
        "orders_src",
    }


def test_project_itself_as_the_code_folder():
    files = {
        "template.yaml": "Resources: {}",
        "samconfig.toml": "",
        "README.md": "",
        ".github/workflows/ci.yml": "",
        "events/event.json": "{}",
        "tests/test_app.py": "",
        "app.py": PLAIN + "app = 1",
        "data.json": "{}",
        "other/app.py": PLAIN,
        "other/lib.py": "",
    }
    root = make_source("root", files)
    root = type(root)("root", "", root.files, root.handler)
    joined = join_all(root, make_source("other", {"app.py": PLAIN + "app = 2"}, folder="other"))

    assert modules_of(joined) == [
        "app.py",
        "chalicelib/other/app.py",
        "chalicelib/root/app.py",
        "chalicelib/root/data.json",
    ]


def test_inner_folder_that_the_outer_one_imports():
    outer = make_source(
        "outer", {"app.py": "import inner.lib\napp = 1\n" + PLAIN, "inner/lib.py": ""}, folder="src"
    )
    inner = make_source("inner", {"lib.py": PLAIN + "app = 1"}, "lib.lambda_handler", folder="src/inner")

    assert "chalicelib/outer/inner/lib.py" in join_all(outer, inner).files


def test_init_that_lambda_does_not_run(tmp_path):
    files = {
        "app.py": "import helper\napp = 1\n" + PLAIN,
        "helper.py": "",
        "__init__.py": "raise SystemExit\n",
    }
    joined = check_same_behaviour(tmp_path, [make_source("one", files)])

    assert joined.files["chalicelib/one/__init__.py"] == b""
    assert codes_of(joined) == ["PAWS356"]


def test_tests_and_texts_beside_code_that_is_in_app():
    files = {"app.py": PLAIN, "README.md": "Hello", "tests/test_app.py": "import app\n"}
    joined = join_all(make_source("one", files))

    assert [*joined.files] == ["app.py"]
    assert [str(diagnostic.position) for diagnostic in joined.diagnostics] == [
        "src/one/README.md:1:1",
        "src/one/tests/test_app.py:1:1",
    ]


def test_files_that_come_along_with_a_package():
    files: dict[str, str | bytes] = {
        "app.py": PLAIN + "app = 1",
        "README.md": "Hello",
        "model.bin": b"\x00\xff",
        "__pycache__/app.cpython-311.pyc": b"",
        "requirements.txt": "",
        "test_app.py": "import app\n",
    }
    joined = join_all(make_source("one", files))

    assert modules_of(joined) == [
        "app.py",
        "chalicelib/README.md",
        "chalicelib/app.py",
        "chalicelib/model.bin",
        "chalicelib/test_app.py",
    ]
    assert joined.files["chalicelib/model.bin"] == b"\x00\xff"


# --- layers ----------------------------------------------------------------------------

USES_LAYER = """\
    import sys

    sys.path.append('/opt')

    from custom_script import stuff


    def lambda_handler(event, context):
        return stuff(event)
    """


def test_module_of_a_layer(tmp_path):
    sources = [
        make_source(name, {"app.py": USES_LAYER}, layers=["layers"]) for name in ("lambda_1", "lambda_2")
    ]
    layers = {"layers": {"custom_script.py": "def stuff(event):\n    return len(event)\n", "__init__.py": ""}}
    joined = check_same_behaviour(tmp_path, sources, [{}, {"a": 1}], layers=layers)
    check_lint(joined, tmp_path)

    assert modules_of(joined) == ["app.py", "chalicelib/custom_script.py"]
    assert app_of(joined) == dedent("""\
        from chalice import Chalice

        from chalicelib.custom_script import stuff

        app = Chalice(app_name="example")


        @app.lambda_function()
        def lambda_1(event, context):
            return stuff(event)


        @app.lambda_function()
        def lambda_2(event, context):
            return stuff(event)
        """)


def test_module_of_a_layer_that_the_folder_has_too(tmp_path):
    code = "import config\n\ndef lambda_handler(event, context):\n    return config.NAME\n"
    sources = [
        make_source("own", {"app.py": code, "config.py": "NAME = 'own'\n"}, layers=["common"]),
        make_source("layer", {"app.py": code}, layers=["common"]),
    ]
    joined = check_same_behaviour(tmp_path, sources, layers={"common": {"config.py": "NAME = 'common'\n"}})

    assert "chalicelib/config.py" in joined.files
    assert "chalicelib/own/config.py" in joined.files


def test_layer_whose_import_means_something_else_in_each_function(tmp_path):
    layer = {"base.py": "import settings\n\ndef answer():\n    return settings.NAME\n"}
    sources = [
        make_source(
            name,
            {
                "app.py": "import base\n\ndef lambda_handler(event, context):\n    return base.answer()\n",
                "settings.py": f"NAME = '{name}'\n",
            },
            layers=["base"],
        )
        for name in ("one", "two")
    ]
    joined = check_same_behaviour(tmp_path, sources, layers={"base": layer})

    assert "chalicelib/one/base.py" in joined.files
    assert "chalicelib/two/base.py" in joined.files


def test_functions_of_one_folder_with_layers_of_their_own(tmp_path):
    code = "import config\n\ndef lambda_handler(event, context):\n    return config.NAME\n"
    sources = [make_source(name, {"app.py": code}, folder="src", layers=[name]) for name in ("one", "two")]
    layers = {name: {"config.py": f"NAME = '{name}'\n"} for name in ("one", "two")}

    check_same_behaviour(tmp_path, sources, layers=layers)


def test_layers_with_modules_of_one_name(tmp_path):
    code = "import config\n\ndef lambda_handler(event, context):\n    return config.NAME\n"
    sources = [make_source(name, {"app.py": code}, layers=[f"layers/{name}"]) for name in ("one", "two")]
    layers = {f"layers/{name}": {"config.py": f"NAME = '{name}'\n"} for name in ("one", "two")}
    joined = check_same_behaviour(tmp_path, sources, layers=layers)

    assert "chalicelib/config.py" in joined.files
    assert "chalicelib/two/config.py" in joined.files


def test_last_layer_wins(tmp_path):
    code = "import config\n\ndef lambda_handler(event, context):\n    return config.NAME\n"
    layers = {name: {"config.py": f"NAME = '{name}'\n"} for name in ("one", "two")}

    check_same_behaviour(
        tmp_path, [make_source("get", {"app.py": code}, layers=["one", "two"])], layers=layers
    )


def test_handler_in_a_layer(tmp_path):
    source = make_source("get", {"README.md": ""}, "base.lambda_handler", layers=["common"])
    joined = check_same_behaviour(tmp_path, [source], layers={"common": {"base.py": PLAIN}})

    assert dict(joined.handlers) == {"get": "get"}


def test_chalicelib_in_a_layer_comes_back(tmp_path):
    code = "from chalicelib.db import load\n\ndef lambda_handler(event, context):\n    return load()\n"
    layer = {"chalicelib/__init__.py": "", "chalicelib/db.py": "def load():\n    return 1  # one\n"}
    sources = [make_source(name, {"app.py": code}, layers=["shared"]) for name in ("one", "two")]
    joined = check_same_behaviour(tmp_path, sources, layers={"shared": layer})

    assert joined.files["chalicelib/db.py"] == layer["chalicelib/db.py"].encode()
    assert "from chalicelib.db import load\n" in app_of(joined)


def test_chalicelib_in_the_folder_comes_back(tmp_path):
    files = {
        "foo.py": "from chalicelib import db\n\ndef foo(event, context):\n    return db.load()\n",
        "__init__.py": "",
        "chalicelib/__init__.py": "",
        "chalicelib/db.py": "def load():\n    return 1\n",
        "chalicelib/data.json": "{}",
    }
    joined = check_same_behaviour(tmp_path, [make_source("foo", files, "foo.foo")])

    assert [*joined.files] == ["app.py", "chalicelib/__init__.py", "chalicelib/data.json", "chalicelib/db.py"]
    assert "@app.lambda_function()\ndef foo(" in app_of(joined)


def test_handler_in_chalicelib_stays_there(tmp_path):
    files = {"chalicelib/__init__.py": "", "chalicelib/jobs.py": PLAIN}
    joined = check_same_behaviour(tmp_path, [make_source("job", files, "chalicelib.jobs.lambda_handler")])

    assert joined.files["chalicelib/jobs.py"] == PLAIN.encode()


def test_module_named_shared_in_chalicelib_stays_there(tmp_path):
    files = {"app.py": "from chalicelib.shared import X\n" + PLAIN, "chalicelib/shared.py": "X = 1\n"}
    joined = check_same_behaviour(tmp_path, [make_source("one", files)])

    assert joined.files["chalicelib/shared.py"] == b"X = 1\n"


def test_chalicelibs_that_do_not_agree(tmp_path):
    code = "from chalicelib.db import NAME\n\ndef lambda_handler(event, context):\n    return NAME\n"
    sources = [
        make_source(name, {"app.py": code, "chalicelib/db.py": f"NAME = '{name}'\n"})
        for name in ("one", "two")
    ]
    joined = check_same_behaviour(tmp_path, sources)

    assert "chalicelib/one/chalicelib/db.py" in joined.files
    assert "chalicelib/two/chalicelib/db.py" in joined.files


# --- what the conversion to SAM split off ----------------------------------------------

SHARED = """\
    \"\"\"What both use.\"\"\"

    import logging

    import boto3

    # The one table.
    dynamodb = boto3.resource("dynamodb")
    logger = logging.getLogger(__name__)
    logger.setLevel(logging.INFO)


    def describe(event):
        logger.info("described")
        return sorted(event)
    """


def make_split(**changed: str) -> list[Source]:
    files = {
        "one": (
            "import json\n\nfrom shared import describe\n\n\n"
            "def one(event, context):\n    return json.dumps(describe(event))\n"
        ),
        "two": (
            "from shared import describe, dynamodb\n\ntable = dynamodb.Table('x')\n\n\n"
            "def two(event, context):\n    return describe(event) + [table.name]\n"
        ),
        **changed,
    }
    return [
        make_source(name, {f"{name}.py": text, "__init__.py": ""}, f"{name}.{name}", layers=["layers/shared"])
        for name, text in files.items()
    ]


def test_shared_module_goes_back_into_app(tmp_path):
    joined = check_same_behaviour(
        tmp_path, make_split(), [{"b": 1, "a": 2}], layers={"layers/shared": {"shared.py": SHARED}}
    )
    check_lint(joined, tmp_path)

    assert app_of(joined) == dedent("""\
        \"\"\"What both use.\"\"\"

        import json
        import logging

        import boto3
        from chalice import Chalice

        app = Chalice(app_name="example")

        # The one table.
        dynamodb = boto3.resource("dynamodb")
        logger = logging.getLogger(__name__)
        logger.setLevel(logging.INFO)


        def describe(event):
            logger.info("described")
            return sorted(event)


        @app.lambda_function()
        def one(event, context):
            return json.dumps(describe(event))


        table = dynamodb.Table('x')


        @app.lambda_function()
        def two(event, context):
            return describe(event) + [table.name]
        """)
    assert modules_of(joined) == ["app.py"]


def test_handler_that_is_in_the_shared_module(tmp_path):
    shared = "def two(event, context):\n    return 2\n"
    split = make_split(
        one="from shared import two\n\n\ndef one(event, context):\n    return two(event, context)\n",
        two='from shared import two\n\n__all__ = ["two"]\n',
    )
    joined = check_same_behaviour(tmp_path, split, layers={"layers/shared": {"shared.py": shared}})

    assert modules_of(joined) == ["app.py"]
    assert "@app.lambda_function()\ndef two(event, context):\n    return 2\n" in app_of(joined)
    assert dict(joined.handlers) == {"one": "one", "two": "two"}


def test_shared_module_imported_for_what_it_sets_up(tmp_path):
    shared = "import logging\n\nlogging.basicConfig(level='INFO')\n"
    line = "import shared  # noqa: F401  (for what it sets up)\n\n\n"
    split = make_split(
        one=line + "def one(event, context):\n    return 1\n",
        two=line + "def two(event, context):\n    return 2\n",
    )
    joined = check_same_behaviour(tmp_path, split, layers={"layers/shared": {"shared.py": shared}})

    assert modules_of(joined) == ["app.py"]
    assert app_of(joined).count("logging.basicConfig(level='INFO')") == 1


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(
            {"one": "import os\nfrom shared import describe\nX = os.environ['X']\ndef one(e, c): ...\n"},
            id="work",
        ),
        pytest.param({"one": "from shared import describe as d\ndef one(e, c): ...\n"}, id="alias"),
        pytest.param(
            {"one": "import shared\ndef one(e, c):\n    return shared.describe(e)\n"}, id="whole module"
        ),
        pytest.param({"one": "def one(e, c):\n    from shared import describe\n"}, id="imported late"),
        pytest.param(
            {"one": "from shared import describe\ndef describe(e): ...\ndef one(e, c): ...\n"}, id="rebound"
        ),
    ],
)
def test_shared_module_that_stays_a_file(changed):
    joined = join_all(*make_split(**changed), layers={"layers/shared": {"shared.py": SHARED}})

    assert "chalicelib/shared.py" in joined.files


# --- packages that pip installed --------------------------------------------------------


def test_installed_package_goes_to_vendor(tmp_path):
    files: dict[str, str | bytes] = {
        "app.py": "import dep\n\n\ndef lambda_handler(event, context):\n    return dep.load()\n",
        "dep/__init__.py": "from dep.inner import load\n",
        "dep/inner.py": "import dep\n\ndef load():\n    return dep.__name__\n",
        "dep-1.0.dist-info/RECORD": "dep/__init__.py,,\ndep/inner.py,,\ndep-1.0.dist-info/RECORD,,\n",
        "fast.cpython-311-x86_64-linux-gnu.so": b"",
    }
    joined = check_same_behaviour(tmp_path, [make_source("one", files)])

    assert modules_of(joined) == [
        "app.py",
        "vendor/dep-1.0.dist-info/RECORD",
        "vendor/dep/__init__.py",
        "vendor/dep/inner.py",
        "vendor/fast.cpython-311-x86_64-linux-gnu.so",
    ]


def test_two_versions_of_an_installed_package(tmp_path):
    def make(version: str) -> dict[str, str]:
        return {
            "app.py": "import dep\n\n\ndef lambda_handler(event, context):\n    return dep.load()\n",
            "dep/__init__.py": "from dep.inner import load\n",
            "dep/inner.py": f"def load():\n    return '{version}'\n",
            f"dep-{version}.dist-info/top_level.txt": "dep\n",
        }

    joined = check_same_behaviour(
        tmp_path, [make_source("one", make("1.0")), make_source("two", make("2.0"))]
    )

    assert "vendor/dep/inner.py" in joined.files
    assert joined.files["chalicelib/two/dep/__init__.py"] == b"from chalicelib.two.dep.inner import load\n"
    assert "PAWS358" in codes_of(joined)


def test_installed_package_inside_a_package_of_the_author(tmp_path):
    files = {
        "app.py": "from common import load\n\n\ndef lambda_handler(event, context):\n    return load()\n",
        "common/__init__.py": "from .dep import load\n",
        "common/dep/__init__.py": "def load():\n    from common import dep\n    return dep.__name__\n",
        "common/dep-1.0.dist-info/RECORD": "dep/__init__.py,,\n",
    }
    joined = join_all(make_source("one", files))

    assert joined.files["chalicelib/common/dep/__init__.py"] == files["common/dep/__init__.py"].encode()
    assert "chalicelib/common/dep-1.0.dist-info/RECORD" in joined.files


def test_package_copied_without_its_metadata_is_own_code(tmp_path):
    files = {
        "app.py": "import dep\n\n\ndef lambda_handler(event, context):\n    return dep.load()\n",
        "dep/__init__.py": "from dep.inner import load\n",
        "dep/inner.py": "def load():\n    return 1\n",
    }
    joined = check_same_behaviour(tmp_path, [make_source("one", files)])

    assert joined.files["chalicelib/dep/__init__.py"] == b"from chalicelib.dep.inner import load\n"


# --- data files ---------------------------------------------------------------------------

READS = """\
    def lambda_handler(event, context):
        with open("texts/hello.txt") as file:
            return file.read()
    """


def test_file_read_from_the_current_folder(tmp_path):
    source = make_source("one", {"app.py": READS, "texts/hello.txt": "hello"})
    joined = check_same_behaviour(tmp_path, [source])

    assert modules_of(joined) == ["app.py", "vendor/texts/hello.txt"]
    assert [(str(one.position), one.severity) for one in joined.diagnostics] == [
        ("src/one/app.py:2:15", Severity.INFO)
    ]


def test_file_in_chalicelib_read_from_the_current_folder(tmp_path):
    code = """\
        def lambda_handler(event, context):
            with open("chalicelib/hello.txt") as file:
                return file.read()
        """
    files = {"app.py": code, "chalicelib/__init__.py": "", "chalicelib/hello.txt": "hello"}
    joined = check_same_behaviour(tmp_path, [make_source("one", files)])

    assert [*joined.files] == ["app.py", "chalicelib/__init__.py", "chalicelib/hello.txt"]
    assert codes_of(joined) == []


def test_files_of_one_name_read_from_the_current_folder():
    sources = [make_source(name, {"app.py": READS, "texts/hello.txt": name}) for name in ("one", "two")]
    joined = join_all(*sources)

    assert codes_of(joined) == ["PAWS355", "PAWS354"]
    assert joined.files["chalicelib/two/texts/hello.txt"] == b"two"


def test_file_of_a_layer_read_below_opt():
    code = 'def lambda_handler(event, context):\n    return open("/opt/python/words.txt").read()\n'
    source = make_source("one", {"app.py": code}, layers=["words"])
    joined = join_all(source, layers={"words": {"words.txt": "a b", "words.py": ""}})

    assert codes_of(joined) == ["PAWS354"]


# --- what cannot be converted -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("handler", "place"),
    [("absent.lambda_handler", "src/one/absent.py:1:1"), ("app.absent", "src/one/app.py:1:1")],
)
def test_missing_handler(handler, place):
    joined = join_all(make_source("one", {"app.py": PLAIN}, handler), make_source("two", {"app.py": PLAIN}))

    assert dict(joined.handlers) == {"two": "two"}
    assert [(one.code.number, str(one.position), one.subject) for one in joined.diagnostics] == [
        ("PAWS350", place, handler)
    ]


def test_handler_of_a_required_package():
    source = make_source("one", {"requirements.txt": "datadog-lambda==5"}, "datadog_lambda.handler.handler")

    assert "    from datadog_lambda.handler import handler\n" in app_of(join_all(source))


def test_python_2_is_carried_as_it_is():
    code = "def lambda_handler(event, context):\n    print 'hello'\n"
    source = make_source("old", {"app.py": code})
    joined = join("example", [source], {})

    assert joined.files["chalicelib/app.py"] == code.encode()
    assert dict(joined.handlers) == {"old": "old"}
    assert [(one.code.number, str(one.position)) for one in joined.diagnostics] == [
        ("PAWS302", "src/old/app.py:2:5")
    ]


def test_import_from_outside_the_folder():
    code = "from ..common import load\n" + PLAIN
    joined = join_all(make_source("one", {"app.py": code}))

    assert joined.files["chalicelib/app.py"] == code.encode()
    assert [(one.code.number, str(one.position)) for one in joined.diagnostics] == [
        ("PAWS351", "src/one/app.py:1:1")
    ]


def test_module_named_at_run_time():
    code = """\
        from importlib import import_module

        import helper

        def lambda_handler(event, context):
            import_module(event["name"])
            return import_module("helper").answer(), "helper.answer"
        """
    joined = join_all(make_source("one", {"app.py": code, "helper.py": "def answer(): ...\n"}))

    assert 'import_module("chalicelib.helper").answer()' in app_of(joined)
    assert [(one.code.number, str(one.position)) for one in joined.diagnostics] == [
        ("PAWS352", "src/one/app.py:6:5"),
        ("PAWS353", "src/one/app.py:7:46"),
    ]


def test_edit_of_the_path():
    code = "import sys\nsys.path.insert(0, 'lib')\n\n\n" + PLAIN
    joined = join_all(make_source("one", {"app.py": code, "lib/dep.py": ""}))

    assert [(one.code.number, str(one.position)) for one in joined.diagnostics] == [
        ("PAWS359", "src/one/app.py:2:1")
    ]


def test_logger_with_another_name():
    code = "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n" + PLAIN
    joined = join_all(make_source("one", {"index.py": code}, "index.lambda_handler"))

    assert [(one.code.number, one.reason) for one in joined.diagnostics] == [
        ("PAWS306", "it was index and is app")
    ]


# --- the whole -----------------------------------------------------------------------------


def test_same_input_gives_the_same_bytes():
    sources = make_split()
    layers = {"layers/shared": {"shared.py": SHARED}}

    assert join_all(*sources, layers=layers) == join_all(*make_split(), layers=layers)
    assert [*join_all(*reversed(sources), layers=layers).files] == [*join_all(*sources, layers=layers).files]


def test_nothing_to_join():
    assert app_of(join_all()) == 'from chalice import Chalice\n\napp = Chalice(app_name="example")\n'
