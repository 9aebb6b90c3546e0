"""Functions that answer API Gateway themselves, as views of Chalice's: the same answers, and back again."""

from __future__ import annotations

from textwrap import dedent

import pytest

from converter import codes
from converter.convert import Conversion, Http, Options, chalice_to_sam, sam_to_chalice
from converter.verify import verify
from converter.verify.accepted import MOUNTED
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Limits, call
from tests.chalice.http.test_answers import make_request

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello/
      Handler: app.handler
      Runtime: python3.12
      Events:
        Hello:
          Type: Api
          Properties:
            Path: /hello/{name}
            Method: get
        Everything:
          Type: Api
          Properties:
            Path: /all/{proxy+}
            Method: any
Outputs:
  Url:
    Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/hello/"
  Arn:
    Value: !GetAtt HelloFunction.Arn
"""
EXPLICIT = """\
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      TracingEnabled: true
      Cors: "'*'"
"""
HANDLER = """\
def handler(event, context):
    name = event["pathParameters"].get("name")
    if name == "nobody":
        raise KeyError(name)
    return {
        "statusCode": 201,
        "headers": {"X-Name": "a"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": f"{event['httpMethod']} {event['path']} {event['headers'].get('Accept')}",
        "isBase64Encoded": name == "bytes",
    }
"""


def mount(template: str = TEMPLATE, handler: str = HANDLER, http: Http = Http.MOUNT) -> Conversion:
    files = {"template.yaml": template.encode(), "hello/app.py": handler.encode()}
    return sam_to_chalice(files, Options(http=http))


def test_app() -> None:
    back = mount()

    assert (
        dedent(
            """\
            from chalice import Chalice

            from chalicelib.lambda_proxy import answer

            app = Chalice(app_name="app")
            app.api.binary_types = []


            """
        )
        + HANDLER
        + dedent(
            """\


            @app.route("/hello/{name}", content_types=["*/*"])
            @app.route(
                "/all/{proxy+}",
                methods=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
                content_types=["*/*"],
            )
            def hello(name=None):
                return answer(app, handler)
            """
        )
        == back.files["app.py"].decode()
    )


def test_answers_are_the_same() -> None:
    back = mount()
    events = [
        make_request("GET", f"/hello/{name}", "/hello/{name}", pathParameters={"name": name}, headers=headers)
        for name in ("me", "nobody", "bytes")
        for headers in ({}, {"Accept": "text/plain", "Content-Type": "text/csv"})
    ]
    events.append(make_request("PUT", "/all/a/b", "/all/{proxy+}", pathParameters={"proxy": "a/b"}))
    ours, theirs = (
        call(Deployment(handler, files, {}, {}), events, Limits())
        for handler, files in (("app.handler", {"app.py": HANDLER.encode()}), ("app.app", back.files))
    )

    assert [] == [
        (left, right)
        for left, right in zip(ours, theirs, strict=True)
        if any(compare_answers(left, right)) or left.failed or right.failed
    ]
    assert [201, "KeyError"] == [ours[0].value["statusCode"], ours[2].error.partition(":")[0]]


@pytest.mark.parametrize("more", ["", EXPLICIT], ids=["implicit", "explicit"])
def test_there_and_back(more: str) -> None:
    text = TEMPLATE
    if more:
        text = text.replace("Outputs:", f"{more}Outputs:").replace("${ServerlessRestApi}", "${Shop}")
        text = text.replace("/Prod/", "/v1/").replace(
            "          Properties:\n", "          Properties:\n            RestApiId: !Ref Shop\n"
        )
    back = mount(text)
    again = chalice_to_sam(back.files)
    template = back.files[".chalice/resources.yaml"].decode()

    assert b"@app.route" in back.files["app.py"]
    assert back.application == again.application
    # At first the view is called as its author called the function.
    rest = sam_to_chalice(again.files).files
    assert rest == sam_to_chalice(chalice_to_sam(rest).files).files
    assert "${RestAPI}" in template
    assert "!GetAtt APIHandler.Arn" in template
    assert ("TracingEnabled: true" in template) is bool(more)


def test_separate_functions_stay() -> None:
    back = mount(http=Http.SEPARATE)

    assert b"@app.lambda_function" in back.files["app.py"]
    assert b"Type: Api" in back.files[".chalice/resources.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ("/hello/{name}", "/hello/", "Hello"),
        ("            Method: get\n", "            Method: get\n            TimeoutInMillis: 5\n", "Hello"),
        ("/hello/{name}", "/all/{proxy+}", "Everything"),
        ("      Runtime: python3.12\n", "      Runtime: python3.12\n      AutoPublishAlias: live\n", "Hello"),
        (
            "      Runtime: python3.12\n",
            "      Runtime: python3.12\n      FunctionUrlConfig: {AuthType: NONE}\n",
            "Hello",
        ),
        ("!GetAtt HelloFunction.Arn", "!Ref HelloFunctionHelloPermissionProd", "ServerlessRestApi"),
    ],
    ids=["slash at the end", "property", "twice", "alias", "URL", "made by SAM"],
)
def test_what_chalice_cannot_say_stays(old: str, new: str, subject: str) -> None:
    changed = TEMPLATE.replace(old, new)
    back = mount(changed)

    assert changed != TEMPLATE
    assert b"@app.route" not in back.files["app.py"]
    assert [subject] == [one.subject for one in back.diagnostics if one.code == codes.SEPARATE_API]


MORE = """\
  OtherFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: other/
      Handler: app.handler
      Runtime: python3.12
      Timeout: 20
      Environment:
        Variables:
          OTHER: !Ref Table
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Table
      Events:
        Other:
          Type: Api
          Properties:
            Path: /other
            Method: post
  Table:
    Type: AWS::Serverless::SimpleTable
Outputs:
"""


def mount_two(old: str = "", new: str = "") -> Conversion:
    text = TEMPLATE.replace("Outputs:\n", MORE)
    changed = text.replace(old, new) if old else text
    assert not old or changed != text
    handler = HANDLER.replace("201", "202")
    files = {"template.yaml": changed, "hello/app.py": HANDLER, "other/app.py": handler}
    return sam_to_chalice({path: code.encode() for path, code in files.items()})


def test_two_functions_are_one() -> None:
    back = mount_two()
    (function,) = back.application.functions.values()
    settings = function.settings["dev"]
    said = [(one.subject, one.reason) for one in back.diagnostics if one.code == codes.JOINED_FUNCTIONS]

    assert ("api_handler", 3) == (function.name, len({one.properties["Path"] for one in function.events}))
    assert (20, {"OTHER": {"Ref": "Table"}}) == (settings["timeout"], settings["environment"])
    assert settings["policy"]
    assert [
        (
            "hello, other",
            "one function of Chalice's serves their routes, with the environment variables and permissions "
            "of all and timeout 20",
        )
    ] == said
    assert back.application == chalice_to_sam(back.files).application


@pytest.mark.parametrize(
    ("old", "new"),
    [("        Other:\n", "        Hello:\n"), ("HelloFunction", "ApiHandler")],
    ids=["events called the same", "a function called as Chalice's"],
)
def test_verify_finds_names_that_two_have(old: str, new: str) -> None:
    template = TEMPLATE.replace("Outputs:\n", MORE).replace(old, new)
    files = {
        "template.yaml": template,
        "hello/app.py": HANDLER,
        "other/app.py": HANDLER.replace("201", "202"),
    }
    sam = {path: text.encode() for path, text in files.items()}

    assert new in template
    assert () == verify(sam, sam_to_chalice(sam).files).differences


def test_each_of_two_answers_its_requests() -> None:
    back = mount_two()
    events = [
        make_request("GET", "/hello/me", "/hello/{name}", pathParameters={"name": "me"}),
        make_request("POST", "/other", pathParameters={}),
    ]
    answers = call(Deployment("app.app", back.files, {}, {}), events, Limits())

    assert [201, 202] == [one.value["statusCode"] for one in answers]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "      CodeUri: hello/\n",
            "      CodeUri: hello/\n      Environment:\n        Variables:\n          OTHER: a\n",
        ),
        ("      Timeout: 20\n", "      Tags:\n        a: b\n"),
        ("      CodeUri: hello/\n", "      CodeUri: hello/\n      FunctionName: Table\n"),
        ("          OTHER: !Ref Table\n", "          OTHER: !Ref HelloFunction\n"),
    ],
    ids=["environment", "tags", "one names the other", "one calls the other"],
)
def test_functions_that_cannot_be_one_stay(old: str, new: str) -> None:
    back = mount_two(old, new)

    assert b"@app.route" not in back.files["app.py"]
    assert 1 == len([one for one in back.diagnostics if one.code == codes.SEPARATE_API])


def test_descriptions_of_functions_that_are_one() -> None:
    back = mount_two("      Timeout: 20\n", "      Timeout: 20\n      Description: The others.\n")
    (said,) = [one.reason for one in back.diagnostics if one.code == codes.JOINED_FUNCTIONS]

    assert "none of their descriptions" in said
    assert b"The others." not in b"".join(back.files.values())


def test_names_and_managed_policies_of_functions_that_are_one() -> None:
    more = "      FunctionName: other\n      Policies:\n        - AmazonS3ReadOnlyAccess\n"
    back = mount_two("      Policies:\n", more)
    (said,) = [one.reason for one in back.diagnostics if one.code == codes.JOINED_FUNCTIONS]

    assert "none of their names" in said
    assert "FunctionName" not in {one.subject for one in back.diagnostics}
    assert b"FunctionName" not in b"".join(back.files.values())
    assert b"AmazonS3ReadOnlyAccess" in back.files[".chalice/resources.yaml"]


def test_function_that_waits_for_another_resource() -> None:
    waiting = (
        "    Type: AWS::Serverless::Function\n    DependsOn: Other\n    Properties:\n      CodeUri: hello/\n"
    )
    template = TEMPLATE.replace(waiting.replace("    DependsOn: Other\n", ""), waiting)
    back = mount(template.replace("Outputs:\n", "  Other:\n    Type: AWS::SQS::Queue\nOutputs:\n"))

    assert b"@app.route" in back.files["app.py"]
    assert b"  APIHandler:\n    DependsOn: Other\n" in back.files[".chalice/resources.yaml"]


DOCUMENTED = """\
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody:
        openapi: "3.0.1"
        info: {title: The shop, version: "1"}
        paths:
          /hello/{name}:
            get:
              responses: {}
              x-amazon-apigateway-integration: &invoke
                type: aws_proxy
                httpMethod: POST
                uri: !Sub "INVOKE"
          /all/{proxy+}:
            x-amazon-apigateway-any-method:
              x-amazon-apigateway-integration: *invoke
Outputs:
"""


INVOKE = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "${HelloFunction.Arn}/invocations"
)


def mount_documented(old: str = "", new: str = "") -> tuple[dict[str, bytes], Conversion]:
    written = DOCUMENTED.replace("INVOKE", INVOKE)
    document = written.replace(old, new) if old else written
    assert not old or document != written
    template = TEMPLATE.replace(
        "            Method:", "            RestApiId: !Ref Shop\n            Method:"
    )
    template = template.replace("Outputs:\n", document).replace("${ServerlessRestApi}", "${Shop}")
    sam = {"template.yaml": template.encode(), "hello/app.py": HANDLER.encode()}
    return sam, sam_to_chalice(sam)


def test_document_that_says_what_the_events_say() -> None:
    sam, back = mount_documented()

    assert b"@app.route" in back.files["app.py"]
    assert b"Name: The shop" in back.files[".chalice/resources.yaml"]
    assert b"DefinitionBody" not in back.files[".chalice/resources.yaml"]
    assert () == verify(sam, back.files).differences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("            get:\n", "            get:\n              security: [{key: []}]\n"),
        ("              responses: {}\n", '              responses: {"200": {description: It is there.}}\n'),
        ("type: aws_proxy", "type: aws"),
        ("type: aws_proxy", "type: http_proxy"),
        ("            get:\n", "            post:\n"),
        ("          /all/{proxy+}:\n", "          /all:\n"),
        ("${HelloFunction.Arn}/", "${HelloFunction.Alias}/"),
        ('info: {title: The shop, version: "1"}', "info: {title: The shop, description: Sells.}"),
    ],
    ids=["security", "responses", "type", "elsewhere", "method", "path", "alias", "description"],
)
def test_document_that_says_more_stays(old: str, new: str) -> None:
    sam, back = mount_documented(old, new)

    assert ["its routes stand in its DefinitionBody"] == [
        one.reason for one in back.diagnostics if one.code == codes.SEPARATE_API
    ]
    assert b"DefinitionBody" in back.files[".chalice/resources.yaml"]
    assert () == verify(sam, back.files).differences


GUARDED = """\
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Auth:
        DefaultAuthorizer: Staff
        ApiKeyRequired: true
        UsagePlan:
          CreateUsagePlan: PER_API
        Authorizers:
          Staff:
            UserPoolArn: arn:aws:cognito-idp:eu-west-1:123456789012:userpool/a
Outputs:
  Key:
    Value: !Ref ShopApiKey
"""
OF_SHOP = TEMPLATE[: TEMPLATE.index("Outputs:")].replace(
    "Method:", "RestApiId: !Ref Shop\n            Method:"
)
OPEN = "Method: any\n            Auth:\n              Authorizer: NONE\n              ApiKeyRequired: false"


def test_what_an_api_says_of_all_its_routes() -> None:
    template = OF_SHOP.replace("Method: any", OPEN) + GUARDED
    mounted = mount(template)
    app = mounted.files["app.py"].decode()
    resources = mounted.files[".chalice/resources.yaml"].decode()

    assert app.count("authorizer=staff_authorizer,\n    api_key_required=True,\n") == 1
    assert app.count("authorizer=") == app.count("api_key_required") == 1
    # Chalice makes no plan, without which a key is of no use.
    assert "CreateUsagePlan: PER_API" in resources
    assert "!Ref RestAPIApiKey" in resources
    assert mounted.application == chalice_to_sam(mounted.files).application


def test_user_pool_of_the_template() -> None:
    pool = "  Pool:\n    Type: AWS::Cognito::UserPool\nOutputs:"
    arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/a"
    template = OF_SHOP + GUARDED.replace(arn, "!GetAtt Pool.Arn").replace("Outputs:", pool)
    mounted = mount(template)

    assert "userpool" not in mounted.files["app.py"].decode()
    assert b"chalice" not in chalice_to_sam(mounted.files).files["lambdas/api_handler/api_handler.py"]
    assert "UserPoolArn: !GetAtt Pool.Arn" in mounted.files[".chalice/resources.yaml"].decode()
    assert mounted.application == chalice_to_sam(mounted.files).application


def test_key_without_a_plan() -> None:
    template = OF_SHOP + GUARDED[: GUARDED.index("Outputs")]
    template = template.replace("        UsagePlan:\n          CreateUsagePlan: PER_API\n", "")
    mounted = mount(template)

    assert mounted.files["app.py"].count(b"api_key_required=True") == 2
    assert b"UsagePlan" not in mounted.files[".chalice/resources.yaml"]


def test_preflight_that_needs_the_authorizer() -> None:
    guarded = GUARDED.replace("      Auth:\n", "      Cors: \"'*'\"\n      Auth:\n")
    mounted = mount(OF_SHOP + guarded)

    # The decorators of Chalice's guard no preflight requests; SAM does it with what is merged.
    assert b"authorizer" not in mounted.files["app.py"]
    assert "DefaultAuthorizer: Staff" in mounted.files[".chalice/resources.yaml"].decode()
    assert mounted.application == chalice_to_sam(mounted.files).application


def test_open_route_beside_preflight_that_needs_the_authorizer() -> None:
    guarded = GUARDED.replace("      Auth:\n", "      Cors: \"'*'\"\n      Auth:\n")
    found = mount(OF_SHOP.replace("Method: any", OPEN) + guarded).diagnostics

    assert ["all routes of the API need a key but this one"] == [
        each.reason for each in found if each.code == codes.SEPARATE_API
    ]


def test_verify_finds_them_equal() -> None:
    for back, files in (
        (mount(), {"template.yaml": TEMPLATE, "hello/app.py": HANDLER}),
        (
            mount_two(),
            {
                "template.yaml": TEMPLATE.replace("Outputs:\n", MORE),
                "hello/app.py": HANDLER,
                "other/app.py": HANDLER,
            },
        ),
    ):
        sam = {path: text.encode() for path, text in files.items()}
        found = verify(sam, back.files)
        titles = {one.accepted for one in found.findings}

        assert () == found.differences
        assert found.is_complete
        assert MOUNTED.title in titles


@pytest.mark.parametrize("name", ["Everything", "Hello"])
def test_events_of_two_functions_with_one_name(name: str) -> None:
    back = mount_two("        Other:\n", f"        {name}:\n")
    more = MORE.replace("        Other:\n", f"        {name}:\n")
    sam = {
        "template.yaml": TEMPLATE.replace("Outputs:\n", more),
        "hello/app.py": HANDLER,
        "other/app.py": HANDLER,
    }
    (function,) = back.application.functions.values()

    assert len(function.events) == len({event.name for event in function.events}) == 9
    assert () == verify({path: text.encode() for path, text in sam.items()}, back.files).differences


def test_function_that_is_called_as_chalice_calls_its_own():
    template = TEMPLATE.replace("HelloFunction", "ApiHandler")
    back = mount(template)
    found = verify({"template.yaml": template.encode(), "hello/app.py": HANDLER.encode()}, back.files)

    assert MOUNTED.title in {one.accepted for one in found.findings}
    assert () == found.differences


def test_verify_finds_what_was_changed_since() -> None:
    sam = {"template.yaml": TEMPLATE.encode(), "hello/app.py": HANDLER.encode()}
    changed = mount().files[".chalice/config.json"].replace(b'"lambda_timeout": 3', b'"lambda_timeout": 4')
    route = mount().files["app.py"].replace(b'"/hello/{name}"', b'"/hallo/{name}"')
    found = verify(sam, {**mount().files, ".chalice/config.json": changed, "app.py": route})
    kinds = {one.difference.kind for one in found.differences}

    assert {"timeout", "event"} <= kinds


def test_stage_that_is_put_together() -> None:
    """Chalice's config and its outputs name the stage."""
    events = TEMPLATE.replace(
        "            Method: get", "            Method: get\n            RestApiId: !Ref Shop"
    )
    events = events.replace(
        "            Method: any", "            Method: any\n            RestApiId: !Ref Shop"
    )
    api = EXPLICIT.replace("StageName: v1", 'StageName: !Sub "${AWS::StackName}-v1"')
    back = mount(events.replace("Outputs:\n", f"{api}Outputs:\n").replace("ServerlessRestApi", "Shop"))

    assert b"@app.route" not in back.files["app.py"]
    assert "its StageName is neither a name nor a parameter" in {each.reason for each in back.diagnostics}
