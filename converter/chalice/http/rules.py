"""Chalice's paths as the rules of a Powertools resolver, and back."""

from __future__ import annotations

import re

Route = tuple[str, str]
"""A path as the template has it, and a method in capitals."""

GREEDY = re.compile(r"\{[^}]*\+\}")
_SPECIAL = re.compile(r"[.+*?^$()\[\]|\\]")


def write_path(path: str) -> str:
    """A path of Chalice's as Powertools' rule for it, as Python writes that text.

    What `{proxy+}` becomes is a group, so that it is not tried before the parameters of other paths.
    """
    parts = re.split(r"(\{[^}]*\})", path)
    rule = "".join(
        _SPECIAL.sub(r"\\\g<0>", part)
        if not part.startswith("{")
        else "(.+)"
        if part.endswith("+}")
        else f"<{part[1:-1]}>"
        for part in parts
    )
    return f'r"{rule}"' if "\\" in rule else f'"{rule}"'


def read_rule(rule: str) -> str | None:
    """Chalice's path of a rule of Powertools', with `{+}` for the rest of a path; None where it has none."""
    parts = re.split(r"(<\w+>|\(\.\+\))", rule)
    read = []
    for part in parts:
        if re.fullmatch(r"<\w+>", part):
            read.append(f"{{{part[1:-1]}}}")
        elif part == "(.+)":
            read.append("{+}")
        elif re.search(r"(?<!\\)(?:\\\\)*[.+*?^$()\[\]|<>]|\\\w", part):
            return None
        else:
            read.append(re.sub(r"\\(.)", r"\1", part))
    return "".join(read)


def join_paths(prefix: str, path: str) -> str:
    return "/".join([prefix.rstrip("/"), path.strip("/")])


def plain_route(route: Route) -> Route:
    """A route as paths are compared: without a slash at the end, and whatever the rest is called."""
    path, method = route
    return f"/{GREEDY.sub('{+}', path).strip('/')}", method.upper()
