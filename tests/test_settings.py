from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from converter import __version__, convert
from converter.codes import INVALID_SETTING, INVALID_TOML, OTHER_VERSION, UNKNOWN_SETTING, UNREADABLE_FILE
from converter.diagnostics import Code, Severity, UnreadableError
from converter.model import Position
from converter.settings import Http, LayerStyle, Layout, Level, Settings, find_settings, read_settings
from tests.files.trees import write_tree


def test_every_setting():
    settings = read_settings(
        b"""\
[tool.paws]
output = "../orders-sam"
stage = "prod"
layout = "shared"
layer-style = "dummy-lambda"
http = "chalice"
runtime = "python3.13"
fail-on = "warning"
format = "json"
least-privilege = true
required-version = ">=0.1"
""",
        "pyproject.toml",
    )

    expected = Settings(
        output="../orders-sam",
        stage="prod",
        layout="shared",
        layer_style="dummy-lambda",
        http="chalice",
        runtime="python3.13",
        fail_on="warning",
        format="json",
        least_privilege=True,
        required_version=">=0.1",
    )

    assert expected == settings


@pytest.mark.parametrize("wanted", [f"=={__version__}", ">=0.1", "~=0.1", ">=0.0,<1000", ""])
def test_this_version_is_wanted(wanted: str):
    text = f'[tool.paws]\nrequired-version = "{wanted}"\n'

    assert Settings(required_version=wanted) == read_settings(text.encode(), "pyproject.toml")


@pytest.mark.parametrize(
    ("wanted", "code", "reason"),
    [
        ("<0.1", OTHER_VERSION, f"the project wants <0.1, and this is {__version__}"),
        (f"!={__version__}", OTHER_VERSION, f"the project wants !={__version__}, and this is {__version__}"),
        ("0.1", INVALID_SETTING, "'0.1' is no version specifier, such as '~=0.1'"),
    ],
)
def test_another_version_is_wanted(wanted: str, code: Code, reason: str):
    text = f'[tool.paws]\nrequired-version = "{wanted}"\n'

    with pytest.raises(UnreadableError) as caught:
        read_settings(text.encode(), "pyproject.toml")

    place = Position("pyproject.toml", 2, 1)
    assert (code.at(place, "required-version", reason),) == caught.value.diagnostics


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[tool.ruff]\nline-length = 100\n", id="other tools"),
        pytest.param("[project]\nname = 'paws-convert'\n", id="another table"),
        pytest.param("{{ cookiecutter.name }}", id="not TOML, and none of ours"),
    ],
)
def test_no_settings(text: str):
    assert read_settings(text.encode(), "pyproject.toml") is None


def test_empty_table():
    assert Settings() == read_settings(b"[tool.paws]", "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "subject", "reason", "action"),
    [
        pytest.param(
            "[tool.paws]\nlayuot = 'shared'",
            UNKNOWN_SETTING,
            2,
            1,
            "layuot",
            "there is no such setting",
            "did you mean layout?",
            id="unknown key",
        ),
        pytest.param(
            "[tool.paws]\nlayer_style = 'native'",
            UNKNOWN_SETTING,
            2,
            1,
            "layer_style",
            "there is no such setting",
            "did you mean layer-style?",
            id="underscore",
        ),
        pytest.param(
            "[tool.paws]\nxyz = 1",
            UNKNOWN_SETTING,
            2,
            1,
            "xyz",
            "there is no such setting",
            "the choices are output, stage, layout, layer-style, http, runtime, fail-on, format,"
            " least-privilege, required-version",
            id="key like none",
        ),
        pytest.param(
            "[tool.paws]\nlayout = 'per-funktion'",
            INVALID_SETTING,
            2,
            1,
            "layout",
            "'per-funktion' is not one of per-function, shared",
            "did you mean per-function?",
            id="value that is no choice",
        ),
        pytest.param(
            "[tool.paws]\nfail-on = ['error']",
            INVALID_SETTING,
            2,
            1,
            "fail-on",
            "['error'] is not one of info, warning, error",
            "did you mean error?",
            id="list for a choice",
        ),
        pytest.param(
            "[tool.paws]\nstage = 1",
            INVALID_SETTING,
            2,
            1,
            "stage",
            "1 is not a string",
            "put it in quotes",
            id="wrong type",
        ),
        pytest.param(
            "[tool.paws]\nleast-privilege = 'true'",
            INVALID_SETTING,
            2,
            1,
            "least-privilege",
            "'true' is not true or false",
            "write true or false, with no quotes",
            id="text for a switch",
        ),
        pytest.param(
            "[tool.paws]\nruntime = '3.13'",
            INVALID_SETTING,
            2,
            1,
            "runtime",
            "'3.13' is not a Python runtime of Lambda, such as python3.13",
            "correct the value",
            id="runtime",
        ),
        pytest.param(
            "# layuot\n[tool.other]\nlayuot = 1\n\n[tool.paws]\n# layuot = 1\n  layuot = 2",
            UNKNOWN_SETTING,
            7,
            3,
            "layuot",
            "there is no such setting",
            "did you mean layout?",
            id="the same key elsewhere",
        ),
        pytest.param(
            "[tool]\npaws = {stage = 'dev', layuot = 'x'}",
            UNKNOWN_SETTING,
            2,
            24,
            "layuot",
            "there is no such setting",
            "did you mean layout?",
            id="inline table",
        ),
        pytest.param(
            "[tool]\npaws.'layuot' = 'x'",
            UNKNOWN_SETTING,
            2,
            6,
            "layuot",
            "there is no such setting",
            "did you mean layout?",
            id="dotted key in quotes",
        ),
        pytest.param(
            "[tool]\npaws = 'x'",
            INVALID_SETTING,
            2,
            1,
            "tool.paws",
            "it has to be a table",
            "correct the value",
            id="no table",
        ),
        pytest.param(
            "[tool.paws]\nstage = =",
            INVALID_TOML,
            2,
            9,
            "pyproject.toml",
            "Invalid value",
            "correct it at this place",
            id="broken TOML",
        ),
        pytest.param(
            "[tool.paws]\nstage = '\udce9'",
            UNREADABLE_FILE,
            2,
            10,
            "pyproject.toml",
            "the byte 0xe9 is not utf-8 text",
            "save it as UTF-8",
            id="latin-1",
        ),
    ],
)
def test_fault(text: str, code: Code, line: int, column: int, subject: str, reason: str, action: str):
    with pytest.raises(UnreadableError) as caught:
        read_settings(text.encode(errors="surrogateescape"), "pyproject.toml")

    at = Position("pyproject.toml", line, column)
    assert (code.at(at, subject, reason, action),) == caught.value.diagnostics


def test_broken_at_the_end():
    with pytest.raises(UnreadableError) as caught:
        read_settings(b"[tool.paws]\nstage = '''x", "pyproject.toml")

    assert [Position("pyproject.toml", 2, 13)] == [each.position for each in caught.value.diagnostics]


def test_every_fault_is_told():
    with pytest.raises(UnreadableError) as caught:
        read_settings(b"[tool.paws]\na = 1\nstage = 2\nb = 3\n", "pyproject.toml")

    assert ["a", "stage", "b"] == [each.subject for each in caught.value.diagnostics]


class TestFind:
    def test_in_the_project(self, tmp_path: Path):
        write_tree(tmp_path, {"pyproject.toml": "[tool.paws]\nstage = 'dev'"})

        assert Settings(stage="dev") == find_settings(tmp_path)

    def test_nearest_that_has_any(self, tmp_path: Path):
        write_tree(
            tmp_path,
            {
                "pyproject.toml": "[tool.paws]\nstage = 'far'",
                "a/pyproject.toml": "[tool.paws]\nstage = 'near'",
                "a/b/pyproject.toml": "[project]\nname = 'paws-b'",
                "a/b/c/app.py": "",
            },
        )

        assert Settings(stage="near") == find_settings(tmp_path / "a/b/c")

    @pytest.mark.parametrize("git", ["a/.git", "a/.git/config"], ids=["worktree", "repository"])
    def test_not_beyond_the_repository(self, git: str, tmp_path: Path):
        write_tree(tmp_path, {"pyproject.toml": "[tool.paws]\nstage = 'x'", git: "", "a/b/app.py": ""})

        assert Settings() == find_settings(tmp_path / "a/b")

    def test_output_is_relative_to_the_file(self, tmp_path: Path):
        write_tree(tmp_path, {"pyproject.toml": "[tool.paws]\noutput = 'sam'", "a/app.py": ""})

        assert Settings(output=str(tmp_path / "sam")) == find_settings(tmp_path / "a")

    def test_fault_is_placed_relative_to_the_project(self, tmp_path: Path):
        write_tree(tmp_path, {"pyproject.toml": "[tool.paws]\nx = 1", "a/b/app.py": ""})

        with pytest.raises(UnreadableError) as caught:
            find_settings(tmp_path / "a/b")

        assert [Position("../../pyproject.toml", 2, 1)] == [
            each.position for each in caught.value.diagnostics
        ]


def test_the_first_that_says_something_counts():
    given = Settings(stage="dev", layout="shared")
    found = Settings(stage="prod", format="json")

    assert Settings(stage="dev", layout="shared", format="json") == given.or_else(found)


def test_choices_are_those_of_the_conversion():
    assert [layout.value for layout in convert.Layout] == list(get_args(Layout))
    assert [style.value for style in convert.LayerStyle] == list(get_args(LayerStyle))
    assert [http.value for http in convert.Http] == list(get_args(Http))
    assert [str(severity) for severity in Severity] == list(get_args(Level))
