"""ruamel.yaml's parser, taking what PyYAML takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scanner import Scanner


class _LenientScanner(Scanner):
    """Block scalars may begin with lines of spaces, of whatever length, as the SAM CLI lets them."""

    def scan_block_scalar_indentation(self) -> Any:
        breaks, deepest, end = [], 0, self.reader.get_mark()
        while self.reader.peek() in " \r\n\x85\u2028\u2029":
            if self.reader.peek() == " ":
                self.reader.forward()
                deepest = max(deepest, self.reader.column)
            else:
                breaks.append(self.scan_line_break())
                end = self.reader.get_mark()
        return breaks, deepest, end


def parse(text: str) -> Iterator[Any]:
    """The events of a YAML text. Raises ruamel.yaml.error.MarkedYAMLError where it is none."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _LenientScanner
    events: Iterator[Any] = yaml.parse(text)
    return events
