"""
Command lines of Chalice, and what is typed for a SAM project in their place.

Chalice: https://aws.github.io/chalice/ (`chalice --help`, chalice/cli/__init__.py)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-command-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# What becomes of each command; {env} is ` --config-env <stage>` but for the stage that samconfig.toml calls
# default, {function} the logical id of the function that is named.
COMMANDS: Mapping[str, str] = {
    "delete": "sam delete{env}",
    "deploy": "sam build && sam deploy{env}",
    "dev": "sam validate --lint",
    "gen-policy": "the Policies that template.yaml states",
    "generate-models": "aws apigateway get-export --export-type oas30",
    "generate-pipeline": "sam pipeline init --bootstrap",
    "generate-sdk": "aws apigateway get-sdk",
    "invoke": "sam remote invoke {function}{env}",
    "local": "sam build && sam local start-api{env}{port}",
    "logs": "sam logs{named}{tail}{env}",
    "new-project": "sam init",
    "package": "sam build && sam package --output-template-file packaged.yaml{env}",
    "url": "sam list endpoints --output json{env}",
}

# `chalice deploy`, `python -m chalice deploy`, `chalice --project-dir api deploy`; not `my-chalice deploy`.
_CALL = re.compile(
    r"(?<![\w.\-])chalice(?:[ \t]+--(?:no-)?(?:debug|project-dir[ =][^\s;&|]+))*"
    rf"[ \t]+({'|'.join(sorted(COMMANDS))})(?![\w.\-/:=])([^\n;&|#]*)"
)
_VALUE = r"\"[^\"]*\"|'[^']*'|\$\([^)\n]*\)|\$\{[^}\n]*\}|[^\s\"'`)\]-][^\s\"'`)\]]*"
_OPTION = re.compile(rf"(?<!\S)(--?[\w-]+)(?:[ =]+({_VALUE}))?")
_SHORT = {"-n": "--name", "-f": "--follow", "-s": "--since"}


@dataclass(frozen=True)
class ChaliceCall:
    """A call of Chalice's command line in a text; `line` and `column` count from 1."""

    written: str
    line: int
    column: int
    command: str
    options: Mapping[str, str]

    def in_sam(self, default_stage: str, function_ids: Mapping[str, str]) -> str:
        """What to call for the SAM project; its samconfig.toml calls `default_stage` default."""
        stage, name = self.options.get("--stage", default_stage), self.options.get("--name")
        function = function_ids.get(name, name) if name else None
        port = self.options.get("--port")
        return COMMANDS[self.command].format(
            env=f" --config-env {stage}" if stage != default_stage else "",
            function=function or "FUNCTION",
            named=f" --name {function}" if function else "",
            tail=" --tail" if "--follow" in self.options else "",
            port=f" --port {port}" if port else "",
        )


def find_calls(text: str) -> Iterator[ChaliceCall]:
    """Every call of Chalice's command line in a script, a Makefile or a pipeline's YAML."""
    if "chalice" not in text:
        return
    for match in _CALL.finditer(text):
        if _is_comment(text, match.start()):
            continue
        options = {
            _SHORT.get(name, name): value.strip("\"'") for name, value in _OPTION.findall(match.group(2))
        }
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        yield ChaliceCall(_trim(match.group()), line, column, match.group(1), options)


def _trim(written: str) -> str:
    """The call without the quote or bracket that closes what it stands in."""
    written = written.strip(" \t\r`],")
    if written.count(")") > written.count("("):
        written = written.rstrip(")")
    is_closed = any(written.endswith(quote) and written.count(quote) % 2 for quote in "\"'")
    return written[:-1].rstrip() if is_closed else written


def _is_comment(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line.lstrip().startswith(("#", "//"))


_SCRIPT_NAMES = frozenset(
    """
    Dockerfile GNUmakefile Jenkinsfile Justfile Makefile Pipfile Procfile Rakefile Taskfile fabfile.py
    justfile makefile noxfile.py package.json pyproject.toml setup.cfg tasks.py tox.ini
    """.split()
)
_SCRIPT_ENDINGS = (".bash", ".bat", ".cmd", ".fish", ".mk", ".ps1", ".sh", ".yaml", ".yml", ".zsh")
_SCRIPT_FOLDERS: Sequence[str] = ("bin", "ci", "scripts", "tools")


def may_call(path: str) -> bool:
    """Whether a file is of a kind that calls commands: scripts, Makefiles, what pipelines run."""
    *folders, name = path.split("/")
    if folders and folders[0] in (".chalice", "chalicelib", "vendor"):
        return False
    is_script = bool(folders) and folders[-1] in _SCRIPT_FOLDERS and "." not in name
    return name in _SCRIPT_NAMES or name.endswith(_SCRIPT_ENDINGS) or is_script
