"""Converts serverless Python projects between AWS Chalice and AWS SAM, both ways."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.convert import Conversion, Options, chalice_to_sam, sam_to_chalice
    from converter.diagnostics import Diagnostic

__version__ = "0.1.0"
__all__ = ["Conversion", "Diagnostic", "Options", "__version__", "chalice_to_sam", "sam_to_chalice"]

_HOMES = {
    "Conversion": "converter.convert",
    "Diagnostic": "converter.diagnostics",
    "Options": "converter.convert",
    "chalice_to_sam": "converter.convert",
    "sam_to_chalice": "converter.convert",
}


def __getattr__(name: str) -> object:
    # Lazy, because `paws --version` passes through here and needs none of them.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
