"""Command lines of Chalice and of the SAM CLI in a text, each with what is typed in its place."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from converter.commands.tables import CHALICE, COMMON, FLAGS, PLACEHOLDERS, SAM, TABLES, Row
from converter.files.scripts import may_call

__all__ = [
    "CHALICE",
    "DEFAULT_STAGE",
    "SAM",
    "Call",
    "Rewritten",
    "Row",
    "Translation",
    "find_calls",
    "may_name",
    "render_tables",
    "rewrite_calls",
]

# A quoted word, what a shell, Make or GitHub fills in, and a placeholder of a document.
_HELD = r"\\\"[^\"\\\n]*\\\"|\"[^\"\n]*\"|'[^'\n]*'|\$\{\{.*?\}\}|\$\([^)\n]*\)|\$\{[^}\n]*\}|<[\w.-]+>"
_VALUE = rf"{_HELD}|[^\s\"'`)\]-][^\s\"'`)\]]*"
_WORD = re.compile(rf"(?<!\S)(?:(--?[\w-]+)(?:=({_VALUE}))?|({_VALUE}))(?=[\s\"'`)\]]|$)")
_PLAIN = re.compile(r"[\w./:@%+,-]*")
# A line goes on after a backslash (` and ^ in Windows' shells), and where the next one begins with an option.
_GOES_ON = r"(?:\\|(?<=[ \t])[`^])\r?\n|\r?\n[ \t]+(?=--[a-z])"
# What stands before a program and is meant for it alone: variables, `poetry run`, `aws-vault exec prod --`.
_PREFIX = re.compile(
    rf"(?:(?<![^\s;&|(\"'`@])"
    rf"(?:[A-Za-z_]\w*=(?:{_HELD}|[^\s;&|\"'`]*)|(?:env|sudo|time)|(?:hatch|pdm|pipenv|poetry|uv)[ \t]+run"
    r"|(?!RUN\b)[\w./-]*\w(?:[ \t]+[^\s;&|:\"'`]+)*[ \t]+--)[ \t]+)+$"
)
# What stands between the program and its command.
_GLOBAL = {
    "chalice": r"(?:[ \t]+--(?:no-)?(?:debug|project-dir[ =][^\s;&|]+))*",
    "sam": r"(?:[ \t]+--(?:debug|info|beta-features))*",
}
# `sam build && sam deploy` is one call, for Chalice builds when it deploys.
_BEFORE = {"chalice": "", "sam": r"(?:sam[ \t]+build\b[^\n;&|#]*&&[ \t]*(?=sam[ \t]))?"}
# `!` takes the first command after it alone.
_NEGATION = re.compile(r"(?:^|[\s;&|({])![ \t]+$")
# Words that come after a redirection, which are the program's all the same.
_LATER = re.compile(
    r"(?:[ \t]*\d?(?:&>|>>?|<)&?[ \t]*[^\s;&|<>#\"'`]+)+[ \t]+(?!\d?[<>&])([^\s;&|<>#\"'`)]+)"
)
# A call as a list of words: in a Dockerfile, a compose file, a call of subprocess.
_STRING = r"(?:\"(?:[^\"\\\n]|\\.)*\"|'[^'\\\n]*')"
_LIST = re.compile(rf"\[\s*{_STRING}(?:\s*,\s*{_STRING})*\s*,?\s*\]")
# What samconfig.toml calls default.
DEFAULT_STAGE = "dev"


@dataclass(frozen=True)
class Call:
    """A call of a command line in a text, from `start` to `end`; `line` and `column` count from 1.

    `prefix` is what stands before it and is meant for it, `unread` what of it could not be understood. Of a
    call that is written as a list, `list_head` are the words before it in the list.
    """

    cli: str
    row: Row
    written: str
    line: int
    column: int
    start: int
    end: int
    options: Mapping[str, str]
    places: tuple[str, ...]
    prefix: str = ""
    unread: str = ""
    is_negated: bool = False
    list_head: str | None = None

    def translate(
        self, default_stage: str = DEFAULT_STAGE, names: Mapping[str, str] | None = None
    ) -> Translation:
        """What to type instead; `names` are the functions' names on this side with those of the other.

        A samconfig.toml calls `default_stage` default, and Chalice's own is dev.
        """
        if self.row.counterpart and self.unread:
            return Translation("", (f"{self.unread}: it is not understood, so the call stays",))
        remarks = [self.row.note] if self.row.note and not self.row.counterpart else []
        named = self.options.get("--name") or next(iter(self.places), None)
        function = (names or {}).get(named, named) if named else None
        added = []
        for name, value in self.options.items():
            template, reason = _look_up(self.cli, self.row, name)
            is_default = name in ("--stage", "--config-env") and value in (default_stage, "default")
            if reason:
                remarks.append(f"{name}: {reason}")
            elif template and not is_default:
                added.append(" " + template.format((function if name == "--name" else value) or ""))
            elif template is None and self.row.counterpart and not self.row.knows(name):
                remarks.append(f"{name}: look for its like in --help")
        text = self.row.counterpart.format(
            name=function or "FUNCTION",
            named=f" --name {named}" if named and self.cli == "chalice" else f" {named}" if named else "",
            place=next(iter(self.places), "packaged").rstrip("/"),
            sdk=self.options.get("--sdk-type", "javascript"),
        )
        remarks += [f"{word}: {where}" for word, where in PLACEHOLDERS.items() if word in text.split()]
        # Each of several commands needs what was said before the one.
        text = text.replace(" && ", f" && {self.prefix}")
        text = text + "".join(added) if text else ""
        return Translation(f"{{ {text}; }}" if self.is_negated and "&&" in text else text, tuple(remarks))


def _look_up(cli: str, row: Row, name: str) -> tuple[str | None, str | None]:
    """What becomes of an option, or why nothing does."""
    for each in (row, COMMON[cli]):
        if name in each.options or name in each.lost:
            return each.options.get(name), each.lost.get(name)
    return None, None


@dataclass(frozen=True)
class Translation:
    """A command line, empty where there is none, and what it does not do that the other did."""

    text: str
    remarks: tuple[str, ...] = ()


def find_calls(text: str, cli: str = "chalice") -> Iterator[Call]:
    """Every call of a command line in a script, a Makefile or a pipeline's YAML."""
    if cli in text:
        found = (*_find_in_lines(text, cli), *_find_in_lists(text, cli))
        yield from sorted(found, key=lambda call: call.start)


def _find_in_lines(text: str, cli: str) -> Iterator[Call]:
    for match in _calls(cli).finditer(text):
        if _is_comment(text, match.start()):
            continue
        written = _trim(match[0])
        row = next(row for row in TABLES[cli] if row.command == " ".join(match[1].split()))
        words = re.sub(_GOES_ON, " ", match[2][: len(written) - len(match[0]) or None])
        options, places = _read_words(cli, row, words)
        unread = [*_WORD.sub("", words).split(), *places[row.takes :]]
        end = match.start() + len(written)
        if later := _LATER.match(text, end):
            unread.append(later[1])
        line, column = _find_place(text, match.start())
        before = text[match.start() - column + 1 : match.start()]
        found = _PREFIX.search(before)
        prefix = found[0] if found else ""
        is_negated = bool(_NEGATION.search(before.removesuffix(prefix)))
        if is_negated and prefix:
            unread.append("!")
        yield Call(
            cli,
            row,
            " ".join(re.sub(_GOES_ON, " ", written).split()),
            line,
            column,
            match.start(),
            end,
            options,
            places,
            prefix,
            " ".join(unread),
            is_negated,
        )


def _find_in_lists(text: str, cli: str) -> Iterator[Call]:
    for match in _LIST.finditer(text):
        if _is_comment(text, match.start()) or cli not in match[0]:
            continue
        try:
            words = [str(word) for word in ast.literal_eval(match[0])]
        except (ValueError, SyntaxError):
            continue
        line = " ".join(map(_quote, words))
        for call in _find_in_lines(line, cli) if cli in words else ():
            if call.end == len(line) and not call.is_negated:
                number, column = _find_place(text, match.start())
                yield replace(
                    call,
                    line=number,
                    column=column,
                    start=match.start(),
                    end=match.end(),
                    list_head=line[: call.start],
                )


def _quote(word: str) -> str:
    return word if word and not re.search(r"[\s\"'\\;&|<>()]", word) else shlex.quote(word)


def _find_place(text: str, at: int) -> tuple[int, int]:
    """The line and the column of a place, from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


@cache
def _calls(cli: str) -> re.Pattern[str]:
    """`chalice deploy`, `python -m chalice deploy`, `chalice --debug deploy`; not `my-chalice deploy`."""
    names = sorted((row.command for row in TABLES[cli]), key=len, reverse=True)
    commands = "|".join(name.replace(" ", r"[ \t]+") for name in names)
    module = r"(?:python[\d.]*[ \t]+-m[ \t]+)?"
    program = rf"{_BEFORE[cli]}(?<![\w.\-/]){module}(?<![\w.\-]){cli}{_GLOBAL[cli]}"
    # A call ends before what the shell takes, such as `2>&1`.
    rest = rf"(?:{_GOES_ON}|\$\{{\{{.*?\}}\}}|<[\w.-]+>|(?![ \t]\d[<>])[^\n;&|#`<>])*"
    return re.compile(rf"{program}[ \t]+({commands})(?![\w.\-/:=])({rest})")


def _read_words(cli: str, row: Row, text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The options with their values, and what is none."""
    options: dict[str, str] = {}
    places: list[str] = []
    waiting = ""
    for name, given, word in _WORD.findall(text):
        if name:
            name = row.short.get(name, name)
            options[name] = _unquote(given)
            waiting = "" if given or not _takes_value(cli, row, name) else name
        elif waiting:
            options[waiting], waiting = _unquote(word), ""
        else:
            places.append(_unquote(word))
    return options, tuple(places)


def _unquote(word: str) -> str:
    """The word without quotes that it does not need."""
    inner = word.strip("\"'")
    return inner if _PLAIN.fullmatch(inner) else word


def _takes_value(cli: str, row: Row, name: str) -> bool:
    template, _ = _look_up(cli, row, name)
    return name == "--name" or (name not in FLAGS if not template else "{}" in template)


def _trim(written: str) -> str:
    """The call without the quote or bracket that closes what it stands in."""
    trimmed = written.rstrip(" \t\r],")
    is_closed = any(trimmed.endswith(quote) and trimmed.count(quote) % 2 for quote in "\"'")
    if is_closed or (trimmed.endswith(")") and trimmed.count(")") > trimmed.count("(")):
        return _trim(trimmed[:-1])
    return trimmed


def _is_comment(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line.lstrip().startswith(("#", "//")) or " # " in line


# --- files ----------------------------------------------------------------------------

_DOCUMENTS = (".adoc", ".md", ".rst", ".txt")
_CODE = re.compile(r"```.*?```|~~~.*?~~~|``[^`\n]+``|`[^`\n]+`|^(?: {4}|\t).*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Rewritten:
    """A file's text with the calls of one command line as those of the other, and what to say of them."""

    text: str
    remarks: tuple[tuple[Call, str], ...]


def may_name(path: str) -> bool:
    """Whether a file is of a kind that calls commands or tells of them."""
    return may_call(path) or path.endswith(_DOCUMENTS)


def rewrite_calls(path: str, text: str, cli: str) -> Rewritten:
    """The text of a file with each call of `cli` as the other's; in documents those that stand in code."""
    pieces, remarks, index = [], [], 0
    for call in find_calls(text, cli):
        if path.endswith(_DOCUMENTS) and not any(_holds(code, call) for code in _CODE.finditer(text)):
            continue
        found = call.translate()
        remarks += [(call, remark) for remark in found.remarks]
        if found.text:
            pieces += [text[index : call.start], _write_call(call, found.text)]
            index = call.end
    return Rewritten("".join([*pieces, text[index:]]), tuple(remarks))


def _write_call(call: Call, text: str) -> str:
    """The line as the call is written: as it is, or as a list."""
    if call.list_head is None:
        return text
    line = call.list_head + text
    return json.dumps(["sh", "-c", line] if "&&" in line or "<" in line else shlex.split(line))


def _holds(code: re.Match[str], call: Call) -> bool:
    return code.start() <= call.start and call.end <= code.end()


# --- in words -------------------------------------------------------------------------


def render_tables() -> str:
    """Both tables, as text."""
    return "\n".join([*_render_table("chalice", "sam"), "", *_render_table("sam", "chalice")]) + "\n"


def _render_table(cli: str, other: str) -> Iterator[str]:
    yield f"{cli} -> {other}"
    for row in TABLES[cli]:
        named = " --name NAME" if cli == "chalice" else " NAME"
        filled = {"name": "NAME", "named": named, "place": "packaged", "sdk": "javascript"}
        yield f"  {cli} {row.command:18} {row.counterpart.format(**filled) or '-'}"
        yield from _render_options(row)
    yield f"  {cli} ..."
    yield from _render_options(COMMON[cli])


def _render_options(row: Row) -> Iterator[str]:
    shorts = {name: short for short, name in row.short.items()}
    names = {
        name: f"{shorts[name]}, {name}" if name in shorts else name for name in (*row.options, *row.lost)
    }
    for name, template in row.options.items():
        value = " VALUE" if "{}" in template else ""
        yield f"    {names[name] + value:27} {template.format('VALUE') or 'nothing is needed'}"
    for name, reason in row.lost.items():
        yield f"    {names[name]:27} - ({reason})"
    if row.note:
        yield f"    ({row.note})"
