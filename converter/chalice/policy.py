"""
The policy that Chalice gives a function: from a file, or from its own reading of app.py.

Which of them counts is chalice/deploy/appgraph.py's `_create_role_reference`; what it
generates is chalice/policy.py's.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from converter.model import Json

Statements = tuple[Json, ...]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
POLICY_VERSION = "2012-10-17"

# Every function may write its log: SAM attaches AWSLambdaBasicExecutionRole for it, so the
# model leaves the statement out (chalice.constants.CLOUDWATCH_LOGS).
LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "arn:*:logs:*:*:*",
}
LOG_RESOURCES = ("arn:*:logs:*:*:*", "arn:aws:logs:*:*:*", "*")


def generate_statements(app_source: str, tree: ast.Module | None = None) -> Statements | None:
    """The statements that Chalice's `autogen_policy` gives, without their random ids; None where it fails.

    Chalice's analyzer looks only at app.py and only at clients that it makes with boto3.
    """
    if "boto3" not in app_source:
        return ()
    from converter.chalice.analyzer import find_client_calls

    try:
        calls = find_client_calls(app_source, tree)
    except Exception:
        # Whatever it stumbles over: a nested function that is called is enough for a ValueError.
        return None
    statements = []
    for service in sorted(calls):
        actions = _direct_actions(service, calls[service]) + _high_level_actions(service, calls[service])
        if actions:
            statements.append({"Effect": "Allow", "Action": actions, "Resource": ["*"]})
    return tuple(statements)


def _direct_actions(service: str, methods: set[str]) -> list[str]:
    """The actions of methods that are API calls, as chalice.policy.PolicyBuilder names them.

    Chalice asks a botocore client which API call a method is; the names alone say so too,
    and loading a client takes longer than all the rest of a conversion.
    """
    from botocore import xform_name

    actions = _chalice_data("policies.json").get(service, {})
    return sorted(action for api, action in actions.items() if xform_name(api) in methods)


def _high_level_actions(service: str, methods: set[str]) -> list[str]:
    """The actions of boto3's own methods, such as `s3.upload_file`."""
    known = _chalice_data("policies-extra.json").get(service, {})
    return sorted({action for method in methods for action in known.get(method, ())})


@cache
def _chalice_data(name: str) -> Mapping[str, Mapping[str, Json]]:
    import chalice

    data: Mapping[str, Mapping[str, Json]] = json.loads(Path(chalice.__file__).with_name(name).read_bytes())
    return data


def without_logs(statements: Statements) -> Statements:
    """The statements but for the one that every function has."""
    return tuple(statement for statement in statements if not _is_logs(statement))


def _is_logs(statement: Json) -> bool:
    if not isinstance(statement, dict) or statement.keys() - {"Sid", "Effect", "Action", "Resource"}:
        return False
    actions, resources = (as_list(statement.get(key)) for key in ("Action", "Resource"))
    return (
        statement.get("Effect") == "Allow"
        and sorted(map(str, actions)) == LOGS["Action"]
        and len(resources) == 1
        and resources[0] in LOG_RESOURCES
    )


def as_list(value: Json) -> list[Json]:
    """IAM takes one item where it takes a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
