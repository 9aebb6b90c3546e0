"""Handlers of projects in memory, called in this process: the answer, and what was noted on the way."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import normpath
from typing import Any

import chalice  # noqa: F401  # loaded once, and not with each application

from converter.model import logical_id
from converter.verify.tools import parse_template
from converter.verify.values import Evaluator
from tests.python.running import Outcome, call


def call_in_chalice(files: Mapping[str, bytes], handler: str, event: Any) -> Outcome:
    """Call a function of app.py, which Chalice imports in every Lambda process."""
    return call(files, "app", handler, event)


def call_in_sam(files: Mapping[str, bytes], name: str, event: Any) -> Outcome:
    """Call a function where Lambda has its folder and its layers, in the stage that is the default."""
    template = parse_template("template.yaml", files["template.yaml"])
    shared = template.get("Globals", {}).get("Function", {})
    own = template["Resources"][f"{logical_id(name)}Function"]["Properties"]
    function = Evaluator(template).evaluate({**shared, **own})
    folders = [
        template["Resources"][layer["Ref"]]["Properties"]["ContentUri"]
        for layer in function.get("Layers", [])
        if isinstance(layer, dict)
    ]
    deployed: dict[str, bytes] = {}
    # The first one on the path wins: the function's own folder.
    for folder in [*reversed(folders), function["CodeUri"]]:
        deployed |= _take_folder(files, folder)
    module, _, handler = function["Handler"].rpartition(".")
    return call(deployed, module, handler, event)


def _take_folder(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    prefix = f"{normpath(folder)}/"
    return {path.removeprefix(prefix): data for path, data in files.items() if path.startswith(prefix)}
