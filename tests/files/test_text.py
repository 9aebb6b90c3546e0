from __future__ import annotations

import pytest

from converter.codes import UNREADABLE_FILE
from converter.diagnostics import UnreadableError
from converter.files import decode_text
from converter.model import Position


@pytest.mark.parametrize(
    ("path", "data", "text"),
    [
        pytest.param("a.json", "é\n".encode(), "é\n", id="utf-8"),
        pytest.param("a.json", b"", "", id="empty"),
        pytest.param("a.json", b"\xef\xbb\xbf{}", "{}", id="byte order mark"),
        pytest.param("a.py", b"\xef\xbb\xbfx = 1", "x = 1", id="byte order mark in Python"),
        pytest.param("a.py", b"# coding: latin-1\nx = '\xe9'", "# coding: latin-1\nx = 'é'", id="cookie"),
        pytest.param(
            "a.py",
            b"#!/usr/bin/env python\n# -*- coding: cp1252 -*-\nx = '\x80'",
            "#!/usr/bin/env python\n# -*- coding: cp1252 -*-\nx = '€'",
            id="cookie in the second line",
        ),
        pytest.param("a.txt", b"a\r\nb\rc\n", "a\r\nb\rc\n", id="line ends stay"),
    ],
)
def test_text(path: str, data: bytes, text: str):
    assert text == decode_text(path, data)


@pytest.mark.parametrize(
    ("path", "data", "line", "column", "reason", "action"),
    [
        pytest.param(
            "a.py",
            b"x = 1\ny = '\xe9'\n",
            2,
            6,
            "the byte 0xe9 is not utf-8 text",
            "save it as UTF-8",
            id="latin-1",
        ),
        pytest.param(
            "a.json",
            "{\n  'é': ".encode() + b"\xe9}",
            2,
            8,
            "the byte 0xe9 is not utf-8 text",
            "save it as UTF-8",
            id="columns count characters",
        ),
        pytest.param(
            "a.py",
            b"# coding: latin-1\nx = '\xe9\0'",
            2,
            7,
            "a NUL character, which no text holds",
            "",
            id="nul",
        ),
        pytest.param(
            "a.py",
            b"# coding: klingon\n",
            1,
            1,
            "its coding cookie names an unknown encoding: klingon",
            "",
            id="cookie",
        ),
        pytest.param(
            "a.py",
            b"# coding: rot13\n",
            1,
            1,
            "its coding cookie names rot13, which is no text encoding",
            "",
            id="cookie of another kind",
        ),
        pytest.param(
            "requirements.txt",
            "boto3".encode("utf-16"),
            1,
            1,
            "it is UTF-16 text",
            "save it as UTF-8",
            id="utf-16",
        ),
    ],
)
def test_not_text(path: str, data: bytes, line: int, column: int, reason: str, action: str):
    with pytest.raises(UnreadableError) as caught:
        decode_text(path, data)

    expected = UNREADABLE_FILE.at(Position(path, line, column), path, reason, action)
    assert (expected,) == caught.value.diagnostics
