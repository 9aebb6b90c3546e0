"""What the SAM translator, run by CloudFormation at deployment, makes of a template."""

from __future__ import annotations

import copy
import json
import logging
import os
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from converter.codes import TOOL_FAILED, TOOL_MISSING
from converter.diagnostics import UnreadableError
from converter.model import Json
from converter.verify.values import REGION

CfnTemplate = dict[str, Json]

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


def translate(template: CfnTemplate, parameters: Mapping[str, str] | None = None) -> CfnTemplate:
    """The plain CloudFormation that a SAM template stands for; no AWS call is made.

    Local paths become addresses in LOCAL_BUCKET. Raises UnreadableError when the translator
    refuses the template.
    """
    _require_translator()
    from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    class BundledPolicies:
        def load(self) -> dict[str, str]:
            return dict(get_bundled_managed_policy_map("aws") or {})

    source = copy.deepcopy(template)
    _place_local_paths(source)
    try:
        with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):
            translated: CfnTemplate = transform(source, dict(parameters or {}), BundledPolicies())
    except InvalidDocumentException as error:
        reasons = "; ".join(cause.message for cause in error.causes) or error.message
        raise UnreadableError(TOOL_FAILED.at(None, "the SAM translator", reasons)) from error
    return translated


def _require_translator() -> None:
    try:
        import samtranslator  # noqa: F401 - only whether it is there
    except ImportError as error:
        subject = "aws-sam-translator"
        raise UnreadableError(TOOL_MISSING.at(None, subject, "it is not installed")) from error
    # It warns on stderr that nobody takes its metrics.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)


def _place_local_paths(template: CfnTemplate) -> None:
    """Give local paths the form that `sam package` gives them."""
    shared: dict[str, Any] = template.get("Globals") or {}
    for section, properties in shared.items():
        _place_local_path(properties, _LOCAL_PATHS.get(f"AWS::Serverless::{section}"))
    for resource in (template.get("Resources") or {}).values():
        if not isinstance(resource, dict):
            continue
        properties = resource.setdefault("Properties", {})
        if resource.get("Type") == "AWS::Serverless::Function":
            inherited = {**shared.get("Function", {}), **properties}
            if inherited.get("PackageType") != "Image" and not inherited.keys() & {"CodeUri", "InlineCode"}:
                properties["CodeUri"] = "."
        _place_local_path(properties, _LOCAL_PATHS.get(str(resource.get("Type"))))


def _place_local_path(properties: dict[str, Json], name: str | None) -> None:
    path = properties.get(name) if name else None
    if name and isinstance(path, str) and not path.startswith("s3://"):
        properties[name] = f"s3://{LOCAL_BUCKET}/{path}"
