"""The folders that the code of a Chalice project falls into."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import pytest

from converter.chalice.project import open_chalice
from converter.codes import DYNAMIC_HANDLER, LEFT_OUT_CODE, MODULE_NAME_CHANGED, SIBLING_MODULE
from converter.convert import Options, read_chalice
from converter.diagnostics import Diagnostic
from converter.model import Application, Code, Handler

Files = Mapping[str, str | bytes]

APP = """\
from chalice import Chalice

app = Chalice(app_name="orders")
"""


def one(result: object = None) -> str:
    return f"\n\n@app.lambda_function()\ndef one(event, context):\n    return {result}\n"


def two(result: object = None) -> str:
    return one(result).replace("one", "two")


def read(files: Files) -> tuple[Application, list[Diagnostic]]:
    encoded = {
        path: text if isinstance(text, bytes) else dedent(text).encode()
        for path, text in {".chalice/config.json": "{}", ".python-version": "3.13", **files}.items()
    }
    project = open_chalice(encoded)
    application = read_chalice(project, Options())
    return application, list(project.diagnostics())


def folders_of(files: Files) -> dict[str, dict[str, str]]:
    application, _ = read(files)
    return {
        name: {path: data.decode() for path, data in folder.items() if path != "__init__.py"}
        for name, folder in application.folders.items()
    }


def find(diagnostics: list[Diagnostic], code: object) -> list[tuple[str, str, str]]:
    found = [diagnostic for diagnostic in diagnostics if diagnostic.code is code]
    return [(str(diagnostic.position), diagnostic.subject, diagnostic.reason) for diagnostic in found]


# --- one function --------------------------------------------------------------


def test_one_function_keeps_its_module_whole():
    application, diagnostics = read(
        {
            "app.py": '''\
                """Orders."""
                from chalice import Chalice

                app = Chalice(app_name="orders")

                UNUSED = 1


                @app.lambda_function()
                def one(event, context):
                    return 1

                # the end
                '''
        }
    )

    assert Code("one", Handler("one.py", "one")) == application.functions["one"].code
    assert {"one"} == application.folders.keys()
    assert application.folders["one"]["one.py"].decode() == dedent('''\
        """Orders."""

        UNUSED = 1


        def one(event, context):
            return 1

        # the end
        ''')
    assert [] == diagnostics


def test_one_function_gets_the_library_into_its_folder():
    folders = folders_of(
        {
            "app.py": f"from chalicelib.tools import tool\n{APP}{one('tool()')}",
            "chalicelib/__init__.py": "",
            "chalicelib/tools.py": "def tool(): return 1\n",
            "chalicelib/data/a.json": "{}",
            "vendor/extra/__init__.py": "x = 1\n",
            "vendor/binary.so": "not text",
        }
    )

    assert {
        "one": {
            "one.py": "from chalicelib.tools import tool\n\n\ndef one(event, context):\n    return tool()\n",
            "chalicelib/__init__.py": "",
            "chalicelib/tools.py": "def tool(): return 1\n",
            "chalicelib/data/a.json": "{}",
            "extra/__init__.py": "x = 1\n",
            "binary.so": "not text",
        }
    } == folders


# --- several functions --------------------------------------------------------------


def test_several_functions_share_a_layer():
    application, _ = read(
        {
            "app.py": f"from chalicelib.tools import tool\n{APP}\ndef helper(): return tool()\n"
            f"{one('helper()')}{two('helper()')}",
            "chalicelib/__init__.py": "",
            "chalicelib/tools.py": "def tool(): return 1\n",
            "vendor/extra.py": "x = 1\n",
        }
    )

    assert Code("two", Handler("two.py", "two"), ("shared",)) == application.functions["two"].code
    assert {"one", "two", "shared"} == application.folders.keys()
    assert {"shared.py", "chalicelib/__init__.py", "chalicelib/tools.py", "extra.py"} == application.folders[
        "shared"
    ].keys()


def test_functions_that_share_nothing_have_no_layer():
    application, _ = read({"app.py": APP + one(1) + two(2), "chalicelib/__init__.py": ""})

    assert {"one", "two"} == application.folders.keys()
    assert () == application.functions["one"].code.layers


def test_what_is_left_out_is_said():
    guard = "if __name__ == '__main__':\n    one(1, 2)\n"
    _, diagnostics = read({"app.py": f"{APP}UNUSED = 1\n{one(1)}{two(2)}{guard}"})

    assert [
        ("app.py:4:1", "UNUSED", "no Lambda function uses it; left out"),
        ("app.py:15:1", "if __name__ == ...", "it does not run on Lambda; left out"),
    ] == find(diagnostics, LEFT_OUT_CODE)


def test_changed_name_of_a_module_is_said():
    _, diagnostics = read(
        {"app.py": f"import logging\n{APP}log = logging.getLogger(__name__)\n{one('log.name')}{two(2)}"}
    )

    assert [("app.py:5:1", "__name__", "it was 'app' and is 'one' in the function one")] == find(
        diagnostics, MODULE_NAME_CHANGED
    )


# --- names of modules ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("orders-list", "orders_list"),
        ("2nd", "_2nd"),
        ("json", "json_function"),
        ("requests", "requests_function"),
        ("chalicelib", "chalicelib_function"),
        ("shared", "shared_function"),
        ("extra", "extra_function"),
        ("deeper", "deeper_function"),
        ("class", "class_function"),
    ],
)
def test_module_of_a_function_hides_nothing(name: str, module: str):
    application, _ = read(
        {
            "app.py": f"import requests\n{APP}@app.lambda_function(name={name!r})\n"
            f"def one(event, context): return requests\n{two(2)}",
            "chalicelib/__init__.py": "",
            "chalicelib/tools.py": "import deeper\n",
            "vendor/extra/__init__.py": "",
        }
    )

    assert Handler(f"{module}.py", "one") == application.functions[name].code.handler


def test_shared_module_hides_nothing():
    folders = folders_of(
        {
            "app.py": f"import shared\n{APP}\ndef helper(): return shared\n"
            f"{one('helper()')}{two('helper()')}",
            "vendor/shared/__init__.py": "x = 1\n",
        }
    )

    assert folders["one"]["one.py"].startswith("from shared_code import helper\n")
    assert {"shared/__init__.py", "shared_code.py"} == folders["shared"].keys()


# --- who imports from app.py -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from app import LIMIT\n", "from shared import LIMIT\n"),
        ("import app\nx = app.LIMIT\n", "import shared as app\nx = app.LIMIT\n"),
        ("import app as a\nx = a.LIMIT\n", "import shared as a\nx = a.LIMIT\n"),
        ("import os, app\nx = app.LIMIT\n", "import os, shared as app\nx = app.LIMIT\n"),
        ("def f():\n    from app import LIMIT\n", "def f():\n    from shared import LIMIT\n"),
        (
            "try:\n    from app import LIMIT\nfinally: pass\n",
            "try:\n    from shared import LIMIT\nfinally: pass\n",
        ),
        ("from app import *\nx = LIMIT\n", "from shared import *\nx = LIMIT\n"),
        ("from app import LIMIT as L  # é\n", "from shared import LIMIT as L  # é\n"),
    ],
)
@pytest.mark.parametrize("count", [1, 2], ids=["one function", "two functions"])
def test_library_that_imports_from_app_py(before: str, after: str, count: int):
    handlers = one("tools") + two("tools") * (count - 1)
    folders = folders_of(
        {
            "app.py": f"from chalicelib import tools\n{APP}LIMIT = 1\n{handlers}",
            "chalicelib/__init__.py": "",
            "chalicelib/tools.py": before,
        }
    )
    library = folders.get("shared", folders["one"])
    module = "one" if count == 1 else "shared"

    assert after.replace("shared", module) == library["chalicelib/tools.py"]
    assert "LIMIT = 1\n" in library[f"{module}.py"]


def test_library_in_another_encoding_that_imports_from_app_py():
    application, _ = read(
        {
            "app.py": f"from chalicelib import tools\n{APP}LIMIT = 1{one('tools')}{two('tools')}",
            "chalicelib/tools.py": "# coding: latin-1\nfrom app import LIMIT\nx = 'é'\n".encode("latin-1"),
        }
    )

    expected = "# coding: latin-1\nfrom shared import LIMIT\nx = 'é'\n".encode("latin-1")
    assert expected == application.folders["shared"]["chalicelib/tools.py"]


@pytest.mark.parametrize("count", [1, 2], ids=["one function", "two functions"])
def test_app_py_in_another_encoding(count: int):
    source = f"# coding: latin-1\n{APP}TEXT = 'é'\n{one('TEXT')}{two('TEXT') * (count - 1)}"
    application, _ = read({"app.py": source.encode("latin-1")})

    for folder in application.folders.values():
        for path, data in folder.items():
            names: dict[str, object] = {}
            if b"TEXT = " in data:
                exec(compile(data, path, "exec"), names)

                assert names["TEXT"] == "é"


# --- handlers in chalicelib ---------------------------------------------------------------------


def test_handlers_of_a_blueprint():
    folders = folders_of(
        {
            "app.py": f"from chalicelib.parts import bp\n{APP}app.register_blueprint(bp)\n{one(1)}",
            "chalicelib/__init__.py": "",
            "chalicelib/parts.py": """\
                from chalice import Blueprint

                from .tools import tool

                bp = Blueprint(__name__)


                @bp.lambda_function()
                def two(event, context):
                    return tool()
                """,
            "chalicelib/tools.py": "def tool(): return 1\n",
        }
    )

    assert folders["two"] == {
        "two.py": "from chalicelib.tools import tool\n\n\ndef two(event, context):\n    return tool()\n"
    }
    assert {"chalicelib/__init__.py", "chalicelib/tools.py"} == folders["shared"].keys()


def test_what_others_import_from_a_module_with_handlers_stays_there():
    folders = folders_of(
        {
            "app.py": f"from chalicelib.parts import bp\nfrom chalicelib import tools\n{APP}"
            f"app.register_blueprint(bp)\n{one('tools.tool()')}",
            "chalicelib/__init__.py": "",
            "chalicelib/parts.py": """\
                from chalice import Blueprint

                bp = Blueprint(__name__)
                LIMIT = 1

                @bp.lambda_function()
                def two(event, context):
                    return LIMIT
                """,
            "chalicelib/tools.py": "from .parts import LIMIT\ndef tool(): return LIMIT\n",
        }
    )

    assert folders["shared"]["chalicelib/parts.py"] == "LIMIT = 1\n"
    assert folders["two"]["two.py"].startswith("from chalicelib.parts import LIMIT\n")


# --- files -------------------------------------------------------------------------------------------


def test_module_beside_app_py_is_carried():
    application, diagnostics = read(
        {
            "app.py": f"import tools\nfrom package.deep import x\nimport json\n{APP}{one('tools, x, json')}",
            "tools.py": "y = 1\n",
            "package/deep.py": "x = 1\n",
            "package/data.txt": "a",
            "json.py": "",
            "setup.py": "",
            "tests/test_app.py": "",
        }
    )

    assert {
        "one.py",
        "__init__.py",
        "tools.py",
        "package/deep.py",
        "package/data.txt",
    } == application.folders["one"].keys()
    assert ["tools", "package"] == [subject for _, subject, _ in find(diagnostics, SIBLING_MODULE)]
    assert [] == find(diagnostics, DYNAMIC_HANDLER)


def test_handlers_in_a_module_beside_app_py_are_named():
    views = "from chalice import Response\n\n\ndef add_views(app):\n    @app.route('/')\n    def index():\n"
    _, diagnostics = read(
        {
            "app.py": f"from views.all import add_views\n{APP}add_views(app)\n{one('1')}",
            "views/all.py": f"{views}        return Response('')\n",
        }
    )

    assert ["views"] == [subject for _, subject, _ in find(diagnostics, DYNAMIC_HANDLER)]


@pytest.mark.parametrize(
    "expression",
    [
        'open("chalicelib/data/a.json")',
        'open("./chalicelib/data/a.json")',
        'open(os.path.join("chalicelib", "data", "a.json"))',
        'os.listdir("chalicelib/data")',
        'Path("chalicelib/data") / "a.json"',
    ],
)
def test_data_file_opened_from_the_current_folder(expression: str):
    folders = folders_of(
        {
            "app.py": f"import os\nfrom pathlib import Path\n{APP}{one(expression)}{two(2)}",
            "chalicelib/__init__.py": "",
            "chalicelib/data/a.json": "{}",
            "chalicelib/other.txt": "",
        }
    )

    assert "chalicelib/data/a.json" in folders["one"]
    assert {"two.py"} == folders["two"].keys()
    assert "chalicelib/other.txt" not in folders["one"]


def test_code_that_finds_files_by_its_own_place_stays_beside_them():
    folders = folders_of(
        {
            "app.py": f"import os\n{APP}HERE = os.path.dirname(__file__)\n{one('HERE')}{two(2)}",
            "chalicelib/__init__.py": "",
            "chalicelib/a.json": "{}",
        }
    )

    assert "HERE = os.path.dirname(__file__)\n" in folders["shared"]["shared.py"]


# --- handlers that only call another --------------------------------------------------------


def wrap(name: str, module: str) -> str:
    return (
        f"\n\n@app.lambda_function()\ndef {name}(event, context):\n"
        f"    from chalicelib.{module} import {name}\n\n    return {name}(event, context)\n"
    )


LOAD = "import boto3\n\nUNUSED = 1\n\n\ndef one(event, context):\n    return boto3\n"


def test_module_of_the_handler_that_is_called_moves_whole():
    folders = folders_of({"app.py": APP + wrap("one", "load") + two(2), "chalicelib/load.py": LOAD})

    assert folders == {
        "one": {"one.py": LOAD},
        "two": {"two.py": "def two(event, context):\n    return 2\n"},
    }


def test_module_that_hands_on_a_shared_handler():
    shared = "def one(event, context):\n    return 1\n"
    handed_on = 'from chalicelib.shared import one\n\n__all__ = ["one"]\n'
    calls = (
        "from chalicelib.shared import one\n\n\ndef two(event, context):\n    return one(event, context)\n"
    )
    folders = folders_of(
        {
            "app.py": APP + wrap("one", "one.one") + wrap("two", "two.two"),
            "chalicelib/shared.py": shared,
            "chalicelib/one/one.py": handed_on,
            "chalicelib/two/two.py": calls,
        }
    )

    assert folders == {
        "one": {"one.py": handed_on},
        "two": {"two.py": calls},
        "shared": {"chalicelib/shared.py": shared},
    }


def test_module_that_hands_on_a_handler_to_others_too_stays():
    folders = folders_of(
        {
            "app.py": f"from chalicelib.two import helper\n{APP}{wrap('one', 'one')}{two('helper()')}",
            "chalicelib/one.py": "from chalicelib.shared import one\n",
            "chalicelib/shared.py": "def one(event, context):\n    return 1\n",
            "chalicelib/two.py": "from chalicelib.one import one\n\n\ndef helper():\n    return one\n",
        }
    )

    assert "chalicelib/one.py" in folders["shared"]


@pytest.mark.parametrize(
    ("level", "is_followed"),
    [
        pytest.param("LEVEL = 10\n", True, id="the same"),
        pytest.param("LEVEL = 20\n", False, id="another constant"),
        pytest.param("", False, id="none"),
    ],
)
def test_effects_of_app_have_to_be_those_of_the_module(level: str, is_followed: bool):
    set_up = "logging.getLogger().setLevel(LEVEL)\n" if level else ""
    folders = folders_of(
        {
            "app.py": f"import logging\n\n{APP}LEVEL = 10\nlogging.getLogger().setLevel(LEVEL)\n"
            f"{wrap('one', 'load')}{two('LEVEL')}",
            "chalicelib/load.py": f"import logging\n\n{level}{set_up}{LOAD}",
        }
    )

    assert is_followed == (f"import logging\n\n{level}{set_up}{LOAD}" == folders["one"]["one.py"])


def test_why_a_handler_is_imported_late_is_said_of_app_only():
    why = "# Chalice imports this file in every Lambda process, and to package the application. The\n"
    why += "# modules below do work when they are imported, so each is imported by its own function.\n"
    folders = folders_of(
        {
            "app.py": f"{APP}print(1)\n\n\n{why}{wrap('one', 'load')}{two(2)}",
            "chalicelib/load.py": LOAD,
        }
    )

    assert "sets up)\n\n\ndef one(event, context):\n" in folders["one"]["one.py"]


# --- what others need -----------------------------------------------------------------------


def test_imports_and_loggers_that_the_library_takes_from_app():
    app = f"import logging\nfrom decimal import Decimal\n\n{APP}\nlogger = logging.getLogger('orders')\n"
    folders = folders_of(
        {
            "app.py": app + one("tool()") + two("tool()"),
            "chalicelib/tools.py": "def tool():\n    from app import Decimal, logger\n",
        }
    )

    assert folders["shared"] == {
        "chalicelib/tools.py": "def tool():\n    from shared import Decimal, logger\n",
        "shared.py": "import logging\nfrom decimal import Decimal\n\nlogger = logging.getLogger('orders')\n",
    }


def test_data_that_is_opened_from_the_current_folder_goes_with_the_function():
    folders = folders_of(
        {
            "app.py": APP + one('open("words.txt").read()') + two(),
            "vendor/words.txt": "a b",
            "vendor/other.txt": "",
        }
    )

    assert "a b" == folders["one"]["words.txt"]
    assert {"two.py"} == folders["two"].keys()
    assert {"other.txt"} == folders["shared"].keys()
