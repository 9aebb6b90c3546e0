"""The page of the documentation that lists what the command line takes and says must not fall behind it."""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from converter.cli import app
from converter.report import Exit, Report, json_
from converter.settings import KEYS

PAGE = (Path(__file__).parents[1] / "docs" / "usage.md").read_text(encoding="utf-8")


def find_block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def list_options() -> list[str]:
    commands = typer.main.get_command(app).commands["convert"].commands.values()  # type: ignore[attr-defined]
    return sorted({option for command in commands for param in command.params for option in param.opts})


@pytest.mark.parametrize("option", [name for name in list_options() if name.startswith("-")])
def test_option(option: str):
    assert f"`{option}`" in PAGE or f"`{option} " in PAGE


@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_exit_code(code: Exit):
    assert f"| {code.value} | {code.meaning}" in PAGE.replace("`", "")


def test_settings():
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

    assert set(KEYS) == toml.loads(find_block("toml"))["tool"]["paws"].keys()


def test_keys_of_the_json_document():
    rendered = json.loads(json_.render(Report("chalice-to-sam", "orders", "orders-sam")))

    assert list(rendered) == list(json.loads(find_block("json")))
