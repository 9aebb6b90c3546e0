"""Handlers of API Gateway's events as views of Chalice's: the same answers, and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import dedent

import pytest

from converter import codes
from converter.convert import Conversion, Http, Options, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Diagnostic
from converter.verify import verify
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.events import make_requests_of
from converter.verify.behaviour.sandbox import Answer, Limits, call

Route = tuple[str, str]
ITEM = (("GET", "/items/{id}"), ("PUT", "/items/{id}"))


def make_sam(
    code: Mapping[str, str], functions: Mapping[str, tuple[str, Sequence[Route]]]
) -> dict[str, bytes]:
    """A SAM project: its files, and the handler and the routes of each function."""
    lines = ["Transform: AWS::Serverless-2016-10-31", "Resources:"]
    for name, (handler, routes) in functions.items():
        lines += [
            f"  {name}:",
            "    Type: AWS::Serverless::Function",
            "    Properties:",
            "      CodeUri: src/",
            f"      Handler: {handler}",
            "      Runtime: python3.12",
            "      Events:",
        ]
        for number, (method, path) in enumerate(routes):
            lines += [
                f"        Route{number}:",
                "          Type: Api",
                f"          Properties: {{Method: {method.lower()}, Path: '{path}'}}",
            ]
    template = "\n".join([*lines, ""])
    files = {f"src/{path}": dedent(text).lstrip() for path, text in code.items()}
    return {path: text.encode() for path, text in {"template.yaml": template, **files}.items()}


def convert(
    handler: str, routes: Sequence[Route] = ITEM, more: Mapping[str, str] | None = None
) -> Conversion:
    sam = make_sam({"app.py": handler, **(more or {})}, {"Items": ("app.handler", routes)})
    return sam_to_chalice(sam, Options(http=Http.IDIOMATIC))


def find_kept(conversion: Conversion) -> list[Diagnostic]:
    return [one for one in conversion.diagnostics if one.code == codes.MOUNTED_HANDLER]


def read_app(conversion: Conversion) -> str:
    """What stands below the app object."""
    text = conversion.files["app.py"].decode()
    return text[text.index("app = Chalice") :].split("\n", 1)[1]


def answer(
    handler: str, routes: Sequence[Route] = ITEM, more: Mapping[str, str] | None = None
) -> list[Answer]:
    """What the function answers, and its view; and that in SAM's form again, which comes back as it was."""
    code = {
        path: dedent(text).lstrip().encode() for path, text in {"app.py": handler, **(more or {})}.items()
    }
    events = make_requests_of(routes, [text.decode() for text in code.values()])
    converted = convert(handler, routes, more)
    again = chalice_to_sam(converted.files)
    powertools = {
        path.removeprefix(folder): text
        for folder in ("layers/shared/", "lambdas/api_handler/")
        for path, text in again.files.items()
        if path.startswith(folder)
    }
    restored = sam_to_chalice(again.files, Options(http=Http.IDIOMATIC))
    sides = [
        call(Deployment(name, files, {}, {}), events, Limits())
        for name, files in (
            ("app.handler", code),
            ("app.app", converted.files),
            ("app.app", powertools),
            ("app.app", restored.files),
        )
    ]
    different = [
        (
            number,
            [*compare_answers(first, other)],
            event["httpMethod"],
            event["body"],
            (first.error, first.value, first.failed),
            (other.error, other.value, other.failed),
        )
        for number, side in enumerate(sides[1:])
        for event, first, other in zip(events, sides[0], side, strict=True)
        if any(compare_answers(first, other)) or first.failed or other.failed
    ]

    assert [] == find_kept(converted)
    assert b"Response(" in b"".join(converted.files.values())
    assert [] == different
    # Powertools is of the code.
    applications = [replace(one.application, requirements=()) for one in (converted, again, restored)]
    assert applications[0] == applications[1] == applications[2]
    assert not any(path.startswith("chalice/") for path in powertools)
    assert (
        ()
        == verify(
            make_sam({"app.py": handler, **(more or {})}, {"Items": ("app.handler", routes)}), converted.files
        ).differences
    )
    return sides[0]


HELLO = '''
import json


def handler(event, context):
    """Say hello."""

    # try:
    #     look it up
    return {
        "statusCode": 200,
        "body": json.dumps({
            "message": "hello",  # to all
        }),
    }
'''


def test_literal_answer() -> None:
    converted = convert(HELLO, [("GET", "/hello")])

    assert dedent(
        '''\
            app.api.binary_types = []


            @app.route("/hello", content_types=["*/*"])
            def items():
                """Say hello."""

                # try:
                #     look it up
                return Response(
                    status_code=200,
                    body=json.dumps({
                        "message": "hello",  # to all
                    }),
                )
            '''
    ) == read_app(converted)
    assert ["app.py", "chalicelib/__init__.py"][:1] == [
        path for path in converted.files if path.endswith(".py")
    ]


HANDLERS = {
    "hello": HELLO,
    "dispatch": """
        import json
        import logging

        logger = logging.getLogger()
        HEADERS = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
        ITEMS = {"7": {"name": "seven"}}


        def handler(event, context):
            id = event["pathParameters"]["id"]  # as text
            logger.info("asked for %s", id)
            if event["httpMethod"] == "GET":
                return read(id, event.get("queryStringParameters") or {})
            return write(id, event)


        def read(id, query):
            if id not in ITEMS:
                return respond(404, "no such item")
            return respond(200, json.dumps({**ITEMS[id], "query": query.get("name")}))


        def write(id, event) -> dict:
            body = json.loads(event["body"])
            return respond(status=201, body=json.dumps([id, body["name"]]))


        def respond(status, body=""):
            return {"statusCode": status, "headers": HEADERS, "body": body, "isBase64Encoded": False}
    """,
    "caught": """
        import json


        def handler(event: dict, context=None) -> dict:
            params = event["queryStringParameters"]
            try:
                name = params["name"] if params else event["headers"]["Origin"]
                body = json.loads(event["body"] or "{}")
                answer = {
                    "isBase64Encoded": False,
                    "statusCode": 200 + int(name),
                    "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
                    "body": json.dumps(body) if body else f"none of {name}",
                } if name else {"statusCode": 400}
                if body:
                    return answer
                return answer
            except Exception as error:
                print(error)
                return {"statusCode": 500, "body": str(error)}
    """,
    "context": """
        import os
        from collections.abc import Mapping, Sized


        def handler(
            event: Mapping,
            context: "Sized",
        ) -> Mapping:
            raw = {"event": event, "name": context.function_name}
            event = {"query": event["multiValueQueryStringParameters"], "stage": event["stageVariables"]}
            try:
                text = f"{raw['name']} {event} {raw['event']['path']}"
                return {"statusCode": 200, "body": text, "headers": {}}
            finally:
                os.environ["DONE"] = "1"
    """,
    "fields": """
        import json

        DEFAULT = {"X-Default": "yes"}


        def handler(event, context):
            headers = {"Content-Type": "text/plain", **DEFAULT}
            response = {"statusCode": 200, "headers": headers}
            if event["httpMethod"] == "PUT":
                response = respond(event["body"])
                response["headers"] = {"X-Put": "yes", **DEFAULT}
            else:
                response["body"] = "got " + str(event["pathParameters"].get("id"))  # as text
            response["statusCode"] = int(event["pathParameters"]["id"] == "7") + 200
            return response


        def respond(body):
            return {"statusCode": 200, "body": json.dumps(body)}
    """,
    "no body": """
        def handler(event, context):
            if event["requestContext"]["httpMethod"] == "PUT" and not event["body"]:
                raise ValueError("no body")
            match event["pathParameters"]["id"]:
                case "7":
                    return {"statusCode": 204}
                case other:
                    return {"statusCode": "404", "isBase64Encoded": False, "headers": {"X-Other": "yes"}}
    """,
}


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS)
def test_answers_are_the_same(handler: str) -> None:
    answers = answer(handler)

    assert any(not one.error for one in answers)


def test_handler_apart_from_the_app_object() -> None:
    handler = """
        # Where the items are.
        import json
        import os

        TABLE = os.environ.get("TABLE", "none") + str(len(os.listdir(".")) * 0)


        def handler(event, context):
            query = event["queryStringParameters"]
            name = query.get("name") if query else None
            if "id" not in event["pathParameters"]:
                raise KeyError(name)
            return {"statusCode": 200, "body": json.dumps([TABLE, name, event["pathParameters"]["id"]])}
    """
    converted = convert(handler)
    answers = answer(handler)

    assert not answers[0].error
    assert dedent(
        """\
            @app.route("/items/{id}", methods=["GET", "PUT"], content_types=["*/*"])
            @errors_to_lambda
            def items(id):
                from chalicelib.app import handler

                return handler(app.current_request, id)
            """
    ) in read_app(converted)
    assert (
        dedent(
            """\
            def handler(request, id):
                query = request.query_params
                name = query.get("name") if query else None
                if "id" not in request.uri_params:
                    raise KeyError(name)
                return Response(status_code=200, body=json.dumps([TABLE, name, id]))
            """
        )
        in converted.files["chalicelib/app.py"].decode()
    )


def test_several_functions() -> None:
    code = {
        "app.py": """
            import json


            def handler(event, context):
                return respond({"all": [event["pathParameters"]]})


            def change(event, context):
                respond(None)
                return respond({"changed": event["pathParameters"]["id"]})


            def respond(body):
                return {"statusCode": 200, "body": json.dumps(body)}
        """,
        "other.py": """
            def handler(event, context):
                name = event["pathParameters"].get("name")
                return {"statusCode": 200, "body": f"{name} of {event['pathParameters']['id']}"}
        """,
    }
    functions = {
        "All": ("app.handler", [("GET", "/items")]),
        "Change": ("app.change", [("PUT", "/items/{id}")]),
        "Named": ("other.handler", [("GET", "/{id}/{name}"), ("GET", "/{id}")]),
    }
    converted = sam_to_chalice(make_sam(code, functions), Options(http=Http.IDIOMATIC))
    app = read_app(converted)

    # All that stands on the function that is used for something else stays.
    assert ["respond"] == [one.subject for one in find_kept(converted)]
    assert "return answer(app, all_handler_handler)" in app
    assert "return answer(app, change_handler)" in app
    assert (
        dedent(
            """\
            @app.route("/{id}/{name}", content_types=["*/*"])
            @app.route("/{id}", content_types=["*/*"])
            @errors_to_lambda
            def named(id, name=None):
                event = app.current_request.to_original_event()
                return Response(status_code=200, body=f"{name} of {event['pathParameters']['id']}")
            """
        )
        in app
    )


BODY = 'return {"statusCode": 200, "body": "text"}'


@pytest.mark.parametrize(
    ("old", "new", "subject", "reason"),
    [
        (BODY, "pass", "handler", "it may end without an answer"),
        (BODY, f"if event:\n        {BODY}", "handler", "it may end without an answer"),
        (BODY, "return", "return", "the source does not show that it is an answer"),
        (BODY, "return make(event)", "make(event)", "the source does not show that it is an answer"),
        ('"text"', "event['body']", "event['body']", "the source does not show that the body is a text"),
        ('"text"', "{}", "{}", "the source does not show that the body is a text"),
        ('"body"', '"cookies"', '"cookies"', "Chalice's Response has nothing for it"),
        ('"statusCode": 200, ', "", '{"body": "text"}', "it has no statusCode"),
        ('"text"', '"text", "isBase64Encoded": True', "True", "Chalice encodes bytes itself"),
        ('"text"', '"text", "headers": {"A": 1}', "1", "the source does not show that the header is a text"),
        ('"text"', '"text", "headers": {"A": "a\\n"}', '"a\\n"', "the source does not show that the header"),
        ('"text"', '"text", "headers": HEADERS', "HEADERS", "the source does not show these headers"),
        (
            '"text"',
            '"text", "headers": {"Content-Type": "image/png; a=b"}',
            '"image/png; a=b"',
            "Chalice sends this type of content as bytes",
        ),
        (
            BODY,
            f"answer = {BODY[7:]}\n    answer['headers']['A'] = 'a'\n    return answer",
            "answer",
            "what is returned",
        ),
        (
            BODY,
            f"headers = {{}}\n    headers['A'] = ''\n    {BODY[:-1]}, 'headers': headers}}",
            "headers",
            "the source",
        ),
        (BODY, f"answer = {BODY[7:]}\n    answer['a'] = 1\n    return answer", "answer", "what is returned"),
        ("def handler", "@decorate\ndef handler", "decorate", "it may change what the function gets"),
        (
            f"context):\n    {BODY}",
            f"context): print(event); {BODY}",
            "handler",
            "its body stands beside its head",
        ),
        (
            f"\n    {BODY}",
            f"\n    'a text'; print(event); {BODY}",
            "handler",
            "its body stands beside its head",
        ),
        ("def handler", "async def handler", "async def handler(event, context):", "handler is no plain"),
        ("context):", "context, id=None):", "handler", "its parameters are not an event and a context"),
        ("context):", "id):", "handler", "id, which its path has, stands for something else in it"),
        (
            BODY,
            f"print(id)\n    {BODY}",
            "handler",
            "id, which its path has, stands for something else in it",
        ),
        (BODY, f"app = 1\n    {BODY}", "app", "app is what Chalice has, and here something else"),
        (BODY, f"return handler(event, context) if event else {BODY[7:]}", "handler", "it is used otherwise"),
        ("HEADERS = {}", "def make():\n    yield 1\n", "make", "it is a generator"),
    ],
)
def test_what_is_not_shown_stays(old: str, new: str, subject: str, reason: str) -> None:
    handler = f"HEADERS = {{}}\nHEADERS['A'] = 'a'\n\n\ndef handler(event, context):\n    {BODY}\n"
    changed = handler.replace(old, new)
    if "yield" in new:
        changed = changed.replace(BODY, "return make()")
    converted = convert(changed, [("GET", "/items/{id}")])
    (kept,) = find_kept(converted)

    assert changed != handler
    assert subject == kept.subject
    assert kept.reason.startswith(reason)
    assert "return answer(app, " in read_app(converted)


CATCHING = """
    try:
        return {"statusCode": 200, "body": json.dumps(find())}
    except Exception as error:
        logger.error("failed: %s", error, exc_info=True)
        return respond(500, {"error": str(error), "path": event["path"]})
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("except Exception", "except ValueError"),
        ("str(error)", "error"),
        ("str(error)", "error.args"),
        ('event["path"]', 'event["Path"]'),
        (", {", ", more={"),
        ("respond(500", "respond(None, 500"),
        ("logger.error", "logger.missing"),
        ("return respond", "raise\n        return respond"),
        ("import json", "import json\nprint = None"),
        ("    print(status)", "    status = event['body']"),
        ("(status, body):", "(status, body, *, more):"),
        ("    try:", "    event = {}\n    try:"),
        ("    print(status)", "    logger = None"),
    ],
)
def test_errors_that_may_leave_a_view(old: str, new: str) -> None:
    handler = (
        "import json\nimport logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
        "def respond(status, body):\n    print(status)\n"
        '    return {"statusCode": status, "body": json.dumps(body)}\n\n\n'
        f"def handler(event, context):{CATCHING}"
    )
    changed = handler.replace(old, new)

    assert changed != handler
    assert "@errors_to_lambda" not in read_app(convert(handler, [("GET", "/items")]))
    assert "@errors_to_lambda" in read_app(convert(changed, [("GET", "/items")]))


def test_changed_module_of_errors_stays_chalices() -> None:
    converted = convert(HANDLERS["dispatch"])
    path = "chalicelib/lambda_errors.py"
    changed = {**converted.files, path: converted.files[path].replace(b"raise self._error", b"return {}")}
    reasons = [(one.subject, one.reason) for one in chalice_to_sam(changed).diagnostics]

    assert ("_Failure", "Powertools does not ask it for the answer, so the routes stay Chalice's") in reasons


@pytest.mark.parametrize(
    ("more", "is_view"),
    [
        ("def log(x): return {'headers': {**HEADERS}, 'x': x}", True),
        ("def log(x): HEADERS['A'] = x", False),
        ("def log(x): return sorted(HEADERS)", False),
    ],
)
def test_headers_of_another_module(more: str, is_view: bool) -> None:
    handler = """
        from shared.headers import HEADERS
        from shared import log


        def handler(event, context):
            return {"statusCode": 200, "headers": HEADERS, "body": str(log)}
    """
    library = {
        "shared/__init__.py": f"from .headers import HEADERS\n\n{more}\n",
        "shared/headers.py": "HEADERS = {'Content-Type': 'text/plain'}\n",
    }
    kept = find_kept(convert(handler, [("GET", "/items")], library))

    reasons = [] if is_view else ["the source does not show these headers"]

    assert reasons == [one.reason for one in kept]


def test_what_is_deployed_is_the_same() -> None:
    sam = make_sam({"app.py": HANDLERS["dispatch"]}, {"Items": ("app.handler", ITEM)})
    found = verify(sam, sam_to_chalice(sam, Options(http=Http.IDIOMATIC)).files, with_tools=True)

    assert () == found.differences


def test_observing_decorator_stays() -> None:
    handler = HELLO.replace(
        "import json", "import json\nfrom aws_xray_sdk.core import xray_recorder"
    ).replace("def handler", '@xray_recorder.capture("hello")\ndef handler')
    more = {"requirements.txt": "aws-xray-sdk\n"}
    app = read_app(convert(handler, [("GET", "/hello")], more))

    # The decorator may fail.
    assert '"*/*"])\n@errors_to_lambda\n@xray_recorder.capture("hello")\ndef items():\n' in app
