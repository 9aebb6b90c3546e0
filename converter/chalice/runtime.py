"""The part of Chalice that runs on Lambda, for code that stays Chalice's.

Chalice puts these two files into its packages and nothing else (chalice.deploy.packager). Installed from the
package index it would bring botocore, pip and setuptools along, 53 MB of what it only builds with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

PATHS = ("chalice/__init__.py", "chalice/app.py")

_IMPORTS_CHALICE = re.compile(rb"^\s*(from|import) chalice\b", re.MULTILINE)


def uses_chalice(folder: Mapping[str, bytes]) -> bool:
    """Whether a module of the folder imports Chalice."""
    return any(_IMPORTS_CHALICE.search(content) for path, content in folder.items() if path.endswith(".py"))


@cache
def runtime_files() -> Mapping[str, bytes]:
    """Chalice's files by their path in a function's folder, of the version that is installed."""
    package = files("chalice")
    return {path: package.joinpath(path.partition("/")[2]).read_bytes() for path in PATHS}


def without_runtime(folder: Mapping[str, bytes]) -> dict[str, bytes]:
    """The folder without Chalice's own files."""
    is_there = b"class Chalice(" in folder.get(PATHS[1], b"")
    return {path: content for path, content in folder.items() if not is_there or path not in PATHS}
