"""Handlers of events in whole projects: both forms do the same, and so does what comes back."""

from __future__ import annotations

from textwrap import dedent

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
        assert behaviour.is_complete
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


def test_decorated_handler_keeps_the_routes():
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
    converted = chalice_to_sam({"app.py": (APP + handler).encode()})

    assert ["work"] == [each.subject for each in converted.diagnostics if each.code is codes.KEPT_API]
    assert "@app.on_sqs_message" in find_code(converted, "lambdas/work/work.py")


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
