"""Small applications in both forms, called with the same requests."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from converter import codes
from converter.convert import chalice_to_sam, sam_to_chalice
from converter.model import Json
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Answer, Limits, call

JSON = {"Content-Type": "application/json"}


def make_request(method: str, path: str, resource: str = "", **more: Json) -> dict[str, Json]:
    """An event of API Gateway; `more` are keys of it that are not null."""
    context = {
        "resourcePath": resource or path,
        "httpMethod": method,
        "path": f"/api{path}",
        "stage": "api",
        "requestId": "r-1",
        "identity": {"sourceIp": "10.0.0.1"},
    }
    event: dict[str, Json] = dict.fromkeys(
        """
        headers multiValueHeaders queryStringParameters multiValueQueryStringParameters pathParameters
        stageVariables body
        """.split()
    )
    return {
        **event,
        "resource": resource or path,
        "path": path,
        "httpMethod": method,
        "headers": {},
        "isBase64Encoded": False,
        "requestContext": context,
        **more,
    }


def answer(files: dict[str, str], *events: dict[str, Json], stays: bool = False) -> list[Answer]:
    """What both forms answer, and the first one restored, which is the same.

    `stays` says that the second one still is Chalice's.
    """
    task = {path: dedent(text).encode() for path, text in files.items()}
    converted = chalice_to_sam(task)
    changed = {
        path.removeprefix(folder): code
        for folder in ("layers/shared/", "lambdas/api_handler/")
        for path, code in converted.files.items()
        if path.startswith(folder)
    }
    before, after = (
        call(Deployment("app.app", code, {}, {}), list(events), Limits()) for code in (task, changed)
    )
    sides = [after]
    if not stays:
        restored = sam_to_chalice(converted.files)
        assert restored.application == converted.application
        assert b"def api_handler" not in restored.files["app.py"]
        assert not any(path.endswith("api_compat.py") for path in restored.files)
        sides.append(call(Deployment("app.app", restored.files, {}, {}), list(events), Limits()))
    different = [
        (event["path"], left, right)
        for side in sides
        for event, left, right in zip(events, before, side, strict=True)
        if any(compare_answers(left, right)) or left.failed or right.failed
    ]

    assert [] == different
    assert stays is any(path.startswith("chalice/") for path in changed)
    return after


def statuses(answers: list[Answer]) -> list[int]:
    assert [] == [one.error for one in answers if one.error]
    return [one.value["statusCode"] for one in answers]


BLUEPRINT = {
    "app.py": """
        from chalice import Chalice
        from chalicelib.pets import pets

        app = Chalice(app_name="shop")
        app.register_blueprint(pets, url_prefix="/v1.0/{shop}")
        app.register_blueprint(pets, name_prefix="again_", url_prefix="/again/{shop}/")
    """,
    "chalicelib/__init__.py": "",
    "chalicelib/pets.py": """
        from chalice import Blueprint, NotFoundError
        from chalicelib.reading import read_name

        pets = Blueprint(__name__)

        @pets.route("/")
        def index(shop):
            return {"shop": shop, "path": pets.current_request.path}

        @pets.route("/pets/{name}", methods=["GET", "PUT"])
        def pet(shop, name):
            if name == "nobody":
                raise NotFoundError(name)
            return [shop, name, pets.current_request.method, read_name(pets.current_request)]
    """,
    "chalicelib/reading.py": """
        def read_name(request):
            return request.json_body["name"] if request.method == "PUT" else request.query_params
    """,
}


def test_blueprint() -> None:
    whole = "/v1.0/{shop}/pets/{name}"
    answers = answer(
        BLUEPRINT,
        make_request("GET", "/v1.0/a", "/v1.0/{shop}", pathParameters={"shop": "a"}),
        make_request("GET", "/again/a", "/again/{shop}", pathParameters={"shop": "a"}),
        make_request("GET", "/v1.0/a/pets/b", whole, pathParameters={"shop": "a", "name": "b"}),
        make_request("GET", "/v1.0/a/pets/nobody", whole, pathParameters={"shop": "a", "name": "nobody"}),
        make_request(
            "PUT",
            "/v1.0/a/pets/b",
            whole,
            pathParameters={"shop": "a", "name": "b"},
            headers=JSON,
            body='{"name": "c"}',
        ),
    )

    assert [200, 200, 200, 404, 200] == statuses(answers)


@pytest.mark.parametrize(
    ("settings", "cors"),
    [
        ("app.api.cors = True", ""),
        ("app.api.cors = CORSConfig(allow_origin='https://a', max_age=5)", ""),
        ("app.api.cors = CORSConfig(allow_origin='https://a')", ", cors=False"),
        ("config = CORSConfig(allow_credentials=True)", ", cors=config"),
        ("", ", cors=CORSConfig(expose_headers=['X-A'])"),
    ],
    ids=["for all", "settings for all", "for all but one", "by name", "in place"],
)
def test_cors(settings: str, cors: str) -> None:
    app = f"""
        from chalice import BadRequestError, Chalice, CORSConfig

        app = Chalice("cors")
        {settings}

        @app.route("/a")
        def a():
            return {{}}

        @app.route("/b"{cors})
        def b():
            raise BadRequestError("b")
    """
    answers = answer({"app.py": app}, make_request("GET", "/a"), make_request("GET", "/b"))

    assert [200, 400] == statuses(answers)


def test_middlewares_see_what_they_saw() -> None:
    app = """
        from chalice import BadRequestError, Chalice, ChaliceUnhandledError, Response

        app = Chalice("middlewares")
        order = []

        @app.middleware("http")
        def outer(event, get_response):
            order.clear()
            event.user = event.headers.get("x-user")
            try:
                response = get_response(event)
            except ChaliceUnhandledError as error:
                return Response({"unhandled": str(error)}, status_code=418)
            order.append("outer")
            response.headers["X-Order"] = " ".join(order)
            return response

        @app.middleware("sqs")
        def other(event, get_response):
            return None

        def inner(event, get_response):
            if event.path == "/refused":
                return Response({"refused": True}, status_code=403)
            if event.path == "/broken":
                raise ValueError("broken")
            response = get_response(event)
            order.append("inner")
            if isinstance(response.body, dict):
                response.body["inner"] = response.status_code
            return response

        app.register_middleware(inner)

        @app.route("/user")
        def user():
            order.append("view")
            return {"user": app.current_request.user}

        @app.route("/error")
        def error():
            raise BadRequestError("error")

        @app.route("/unhandled")
        def unhandled():
            raise ChaliceUnhandledError("unhandled")

        @app.route("/refused")
        @app.route("/broken")
        def never():
            raise SystemExit
    """
    answers = answer(
        {"app.py": app},
        make_request("GET", "/user", headers={"X-User": "me"}),
        make_request("GET", "/error"),
        make_request("GET", "/unhandled"),
        make_request("GET", "/refused"),
        make_request("GET", "/broken"),
        make_request("GET", "/user", headers={"Content-Type": "text/plain"}),
    )

    assert [200, 400, 418, 403, 500, 415] == statuses(answers)
    assert {"user": "me", "inner": 200} == json.loads(answers[0].value["body"])


def test_two_values_are_a_list() -> None:
    app = """
        from chalice import Chalice

        app = Chalice("values")

        @app.route("/a")
        def a():
            return {"a": 1}, 200

        @app.route("/b")
        def b():
            return ("b",
                    201)

        @app.route("/c")
        def c():
            return make()

        def make():
            return 1, 404
    """
    answers = answer({"app.py": app}, *(make_request("GET", path) for path in ("/a", "/b", "/c")))

    assert ['[{"a":1},200]', '["b",201]', "[1,404]"] == [one.value["body"] for one in answers]


def test_binary_types() -> None:
    app = """
        import chalice

        app = chalice.Chalice(app_name="binary", configure_logs=False)
        app.api.binary_types.append("text/csv")

        @app.route("/csv", content_types=["text/csv"], methods=["POST"])
        def csv():
            return chalice.Response(app.current_request.raw_body, headers={"content-type": "text/csv"})
    """
    answers = answer(
        {"app.py": app},
        *(
            make_request("POST", "/csv", headers={"Content-Type": "text/csv", "Accept": accept}, body="a,b")
            for accept in ("text/csv", "*/*", "application/json")
        ),
    )

    assert [200, 200, 400] == statuses(answers)


def test_app_of_another_module() -> None:
    files = {
        "app.py": """
            from chalicelib.main import app
            import chalicelib.views
        """,
        "chalicelib/__init__.py": "",
        "chalicelib/main.py": """
            from chalice import Chalice

            app: Chalice = Chalice(app_name="elsewhere")
        """,
        "chalicelib/views.py": """
            from chalicelib import main

            app = main.app

            @app.route("/a", methods=["POST"])
            def a():
                from chalice import UnprocessableEntityError as Wrong

                if not main.app.current_request.json_body:
                    raise Wrong("empty")
                return app.current_request.to_dict()
        """,
    }
    answers = answer(
        files,
        make_request("POST", "/a", headers=JSON, body="{}"),
        make_request("POST", "/a", headers=JSON, body="[1]"),
        make_request("POST", "/a", headers=JSON, body="["),
        make_request("POST", "/a", headers=JSON),
        make_request("POST", "/a", headers={}, body="{}"),
        stays=True,
    )

    assert [422, 200, 400, 400, 422] == statuses(answers)


def test_one_request_as_long_as_it_is_answered() -> None:
    app = """
        from chalice import Chalice

        app = Chalice(app_name="one")

        def authenticate():
            app.current_request.user = app.current_request.headers.get("x-user")
            app.current_request.json_body["seen"] = True

        @app.route("/a", methods=["POST"])
        def a():
            authenticate()
            request = app.current_request
            return [request.user, request.json_body, sorted(request.to_dict()) ]
    """
    answers = answer(
        {"app.py": app},
        make_request("POST", "/a", headers={**JSON, "X-User": "me"}, body='{"a": 1}'),
        make_request("POST", "/a", headers={**JSON, "X-User": "you"}, body='{"b": 1}'),
    )

    assert [200, 200] == statuses(answers)


def test_names_of_the_package() -> None:
    app = """
        import chalice

        app = chalice.Chalice("package")

        class Teapot(chalice.ChaliceViewError):
            STATUS_CODE = 418

        def fail():
            raise chalice.ForbiddenError("no")

        @app.route("/a")
        def a():
            fail()

        @app.route("/b")
        def b():
            raise Teapot()

        @app.route("/c")
        def c():
            return (1), (2)
    """
    answers = answer({"app.py": app}, *(make_request("GET", path) for path in ("/a", "/b", "/c")))

    assert [403, 418, 200] == statuses(answers)


def test_of_paths_with_parameters_that_of_all_is_last() -> None:
    app = """
        from chalice import Chalice

        app = Chalice("paths")

        @app.route("/{name}")
        def one(name):
            return name

        @app.route("/{rest+}")
        def rest():
            return "rest"
    """
    answers = answer(
        {"app.py": app},
        make_request("GET", "/a", "/{name}", pathParameters={"name": "a"}),
        make_request("GET", "/a/b", "/{rest+}", pathParameters={"rest": "a/b"}),
    )

    assert ["a", "rest"] == [one.value["body"] for one in answers]


def test_names_that_stand_for_something_else() -> None:
    files = {
        "app.py": """
            from chalice import Blueprint, Chalice

            app = Chalice("names")
            more = Blueprint(__name__)

            @app.middleware("http")
            def http_middleware(event, get_response):
                return get_response(event)

            @app.route("/a/{view}")
            def view(view):
                current_request = app.current_request
                return [view, current_request.method, f"{app.current_request.path}"]

            @more.route("/b")
            def b():
                from chalicelib.names import to_json

                return to_json(more.current_request)

            app.register_blueprint(more)
        """,
        "chalicelib/__init__.py": "",
        "chalicelib/names.py": """
            from chalice import BadRequestError

            def to_json(current_request):
                if current_request.query_params:
                    raise BadRequestError(current_request.path)
                return {"path": current_request.path}
        """,
    }
    answers = answer(
        files,
        make_request("GET", "/a/b", "/a/{view}", pathParameters={"view": "b"}),
        make_request("GET", "/b"),
        make_request("GET", "/b", multiValueQueryStringParameters={"a": ["b"]}),
    )

    assert [200, 200, 400] == statuses(answers)


def test_all_names_of_the_package() -> None:
    app = """
        from chalice import *  # all of it

        app = Chalice("all")

        @app.route("/a")
        def a():
            raise NotFoundError(app.current_request.path)
    """
    (one,) = answer({"app.py": app}, make_request("GET", "/a"))

    assert [404] == statuses([one])


def test_several_values_of_a_name() -> None:
    app = """
        from chalice import Chalice
        from chalice.app import MultiDict

        app = Chalice("values")

        @app.route("/")
        def index():
            query = app.current_request.query_params
            if not isinstance(query, MultiDict):
                return None
            query["b"] = "set"
            return [query, str(query), query.getlist("a"), query.getlist("b"), query == {**query}]
    """
    answers = answer(
        {"app.py": app},
        make_request("GET", "/"),
        make_request("GET", "/", multiValueQueryStringParameters={"a": ["1", "2"], "b": ["3"]}),
    )

    assert ["null", True] == [answers[0].value["body"], json.loads(answers[1].value["body"])[-1]]


BLUEPRINT_LOG = {
    "app.py": """
        from chalice import Chalice
        from chalicelib.pets import pets

        app = Chalice("shop")
        app.register_blueprint(pets)
        {more}
    """,
    "chalicelib/__init__.py": "",
    "chalicelib/pets.py": """
        from chalice import Blueprint

        pets = Blueprint(__name__)

        @pets.route("/")
        def index():
            log = pets.log
            {bound}
            pets.log.info("not written")
            return [log.name, log.level, log.propagate, [type(one).__name__ for one in log.handlers]]
    """,
}


@pytest.mark.parametrize(
    ("more", "bound"),
    [
        ("", ""),
        ("app.debug = True", "logger = log"),
        ("app.log.error('app.py logs too')", ""),
        ("@app.lambda_function()\n        def clean(event, context): app.log.info(event)", ""),
        ("@app.lambda_function()\n        def clean(event, context): return event", ""),
        ("@app.schedule('rate(1 day)')\n        def clean(event): print(event.time)", "logger = log"),
    ],
)
def test_log_of_a_blueprint(more: str, bound: str) -> None:
    files = {
        path: text.replace("{more}", more).replace("{bound}", bound) for path, text in BLUEPRINT_LOG.items()
    }
    (one,) = answer(files, make_request("GET", "/"))
    name, _, propagates, handlers = json.loads(one.value["body"])

    assert ["shop", False, ["StreamHandler"]] == [name, propagates, handlers]


def test_what_a_blueprint_asks_of_its_app() -> None:
    app = """
        from chalice import Chalice
        from chalicelib.orders import orders

        app = Chalice("order")
        app.register_blueprint(orders, url_prefix="/orders")
    """
    orders = """
        from chalice import Blueprint

        orders = Blueprint(__name__)

        def find_user():
            return orders.current_app.current_request.headers.get("x-user")

        @orders.route("/{name}", methods=["PUT"])
        def put(name):
            orders.current_app.log.error("order")
            order = orders.current_app.current_request.json_body
            return {name: order, "user": find_user(), "left": orders.current_app.lambda_context is None}
    """
    request = make_request(
        "PUT",
        "/orders/a",
        "/orders/{name}",
        pathParameters={"name": "a"},
        headers={"Content-Type": "application/json", "x-user": "me"},
        body="[1]",
    )
    (found,) = answer({"app.py": app, "chalicelib/orders.py": orders, "chalicelib/__init__.py": ""}, request)

    assert '{"a":[1],"user":"me","left":false}' == found.value["body"]


def configure_domain(*prefixes: str) -> str:
    """A config whose stages have custom domains with these base paths."""
    domain = {"domain_name": "api.example.com", "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/a"}
    stages = {
        f"stage{number}": {"api_gateway_custom_domain": {**domain, "url_prefix": prefix}}
        for number, prefix in enumerate(prefixes)
    }
    return json.dumps({"app_name": "domain", "stages": stages})


@pytest.mark.parametrize("prefixes", [["v1"], ["v1", "v1"], ["v2", "v1"]])
def test_below_the_base_path_of_a_domain(prefixes: list[str]) -> None:
    app = """
        from chalice import Chalice

        app = Chalice("domain")

        @app.route("/")
        def index():
            return "index"

        @app.route("/a/{b}")
        def a(b):
            return [b, app.current_request.path, app.current_request.to_original_event()["path"]]
    """
    b = {"pathParameters": {"b": "v1"}}
    answers = answer(
        {"app.py": app, ".chalice/config.json": configure_domain(*prefixes)},
        make_request("GET", "/v1", "/"),
        make_request("GET", "/v1/a/v1", "/a/{b}", **b),
        make_request("GET", "/", "/"),
        make_request("GET", "/a/v1", "/a/{b}", **b),
    )

    assert [200] * 4 == statuses(answers)


def test_a_route_that_begins_like_the_base_path() -> None:
    app = """
        from chalice import Chalice

        app = Chalice("domain")

        @app.route("/v1/a")
        def a():
            return "a"
    """
    files = {"app.py": app, ".chalice/config.json": configure_domain("v1")}
    answer(files, make_request("GET", "/v1/v1/a", "/v1/a"), make_request("GET", "/v1/a"), stays=True)


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize(
    "made",
    [
        "app = Chalice('loud', debug=IS_LOUD)  # said by the environment",
        "app = Chalice('loud')\napp.debug = IS_LOUD",
        "app = Chalice('loud')\napp.debug = (\n    IS_LOUD\n)",
        "app = Chalice('loud')\napp.debug = (\n    IS_LOUD and\n    True\n)",
        "app = Chalice('loud')\napp.debug = True\napp.debug = (IS_LOUD)",
    ],
)
def test_tracebacks_that_the_environment_decides_on(made: str, *, shown: bool) -> None:
    lines = (
        "import sys",
        "from chalice import Chalice",
        f"IS_LOUD = bool(sys.argv) is {shown}",
        made,
        "@app.route('/')",
        "def index():",
        "    return 1 / 0",
    )
    source = {"app.py": "\n".join(lines)}
    request = make_request("GET", "/")
    there = chalice_to_sam({path: text.encode() for path, text in source.items()})
    (given,) = answer(source, request)
    back = sam_to_chalice(there.files).files["app.py"].decode()

    assert shown is ("ZeroDivisionError" in given.value["body"])
    assert "set_debug(" in there.files["lambdas/api_handler/app.py"].decode()
    assert "app.debug = " in back
    assert "set_debug" not in back


@pytest.mark.parametrize(
    "line",
    [
        "print(app.debug)",
        "app.debug = debug = bool(input())",
        "print(chalice)",
        "def fail():\n    raise getattr(chalice, 'NotFoundError')",
        "@app.route('/{a-b}')\ndef a(): pass",
        "@app.route('/async')\nasync def a(): pass",
    ],
)
def test_what_keeps_the_routes_on_chalice(line: str) -> None:
    app = f"import chalice\napp = chalice.Chalice('a')\n@app.route('/')\ndef index(): return []\n{line}\n"
    converted = chalice_to_sam({"app.py": app.encode()})

    assert codes.KEPT_API in {found.code for found in converted.diagnostics}


def test_routes_that_one_request_fits() -> None:
    app = """
        from chalice import Chalice

        app = Chalice("order")

        @app.route("/a/{b}/c")
        def first(b): pass
        @app.route("/a/b/{c}")
        def second(c): pass
        @app.route("/a/b/{c}", methods=["PUT"])
        def third(c): pass
        @app.route("/{rest+}")
        def fourth(): pass
        @app.route("/{all}")
        def fifth(all): pass
    """
    converted = chalice_to_sam({"app.py": dedent(app).encode()})
    found = [one.subject for one in converted.diagnostics if one.code == codes.ROUTE_ORDER]

    assert ["/a/b/{c}", "/{all}"] == found


def test_functions_that_are_given_the_app() -> None:
    files = {
        "app.py": """
            from chalice import Blueprint, Chalice

            from chalicelib.users import get_user, requires
            from chalicelib.routes import add_boxes

            app = Chalice(app_name="given")
            pets = Blueprint(__name__)

            def add_blueprint(app):
                app.register_blueprint(blueprint=pets, url_prefix="/pets")

            add_boxes(app, {"red": 1})

            def hello():
                return "hello"

            app.route("/hello", methods=["GET", "POST"])(hello)

            @pets.route("/{name}")
            @requires(pets, role="keeper")
            def pet(name):
                return {"name": name, "user": get_user(pets)}

            add_blueprint(app)

            @app.route("/me")
            def me():
                return get_user(app=app)
        """,
        "chalicelib/__init__.py": "",
        "chalicelib/users.py": """
            from functools import wraps

            def get_user(app):
                app.log.error("asked for the user")
                return app.current_request.headers.get("x-user", "nobody")

            def requires(app, role):
                def decorate(view):
                    @wraps(view)
                    def answer(*args, **more):
                        if get_user(app) == "nobody":
                            return {"needed": role, "path": app.current_request.path}
                        return view(*args, **more)

                    return answer

                return decorate
        """,
        "chalicelib/routes.py": """
            from chalice import Chalice, NotFoundError

            from chalicelib.users import requires

            def add_boxes(app: Chalice, boxes):
                known = dict(boxes)

                @app.middleware("http")
                def count(event, get_response):
                    known["count"] = known.get("count", 0) + 1
                    return get_response(event)

                @app.route("/boxes/{name}", methods=["PUT"])
                @requires(app, role="packer")
                def find_box(name):
                    if name not in known:
                        raise NotFoundError(name)
                    return [known[name], app.current_request.json_body]
        """,
    }
    put = {"headers": {**JSON, "X-User": "ann"}, "body": "[1]"}
    answers = answer(
        files,
        make_request("GET", "/hello"),
        make_request("GET", "/pets/rex", "/pets/{name}", pathParameters={"name": "rex"}),
        make_request(
            "GET", "/pets/rex", "/pets/{name}", pathParameters={"name": "rex"}, headers={"X-User": "ann"}
        ),
        make_request("GET", "/me"),
        make_request("PUT", "/boxes/red", "/boxes/{name}", pathParameters={"name": "red"}, **put),
        make_request("PUT", "/boxes/blue", "/boxes/{name}", pathParameters={"name": "blue"}, **put),
    )

    assert [200, 200, 200, 200, 200, 404] == statuses(answers)


ELSEWHERE = {
    "chalicelib/__init__.py": "",
    "chalicelib/core.py": """
        import os

        from chalice import BadRequestError, Chalice, CORSConfig, NotFoundError

        app = Chalice(app_name="elsewhere")
        app.debug = True
        app.api.cors = CORSConfig(allow_origin=os.environ.get("ORIGIN", "https://shop.example"))
        app.api.binary_types.append("text/csv")

        def find_name():
            app.log.info("asked for a name")
            name = app.current_request.query_params
            if not name:
                raise BadRequestError("no name")
            return name["name"]
    """,
    "chalicelib/views.py": """
        from chalicelib.core import app, find_name, NotFoundError

        @app.route("/names", methods=["PUT"], cors=True)
        def name():
            app.log.warning("a name")
            if find_name() == "nobody":
                raise NotFoundError("nobody")
            return find_name()
    """,
}
OWN_VIEW = """

        @app.route("/", cors=False)
        def index():
            app.log.error("index")
            return [app.log.name, app.log.level, len(app.log.handlers), app.current_request.path]
"""
FUNCTION = """
        @app.lambda_function()
        def clean(event, context):
            return event
"""


@pytest.mark.parametrize(
    "app",
    [
        f"""
        from chalicelib.core import app
        import chalicelib.views{OWN_VIEW}
        """,
        f"""
        from chalicelib.core import *
        from chalicelib.views import *{OWN_VIEW}
        """,
        f"""
        from chalicelib.core import app
        from chalicelib import views{OWN_VIEW}{FUNCTION}
        """,
    ],
    ids=["imported", "with all names", "beside a function"],
)
def test_app_made_elsewhere(app: str) -> None:
    named: dict[str, Json] = {
        "queryStringParameters": {"name": "ann"},
        "multiValueQueryStringParameters": {"name": ["ann"]},
    }
    nobody: dict[str, Json] = {"multiValueQueryStringParameters": {"name": ["nobody"]}}
    answers = answer(
        {"app.py": app, **ELSEWHERE},
        make_request("GET", "/"),
        make_request("PUT", "/names", headers=JSON),
        make_request("PUT", "/names", **named),
        make_request("PUT", "/names", **nobody),
    )

    assert [200, 400, 200, 404] == statuses(answers)
    assert ["elsewhere", 10, 1, "/"] == json.loads(answers[0].value["body"])


@pytest.mark.parametrize(
    ("argument", "debug", "function", "is_shown"),
    [
        ("", 'app.debug = os.environ.get("DEBUG") != "no"', "", True),
        ("", 'app.debug = os.environ.get("DEBUG") != "no"  # for now', FUNCTION, True),
        ("", 'if os.environ.get("DEBUG") != "no":\n            app.debug = True', "", True),
        ("", 'app.debug = len(os.environ.get("DEBUG", "")) > 5', "", False),
        (", debug=len(os.environ) < 0", "", FUNCTION, False),
        (", debug=len(os.environ) < 0", "app.debug = True", FUNCTION, True),
        (", not os.environ, False", "app.debug = bool(os.environ)", FUNCTION, True),
        (", bool(os.environ), False", "app.debug = False", "", False),
    ],
)
def test_debug_that_only_running_shows(argument: str, debug: str, function: str, is_shown: bool) -> None:
    app = f"""
        import os

        from chalice import Chalice

        app = Chalice("debugged"{argument})
        {debug}

        @app.route("/")
        def index():
            return [app.log.level, len(app.log.handlers)]

        @app.route("/fail")
        def fail():
            raise ValueError("seen")
{function}
    """
    answers = answer({"app.py": app}, make_request("GET", "/"), make_request("GET", "/fail"))

    assert [200, 500] == statuses(answers)
    assert is_shown is ("ValueError: seen" in answers[1].value["body"])


CONTROLLERS = {
    "chalicelib/__init__.py": "",
    "chalicelib/base.py": """
        class Base(object):
            def __init__(self, app, settings):
                self.app = app
                self.request = app.current_request
                self.settings = settings

            def describe(self):
                self.app.log.error("described")
                return [self.request.path, self.app.log.name, self.app.lambda_context is not None]
    """,
    "chalicelib/controllers.py": """
        from chalicelib.base import Base

        class Email(Base):
            def __init__(self, settings, app=None):
                super().__init__(app, settings)

            def send(self):
                return {"to": self.request.json_body["to"], "settings": self.settings}

        class Reader:
            def read(self, app, name):
                asked = app.current_request.query_params
                return {"name": name, "read": asked, "by": Email({}, app).describe()}
    """,
}


def test_classes_that_are_given_the_app() -> None:
    app = """
        from chalice import Chalice
        from chalicelib import controllers
        from chalicelib.controllers import Email

        app = Chalice(app_name="mail")

        @app.route("/mails", methods=["POST"])
        def send():
            return Email({"from": "us"}, app=app).send()

        @app.route("/mails/{name}")
        def read(name):
            return controllers.Reader().read(app, name)
    """
    answers = answer(
        {"app.py": app, **CONTROLLERS},
        make_request("POST", "/mails", headers=JSON, body='{"to": "you"}'),
        make_request("GET", "/mails/a", "/mails/{name}", pathParameters={"name": "a"}),
    )

    assert [200, 200] == statuses(answers)


@pytest.mark.parametrize(
    "change",
    [
        ("self.app = app", "self.app = app; app.routes"),
        ("self.app = app", "self.app = other = app"),
        ("self.app.log.error", "print(self.app) or self.app.log.error"),
        ("def read(self, app, name):", "def find(self, app, name):"),
        ("super().__init__(app, settings)", "super().__init__(*[app, settings])"),
        ("def read(self, app, name)", "@staticmethod\n            def read(app, name)"),
    ],
)
def test_classes_that_do_more_with_the_app(change: tuple[str, str]) -> None:
    app = """
        from chalice import Chalice
        from chalicelib.controllers import Reader

        app = Chalice(app_name="mail")

        @app.route("/")
        def read():
            return Reader().read(app, "a")
    """
    files = {path: dedent(text.replace(*change)).encode() for path, text in CONTROLLERS.items()}
    converted = chalice_to_sam({"app.py": dedent(app).encode(), **files})

    assert codes.KEPT_API in {found.code for found in converted.diagnostics}


def test_blueprint_of_a_class() -> None:
    files = {
        "app.py": """
            from chalice import Chalice
            from chalicelib.wines import WineApi
            from chalicelib import wines

            app = Chalice(app_name="cellar")
            app.register_blueprint(WineApi.api, url_prefix="/v1")
            app.register_blueprint(wines.Beers.api)
        """,
        "chalicelib/__init__.py": "",
        "chalicelib/wines.py": """
            from chalice import Blueprint, NotFoundError

            class WineApi:
                api = Blueprint(__name__)

                @staticmethod
                @api.route("/wines/{name}", methods=["GET", "PUT"])
                def find(name):
                    if name == "none":
                        raise NotFoundError(name)
                    return [name, WineApi.api.current_request.method, describe()]

            class Beers:
                api = Blueprint(__name__)

                @api.route("/beers")
                def list_all():
                    return []

            def describe():
                return WineApi.api.current_request.path
        """,
    }
    wine: dict[str, Json] = {"pathParameters": {"name": "red"}}
    answers = answer(
        files,
        make_request("GET", "/v1/wines/red", "/v1/wines/{name}", **wine),
        make_request("PUT", "/v1/wines/red", "/v1/wines/{name}", **wine),
        make_request("GET", "/v1/wines/none", "/v1/wines/{name}", pathParameters={"name": "none"}),
        make_request("GET", "/beers"),
    )

    assert [200, 200, 404, 200] == statuses(answers)
