"""Resolvers that were written by hand, as views of Chalice's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import dedent

import pytest

from converter import codes
from converter.convert import Conversion, Http, Options, chalice_to_sam, sam_to_chalice
from converter.verify import verify
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.events import make_requests_of
from converter.verify.behaviour.sandbox import Limits, call
from tests.chalice.http.test_idiomatic import Route, make_sam, read_app

FILES = {
    "requirements.txt": "aws-lambda-powertools",
    "app.py": """
        from decimal import Decimal
        from http import HTTPStatus

        from aws_lambda_powertools import Logger, Metrics
        from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
        from aws_lambda_powertools.event_handler.exceptions import NotFoundError
        from aws_lambda_powertools.shared.cookies import Cookie
        from aws_lambda_powertools.utilities.typing import LambdaContext

        from pets import router

        app = APIGatewayRestResolver()
        app.include_router(router, prefix="/pets")
        logger = Logger(service="shop")


        # All that there is.
        @app.get("/")
        def index():
            event = app.current_event
            query = event.query_string_parameters
            return {"price": Decimal("1.50"), "query": query.get("name"), "path": event.path, "ä": "ö"}


        @app.put("/items/<item_id>")
        @app.route("/again/<item_id>", method="POST")
        def item(item_id: str):
            body = app.current_event.json_body
            body["seen"] = app.current_event.json_body is body
            if body.get("name") == 7:
                raise NotFoundError(f"no {item_id}")
            return body, HTTPStatus.CREATED


        @app.get("/raw/<kind>")
        def raw(kind):
            if kind == "7":
                cookies = [Cookie("a", "b")]
                return Response(status_code=200, content_type="image/png", body=b"png", cookies=cookies)
            if kind == "text":
                return Response(204, headers={"X-Many": ["1", "2"], "X-None": "one"})
            return Response(status_code=200, content_type=content_types.APPLICATION_JSON, body={"kind": kind})


        # With the id of each request.
        @logger.inject_lambda_context
        def handler(event: dict, context: LambdaContext) -> dict:
            return app.resolve(event, context)
    """,
    "pets.py": """
        from aws_lambda_powertools.event_handler.api_gateway import Router

        router = Router()


        @router.get("/<name>")
        def pet(name):
            if router.current_event.get_query_string_value("name") == "7":
                raise KeyError(name)
            return name if router.lambda_context else None
    """,
}
ROUTES = (
    ("GET", "/"),
    ("PUT", "/items/{item_id}"),
    ("POST", "/again/{item_id}"),
    ("GET", "/raw/{kind}"),
    ("GET", "/pets/{name}"),
)


def convert(files: Mapping[str, str] = FILES, routes: Sequence[Route] = ROUTES) -> Conversion:
    sam = make_sam(files, {"Shop": ("app.handler", routes)})
    return sam_to_chalice(sam, Options(http=Http.IDIOMATIC))


def test_answers_are_the_same() -> None:
    code = {path: dedent(text).lstrip().encode() for path, text in FILES.items()}
    events = make_requests_of(ROUTES, [text.decode() for text in code.values()])
    converted = convert()
    again = chalice_to_sam(converted.files)
    first, other = (
        call(Deployment(name, files, {}, {}), events, Limits())
        for name, files in (("app.handler", code), ("app.app", converted.files))
    )
    different = [
        (event["path"], event["body"], left, right)
        for event, left, right in zip(events, first, other, strict=True)
        if any(compare_answers(left, right)) or left.failed or right.failed
    ]

    assert [] == [one for one in converted.diagnostics if one.code == codes.KEPT_RESOLVER]
    assert [] == different
    assert {200, 201, 204, 404} <= {one.value["statusCode"] for one in first if not one.error}
    assert any(one.error.startswith("KeyError") for one in first)
    assert replace(converted.application, requirements=()) == replace(again.application, requirements=())
    assert () == verify(make_sam(FILES, {"Shop": ("app.handler", ROUTES)}), converted.files).differences


WITH_OPTIONS = """
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig

    ours = CORSConfig("https://example.org", extra_origins=["https://b"], max_age=5, allow_credentials=True)
    app = APIGatewayRestResolver(cors=ours)


    @app.get("/items/<name>", compress=True, cache_control="max-age=5")
    def item(name):
        return {"name": name * 100}


    @app.put("/items/<name>", cors=False)
    def change(name):
        raise KeyError(name)


    @app.delete("/items/<name>")
    def remove(name):
        return None, 204


    def handler(event, context):
        return app.resolve(event, context)
"""


@pytest.mark.parametrize("more", ["", ', strip_prefixes=["/shop"]'])
def test_what_is_said_of_routes(more: str) -> None:
    code = dedent(WITH_OPTIONS).replace("cors=ours)", f"cors=ours{more})")
    files = {"app.py": code, "requirements.txt": "aws-lambda-powertools"}
    routes = [(method, "/items/{name}") for method in ("GET", "PUT", "DELETE")]
    converted = convert(files, routes)
    events = make_requests_of(routes, [WITH_OPTIONS])
    more_headers = {"Accept-Encoding": ["gzip"], "Origin": ["https://b"]}
    events += [
        {**event, "multiValueHeaders": {**event["multiValueHeaders"], **more_headers}} for event in events
    ]
    first, other = (
        call(Deployment(name, task, {}, {}), events, Limits())
        for name, task in (
            ("app.handler", {"app.py": code.encode()}),
            ("app.app", converted.files),
        )
    )
    lines = [line for line in read_app(converted).splitlines() if line.startswith("@answer")]

    assert [
        '@answer_as_powertools(app, cors=ours, compress=True, cache_control="max-age=5")',
        "@answer_as_powertools(app)",
        "@answer_as_powertools(app, cors=ours)",
    ] == lines
    assert [] == [each for each in zip(first, other, strict=True) if any(compare_answers(*each))]
    assert () == verify(make_sam(files, {"Shop": ("app.handler", routes)}), converted.files).differences
    assert any(one.value["isBase64Encoded"] for one in first if not one.error)
    assert any(one.value["multiValueHeaders"].get("Access-Control-Max-Age") for one in first if not one.error)


def test_app_module() -> None:
    app = convert().files["app.py"].decode()

    assert (
        dedent(
            """\
            @app.route("/items/{item_id}", methods=["PUT"], content_types=["*/*"])
            @app.route("/again/{item_id}", methods=["POST"], content_types=["*/*"])
            @answer_as_powertools(app)
            def item(item_id: str):
                body = current_event(app.current_request).json_body
            """
        )
        in app
    )
    assert (
        dedent(
            """\
            # With the id of each request.
            app.register_middleware(ConvertToMiddleware(logger.inject_lambda_context), "http")
            """
        )
        in app
    )
    assert 'app.register_blueprint(router, url_prefix="/pets")' in app
    assert "LambdaContext" not in app
    assert "APIGatewayRestResolver" not in app


SMALL = """
    import os
    from aws_lambda_powertools import Tracer
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver

    app = APIGatewayRestResolver()


    @app.get("/items/<name>")
    def item(name):
        return name


    def handler(event, context):
        return app.resolve(event, context)
"""


@pytest.mark.parametrize(
    ("old", "new", "subject", "reason"),
    [
        (
            "APIGatewayRestResolver()",
            "APIGatewayRestResolver(enable_validation=True)",
            "True",
            "Chalice's app",
        ),
        ('"/items/<name>"', '"/items/<name>", status_code=201', "app.get", "Chalice's decorator has nothing"),
        (
            '"/items/<name>"',
            '"/items/<name>", middlewares=[os]',
            "[os]",
            "Chalice has nothing for this argument",
        ),
        (
            "APIGatewayRestResolver()",
            "APIGatewayRestResolver(serializer=str)",
            "str",
            "Chalice has nothing for",
        ),
        ("Resolver()", "Resolver(cors=CORSConfig())", "CORSConfig()", "what it stands for is not known"),
        ('"/items/<name>"', '"/items/<id>"', "item", "a route of API Gateway's does not give it all"),
        ('"/items/<name>"', '"/item/<name>"', "app.get", "no event of the template calls it"),
        ('"/items/<name>"', '"/items/.+"', "item", "a route of API Gateway's does not give it all"),
        ("def item(name)", "async def item(name)", "item", "Chalice does not await it"),
        ("def item(name)", "def item(name, other=Depends(os))", "item", "a route of API Gateway's does not"),
        (
            "def handler",
            "def more(): return item('a')\n\n    def handler",
            "item",
            "other code calls it, too",
        ),
        ("return name", "return app.context", "app", "Chalice's object has nothing for this use"),
        (
            "def handler",
            "@app.exception_handler(KeyError)\n    def f(e): ...\n\n    def handler",
            "app",
            "Chalice",
        ),
        ("return app.resolve(event, context)", "return app.resolve({}, context)", "handler", "it does more"),
        ("return app.resolve", "print(event)\n        return app.resolve", "handler", "it does more"),
        ("def handler", "@os.cache\n    def handler", "os.cache", "it may change what the resolver gets"),
        (
            "def handler",
            "def view(): ...\n\n    def handler",
            "view",
            "the name is needed for something else",
        ),
        ("app = API", "resolver = API", "resolver", "Chalice wants it to be called app"),
        (
            "def handler",
            "os.mkdir('a')\n\n    def handler",
            "chalicelib.app",
            "the module cannot be part of app.py",
        ),
    ],
)
def test_what_has_no_counterpart_stays(old: str, new: str, subject: str, reason: str) -> None:
    changed = SMALL.replace(old, new)
    if new.startswith("resolver"):
        changed = changed.replace("@app.", "@resolver.").replace("app.resolve", "resolver.resolve")
    files = {"app.py": changed, "requirements.txt": "aws-lambda-powertools"}
    converted = convert(files, [("GET", "/items/{name}")])
    (kept,) = [one for one in converted.diagnostics if one.code == codes.KEPT_RESOLVER]

    assert changed != SMALL
    assert kept.subject.startswith(subject)
    assert kept.reason.startswith(reason)
    assert "return answer(app, " in read_app(converted)


def test_route_that_powertools_would_take_first_stays() -> None:
    more = """
    @app.get("/items/<kind>/<name>")
    def other(kind, name):
        return kind


    @app.get("/items/<name>/all")
    def every(name):
        return name


    def handler"""
    files = {"app.py": SMALL.replace("    def handler", more), "requirements.txt": "aws-lambda-powertools"}
    routes = [("GET", "/items/{name}"), ("GET", "/items/{kind}/{name}"), ("GET", "/items/{name}/all")]
    reasons = [one.reason for one in convert(files, routes).diagnostics if one.code == codes.KEPT_RESOLVER]

    assert ["another route takes its requests in Powertools, and not in API Gateway"] == reasons


def test_handler_in_another_module_stays() -> None:
    files = {
        "app.py": "import routes\n\n\ndef handler(event, context):\n    return routes.app(event, context)\n",
        "routes.py": dedent(SMALL).partition("def handler")[0],
        "requirements.txt": "aws-lambda-powertools",
    }
    reasons = [
        one.reason
        for one in convert(files, [("GET", "/items/{name}")]).diagnostics
        if one.code == codes.KEPT_RESOLVER
    ]

    assert ["the function that hands requests to it does not have it by its name"] == reasons


def test_resolver_that_lambda_calls() -> None:
    code = dedent(SMALL).partition("def handler")[0]
    files = {"app.py": code, "requirements.txt": "aws-lambda-powertools"}
    sam = make_sam(files, {"Shop": ("app.app", [("GET", "/items/{name}")])})
    app = read_app(sam_to_chalice(sam, Options(http=Http.IDIOMATIC)))

    assert '@app.route("/items/{name}", content_types=["*/*"])\n@answer_as_powertools(app)\ndef item' in app
