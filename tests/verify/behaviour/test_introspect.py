"""Running app.py shows what its source does not, and nothing that it does costs the conversion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter import codes
from converter.chalice.introspection import FoundRoute
from converter.convert import Conversion, Options, chalice_to_sam
from converter.diagnostics import Severity
from converter.model import Position
from converter.verify import verify
from converter.verify.behaviour.introspect import introspect
from converter.verify.behaviour.sandbox import Limits

HEAD = "import os\nfrom chalice import Chalice\n\napp = Chalice(app_name='shop')\n"
STAGES = {name: {"environment_variables": {"STAGE": name}} for name in ("dev", "prod")}
CONFIG = {"version": "2.0", "app_name": "shop", "stages": STAGES}
QUICK = Limits(seconds=3, total_seconds=10)


def project(source: str, **library: str) -> dict[str, bytes]:
    texts = {
        "app.py": HEAD + source,
        ".chalice/config.json": json.dumps(CONFIG),
        "chalicelib/__init__.py": "",
        **{f"chalicelib/{name}.py": text for name, text in library.items()},
    }
    return {path: text.encode() for path, text in texts.items()}


def convert(files: dict[str, bytes]) -> Conversion:
    found, diagnostics = introspect(files, limits=QUICK)
    assert [] == diagnostics
    return chalice_to_sam(files, Options(introspected=found))


def routes_of(conversion: Conversion) -> set[tuple[str, str]]:
    events = conversion.application.functions["api_handler"].events
    return {(event.settings["dev"]["Method"], event.settings["dev"]["Path"]) for event in events}


def errors(conversion: Conversion) -> list[str]:
    return [each.subject for each in conversion.diagnostics if each.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            "for path in ['/a', '/b/{x}']:\n    app.route(path, methods=['GET'])(print)\n", id="loop"
        ),
        pytest.param(
            "def add(path):\n    @app.route(path)\n    def view(x=1): pass\nadd('/a')\nadd('/b/{x}')\n",
            id="closure",
        ),
        pytest.param("[app.route(p)(print) for p in ('/a', '/b/{x}')]\n", id="comprehension"),
        pytest.param("app.route('/a')(print)\napp.route('/b/{x}')(print)\n", id="calls"),
        pytest.param(
            "from chalicelib.parts import make\nfor bp in make():\n    app.register_blueprint(bp)\n",
            id="blueprints",
        ),
    ],
)
def test_routes_that_the_source_does_not_show(source: str):
    parts = (
        "from chalice import Blueprint\n\ndef make():\n    for path in ('/a', '/b/{x}'):\n"
        "        bp = Blueprint(__name__)\n        bp.route(path)(print)\n        yield bp\n"
    )
    there = convert(project(source, parts=parts))

    assert {("get", "/a"), ("get", "/b/{x}")} == routes_of(there)
    assert [] == errors(there)
    # Where they are registered in so many words, they can be Powertools' in the same.
    is_kept = any(path.endswith("chalice/app.py") for path in there.files)
    assert is_kept is not source.startswith("app.route('/a')")


def test_the_code_that_registers_routes_is_there():
    there = convert(project("for path in ['/a']:\n    app.route(path)(print)\n"))

    assert b"app.route(path)(print)" in there.files["lambdas/api_handler/app.py"]


def test_settings_of_routes():
    source = (
        "from chalice import CORSConfig\nfor path in ['/a']:\n    app.route(path, api_key_required=True,"
        " cors=CORSConfig(allow_origin='https://' + 'x'.lower(), max_age=5))(print)\n"
    )
    there = convert(project(source))
    api = there.application.template.sections["Resources"]["RestAPI"]["Properties"]

    assert "'https://x'" == api["Cors"]["AllowOrigin"]
    assert "'5'" == str(api["Cors"]["MaxAge"])
    [event] = there.application.functions["api_handler"].events
    assert {"ApiKeyRequired": True} == event.settings["dev"]["Auth"]


def test_arguments_of_each_stage():
    source = (
        "import json\nNAMES = json.loads(json.dumps({'queue': 'jobs-' + os.environ['STAGE']}))\n"
        "@app.on_sqs_message(queue=NAMES['queue'])\ndef work(event): pass\n"
    )
    there = convert(project(source))
    [event] = there.application.functions["work"].events
    queues = {
        stage: values["Queue"]["Fn::Sub"].rpartition(":")[2] for stage, values in event.settings.items()
    }

    assert {"dev": "jobs-dev", "prod": "jobs-prod"} == queues
    assert "Parameters" not in there.application.template.sections


def test_function_that_the_source_does_not_show():
    source = (
        "def make(name):\n    @app.lambda_function(name=name)\n    def job(event, context): pass\nmake('a')\n"
    )
    there = convert(project(source))
    [error] = [each for each in there.diagnostics if each.code is codes.ONLY_WHEN_RUN]

    assert "a" == error.subject
    assert Position("app.py", 6, 1) == error.position


def test_what_the_source_shows_stays_as_it_is_read():
    files = project("@app.route('/a', methods=['GET', 'POST'])\ndef a(): return {}\n")

    assert chalice_to_sam(files).files == convert(files).files


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import not_installed\n", "not_installed"),
        ("1 / 0\n", "ZeroDivisionError"),
        ("while True: pass\n", "does not end"),
        ("os._exit(3)\n", "exit code 3"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", "socket"),
        ("open('/tmp/../paws-was-here', 'w')\n", "outside"),
        ("import subprocess\nsubprocess.run(['true'])\n", "subprocess"),
    ],
)
def test_application_that_cannot_be_run(source: str, reason: str):
    found, diagnostics = introspect(project(source), "dev", QUICK)

    assert {} == found
    [diagnostic] = diagnostics
    assert codes.NOT_INTROSPECTED is diagnostic.code
    assert reason in diagnostic.reason
    assert not Path("/paws-was-here").exists()


def test_what_an_application_prints_is_no_answer():
    found, _ = introspect(project("print('x' * 100000)\napp.route('/a')(print)\n"), "dev", QUICK)

    assert (FoundRoute("/a", "GET", {"content_types": ["application/json"]}),) == found["dev"].routes


def test_verify_looks_at_the_chalice_side_in_the_same_way() -> None:
    files = project("for path in ['/a', '/b/{x}']:\n    app.route(path, methods=['GET'])(print)\n")
    sam = convert(files).files
    fewer = {**sam, "template.yaml": sam["template.yaml"].replace(b"Path: /a\n", b"Path: /c\n")}

    assert {"event"} == {each.difference.kind for each in verify(files, sam).differences}
    assert (
        ()
        == verify(files, sam, introspected=True).differences
        == verify(sam, files, introspected=True).differences
    )
    assert verify(files, fewer, introspected=True).differences


def test_verify_says_that_app_py_could_not_be_run() -> None:
    files = project("import nowhere\n@app.route('/a')\ndef a(): pass\n")
    found = verify(files, chalice_to_sam(files).files, introspected=True)

    assert () == found.differences
    assert [codes.NOT_INTROSPECTED] * 2 == [each.code for each in found.not_compared[0]]
