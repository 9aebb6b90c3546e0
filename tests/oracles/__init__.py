"""Judges that nobody here wrote: the real tools, and the platforms' ways of calling a function.

What the tools deploy is asked by `converter.verify.tools`.
"""

from __future__ import annotations

from tests.oracles.calls import call_chalice, call_lambda
from tests.oracles.linting import cfn_lint
from tests.oracles.process import OracleError
from tests.oracles.sam_cli import sam_build, sam_options, sam_validate

__all__ = [
    "OracleError",
    "call_chalice",
    "call_lambda",
    "cfn_lint",
    "sam_build",
    "sam_options",
    "sam_validate",
]
