"""Where the code lies on both sides. What becomes of it: tests/chalice/test_code.py, tests/python/."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from converter.convert import Conversion, LayerStyle, Layout, Options, chalice_to_sam, sam_to_chalice
from converter.model import Json
from tests.sam.readers import load_with_pyyaml

APP = """\
from chalice import Chalice
from chalicelib.tools import tool

app = Chalice(app_name="orders")


def helper():
    return tool()


@app.lambda_function()
def one(event, context):
    return helper(), event["a"], event.get("b")


@app.lambda_function()
def two(event, context):
    return helper()
"""
FILES = {
    "app.py": APP,
    ".chalice/config.json": "{}",
    "chalicelib/__init__.py": "",
    "chalicelib/tools.py": "def tool():\n    return 1\n",
}


def convert(options: Options | None = None, **more: str) -> Conversion:
    return chalice_to_sam({path: text.encode() for path, text in {**FILES, **more}.items()}, options)


def code_of(conversion: Conversion) -> set[str]:
    """The files but for the template, its settings and the lists of packages."""
    others = ("template.yaml", "samconfig.toml", "requirements.txt")
    return {path for path in conversion.files if not path.endswith(others)}


def resources_of(conversion: Conversion) -> Json:
    return load_with_pyyaml(conversion.files["template.yaml"].decode())["Resources"]


SHARED = {"shared.py", "chalicelib/__init__.py", "chalicelib/tools.py"}
EVENTS = {"events/one.json", "events/two.json"}


def test_folder_for_each_function_and_a_layer():
    there = convert()
    resources = resources_of(there)

    assert {
        "lambdas/one/__init__.py",
        "lambdas/one/one.py",
        "lambdas/two/__init__.py",
        "lambdas/two/two.py",
        *(f"layers/shared/{path}" for path in SHARED),
        *EVENTS,
    } == code_of(there)
    assert ("lambdas/one/", "one.one") == (
        resources["OneFunction"]["Properties"]["CodeUri"],
        resources["OneFunction"]["Properties"]["Handler"],
    )
    assert {
        "Type": "AWS::Serverless::LayerVersion",
        "Metadata": {"BuildMethod": "python3.13"},
        "Properties": {
            "LayerName": {"Fn::Sub": "${AWS::StackName}-shared"},
            "Description": "Code that the functions share",
            "ContentUri": "layers/shared/",
            "CompatibleRuntimes": ["python3.13"],
        },
    } == resources["SharedLayer"]


def test_one_folder_for_all():
    there = convert(Options(layout=Layout.SHARED))
    resources = resources_of(there)

    assert {
        "lambdas/__init__.py",
        "lambdas/one.py",
        "lambdas/two.py",
        *(f"lambdas/{path}" for path in SHARED),
        *EVENTS,
    } == code_of(there)
    assert {"OneFunction", "TwoFunction"} == resources.keys()
    assert "lambdas/" == resources["TwoFunction"]["Properties"]["CodeUri"]


def test_layer_that_a_dummy_function_builds():
    there = convert(Options(layer_style=LayerStyle.DUMMY_LAMBDA))
    resources = resources_of(there)

    assert {
        *(f"layers/{path}" for path in SHARED),
        "layers/__init__.py",
        "layers/dummy_lambda.py",
        "lambdas/one/__init__.py",
        "lambdas/one/one.py",
        "lambdas/two/__init__.py",
        "lambdas/two/two.py",
        *EVENTS,
    } == code_of(there)
    assert {"CodeUri": "layers/", "Handler": "dummy_lambda.lambda_handler"} == resources["DummyLambda"][
        "Properties"
    ]
    assert "./.aws-sam/build/DummyLambda" == resources["SharedLayer"]["Properties"]["ContentUri"]
    assert "DummyLambda" == resources["SharedLayer"]["DependsOn"]


def test_code_puts_opt_on_the_path_before_it_imports_from_the_layer():
    app = APP.replace(
        "from chalice import", '"""Orders."""\nfrom __future__ import annotations\nfrom chalice import'
    )
    there = convert(Options(layer_style=LayerStyle.DUMMY_LAMBDA), **{"app.py": app})

    assert there.files["lambdas/two/two.py"].decode() == dedent("""\
        from __future__ import annotations

        import sys

        # The layer is a function's build folder, so its modules lie in /opt itself.
        sys.path.append("/opt")

        from shared import helper


        def two(event, context):
            return helper()
        """)


def test_events_have_the_keys_that_the_code_cannot_do_without():
    there = convert()

    assert {"a": ""} == json.loads(there.files["events/one.json"])
    assert {} == json.loads(there.files["events/two.json"])


@pytest.mark.parametrize("layer_style", LayerStyle)
@pytest.mark.parametrize("layout", Layout)
def test_every_layout_comes_back(layout: Layout, layer_style: LayerStyle):
    there = convert(Options(layout=layout, layer_style=layer_style))
    back = sam_to_chalice(there.files)

    assert b"def tool():\n    return 1\n" in back.files.values()
    assert {"one", "two"} == back.application.functions.keys()
    assert "sys.path" not in back.files["app.py"].decode()
    assert ".chalice/resources.yaml" not in back.files
    assert not any("dummy" in path for path in back.files)
