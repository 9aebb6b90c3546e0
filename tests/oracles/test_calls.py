from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracles import call_chalice, call_lambda

NAME = {"name": "Ada"}


@pytest.fixture
def function(tmp_path: Path) -> Path:
    folder = tmp_path / "task"
    folder.mkdir()
    return folder


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    folder = tmp_path / "opt" / "python"
    folder.mkdir(parents=True)
    return folder.parent


def test_chalice_answers_with_the_variables_of_the_stage(chalice_project: Path) -> None:
    assert {"value": {"text": "Hello, Ada", "stage": "prod"}} == call_chalice(
        chalice_project, "say-hello", NAME, "prod"
    )


def test_chalice_shows_the_exception(chalice_project: Path) -> None:
    assert {"error": "KeyError", "message": "'name'"} == call_chalice(chalice_project, "say-hello", {})


def test_chalice_without_such_a_function(chalice_project: Path) -> None:
    assert {
        "error": "FunctionNotFoundError",
        "message": "hello",
    } == call_chalice(chalice_project, "hello", {})


def test_lambda_has_its_layer_and_its_variables(sam_project: Path, layer: Path) -> None:
    words = (sam_project / "layers" / "shared" / "words.py").read_text(encoding="utf-8")
    (layer / "python" / "words.py").write_text(words, encoding="utf-8")

    assert {"value": {"text": "Hello, Ada", "stage": "dev"}} == call_lambda(
        sam_project / "lambdas" / "say-hello", [layer], "say_hello.hello", NAME, {"STAGE": "dev"}
    )


def test_lambda_without_its_layer(sam_project: Path) -> None:
    assert {
        "error": "ModuleNotFoundError",
        "message": "No module named 'words'",
    } == call_lambda(sam_project / "lambdas" / "say-hello", [], "say_hello.hello", NAME)


def test_own_module_wins_over_the_layer(function: Path, layer: Path) -> None:
    (layer / "python" / "where.py").write_text("PLACE = 'layer'", encoding="utf-8")
    (function / "where.py").write_text("PLACE = 'function'", encoding="utf-8")
    (function / "a.py").write_text(
        "import where\ndef f(event, context): return where.PLACE", encoding="utf-8"
    )

    assert {"value": "function"} == call_lambda(function, [layer], "a.f", {})


def test_last_of_several_layers_wins(function: Path, layer: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    (later / "python").mkdir(parents=True)
    (layer / "python" / "where.py").write_text("PLACE = 'first'", encoding="utf-8")
    (later / "python" / "where.py").write_text("PLACE = 'last'", encoding="utf-8")
    (function / "a.py").write_text("from where import PLACE\ndef f(event, context): return PLACE")

    assert {"value": "last"} == call_lambda(function, [layer, later], "a.f", {})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import sys; sys.path.append('/opt')", {"value": "root"}),
        ("", {"error": "ModuleNotFoundError", "message": "No module named 'where'"}),
    ],
    ids=["added", "not added"],
)
def test_root_of_a_layer_is_searched_if_the_code_says_so(
    function: Path, layer: Path, line: str, expected: dict[str, str]
) -> None:
    (layer / "where.py").write_text("PLACE = 'root'", encoding="utf-8")
    text = f"{line}\nimport where\ndef f(event, context): return where.PLACE"
    (function / "a.py").write_text(text, encoding="utf-8")

    assert expected == call_lambda(function, [layer], "a.f", {})


def test_runtime_has_boto3(function: Path) -> None:
    text = "import boto3\ndef f(event, context): return boto3.client('s3').meta.region_name"
    (function / "a.py").write_text(text, encoding="utf-8")

    assert {"value": "us-east-1"} == call_lambda(function, [], "a.f", {})


@pytest.mark.parametrize("package", ["chalice", "pytest", "converter"])
def test_runtime_has_nothing_else(function: Path, package: str) -> None:
    (function / "a.py").write_text(f"import {package}\ndef f(event, context): pass", encoding="utf-8")

    assert {"error": "ModuleNotFoundError", "message": f"No module named '{package}'"} == call_lambda(
        function, [], "a.f", {}
    )


def test_handler_in_a_package(function: Path) -> None:
    (function / "pack").mkdir()
    (function / "pack" / "a.py").write_text("def f(event, context): return event", encoding="utf-8")

    assert {"value": [1]} == call_lambda(function, [], "pack/a.f", [1])


def test_answer_that_is_no_json(function: Path) -> None:
    (function / "a.py").write_text("def f(event, context): return {1, 2}", encoding="utf-8")

    assert {
        "error": "TypeError",
        "message": "Object of type set is not JSON serializable",
    } == call_lambda(function, [], "a.f", {})
