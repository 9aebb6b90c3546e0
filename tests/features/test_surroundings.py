from __future__ import annotations

import pytest

from converter.codes import CALLS_CHALICE, TEST_OF_OLD_FORM
from converter.convert import Conversion, chalice_to_sam
from converter.diagnostics import Code
from tests.features.tools import convert_to_sam

TWO = '{"lambda_functions": {"two": {"lambda_timeout": 5}}}'


def said(conversion: Conversion, code: Code) -> list[tuple[str, str, str]]:
    found = [each for each in conversion.diagnostics if each.code is code]
    return [(str(each.position), each.subject, each.action) for each in found]


def test_tests_are_taken_along():
    tests = {
        "tests/__init__.py": "",
        "tests/data/event.json": "{}",
        "tests/test_plain.py": "import json\n",
        "conftest.py": "import pytest\n",
        "test_app.py": "import os\n",
    }
    there = convert_to_sam(files={**tests, "testing.py": ""})

    assert tests == {path: there.files[path].decode() for path in tests}
    assert "testing.py" not in there.files
    assert [] == said(there, TEST_OF_OLD_FORM)


REWRITE = "call the handler of its module with an event instead"


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("from chalice.test import Client", REWRITE),
        ("from app import one", REWRITE),
        ("import app", REWRITE),
        ("from chalice import Response", "rewrite it, or install chalice for tests"),
    ],
)
def test_a_test_that_imports_what_has_moved(line: str, action: str):
    there = convert_to_sam(files={"tests/test_one.py": f"import json\n{line}\n"})

    assert [("tests/test_one.py:2:1", line, action)] == said(there, TEST_OF_OLD_FORM)


def test_a_test_of_the_shared_code():
    app = """\
from chalice import Chalice
from chalicelib.prices import price
app = Chalice(app_name="orders")
@app.lambda_function()
def one(event, context): return price(event)
@app.lambda_function()
def two(event, context): return price(event)
"""
    line = "from chalicelib.prices import price"
    there = convert_to_sam(
        TWO,
        files={
            "app.py": app,
            "chalicelib/__init__.py": "",
            "chalicelib/prices.py": "def price(item): return 1\n",
            "tests/test_prices.py": f"{line}\n",
        },
    )

    assert [("tests/test_prices.py:1:1", line, "run the tests with PYTHONPATH=layers/shared")] == said(
        there, TEST_OF_OLD_FORM
    )


def test_scripts_that_call_chalice_are_named_and_stay_behind():
    there = convert_to_sam(files={"Makefile": "deploy:\n\tchalice deploy\n", "build.sh": "make deploy\n"})

    assert [("Makefile:2:2", "chalice deploy", "use: sam build && sam deploy")] == said(there, CALLS_CHALICE)
    assert {"Makefile", "build.sh"}.isdisjoint(there.files)
    assert "Makefile, build.sh" in [each.subject for each in there.diagnostics]


def test_the_stage_that_samconfig_calls_default():
    config = '{"stages": {"dev": {}, "prod": {}}}'
    text = "a:\n\tchalice invoke -n one --stage prod\n\tchalice delete --stage dev\n"
    there = convert_to_sam(config, files={"Makefile": text})

    assert ["use: sam remote invoke OneFunction --config-env prod", "use: sam delete"] == [
        action for _, _, action in said(there, CALLS_CHALICE)
    ]


def test_a_script_that_is_no_text():
    app = b"from chalice import Chalice\napp = Chalice('a')\n@app.lambda_function()\ndef one(e, c): pass\n"

    assert [] == said(chalice_to_sam({"app.py": app, "run.sh": b"chalice deploy \xff"}), CALLS_CHALICE)
