from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.codes import INVALID_SAMCONFIG
from converter.diagnostics import UnreadableError
from converter.model import Json, Position
from converter.sam.samconfig import Environment, read_samconfig, render_samconfig

TOML = b"""\
version = 0.1

[default.global.parameters]
stack_name = "app"
region = "eu-west-1"

[default.deploy.parameters]
region = "us-east-1"

[prod.deploy.parameters]
stack_name = "app-prod"
parameter_overrides = "Stage=prod"
"""
YAML = b"""\
version: 0.1

default:
  global: {parameters: {stack_name: app, region: eu-west-1}}
  deploy: {parameters: {region: us-east-1}}



prod:
  deploy: {parameters: {stack_name: app-prod, parameter_overrides: Stage=prod}}
"""


@pytest.mark.parametrize(
    ("path", "data", "lines"),
    [
        pytest.param("samconfig.toml", TOML, (3, 10), id="TOML"),
        pytest.param("samconfig.toml", TOML.replace(b"\n", b"\r\n"), (3, 10), id="TOML with CRLF"),
        pytest.param("samconfig.yaml", YAML, (3, 9), id="YAML"),
    ],
)
def test_environments(path: str, data: bytes, lines: tuple[int, int]):
    config = read_samconfig(path, data)
    default, prod = config.environments

    assert Environment("default", {}, {"stack_name": "app", "region": "us-east-1"}) == default
    assert Environment("prod", {"Stage": "prod"}, {"stack_name": "app-prod"}) == prod
    assert ("app", "app-prod") == (default.stack_name, prod.stack_name)
    assert (Position(path, lines[0], 1), Position(path, lines[1], 1)) == (default.position, prod.position)
    assert () == config.diagnostics


def read_overrides(toml: str) -> Environment:
    config = read_samconfig(
        "samconfig.toml", f"[a.deploy.parameters]\nparameter_overrides = {toml}\n".encode()
    )
    assert () == config.diagnostics
    return config.environments[0]


@pytest.mark.parametrize(
    ("toml", "overrides"),
    [
        pytest.param('"A=b"', {"A": "b"}, id="text"),
        pytest.param('\'A=b C="d e" F=""\'', {"A": "b", "C": "d e", "F": ""}, id="quotes"),
        pytest.param('\'A="b \\"c\\"" D=e\\ f\'', {"A": 'b "c"', "D": "e f"}, id="escapes"),
        pytest.param("'ParameterKey=A,ParameterValue=b'", {"A": "b"}, id="long form"),
        pytest.param(
            "'ParameterKey=A,ParameterValue=\"b c\" ParameterKey=D,ParameterValue=e'",
            {"A": "b c", "D": "e"},
            id="long forms",
        ),
        pytest.param("'A=b=c'", {"A": "b=c"}, id="equals sign in the value"),
        pytest.param('["A=b", "C=d E=f"]', {"A": "b", "C": "d", "E": "f"}, id="list"),
        pytest.param(
            '["ParameterKey=A,ParameterValue=b", "C=d"]', {"A": "b", "C": "d"}, id="list of both forms"
        ),
        pytest.param('{A = "b", N = 3, T = true}', {"A": "b", "N": "3", "T": "True"}, id="table"),
        pytest.param('{A = ["b", " c "]}', {"A": "b,c"}, id="list in a table"),
        pytest.param('[{A = "b"}, "A=c"]', {"A": "c"}, id="the last one counts"),
        pytest.param('""', {}, id="empty"),
    ],
)
def test_overrides(toml: str, overrides: dict[str, str]):
    assert overrides == read_overrides(toml).parameter_overrides


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        pytest.param('"A=b c"', "c is not of the form Name=value", id="rest"),
        pytest.param('"a"', "a is not of the form Name=value", id="no override"),
        pytest.param("[3]", "3 is not of the form Name=value", id="number"),
        pytest.param('"file://a.json"', "file://a.json: overrides in another file are not read", id="file"),
        pytest.param(
            '{"$include" = "a"}', "$include a: overrides in another file are not read", id="include"
        ),
    ],
)
@pytest.mark.parametrize("command", ["deploy", "global"])
def test_overrides_that_cannot_be_read(toml: str, reason: str, command: str):
    data = f"[a]\n[a.{command}.parameters]\nx = 1\nparameter_overrides = {toml}\n".encode()
    expected = INVALID_SAMCONFIG.at(Position("samconfig.toml", 4, 1), "parameter_overrides", reason)

    assert (expected,) == read_samconfig("samconfig.toml", data).diagnostics


@pytest.mark.parametrize(
    ("environments", "stages"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"default": {}}, {"dev": "default"}, id="only the default one"),
        pytest.param({"prod": {}}, {"prod": "prod"}, id="only a named one"),
        pytest.param(
            {"default": {}, "prod": {}, "test": {}}, {"prod": "prod", "test": "test"}, id="named ones"
        ),
        pytest.param(
            {"default": {"Size": "1"}, "prod": {}}, {"dev": "default", "prod": "prod"}, id="a default beside"
        ),
        pytest.param(
            {"default": {"Size": "1"}, "dev": {}},
            {"default": "default", "dev": "dev"},
            id="a default beside dev",
        ),
        pytest.param(
            {"default": {"Stage": "beta"}, "prod": {}},
            {"beta": "default", "prod": "prod"},
            id="the default has a name",
        ),
        pytest.param({"prod": {}, "default": {"Stage": "prod"}}, {"prod": "prod"}, id="the same stage twice"),
    ],
)
def test_stages(environments: dict[str, dict[str, str]], stages: dict[str, str]):
    lines = []
    for name, overrides in environments.items():
        text = " ".join(f"{key}={value}" for key, value in overrides.items())
        lines += [f"[{name}.deploy.parameters]", f'parameter_overrides = "{text}"']
    config = read_samconfig("samconfig.toml", "\n".join(lines).encode())

    assert stages == {stage: environment.name for stage, environment in config.stages().items()}


@pytest.mark.parametrize(
    ("path", "data", "line", "column"),
    [
        pytest.param("samconfig.toml", b"version = 0.1\na = = 1\n", 2, 5, id="TOML"),
        pytest.param("samconfig.toml", b"version = 0.1\na = '''", 2, 1, id="end of TOML"),
        pytest.param("samconfig.toml", b"a = 1\na = 2\n", 2, 6, id="a key twice in TOML"),
        pytest.param("samconfig.yaml", b"a: 1\nb: c: d\n", 2, 5, id="YAML"),
        pytest.param("samconfig.toml", b"a = 1\nb = '\xe9'\n", 2, 6, id="latin-1"),
    ],
)
def test_broken(path: str, data: bytes, line: int, column: int):
    with pytest.raises(UnreadableError) as caught:
        read_samconfig(path, data)

    assert Position(path, line, column) == caught.value.diagnostics[0].position


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("samconfig.toml", b"version = 0.1\n", id="no environment"),
        pytest.param("samconfig.yaml", b"", id="empty YAML"),
        pytest.param("samconfig.yaml", b"- a\n", id="a list"),
    ],
)
def test_no_environments(path: str, data: bytes):
    assert () == read_samconfig(path, data).environments


def test_odd_shapes_hold_nothing():
    config = read_samconfig("samconfig.yaml", b"a:\n  deploy: x\n  global: {parameters: [y]}\n")

    assert (Environment("a"),) == config.environments


@pytest.mark.parametrize(
    ("data", "line", "subject"),
    [
        (b"version = 0.1\ndev = 3\n", 2, "dev"),
        (b"[dev]\ndeploy = 3\n", 2, "dev.deploy"),
        (b"[dev.deploy]\nparameters = [1]\n", 2, "dev.deploy.parameters"),
        (b"[dev.build]\nparameters = 'x'\n", 2, "dev.build.parameters"),
    ],
)
def test_what_is_no_table(data: bytes, line: int, subject: str):
    (found,) = read_samconfig("samconfig.toml", data).diagnostics

    assert INVALID_SAMCONFIG.at(Position("samconfig.toml", line, 1), subject, "it is not a table") == found


@pytest.mark.parametrize(
    ("data", "template"),
    [
        (b"[dev.build.parameters]\ntemplate_file = 'a.yaml'\n", "a.yaml"),
        (b"[dev.global.parameters]\ntemplate_file = 'a.yaml'\n", "a.yaml"),
        (b"[dev.deploy.parameters]\ntemplate_file = 'packaged.yaml'\n", None),
    ],
)
def test_template_that_is_built(data: bytes, template: str | None):
    (environment,) = read_samconfig("samconfig.toml", data).environments

    assert template == environment.template


def test_render():
    expected = """\
        # More information about the configuration file can be found here:
        # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
        version = 0.1

        [default.global.parameters]
        stack_name = "my-app-dev"

        [default.build.parameters]
        cached = true
        parallel = true

        [default.validate.parameters]
        lint = true

        [default.deploy.parameters]
        capabilities = "CAPABILITY_IAM"
        confirm_changeset = true
        resolve_s3 = true
        parameter_overrides = "Stage=\\"dev\\""

        [default.sync.parameters]
        watch = true

        [prod.global.parameters]
        stack_name = "my-app-prod"

        [prod.deploy.parameters]
        capabilities = "CAPABILITY_IAM"
        confirm_changeset = true
        resolve_s3 = true
        parameter_overrides = "Stage=\\"prod\\""
        """

    assert dedent(expected) == render_samconfig(
        "my_app", {"dev": {"Stage": "dev"}, "prod": {"Stage": "prod"}}
    )


@pytest.mark.parametrize(
    ("application", "stage", "name"),
    [
        ("app", "dev", "app-dev"),
        ("my_app.é", "a_b", "my-app-a-b"),
        ("1", "dev", "app-1-dev"),
    ],
)
def test_stack_name(application: str, stage: str, name: str):
    config = read_samconfig("samconfig.toml", render_samconfig(application, {stage: {}}).encode())

    assert name == config.environments[0].stack_name


def test_several_capabilities():
    capabilities = ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
    text = render_samconfig("app", {"dev": {}}, capabilities)

    assert 'capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]' in text


# The SAM CLI knows no escape for a backslash.
OVERRIDES = st.dictionaries(
    st.text("ABab12", min_size=1),
    st.text(st.characters(codec="utf-8", exclude_characters="\\\r"), max_size=8),
    max_size=3,
)


@given(st.dictionaries(st.sampled_from(["dev", "default", "my-stage", "a.b", "é"]), OVERRIDES, min_size=1))
def test_what_is_written_is_read(overrides: dict[str, Json]):
    overrides = {stage: {**values, "Stage": stage} for stage, values in overrides.items()}
    config = read_samconfig("samconfig.toml", render_samconfig("app", overrides).encode())

    assert () == config.diagnostics
    assert overrides == {
        stage: environment.parameter_overrides for stage, environment in config.stages().items()
    }
