"""samconfig.toml and samconfig.yaml: how each environment is deployed.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
Overrides are read as the SAM CLI does it (samcli.cli.types.CfnParameterOverridesType).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from converter.codes import INVALID_SAMCONFIG
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files.text import decode_text
from converter.model import Json, Position

# The first one found counts (samcli.cli.cli_config_file).
PATHS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
DEFAULT = "default"
STAGE_PARAMETER = "Stage"

_KEY = r"""([A-Za-z0-9"']+)"""
_VALUE = r"""("(?:\\.|[^"\\]+)*"|'(?:\\.|[^'\\]+)*'|(?:\\.|[^ "\\]+)+)"""
_PATTERNS = (
    re.compile(rf"ParameterKey={_KEY},ParameterValue={_VALUE}"),
    re.compile(rf" {_KEY}={_VALUE}"),
)


@dataclass(frozen=True)
class Environment:
    """What `sam deploy --config-env <name>` is given; `template` is the one that `sam build` reads."""

    name: str
    parameter_overrides: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)
    template: str | None = None
    position: Position | None = field(default=None, compare=False)

    @property
    def stack_name(self) -> str | None:
        name = self.settings.get("stack_name")
        return name if isinstance(name, str) else None


@dataclass(frozen=True)
class SamConfig:
    environments: tuple[Environment, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def stages(self) -> dict[str, Environment]:
        """The environments by the names of the stages that they deploy.

        `default` is the stage that an override of the parameter Stage says, else `dev`, as in Chalice, unless
        another environment has that name. Beside others it counts only if it says what to deploy: there may
        be nothing in it but how to build.
        """
        found: dict[str, Environment] = {}
        names = {environment.name for environment in self.environments}
        for environment in self.environments:
            stage = environment.name
            if stage == DEFAULT:
                stage = environment.parameter_overrides.get(STAGE_PARAMETER, "")
                is_deployed = len(names) == 1 or environment.parameter_overrides or environment.stack_name
                stage = stage or ((DEFAULT if "dev" in names else "dev") if is_deployed else "")
            if stage:
                found.setdefault(stage, environment)
        return found


def read_samconfig(path: str, data: bytes) -> SamConfig:
    """The environments of a samconfig file, what `global` says for all commands included.

    Raises UnreadableError when it is not TOML, or not YAML, as its name ends.
    """
    from converter.sam.yaml_source import read_yaml

    text = decode_text(path, data)
    source = _read_toml(path, text) if path.endswith(".toml") else read_yaml(path, text)
    diagnostics = list(source.diagnostics)
    environments = []
    for name, commands in source.value.items() if isinstance(source.value, dict) else ():
        if name == "version":
            continue
        for at in _find_wrong_shapes(name, commands):
            diagnostics.append(INVALID_SAMCONFIG.at(source.position(*at), ".".join(at), "it is not a table"))
        settings = {**_parameters(commands, "global"), **_parameters(commands, "deploy")}
        overrides, problems = _read_overrides(settings.pop("parameter_overrides", None))
        template = {**_parameters(commands, "global"), **_parameters(commands, "build")}.get("template_file")
        settings.pop("template_file", None)
        environments.append(
            Environment(
                name,
                overrides,
                settings,
                template if isinstance(template, str) else None,
                source.position(name),
            )
        )
        command = "deploy" if "parameter_overrides" in _parameters(commands, "deploy") else "global"
        position = source.position(name, command, "parameters", "parameter_overrides")
        diagnostics += [INVALID_SAMCONFIG.at(position, "parameter_overrides", why) for why in problems]
    return SamConfig(tuple(environments), tuple(diagnostics))


def _find_wrong_shapes(name: str, commands: Json) -> Iterator[tuple[str, ...]]:
    """The places below an environment that are no tables and have to be."""
    if not isinstance(commands, dict):
        yield (name,)
        return
    for command, table in commands.items():
        if not isinstance(table, dict):
            yield name, command
        elif not isinstance(table.get("parameters", {}), dict):
            yield name, command, "parameters"


def _parameters(commands: Json, command: str) -> Mapping[str, Json]:
    table = commands.get(command) if isinstance(commands, dict) else None
    parameters = table.get("parameters") if isinstance(table, dict) else None
    return parameters if isinstance(parameters, dict) else {}


def _read_overrides(value: Json) -> tuple[dict[str, str], list[str]]:
    """The overrides, however they are written, and what is wrong with them."""
    overrides: dict[str, str] = {}
    problems: list[str] = []
    for item in _flatten(value):
        if isinstance(item, dict):
            overrides.update((key, _as_text(entry)) for key, entry in item.items() if key != "$include")
            rest = f"$include {item['$include']}" if "$include" in item else ""
        else:
            found, rest = _match_overrides(str(item))
            overrides.update(found)
        if "$include" in rest or "file://" in rest:
            problems.append(f"{rest}: overrides in another file are not read")
        elif rest:
            problems.append(f"{rest} is not of the form Name=value")
    return {_unquote(key): _unquote(text) for key, text in overrides.items()}, problems


def _flatten(value: Json) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _flatten(item)
    elif value is not None:
        yield value


def _match_overrides(text: str) -> tuple[dict[str, str], str]:
    """What the text sets, and what is left of it."""
    text = f" {text.strip()}"
    pattern = next((pattern for pattern in _PATTERNS if pattern.search(text)), _PATTERNS[-1])
    return dict(pattern.findall(text)), pattern.sub("", text).strip()


def _as_text(value: Json) -> str:
    if isinstance(value, list):
        return ",".join(str(item).strip() for item in value if item not in (None, ""))
    return "" if value is None else str(value)


def _unquote(text: str) -> str:
    if text and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text.replace("\\ ", " ").replace('\\"', '"').replace("\\'", "'")


# --- TOML --------------------------------------------------------------------

_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_TOML_TABLE = re.compile(r"\s*\[([^\[\]]+)\]")
_TOML_KEY = re.compile(r"\s*([\w-]+)\s*=")


@dataclass(frozen=True)
class _TomlSource:
    path: str
    text: str
    value: Json
    diagnostics: tuple[Diagnostic, ...] = ()

    def position(self, *path: str) -> Position:
        """Where the table or key at `path` is first written, or the nearest of its parents."""
        places = self._places
        for length in range(len(path), 0, -1):
            if path[:length] in places:
                return Position(self.path, places[path[:length]], 1)
        return Position(self.path, 1, 1)

    @cached_property
    def _places(self) -> Mapping[tuple[str, ...], int]:
        places: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(self.text.split("\n"), 1):
            if match := _TOML_TABLE.match(line):
                table = tuple(part.strip().strip("\"'") for part in match[1].split("."))
                for length in range(1, len(table) + 1):
                    places.setdefault(table[:length], number)
            elif match := _TOML_KEY.match(line):
                places.setdefault((*table, match[1]), number)
        return places


def _read_toml(path: str, text: str) -> _TomlSource:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        # Installed, and looked for, on Python 3.10 only.
        import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

    try:
        return _TomlSource(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.search(str(error))
        line, column = (int(match[1]), int(match[2])) if match and match[1] else (text.count("\n") + 1, 1)
        reason = _TOML_PLACE.sub("", str(error))
        raise UnreadableError(INVALID_SAMCONFIG.at(Position(path, line, column), path, reason)) from None


# --- writing -----------------------------------------------------------------

_HEAD = """\
# More information about the configuration file can be found here:
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
version = 0.1
"""


def render_samconfig(
    application: str,
    overrides: Mapping[str, Mapping[str, str]],
    capabilities: Sequence[str] = ("CAPABILITY_IAM",),
    profile: str | None = None,
) -> str:
    """A samconfig.toml as `sam init` writes it, with an environment for each stage.

    `overrides` has the parameter overrides of each stage; the first one is what `sam deploy` alone deploys.
    """
    first = DEFAULT if DEFAULT in overrides else next(iter(overrides))
    parts = [_HEAD]
    for stage in sorted(overrides, key=lambda stage: stage != first):
        name = DEFAULT if stage == first else stage
        commands: dict[str, dict[str, Json]] = {"global": {"stack_name": stack_name(application, stage)}}
        if profile is not None:
            commands["global"]["profile"] = profile
        if name == DEFAULT:
            commands["build"] = {"cached": True, "parallel": True}
            commands["validate"] = {"lint": True}
        commands["deploy"] = {
            "capabilities": capabilities[0] if len(capabilities) == 1 else list(capabilities),
            "confirm_changeset": True,
            "resolve_s3": True,
        }
        if overrides[stage]:
            commands["deploy"]["parameter_overrides"] = _write_overrides(overrides[stage])
        if name == DEFAULT:
            commands["sync"] = {"watch": True}
        parts += [_render_table(name, command, settings) for command, settings in commands.items()]
    return "\n".join(parts)


def stack_name(application: str, stage: str) -> str:
    """A stage's stack: letters, digits and hyphens, a letter first; CloudFormation takes no more."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", f"{application}-{stage}").strip("-")
    return name if name[:1].isalpha() else f"app-{name}"


def _write_overrides(overrides: Mapping[str, str]) -> str:
    return " ".join('{}="{}"'.format(key, value.replace('"', '\\"')) for key, value in overrides.items())


def _render_table(environment: str, command: str, settings: Mapping[str, Json]) -> str:
    name = environment if re.fullmatch(r"[A-Za-z0-9_-]+", environment) else _render_value(environment)
    rows = [f"{key} = {_render_value(value)}" for key, value in settings.items()]
    return "\n".join([f"[{name}.{command}.parameters]", *rows, ""])


def _render_value(value: Json) -> str:
    """JSON's strings, booleans and lists are TOML's, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
