"""APIs that were Chalice's, there and back: what the code, the config and the merge template say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent

import pytest

from converter import codes
from converter.convert import Conversion, Http, Options, chalice_to_sam, sam_to_chalice
from converter.model import Json

APP = """\
from chalice import Chalice

app = Chalice(app_name="shop")


@app.route("/prices", methods=["GET", "PUT"])
def prices():
    return []
"""


def go_there_and_back(app: str, config: Json = None, **files: str) -> tuple[Conversion, Conversion]:
    """The SAM form, and the Chalice form of that, which is the same application."""
    return _go_there_and_back(app, config, files, Options())


def _go_there_and_back(
    app: str, config: Json, files: Mapping[str, str], options: Options
) -> tuple[Conversion, Conversion]:
    config = {"version": "2.0", "app_name": "shop", "stages": {"dev": {}}, **(config or {})}
    task = {"app.py": app, ".chalice/config.json": json.dumps(config), **files}
    there = chalice_to_sam({path: text.encode() for path, text in task.items()}, options)
    back = sam_to_chalice(there.files)

    assert there.application == chalice_to_sam(back.files, options).application
    return there, back


def go_on_chalice(app: str) -> tuple[Conversion, Conversion]:
    """The same with code that keeps Chalice."""
    return _go_there_and_back(app, None, {}, Options(http=Http.CHALICE))


def test_nothing_is_left_of_the_resolver() -> None:
    _, back = go_there_and_back(APP)

    assert {"app.py", ".chalice/config.json", "requirements.txt"} == back.files.keys() - {
        ".python-version",
        "README.md",
    }
    assert APP == back.files["app.py"].decode()
    assert b"" == back.files["requirements.txt"].strip()


POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}


@pytest.mark.parametrize(
    "config",
    [
        {"minimum_compression_size": 7},
        {"stages": {"dev": {"api_gateway_stage": "dev"}, "prod": {"api_gateway_stage": "v1"}}},
        {"stages": {"dev": {"minimum_compression_size": 1}, "prod": {"minimum_compression_size": 2}}},
        {"stages": {"dev": {"api_gateway_endpoint_type": "REGIONAL"}}},
        {
            "stages": {
                "dev": {
                    "api_gateway_endpoint_type": "PRIVATE",
                    "api_gateway_endpoint_vpce": ["vpce-1"],
                    "api_gateway_policy_file": "api_policy.json",
                }
            }
        },
        {
            "stages": {
                "dev": {
                    "api_gateway_custom_domain": {
                        "domain_name": "shop.example.com",
                        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/a",
                        "tls_version": "1.2",
                        "url_prefix": "v1",
                    }
                }
            }
        },
    ],
    ids=["one value", "stage name", "number by stage", "endpoint", "private", "domain"],
)
def test_config(config: Json) -> None:
    policy = json.dumps(POLICY)
    _, back = go_there_and_back(APP, config, **{".chalice/api_policy.json": policy})
    written = json.loads(back.files[".chalice/config.json"])
    whole = {"version": "2.0", "app_name": "shop", "stages": {"dev": {}}, **config}
    top = {key: value for key, value in whole.items() if not key.startswith("minimum")}
    size = {key: value for key, value in whole.items() if key.startswith("minimum")}

    assert {**top, "stages": {**top["stages"], "dev": {**top["stages"]["dev"], **size}}} == written
    assert ".chalice/resources.yaml" not in back.files


def test_what_only_a_template_says_is_merged() -> None:
    merged = dedent(
        """\
        Resources:
          APIHandler:
            Properties:
              EphemeralStorage:
                Size: 1024
          RestAPI:
            Properties:
              TracingEnabled: true
          Alarm:
            Type: AWS::CloudWatch::Alarm
            Properties:
              # Of all routes.
              MetricName: !Ref APIHandler

        Outputs:
          RestAPIId:
            Export:
              Name: shop-api
        """
    )
    _, back = go_there_and_back(APP, **{".chalice/resources.yaml": merged})
    written = back.files[".chalice/resources.yaml"].decode()

    assert "  APIHandler:\n    Properties:\n      EphemeralStorage:\n" in written
    assert "  RestAPI:\n    Properties:\n      TracingEnabled: true\n" in written
    assert "MetricName: !Ref APIHandler" in written
    assert "Name: shop-api" in written
    assert "BinaryMediaTypes" not in written
    assert b"@app.route" in back.files["app.py"]


AUTHORIZERS = """\
from chalice import AuthResponse, Chalice, CognitoUserPoolAuthorizer, CustomAuthorizer, IAMAuthorizer

from chalicelib.more import more

app = Chalice(app_name="shop")
staff_authorizer = CognitoUserPoolAuthorizer(
    "Staff",
    provider_arns=["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/a"],
)
others_authorizer = CustomAuthorizer(
    "Others",
    authorizer_uri="arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:others/invocations",
    ttl_seconds=10,
)
app.register_blueprint(more)


@app.authorizer(ttl_seconds=60)
def ours(auth):
    return AuthResponse(routes=["*"], principal_id=auth.token)


@app.route("/a", authorizer=staff_authorizer.with_scopes(["read"]))
def a():
    return ours.__name__


@app.route("/b", authorizer=others_authorizer, api_key_required=True)
def b():
    return "b"


@app.route("/c", authorizer=ours)
def c():
    return "c"
"""
MORE = """\
from chalice import Blueprint, {name}

more = Blueprint(__name__)


@more.route("/d", authorizer={authorizer})
def d():
    return "d"
"""


def test_authorizers() -> None:
    more = MORE.format(name="IAMAuthorizer", authorizer="IAMAuthorizer()")
    files = {"chalicelib/__init__.py": "", "chalicelib/more.py": more}
    there, back = go_there_and_back(AUTHORIZERS.replace("return ours.__name__", 'return "a"'), **files)
    auth = there.application.template.sections["Resources"]["RestAPI"]["Properties"]["Auth"]
    app = back.files["app.py"].decode()

    assert [] == _kept(back)
    assert ["Staff", "Others", "ours"] == list(auth["Authorizers"])
    for line in ("staff_authorizer.with_scopes", "authorizer=others_authorizer, api_key_required=True)"):
        assert line in app
    assert '@app.route("/c", authorizer=ours)' in app
    assert "@app.authorizer(ttl_seconds=60)\ndef ours(auth):" in app
    assert more == back.files["chalicelib/more.py"].decode()


def test_authorizer_that_another_module_cannot_see() -> None:
    pool = 'CognitoUserPoolAuthorizer("Pool", provider_arns=["arn:aws:cognito-idp:eu-west-1:1:userpool/b"])'
    more = MORE.format(name="CognitoUserPoolAuthorizer", authorizer=pool)
    app = APP.replace(
        "from chalice import Chalice\n", "from chalice import Chalice\n\nfrom chalicelib.more import more\n"
    )
    app = app.replace('"shop")\n', '"shop")\napp.register_blueprint(more)\n')
    files = {"chalicelib/__init__.py": "", "chalicelib/more.py": more}
    _, back = go_there_and_back(app, **files)

    assert ["chalicelib.more"] == _kept(back)
    assert b"api_compat" in back.files["chalicelib/more.py"]


def test_types_that_the_template_does_not_say() -> None:
    there, _ = go_there_and_back(APP)
    head, _, tail = there.files["template.yaml"].decode().partition("      BinaryMediaTypes:\n")
    changed = head + tail[tail.index("\nOutputs:") :]
    back = sam_to_chalice({**there.files, "template.yaml": changed.encode()})

    assert APP == back.files["app.py"].decode()
    assert "      BinaryMediaTypes: []\n" in back.files[".chalice/resources.yaml"].decode()


def test_route_without_a_view_is_answered_by_the_resolver() -> None:
    there, _ = go_there_and_back(APP)
    text = there.files["template.yaml"].decode()
    changed = text.replace("            Path: /prices", "            Path: /costs")
    back = sam_to_chalice({**there.files, "template.yaml": changed.encode()})

    assert ['app.route("/prices"'] == [one.partition(",")[0] for one in _kept(back)]
    assert b"import app as handler\n\n    return answer(app, handler)" in back.files["app.py"]
    assert b"aws-lambda-powertools" in back.files["requirements.txt"]


def test_api_of_another_kind_stays() -> None:
    there, _ = go_there_and_back(APP)
    text = there.files["template.yaml"].decode()
    changed = text.replace("          Type: Api\n", "          Type: HttpApi\n")
    back = sam_to_chalice({**there.files, "template.yaml": changed.encode()})

    assert b"@app.route" not in back.files["app.py"]
    assert b"Type: HttpApi" in back.files[".chalice/resources.yaml"]


def _kept(conversion: Conversion) -> list[str]:
    return [one.subject for one in conversion.diagnostics if one.code == codes.KEPT_RESOLVER]


WEBSOCKETS = """\
from boto3.session import Session
from chalice import Chalice

app = Chalice(app_name="shop")
app.websocket_api.session = Session()
app.experimental_feature_flags.update(["WEBSOCKETS"])


@app.on_ws_message()
def say(event):
    app.websocket_api.send(event.connection_id, event.body)


@app.on_ws_disconnect()
def leave(event):
    return event.connection_id
"""
VIEW = """\


@app.route("/rooms")
def rooms():
    return app.current_request.to_dict()
"""


@pytest.mark.parametrize("more", ["", VIEW], ids=["alone", "beside views"])
def test_websockets(more: str) -> None:
    there, back = go_there_and_back(WEBSOCKETS + more)
    written = back.files["app.py"].decode()

    assert not any(path.endswith("chalice/app.py") for path in there.files)
    assert 'app.experimental_feature_flags.update(["WEBSOCKETS"])\n' in written
    assert "@app.on_ws_message()\ndef websocket_message(event):\n" in written
    assert "return say(event.to_dict(), event.context)\n" in written
    assert ("@app.route" in written) is bool(more)
    assert "@app.lambda_function" not in written
    assert ".chalice/resources.yaml" not in back.files


@pytest.mark.parametrize("more", ["", VIEW], ids=["alone", "beside views"])
def test_websockets_that_kept_chalice(more: str) -> None:
    there, back = go_on_chalice(WEBSOCKETS + more)

    assert any(path.endswith("chalice/app.py") for path in there.files)
    assert set(WEBSOCKETS.splitlines()) <= set(back.files["app.py"].decode().splitlines())
    assert ("@app.route" in back.files["app.py"].decode()) is bool(more)
    assert "@app.lambda_function" not in back.files["app.py"].decode()
    assert ".chalice/resources.yaml" not in back.files


def test_websockets_of_which_the_template_says_more() -> None:
    there, _ = go_there_and_back(WEBSOCKETS)
    text = there.files["template.yaml"].decode()
    changed = text.replace(
        "      RouteKey: $default\n", "      RouteKey: $default\n      OperationName: Say\n"
    )
    back = sam_to_chalice({**there.files, "template.yaml": changed.encode()})
    written = back.files[".chalice/resources.yaml"].decode()

    assert changed != text
    assert ["Resources:", "  WebsocketMessageRoute:", "    Properties:", "      OperationName: Say"] == [
        line for line in written.splitlines() if line
    ]
    assert chalice_to_sam(back.files).application == back.application


def test_code_that_kept_chalice_for_other_names() -> None:
    """The decorator would make a function of another name, so the handler is called as it is."""
    there, _ = go_on_chalice(WEBSOCKETS)
    files = {
        path: data.replace(b"on_ws_message()", b"lambda_function(name='other')")
        for path, data in there.files.items()
    }
    back = sam_to_chalice(files)

    assert b"@app.on_ws_message()\ndef websocket_message(event):" in back.files["app.py"]
    assert b"return say(event.to_dict(), event.context)" in back.files["app.py"]
