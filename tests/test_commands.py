from __future__ import annotations

import re

import pytest
from chalice.cli import cli

from converter.commands import COMMANDS, find_calls, may_call

IDS = {"find-item": "FindItemFunction"}


def translate(text: str) -> list[str]:
    return [call.in_sam("dev", IDS) for call in find_calls(text)]


def test_every_command_of_chalice():
    assert set(cli.commands) == set(COMMANDS)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("chalice deploy", "sam build && sam deploy"),
        ("chalice deploy --stage dev", "sam build && sam deploy"),
        ("chalice deploy --stage=prod --no-autogen-policy", "sam build && sam deploy --config-env prod"),
        (
            "chalice --debug --project-dir api deploy --stage prod",
            "sam build && sam deploy --config-env prod",
        ),
        ("python3 -m chalice delete --stage 'prod'", "sam delete --config-env prod"),
        ("chalice local --port 9000", "sam build && sam local start-api --port 9000"),
        ("chalice logs -n find-item --follow", "sam logs --name FindItemFunction --tail"),
        (
            "chalice invoke --name find-item --stage prod",
            "sam remote invoke FindItemFunction --config-env prod",
        ),
        ("chalice invoke -n $NAME", "sam remote invoke $NAME"),
        ("chalice invoke", "sam remote invoke FUNCTION"),
        ("chalice url --stage $STAGE", "sam list endpoints --output json --config-env $STAGE"),
        ('"deploy": "chalice deploy --stage prod",', "sam build && sam deploy --config-env prod"),
        ("chalice deploy --stage $(STAGE)", "sam build && sam deploy --config-env $(STAGE)"),
        ("chalice deploy --stage ${STAGE}", "sam build && sam deploy --config-env ${STAGE}"),
        ("$(chalice url --stage prod)", "sam list endpoints --output json --config-env prod"),
    ],
)
def test_a_call_in_sam(written: str, expected: str):
    assert [expected] == translate(written)


@pytest.mark.parametrize(
    "text",
    [
        "pip install chalice",
        "pip install chalice localstack",
        "# chalice deploy",
        "my-chalice deploy",
        "cd chalice/deploy",
        "chalice deployments",
    ],
)
def test_what_only_looks_like_a_call(text: str):
    assert [] == translate(text)


def test_several_calls_and_their_places():
    calls = list(find_calls("a:\n\tchalice package out && chalice delete --stage prod\n"))

    assert [("chalice package out", 2, 2), ("chalice delete --stage prod", 2, 25)] == [
        (call.written, call.line, call.column) for call in calls
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Makefile", True),
        (".github/workflows/ci.yml", True),
        ("scripts/release", True),
        ("deploy.sh", True),
        ("package.json", True),
        ("README.md", False),
        ("app.py", False),
        (".chalice/resources.yaml", False),
        ("chalicelib/settings.yaml", False),
    ],
)
def test_files_that_may_call(path: str, expected: bool):
    assert expected == may_call(path)


def test_every_command_names_what_to_call():
    assert all(re.match(r"sam |aws |the Policies", line) for line in COMMANDS.values())
