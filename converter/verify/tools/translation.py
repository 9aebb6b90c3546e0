"""What the SAM translator, run by CloudFormation at deployment, makes of a template."""

from __future__ import annotations

import copy
import json
import logging
import os
from collections.abc import Callable, Mapping
from posixpath import normpath
from typing import Any
from unittest.mock import patch

from converter.codes import TOOL_FAILED, TOOL_MISSING
from converter.diagnostics import UnreadableError
from converter.model import Json
from converter.sam.intrinsics import rename
from converter.sam.local_paths import change_local_paths
from converter.sam.resource_types import FUNCTION, LAYER
from converter.verify.values import REGION

CfnTemplate = dict[str, Json]

# Stands for wherever `sam package` would upload the project's own files to.
LOCAL_BUCKET = "local"

# How much of a digest an id has (samtranslator.translator.logical_id_generator.LogicalIdGenerator).
_DIGEST = 10


def parse_template(path: str, content: bytes) -> CfnTemplate:
    """A template in YAML or JSON as the translator itself reads it, intrinsics in their long form.

    Raises UnreadableError when it cannot.
    """
    _require_translator()
    from samtranslator.yaml_helper import yaml_parse

    try:
        loaded = yaml_parse(content.decode("utf-8-sig"))
    except Exception as error:  # whatever the parsers below it raise
        raise UnreadableError(TOOL_FAILED.at(None, path, str(error))) from error
    # YAML reads an unquoted 2012-10-17 as a date.
    template: CfnTemplate = json.loads(json.dumps(loaded, default=str))
    return template


def translate(
    template: CfnTemplate, parameters: Mapping[str, str] | None = None, *, is_packaged: bool = False
) -> CfnTemplate:
    """The plain CloudFormation that a SAM template stands for; no AWS call is made.

    Local paths become addresses in LOCAL_BUCKET; those of a template that `chalice package` has made
    (`is_packaged`) start in a folder of the project. Raises UnreadableError when the translator
    refuses the template.
    """
    _require_translator()
    from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    class BundledPolicies:
        def load(self) -> dict[str, str]:
            return dict(get_bundled_managed_policy_map("aws") or {})

    source = _with_local_paths_placed(copy.deepcopy(template), _place_packaged if is_packaged else _place)
    try:
        with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):
            translated: CfnTemplate = transform(source, dict(parameters or {}), BundledPolicies())
    except InvalidDocumentException as error:
        reasons = "; ".join(cause.message for cause in error.causes) or error.message
        raise UnreadableError(TOOL_FAILED.at(None, "the SAM translator", reasons)) from error
    return _with_plain_layer_ids(translated, source)


def _require_translator() -> None:
    try:
        import samtranslator  # noqa: F401 - only whether it is there
    except ImportError as error:
        subject = "aws-sam-translator"
        raise UnreadableError(TOOL_MISSING.at(None, subject, "it is not installed")) from error
    # It warns on stderr that nobody takes its metrics.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)


def _with_local_paths_placed(template: CfnTemplate, place: Callable[[str], str]) -> CfnTemplate:
    """The template with local paths in the form that `sam package` gives them."""
    shared: dict[str, Any] = template.get("Globals") or {}
    resources = dict(template.get("Resources") or {})
    for name, resource in resources.items():
        if isinstance(resource, dict) and resource.get("Type") == FUNCTION:
            properties = resource.get("Properties") or {}
            inherited = {**(shared.get("Function") or {}), **properties}
            if inherited.get("PackageType") != "Image" and not inherited.keys() & {"CodeUri", "InlineCode"}:
                properties = {**properties, "CodeUri": "."}
            resources[name] = {**resource, "Properties": properties}
    for section, properties in shared.items():
        shown = {"Type": f"AWS::Serverless::{section}", "Properties": properties}
        shared = {**shared, section: change_local_paths(shown, place)["Properties"]}
    return {**change_local_paths({**template, "Resources": resources}, place), "Globals": shared}


def _place(path: str) -> str:
    return f"s3://{LOCAL_BUCKET}/{normpath(path)}"


def _place_packaged(path: str) -> str:
    return _place(path.removeprefix("../"))


def _with_plain_layer_ids(translated: CfnTemplate, source: CfnTemplate) -> CfnTemplate:
    """The layers under the ids that the author gave them: SAM adds a digest of what they say."""
    layers = {name for name, one in source["Resources"].items() if one.get("Type") == LAYER}
    names = {name: name[:-_DIGEST] for name in translated["Resources"] if name[:-_DIGEST] in layers}
    return {
        section: {
            names.get(name, name): rename(entry, names, (section, name)) for name, entry in entries.items()
        }
        if section in ("Resources", "Outputs")
        else entries
        for section, entries in translated.items()
    }
