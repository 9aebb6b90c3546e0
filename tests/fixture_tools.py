"""
The projects under fixtures/, and what the converter has to make of them.

`fixtures/<name>/fixture.toml` says which of the folders beside it are goldens: each the conversion, byte by
byte, of another one.

    [golden.sam]
    from = "chalice"
    layout = "shared"           # options, as on the command line

What the conversion has to say stands in `<golden>.findings`. `[[call]]` gives a function's answer to an
event, the same in each form:

    [[call]]
    function = "item-price"
    event = {sku = "apple"}
    returns = {sku = "apple", price = "0.40 EUR"}      # or: raises = "KeyError"; neither: returns None
    aws = {get_item = {Item = {sku = "apple"}}}         # what AWS answers, by operation
    stage = "prod"                                      # dev if left out

`python -m tests.fixture_tools --update` writes all goldens anew; review them with `git diff`.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from converter.convert import Conversion, Http, LayerStyle, Layout, Options, chalice_to_sam, sam_to_chalice
from converter.files import Folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]  # only on Python 3.10

FIXTURES = Path(__file__).parents[1] / "fixtures"


@dataclass(frozen=True)
class Call:
    """An event for a function, and what comes of it.

    `answer` is as `tests.oracles` gives it, without an error's text, and None where only both forms are
    compared; `aws_answers` is what AWS answers, by operation.
    """

    function: str
    event: Any
    answer: Mapping[str, Any] | None = None
    stage: str = "dev"
    aws_answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Golden:
    """A folder that is the conversion of another one."""

    folder: Path
    source: Path
    options: Options = field(default_factory=Options)
    calls: tuple[Call, ...] = ()

    def __str__(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def is_sam(self) -> bool:
        """Whether the golden is the SAM form, and its source the Chalice form."""
        return self.folder.name.startswith("sam")

    @property
    def chalice(self) -> Path:
        return self.source if self.is_sam else self.folder

    @property
    def sam(self) -> Path:
        return self.folder if self.is_sam else self.source

    @property
    def findings(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.findings")

    @property
    def conversion(self) -> Conversion:
        return convert(self.source, self.options, to_sam=self.is_sam)


@cache
def convert(project: Path, options: Options, *, to_sam: bool) -> Conversion:
    """The project's other form; worked out once a test run."""
    return (chalice_to_sam if to_sam else sam_to_chalice)(Folder(project), options)


def read_files(folder: Path) -> dict[str, bytes]:
    """What stands in the folder, by path."""
    return dict(Folder(folder).items())


def show_findings(conversion: Conversion) -> str:
    return "".join(f"{diagnostic.severity}: {diagnostic}\n" for diagnostic in conversion.diagnostics)


def digest(golden: Golden) -> str:
    """A short name for all that the conversion gave."""
    files = sorted(golden.conversion.files.items())
    return sha256(repr((files, show_findings(golden.conversion))).encode()).hexdigest()


def read_parameters(sam: Path, stage: str) -> dict[str, str]:
    """The parameters with which samconfig.toml deploys the stage; `default` is the first one."""
    path = sam / "samconfig.toml"
    if not path.exists():
        return {}
    environments = tomllib.loads(path.read_text(encoding="utf-8"))
    settings = environments.get(stage, environments.get("default", {}))
    overrides = settings.get("deploy", {}).get("parameters", {}).get("parameter_overrides", [])
    pairs = shlex.split(overrides) if isinstance(overrides, str) else overrides
    return dict(pair.split("=", 1) for pair in pairs)


def read_goldens() -> Iterator[Golden]:
    for path in sorted(FIXTURES.glob("*/fixture.toml")):
        with path.open("rb") as file:
            fixture = tomllib.load(file)
        calls = tuple(map(_read_call, fixture.get("call", ())))
        for name, golden in fixture.get("golden", {}).items():
            options = _read_options(path.parent.name, golden)
            yield Golden(path.with_name(name), path.with_name(golden["from"]), options, calls)


def _read_options(name: str, golden: Mapping[str, str]) -> Options:
    layout = Layout(golden.get("layout", "per-function"))
    layer_style = LayerStyle(golden.get("layer-style", "native"))
    http = Http(golden.get("http", "powertools"))
    return Options(golden.get("stage"), layout, layer_style, http, golden.get("runtime"), name)


def _read_call(call: Mapping[str, Any]) -> Call:
    answer = {"error": call["raises"]} if "raises" in call else {"value": call.get("returns")}
    return Call(call["function"], call["event"], answer, call.get("stage", "dev"), call.get("aws", {}))


def write_golden(golden: Golden) -> None:
    """Make the golden what the conversion gives today."""
    if golden.folder.exists():
        shutil.rmtree(golden.folder)
    for name, data in golden.conversion.files.items():
        path = golden.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    text = show_findings(golden.conversion)
    golden.findings.unlink(missing_ok=True)
    if text:
        golden.findings.write_text(text, encoding="utf-8")


GOLDENS = tuple(read_goldens())

if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: python -m tests.fixture_tools --update")
    for each in GOLDENS:
        write_golden(each)
        print(each)
