"""CloudFormation templates as YAML text, in the style that SAM users write.

Block style, two spaces, short tags for intrinsic functions, quotes where some reader needs them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from converter.model import Json
from converter.sam.intrinsics import TAGS, function_of
from converter.sam.scalars import is_surely_text

_STEP = "  "
_COLLECTIONS = (Mapping, list, tuple)
_LONGEST_FLOW = 80
# A key of more than 1,024 characters is only legal after `? `.
_LONGEST_KEY = 1000
_HEADER = ("AWSTemplateFormatVersion", "Transform", "Description")

# Text after `!GetAtt` is read as a list, so text that shall stay text takes the long form.
_TEXT_TAGS = {name: tag for name, tag in TAGS.items() if name != "Fn::GetAtt"}
_LIST_TAGS = {name: tag for name, tag in TAGS.items() if name not in ("Ref", "Condition")}

_FIRST = r"[\w/.$(<^~=;\\]"
_PLAIN = re.compile(_FIRST + r"(?:[^:#\s]|:(?=\S)|(?<! )#| (?! *$))*")
_PLAIN_IN_FLOW = re.compile(_FIRST + r"(?:[^:#\s,?\[\]{}]|:(?=[\w:/.$-])|(?<! )#| (?! *$))*")
# Compiled when a text needs it: the compiling takes milliseconds.
_UNPRINTABLE = "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"


@dataclass(frozen=True)
class Raw:
    """As the value of a key, the whole entry: the author's own lines, key and comments included."""

    text: str


@dataclass(frozen=True)
class Commented:
    """As the value of a key, the value with comment lines above the key."""

    value: Json
    comment: str


def emit(value: Json) -> str:
    """The value as YAML; intrinsic functions, in the long form, become short tags where YAML allows that."""
    lines: list[str] = []
    _write_node(value, "", "", lines)
    return "\n".join(lines) + "\n"


def emit_template(template: Mapping[str, Json]) -> str:
    """A whole template: blank lines between its sections and its resources."""
    lines: list[str] = []
    previous = None
    for name, section in template.items():
        if previous and not (name in _HEADER and previous in _HEADER):
            lines.append("")
        if name == "Resources" and isinstance(section, Mapping) and section:
            lines.append("Resources:")
            _write_mapping(section, _STEP, lines, gap=[""])
        else:
            _write_entry(name, section, "", lines)
        previous = name
    return "\n".join(lines) + "\n"


# --- blocks ------------------------------------------------------------------


def _write_node(value: Json, head: str, indent: str, lines: list[str]) -> None:
    """The value after `head` (a key, a dash or nothing), on its line or in a block deeper than `indent`."""
    tag, argument = _short_form(value)
    inline = _inline(tag, argument)
    if inline is not None:
        lines.append(_after(head, inline))
        return
    head = _after(head, tag)
    inner = indent + _STEP if head else indent
    if isinstance(argument, str):
        _write_text(argument, head, indent + _STEP, lines)
        return
    if head:
        lines.append(head)
    if isinstance(argument, Mapping):
        _write_mapping(argument, inner, lines)
    else:
        _write_list(argument, inner, lines)


def _write_mapping(
    mapping: Mapping[str, Json], indent: str, lines: list[str], gap: Sequence[str] = ()
) -> None:
    start = len(lines)
    for key, value in mapping.items():
        if len(lines) > start:
            lines += gap
        _write_entry(key, value, indent, lines)


def _write_entry(key: str, value: Json, indent: str, lines: list[str]) -> None:
    if isinstance(value, Commented):
        lines += [f"{indent}# {line}".rstrip() for line in value.comment.splitlines()]
        value = value.value
    if isinstance(value, Raw):
        lines += [f"{indent}{line}" if line else "" for line in value.text.rstrip("\n").split("\n")]
        return
    text = _scalar(key)
    if len(text) > _LONGEST_KEY:
        lines.append(f"{indent}? {text}")
        text = ""
    _write_node(value, f"{indent}{text}:", indent, lines)


def _write_list(items: Json, indent: str, lines: list[str]) -> None:
    inner = indent + _STEP
    for item in items:
        start = len(lines)
        if isinstance(item, _COLLECTIONS) and item and not _short_form(item)[0]:
            _write_node(item, "", inner, lines)
            # The first line of the block stands beside its dash.
            lines[start] = f"{indent}- {lines[start][len(inner) :]}"
        else:
            _write_node(item, f"{indent}-", indent, lines)


def _write_text(text: str, head: str, indent: str, lines: list[str]) -> None:
    """Text of several lines: a literal block where that says exactly the same."""
    body = text.removesuffix("\n")
    rows = body.split("\n")
    is_exact = (
        rows[0] != ""
        and rows[-1] != ""
        and not rows[0][0].isspace()
        and not any(row.isspace() for row in rows)
        and _is_printable(text)
    )
    if is_exact:
        lines.append(_after(head, "|" if text != body else "|-"))
        lines += [f"{indent}{row}" if row else "" for row in rows]
    else:
        lines.append(_after(head, _double_quoted(text)))


def _after(head: str, text: str) -> str:
    return f"{head} {text}" if head and text else head or text


# --- what fits on a line -----------------------------------------------------


def _short_form(value: Json) -> tuple[str, Json]:
    """The value's tag and what stands after it; no tag where only the long form, or none, is legal."""
    function = function_of(value) if isinstance(value, Mapping) else None
    if function is None:
        return "", value
    argument = value[function]
    if isinstance(argument, str) and function in _TEXT_TAGS:
        return _TEXT_TAGS[function], argument
    if isinstance(argument, (list, tuple)) and function in _LIST_TAGS:
        if function == "Fn::GetAtt" and _is_attribute(argument):
            argument = ".".join(argument)
        return _LIST_TAGS[function], argument
    return "", value


def _is_attribute(argument: Json) -> bool:
    """Whether the two strings of a GetAtt, joined by a dot, are read as the same two."""
    if len(argument) != 2 or not all(isinstance(part, str) and part for part in argument):
        return False
    return "." not in argument[0]


def _inline(tag: str, argument: Json, in_flow: bool = False) -> str | None:
    """The short form on one line, None when it needs lines of its own."""
    if isinstance(argument, str):
        if "\n" in argument and not in_flow:
            return None
        text: str | None = _quoted(argument) if tag == "!Sub" else _scalar(argument, in_flow)
    elif isinstance(argument, Mapping):
        text = None if argument else "{}"
    elif isinstance(argument, (list, tuple)):
        text = _flow(argument) if tag or in_flow or not argument else None
    else:
        text = _scalar(argument)
    return text if text is None else _after(tag, text)


def _flow(items: Json) -> str | None:
    """The list in brackets, None when that is not short."""
    texts = []
    for item in items:
        text = _inline(*_short_form(item), in_flow=True)
        if text is None:
            return None
        texts.append(text)
    flow = f"[{', '.join(texts)}]"
    return flow if len(flow) <= _LONGEST_FLOW else None


# --- scalars -----------------------------------------------------------------


def _scalar(value: Json, in_flow: bool = False) -> str:
    if isinstance(value, str):
        return _text(value, in_flow)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    return str(value)


def _float(value: float) -> str:
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    # Without the point, YAML 1.1 takes 1e+16 for text.
    return text if "." in text else text.replace("e", ".0e")


@lru_cache(maxsize=4096)
def _text(text: str, in_flow: bool) -> str:
    plain = _PLAIN_IN_FLOW if in_flow else _PLAIN
    is_plain = plain.fullmatch(text) and not text.startswith("...") and _is_printable(text)
    return text if is_plain and is_surely_text(text) else _quoted(text)


def _quoted(text: str) -> str:
    if ('"' in text or "\\" in text) and "\n" not in text and _is_printable(text):
        return "'" + text.replace("'", "''") + "'"
    return _double_quoted(text)


def _double_quoted(text: str) -> str:
    def escape(match: re.Match[str]) -> str:
        return f"\\u{ord(match[0]):04x}"

    # JSON escapes the quote, the backslash and ASCII's control characters, all in a way that YAML knows.
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if _is_printable(quoted) else re.sub(_UNPRINTABLE, escape, quoted)


def _is_printable(text: str) -> bool:
    """Whether YAML may hold the text without escapes."""
    return (text.isascii() and text.isprintable()) or not re.search(_UNPRINTABLE, text)
