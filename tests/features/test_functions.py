"""Functions and their names on both sides, and what is said about handlers that are not converted."""

from __future__ import annotations

import json

import pytest

from converter.codes import (
    DUPLICATE_FUNCTION,
    DUPLICATE_HANDLER_FUNCTION,
    INVALID_CONFIG_VALUE,
    UNKNOWN_ARGUMENT,
    UNKNOWN_CONFIG_FUNCTION,
    UNKNOWN_DECORATOR_ARGUMENT,
)
from converter.convert import Conversion, Options, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Code
from converter.model import Json
from tests.sam.readers import load_with_pyyaml

APP = 'from chalice import Chalice\n\napp = Chalice(app_name="orders")\n'


def read_chalice(handlers: str, config: Json = None, **library: str) -> Conversion:
    files = {
        "app.py": APP + handlers,
        ".chalice/config.json": json.dumps(config or {}),
        ".python-version": "3.13",
        **{f"chalicelib/{name}.py": text for name, text in library.items()},
    }
    return chalice_to_sam({path: text.encode() for path, text in files.items()})


def template_of(conversion: Conversion) -> Json:
    return load_with_pyyaml(conversion.files["template.yaml"].decode())


def handler(decorator: str, name: str = "handler") -> str:
    return f"\n@{decorator}\ndef {name}(event, context):\n    return 1\n"


def found(conversion: Conversion, code: Code) -> list[tuple[str, str]]:
    return [(str(one.position), one.subject) for one in conversion.diagnostics if one.code is code]


# --- Chalice to SAM -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("decorator", "name", "identifier", "path"),
    [
        ("app.lambda_function()", "handler", "HandlerFunction", "lambdas/handler/handler.py"),
        ("app.lambda_function(name='foo')", "foo", "FooFunction", "lambdas/foo/foo.py"),
        ("app.lambda_function('foo')", "foo", "FooFunction", "lambdas/foo/foo.py"),
        ("app.lambda_function(name='foo-bar')", "foo-bar", "FooBarFunction", "lambdas/foo-bar/foo_bar.py"),
        ("app.lambda_function(name='foo_bar')", "foo_bar", "FooBarFunction", "lambdas/foo_bar/foo_bar.py"),
        ("app.lambda_function(name='fooBar')", "fooBar", "FooBarFunction", "lambdas/fooBar/fooBar.py"),
        (
            "app.lambda_function(name='foo-function')",
            "foo-function",
            "FooFunction",
            "lambdas/foo-function/foo_function.py",
        ),
        ("app.lambda_function(name='')", "handler", "HandlerFunction", "lambdas/handler/handler.py"),
        ("app.lambda_function(name=None)", "handler", "HandlerFunction", "lambdas/handler/handler.py"),
    ],
)
def test_names(decorator: str, name: str, identifier: str, path: str):
    there = read_chalice(handler(decorator))
    template = template_of(there)

    assert {name} == there.application.functions.keys()
    assert {identifier} == template["Resources"].keys()
    assert path in there.files
    assert f"events/{name}.json" in there.files
    assert (
        f"{path.rpartition('/')[2].removesuffix('.py')}.handler"
        == template["Resources"][identifier]["Properties"]["Handler"]
    )


def test_prefix_of_a_blueprint():
    there = read_chalice(
        "from chalicelib.parts import bp\napp.register_blueprint(bp, name_prefix='own_')\n",
        parts="from chalice import Blueprint\nbp = Blueprint(__name__)\n"
        + handler("bp.lambda_function(name='x')"),
    )

    assert {"own_x"} == there.application.functions.keys()


def test_names_that_are_one_id():
    there = read_chalice(
        handler("app.lambda_function(name='a-b')", "one") + handler("app.lambda_function(name='a_b')", "two")
    )

    assert {"ABFunction", "ABFunction2"} == template_of(there)["Resources"].keys()


def test_arns_are_outputs():
    there = read_chalice(handler("app.lambda_function(name='foo')"))

    assert {
        "FooFunctionArn": {
            "Description": "ARN of the Lambda function foo",
            "Value": {"Fn::GetAtt": ["FooFunction", "Arn"]},
        }
    } == template_of(there)["Outputs"]


def test_more_functions_than_a_template_may_have_outputs():
    there = read_chalice("".join(handler("app.lambda_function()", f"f{number}") for number in range(201)))

    assert "Outputs" not in template_of(there)


def test_two_handlers_of_one_function_name():
    there = read_chalice(handler("app.lambda_function(name='a')") + handler("app.lambda_function(name='b')"))

    assert {"a", "b"} == there.application.functions.keys()
    assert [("app.py:10:1", "handler")] == found(there, DUPLICATE_HANDLER_FUNCTION)


def test_two_functions_of_one_name():
    there = read_chalice(
        handler("app.lambda_function(name='a')", "one") + handler("app.lambda_function(name='a')", "two")
    )

    assert {"a"} == there.application.functions.keys()
    assert [("app.py:9:2", "a")] == found(there, DUPLICATE_FUNCTION)
    assert b"def one" in there.files["lambdas/a/a.py"]


def test_name_that_the_source_does_not_show():
    there = read_chalice(
        handler("app.lambda_function(name=make())", "one") + handler("app.lambda_function()", "two")
    )

    assert {"one", "two"} == there.application.functions.keys()
    assert [("app.py:5:27", "@app.lambda_function(name=make())")] == found(there, UNKNOWN_ARGUMENT)


def test_argument_that_chalice_does_not_take():
    there = read_chalice(handler("app.lambda_function(nmae='a', name='b')"))

    assert {"b"} == there.application.functions.keys()
    assert [("app.py:5:27", "nmae")] == found(there, UNKNOWN_DECORATOR_ARGUMENT)


def test_functions_of_every_kind():
    there = read_chalice(
        handler("app.route('/')", "index")
        + handler("app.schedule('rate(1 hour)')", "clean")
        + handler("app.authorizer()", "check")
        + handler("app.on_ws_connect()", "enter")
        + handler("app.lambda_function()", "one")
    )

    assert ["api_handler", "clean", "check", "websocket_connect", "one"] == [*there.application.functions]


def test_settings_of_functions_that_do_not_exist():
    config = {
        "lambda_functions": {
            name: {} for name in ("handler", "foo", "index", "api_handler", "websocket_connect")
        },
        "stages": {"dev": {"lambda_functions": {"fooo": {}}}},
    }
    there = read_chalice(
        handler("app.lambda_function(name='foo')") + "\n@app.route('/')\ndef index(): pass\n", config
    )

    assert ["index", "websocket_connect", "fooo"] == [
        subject for _, subject in found(there, UNKNOWN_CONFIG_FUNCTION) if subject != "handler"
    ]


@pytest.mark.parametrize("settings", [1, [], None, "x"])
def test_settings_of_the_wrong_kind(settings: Json):
    """Chalice reads those of its functions only."""
    config = {"lambda_functions": {"handler": settings, "automatic_layer": settings}}
    there = read_chalice(handler("app.lambda_function()"), config)

    assert ["handler"] == [subject for _, subject in found(there, INVALID_CONFIG_VALUE)]
    assert ["automatic_layer"] == [subject for _, subject in found(there, UNKNOWN_CONFIG_FUNCTION)]


def test_settings_under_the_name_of_the_python_function():
    """Chalice asks for the function's own name, which name= replaces."""
    there = read_chalice(
        handler("app.lambda_function(name='foo')"), {"lambda_functions": {"handler": {"lambda_timeout": 5}}}
    )

    assert 60 == there.application.functions["foo"].settings["dev"]["timeout"]
    assert ["handler"] == [subject for _, subject in found(there, UNKNOWN_CONFIG_FUNCTION)]


# --- SAM to Chalice -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "folder", "handler", "name"),
    [
        ("OrdersFunction", "lambdas/orders/", "app.handler", "orders"),
        ("ListOrdersFunction", "lambdas/list-orders/", "app.handler", "list-orders"),
        ("ListOrdersFunction", "lambdas/list_orders/", "app.handler", "list_orders"),
        ("ListOrders", "lambdas/list-orders/", "app.handler", "list-orders"),
        ("ListOrdersFunction", "src/", "app.handler", "list_orders"),
        ("ListOrdersFunction", "src/", "list_orders.handler", "list_orders"),
        ("ListOrders", "src/", "app.handler", "list_orders"),
        ("ListOrdersLambda", "src/", "app.handler", "list_orders"),
        ("HTTPHandlerFunction", "src/", "app.handler", "http_handler"),
        ("Function", "src/", "app.handler", "function"),
        ("S3ToSQS", "src/", "app.handler", "s3_to_sqs"),
    ],
)
def test_names_of_sam_functions(identifier: str, folder: str, handler: str, name: str):
    back = read_sam({identifier: (folder, handler)})

    assert {name} == back.application.functions.keys()


def read_sam(functions: dict[str, tuple[str, str]], extra: Json = None) -> Conversion:
    """The conversion of a template with these functions, each a folder and a handler."""
    resources = {
        identifier: {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": folder, "Handler": handler, "Runtime": "python3.13"},
        }
        for identifier, (folder, handler) in functions.items()
    }
    files = {"template.json": json.dumps({"Resources": resources, **(extra or {})})}
    for folder, handler in functions.values():
        module, _, name = handler.rpartition(".")
        files[f"{folder}{module}.py"] = f"def {name}(event, context): pass\n"
    return sam_to_chalice({path: text.encode() for path, text in files.items()}, Options(name="orders"))


def test_names_of_sam_functions_that_are_alike():
    back = read_sam({"ListFunction": ("a/", "app.handler"), "List": ("b/", "app.handler")})

    assert {"list", "list_function"} == back.application.functions.keys()


def test_output_of_an_arn_is_not_carried():
    output = {
        "Description": "ARN of the Lambda function foo",
        "Value": {"Fn::GetAtt": ["FooFunction", "Arn"]},
    }
    back = read_sam({"FooFunction": ("foo/", "app.handler")}, {"Outputs": {"FooFunctionArn": output}})

    assert ".chalice/resources.yaml" not in back.files


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("FooFunctionArn", {"Value": {"Fn::GetAtt": ["FooFunction", "Arn"]}}),
        (
            "FooArn",
            {
                "Description": "ARN of the Lambda function foo",
                "Value": {"Fn::GetAtt": ["FooFunction", "Arn"]},
            },
        ),
    ],
)
def test_other_output_is_carried(name: str, output: Json):
    back = read_sam({"FooFunction": ("foo/", "app.handler")}, {"Outputs": {name: output}})
    merged = load_with_pyyaml(back.files[".chalice/resources.yaml"].decode())

    assert {name: {**output, "Value": {"Fn::GetAtt": ["Foo", "Arn"]}}} == merged["Outputs"]
