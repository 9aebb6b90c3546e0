"""Handlers of events in whole projects: both forms do the same, and so does what comes back."""

from __future__ import annotations

from textwrap import dedent

import pytest

from converter import codes
from converter.convert import Conversion, chalice_to_sam, sam_to_chalice
from converter.verify.behaviour import check_behaviour
from converter.verify.side import open_side

APP = """
from chalice import Chalice
from chalice.app import SQSEvent

app = Chalice(app_name="harbor")


@app.route("/")
def index():
    return {"ok": True}
"""


def check(files: dict[str, str]) -> Conversion:
    """The SAM form of a project; that, and the Chalice form of it, do the same with every event."""
    there = {path: dedent(text).encode() for path, text in files.items()}
    converted = chalice_to_sam(there)
    back = sam_to_chalice(converted.files)

    assert converted.application == back.application
    for other in (converted.files, back.files):
        behaviour = check_behaviour(open_side(there), open_side(other), "dev")
        assert [] == [one for function in behaviour.functions for one in function.different]
        assert [()] == list({function.failures for function in behaviour.functions})
        assert all(any(case.is_informative for case in one.cases) for one in behaviour.functions)
    return converted


def find_code(conversion: Conversion, path: str) -> str:
    return conversion.files[path].decode()


def test_handler_that_needs_the_object_beside_routes():
    handler = (
        '\n\n@app.on_sqs_message(queue="jobs")\ndef work(event: SQSEvent):\n    return len(list(event))\n'
    )
    converted = check({"app.py": APP + handler})

    assert [codes.KEPT_HANDLER] == [each.code for each in converted.diagnostics if each.code.number > "PAWS3"]
    assert "Chalice(" not in find_code(converted, "lambdas/work/work.py")
    assert "APIGatewayRestResolver" in find_code(converted, "lambdas/api_handler/app.py")


def test_decorated_handler_beside_routes():
    handler = """

def traced(function):
    def call(event):
        return function(event)
    return call


@app.on_sqs_message(queue="jobs")
@traced
def work(event):
    return len(list(event))
"""
    converted = check({"app.py": APP + handler})

    assert [codes.KEPT_HANDLER.number] == list_codes(converted)
    assert "@partial(EventSourceHandler, event_class=SQSEvent)\n@traced\ndef work(event)" in (
        find_code(converted, "lambdas/work/work.py")
    )


def test_classes_by_the_name_of_the_package():
    """They are Chalice's own in a module of which everything else becomes another thing."""
    app = APP.replace("from chalice import Chalice\nfrom chalice.app import SQSEvent\n", "import chalice\n\n")
    app = app.replace("Chalice(", "chalice.Chalice(")
    handler = """

def read(record: chalice.app.SQSRecord):
    return isinstance(record, chalice.app.SQSRecord), record.body


@app.on_sqs_message(queue="jobs")
def work(event: chalice.app.SQSEvent):
    return [read(record) for record in event]
"""
    converted = check({"app.py": app + handler})

    code = find_code(converted, "lambdas/work/work.py")
    assert "from chalice.app import SQSEvent, SQSRecord\n" in code
    assert "chalice.app.SQS" not in code


# --- functions that events are handed on to ------------------------------------------------

HANDED = {
    "records": """
        def read(record, verbose=False):
            return record.body

        @app.on_sqs_message(queue="jobs")
        def work(event):
            return [read(record) for record in event]
        """,
    "by name, and on": """
        import json

        def read(*, record: "SQSRecord"):
            return find_number(2, record)

        def find_number(factor, record):
            return factor * len(json.dumps([record.body, record.to_dict()]))

        @app.on_sqs_message(queue="jobs")
        def work(event):
            found = []
            for number, record in enumerate(event):
                found.append((number, read(record=record)))
            return found
        """,
    "events": """
        def read_all(messages):
            return [len(message.body) for message in messages]

        @app.on_sqs_message(queue="jobs")
        def work(event: SQSEvent):
            return read_all(event), event.context is None
        """,
    "itself": """
        def read(event, times=2):
            return [event.subject] if times < 1 else read(event, times - 1)

        @app.on_sns_message(topic="news")
        def work(event):
            return read(event)
        """,
    "of two handlers": """
        def read(event):
            return event.detail_type

        @app.on_cw_event({"source": ["aws.ec2"]})
        def work(event):
            return read(event)

        @app.schedule("rate(1 day)")
        def tick(event):
            return read(event)
        """,
    "what the standard library has": """
        def read(event):
            return f"{event.bucket}/{event.key}"

        @app.on_s3_event(bucket="uploads")
        def work(event):
            return read(event)
        """,
    "into logs": """
        import logging

        logger = logging.getLogger("jobs")

        def read(record):
            logger.info("got %s", record)
            logger.info(f"{record!r:>9} of %s" % record)
            return record.body

        @app.on_sqs_message(queue="jobs")
        def work(event):
            print("event", event, str(event))
            app.log.info("{}".format(event))
            return list(map(len, [read(record) for record in event]))
        """,
}


def list_codes(conversion: Conversion) -> list[str]:
    return [each.code.number for each in conversion.diagnostics if each.code.number > "PAWS3"]


@pytest.mark.parametrize("code", HANDED.values(), ids=HANDED)
def test_function_that_gets_dicts(code: str):
    converted = check({"app.py": APP + "\n" + dedent(code)})

    assert {codes.LOGGED_EVENT.number} >= set(list_codes(converted))
    assert not any("/chalice/" in path for path in converted.files)


def test_lines_of_logs_that_show_an_event():
    converted = chalice_to_sam({"app.py": (APP + "\n" + dedent(HANDED["into logs"])).encode()})

    assert [
        ("app.py:18:5", "logger.info('got %s', record)"),
        ("app.py:19:5", "logger.info(f'{record!r:>9} of %s' % record)"),
        ("app.py:24:5", "print('event', event, str(event))"),
        ("app.py:25:5", "app.log.info('{}'.format(event))"),
    ] == sorted(
        {
            (str(each.position), each.subject)
            for each in converted.diagnostics
            if each.code is codes.LOGGED_EVENT
        }
    )


LIBRARY = """
from chalice.app import SQSRecord

from . import texts


def read(record: SQSRecord):
    return texts.shorten(record)
"""
TEXTS = '''
"""Texts."""


def shorten(record):
    return record.body[:2]
'''


def test_functions_of_modules():
    handler = """
from chalicelib import jobs
from chalicelib.jobs import read as read_job

@app.on_sqs_message(queue="jobs")
def work(event):
    return [read_job(record) for record in event] + [jobs.read(record) for record in event]
"""
    files = {"chalicelib/__init__.py": "", "chalicelib/jobs.py": LIBRARY, "chalicelib/texts.py": TEXTS}
    converted = check({"app.py": APP + handler, **files})

    assert [] == list_codes(converted)
    assert "from . import texts\n\n\ndef read(record):\n" in find_code(
        converted, "layers/shared/chalicelib/jobs.py"
    )
    assert 'return record["body"][:2]' in find_code(converted, "layers/shared/chalicelib/texts.py")


def test_function_of_a_module_with_handlers():
    jobs = """
from chalice import Blueprint

jobs = Blueprint(__name__)


def read(record):
    return record.body


@jobs.on_sqs_message(queue="jobs")
def work(event):
    return [read(record) for record in event]
"""
    app = APP + "\nfrom chalicelib.jobs import jobs\n\napp.register_blueprint(jobs)\n"
    converted = check({"app.py": app, "chalicelib/__init__.py": "", "chalicelib/jobs.py": jobs})

    assert [] == list_codes(converted)
    assert 'return record["body"]' in find_code(converted, "lambdas/work/work.py")


READ = "\n\ndef read(record):\n    return record.body\n"
WORK = """

@app.on_sqs_message(queue="jobs")
def work(event):
    return [read(record) for record in event]
"""
MIXED = {
    "given something else": (READ + WORK + "\nprint(read(APP))\n", "app.py:23:7 uses it otherwise"),
    "kept for later": (READ + WORK + "\nREADERS = [read]\n", "app.py:23:12 uses it otherwise"),
    "handed on itself": (
        READ + WORK.replace("[read(record) for record in event]", "list(map(read, event))"),
        "it hands event on to map",
    ),
    "without it": (
        READ.replace("record)", "record=APP)") + WORK + "\nprint(read())\n",
        "app.py:23:7 uses it otherwise",
    ),
    "found by its name": (
        READ + WORK + "\n\n@app.lambda_function()\ndef other(event, context):\n    return globals()[event]\n",
        "app.py:26:12 may ask for it by its name",
    ),
    "asks for more": (READ.replace("record.body", "record.context") + WORK, "it asks for record.context"),
    "hands it out": (READ.replace("record.body", "record") + WORK, "it hands record on"),
    "two kinds of events": (
        READ
        + WORK
        + WORK.replace("on_sqs_message(queue", "on_sns_message(topic")
        .replace("work", "tell")
        .replace("[read(record) for record in event]", "read(event)"),
        "it gets events of several kinds",
    ),
    "decorated": (READ.replace("def", "@print\ndef") + WORK, "which is no ordinary function"),
    "any number": (READ.replace("(record)", "(*record)") + WORK, "which has no parameter for it"),
    "unknown place": (WORK.replace("(record)", "(*(), record)"), "it hands record on"),
    "bound inside": (
        READ + WORK.replace("    return", "    read = print\n    return"),
        "it hands record on to read",
    ),
    "bound twice": (READ + "\nif APP:\n    read = print\n" + WORK, "it hands record on to read"),
}


@pytest.mark.parametrize(("code", "why"), MIXED.values(), ids=MIXED)
def test_function_that_needs_the_object(code: str, why: str):
    converted = chalice_to_sam({"app.py": (APP + "\nAPP = None\n" + code).encode()})

    reasons = [each.reason for each in converted.diagnostics if each.code is codes.KEPT_HANDLER]
    assert reasons
    assert all(why in reason for reason in reasons)
    assert any(b"event = SQSEvent(event, context)" in code for code in converted.files.values())


def test_handlers_that_share_a_function():
    """One of them needs Chalice's object, so the function gets objects, and from the other one too."""
    other = WORK.replace("work", "other").replace("return", "print(len(list(event)))\n    return")
    converted = check({"app.py": APP + READ + WORK + other})

    assert [
        "it hands its event on to read, which needs Chalice's object: app.py:25:13 uses it otherwise",
        "it hands event on to list",
    ] == [each.reason for each in converted.diagnostics if each.code is codes.KEPT_HANDLER]


def test_handler_that_middleware_wraps_shares_a_function():
    middleware = '\n\n@app.middleware("sns")\ndef watch(event, get):\n    return get(event)\n'
    tell = WORK.replace("on_sqs_message(queue", "on_sns_message(topic").replace("work", "tell")
    tell = tell.replace("[read(record) for record in event]", "read(event)")
    code = READ.replace("record.body", "record.to_dict()") + WORK.replace("read(record)", "record.body")
    converted = check({"app.py": APP.partition('@app.route("/")')[0] + code + tell + middleware})

    assert "return record.to_dict()" in find_code(converted, "lambdas/tell/tell.py")


JOBS = """
from chalice import Blueprint

jobs = Blueprint(__name__)


@jobs.on_sqs_message(queue="jobs")
def work(event):
    return [record.body for record in event]
"""


def test_blueprint_of_events_that_a_function_registers():
    """The function stays, and finds the Blueprint where it was."""
    setup = "\n\ndef set_up():\n    app.register_blueprint(jobs)\n\n\nset_up()\n"
    app = "from chalicelib.jobs import jobs\n" + APP + setup
    converted = check({"app.py": app, "chalicelib/__init__.py": "", "chalicelib/jobs.py": JOBS})

    assert "Blueprint" not in find_code(converted, "lambdas/work/work.py")


def test_blueprint_of_nothing_but_events():
    """The function that serves the routes does not have its module, and needs nothing of it."""
    app = "from chalicelib.jobs import jobs\n" + APP + "\n\napp.register_blueprint(blueprint=jobs)\n"
    files = {"app.py": app, "chalicelib/__init__.py": "", "chalicelib/jobs.py": JOBS}
    converted = check(files)

    assert "jobs" not in find_code(converted, "lambdas/api_handler/app.py")
    assert "Router" not in find_code(converted, "lambdas/work/work.py")


def test_import_below_what_needs_another_one():
    """What takes the place of the app object is imported above it, whatever is imported further down."""
    handler = """

import logging

@app.schedule("rate(1 day)")
def work(event):
    app.log.info("at %s", event.time)
    return logging.INFO
"""
    check({"app.py": APP + handler})


def test_handler_inside_of_a_condition_shares_a_function():
    inside = "\n\nif app.app_name:" + WORK.replace("work", "inside").strip().join(["\n", "\n"]).replace(
        "\n", "\n    "
    )
    converted = chalice_to_sam(
        {"app.py": (APP.partition('@app.route("/")')[0] + READ + WORK + inside).encode()}
    )

    assert ["inside", "work"] == sorted(
        each.subject for each in converted.diagnostics if each.code is codes.KEPT_HANDLER
    )
    assert any(b"return record.body" in code for code in converted.files.values())


def test_function_that_tests_call():
    test = "from app import read\n\n\ndef test_read(record):\n    assert read(record)\n"
    converted = chalice_to_sam({"app.py": (APP + READ + WORK).encode(), "tests/test_read.py": test.encode()})

    (reason,) = (each.reason for each in converted.diagnostics if each.code is codes.KEPT_HANDLER)
    assert reason.endswith("tests/test_read.py names it")


def test_script_that_has_the_same_word():
    files = {"app.py": APP + READ + WORK, "tools/print_read.py": "print(read)\n"}
    converted = chalice_to_sam({path: text.encode() for path, text in files.items()})

    assert [] == list_codes(converted)


CONVERTED = """

import functools


def count(handler):
    @functools.wraps(handler)
    def answer(event, context):
        print("counted", sorted(event), context.function_name)
        return handler(event, context)

    return answer


class Tracer:
    def capture(self, handler):
        return lambda event, context: ["traced", handler(event, context)]


tracer = Tracer()
app.register_middleware(chalice.ConvertToMiddleware(count))
app.register_middleware(chalice.ConvertToMiddleware(tracer.capture), "sqs")


@app.on_sqs_message(queue="jobs")
def work(event):
    return [record.body for record in event]


@app.lambda_function()
def plain(event, context):
    return event
"""


@pytest.mark.parametrize("has_routes", [True, False])
def test_decorators_that_are_middleware(has_routes: bool):
    app = APP if has_routes else APP.partition("@app.route")[0]
    converted = check({"app.py": f"import chalice{app}{CONVERTED}"})
    work, plain = (find_code(converted, f"lambdas/{name}/{name}.py") for name in ("work", "plain"))

    assert [] == [each.subject for each in converted.diagnostics if each.code.number > "PAWS3"]
    assert "@count\n@tracer.capture\ndef work(event, context):" in work
    assert "@count\ndef plain(event, context):" in plain
    assert "chalice" not in work + plain
    if has_routes:
        routes = find_code(converted, "lambdas/api_handler/app.py")
        assert "http_middleware(app)(ConvertToMiddleware(count))" in routes
        assert "tracer" not in routes


def test_decorator_that_is_made_below_a_handler():
    late = """

@app.lambda_function()
def plain(event, context):
    return event


def count(handler):
    return lambda event, context: [handler(event, context)]


app.register_middleware(chalice.ConvertToMiddleware(count))
"""
    converted = chalice_to_sam({"app.py": f"import chalice{APP}{late}".encode()})

    assert codes.KEPT_API in {each.code for each in converted.diagnostics}
