"""Calls one handler the way Lambda does. Run as `python -I -S lambda_host.py`, the call as JSON on stdin.

The paths are those of https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath:
the function's folder, then the layers, then the runtime, which has boto3 and what that needs and no
other package. So a forgotten requirement fails here as it would there.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import json
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

_RUNTIME_PACKAGES = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}


class RuntimePackages(importlib.abc.MetaPathFinder):
    """Finds the packages of the Lambda runtime, and no others, where the tests have theirs."""

    def __init__(self, folders: list[str]) -> None:
        self._folders = folders

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _RUNTIME_PACKAGES:
            return None
        return importlib.machinery.PathFinder.find_spec(fullname, self._folders)


class LayerRoot:
    """Finds what lies in /opt itself, where Lambda looks only if the code adds it to sys.path."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.PathFinder.find_spec(fullname, [self._folder])


class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    function_name = "test"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test"
    memory_limit_in_mb = "128"
    aws_request_id = "00000000-0000-0000-0000-000000000000"
    log_group_name = "/aws/lambda/test"
    log_stream_name = "test"
    identity = None
    client_context = None

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def call(handler: str, event: Any) -> dict[str, Any]:
    """The handler's answer, or the exception that it (or its module) raised."""
    module, _, name = handler.rpartition(".")
    try:
        function = getattr(importlib.import_module(module.replace("/", ".")), name)
        return {"value": json.loads(json.dumps(function(event, Context())))}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def _open_opt(path: str, folder: str) -> LayerRoot:
    if path.rstrip("/") != "/opt":
        raise ImportError
    return LayerRoot(folder)


def main() -> None:
    request = json.load(sys.stdin)
    # What the handler prints goes to its log.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    opt = request["opt"]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path[:0] = [request["task"], f"{opt}/python/lib/{version}/site-packages", f"{opt}/python"]
    sys.path_hooks.insert(0, lambda path: _open_opt(path, opt))
    sys.meta_path.append(RuntimePackages(request["packages"]))
    json.dump(call(request["handler"], request["event"]), answer)
    answer.close()


if __name__ == "__main__":
    main()
