"""CloudFormation's intrinsic functions: what they refer to, and what they amount to.

Values are in the long form (`{"Ref": "Table"}`).
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from converter.sam.intrinsics.evaluation import (
    ABSENT,
    Scope,
    choose_branch,
    parameter_values,
    resolve,
    resolve_leaves,
)
from converter.sam.intrinsics.functions import TAGS, as_int, function_of, is_literal
from converter.sam.intrinsics.mentions import (
    Path,
    Place,
    Reference,
    Renaming,
    find_references,
    find_renamings,
    references,
    rename,
)

__all__ = [
    "ABSENT",
    "TAGS",
    "Path",
    "Place",
    "Reference",
    "Renaming",
    "Scope",
    "as_int",
    "choose_branch",
    "find_references",
    "find_renamings",
    "function_of",
    "is_literal",
    "parameter_values",
    "references",
    "rename",
    "resolve",
    "resolve_leaves",
]
