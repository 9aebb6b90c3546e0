"""Roles and policies: Chalice's by file or of its own making, SAM's in every form."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from converter.chalice.policy import LOGS
from converter.codes import (
    ABSORBED_ROLE,
    INVALID_CONFIG_VALUE,
    INVALID_JSON,
    MERGED_ALIKE,
    MISSING_POLICY_FILE,
    POLICY_NOT_GENERATED,
    UNSUPPORTED_SETTING,
)
from converter.convert import Conversion, chalice_to_sam
from converter.model import Json
from tests.features.tools import (
    check_both_ways,
    check_model,
    check_to_chalice,
    check_to_sam,
    config_of,
    convert_to_chalice,
    convert_to_sam,
    template_of,
)

READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}
LIST = {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["*"]}
FILE = json.dumps({"Version": "2012-10-17", "Statement": [LOGS, READ]})
S3 = """\
import boto3
from chalice import Chalice

app = Chalice(app_name="orders")
s3 = boto3.client("s3")


@app.lambda_function()
def one(event, context):
    return s3.list_buckets()
"""


def statements_of(conversion: Conversion, file: str = "policy-dev.json") -> Json:
    return json.loads(conversion.files[f".chalice/{file}"])["Statement"]


def policies(*statements: Json) -> str:
    return json.dumps([{"Version": "2012-10-17", "Statement": [*statements]}])


# --- Chalice to SAM -------------------------------------------------------------


def test_function_that_needs_nothing():
    check_both_ways("{}", "", model={"policy": None, "role": None})


def test_policy_that_chalice_generates():
    there = convert_to_sam(files={"app.py": S3})
    statement = {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": ["*"]}

    assert {"OneFunction": {"Policies": json.loads(policies(statement))}} == template_of(there)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ('{"autogen_policy": false}', "policy-dev.json"),
        ('{"autogen_policy": false, "iam_policy_file": "mine.json"}', "mine.json"),
        ('{"lambda_functions": {"one": {"autogen_policy": false}}}', "policy-dev.json"),
    ],
)
def test_policy_file(config: str, path: str):
    there = convert_to_sam(config, files={f".chalice/{path}": FILE})

    assert {"OneFunction": {"Policies": json.loads(policies(READ))}} == template_of(there)


def test_policy_file_beside_generated_policy_has_no_effect():
    assert {} == template_of(convert_to_sam("{}", files={".chalice/policy-dev.json": FILE}))


def test_policy_file_elsewhere_in_the_project():
    config = '{"autogen_policy": false, "iam_policy_file": "../iam/policy.json"}'

    assert "Policies" in str(template_of(convert_to_sam(config, files={"iam/policy.json": FILE})))


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ('{"autogen_policy": false}', "1:21"),
        ('{"autogen_policy": false, "iam_policy_file": "mine.json"}', "1:21"),
    ],
)
def test_policy_file_that_is_missing(config: str, place: str):
    there = convert_to_sam(config)
    (diagnostic,) = there.diagnostics

    assert MISSING_POLICY_FILE is diagnostic.code
    assert f".chalice/config.json:{place}" == str(diagnostic.position)
    assert {} == template_of(there)


@pytest.mark.parametrize(
    ("text", "place"),
    [("{", "1:2"), ("[]", "1:1"), ('{"Version": "2012-10-17"}', "1:1"), ("\n\nx", "3:1")],
)
def test_policy_file_that_is_broken(text: str, place: str):
    there = convert_to_sam('{"autogen_policy": false}', files={".chalice/policy-dev.json": text})
    (diagnostic,) = there.diagnostics

    assert INVALID_JSON is diagnostic.code
    assert f".chalice/policy-dev.json:{place}" == str(diagnostic.position)
    assert {} == template_of(there)


def test_policy_that_chalice_cannot_generate():
    nested = S3.replace("    return s3", "    def inner():\n        return s3").replace(
        "buckets()\n", "buckets()\n    return inner()\n"
    )
    there = convert_to_sam(files={"app.py": nested})

    assert [POLICY_NOT_GENERATED] == [diagnostic.code for diagnostic in there.diagnostics]
    assert {} == template_of(there)


def test_role_of_somebody_else():
    check_both_ways(
        '{"manage_iam_role": false, "iam_role_arn": "arn:aws:iam::1:role/x"}',
        "Role: arn:aws:iam::1:role/x",
        model={"role": "arn:aws:iam::1:role/x", "policy": None},
    )


def test_role_by_stage():
    check_both_ways(
        """\
        {"manage_iam_role": false, "stages": {
            "dev": {"iam_role_arn": "arn:aws:iam::1:role/d"},
            "prod": {"iam_role_arn": "arn:aws:iam::1:role/p"}
        }}
        """,
        """\
        Mappings:
          Stages:
            dev: {Role: "arn:aws:iam::1:role/d"}
            prod: {Role: "arn:aws:iam::1:role/p"}
        OneFunction:
          Role: !FindInMap [Stages, !Ref Stage, Role]
        """,
    )


@pytest.mark.parametrize("role", ["", ', "iam_role_arn": 5'])
def test_role_that_is_not_named(role: str):
    there = convert_to_sam(f'{{"manage_iam_role": false{role}}}')
    (diagnostic,) = there.diagnostics

    assert INVALID_CONFIG_VALUE is diagnostic.code
    assert ".chalice/config.json:1:21" == str(diagnostic.position)


def test_role_without_effect():
    check_to_sam('{"iam_role_arn": "arn:aws:iam::1:role/x"}', "")


def test_functions_of_one_policy_share_a_role():
    there = convert_to_sam(
        '{"autogen_policy": false, "lambda_functions": {"two": {"lambda_timeout": 5}}}',
        files={".chalice/policy-dev.json": FILE},
    )
    template = template_of(there)
    role = template["Resources"]["SharedRole"]["Properties"]

    assert {"Fn::GetAtt": ["SharedRole", "Arn"]} == template["OneFunction"]["Role"]
    assert {"Fn::GetAtt": ["SharedRole", "Arn"]} == template["TwoFunction"]["Role"]
    assert [READ] == role["Policies"][0]["PolicyDocument"]["Statement"]


def test_functions_of_different_policies():
    config = """\
        {
            "autogen_policy": false,
            "lambda_functions": {
                "one": {"iam_policy_file": "policy-dev-one.json"},
                "two": {"iam_policy_file": "policy-dev-two.json"}
            }
        }
        """
    files = {
        f".chalice/policy-dev-{name}.json": json.dumps({"Statement": statement})
        for name, statement in (("one", READ), ("two", [LIST, LOGS]))
    }
    there = convert_to_sam(config, files=files)
    back = convert_to_chalice(
        f"OneFunction: {{Policies: {policies(READ)}}}\nTwoFunction: {{Policies: {policies(LIST)}}}\n"
    )

    assert {
        "OneFunction": {"Policies": json.loads(policies(READ))},
        "TwoFunction": {"Policies": json.loads(policies(LIST))},
    } == template_of(there)
    assert json.loads(config) == config_of(back)
    assert [LOGS, READ] == statements_of(back, "policy-dev-one.json")
    assert there.application == back.application


def test_policies_by_stage():
    there = convert_to_sam(
        '{"stages": {"dev": {"autogen_policy": false}, "prod": {"autogen_policy": false}}}',
        files={
            ".chalice/policy-dev.json": json.dumps({"Statement": READ}),
            ".chalice/policy-prod.json": json.dumps({"Statement": [READ, LIST]}),
        },
    )

    (dev,), (prod,) = json.loads(policies(READ)), json.loads(policies(READ, LIST))
    assert {
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "OneFunction": {"Policies": [{"Fn::If": ["IsProd", prod, dev]}]},
    } == template_of(there)


# --- SAM to Chalice -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(policies(READ), [READ], id="document in a list"),
        pytest.param(json.dumps({"Statement": [READ]}), [READ], id="document"),
        pytest.param(json.dumps({"Statement": READ}), [READ], id="statement alone"),
        pytest.param(
            json.dumps([{"Statement": [READ]}, {"Statement": [LIST]}]), [READ, LIST], id="two documents"
        ),
        pytest.param(
            "[{SQSPollerPolicy: {QueueName: q}}]",
            [
                {
                    "Effect": "Allow",
                    "Action": [
                        "sqs:ChangeMessageVisibility",
                        "sqs:ChangeMessageVisibilityBatch",
                        "sqs:DeleteMessage",
                        "sqs:DeleteMessageBatch",
                        "sqs:GetQueueAttributes",
                        "sqs:ReceiveMessage",
                    ],
                    "Resource": {
                        "Fn::Sub": [
                            "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${queueName}",
                            {"queueName": "q"},
                        ]
                    },
                }
            ],
            id="policy template",
        ),
    ],
)
def test_policies(written: str, expected: Json):
    back = convert_to_chalice(f"Policies: {written}")

    assert [LOGS, *expected] == statements_of(back)
    assert {"autogen_policy": False} == config_of(back)
    check_model(back, {"dev": {"policy": expected}})


def test_basic_execution_is_what_every_function_has():
    check_to_chalice("Policies: [AWSLambdaBasicExecutionRole]")


def test_managed_policy():
    back = check_to_chalice(
        "Policies: [AmazonS3ReadOnlyAccess]",
        '{"autogen_policy": false}',
        merge="""\
        Resources:
          OneRole:
            Properties:
              ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/AmazonS3ReadOnlyAccess"]
        """,
    )

    check_model(back, {"dev": {"policy": None, "managed_policies": ["AmazonS3ReadOnlyAccess"]}})


def test_managed_policy_comes_back():
    there = convert_to_sam(
        '{"autogen_policy": false}',
        merge="""\
        Resources:
          OneRole:
            Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}
        """,
        files={".chalice/policy-dev.json": FILE},
    )

    assert ["AmazonS3ReadOnlyAccess", *json.loads(policies(READ))] == template_of(there)["OneFunction"][
        "Policies"
    ]


BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


def test_what_else_sam_says_of_its_role():
    trust = "{Statement: [{Effect: Allow, Principal: {Service: [lambda.amazonaws.com]}, Action: 'sts:*'}]}"

    check_both_ways(
        '{"autogen_policy": false}',
        f"""\
        PermissionsBoundary: {BOUNDARY}
        RolePath: /orders/
        AssumeRolePolicyDocument: {trust}
        """,
        merge=f"""\
        Resources:
          OneRole:
            Properties:
              Path: /orders/
              PermissionsBoundary: {BOUNDARY}
              AssumeRolePolicyDocument: {trust}
        """,
    )


def test_boundary_of_the_role_that_all_functions_share():
    check_to_sam(
        '{"lambda_functions": {"two": {}}}',
        f"""\
        OneFunction: {{PermissionsBoundary: "{BOUNDARY}"}}
        TwoFunction: {{PermissionsBoundary: "{BOUNDARY}"}}
        """,
        merge=f"Resources: {{DefaultRole: {{Properties: {{PermissionsBoundary: '{BOUNDARY}'}}}}}}",
    )


def test_boundary_that_differs_by_stage():
    back = convert_to_chalice(
        """\
        Conditions: {IsProd: !Equals [!Ref Stage, prod]}
        OneFunction: {PermissionsBoundary: !If [IsProd, "arn:p", !Ref AWS::NoValue]}
        """,
        '{"stages": {"dev": {}, "prod": {}}}',
    )

    assert ["PermissionsBoundary"] == [one.subject for one in back.diagnostics if one.code is MERGED_ALIKE]


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        ("{Properties: {PermissionsBoundary: a, RoleName: orders}}", "RoleName"),
        ("{Properties: {Policies: []}}", "Policies"),
        ("{DeletionPolicy: Retain}", "DeletionPolicy"),
    ],
)
def test_what_sam_cannot_say_of_its_role(role: str, subject: str):
    there = convert_to_sam(merge=f"Resources: {{DefaultRole: {role}}}")
    (found,) = there.diagnostics

    assert (UNSUPPORTED_SETTING, subject) == (found.code, found.subject)
    assert str(found.position).startswith(".chalice/resources.yaml:")
    assert "DefaultRole" not in there.files["template.yaml"].decode()


def test_role_that_has_the_id_of_one_that_chalice_does_not_make():
    role = "{Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {Statement: []}}}"

    check_to_sam("{}", f"Resources: {{OneRole: {role}}}", merge=f"Resources: {{OneRole: {role}}}")


ROLE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]
      Policies:
        - PolicyName: Read
          PolicyDocument: {Statement: [{Effect: Allow, Action: ["s3:GetObject"], Resource: "*"}]}
OneFunction:
  Role: !GetAtt Role.Arn
"""


def test_role_of_functions_only_becomes_their_policy_file():
    back = check_to_chalice(ROLE, '{"autogen_policy": false}')
    (found,) = back.diagnostics

    assert (ABSORBED_ROLE, "Role") == (found.code, found.subject)

    assert [LOGS, READ] == statements_of(back)
    check_model(back, {"dev": {"policy": [READ], "role": None}})


def test_role_that_says_itself_what_logs_take():
    logs = "{Effect: Allow, Action: 'logs:*', Resource: '*'}"
    text = ROLE.replace(
        "      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]\n", ""
    )
    back = convert_to_chalice(text.replace("Statement: [{Effect", f"Statement: [{logs}, {{Effect"))

    assert [LOGS, {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}, READ] == statements_of(back)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("lambda.amazonaws.com", "states.amazonaws.com"), id="trust"),
        pytest.param(
            lambda text: text.replace("      Policies:", "      RoleName: x\n      Policies:"), id="name"
        ),
        pytest.param(
            lambda text: text.replace("OneFunction:", "Outputs: {R: {Value: !Ref Role}}\nOneFunction:"),
            id="output",
        ),
        pytest.param(
            lambda text: text.replace("OneFunction:", "Outputs: {Role: {Value: !Ref Role}}\nOneFunction:"),
            id="output of the same name",
        ),
        pytest.param(
            lambda text: text.replace("service-role/AWSLambdaBasicExecutionRole", "AmazonS3ReadOnlyAccess"),
            id="no logs",
        ),
    ],
)
def test_other_role_is_carried(change):
    text = change(ROLE)
    back = convert_to_chalice(text)

    assert {"Fn::GetAtt": ["Role", "Arn"]} == back.application.functions["one"].settings["dev"]["role"]
    assert config_of(back)["manage_iam_role"] is False
    assert "  Role:\n" in back.files[".chalice/resources.yaml"].decode()


def test_vpc_and_tracing_bring_their_rights():
    """Chalice adds them to what it generates, and to nothing else; SAM attaches managed policies."""
    vpc = "VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}\nTracing: Active\n"
    back = convert_to_chalice(f"{vpc}Policies: {policies(READ)}\n")
    actions = [statement["Action"][0] for statement in statements_of(back)]
    again = convert_to_sam(
        json.dumps(config_of(back)),
        files={".chalice/policy-dev.json": back.files[".chalice/policy-dev.json"].decode()},
    )

    assert [
        "logs:CreateLogGroup",
        "s3:GetObject",
        "ec2:CreateNetworkInterface",
        "xray:PutTraceSegments",
    ] == actions
    assert json.loads(policies(READ)) == template_of(again)["OneFunction"]["Policies"]
    check_model(back, {"dev": {"policy": [READ]}})


def test_vpc_and_tracing_need_no_file_where_chalice_generates():
    check_both_ways(
        '{"security_group_ids": ["b"], "subnet_ids": ["a"], "xray": true}',
        "VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}\nTracing: Active\n",
    )


def test_code_for_which_chalice_would_generate_more():
    """The policy of the template counts, so it is written down though it is empty."""
    back = convert_to_chalice(
        "",
        files={
            "lambdas/one/one.py": dedent("""\
                import boto3
                s3 = boto3.client("s3")
                def one(event, context):
                    return s3.list_buckets()
                """)
        },
    )

    assert {"autogen_policy": False} == config_of(back)
    assert [LOGS] == statements_of(back)


# --- what SAM adds by itself --------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("SQS", [{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "a"}]),
        ("SNS", [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": "a"}]),
        (
            "S3",
            [
                {
                    "Effect": "Allow",
                    "Action": ["s3:PutObject"],
                    "Resource": {"Fn::Join": ["/", ["a", "*"]]},
                },
                {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": "a"},
            ],
        ),
        ("Kafka", None),
    ],
)
def test_failed_records_reach_their_destination(kind: str, expected: Json):
    failure = f"DestinationConfig: {{OnFailure: {{Type: {kind}, Destination: a}}}}"
    event = f"{{Stream: s, StartingPosition: LATEST, {failure}}}"
    back = convert_to_chalice(f"Events: {{S: {{Type: Kinesis, Properties: {event}}}}}")

    check_model(back, {"dev": {"policy": expected}})


def test_durable_function_may_keep_its_state():
    back = convert_to_chalice("DurableConfig: {ExecutionTimeout: 60}")
    (policy,) = back.application.functions["one"].settings["dev"]["managed_policies"]
    there = chalice_to_sam(back.files)

    assert "service-role/AWSLambdaBasicDurableExecutionRolePolicy" in policy["Fn::Sub"]
    assert policy["Fn::Sub"] in back.files[".chalice/resources.yaml"].decode()
    assert "Policies" not in there.files["template.yaml"].decode()
    assert back.application == there.application
