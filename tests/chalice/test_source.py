"""Where the app object and the handlers are found, by every way of writing them, and what is reported."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest

from converter.chalice.source import ChaliceSource, is_known
from converter.codes import (
    DYNAMIC_HANDLER,
    HANDLER_INSIDE,
    NO_CHALICE_OBJECT,
    PYTHON_2,
    SEVERAL_CHALICE_OBJECTS,
    UNPARSABLE_PYTHON,
    UNREGISTERED_BLUEPRINT,
)
from converter.diagnostics import Code, Diagnostic, UnreadableError
from converter.model import Position


def read(app: str, library: Mapping[str, str] | None = None) -> ChaliceSource:
    """The project with this app.py and these modules of chalicelib."""
    modules = {"__init__": "", **(library or {})}
    files = {f"chalicelib/{name}.py": dedent(text).encode() for name, text in modules.items()}
    return ChaliceSource({"app.py": dedent(app).encode(), **files})


def handlers_of(source: ChaliceSource) -> list[tuple[str, str, str]]:
    """The kind, place and function of each handler."""
    return [
        (found.kind, found.module.path, found.function.name if found.function else "")
        for found in source.registrations
    ]


def places_of(diagnostics: list[Diagnostic]) -> list[str]:
    return [str(diagnostic.position) for diagnostic in diagnostics]


HANDLER = """
@app.lambda_function()
def one(event, context): pass
"""


# --- the app object -------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "from chalice import Chalice\napp = Chalice(app_name='orders')",
        "from chalice import Chalice\napp = Chalice('orders')",
        "from chalice import Chalice as Service\napp = Service(app_name='orders')",
        "import chalice\napp = chalice.Chalice(app_name='orders')",
        "import chalice as c\napp = c.Chalice(app_name='orders')",
        "import chalice.app\napp = chalice.app.Chalice(app_name='orders')",
        "from chalice.app import Chalice\napp = Chalice(app_name='orders')",
        "from chalice import *\nfrom chalice import Chalice\napp = Chalice(app_name='orders')",
        "from chalice import Chalice\napp: Chalice = Chalice(app_name='orders')",
        "from chalice import Chalice\nservice = Chalice(app_name='orders')\napp = service",
        "from chalice import Chalice\nservice = app = Chalice(app_name='orders')",
        "from chalice import Chalice\nNAME = 'orders'\napp = Chalice(app_name=NAME)",
        "from chalice import Chalice\nclass Own(Chalice): pass\napp = Own(app_name='orders')",
        "import chalice\nclass Own(chalice.Chalice): pass\napp = Own('orders', debug=True)",
        "from chalicelib.base import app",
        "from chalicelib.base import service as app",
        "from chalicelib.base import Own\napp = Own(app_name='orders')",
    ],
)
def test_app_object(source: str):
    found = read(
        source + HANDLER,
        {
            "base": """\
                from chalice import Chalice

                class Own(Chalice):
                    pass

                service = Chalice(app_name="orders")
                app = service
                """,
        },
    )

    assert found.app_name == "orders"
    assert [("lambda_function", "app.py", "one")] == handlers_of(found)
    assert [] == found.diagnostics


def test_name_that_the_source_does_not_show():
    source = "import os\nfrom chalice import Chalice\napp = Chalice(app_name=os.environ['NAME'])\n"

    assert read(source).app_name is None


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "from chalice import Chalice",
        "import chalicelib",
        "from flask import Flask\napp = Flask(__name__)",
        "from chalice import Blueprint\napp = Blueprint(__name__)",
        "class Chalice: pass\napp = Chalice()",
        "'''app = Chalice(app_name='orders')'''",
    ],
)
def test_no_app_object(source: str):
    with pytest.raises(UnreadableError) as caught:
        _ = read(source).app
    (diagnostic,) = caught.value.diagnostics

    assert NO_CHALICE_OBJECT is diagnostic.code
    assert Position("app.py", 1, 1) == diagnostic.position


def test_two_app_objects():
    source = "from chalice import Chalice\napp = Chalice('a')\nother = Chalice(\n    'b')\n"
    with pytest.raises(UnreadableError) as caught:
        _ = read(source).app
    (diagnostic,) = caught.value.diagnostics

    assert SEVERAL_CHALICE_OBJECTS is diagnostic.code
    assert Position("app.py", 3, 9) == diagnostic.position
    assert "app.py:2:7" in diagnostic.reason


# --- handlers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "authorizer",
        "lambda_function",
        "middleware",
        "on_cw_event",
        "on_dynamodb_record",
        "on_kinesis_record",
        "on_s3_event",
        "on_sns_message",
        "on_sqs_message",
        "on_ws_connect",
        "on_ws_disconnect",
        "on_ws_message",
        "route",
        "schedule",
    ],
)
def test_every_decorator_of_chalice(kind: str):
    source = f"from chalice import Chalice\napp = Chalice('a')\n@app.{kind}('x')\ndef one(event): pass\n"
    chalice = pytest.importorskip("chalice.app")

    assert callable(getattr(chalice.Chalice, kind))
    assert [(kind, "app.py", "one")] == handlers_of(read(source))


APP = "from chalice import Chalice\napp = Chalice(app_name='orders')\n"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("@app.lambda_function()\ndef one(event, context): pass", "@app.lambda_function()"),
        ("@app.lambda_function(name='x')\ndef one(event, context): pass", "@app.lambda_function(name='x')"),
        ("@app.lambda_function()\nasync def one(event, context): pass", "@app.lambda_function()"),
        ("@above\n@app.lambda_function()\n@below\ndef one(event, context): pass", "@app.lambda_function()"),
        ("alias = app\n@alias.lambda_function()\ndef one(event, context): pass", "@alias.lambda_function()"),
        (
            "@app.lambda_function(\n    name='x',\n)\ndef one(event, context): pass",
            "@app.lambda_function(\n    name='x',\n)",
        ),
    ],
)
def test_handler(source: str, written: str):
    found = read(APP + source)
    (registration,) = found.registrations

    assert written == registration.written
    assert [] == found.diagnostics


def test_several_decorators_on_one_function():
    found = read(
        APP + "@app.route('/')\n@app.lambda_function(name='x')\ndef one(event=None, context=None): pass"
    )

    assert [("route", "app.py", "one"), ("lambda_function", "app.py", "one")] == handlers_of(found)


def test_call_that_registers_without_a_function():
    found = read(APP + "app.register_middleware(print, 'all')\n")

    assert [("register_middleware", "app.py", "")] == handlers_of(found)


@pytest.mark.parametrize(
    "source",
    [
        "@other.lambda_function()\ndef one(event, context): pass",
        "@app.other()\ndef one(event, context): pass",
        "@app.api.route('/')\ndef one(event, context): pass",
        "@lambda_function()\ndef one(event, context): pass",
        "app.test_mode_enabled = True",
        "'@app.lambda_function()'  # @app.lambda_function()",
    ],
)
def test_what_is_no_handler(source: str):
    found = read(APP + source)

    assert () == found.registrations
    assert [] == found.diagnostics


@pytest.mark.parametrize(
    ("source", "place", "subject"),
    [
        pytest.param(
            "for n in 'ab':\n    @app.lambda_function(name=n)\n    def one(event, context): pass",
            "app.py:4:6",
            "app.lambda_function(name=n)",
            id="loop",
        ),
        pytest.param(
            "def make():\n    @app.lambda_function()\n    def one(event, context): pass",
            "app.py:4:6",
            "app.lambda_function()",
            id="function",
        ),
        pytest.param(
            "class A:\n    @app.lambda_function()\n    def one(event, context): pass",
            "app.py:4:6",
            "app.lambda_function()",
            id="class",
        ),
        pytest.param(
            "def one(event, context): pass\napp.lambda_function(name='x')(one)",
            "app.py:4:1",
            "app.lambda_function(name='x')(one)",
            id="call",
        ),
        pytest.param(
            "def one(event, context): pass\ntwo = app.lambda_function()(one)",
            "app.py:4:7",
            "app.lambda_function()(one)",
            id="call that is kept",
        ),
        pytest.param(
            "decorate = app.lambda_function(name='x')\n@decorate\ndef one(event, context): pass",
            "app.py:3:12",
            "app.lambda_function(name='x')",
            id="decorator with a name of its own",
        ),
        pytest.param(
            "decorate = app.lambda_function\n@decorate()\ndef one(event, context): pass",
            "app.py:3:12",
            "app.lambda_function",
            id="method with a name of its own",
        ),
        pytest.param(
            "@app.lambda_function\ndef one(event, context): pass",
            "app.py:3:2",
            "app.lambda_function",
            id="not called",
        ),
    ],
)
def test_handler_that_the_source_does_not_show(source: str, place: str, subject: str):
    found = read(APP + source)

    assert () == found.registrations
    (diagnostic,) = found.diagnostics
    assert DYNAMIC_HANDLER is diagnostic.code
    assert (place, subject) == (str(diagnostic.position), diagnostic.subject)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        pytest.param("if x:\n    @app.on_ws_connect()\n    def one(e): pass", "on_ws_connect", id="if"),
        pytest.param("try:\n    @app.schedule('x')\n    def f(e): pass\nfinally: pass", "schedule", id="try"),
        pytest.param("def make():\n    @app.route('/')\n    def one(): pass\nmake()", "route", id="function"),
        pytest.param("for x in 'ab':\n    @app.route(x)\n    def one(): pass", "route", id="loop"),
        pytest.param("def one(): pass\nif x:\n    app.route('/')(one)", "route", id="call"),
        pytest.param("[app.route(path)(print) for path in '/ab']", "route", id="comprehension"),
    ],
)
def test_handler_that_may_be_registered(source: str, kind: str):
    found = read(APP + source)

    assert [kind] == [each.kind for each in found.registrations]
    assert found.registrations[0].statement in found.app_module.tree.body
    assert [HANDLER_INSIDE] == [each.code for each in found.diagnostics]


MAKER = """
from chalice import Chalice

def make(name):
    app = Chalice(app_name=name)
    @app.route("/")
    def index(): return {}
    app.api.cors = True
    return app
"""


@pytest.mark.parametrize(
    ("source", "library"),
    [
        (f"{MAKER}app = make('orders')", {}),
        ("from chalicelib.made import make\napp = make('orders')", {"made": MAKER}),
        ("import chalicelib.made as made\napp = made.make('orders')", {"made": MAKER}),
    ],
)
def test_app_that_a_function_makes(source: str, library: Mapping[str, str]):
    found = read(f"{source}\n{HANDLER}", library)

    assert found.app.is_app
    assert ["route", "lambda_function"] == [each.kind for each in found.registrations][
        :: -1 if library else 1
    ]
    assert [HANDLER_INSIDE] == [each.code for each in found.diagnostics]


def test_app_of_a_class_that_is_installed():
    head = "import chalice\nfrom boxes import Base\nclass BoxApp(Base): ...\napp = BoxApp()\n"
    found = read(head + HANDLER)

    assert found.app.is_subclass
    assert [("lambda_function", "app.py", "one")] == handlers_of(found)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from flask import Flask\napp = Flask()\n@app.route('/')\ndef f(): ...", id="flask"),
        pytest.param("import chalice\nfrom boxes import make\napp = make()", id="no handler"),
        pytest.param(
            "from chalice import Chalice\ndef make():\n    return Chalice('a')\napp = make()", id="no name"
        ),
        pytest.param(
            "from chalice import Chalice\ndef make():\n    app = Chalice('a')\n    return x\napp = make()",
            id="other name",
        ),
        pytest.param(
            "from chalice import Chalice\ndef make(x):\n    app = Chalice('a')\n"
            "    if x: return None\n    return app\napp = make(1)",
            id="or none",
        ),
    ],
)
def test_app_that_may_be_none_of_chalices(source: str):
    with pytest.raises(UnreadableError):
        _ = read(f"{source}\n").app


ROUTES = """
def add_all(given):
    add_views(bp=given)

def add_views(bp):
    @bp.route("/")
    def index(): pass
    bp.route("/more")(more)
    bp.register_middleware(more)

def more(): pass
"""


@pytest.mark.parametrize(
    "call",
    [
        "from chalicelib.routes import add_all\nadd_all(app)",
        "from chalicelib import routes\nroutes.add_all(given=app)",
        "import chalicelib.routes\ndef set_up(one):\n    chalicelib.routes.add_all(one)\nset_up(app)",
        "from chalicelib.again import add_views as add\nadd(app)",
    ],
)
def test_handlers_on_the_app_that_a_function_is_given(call: str):
    library = {"routes": ROUTES, "again": "from .routes import add_views\n"}
    found = read(f"from chalice import Chalice\napp = Chalice(app_name='orders')\n{call}\n", library)

    assert {"route", "register_middleware"} == {each.kind for each in found.registrations}
    assert 3 == len(found.registrations)
    # They are registered for certain.
    assert () == tuple(found.diagnostics)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("set_up = routes.add_all", DYNAMIC_HANDLER),
        ("routes.add_all(make_app())", DYNAMIC_HANDLER),
        ("routes.other(app)", UNREGISTERED_BLUEPRINT),
    ],
)
def test_handlers_on_what_a_function_may_be_given(more: str, code: Code):
    routes = "def add_all(given):\n    @given.route('/')\n    def index(): pass\n"
    found = read(f"{APP}from chalicelib import routes\n{more}\n", {"routes": routes})

    assert () == found.registrations
    assert [(code, "chalicelib/routes.py:2:6")] == [(d.code, str(d.position)) for d in found.diagnostics]


def test_handlers_in_modules_that_import_the_app():
    found = read(
        """\
        from chalicelib.base import app
        import chalicelib.handlers
        """,
        {
            "base": "from chalice import Chalice\napp = Chalice(app_name='orders')\n",
            "handlers": "from chalicelib.base import app as a\n" + HANDLER.replace("@app", "@a"),
            "relative": "from .base import app\n@app.lambda_function()\ndef two(event, context): pass\n",
        },
    )

    assert [
        ("lambda_function", "chalicelib/handlers.py", "one"),
        ("lambda_function", "chalicelib/relative.py", "two"),
    ] == handlers_of(found)


def test_app_that_comes_with_all_names_of_modules():
    found = read(
        "from chalicelib.handlers import *\n",
        {
            "base": "from chalice import Chalice\napp = Chalice(app_name='orders')\n_app = app\n",
            "handlers": "from .base import *\n" + HANDLER,
            "private": "from .base import *\n" + HANDLER.replace("@app", "@_app"),
        },
    )

    assert found.app.module.path == "chalicelib/base.py"
    assert [("lambda_function", "chalicelib/handlers.py", "one")] == handlers_of(found)


# --- blueprints -----------------------------------------------------------------------

BLUEPRINT = """
from chalice import Blueprint

bp = Blueprint(__name__)

@bp.lambda_function()
def one(event, context): pass
"""


@pytest.mark.parametrize(
    "source",
    [
        "from chalicelib.parts import bp\napp.register_blueprint(bp)",
        "from chalicelib.parts import bp as orders\napp.register_blueprint(orders)",
        "from chalicelib import parts\napp.register_blueprint(parts.bp)",
        "from chalicelib import parts as p\napp.register_blueprint(p.bp)",
        "import chalicelib.parts\napp.register_blueprint(chalicelib.parts.bp)",
        "import chalicelib.parts as p\napp.register_blueprint(p.bp)",
        "from chalicelib.parts import bp\norders = bp\napp.register_blueprint(orders)",
        "from chalicelib.parts import bp\napp.register_blueprint(blueprint=bp)",
        "from chalicelib.package import bp\napp.register_blueprint(bp)",
        "from chalicelib import bp\napp.register_blueprint(bp)",
    ],
)
def test_blueprint(source: str):
    found = read(
        APP + source,
        {
            "parts": BLUEPRINT,
            "package/__init__": "from ..parts import bp\n",
            "__init__": "from .parts import bp\n",
        },
    )

    assert [("lambda_function", "chalicelib/parts.py", "one")] == handlers_of(found)
    assert [] == found.diagnostics


@pytest.mark.parametrize(
    "source",
    [
        "from chalice import Blueprint\nbp = Blueprint(__name__)",
        "from chalice import Blueprint as B\nbp = B(__name__)",
        "import chalice\nbp = chalice.Blueprint(__name__)",
        "from chalice.app import Blueprint\nbp: Blueprint = Blueprint(import_name='x')",
        "from chalice import Blueprint\nclass Own(Blueprint): pass\nbp = Own(__name__)",
        "from .base import bp",
        "from chalicelib.base import extra as bp",
    ],
)
def test_ways_to_make_a_blueprint(source: str):
    found = read(
        APP + "from chalicelib.parts import bp\napp.register_blueprint(bp)",
        {
            "parts": f"{source}\n@bp.lambda_function()\ndef one(event, context): pass\n",
            "base": "import chalice\nextra = bp = chalice.Blueprint(__name__)\n",
        },
    )

    assert [("lambda_function", "chalicelib/parts.py", "one")] == handlers_of(found)


def test_blueprint_in_app_py():
    found = read(APP + BLUEPRINT + "app.register_blueprint(bp)\n")

    assert [("lambda_function", "app.py", "one")] == handlers_of(found)
    assert [] == found.diagnostics


def test_blueprint_whose_handlers_stand_in_several_modules():
    found = read(
        APP + "from chalicelib.base import bp\nimport chalicelib.more\napp.register_blueprint(bp)",
        {
            "base": BLUEPRINT,
            "more": "from .base import bp\n@bp.lambda_function()\ndef two(event, context): pass\n",
        },
    )

    assert [
        ("lambda_function", "chalicelib/base.py", "one"),
        ("lambda_function", "chalicelib/more.py", "two"),
    ] == handlers_of(found)


@pytest.mark.parametrize(
    ("arguments", "name_prefix", "url_prefix"),
    [
        ("bp", "", ""),
        ("bp, 'a_'", "a_", ""),
        ("bp, 'a_', '/b'", "a_", "/b"),
        ("bp, name_prefix='a_'", "a_", ""),
        ("bp, url_prefix='/b', name_prefix='a_'", "a_", "/b"),
        ("bp, url_prefix='/b'", "", "/b"),
        ("bp, PREFIX", "constant_", ""),
        ("bp, None, None", "", ""),
    ],
)
def test_prefixes(arguments: str, name_prefix: str, url_prefix: str):
    found = read(
        f"{APP}from chalicelib.parts import bp\nPREFIX = 'constant_'\napp.register_blueprint({arguments})",
        {
            "parts": BLUEPRINT,
        },
    )
    (registration,) = found.registrations

    assert (name_prefix, url_prefix) == (registration.name_prefix, registration.url_prefix)


def test_blueprint_registered_twice():
    found = read(
        APP
        + "from chalicelib.parts import bp\n"
        + "app.register_blueprint(bp, 'a_')\napp.register_blueprint(bp, 'b_')\n",
        {
            "parts": BLUEPRINT,
        },
    )

    assert ["a_", "b_"] == [registration.name_prefix for registration in found.registrations]


LOOPS = {
    "list": "for each in [bp, other]:\n    app.register_blueprint(each)\n",
    "imported": "from chalicelib.every import EVERY\nfor each in EVERY:\n    app.register_blueprint(each)\n",
    "pairs": "PAIRS = ((bp, 'a_'), (other, 'b_'))\n"
    "for each, prefix in PAIRS:\n    app.register_blueprint(each, name_prefix=prefix)\n",
    "items": "for prefix, each in {'a_': bp, 'b_': other}.items():\n"
    "    app.register_blueprint(each, prefix)\n",
    "values": "BY_NAME = {'a': bp, 'b': other}\n"
    "for each in BY_NAME.values():\n    app.register_blueprint(each)\n",
    "function": "def register(app):\n    for each in (bp, other):\n        app.register_blueprint(each)\n"
    "\nregister(app)\n",
}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_blueprints_that_are_registered_in_a_loop(loop: str):
    imports = "from chalicelib.parts import bp\nfrom chalicelib.others import bp as other\n"
    found = read(
        APP + imports + loop,
        {
            "parts": BLUEPRINT,
            "others": BLUEPRINT,
            "every": f"{imports}EVERY = [bp, other]\n",
        },
    )
    prefixes = ["a_", "b_"] if "prefix" in loop else ["", ""]

    assert () == tuple(found.diagnostics)
    assert ["chalicelib.parts", "chalicelib.others"] == [one.module.name for one in found.registrations]
    assert prefixes == [one.name_prefix for one in found.registrations]


@pytest.mark.parametrize(
    "loop",
    [
        "for each in find_all():\n    app.register_blueprint(each)\n",
        "EVERY = [bp]\nEVERY.append(other)\nfor each in EVERY:\n    app.register_blueprint(each)\n",
        "for each in [*others, bp]:\n    app.register_blueprint(each)\n",
        "for _ in [1]:\n    for each in [bp]:\n        app.register_blueprint(each)\n",
    ],
)
def test_loop_that_the_source_does_not_show(loop: str):
    found = read(f"{APP}from chalicelib.parts import bp\n{loop}", {"parts": BLUEPRINT})

    assert () == found.registrations
    assert DYNAMIC_HANDLER in {each.code for each in found.diagnostics}


def test_prefix_that_the_source_does_not_show():
    found = read(
        f"{APP}import os\nfrom chalicelib.parts import bp\napp.register_blueprint(bp, os.environ['PREFIX'])",
        {
            "parts": BLUEPRINT,
        },
    )

    assert () == found.registrations
    (diagnostic,) = found.diagnostics
    assert DYNAMIC_HANDLER is diagnostic.code
    assert Position("app.py", 5, 1) == diagnostic.position


@pytest.mark.parametrize(
    "argument",
    ["missing", "make_blueprint()", "parts[0]", "chalicelib.absent.bp"],
)
def test_blueprint_that_the_source_does_not_show(argument: str):
    found = read(APP + f"app.register_blueprint({argument})\n")

    assert () == found.registrations
    (diagnostic,) = found.diagnostics
    assert DYNAMIC_HANDLER is diagnostic.code
    assert Position("app.py", 3, 1) == diagnostic.position
    assert diagnostic.subject == f"app.register_blueprint({argument})"


def test_blueprint_that_is_not_registered():
    found = read(APP + "import chalicelib.parts\n", {"parts": BLUEPRINT})

    assert () == found.registrations
    (diagnostic,) = found.diagnostics
    assert UNREGISTERED_BLUEPRINT is diagnostic.code
    assert Position("chalicelib/parts.py", 6, 2) == diagnostic.position
    assert diagnostic.subject == "@bp.lambda_function()"


# --- arguments ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", {}),
        ("'x'", {"name": "x"}),
        ("name='x'", {"name": "x"}),
        ("name=NAME", {"name": "orders"}),
        ("name=f'{NAME}-x'", {"name": "orders-x"}),
        ("name=NAME + '-x'", {"name": "orders-x"}),
        ("name=deep.NAME", {"name": "deep"}),
        ("**{'name': 'x'}", {"name": "x"}),
        ("**OPTIONS", {"name": "y", "extra": 1}),
        ("nmae='x'", {"nmae": "x"}),
    ],
)
def test_arguments(arguments: str, expected: dict[str, Any]):
    source = read(
        f"""\
{APP}from chalicelib import deep
NAME = 'orders'
OPTIONS = {{'name': 'y', 'extra': 1}}
@app.lambda_function({arguments})
def one(event, context): pass
""",
        {
            "deep": "NAME = 'deep'\n",
        },
    )
    (registration,) = source.registrations

    assert expected == {key: value for key, value, _ in source.arguments(registration).left_over()}


@pytest.mark.parametrize("argument", ["os.environ['NAME']", "make_name()", "NAMES[0]", "f'{x}'"])
def test_argument_that_the_source_does_not_show(argument: str):
    source = read(f"{APP}@app.lambda_function(name={argument})\ndef one(event, context): pass\n")
    (registration,) = source.registrations
    fields = source.arguments(registration)

    assert Position("app.py", 3, 27) == fields.where("name")
    assert not is_known(fields.take("name"))


# --- modules that cannot be read --------------------------------------------------------------


def test_broken_library_module_does_not_cost_the_rest():
    found = read(
        APP + HANDLER,
        {
            "broken": "import chalice\n@app.route(:\n",
            "old": "print x.route\n",
        },
    )

    assert [("lambda_function", "app.py", "one")] == handlers_of(found)
    assert [UNPARSABLE_PYTHON, PYTHON_2] == [diagnostic.code for diagnostic in found.diagnostics]
    assert ["chalicelib/broken.py:2:12", "chalicelib/old.py:1:1"] == places_of(found.diagnostics)


def test_broken_app_py():
    with pytest.raises(UnreadableError) as caught:
        _ = read("x = = 1").app

    assert ["app.py:1:5"] == places_of(list(caught.value.diagnostics))
