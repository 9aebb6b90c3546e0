"""Where the entries of a file begin: keys of YAML, JSON and TOML, names of Python, packages of requirements.

Each `split_...` gives entries whose texts, put together, are the text; none for what it does not take apart.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from converter.diagnostics import UnreadableError
from converter.sync.entries import Entry, merge_entries
from converter.sync.lines import Labels, Merged, mark_conflict, measure_likeness, merge_lines, split_lines

# What stands before the first entry, and behind the last one.
_HEAD, _TAIL = "\0head", "\0tail"


@dataclass(frozen=True)
class Format:
    """A kind of file: how it is cut, and what raises ValueError for a text that is broken.

    `open` makes each entry end alike, where the last one does not; `close` takes that back. Where entries are
    much alike, as functions of a template are, likeness does not make one a renamed other.
    """

    split: Callable[[str], Sequence[Entry]]
    check: Callable[[str], object] = str
    open: Callable[[str], str] = str
    close: Callable[[str], str] = str
    has_alike_entries: bool = True


def merge_text(
    path: str, base: str, ours: str, theirs: str, labels: Labels, moved: Mapping[str, str] | None = None
) -> Merged:
    """The changes of both sides together, by entries or by lines: the way that leaves nothing to resolve.

    `moved` are folders that have another name now, by which an entry that names them has one too.
    """
    format = _find_format(path)
    if format is None:
        return merge_lines(base, ours, theirs, labels)
    by_entries = _merge_by_entries(format, base, ours, theirs, labels, moved or {})
    if by_entries and not by_entries.conflicts and _is_sound(format, by_entries.text):
        return by_entries
    by_lines = merge_lines(base, ours, theirs, labels)
    if not by_lines.conflicts:
        return by_lines if _is_sound(format, by_lines.text) else mark_conflict(ours, theirs, labels)
    return by_entries if by_entries and by_entries.conflicts else by_lines


def _merge_by_entries(
    format: Format, base: str, ours: str, theirs: str, labels: Labels, moved: Mapping[str, str]
) -> Merged | None:
    def compare(old: str, new: str) -> float:
        if format.has_alike_entries:
            return any(f"{folder}/" in old and f"{to}/" in new for folder, to in moved.items())
        return measure_likeness(old, new)

    # With a line end, the last entry is like the others.
    opened = [format.open(text if text.endswith("\n") else f"{text}\n") for text in (base, ours, theirs)]
    old, mine, other = map(format.split, opened)
    merged = (
        merge_entries(old, mine, other, labels, compare) if mine and other and (old or not base) else None
    )
    if merged is None:
        return None
    text = format.close(merged.text)
    return Merged(text if ours.endswith("\n") else text.removesuffix("\n"), merged.conflicts)


def _is_sound(format: Format, text: str) -> bool:
    try:
        format.check(text)
    except (ValueError, SyntaxError, UnreadableError):
        return False
    return True


def _find_format(path: str) -> Format | None:
    name = PurePosixPath(path).name
    if name.startswith("requirements") and name.endswith(".txt"):
        return Format(split_requirements)
    return _FORMATS.get(PurePosixPath(path).suffix)


# --- YAML and JSON, whose lines show their structure -------------------------------------------------


@dataclass(frozen=True)
class _Nested:
    """A format by lines: a line with a key, what stands behind a key that others are below of, and what
    may stand at a key's indentation without being one."""

    key: re.Pattern[str]
    opening: re.Pattern[str]
    beside: tuple[str, ...]
    head: tuple[str, ...]
    tail: tuple[str, ...]


_YAML = _Nested(
    re.compile(
        r"""(?P<indent> *)(?P<key>"[^"]*"|'[^']*'|[^\s"'#&*!|>%@`{}\[\],?-][^#]*?):(?=\s|$)(?P<rest>.*)"""
    ),
    opening=re.compile(r"\s*(#.*)?"),
    beside=("- ", "-\n"),
    head=("---", "%"),
    tail=(),
)
_JSON = _Nested(
    re.compile(r'(?P<indent>[ \t]*)(?P<key>"(?:[^"\\]|\\.)*")\s*:(?P<rest>.*)'),
    opening=re.compile(r"\s*\{\s*"),
    beside=("}", "]"),
    head=("{",),
    tail=("}",),
)


def split_yaml(text: str) -> list[Entry]:
    return _split_nested(_YAML, text, 0)


def split_json(text: str) -> list[Entry]:
    return _split_nested(_JSON, text, 0)


def _split_nested(syntax: _Nested, text: str, skip: int) -> list[Entry]:
    """The entries of the outermost mapping below the first lines, `skip` of them."""
    lines = split_lines(text)
    content = [number for number in range(skip, len(lines)) if _is_content(lines[number])]
    while content and lines[content[0]].startswith(syntax.head):
        content.pop(0)
    if not content or not (first := syntax.key.match(lines[content[0]])):
        return []
    level = len(first["indent"])
    end = len(lines)
    while content and syntax.tail and _measure_indent(lines[content[-1]]) < level:
        end = content.pop()
        if not lines[end].lstrip().startswith(syntax.tail):
            return []
    starts: dict[int, str] = {}
    for number in content:
        indent, found = _measure_indent(lines[number]), syntax.key.match(lines[number])
        if indent == level and found:
            starts[number] = found["key"].strip("\"'")
        elif indent < level or (indent == level and not lines[number].lstrip().startswith(syntax.beside)):
            return []
    matches = {key: syntax.key.match(lines[number]) for number, key in starts.items()}
    opened = {key for key, found in matches.items() if found and syntax.opening.fullmatch(found["rest"])}

    def split_inner(entry: str) -> list[Entry]:
        own = next(number for number, line in enumerate(split_lines(entry)) if _is_content(line))
        return _split_nested(syntax, entry, own + 1)

    return [
        Entry(entry.key, entry.text, split_inner if entry.key in opened else None)
        for entry in _cut(lines, starts, skip, end)
    ]


def _cut(lines: Sequence[str], starts: dict[int, str], skip: int, end: int) -> list[Entry]:
    """An entry from each start to the next, blank lines and comments above a start included."""
    tops = []
    for start in starts:
        while start > skip and not _is_content(lines[start - 1]):
            start -= 1
        tops.append(start)
    bounds = zip(starts.values(), tops, [*tops[1:], end], strict=True)
    entries = [Entry(key, "".join(lines[top:stop])) for key, top, stop in bounds]
    head, tail = "".join(lines[: tops[0]]), "".join(lines[end:])
    return [Entry(_HEAD, head), *entries, Entry(_TAIL, tail)]


def _is_content(line: str) -> bool:
    return not line.isspace() and not line.lstrip().startswith("#")


def _measure_indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _read_yaml(text: str) -> object:
    from converter.sam.yaml_source import read_yaml

    return read_yaml("", text)


_STRING = r'"(?:[^"\\\n]|\\.)*"'
_LAST = re.compile(rf"({_STRING}|[^\s{{}}\[\],:\"]+|[}}\]])(\s*\n\s*(?=[}}\]]))?")
_SPARE_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])")


def _add_commas(text: str) -> str:
    """A comma behind the last member too, so that a member behind it changes no line but its own."""
    return _LAST.sub(lambda found: f"{found[1]},{found[2]}" if found[2] else found[0], text)


def _remove_commas(text: str) -> str:
    return _SPARE_COMMA.sub(lambda found: found[1] or "", text)


# --- the others ----------------------------------------------------------------------------------------


def split_toml(text: str) -> list[Entry]:
    """The tables of a file, and the keys of each."""
    return _split_at(
        text, re.compile(r"(\[.*\])"), lambda table: _split_at(table, re.compile(r"([\w.\"'-]+)\s*="))
    )


def split_requirements(text: str) -> list[Entry]:
    """The lines, by the package that each names."""
    return _split_at(
        text, re.compile(r"([A-Za-z0-9][\w.-]*)"), None, lambda name: re.sub(r"[-_.]+", "-", name).lower()
    )


def _split_at(
    text: str,
    pattern: re.Pattern[str],
    split: Callable[[str], Sequence[Entry]] | None = None,
    normalize: Callable[[str], str] = str,
) -> list[Entry]:
    lines = split_lines(text)
    starts = {
        number: normalize(found[1]) for number, line in enumerate(lines) if (found := pattern.match(line))
    }
    return (
        [Entry(entry.key, entry.text, split) for entry in _cut(lines, starts, 0, len(lines))]
        if starts
        else []
    )


def split_python(text: str) -> list[Entry]:
    """The statements of a module, by the names that they define."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError):
        return []
    starts: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for statement in statements:
        key = _name_statement(statement)
        starts[_first_line(statement) - 1] = f"{key} {seen[key]}" if seen[key] else key
        seen[key] += 1
    # Two statements on one line can't be told apart.
    if not starts or len(starts) != len(statements):
        return []
    lines = split_lines(text)
    end = statements[-1].end_lineno or len(lines)
    return _cut(lines, starts, 0, end)


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _name_statement(statement: ast.stmt) -> str:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement.name
    if isinstance(statement, ast.ImportFrom):
        return f"from {'.' * statement.level}{statement.module or ''}"
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return ", ".join(map(ast.unparse, targets))
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return "documentation"
    return ast.unparse(statement)


_FORMATS = {
    ".yaml": Format(split_yaml, _read_yaml),
    ".yml": Format(split_yaml, _read_yaml),
    ".json": Format(split_json, json.loads, _add_commas, _remove_commas),
    ".toml": Format(split_toml),
    ".py": Format(split_python, ast.parse, has_alike_entries=False),
}
