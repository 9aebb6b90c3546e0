"""Templates and configs with anything anywhere: what cannot be read is named, and nothing breaks."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from converter.diagnostics import UnreadableError
from converter.sam.template import read_template
from converter.verify import verify
from tests.verify.test_mutations import read_pair

# What may stand where something else was meant: other types, and functions with wrong arguments.
_ODD: tuple[Any, ...] = (
    None,
    True,
    7,
    "",
    "text",
    [],
    {},
    [1, {}],
    {"a": 1},
    {"Ref": "AWS::NoValue"},
    {"Ref": [1]},
    {"Condition": [1]},
    {"Fn::Equals": 1},
    {"Fn::FindInMap": ["a", {}, "b"]},
    {"Fn::GetAtt": []},
    {"Fn::If": ["a"]},
    {"Fn::If": [[1], 2, 3]},
    {"Fn::Join": [1, 2]},
    {"Fn::Not": []},
    {"Fn::Select": [9, [1]]},
    {"Fn::Sub": ["a"]},
)


@pytest.mark.parametrize("pair", ["library", "harbor"])
@pytest.mark.parametrize("seed", range(25))
def test_template_with_anything_anywhere(pair: str, seed: int) -> None:
    chalice, sam = read_pair(pair)
    document = read_template("template.yaml", sam["template.yaml"]).value
    changed = _change(json.loads(json.dumps(document, default=str)), random.Random(seed))
    _verify(chalice, {**_without(sam, "template.yaml"), "template.json": json.dumps(changed).encode()})


@pytest.mark.parametrize("pair", ["library", "harbor"])
@pytest.mark.parametrize("seed", range(25))
def test_config_with_anything_anywhere(pair: str, seed: int) -> None:
    chalice, sam = read_pair(pair)
    changed = _change(json.loads(chalice[".chalice/config.json"]), random.Random(seed))
    _verify({**chalice, ".chalice/config.json": json.dumps(changed).encode()}, sam)


def _verify(chalice: Any, sam: Any) -> None:
    findings = []
    with contextlib.suppress(UnreadableError):
        findings = [finding.difference.key for finding in verify(chalice, sam).findings]

    # Whatever is said can be written down.
    assert "object at 0x" not in str(findings)


def _without(files: Any, path: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != path}


def _change(document: Any, chance: random.Random) -> Any:
    """The document with something else in one place."""
    place = chance.choice([path for path in _list_places(document) if path])
    changed = copy.deepcopy(document)
    level = changed
    for part in place[:-1]:
        level = level[part]
    level[place[-1]] = chance.choice(_ODD)
    return changed


def _list_places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in entries:
        yield from _list_places(item, (*path, key))
