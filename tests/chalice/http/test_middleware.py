"""Middleware of requests, on Chalice and around views of Powertools', called with the same requests."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from converter import codes
from converter.convert import chalice_to_sam
from converter.model import Json
from tests.chalice.http.test_answers import JSON, answer, make_request, statuses

ORDER = """
    from chalice import Chalice, Response
    from chalicelib.around import measure, watch
    from chalicelib.views import views

    app = Chalice("order")
    seen = []

    def mark(name):
        def around(event, get_response):
            seen.append(f"{name} in")
            response = get_response(event)
            seen.append(f"{name} out")
            return response
        return around

    @app.middleware("http")
    def first(event, get_response):
        seen.clear()
        response = get_response(event)
        response.headers["X-Seen"] = ",".join(seen)
        return response

    app.register_middleware(mark("http"), "http")
    app.register_middleware(func=mark("all"))
    app.register_middleware(event_type="http", func=mark("named"))
    app.register_middleware(mark("sns"), "sns")
    app.register_middleware(measure, event_type="http")
    app.register_blueprint(views, url_prefix="/views")
    app.register_middleware(watch)

    @app.route("/", cors=True)
    def index():
        return seen

    @app.middleware("all")
    def last(event, get_response):
        seen.append("last")
        return get_response(event)
"""
AROUND = """
    from chalice import BadRequestError, ChaliceViewError, Response

    def measure(event, get_response):
        try:
            response = get_response(event)
        except ChaliceViewError as error:
            return Response({"error": str(error)}, {"X-Error": type(error).__name__}, error.STATUS_CODE)
        response.status_code += 1
        return response

    def watch(event, get_response):
        if event.query_params and "stop" in event.query_params:
            raise BadRequestError(event.query_params["stop"])
        if event.headers.get("x-early"):
            return Response(b"early", headers={"Content-Type": "image/png"}, status_code=299)
        return get_response(event)
"""
VIEWS = """
    from chalice import Blueprint, NotFoundError

    views = Blueprint(__name__)

    @views.middleware("http")
    def around(event, get_response):
        response = get_response(event)
        response.headers.setdefault("X-By", event.path)
        if response.status_code >= 400:
            response.body = {"was": response.body}
        return response

    @views.route("/{name}", methods=["GET", "POST"])
    def one(name):
        if views.current_request.method == "POST":
            return views.current_request.json_body
        raise NotFoundError(name)
"""
PROJECT = {
    "app.py": ORDER,
    "chalicelib/__init__.py": "",
    "chalicelib/around.py": AROUND,
    "chalicelib/views.py": VIEWS,
}


def test_order_and_what_each_sees() -> None:
    view: dict[str, Json] = {"pathParameters": {"name": "a"}}
    whole = "/views/{name}"
    answers = answer(
        PROJECT,
        make_request("GET", "/"),
        make_request("GET", "/", multiValueQueryStringParameters={"stop": ["why"]}),
        make_request("GET", "/", headers={"X-Early": "1"}),
        make_request("GET", "/", headers={"Content-Type": "text/plain"}),
        make_request("GET", "/views/a", whole, **view),
        make_request("POST", "/views/a", whole, **view, headers=JSON, body='{"b": 1}'),
        make_request("POST", "/views/a", whole, **view, headers=JSON, body="{"),
    )

    assert [201, 400, 300, 416, 405, 201, 401] == statuses(answers)
    seen = ["http in", "all in", "named in", "last", "named out", "all out", "http out"]
    assert seen == json.loads(answers[0].value["body"])


FAILURES = """
    from chalice import BadRequestError, Chalice, ChaliceUnhandledError

    app = Chalice("failures", debug={debug})

    @app.middleware("http")
    def outer(event, get_response):
        if event.path == "/refused":
            raise BadRequestError("middleware has no errors for clients")
        return get_response(event)

    @app.middleware("http")
    def inner(event, get_response):
        response = get_response(event)
        if "Code" in response.body:
            response.body["Code"] += "!"
        if event.path == "/key":
            response.body["missing"]
        return response

    class Own(ChaliceUnhandledError):
        pass

    @app.route("/refused", cors=True)
    @app.route("/key")
    def get():
        return {{}}

    @app.route("/unhandled", cors=True)
    def unhandled():
        raise Own("unhandled")

    @app.route("/view", cors=True)
    def broken():
        raise ValueError("view")
"""


def test_failures() -> None:
    app = FAILURES.format(debug=False)
    paths = ("/refused", "/key", "/unhandled", "/view")
    answers = answer({"app.py": app}, *(make_request("GET", path) for path in paths))

    assert [500, 500, 500, 500] == statuses(answers)
    assert "InternalServerError!" == json.loads(answers[3].value["body"])["Code"]


def test_an_unhandled_error_without_middleware_gets_no_cors_headers() -> None:
    app = """
        from chalice import Chalice, ChaliceUnhandledError

        app = Chalice("unhandled")

        @app.route("/", cors=True)
        def index():
            raise ChaliceUnhandledError("index")
    """
    (one,) = answer({"app.py": app}, make_request("GET", "/"))

    assert "Access-Control-Allow-Origin" not in one.value["multiValueHeaders"]


def test_decorators_as_middleware() -> None:
    app = """
        import functools

        from chalice import Chalice, ConvertToMiddleware

        app = Chalice("decorators")
        lines = []

        def log(handler):
            @functools.wraps(handler)
            def wrapped(event, context):
                lines.append([handler.__name__, event["path"], context.function_name])
                response = handler(event, context)
                lines.append(response.status_code)
                return response
            return wrapped

        app.register_middleware(ConvertToMiddleware(log))

        @app.route("/a")
        def a():
            return lines
    """
    answers = answer({"app.py": app}, make_request("GET", "/a"), make_request("GET", "/a"))

    assert [200, 200] == statuses(answers)
    assert 200 in json.loads(answers[1].value["body"])


def test_beside_other_functions() -> None:
    """Middleware of requests is no concern of theirs, and neither is middleware of theirs that has none."""
    app = """
        from chalice import Chalice

        app = Chalice("beside")

        @app.middleware("http")
        def log(event, get_response):
            app.log.error("%s", event.path)
            response = get_response(event)
            response.headers["X-Log"] = event.context["requestId"]
            return response

        @app.middleware("sqs")
        def unused(event, get_response):
            return get_response(event)

        @app.route("/")
        def index():
            return {}

        @app.lambda_function()
        def plain(event, context):
            return event
    """
    (one,) = answer({"app.py": app}, make_request("GET", "/"))
    converted = chalice_to_sam({"app.py": dedent(app).encode()})

    assert ["r-1"] == one.value["multiValueHeaders"]["X-Log"]
    left_out = [each.subject for each in converted.diagnostics if each.code == codes.LEFT_OUT_CODE]
    assert ['@app.middleware("sqs")'] == left_out
    assert b"def plain(event, context):" in converted.files["lambdas/plain/plain.py"]
    assert b"api_compat" not in converted.files["lambdas/plain/plain.py"]


@pytest.mark.parametrize(
    "lines",
    [
        "@app.middleware('all')\n{define} return get(event)\n@app.schedule('rate(1 day)')\ndef s(e): pass",
        "@app.middleware(input())\n{define} return get(event)",
        "@app.middleware('http')\nasync {define} return get(event)",
        "@app.middleware('http')\n{define}\n    response = get(event)\n    return response.to_dict()",
        "@app.middleware('http')\n{define} return get(event), chalice.app.LambdaFunctionEvent",
        "adders = [app.register_middleware(print)]",
    ],
    ids=["of a schedule too", "of what", "async", "as Lambda sees it", "other kinds", "odd"],
)
def test_what_stays(lines: str) -> None:
    lines = lines.format(define="def m(event, get):")
    app = f"import chalice\napp = chalice.Chalice('a')\n@app.route('/')\ndef index(): return []\n{lines}\n"
    converted = chalice_to_sam({"app.py": app.encode()})

    assert codes.KEPT_API in {found.code for found in converted.diagnostics}


def test_a_call_in_a_module_that_is_taken_apart() -> None:
    blueprint = """
        from chalice import Blueprint

        pets = Blueprint(__name__)

        def around(event, get_response):
            return get_response(event)

        pets.register_middleware(around, "http")

        @pets.route("/")
        def index():
            return []

        @pets.schedule("rate(1 day)")
        def clean(event):
            print(event.time)
    """
    app = """
        from chalice import Chalice
        from chalicelib.pets import pets

        app = Chalice("pets")
        app.register_blueprint(pets)
    """
    files = {"app.py": app, "chalicelib/__init__.py": "", "chalicelib/pets.py": blueprint}
    converted = chalice_to_sam({path: dedent(text).encode() for path, text in files.items()})

    assert codes.LOST_MIDDLEWARE in {found.code for found in converted.diagnostics}


def test_blueprint_that_nobody_registers_beside_routes_that_stay() -> None:
    app = """
        from chalice import Blueprint, Chalice

        app = Chalice("left")
        print(app)
        gone = Blueprint(__name__)

        @gone.on_sqs_message(queue="jobs")
        def work(event):
            return [record.body for record in event]

        @app.route("/")
        def index():
            return []

        @app.lambda_function()
        def plain(event, context):
            return event
    """
    converted = chalice_to_sam({"app.py": dedent(app).encode()})
    code = converted.files["lambdas/api_handler/app.py"].decode()

    assert codes.KEPT_API in {found.code for found in converted.diagnostics}
    assert "gone" not in code
    assert "def work" not in code
