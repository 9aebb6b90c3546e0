from __future__ import annotations

import json

import pytest

from converter.codes import DEPLOYED_BEFORE, INVALID_JSON
from converter.convert import Conversion
from converter.features.migration import NOTE
from tests.features.tools import convert_to_sam

PATH = ".chalice/deployed/dev.json"
FUNCTION = {
    "name": "one",
    "resource_type": "lambda_function",
    "lambda_arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders-dev-one",
}


def deployed(*resources: dict[str, str], stage: str = "dev") -> dict[str, str]:
    note = {"resources": list(resources), "schema_version": "2.0", "backend": "api"}
    return {f".chalice/deployed/{stage}.json": json.dumps(note)}


def note_of(conversion: Conversion) -> str:
    return conversion.files[NOTE].decode()


def findings(conversion: Conversion) -> list[tuple[str, str]]:
    found = [each for each in conversion.diagnostics if each.code is DEPLOYED_BEFORE]
    return [(str(each.position), each.subject) for each in found]


def test_nothing_deployed_no_note():
    assert NOTE not in convert_to_sam().files
    assert NOTE not in convert_to_sam(files=deployed()).files


def test_what_stands_beside_what():
    there = convert_to_sam(files=deployed(FUNCTION, {**FUNCTION, "name": "gone", "lambda_arn": "arn:gone"}))
    text = note_of(there)

    assert [(f"{PATH}:1:1", "the stage dev")] == findings(there)
    assert f"| Lambda function | `{FUNCTION['lambda_arn']}` | `OneFunction`, a new one" in text
    assert "| Lambda function | `arn:gone` | nothing: the function is not in the project any more |" in text
    assert "### What clashes" not in text
    assert "In the old project: `chalice delete --stage dev`." in text


@pytest.mark.parametrize(
    ("resource", "clash", "step"),
    [
        pytest.param(
            {"resource_type": "sqs_event", "queue": "orders", "event_uuid": "12-34"},
            "**Queue's trigger** (`orders`)",
            "aws lambda update-event-source-mapping --uuid 12-34 --no-enabled",
            id="queue",
        ),
        pytest.param(
            {"resource_type": "sns_event", "topic": "news", "subscription_arn": "arn:sub"},
            "**Subscription to a topic** (`news`)",
            "aws sns unsubscribe --subscription-arn arn:sub",
            id="topic",
        ),
        pytest.param(
            {"resource_type": "cloudwatch_event", "rule_name": "orders-dev-clean-event"},
            "**Rule or schedule** (`orders-dev-clean-event`)",
            "aws events disable-rule --name orders-dev-clean-event",
            id="rule",
        ),
        pytest.param(
            {"resource_type": "s3_event", "bucket": "photos"},
            "**Notification of a bucket** (`photos`)",
            "Remove the old notifications of the buckets.",
            id="bucket",
        ),
        pytest.param(
            {
                "resource_type": "rest_api",
                "rest_api_url": "https://x.execute-api.eu-west-1.amazonaws.com/api/",
            },
            "**REST API** (`https://x.execute-api.eu-west-1.amazonaws.com/api/`)",
            "give the old API a custom domain",
            id="API",
        ),
        pytest.param(
            {"resource_type": "domain_name", "domain_name": "api.example.com"},
            "**Custom domain** (`api.example.com`)",
            "Point `api.example.com` at the new API",
            id="domain",
        ),
    ],
)
def test_what_clashes_and_what_to_do(resource: dict[str, str], clash: str, step: str):
    text = note_of(convert_to_sam(files=deployed({"name": "x", **resource})))

    assert clash in text
    assert step in text[text.index("### In this order") :]


def test_each_stage_has_its_stack_and_environment():
    config = '{"stages": {"dev": {}, "prod": {}}}'
    text = note_of(convert_to_sam(config, files={**deployed(FUNCTION), **deployed(FUNCTION, stage="prod")}))

    assert "`sam build && sam deploy`," in text
    assert "`sam build && sam deploy --config-env prod`," in text
    assert text.index("## dev") < text.index("## prod")


def test_a_stage_that_the_config_forgot():
    text = note_of(convert_to_sam(files=deployed(FUNCTION, stage="old")))

    assert "This stage is not in `.chalice/config.json` any more" in text
    assert "### In this order" not in text


def test_notes_that_cannot_be_read():
    broken = convert_to_sam(files={PATH: "{"})
    old = convert_to_sam(files={".chalice/deployed.json": '{"dev": {}}'})

    assert INVALID_JSON in [each.code for each in broken.diagnostics]
    assert [(".chalice/deployed.json:1:1", ".chalice/deployed.json")] == findings(old)
    assert [(f"{PATH}:1:1", PATH)] == findings(convert_to_sam(files={PATH: "[]"}))
