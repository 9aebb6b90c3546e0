"""What `paws explain` tells about the codes."""

from __future__ import annotations

import textwrap

from converter import codes
from converter.diagnostics import Code


def list_codes() -> dict[str, Code]:
    """Every code by its number, in order."""
    found = [value for value in vars(codes).values() if isinstance(value, Code)]
    return {code.number: code for code in sorted(found, key=lambda code: code.number)}


def find_code(written: str) -> Code | None:
    """The code that somebody names: PAWS101, paws101 or 101."""
    return list_codes().get("PAWS" + written.upper().removeprefix("PAWS"))


def explain_code(code: Code) -> str:
    """All there is to say about one code."""
    paragraphs = [f"{code.number} ({code.severity}): {code.title}", code.explanation]
    if code.action:
        paragraphs.append(f"To do: {code.action}")
    return "\n\n".join(textwrap.fill(paragraph, 80) for paragraph in paragraphs) + "\n"


def explain_all() -> str:
    """A line for each code."""
    return "".join(f"{code.number}  {code.severity!s:7}  {code.title}\n" for code in list_codes().values())
