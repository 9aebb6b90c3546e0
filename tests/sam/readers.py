"""The YAML readers that templates meet, each with CloudFormation's tags."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor


def _construct_tag(loader: Any, suffix: str, node: Any) -> Any:
    """As the SAM CLI, samtranslator and Chalice do it (samtranslator.yaml_helper)."""
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node.value, str):
        text = loader.construct_scalar(node)
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    if node.value and isinstance(node.value[0], tuple):
        return {name: loader.construct_mapping(node, deep=True)}
    return {name: loader.construct_sequence(node, deep=True)}


class _PyYamlLoader(yaml.SafeLoader):
    pass


class _LibYamlLoader(yaml.CSafeLoader):
    pass


class _RuamelConstructor(SafeConstructor):
    pass


_PyYamlLoader.add_multi_constructor("!", _construct_tag)
_LibYamlLoader.add_multi_constructor("!", _construct_tag)
_RuamelConstructor.add_multi_constructor("!", _construct_tag)


def load_with_pyyaml(text: str) -> Any:
    return yaml.load(text, Loader=_PyYamlLoader)


def load_with_libyaml(text: str) -> Any:
    return yaml.load(text, Loader=_LibYamlLoader)


def _load_with_ruamel(text: str, version: tuple[int, int]) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _RuamelConstructor
    reader.version = version
    return reader.load(text)


def load_as_yaml_1_1(text: str) -> Any:
    return _load_with_ruamel(text, (1, 1))


def load_as_yaml_1_2(text: str) -> Any:
    return _load_with_ruamel(text, (1, 2))


READERS = [
    pytest.param(load_with_pyyaml, id="PyYAML"),
    pytest.param(load_with_libyaml, id="libyaml"),
    pytest.param(load_as_yaml_1_1, id="ruamel.yaml 1.1"),
    pytest.param(load_as_yaml_1_2, id="ruamel.yaml 1.2"),
]
