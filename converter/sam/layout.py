"""
Where the code of a SAM project lies.

`per-function`: a folder for each function, a layer for what they share. `shared`: one
folder for all, which `sam build` builds once. A layer is built natively (BuildMethod), or
as a dummy function whose build the layer points to.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from converter.chalice.runtime import runtime_files, uses_chalice
from converter.files import decode_text, encode_python
from converter.python.module import first_line, split_lines
from converter.sam.resource_types import FUNCTION, LAYER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.model import Application, Function, Json
    from converter.sam.writer import SamWriter

LAMBDAS = "lambdas"
LAYERS = "layers"
DUMMY_LAMBDA = "DummyLambda"

# SAM has no way to build a layer from a dummy function's folder but to have a function there.
DUMMY_HANDLER = b'''\
"""Makes `sam build` build this folder as it builds functions; the layer points to the result."""


def lambda_handler(event, context):
    return None
'''
OPT_ON_PATH = """\
import sys

# The layer is a function's build folder, so its modules lie in /opt itself.
sys.path.append("/opt")

"""


def write_code(application: Application, writer: SamWriter) -> None:
    """Write every function's folder, and the layers that they share."""
    if writer.layout == "shared":
        _write_shared_folder(application, writer)
        return
    for function in application.functions.values():
        folder = f"{LAMBDAS}/{function.name}"
        files = application.folders[function.code.folder]
        is_dummy = writer.layer_style == "dummy-lambda" and bool(function.code.layers)
        for path, content in {**_runtime_of(application, function), **files}.items():
            is_handler = path == function.code.handler.path
            content = _with_opt(path, content) if is_dummy and is_handler else content
            writer.files[f"{folder}/{path}"] = content
        _write_function(writer, function, f"{folder}/")
    for layer in dict.fromkeys(
        layer for function in application.functions.values() for layer in function.code.layers
    ):
        _write_layer(application, writer, layer)


def _runtime_of(application: Application, function: Function) -> Mapping[str, bytes]:
    """Chalice's own files, where the function's code needs them and no layer has them."""
    in_layers = any(uses_chalice(application.folders[layer]) for layer in function.code.layers)
    is_needed = uses_chalice(application.folders[function.code.folder]) and not in_layers
    return runtime_files() if is_needed else {}


def _write_function(writer: SamWriter, function: Function, code_uri: str) -> None:
    properties = writer.functions[function.name]
    properties["CodeUri"] = code_uri
    module = function.code.handler.path.removesuffix(".py").replace("/", ".")
    properties["Handler"] = f"{module}.{function.code.handler.name}"


def _write_shared_folder(application: Application, writer: SamWriter) -> None:
    for function in application.functions.values():
        for folder in (function.code.folder, *function.code.layers):
            files = application.folders[folder]
            for path, content in {**(runtime_files() if uses_chalice(files) else {}), **files}.items():
                writer.files[f"{LAMBDAS}/{path}"] = content
        _write_function(writer, function, f"{LAMBDAS}/")


def _write_layer(application: Application, writer: SamWriter, layer: str) -> None:
    is_dummy = writer.layer_style == "dummy-lambda"
    folder = LAYERS if is_dummy else f"{LAYERS}/{layer}"
    files = application.folders[layer]
    for path, content in {**(runtime_files() if uses_chalice(files) else {}), **files}.items():
        writer.files[f"{folder}/{path}"] = content
    writer.files.setdefault(f"{folder}/requirements.txt", b"")
    if is_dummy:
        identifier = _add_dummy_layer(writer, folder, layer)
    else:
        identifier = writer.add_layer(
            f"{layer.capitalize()}Layer", layer, folder, "Code that the functions share"
        )
    for function in application.functions.values():
        if layer in function.code.layers:
            writer.local_layers.setdefault(function.name, []).append({"Ref": identifier})


def _add_dummy_layer(writer: SamWriter, folder: str, layer: str) -> str:
    writer.files[f"{folder}/__init__.py"] = b""
    writer.files[f"{folder}/dummy_lambda.py"] = DUMMY_HANDLER
    properties: dict[str, Json] = {"CodeUri": f"{folder}/", "Handler": "dummy_lambda.lambda_handler"}
    writer.functions[""] = properties
    dummy = writer.add_resource(DUMMY_LAMBDA, {"Type": FUNCTION, "Properties": properties})
    return writer.add_resource(
        f"{layer.capitalize()}Layer",
        {
            "Type": LAYER,
            "DependsOn": dummy,
            "Properties": {
                "LayerName": {"Fn::Sub": f"${{AWS::StackName}}-{layer}"},
                "Description": "Code that the functions share",
                "ContentUri": f"./.aws-sam/build/{dummy}",
                "CompatibleRuntimes": [writer.application.runtime],
                "RetentionPolicy": "Delete",
            },
        },
    )


def _with_opt(path: str, content: bytes) -> bytes:
    """The handler's module with /opt on the path before anything of the layer is imported."""
    text = decode_text(path, content)
    body = ast.parse(text).body
    first = next((node for node in body if not _is_preamble(node)), None)
    lines = split_lines(text)
    start = first_line(first) - 1 if first is not None else len(lines)
    return encode_python("".join(lines[:start]) + OPT_ON_PATH + "".join(lines[start:]))


def _is_preamble(node: ast.stmt) -> bool:
    """A docstring or `from __future__ import`, which stand before everything else."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
