"""
The settings of a function that are one config key on the one side, one property on the other.

Chalice: https://aws.github.io/chalice/topics/configfile.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import is_whole, setting

if TYPE_CHECKING:
    from converter.model import Json


def _read_architectures(value: Json) -> Json:
    """The one architecture that Lambda takes, if it is known."""
    is_known = isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)
    return value[0] if is_known else value


def _write_architectures(value: Json) -> Json:
    return None if value == "x86_64" else value if isinstance(value, list) else [value]


# Chalice always writes its defaults (chalice/constants.py); Lambda's own timeout is 3 seconds.
timeout = setting(
    "timeout",
    chalice="lambda_timeout",
    sam="Timeout",
    chalice_default=60,
    sam_default=3,
    is_valid=is_whole,
    expected="a whole number of seconds",
)
memory_size = setting(
    "memory_size",
    chalice="lambda_memory_size",
    sam="MemorySize",
    chalice_default=128,
    sam_default=128,
    is_valid=is_whole,
    expected="a whole number of MB",
)
reserved_concurrency = setting(
    "reserved_concurrency",
    chalice="reserved_concurrency",
    sam="ReservedConcurrentExecutions",
    is_valid=is_whole,
    expected="a whole number",
)
architecture = setting(
    "architecture",
    chalice="lambda_architecture",
    sam="Architectures",
    to_sam=_write_architectures,
    from_sam=_read_architectures,
    chalice_default="x86_64",
    sam_default="x86_64",
    is_valid=lambda value: value in ("x86_64", "arm64"),
    expected="x86_64 or arm64",
    per_function=False,
)
tracing = setting(
    "tracing",
    chalice="xray",
    sam="Tracing",
    to_sam=lambda value: "Active" if value else None,
    from_sam=lambda value: value == "Active",
    chalice_default=False,
    sam_default=False,
    is_valid=lambda value: isinstance(value, bool),
    expected="true or false",
)

FEATURES = (timeout, memory_size, reserved_concurrency, architecture, tracing)
