"""WebSocket APIs: as `chalice package` makes them, handlers without Chalice, templates written by hand."""

from __future__ import annotations

import json
import re

import pytest

from converter import codes
from converter.convert import Conversion, chalice_to_sam, sam_to_chalice
from converter.model import Json, Position
from converter.verify import verify
from converter.verify.tools.packaging import package_chalice
from tests.fixture_tools import FIXTURES, read_files

APP = b"""
from chalice import Chalice

app = Chalice("talk")
app.experimental_feature_flags.update(["WEBSOCKETS"])

@app.on_ws_message()
def message(event):
    return {"body": event.body}
"""
DOMAIN = {"domain_name": "ws.example.com", "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/a"}


def make_project(*domains: dict[str, Json]) -> dict[str, bytes]:
    stages: dict[str, Json] = {
        f"stage{number}": {"websocket_api_custom_domain": domain} for number, domain in enumerate(domains)
    }
    config = {"version": "2.0", "app_name": "talk", "stages": stages}
    return {"app.py": APP, "requirements.txt": b"", ".chalice/config.json": json.dumps(config).encode()}


@pytest.mark.parametrize("more", [{}, {"url_prefix": "/"}, {"url_prefix": "v1", "tags": {"a": "b"}}])
def test_custom_domain(more: dict[str, Json]) -> None:
    project = make_project({**DOMAIN, **more})
    converted = chalice_to_sam(project)
    ours = converted.application.template.sections["Resources"]
    theirs = package_chalice(project, "stage0")["Resources"]

    for name in ("WebsocketApiCustomDomain", "WebsocketApiCustomDomainMapping"):
        assert theirs[name] == ours[name]


def test_domains_that_differ_by_stage() -> None:
    found = chalice_to_sam(make_project(DOMAIN, {**DOMAIN, "domain_name": "other.example.com"})).diagnostics

    assert codes.STAGES_ALIKE in {one.code for one in found}


def test_tls_version_is_reported() -> None:
    found = chalice_to_sam(make_project({**DOMAIN, "tls_version": "1.2"})).diagnostics

    assert "websocket_api_custom_domain.tls_version" in {one.subject for one in found}


# --- handlers without Chalice ----------------------------------------------------------

ECHO = """
import boto3
from chalice import Chalice, WebsocketDisconnectedError

app = Chalice(app_name="echo")
app.websocket_api.session = boto3.Session()
app.experimental_feature_flags.update(["WEBSOCKETS"])

@app.on_ws_message()
def say(event):
    try:
        app.websocket_api.send(event.connection_id, event.body)
    except WebsocketDisconnectedError as error:
        print(error.connection_id)
"""


def convert(app: str, **files: str) -> Conversion:
    return chalice_to_sam({"app.py": app.encode(), **{path: text.encode() for path, text in files.items()}})


def read_handler(conversion: Conversion) -> str:
    return conversion.files["lambdas/websocket_message/websocket_message.py"].decode()


def test_handler_does_without_chalice() -> None:
    converted = convert(ECHO)

    assert "chalice" not in read_handler(converted)
    assert "websocket_api.send(event.connection_id, event.body)" in read_handler(converted)
    assert not any(path.endswith("chalice/app.py") for path in converted.files)


@pytest.mark.parametrize(
    ("session", "kept"),
    [
        ("boto3.Session()", []),
        ("boto3.session.Session()", []),
        (
            'boto3.Session(region_name="eu-west-1")',
            ['websocket_api.session = boto3.Session(region_name="eu-west-1")'],
        ),
    ],
)
def test_session(session: str, kept: list[str]) -> None:
    converted = convert(ECHO.replace("boto3.Session()", session))
    lines = [line for file in converted.files.values() for line in file.decode().splitlines()]

    assert kept == [line for line in lines if line.startswith("websocket_api.session")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("app.websocket_api.send", "app.websocket_api._get_client"),
        ("@app.on_ws_message()", "@app.on_ws_message()\n@app.on_ws_connect()"),
        ("def say", "async def say"),
        ("print(error", "print(app, error"),
        ("    try:", "    from chalice import Response\n    return Response('')\n    try:"),
        (
            "@app.on_ws_message()",
            "@app.middleware('websocket')\ndef m(e, g): return g(e)\n@app.on_ws_message()",
        ),
    ],
    ids=["private", "twice", "async", "the app object", "a response", "middleware"],
)
def test_what_keeps_chalice(old: str, new: str) -> None:
    assert old in ECHO
    converted = convert(ECHO.replace(old, new, 1))

    assert codes.KEPT_API in {one.code for one in converted.diagnostics}
    assert any(path.endswith("chalice/app.py") for path in converted.files)


BLUEPRINT = """
from chalice import Blueprint

b = Blueprint(__name__)

@b.on_ws_message()
def say(event):
    pass
"""


SENDING = """@b.lambda_function()
def tell(event, context):
    b.current_app.websocket_api.configure(event["domain"], "api")
    b.current_app.websocket_api.send(event["to"], "hello")"""


def test_function_of_a_blueprint_sends() -> None:
    """What it asks of the app that it is registered with has a counterpart, too."""
    blueprint = BLUEPRINT.replace("@b.on_ws_message()\ndef say(event):\n    pass", SENDING)
    app = ECHO.replace("import boto3\n", "import boto3\nfrom chalicelib.b import b\n")
    library = {"chalicelib/__init__.py": "", "chalicelib/b.py": blueprint}
    converted = convert(f"{app}\napp.register_blueprint(b)\n", **library)

    assert blueprint != BLUEPRINT
    assert not {codes.KEPT_API, codes.KEEPS_CHALICE} & {one.code for one in converted.diagnostics}
    assert b"    websocket_api.send(event" in converted.files["lambdas/tell/tell.py"]


def test_handler_of_a_blueprint_keeps_chalice() -> None:
    """Chalice hands it what Lambda gives, and not its object of the event."""
    app = "from chalice import Chalice\nfrom chalicelib.b import b\napp = Chalice('a')\n"
    library = {"chalicelib/__init__.py": "", "chalicelib/b.py": BLUEPRINT}
    converted = convert(f"{app}app.register_blueprint(b)\n", **library)

    assert codes.KEPT_API in {one.code for one in converted.diagnostics}


# --- templates written by hand -----------------------------------------------------------

ROOMS = read_files(FIXTURES / "rooms" / "sam")


def change(old: str, new: str) -> dict[str, bytes]:
    text = ROOMS["template.yaml"].decode()
    assert old in text
    return {**ROOMS, "template.yaml": text.replace(old, new, 1).encode()}


def find_reasons(files: dict[str, bytes]) -> list[str]:
    converted = sam_to_chalice(files)
    found = [one.reason for one in converted.diagnostics if one.code == codes.SEPARATE_WEBSOCKETS]
    assert not verify(files, converted.files).differences
    assert b"@app.on_ws" not in converted.files["app.py"]
    return found


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("      DeploymentId: !Ref Deployment\n", "      AutoDeploy: true\n", "the deployment that it makes"),
        (
            "      StageName: Prod\n",
            "      StageName: !Sub ${AWS::StackName}\n",
            "neither a name nor a parameter",
        ),
        (
            "  Deployment:\n",
            "  Other:\n    Type: AWS::ApiGatewayV2::Deployment\n    Properties:\n"
            "      ApiId: !Ref Rooms\n  Deployment:\n",
            "another number",
        ),
        ("      CodeUri: src/enter/\n", "      CodeUri: src/enter/\n      AutoPublishAlias: live\n", "alias"),
        (
            "      CodeUri: src/enter/\n",
            "      CodeUri: src/enter/\n      FunctionUrlConfig: {AuthType: NONE}\n",
            "a URL of its own",
        ),
        (
            "      CodeUri: src/leave/\n",
            "      CodeUri: src/leave/\n      Events:\n        Tick:\n"
            "          Type: Schedule\n          Properties: {Schedule: rate(1 day)}\n",
            "Tick invokes it too",
        ),
        (
            "    Type: AWS::Serverless::SimpleTable\n",
            "    Type: AWS::Serverless::SimpleTable\n    Metadata:\n      Of: !GetAtt EnterFunction.Arn\n",
            "Members names it",
        ),
        (
            "  Rooms:\n",
            "  WebsocketConnect:\n    Type: AWS::SNS::Topic\n  Rooms:\n",
            "which the template has too",
        ),
    ],
)
def test_what_stays_in_the_template(old: str, new: str, reason: str) -> None:
    (found, *_) = find_reasons(change(old, new))

    assert reason in found


@pytest.mark.parametrize("other", ["Leave", "Say"])
def test_function_of_several_routes_stays(other: str) -> None:
    """Chalice has a function for each; here one integration stands for two routes."""
    converted = sam_to_chalice(
        change(
            f"Target: !Sub integrations/${{{other}Integration}}",
            "Target: !Sub integrations/${EnterIntegration}",
        )
    )
    reasons = {
        one.subject: one.reason for one in converted.diagnostics if one.code == codes.SEPARATE_WEBSOCKETS
    }

    assert b"@app.on_ws_connect" not in converted.files["app.py"]
    assert "alone" in (reasons.get("Rooms") or reasons["EnterRoute"])


def test_place_of_what_stays() -> None:
    (found,) = (one for one in sam_to_chalice(ROOMS).diagnostics if one.code == codes.SEPARATE_WEBSOCKETS)
    line = ROOMS["template.yaml"].decode().splitlines().index("  SayRoute:") + 1

    assert found.position == Position("template.yaml", line, 3)


def test_two_apis_stay() -> None:
    another = (
        "  Halls:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: {Name: h, ProtocolType: WEBSOCKET}\n"
    )

    assert 2 == len(find_reasons(change("  Rooms:\n", f"{another}  Rooms:\n")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RouteKey: $connect", "RouteKey: $default"),
        ("StageName: Prod", "StageName: Live"),
        ("Timeout: 10", "Timeout: 11"),
        ("RouteSelectionExpression: $request.body.do", "RouteSelectionExpression: $request.body.what"),
        ("RouteKey: say", "RouteKey: shout"),
        ("IntegrationType: AWS_PROXY", "IntegrationType: AWS"),
    ],
)
def test_what_differs_is_found(old: str, new: str) -> None:
    """A Chalice project is compared with what the conversion makes of the template: not all is accepted."""
    chalice = sam_to_chalice(ROOMS).files

    assert not verify(ROOMS, chalice).differences
    assert verify(change(old, new), chalice).differences


def test_functions_without_policies() -> None:
    """Chalice would let them send to clients, if it generated their policies."""
    text = re.sub(r"      Policies:\n(?:        .*\n)+", "", ROOMS["template.yaml"].decode())
    code = b"def lambda_handler(event, context):\n    return {'statusCode': 200}\n"
    rooms = {path: code if path.endswith(".py") else data for path, data in ROOMS.items()}
    rooms["template.yaml"] = text.encode()
    chalice = sam_to_chalice(rooms).files

    assert "Policies" not in text
    assert b"@app.on_ws_connect()" in chalice["app.py"]
    assert not verify(rooms, chalice).differences


@pytest.mark.slow
def test_tools_agree() -> None:
    """What `chalice package` makes of it is what the template said."""
    chalice = sam_to_chalice(ROOMS).files

    assert not verify(ROOMS, chalice, with_tools=True).differences
    assert verify(change("RouteKey: $connect", "RouteKey: $default"), chalice, with_tools=True).differences
