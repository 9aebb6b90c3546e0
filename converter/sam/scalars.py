"""What unquoted text means in YAML.

The SAM CLI, samtranslator and Chalice read templates with PyYAML, so its YAML 1.1 counts (yaml.resolver), but
dates stay text: CloudFormation's values are JSON's. Other readers see more in some words (`y`, `1e5`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from converter.model import Json

_PLAIN = re.compile(
    r"""
      (?P<boolean> yes | Yes | YES | true | True | TRUE | on | On | ON
        | no | No | NO | false | False | FALSE | off | Off | OFF )
    | (?P<null> ~ | null | Null | NULL | )
    | (?P<decimal> [-+]? [0-9][0-9_]* \.[0-9_]* (?:[eE][-+][0-9]+)? | \.[0-9][0-9_]* (?:[eE][-+][0-9]+)?
        | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) )
    | (?P<sexagesimal> [-+]? [0-9][0-9_]* (?::[0-5]?[0-9])+ \.[0-9_]* | [-+]? [1-9][0-9_]* (?::[0-5]?[0-9])+ )
    | (?P<integer> [-+]? (?: 0b_*[01][01_]* | 0x_*[0-9a-fA-F][0-9a-fA-F_]* | 0[0-7_]+ | 0 | [1-9][0-9_]* ) )
    """,
    re.VERBOSE,
)
_TIMESTAMP = re.compile(
    r"""
      [0-9]{4}-[0-9]{2}-[0-9]{2}
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} (?: [Tt] | [\ \t]+ ) [0-9]{1,2}:[0-9]{2}:[0-9]{2} (?: \.[0-9]* )?
      (?: [\ \t]* (?: Z | [-+][0-9]{1,2} (?: :[0-9]{2} )? ) )?
    """,
    re.VERBOSE,
)
# What some reader, of YAML 1.1 or 1.2, takes for something else than text. A sign counts as such.
_MAYBE_NOT_TEXT = re.compile(
    r"""
      (?i: y | n | yes | no | on | off | true | false | null ) | ~ | = | << | [-+].*
    | 0[bB][01_]+ | 0[oO][0-7_]+ | 0[xX][0-9a-fA-F_]+
    | [0-9][0-9_]* (?: :[0-5]?[0-9] )* (?: \.[0-9_]* )? (?: [eE][-+]?[0-9]+ )?
    | \.[0-9_]+ (?: [eE][-+]?[0-9]+ )?
    | \. (?i: inf | nan )
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} (?: [Tt\ ].* )?
    """,
    re.VERBOSE,
)


def read_plain(text: str) -> Json:
    """The value of a plain scalar."""
    match = _PLAIN.fullmatch(text)
    return _READERS[str(match.lastgroup)](text) if match else text


def is_timestamp(text: str) -> bool:
    """Whether PyYAML makes a date of the plain scalar, which Chalice then cannot write as JSON."""
    return bool(_TIMESTAMP.fullmatch(text))


def is_surely_text(text: str) -> bool:
    """Whether every reader takes the word, unquoted, for text (as far as YAML lets it stand unquoted)."""
    return not _MAYBE_NOT_TEXT.fullmatch(text)


def _read_boolean(text: str) -> bool:
    return text.lower() in ("yes", "true", "on")


def _read_integer(text: str) -> int:
    digits = text.replace("_", "")
    # What begins with 0 is octal in YAML 1.1, and `0o` in Python.
    return int(digits, 8 if re.fullmatch(r"[-+]?0[0-7]+", digits) else 0)


def _read_decimal(text: str) -> float:
    return float(re.sub(r"_|\.(?=[a-zA-Z])", "", text))


def _read_sexagesimal(text: str) -> int | float:
    *rest, last = text.replace("_", "").lstrip("-+").split(":")
    value: int | float = float(last) if "." in last else int(last)
    for power, part in enumerate(reversed(rest), 1):
        value += int(part) * 60**power
    return -value if text.startswith("-") else value


_READERS: Final[Mapping[str, Callable[[str], Json]]] = {
    "boolean": _read_boolean,
    "null": lambda _: None,
    "decimal": _read_decimal,
    "sexagesimal": _read_sexagesimal,
    "integer": _read_integer,
}
