"""
Command lines of Chalice and of the SAM CLI, each with what is typed in its place.

Chalice: https://aws.github.io/chalice/ (`chalice --help`, chalice/cli/__init__.py)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-command-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from converter.files.scripts import may_call


@dataclass(frozen=True)
class Row:
    """A command, and what stands for it on the other side.

    `options` says what becomes of each option ({} is its value, nothing where nothing is needed), `lost` why
    one has no counterpart. `{name}` and `{place}` in the counterpart are a function's name and a folder.
    `note` is why there is no counterpart, or in what it differs; `takes` is how many words it has beside its
    options.
    """

    command: str
    counterpart: str
    options: Mapping[str, str] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    takes: int = 0


_STAGE = {"--stage": "--config-env {}", "--profile": "--profile {}"}
_IN_TEMPLATE = "template.yaml says it"
_AT_HAND = "call it by hand"

CHALICE: tuple[Row, ...] = (
    Row("delete", "sam delete", _STAGE),
    Row(
        "deploy",
        "sam build && sam deploy",
        _STAGE,
        {
            "--api-gateway-stage": f"{_IN_TEMPLATE}: StageName of the API",
            "--autogen-policy": f"{_IN_TEMPLATE}: Policies of the functions",
            "--no-autogen-policy": f"{_IN_TEMPLATE}: Policies of the functions",
            "--connection-timeout": "AWS_MAX_ATTEMPTS and the like are settings of botocore",
        },
    ),
    Row("dev", "sam validate --lint", note="of Chalice's plan and graph SAM has neither"),
    Row(
        "gen-policy",
        "",
        lost={"--filename": "it goes by functions"},
        note="convert with --least-privilege; template.yaml then states the Policies",
    ),
    Row(
        "generate-models",
        "aws apigateway get-export --export-type oas30",
        lost={"--stage": "name the API's own stage with --stage-name"},
    ),
    Row(
        "generate-pipeline",
        "sam pipeline init --bootstrap",
        lost=dict.fromkeys(
            ("--codebuild-image", "--source", "--buildspec-file", "--pipeline-version"), "it is asked for"
        ),
        takes=1,
    ),
    Row(
        "generate-sdk",
        "aws apigateway get-sdk",
        {"--sdk-type": "--sdk-type {}"},
        {"--stage": "name the API's own stage with --stage-name"},
        takes=1,
    ),
    Row("invoke", "sam remote invoke {name}", _STAGE, note="`sam local invoke` calls it on this machine"),
    Row(
        "local",
        "sam build && sam local start-api",
        {"--stage": "--config-env {}", "--port": "--port {}", "--host": "--host {}", "--autoreload": ""},
        {"--no-autoreload": "it takes what was built, until it is built again"},
    ),
    Row(
        "logs",
        "sam logs",
        {
            **_STAGE,
            "--name": "--name {}",
            "--follow": "--tail",
            "--no-follow": "",
            "--since": "--start-time {}",
        },
        {
            "--num-entries": "it has no limit; pipe it through head",
            "--include-lambda-messages": "it shows them always",
            "--no-include-lambda-messages": "--filter takes a pattern of CloudWatch",
        },
    ),
    Row(
        "new-project",
        "sam init{named}",
        {"--profile": ""},
        {"--project-type": "choose with --app-template"},
        takes=1,
    ),
    Row(
        "package",
        "sam build && sam package --output-template-file {place}/sam.yaml",
        {**_STAGE, "--template-format": ""},
        {
            "--merge-template": "template.yaml holds what was merged",
            "--single-file": "SAM has no such form",
            "--pkg-format": "SAM writes CloudFormation only",
        },
        takes=1,
    ),
    Row("url", "sam list endpoints --output json", {"--stage": "--config-env {}"}),
)

_ENV = {"--config-env": "--stage {}", "--profile": "--profile {}"}
_BY_SETTING = "a setting of .chalice/config.json, or none"

SAM: tuple[Row, ...] = (
    Row("build", "", note="Chalice builds when it deploys or packages"),
    Row(
        "delete",
        "chalice delete",
        _ENV,
        {"--no-prompts": "it does not ask", "--stack-name": _BY_SETTING, "--region": _BY_SETTING},
    ),
    Row(
        "deploy",
        "chalice deploy",
        {
            **_ENV,
            "--guided": "",
            "--no-confirm-changeset": "",
            "--no-fail-on-empty-changeset": "",
            "--no-progressbar": "",
        },
        dict.fromkeys(
            (
                "--capabilities",
                "--parameter-overrides",
                "--region",
                "--resolve-s3",
                "--s3-bucket",
                "--stack-name",
                "--template-file",
            ),
            "for a project with a merge template: `chalice package`, then `sam deploy --template-file`",
        ),
    ),
    Row("init", "chalice new-project{named}", note="it asks which template to start from"),
    Row("list endpoints", "chalice url", {"--config-env": "--stage {}", "--output": ""}),
    Row("list resources", "", note="see .chalice/deployed/"),
    Row("list stack-outputs", "", note="see .chalice/deployed/"),
    Row("local invoke", "", note="chalice.test.Client calls a function in a test", takes=1),
    Row(
        "local start-api",
        "chalice local",
        {"--config-env": "--stage {}", "--port": "--port {}", "--host": "--host {}"},
    ),
    Row("local start-lambda", "", note="chalice.test.Client calls a function in a test"),
    Row(
        "logs",
        "chalice logs",
        {**_ENV, "--name": "--name {}", "--tail": "--follow", "--start-time": "--since {}"},
        {"--filter": "it shows all", "--stack-name": _BY_SETTING, "--end-time": "it shows all since --since"},
    ),
    Row("package", "chalice package {place}", _ENV, {"--output-template-file": "the folder holds sam.yaml"}),
    Row("pipeline init", "chalice generate-pipeline pipeline.json", {"--bootstrap": ""}),
    Row("pipeline bootstrap", "", note="the template of chalice generate-pipeline makes what it needs"),
    Row("publish", "", note="Chalice has no repository of applications"),
    Row(
        "remote invoke",
        "chalice invoke --name {name}",
        _ENV,
        {"--event": "the event is read from standard input"},
        takes=1,
    ),
    Row("sync", "chalice deploy", _ENV, {"--watch": "deploy again after each change"}),
    Row("traces", "", note="see X-Ray in the console"),
    Row("validate", "", note="chalice package fails on what is wrong"),
)

_SHORT = {
    "chalice": {
        "-n": "--name",
        "-f": "--follow",
        "-s": "--since",
        "-t": "--project-type",
        "-i": "--codebuild-image",
    },
    "sam": {
        "-n": "--name",
        "-t": "--tail",
        "-s": "--start-time",
        "-g": "--guided",
        "-p": "--port",
        "-e": "--event",
    },
}
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
TABLES: Mapping[str, tuple[Row, ...]] = {"chalice": CHALICE, "sam": SAM}
# What samconfig.toml calls default.
DEFAULT_STAGE = "dev"


@dataclass(frozen=True)
class Call:
    """A call of a command line in a text, from `start` to `end`; `line` and `column` count from 1.

    `prefix` is what stands before it and is meant for it, `unread` what of it could not be understood.
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

    def translate(
        self, default_stage: str = DEFAULT_STAGE, names: Mapping[str, str] | None = None
    ) -> Translation:
        """What to type instead; `names` are the functions' names on this side with those of the other.

        A samconfig.toml calls `default_stage` default, and Chalice's own is dev.
        """
        if self.row.counterpart and self.unread:
            return Translation("", (f"{self.unread}: it is not understood, so the call stays",))
        remarks = [self.row.note] if self.row.note and not self.row.counterpart else []
        remarks += [f"{name}: {self.row.lost[name]}" for name in self.options if name in self.row.lost]
        named = self.options.get("--name") or next(iter(self.places), None)
        function = (names or {}).get(named, named) if named else None
        added = []
        for name, value in self.options.items():
            shown = function if name == "--name" else value
            template = self.row.options.get(name)
            is_default = name in ("--stage", "--config-env") and value in (default_stage, "default")
            if template and not is_default:
                added.append(" " + template.format(shown or ""))
            elif template is None and name not in self.row.lost and "{name}" not in self.row.counterpart:
                remarks.append(f"{name}: look for its like in --help")
        text = self.row.counterpart.format(
            name=function or "FUNCTION",
            named=f" --name {named}" if named and self.cli == "chalice" else f" {named}" if named else "",
            place=next(iter(self.places), "packaged").rstrip("/"),
        )
        # Each of several commands needs what was said before the one.
        text = text.replace(" && ", f" && {self.prefix}")
        return Translation(text + "".join(added) if text else "", tuple(remarks))


@dataclass(frozen=True)
class Translation:
    """A command line, empty where there is none, and what it does not do that the other did."""

    text: str
    remarks: tuple[str, ...] = ()


def find_calls(text: str, cli: str = "chalice") -> Iterator[Call]:
    """Every call of a command line in a script, a Makefile or a pipeline's YAML."""
    if cli not in text:
        return
    for match in _calls(cli).finditer(text):
        if _is_comment(text, match.start()):
            continue
        written = _trim(match[0])
        row = next(row for row in TABLES[cli] if row.command == " ".join(match[1].split()))
        words = re.sub(_GOES_ON, " ", match[2][: len(written) - len(match[0]) or None])
        options, places = _read_words(cli, row, words)
        unread = " ".join([*_WORD.sub("", words).split(), *places[row.takes :]])
        line = text.count("\n", 0, match.start()) + 1
        begin = text.rfind("\n", 0, match.start()) + 1
        prefix = _PREFIX.search(text[begin : match.start()])
        yield Call(
            cli,
            row,
            " ".join(re.sub(_GOES_ON, " ", written).split()),
            line,
            match.start() - begin + 1,
            match.start(),
            match.start() + len(written),
            options,
            places,
            prefix[0] if prefix else "",
            unread,
        )


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
            name = _SHORT[cli].get(name, name)
            options[name] = _unquote(given)
            waiting = "" if given or not _takes_value(row, name) else name
        elif waiting:
            options[waiting], waiting = _unquote(word), ""
        else:
            places.append(_unquote(word))
    return options, tuple(places)


def _unquote(word: str) -> str:
    """The word without quotes that it does not need."""
    inner = word.strip("\"'")
    return inner if _PLAIN.fullmatch(inner) else word


def _takes_value(row: Row, name: str) -> bool:
    template = row.options.get(name)
    return name == "--name" or (name not in _FLAGS if not template else "{}" in template)


# Options without a value that have no counterpart with one.
_FLAGS = frozenset(
    """
    --autogen-policy --no-autogen-policy --autoreload --no-autoreload --beta-features --bootstrap --cached
    --debug --follow --guided --help --include-lambda-messages --no-confirm-changeset --no-execute-changeset
    --no-fail-on-empty-changeset --no-follow --no-include-lambda-messages --no-progressbar --no-prompts
    --parallel --resolve-s3 --single-file --use-container --watch
    """.split()
)


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
            pieces += [text[index : call.start], found.text]
            index = call.end
    return Rewritten("".join([*pieces, text[index:]]), tuple(remarks))


def _holds(code: re.Match[str], call: Call) -> bool:
    return code.start() <= call.start and call.end <= code.end()


# --- in words -------------------------------------------------------------------------


def render_tables() -> str:
    """Both tables, as text."""
    return "\n".join([*_render_table("chalice", "sam"), "", *_render_table("sam", "chalice")]) + "\n"


def _render_table(cli: str, other: str) -> Iterator[str]:
    yield f"{cli} -> {other}"
    for row in TABLES[cli]:
        counterpart = row.counterpart.format(name="NAME", named=" NAME", place="packaged")
        yield f"  {cli} {row.command:18} {counterpart or '-'}"
        for name, template in row.options.items():
            value = " VALUE" if "{}" in template else ""
            yield f"    {name + value:27} {template.format('VALUE') or 'nothing is needed'}"
        for name, reason in row.lost.items():
            yield f"    {name:27} - ({reason})"
        if row.note:
            yield f"    ({row.note})"
