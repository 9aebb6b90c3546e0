"""What stands in the code of routes: what is shown is compared, what is not is said."""

from __future__ import annotations

import pytest

from converter.codes import ROUTE_NOT_SHOWN
from converter.convert import chalice_to_sam, sam_to_chalice
from converter.model import Position
from converter.verify import verify

APP = """\
from chalice import Chalice

app = Chalice(app_name="shop")


@app.route("/csv", methods=["PUT"], content_types=["text/csv"])
def csv():
    return []
"""


def project(app: str) -> dict[str, bytes]:
    return {"app.py": app.encode(), ".chalice/config.json": b'{"version": "2.0", "app_name": "shop"}'}


def differences(left: dict[str, bytes], right: dict[str, bytes]) -> list[tuple[str, str, object, object]]:
    found = [finding.difference for finding in verify(left, right).differences]
    return [(str(each.change), each.kind, each.left, each.right) for each in found]


def test_conversion_has_equal_types():
    chalice = project(APP)

    assert [] == differences(chalice, dict(chalice_to_sam(chalice).files))


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ("", [("added", "route", None, {"content type": "application/json"})]),
        ('content_types=["text/csv", "text/tsv"]', []),
    ],
)
def test_other_types(types: str, expected: list[object]):
    chalice = project(APP)
    sam = dict(chalice_to_sam(chalice).files)
    path = "lambdas/api_handler/app.py"
    sam[path] = sam[path].replace(b'view(content_types=["text/csv"])', f"view({types})".encode())
    lost = ("lost", "route", {"content type": "text/csv"}, None)
    added = ("added", "route", None, {"content type": "text/tsv"})

    assert ([*expected, lost] if expected else [added]) == differences(chalice, sam)


def test_types_of_a_blueprint():
    app = "from chalice import Chalice\nfrom chalicelib.parts import parts\n\n"
    app += 'app = Chalice(app_name="shop")\napp.register_blueprint(parts, url_prefix="/parts")\n'
    part = "from chalice import Blueprint\n\nparts = Blueprint(__name__)\n\n\n"
    part += '@parts.route("/{name}", methods=["POST"]%s)\ndef part(name):\n    return name\n'
    left = {**project(app), "chalicelib/parts.py": (part % ', content_types=["text/csv"]').encode()}
    right = {**project(app), "chalicelib/parts.py": (part % "").encode()}
    lost = ("lost", "route", {"content type": "text/csv"}, None)
    added = ("added", "route", None, {"content type": "application/json"})

    assert [added, lost] == differences(left, dict(chalice_to_sam(right).files))


def test_handler_that_does_its_own_routing():
    chalice = project(APP)
    sam = dict(chalice_to_sam(chalice).files)
    sam["lambdas/api_handler/app.py"] = b"def app(event, context):\n    return {'statusCode': 200}\n"
    found = verify(chalice, sam)

    assert () == found.differences
    assert not found.is_complete
    [said] = found.not_compared[0]
    assert ROUTE_NOT_SHOWN == said.code
    assert "PUT /csv" == said.subject
    assert Position("app.py", 6, 2) == said.position


CORS = """\
from chalice import Chalice

app = Chalice(app_name="shop")


@app.route("/open", cors=True)
def show():
    return []


@app.route("/open", methods=["POST"])
def add():
    return []


@app.route("/closed", methods=["DELETE"])
def remove():
    return []
"""
UNASKED = "Preflight requests to routes without CORS"


@pytest.mark.parametrize("with_tools", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_preflight_beside_routes_without_cors_is_accepted(with_tools: bool):
    chalice = project(CORS)
    found = verify(chalice, dict(chalice_to_sam(chalice).files), with_tools=with_tools)

    assert () == found.differences
    assert any(UNASKED == each.accepted for each in found.findings)


@pytest.mark.parametrize("with_tools", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("old", "new", "path"),
    [("view(cors=True)", "view()", "/open"), ("view()", "view(cors=True)", "/closed")],
)
def test_other_answers_are_found(with_tools: bool, old: str, new: str, path: str):
    chalice = project(CORS)
    sam = dict(chalice_to_sam(chalice).files)
    code = "lambdas/api_handler/app.py"
    head, middle, tail = sam[code].decode().rpartition(old)
    sam[code] = f"{head}{new if middle else old}{tail}".encode()
    found = [each.difference for each in verify(chalice, sam, with_tools=with_tools).differences]

    assert ("route", "CORS") in [(each.kind, each.name) for each in found]
    assert any(path in (fact.value for fact in each.part.facts) for each in found)


@pytest.mark.parametrize("with_tools", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_lost_preflight_is_found(with_tools: bool):
    chalice = project(CORS)
    sam = dict(chalice_to_sam(chalice).files)
    head, cors, tail = sam["template.yaml"].decode().partition("      Cors:\n")
    assert cors
    rest = tail.splitlines(keepends=True)
    kept = next(n for n, line in enumerate(rest) if not line.startswith("        "))
    sam["template.yaml"] = (head + "".join(rest[kept:])).encode()
    found = verify(chalice, sam, with_tools=with_tools)

    lost = [
        str(each.difference.part) for each in found.differences if each.difference.name in {"", "preflight"}
    ]
    assert any("OPTIONS /open" in part or "GetOpen" in part for part in lost)


def test_cors_of_a_handler_that_does_its_own_routing():
    chalice = project(CORS)
    sam = dict(chalice_to_sam(chalice).files)
    sam["lambdas/api_handler/app.py"] = b"def app(event, context):\n    return {'statusCode': 200}\n"
    [said] = verify(chalice, sam).not_compared[0]

    assert (ROUTE_NOT_SHOWN, "GET /open") == (said.code, said.subject)


def test_cors_for_all_routes():
    app = CORS.replace(", cors=True", "").replace('name="shop")\n', 'name="shop")\napp.api.cors = True\n')
    chalice = project(app)
    found = verify(chalice, dict(chalice_to_sam(chalice).files))

    assert not found.findings


def test_routes_of_another_framework():
    """They are the handler's own affair, and what mounts it takes any content."""
    template = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  WebFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: web/, Handler: app.app, Runtime: python3.12, Events: {
      Show: {Type: Api, Properties: {Path: /show, Method: get}}}}
"""
    code = "from flask_lambda import FlaskLambda\n\napp = FlaskLambda(__name__)\n\n\n"
    code += '@app.route("/show")\ndef show():\n    return "shown"\n'
    sam = {
        "template.yaml": template.encode(),
        "web/app.py": code.encode(),
        "web/requirements.txt": b"flask-lambda-python36\n",
    }

    assert [] == differences(sam, dict(sam_to_chalice(sam).files))
