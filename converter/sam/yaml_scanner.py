"""The events of YAML texts, taking what PyYAML takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def parse(text: str) -> Iterator[Any]:
    """The events of a YAML text. Raises ruamel.yaml.error.MarkedYAMLError where it is none.

    libyaml reads it, where PyYAML was built with it: it takes a tenth of the time. What it refuses, and what
    is wrong with that, is for ruamel.yaml to say.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", None)
    try:
        return parse_with_ruamel(text) if loader is None else iter(list(yaml.parse(text, Loader=loader)))
    except yaml.YAMLError:
        return parse_with_ruamel(text)


def parse_with_ruamel(text: str) -> Iterator[Any]:
    """The same, of Python code alone."""
    from ruamel.yaml import YAML
    from ruamel.yaml.scanner import Scanner

    class LenientScanner(Scanner):
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

    reader = YAML(typ="safe", pure=True)
    reader.Scanner = LenientScanner
    events: Iterator[Any] = reader.parse(text)
    return events
