"""Judges that nobody here wrote: the real tools, and plain comparisons of what they say."""

from __future__ import annotations

from tests.oracles.calls import call_chalice, call_lambda
from tests.oracles.comparison import compare
from tests.oracles.facts import Facts, facts
from tests.oracles.linting import cfn_lint
from tests.oracles.packaging import chalice_package
from tests.oracles.process import OracleError
from tests.oracles.sam_cli import sam_build, sam_validate
from tests.oracles.translation import parse_template, read_template, translate

__all__ = [
    "Facts",
    "OracleError",
    "call_chalice",
    "call_lambda",
    "cfn_lint",
    "chalice_package",
    "compare",
    "facts",
    "parse_template",
    "read_template",
    "sam_build",
    "sam_validate",
    "translate",
]
