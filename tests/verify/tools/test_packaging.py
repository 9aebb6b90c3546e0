from __future__ import annotations

import pytest

from converter.diagnostics import UnreadableError
from converter.verify.tools import package_chalice

APP = b"""\
from chalice import Chalice

app = Chalice(app_name="greeter")


@app.lambda_function(name="say-hello")
def hello(event, context):
    return "hello"
"""
CONFIG = b"""\
{
  "version": "2.0",
  "app_name": "greeter",
  "stages": {"dev": {}, "prod": {"lambda_memory_size": 512}}
}
"""
PROJECT = {"app.py": APP, ".chalice/config.json": CONFIG, "requirements.txt": b""}


def test_stage_is_packaged() -> None:
    function = package_chalice(PROJECT, "prod")["Resources"]["SayHello"]

    assert 512 == function["Properties"]["MemorySize"]


def test_merge_template_is_merged() -> None:
    merge_template = b"Resources:\n  Queue: {Type: AWS::SQS::Queue}\n  SayHello: {Properties: {Timeout: 5}}\n"
    resources = package_chalice({**PROJECT, ".chalice/resources.yaml": merge_template}, "dev")["Resources"]

    assert {"Type": "AWS::SQS::Queue"} == resources["Queue"]
    assert 5 == resources["SayHello"]["Properties"]["Timeout"]


def test_managed_layer_is_there_if_there_is_something_to_install() -> None:
    project = {**PROJECT, ".chalice/config.json": CONFIG.replace(b"{", b'{"automatic_layer": true, ', 1)}
    resources = package_chalice({**project, "requirements.txt": b"requests\n"}, "dev")["Resources"]

    assert "ManagedLayer" in resources
    assert (
        "ManagedLayer"
        not in package_chalice({**project, "requirements.txt": b"# nothing\n"}, "dev")["Resources"]
    )


def test_what_chalice_made_before_is_left_out() -> None:
    assert "SayHello" in package_chalice({**PROJECT, "packaged/sam.json": b"{"}, "dev")["Resources"]


def test_failure_says_what_chalice_said() -> None:
    with pytest.raises(UnreadableError, match=r"PAWS916 chalice package --stage dev: .*nowhere_to_be_found"):
        package_chalice({**PROJECT, "app.py": b"import nowhere_to_be_found\n"}, "dev")
