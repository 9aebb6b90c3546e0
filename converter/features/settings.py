"""
The settings of a function that are one config key on the one side, one property on the other.

Chalice: https://aws.github.io/chalice/topics/configfile.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import setting

if TYPE_CHECKING:
    from converter.model import Json


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _first(value: Json) -> Json:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


# Chalice always writes its defaults (chalice/constants.py); Lambda's own timeout is 3 seconds.
timeout = setting(
    "timeout",
    chalice="lambda_timeout",
    sam="Timeout",
    chalice_default=60,
    sam_default=3,
    is_valid=_is_whole,
    expected="a whole number of seconds",
)
memory_size = setting(
    "memory_size",
    chalice="lambda_memory_size",
    sam="MemorySize",
    chalice_default=128,
    sam_default=128,
    is_valid=_is_whole,
    expected="a whole number of MB",
)
reserved_concurrency = setting(
    "reserved_concurrency",
    chalice="reserved_concurrency",
    sam="ReservedConcurrentExecutions",
    is_valid=_is_whole,
    expected="a whole number",
)
architecture = setting(
    "architecture",
    chalice="lambda_architecture",
    sam="Architectures",
    to_sam=lambda value: None if value == "x86_64" else [value],
    from_sam=_first,
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
