"""Bytes to text, with the place of what is not text."""

from __future__ import annotations

import io

from converter.codes import UNREADABLE_FILE
from converter.diagnostics import UnreadableError
from converter.model import Position


def decode_text(path: str, data: bytes) -> str:
    """The text of a file: UTF-8, or for Python what its coding cookie says (PEP 263).

    A byte order mark is dropped; line ends stay as they are. Raises UnreadableError
    with the place of the first thing that is not text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(path, "", "it is UTF-16 text", "save it as UTF-8")
    encoding = _read_cookie(path, data) if path.endswith(".py") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        reason = f"the byte 0x{data[error.start]:02x} is not {encoding.removesuffix('-sig')} text"
        raise _unreadable(path, before, reason, "save it as UTF-8") from error
    except LookupError as error:
        raise _unreadable(
            path, "", f"its coding cookie names {encoding}, which is no text encoding"
        ) from error
    if "\0" in text:
        raise _unreadable(path, text[: text.index("\0")], "a NUL character, which no text holds")
    return text


def encode_python(text: str) -> bytes:
    """The bytes of a Python file: UTF-8, or what its coding cookie says, as `decode_text` reads it."""
    start = "".join(text.splitlines(keepends=True)[:2]) if "coding" in text[:1000] else ""
    return text.encode(_read_cookie("", start.encode("ascii", "replace")))


def _read_cookie(path: str, data: bytes) -> str:
    from tokenize import detect_encoding

    try:
        return detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        # The other reason to fail is a byte that is not UTF-8; decoding will say where it stands.
        if "unknown encoding" not in str(error):
            return "utf-8-sig"
        raise _unreadable(path, "", f"its coding cookie names an {error.msg}") from error


def _unreadable(path: str, before: str, reason: str, action: str = "") -> UnreadableError:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return UnreadableError(UNREADABLE_FILE.at(Position(path, line, column), path, reason, action))
