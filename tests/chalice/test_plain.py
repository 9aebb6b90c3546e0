"""Chalice's own parts go, and what stays does the same: for `app.log` down to the last byte."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from textwrap import dedent

import pytest

from converter.chalice.plain import PlainModule, make_plain
from converter.chalice.source import ChaliceSource
from converter.codes import KEEPS_CHALICE
from converter.python.split import assemble
from tests.python.running import Outcome, call


def read(app: str, library: Mapping[str, str] | None = None) -> ChaliceSource:
    files = {f"chalicelib/{name}.py": dedent(text).encode() for name, text in (library or {}).items()}
    return ChaliceSource({"app.py": dedent(app).encode(), "chalicelib/__init__.py": b"", **files})


def make(app: str, external: tuple[str, ...] = (), library: Mapping[str, str] | None = None) -> PlainModule:
    source = read(app, library)
    claimed = {found for found in source.registrations if found.kind == "lambda_function"}
    return make_plain(source.app_module, source, claimed, external)


def text_of(plain: PlainModule) -> str:
    return assemble(plain.module.statements, plain.module)


def make_text(app: str, external: tuple[str, ...] = (), library: Mapping[str, str] | None = None) -> str:
    plain = make(app, external, library)

    assert () == plain.diagnostics
    return text_of(plain)


# --- what goes -------------------------------------------------------------------


def test_decorators_and_the_app_object_go():
    assert make_text('''\
        """Orders."""
        from chalice import Chalice
        import json

        app = Chalice(app_name="orders")
        app.debug = True


        # The first.
        @app.lambda_function(name="first")
        def one(event, context):
            return json.dumps(event)
        ''') == dedent('''\
        """Orders."""
        import json


        # The first.
        def one(event, context):
            return json.dumps(event)
        ''')


@pytest.mark.parametrize(
    "source",
    [
        "from chalice import Chalice\napp = Chalice(app_name='orders')",
        "from chalice import Chalice as C\napp = C(app_name='orders')",
        "import chalice\napp = chalice.Chalice(app_name='orders')",
        "from chalice import Chalice\nservice = Chalice(app_name='orders')\napp = service",
        "from chalice import Chalice\napp: Chalice = Chalice(app_name='orders')",
        "import os\nfrom chalice import Chalice\napp = Chalice(app_name=os.environ['NAME'])",
        "from chalice import Chalice\napp = Chalice('orders')\napp.api.cors = True",
        "from chalice import Chalice\napp = Chalice('orders')\napp.api.binary_types = ['a']",
        "from chalice import Chalice\napp = Chalice('orders')\napp.experimental_feature_flags.update(['A'])",
        "from chalice import Chalice, CORSConfig\napp = Chalice('orders')\napp.api.cors = CORSConfig()",
        "from chalice import Chalice\nfrom chalicelib.parts import bp\n"
        "app = Chalice('orders')\napp.register_blueprint(bp)",
        "from chalicelib.base import app",
        "from chalice import Chalice; app = Chalice('orders')",
        "import json, chalice\napp = chalice.Chalice('orders')",
    ],
)
def test_nothing_of_chalice_stays(source: str):
    library = {
        "base": "from chalice import Chalice\napp = Chalice('orders')\n",
        "parts": "from chalice import Blueprint\nbp = Blueprint(__name__)\n",
    }
    text = make_text(
        f"{source}\n\n@app.lambda_function()\ndef one(event, context):\n    return 1\n", library=library
    )

    assert text.endswith("def one(event, context):\n    return 1\n")
    assert "chalice" not in text.lower()
    assert "app" not in text


@pytest.mark.parametrize(
    ("decorators", "expected"),
    [
        ("@app.lambda_function()\n", ""),
        ("@above\n@app.lambda_function()\n@below\n", "@above\n@below\n"),
        ("@app.lambda_function(\n    name='x',\n)\n@below()\n", "@below()\n"),
        ("@above  # why\n@app.lambda_function()  # gone\n", "@above  # why\n"),
        ("@app.lambda_function()\n# about one\n", "# about one\n"),
    ],
)
def test_decorators(decorators: str, expected: str):
    app = "from chalice import Chalice\napp = Chalice('orders')\ndef above(f): return f\nbelow = above\n"
    text = make_text(f"{app}{decorators}def one(event, context):\n    return 1\n")

    assert text.endswith(f"{expected}def one(event, context):\n    return 1\n")


def test_comments_stay_when_what_is_below_goes():
    assert make_text("""\
        #!/usr/bin/env python
        # Copyright Example Ltd.

        # The framework.
        from chalice import Chalice
        # The standard library.
        import json

        # Our app.
        app = Chalice(app_name="orders")
        # More of it.
        app.debug = True

        @app.lambda_function()
        def one(event, context):
            return json.dumps(event)
        """) == dedent("""\
        #!/usr/bin/env python
        # Copyright Example Ltd.

        # The framework.
        # The standard library.
        import json

        # Our app.
        # More of it.
        def one(event, context):
            return json.dumps(event)
        """)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import json; from chalice import Chalice", "import json\n"),
        ("from chalice import Chalice; import json", "import json\n"),
        ("from chalice import Chalice, BadRequestError\nimport json  # why", "import json  # why\n"),
        ("import json, chalice\nfrom chalice import Chalice", "import json\n"),
        ("from chalice import (\n    Chalice,\n    Rate,\n)\nimport json", "import json\n"),
        ("from chalice import Chalice\nimport json\nfrom chalicelib import rates", "import json\n"),
    ],
)
def test_imports_that_only_chalice_needed_go(before: str, after: str):
    app = (
        f"{before}\napp = Chalice('orders')\n"
        "@app.schedule(Rate(rates.HOURLY))\ndef other(event): pass\n"
        "@app.lambda_function()\ndef one(event, context): return json\n"
    )

    assert text_of(make(app)).startswith(after)


def test_handlers_of_other_kinds_go():
    text = text_of(
        make("""\
            from chalice import Chalice

            app = Chalice(app_name="orders")


            def guard(function):
                return function


            # About the index.
            @app.route("/")
            @guard
            def index():
                return app.current_request.query_params


            @app.lambda_function()
            def one(event, context):
                return 1
            """)
    )

    assert text == dedent("""\
        def guard(function):
            return function


        def one(event, context):
            return 1
        """)


def test_handler_of_another_kind_that_a_function_calls_stays():
    text = text_of(
        make("""\
            from chalice import Chalice

            app = Chalice(app_name="orders")

            @app.schedule("rate(1 hour)")
            def clean(event):
                return 1

            @app.lambda_function()
            def one(event, context):
                return clean(event)
            """)
    )

    assert "def clean(event, context):\n    return 1\n" in text
    assert "schedule" not in text


# --- what keeps Chalice ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "place", "written"),
    [
        ("return app.current_request", "app.py:5:12", "app.current_request"),
        ("return helper(app)", "app.py:5:19", "app"),
        ("return app.debug", "app.py:5:12", "app.debug"),
        ("return app.log, app.lambda_context", "app.py:5:21", "app.lambda_context"),
        ("app.x = 1", "app.py:5:5", "app.x"),
    ],
)
def test_other_uses_of_the_app_keep_it(body: str, place: str, written: str):
    plain = make(
        "from chalice import Chalice\napp = Chalice('orders')\n"
        f"@app.lambda_function()\ndef one(event, context):\n    {body}\n"
    )
    (diagnostic,) = plain.diagnostics

    assert KEEPS_CHALICE is diagnostic.code
    assert (place, written) == (str(diagnostic.position), diagnostic.subject)
    assert text_of(plain).startswith("from chalice import Chalice\napp = Chalice('orders')\n")
    assert "lambda_function" not in text_of(plain)


def test_name_of_chalice_that_a_function_uses():
    plain = make(
        "from chalice import Chalice, BadRequestError\napp = Chalice('orders')\n"
        "@app.lambda_function()\ndef one(event, context):\n    raise BadRequestError('a')\n"
    )
    (diagnostic,) = plain.diagnostics

    assert KEEPS_CHALICE is diagnostic.code
    assert diagnostic.subject == "BadRequestError"
    assert text_of(plain).startswith("from chalice import BadRequestError\n")


def test_app_that_other_modules_import_stays():
    plain = make(
        "from chalice import Chalice\napp = Chalice('orders')\n"
        "@app.lambda_function()\ndef one(event, context): pass\n",
        external=("app",),
    )

    assert [KEEPS_CHALICE] == [diagnostic.code for diagnostic in plain.diagnostics]
    assert "app = Chalice('orders')\n" in text_of(plain)


def test_attribute_of_the_authors_own_stays_with_what_it_does():
    plain = make(
        "from chalice import Chalice\nfrom chalicelib.db import connect\n"
        "app = Chalice('orders')\napp.db = connect()\n"
        "@app.lambda_function()\ndef one(event, context): pass\n"
    )

    assert [KEEPS_CHALICE] == [diagnostic.code for diagnostic in plain.diagnostics]
    assert "app.db = connect()\n" in text_of(plain)


# --- app.log ----------------------------------------------------------------------------


def test_log_becomes_the_logger_that_it_is():
    assert make_text("""\
        from chalice import Chalice

        # Our app.
        app = Chalice(app_name="orders")
        app.debug = True


        @app.lambda_function()
        def one(event, context):
            app.log.error("one %s", app.log.name)
        """) == dedent("""\
        import logging
        import sys

        # Our app.
        log = logging.getLogger("orders")
        log.propagate = False
        log.setLevel(logging.DEBUG)
        log_handler = logging.StreamHandler(sys.stdout)
        log_handler.setFormatter(logging.Formatter("%(name)s - %(levelname)s - %(message)s"))
        log.addHandler(log_handler)


        def one(event, context):
            log.error("one %s", log.name)
        """)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("app = Chalice(app_name='orders')", id="plain"),
        pytest.param("app = Chalice('orders', True)", id="debug by position"),
        pytest.param("app = Chalice(app_name='orders', debug=True)", id="debug"),
        pytest.param("app = Chalice(app_name='orders', debug=False)", id="no debug"),
        pytest.param("app = Chalice(app_name='orders')\napp.debug = True", id="debug set"),
        pytest.param("app = Chalice(app_name='orders', debug=True)\napp.debug = False", id="debug unset"),
        pytest.param("app = Chalice('orders', debug=os.environ.get('PAWS_X') == '1')", id="debug worked out"),
        pytest.param(
            "app = Chalice('orders')\nD = 1 > 0\napp.debug = D", id="debug set to what was worked out"
        ),
        pytest.param("app = Chalice('orders')\napp.log.setLevel(logging.INFO)", id="level"),
        pytest.param(
            "app = Chalice('orders')\napp.log.setLevel('WARNING')\napp.debug = True", id="level, debug"
        ),
        pytest.param("NAME = 'or' + 'ders'\napp = Chalice(app_name=NAME)", id="name of a constant"),
        pytest.param("app = Chalice(app_name=os.environ.get('PAWS_X', 'o'))", id="name worked out"),
        pytest.param("app = Chalice(app_name='orders', configure_logs=False)", id="not set up"),
        pytest.param(
            "app = Chalice('orders', configure_logs=False)\napp.debug = True", id="not set up, debug"
        ),
        pytest.param("service = Chalice(app_name='orders')\napp = service", id="alias"),
        pytest.param("app = Chalice('orders')\nlog = app.log", id="logger with a name"),
        pytest.param("app = Chalice('orders')\nlog = logger = 1", id="names that are taken"),
        pytest.param("app = Chalice('orders')\napp.log.error('import')", id="at import"),
    ],
)
def test_log_writes_the_same(source: str):
    app = f"""\
import logging
import os
from chalice import Chalice

{source}

def helper(logger):
    logger.warning("helper %d", 1)

@app.lambda_function()
def one(event, context):
    app.log.debug("debug é")
    app.log.info("info")
    helper(app.log)
    app.log.error("error")
    try:
        raise ValueError("x")
    except ValueError:
        app.log.critical("%s", "a\\nb")
    logging.getLogger("orders.child").error("child")
    return app.log.level, app.log.name, app.log.propagate
"""

    assert run(app) == run(make_text(app))


def test_log_of_an_app_that_is_made_elsewhere():
    plain = make(
        "from chalicelib.base import app\n"
        "@app.lambda_function()\ndef one(event, context):\n    app.log.info('one')\n",
        library={"base": "from chalice import Chalice\napp = Chalice('orders')\n"},
    )

    assert [KEEPS_CHALICE] == [diagnostic.code for diagnostic in plain.diagnostics]
    assert text_of(plain).startswith("from chalicelib.base import app\n")


def run(app: str) -> tuple[Outcome, str]:
    """What the function gives, and every byte that it writes."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        outcome = call({"app.py": app}, "app", "one", {})
    return outcome, written.getvalue()
