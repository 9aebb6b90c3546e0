"""APIs: what authorizers and CORS configurations say, wherever it comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converter import codes
from converter.convert import Conversion, chalice_to_sam
from converter.diagnostics import Severity
from converter.model import Json
from converter.verify import verify
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Limits, call
from tests.sam.readers import load_with_pyyaml
from tests.verify.behaviour.test_semantics import read_cases

HEAD = """\
import os

from chalice import Chalice, CognitoUserPoolAuthorizer, CORSConfig

app = Chalice(app_name="shop")
"""
POOLS = {
    "stages": {
        "dev": {"environment_variables": {"POOL": "arn:dev", "ORIGIN": "https://dev.example.com"}},
        "prod": {"environment_variables": {"POOL": "arn:prod", "ORIGIN": "https://example.com"}},
    }
}


def convert(source: str, config: Json, **library: str) -> Conversion:
    files = {
        "app.py": HEAD + source,
        ".chalice/config.json": json.dumps({"version": "2.0", "app_name": "shop", **config}),
        **{f"chalicelib/{name}.py": text for name, text in library.items()},
    }
    return chalice_to_sam({path: text.encode() for path, text in files.items()})


def template_of(there: Conversion) -> Any:
    return load_with_pyyaml(there.files["template.yaml"].decode())


GUARDED = """
pool = CognitoUserPoolAuthorizer("Pool", provider_arns=[os.environ["POOL"]])


@app.route("/", authorizer=pool)
def index():
    return {}
"""
SHARED = """
@app.route("/", cors=CORSConfig(allow_origin=os.environ["ORIGIN"]))
def index():
    return {}
"""


def errors(there: Conversion) -> list[str]:
    return [str(each) for each in there.diagnostics if each.severity is Severity.ERROR]


def test_user_pool_of_each_stage():
    there = convert(GUARDED, POOLS)
    template = template_of(there)
    authorizers = template["Resources"]["RestAPI"]["Properties"]["Auth"]["Authorizers"]

    assert [] == errors(there)
    assert {"Pool": {"UserPoolArn": {"Ref": "Pool"}}} == authorizers
    assert {"dev": {"Pool": "arn:dev"}, "prod": {"Pool": "arn:prod"}} == there.application.parameters
    assert 'Pool=\\"arn:prod\\"' in there.files["samconfig.toml"].decode()


def test_user_pool_that_deployment_has_to_say():
    there = convert(GUARDED, {})
    template = template_of(there)

    assert [] == errors(there)
    assert {"Type", "Description"} == template["Parameters"]["Pool"].keys()
    assert ["Pool"] == [each.subject for each in there.diagnostics if each.code is codes.UNKNOWN_ARGUMENT]


KEPT_POOL = """
pool = None


def find_pool():
    global pool
    if pool is None:
        pool = CognitoUserPoolAuthorizer(os.environ["NAME"], provider_arns=[os.environ["POOL"]])
    return pool


@app.route("/", authorizer=find_pool())
def index():
    return {}
"""


@pytest.mark.parametrize(
    "source", [KEPT_POOL, GUARDED.replace('"Pool"', 'os.environ["NAME"]')], ids=["function", "variable"]
)
def test_user_pool_under_a_name_that_only_deployment_knows(source: str):
    """The name is a label in the console; what counts is the pool."""
    there = convert(source, {})
    template = template_of(there)
    authorizers = template["Resources"]["RestAPI"]["Properties"]["Auth"]["Authorizers"]

    assert [] == errors(there)
    assert {"pool": {"UserPoolArn": {"Ref": "Pool"}}} == authorizers
    assert ["Pool"] == list(template["Parameters"])


def test_function_that_makes_one_of_several_authorizers():
    changed = KEPT_POOL.replace("    return pool\n", "        return None\n    return pool\n")
    there = convert(changed, {})

    assert ["authorizer=find_pool()"] == [
        each.subject for each in there.diagnostics if each.severity is Severity.ERROR
    ]


def test_origin_of_each_stage():
    there = convert(SHARED, POOLS)
    cors = template_of(there)["Resources"]["RestAPI"]["Properties"]["Cors"]

    assert [] == errors(there)
    assert {"Fn::Sub": "'${Origin}'"} == cors["AllowOrigin"]
    assert "https://dev.example.com" == there.application.parameters["dev"]["Origin"]


def test_default_of_a_variable_that_only_some_stages_set():
    config = {"stages": {"dev": {}, "prod": {"environment_variables": {"ORIGIN": "https://example.com"}}}}
    there = convert(SHARED.replace('environ["ORIGIN"]', 'environ.get("ORIGIN", "*")'), config)
    cors = template_of(there)["Resources"]["RestAPI"]["Properties"]["Cors"]

    assert {"Fn::Sub": "'${Origin}'"} == cors["AllowOrigin"]
    assert {"dev": {"Origin": "*"}, "prod": {"Origin": "https://example.com"}} == there.application.parameters


ADDED = """
from chalicelib.views import add_views

add_views(app)


@app.schedule("rate(1 day)")
def sweep(event):
    print(event.time)
"""
VIEWS = """
def add_views(bp):
    @bp.route("/boxes/{name}")
    def find_box(name):
        return {"name": name, "method": bp.current_request.method}
"""


def test_views_on_the_app_that_a_function_is_given():
    there = convert(ADDED, {}, views=VIEWS)
    before = {"app.py": (HEAD + ADDED).encode(), "chalicelib/views.py": VIEWS.encode()}
    after = {
        path.removeprefix(folder): code
        for path, code in there.files.items()
        for folder in ("lambdas/api_handler/", "layers/shared/")
        if path.startswith(folder)
    }
    event: Json = read_cases()["route/root"]
    event |= {"path": "/boxes/red", "pathParameters": {"name": "red"}}
    event["requestContext"]["resourcePath"] = "/boxes/{name}"
    answers = [call(Deployment("app.app", code, {}, {}), [event], Limits())[0] for code in (before, after)]

    assert [] == errors(there)
    assert '{"name":"red","method":"GET"}' == answers[0].value["body"]
    assert [] == list(compare_answers(*answers))
    assert b"chalice" not in there.files["lambdas/sweep/sweep.py"]


MADE = """
from chalice import Chalice


def make():
    app = Chalice(app_name="shop")
    app.api.cors = True
    app.api.binary_types.append("image/x-box")

    @app.route("/boxes")
    def list_boxes():
        return []

    return app
"""


@pytest.mark.parametrize("is_beside", [True, False])
def test_settings_of_an_app_that_a_function_makes(is_beside: bool):
    imports = "" if is_beside else "from chalicelib.made import make\n"
    files = {"app.py": f"{MADE if is_beside else imports}\napp = make()\n"}
    files |= {} if is_beside else {"chalicelib/made.py": MADE}
    there = chalice_to_sam({path: text.encode() for path, text in files.items()})
    api = template_of(there)["Resources"]["RestAPI"]["Properties"]

    assert [] == errors(there)
    assert "'*'" == api["Cors"]["AllowOrigin"]
    assert "image/x-box" in api["BinaryMediaTypes"]


MADE_ELSEWHERE = """
from chalice import Chalice

app = Chalice(app_name="shop")
app.debug = True
app.api.cors = True
app.api.binary_types.insert(0, "image/x-box")
"""


def test_settings_of_an_app_that_another_module_makes():
    files = {
        "app.py": f"from chalicelib.made import app\n{VIEW}",
        "chalicelib/made.py": MADE_ELSEWHERE,
        "chalicelib/__init__.py": "",
    }
    sources = {path: text.encode() for path, text in files.items()}
    there = chalice_to_sam(sources)
    api = template_of(there)["Resources"]["RestAPI"]["Properties"]

    assert [] == errors(there)
    assert "'*'" == api["Cors"]["AllowOrigin"]
    assert "image/x-box" in api["BinaryMediaTypes"]
    assert () == verify(sources, there.files).differences


VIEW = """
@app.route("/")
def index():
    return {}
"""
SET_UP = """
def set_up(given):
    given.api.cors = True
"""


def test_settings_that_the_source_does_not_show():
    branch = "if os.environ.get('BOXES'):\n    app.api.binary_types.append('image/x-box')\n"
    there = convert(f"{branch}from chalicelib.set_up import set_up\nset_up(app)\n{VIEW}", {}, set_up=SET_UP)
    found = [each for each in there.diagnostics if each.code is codes.UNSUPPORTED_SETTING]

    assert ["app.py:7:5", "chalicelib/set_up.py:3:5"] == [str(each.position) for each in found]
    assert "given.api.cors = True" == found[1].subject


LATE = """
@app.route("/boxes/{name}")
def find_box(name):
    try:
        return {"red": 1}[name]
    except KeyError:
        from chalice import BadRequestError
        raise BadRequestError("no such box")
"""


def test_error_that_a_view_imports():
    there = convert(LATE, {})
    code = there.files["lambdas/api_handler/app.py"].decode()

    assert "        from api_compat import BadRequestError\n" in code
    assert "class BadRequestError(" in there.files["lambdas/api_handler/api_compat.py"].decode()
    assert "from chalice" not in code


def test_view_that_imports_what_has_no_counterpart():
    there = convert(LATE.replace("BadRequestError\n", "BadRequestError, Cron\n"), {})

    assert ["from chalice import BadRequestError, Cron"] == [
        each.subject for each in there.diagnostics if each.code is codes.KEPT_API
    ]


LEFT_OUT = """
from chalice import Blueprint

parts = Blueprint(__name__)


@parts.on_s3_event(bucket="boxes")
def handle_box(event):
    print(event.key)
"""


def test_event_handler_of_a_blueprint_that_is_not_registered():
    there = convert(VIEW + LEFT_OUT, {})
    code = there.files["lambdas/api_handler/app.py"].decode()

    assert ["api_handler"] == list(there.application.functions)
    assert [codes.UNREGISTERED_BLUEPRINT] == [
        each.code for each in there.diagnostics if each.severity is Severity.WARNING
    ]
    assert "parts" not in code
    assert "handle_box" not in code


SPREAD = """
pool = CognitoUserPoolAuthorizer("Pool", provider_arns=["arn:pool"])
COMMON = {"content_types": ["text/plain"]}


def private(method, cors=CORSConfig(max_age=5)):
    'What private routes have.'
    return dict(methods=[method], authorizer=pool, cors=cors, **COMMON)


@app.route("/", **private("POST"))
def add():
    return {}


@app.route("/", **private("GET"))
def show():
    return {}
"""


def test_arguments_that_a_function_gives():
    there = convert(SPREAD, {})
    function = template_of(there)["Resources"]["ApiHandlerFunction"]["Properties"]
    routes = [event["Properties"] for event in function["Events"].values()]
    source = {"app.py": (HEAD + SPREAD).encode()}

    assert [] == errors(there)
    assert [("post", "Pool"), ("get", "Pool")] == [
        (each["Method"], each["Auth"]["Authorizer"]) for each in routes
    ]
    assert "'5'" == template_of(there)["Resources"]["RestAPI"]["Properties"]["Cors"]["MaxAge"]
    assert () == verify(source, there.files).differences


@pytest.mark.parametrize(
    "changed",
    [
        SPREAD.replace("    return dict", "    print(method)\n    return dict"),
        SPREAD.replace("**COMMON)", "**find_all())"),
        SPREAD.replace("def private(", "@cached\ndef private("),
        SPREAD.replace('private("POST")', 'private(*["POST"])'),
    ],
    ids=["effect", "unknown", "decorated", "several"],
)
def test_arguments_that_the_source_does_not_show(changed: str):
    """No route is guessed at: without its methods it would be a GET that anyone may call."""
    there = convert(changed, {})
    reasons = {each.reason for each in there.diagnostics if each.severity is Severity.ERROR}

    assert "the source does not show its path and methods" in reasons
    assert b"open" not in b" ".join(reason.encode() for reason in reasons)


FOREIGN = """
from bedrock_chalice import Chalice

app = Chalice(app_name="shop")


@app.route("/", docs=print)
def index():
    return {}
"""


def test_app_of_a_class_of_a_library():
    """What its class may take is its own affair: it stays as it is."""
    there = chalice_to_sam({"app.py": FOREIGN.encode()})

    assert ["api_handler"] == list(there.application.functions)
    assert {codes.KEPT_API} == {each.code for each in there.diagnostics if each.severity is not Severity.INFO}
    assert FOREIGN.encode() == there.files["lambdas/api_handler/app.py"]
