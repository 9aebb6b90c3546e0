"""Which values are calls of an intrinsic function.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from converter.model import Json

_FUNCTIONS = """
    And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap GetAtt GetAZs If ImportValue Join
    Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll
"""
# Each function's name in the long form, and its YAML tag.
TAGS: Final[Mapping[str, str]] = {
    "Ref": "!Ref",
    "Condition": "!Condition",
    **{f"Fn::{name}": f"!{name}" for name in _FUNCTIONS.split()},
}

# What holds nothing; asking for these types first is much faster than asking whether it is a Mapping.
SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def function_of(value: Json) -> str | None:
    """The name of the intrinsic function that the value is a call of, None for any other value."""
    if type(value) in SCALARS or not isinstance(value, (dict, Mapping)) or len(value) != 1:
        return None
    (name,) = value
    if name == "Condition":
        # A statement's conditions are a mapping under the same key.
        return name if isinstance(value[name], str) else None
    return name if name == "Ref" or name.startswith("Fn::") else None


def is_literal(value: Json) -> bool:
    """Whether no intrinsic function is left anywhere in the value."""
    if type(value) in SCALARS:
        return True
    if isinstance(value, (dict, Mapping)):
        return function_of(value) is None and all(map(is_literal, value.values()))
    return not isinstance(value, list) or all(map(is_literal, value))


def as_int(value: Json) -> Json:
    """The whole number that the value says ("60", as parameters are strings), else the value itself."""
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?[0-9]+\s*", value):
        return int(value)
    return value
