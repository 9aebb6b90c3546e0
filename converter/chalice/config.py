"""
`.chalice/config.json`, read as Chalice reads it.

Which key may stand at which level, and in which order the levels are asked, is
chalice/config.py's (`_chain_lookup`, `_chain_merge`).
https://aws.github.io/chalice/topics/configfile.html
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from converter import codes
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import decode_text
from converter.json_source import JsonSource, read_json
from converter.model import Json, Position
from converter.sam.intrinsics import is_literal

CONFIG_PATH = ".chalice/config.json"

FUNCTION_KEYS = frozenset(
    {
        "autogen_policy",
        "environment_variables",
        "iam_policy_file",
        "iam_role_arn",
        "lambda_memory_size",
        "lambda_timeout",
        "layers",
        "log_retention_in_days",
        "manage_iam_role",
        "reserved_concurrency",
        "security_group_ids",
        "subnet_ids",
        "tags",
        "xray",
    }
)
API_KEYS = frozenset(
    {
        "api_gateway_custom_domain",
        "api_gateway_endpoint_type",
        "api_gateway_endpoint_vpce",
        "api_gateway_policy_file",
        "api_gateway_stage",
        "minimum_compression_size",
        "websocket_api_custom_domain",
    }
)
STAGE_KEYS = FUNCTION_KEYS | API_KEYS | {"automatic_layer", "lambda_architecture", "lambda_functions"}
TOP_KEYS = STAGE_KEYS | {"app_name", "version", "stages", "profile"}
# Chalice joins these over the levels, where of all others the innermost counts.
MERGED_KEYS = frozenset({"environment_variables", "tags"})
MAPPING_KEYS = MERGED_KEYS | {"lambda_functions", "stages"}

DEFAULT_STAGE = "dev"


@dataclass(frozen=True)
class ChaliceConfig:
    """The file's values, by Chalice's own rules of look-up."""

    source: JsonSource

    @property
    def value(self) -> Mapping[str, Json]:
        return self.source.value if isinstance(self.source.value, dict) else {}

    @property
    def app_name(self) -> str | None:
        name = self.value.get("app_name")
        return name if isinstance(name, str) else None

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that the file names, `dev` where it names none."""
        levels = _mapping(self.value.get("stages")).items()
        named = tuple(name for name, level in levels if isinstance(level, dict) or name not in STAGE_KEYS)
        return named or (DEFAULT_STAGE,)

    def lookup(self, key: str, stage: str, function: str | None = None) -> Json:
        """The value at the innermost level that has one, None where no level has."""
        return next((value for _, value in self._found(key, stage, function)), None)

    def place(self, key: str, stage: str, function: str | None = None) -> Position:
        """Where the value that `lookup` gives stands."""
        path = next((path for path, _ in self._found(key, stage, function)), ())
        return self.source.position(*path, key)

    def place_of_entry(self, key: str, entry: str, stage: str, function: str) -> Position:
        """Where the innermost level writes an entry of a mapping that `merged` joins."""
        for path in (("stages", stage, "lambda_functions", function), ("stages", stage), ()):
            if entry in _mapping(self._at(path).get(key)):
                return self.source.position(*path, key, entry)
        return self.source.position(key)

    def merged(self, key: str, stage: str, function: str | None) -> dict[str, Json]:
        """A mapping (environment variables, tags) joined over the levels, inner ones winning.

        Chalice does not look at the top level's lambda_functions here.
        """
        joined: dict[str, Json] = {}
        of_function = [("stages", stage, "lambda_functions", function)] if function is not None else []
        for path in ((), ("stages", stage), *of_function):
            joined.update(_mapping(self._at(path).get(key)))
        return joined

    def differs_by_function(self, keys: Container[str]) -> bool:
        """Whether any function has settings of its own under one of these keys."""
        return any(
            key in keys
            for level in self._levels()
            for entry in _mapping(level.get("lambda_functions")).values()
            for key in _mapping(entry)
        )

    def functions_named(self) -> Iterator[tuple[str, Json, Position]]:
        """Each function that a lambda_functions entry names, with what it says and its place."""
        for path in ((), *(("stages", stage) for stage in _mapping(self.value.get("stages")))):
            for name, entry in _mapping(self._at(path).get("lambda_functions")).items():
                yield name, entry, self.source.position(*path, "lambda_functions", name)

    def keys_named(self, keys: Container[str]) -> Iterator[tuple[str, Position]]:
        """Each of these keys that the top level or a stage has, with its place."""
        for path in ((), *(("stages", stage) for stage in _mapping(self.value.get("stages")))):
            for key in self._at(path):
                if key in keys:
                    yield key, self.source.position(*path, key)

    def report_unknown_keys(self) -> Iterator[Diagnostic]:
        """What Chalice ignores, and levels that are none."""
        yield from self._report_keys((), TOP_KEYS)
        if not isinstance(self.value.get("app_name"), (str, type(None))):
            yield self._invalid(("app_name",), "a name is a JSON string")
        for stage, level in _mapping(self.value.get("stages")).items():
            if isinstance(level, dict):
                yield from self._report_keys(("stages", stage), STAGE_KEYS)
            elif stage in STAGE_KEYS:
                yield self._unknown_key(("stages", stage), STAGE_KEYS)
            else:
                yield self._invalid(("stages", stage), "a stage's settings are a JSON object")

    def _report_keys(self, path: tuple[str, ...], known: frozenset[str]) -> Iterator[Diagnostic]:
        for key, value in self._at(path).items():
            if key not in known:
                yield self._unknown_key((*path, key), known)
            elif key in MAPPING_KEYS and not isinstance(value, (dict, type(None))):
                yield self._invalid((*path, key), "the value is a JSON object")
        for name, entry in _mapping(self._at(path).get("lambda_functions")).items():
            yield from self._report_keys((*path, "lambda_functions", name), FUNCTION_KEYS)
            for key in () if path else sorted(MERGED_KEYS & _mapping(entry).keys()):
                place = self.source.position("lambda_functions", name, key)
                reason = "Chalice reads this for a function only inside a stage"
                action = "move it to stages.<stage>.lambda_functions"
                yield codes.UNKNOWN_CONFIG_KEY.at(place, key, reason, action)

    def _invalid(self, path: tuple[str, ...], reason: str) -> Diagnostic:
        return codes.INVALID_CONFIG_VALUE.at(self.source.position(*path), path[-1], reason)

    def _unknown_key(self, path: tuple[str, ...], known: frozenset[str]) -> Diagnostic:
        key, place = path[-1], self.source.position(*path)
        if key in TOP_KEYS:
            return codes.UNKNOWN_CONFIG_KEY.at(place, key, "Chalice does not read it at this level")
        from difflib import get_close_matches

        similar = get_close_matches(key, sorted(known), 1)
        action = f"did you mean {similar[0]}?" if similar else None
        return codes.UNKNOWN_CONFIG_KEY.at(place, key, "Chalice does not read it", action)

    def _found(self, key: str, stage: str, function: str | None) -> Iterator[tuple[tuple[str, ...], Json]]:
        paths: list[tuple[str, ...]] = [("stages", stage), ()]
        if function is not None:
            paths.insert(0, ("stages", stage, "lambda_functions", function))
            paths.insert(2, ("lambda_functions", function))
        for path in paths:
            value = self._at(path).get(key)
            if value is not None:
                yield path, value

    def _at(self, path: tuple[str, ...]) -> Mapping[str, Json]:
        level: Json = self.value
        for part in path:
            level = _mapping(level).get(part)
        return _mapping(level)

    def _levels(self) -> list[Mapping[str, Json]]:
        return [self.value, *map(_mapping, _mapping(self.value.get("stages")).values())]


def read_config(files: Mapping[str, bytes]) -> ChaliceConfig:
    """The project's config; an empty one where the file is missing.

    Raises UnreadableError for broken JSON, or JSON that is not an object.
    """
    if CONFIG_PATH not in files:
        return ChaliceConfig(JsonSource(CONFIG_PATH, "{}", {}))
    source = read_json(CONFIG_PATH, decode_text(CONFIG_PATH, files[CONFIG_PATH]))
    if not isinstance(source.value, dict):
        reason = "the file holds no JSON object"
        raise UnreadableError(codes.INVALID_JSON.at(Position(CONFIG_PATH, 1, 1), CONFIG_PATH, reason))
    return ChaliceConfig(source)


def can_say_vpc(value: Json) -> bool:
    """Whether `subnet_ids` and `security_group_ids` say it all: two lists of known ids."""
    return (
        isinstance(value, dict)
        and value.keys() == {"SecurityGroupIds", "SubnetIds"}
        and all(isinstance(ids, list) and is_literal(ids) for ids in value.values())
    )


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
