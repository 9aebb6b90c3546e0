"""What the SAM translator, run by CloudFormation at deployment, makes of a template."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from tests.oracles.process import REGION

Json = Any
Template = dict[str, Json]

# Stands for wherever `sam package` would upload the project's own files to.
LOCAL_BUCKET = "local"

# Where the translator wants an S3 address and a project has a local path.
_LOCAL_PATHS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}


class _Loader(yaml.SafeLoader):
    """Reads the short forms of intrinsics without teaching them to every SafeLoader."""


def _construct_intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Json:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    value = loader.construct_scalar(node)  # type: ignore[arg-type]  # the third and last kind of node
    return {name: str(value).split(".", 1) if suffix == "GetAtt" else value}


_Loader.add_multi_constructor("!", _construct_intrinsic)


def parse_template(text: str) -> Template:
    """A template in YAML or JSON as plain JSON values, intrinsics in their long form."""
    loaded = yaml.load(text, _Loader)
    # YAML reads an unquoted 2012-10-17 as a date.
    template: Template = json.loads(json.dumps(loaded, default=str))
    return template


def read_template(path: Path) -> Template:
    """The template in a file."""
    return parse_template(path.read_text(encoding="utf-8"))


def translate(template: Template, parameters: Mapping[str, str] | None = None) -> Template:
    """The plain CloudFormation that a SAM template stands for; no AWS call is made.

    Local paths become addresses in LOCAL_BUCKET. Raises InvalidDocumentException
    when the translator refuses the template.
    """
    from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
    from samtranslator.translator.transform import transform

    class BundledPolicies:
        def load(self) -> dict[str, str]:
            return dict(get_bundled_managed_policy_map("aws") or {})

    source = copy.deepcopy(template)
    _place_local_paths(source)
    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):
        translated: Template = transform(source, dict(parameters or {}), BundledPolicies())
    return translated


def _place_local_paths(template: Template) -> None:
    """The job of `sam package`, and of samcli.lib.translate.sam_template_validator."""
    shared = template.get("Globals", {})
    for section, properties in shared.items():
        _place_local_path(properties, _LOCAL_PATHS.get(f"AWS::Serverless::{section}"))
    for resource in template.get("Resources", {}).values():
        properties = resource.setdefault("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            inherited = {**shared.get("Function", {}), **properties}
            if inherited.get("PackageType") == "Image":
                continue
            if not inherited.keys() & {"CodeUri", "InlineCode"}:
                properties["CodeUri"] = "."
        _place_local_path(properties, _LOCAL_PATHS.get(resource["Type"]))


def _place_local_path(properties: Template, name: str | None) -> None:
    path = properties.get(name) if name else None
    if name and isinstance(path, str) and not path.startswith("s3://"):
        properties[name] = f"s3://{LOCAL_BUCKET}/{path}"
