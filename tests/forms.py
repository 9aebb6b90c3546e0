"""Both forms of a fixture as their platforms have them: what is deployed, and what a function does there."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from posixpath import normpath
from typing import Any

from converter.files import Folder
from converter.model import Json, logical_id
from converter.sam.project import open_sam
from converter.verify import tools
from converter.verify.tools.translation import CfnTemplate
from converter.verify.values import Evaluator
from tests.fixture_tools import Call, Golden, read_parameters
from tests.oracles import call_chalice, call_lambda
from tests.stand_in_modules import STAND_INS, add_stand_ins

_CALLS = "aws_calls.jsonl"


Variables = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Done:
    """A function's answer to an event, and the calls to AWS that it made on the way."""

    answer: Mapping[str, Any]
    aws_calls: tuple[str, ...]


# --- what is deployed ---------------------------------------------------------------


@dataclass(frozen=True)
class Deployed:
    """The plain CloudFormation of a stage: properties by logical id, and the functions' ids by name."""

    properties: Mapping[str, Json]
    functions: Mapping[str, str]

    def function(self, name: str) -> Mapping[str, Json]:
        found: Mapping[str, Json] = self.properties[self.functions[name]]
        return found


@cache
def package_chalice(project: Path, stage: str) -> CfnTemplate:
    """What `chalice package` makes of a stage, with the merge template if the project has one."""
    return tools.package_chalice(add_stand_ins(Folder(project)), stage)


@cache
def deploy_chalice(golden: Golden, stage: str) -> Deployed:
    names = {name: logical_id(name) for name in golden.conversion.application.functions}
    return _deploy(package_chalice(golden.chalice, stage), read_parameters(golden.sam, stage), names)


@cache
def deploy_sam(golden: Golden, stage: str) -> Deployed:
    functions = open_sam(Folder(golden.sam), stage).functions
    names = {name: function.identifier for name, function in functions.items()}
    return _deploy(read_sam_template(golden.sam), read_parameters(golden.sam, stage), names)


def _deploy(template: CfnTemplate, parameters: Mapping[str, str], names: Mapping[str, str]) -> Deployed:
    translated = tools.translate(template, parameters)
    evaluator = Evaluator(translated, parameters)
    resources = translated["Resources"].items()
    properties = {name: evaluator.evaluate(found.get("Properties", {})) for name, found in resources}
    return Deployed(properties, names)


def read_sam_template(project: Path) -> CfnTemplate:
    path = next(project.glob("template.*"))
    return tools.parse_template(path.name, path.read_bytes())


# --- what a function does -----------------------------------------------------------


def ask_chalice(golden: Golden, call: Call) -> Done:
    """What the Chalice form does, with the environment that its packaged template gives the function."""
    function = deploy_chalice(golden, call.stage).function(call.function)
    return _ask_chalice(
        golden.chalice, call.function, json.dumps(call.event), call.stage, _read_variables(function, call)
    )


def ask_sam(golden: Golden, call: Call) -> Done:
    """What the SAM form does, from the folder and the layers that `sam build` would make."""
    deployed = deploy_sam(golden, call.stage)
    function = deployed.function(call.function)
    return _ask_sam(
        golden.sam,
        function["Code"].get("S3Key") or function["Code"]["ZipFile"],
        tuple(_find_layers(deployed, function)),
        function["Handler"],
        json.dumps(call.event),
        _read_variables(function, call),
    )


def ask_built(built: Path, golden: Golden, call: Call) -> Mapping[str, Any]:
    """What the SAM form answers from the folder that `sam build` made, with the packages it installed."""
    names = deploy_sam(golden, call.stage).functions
    deployed = _deploy(read_sam_template(built), read_parameters(golden.sam, call.stage), names)
    function = deployed.function(call.function)
    code = built / function["Code"]["S3Key"]
    _install(code, "boto3")
    variables = {**dict(_read_variables(function, call)), "AWS_CALLS": str(built / _CALLS)}
    layers = [built / path for path in _find_layers(deployed, function)]
    return call_lambda(code, layers, function["Handler"], call.event, variables)


@cache
def _ask_chalice(project: Path, function: str, event: str, stage: str, variables: Variables) -> Done:
    with tempfile.TemporaryDirectory() as folder:
        copied = _copy_chalice(project, Path(folder))
        _install(copied, "boto3")
        calls = copied / _CALLS
        config = copied / ".chalice" / "config.json"
        settings = json.loads(config.read_text(encoding="utf-8"))
        of_stage = settings.setdefault("stages", {}).setdefault(stage, {})
        of_function = of_stage.setdefault("lambda_functions", {}).setdefault(function, {})
        of_function["environment_variables"] = {**dict(variables), "AWS_CALLS": str(calls)}
        config.write_text(json.dumps(settings), encoding="utf-8")
        return Done(call_chalice(copied, function, json.loads(event), stage), _read_calls(calls))


@cache
def _ask_sam(
    project: Path, code: str, layers: tuple[str, ...], handler: str, event: str, variables: Variables
) -> Done:
    with tempfile.TemporaryDirectory() as folder:
        task = _build_code(project, code, Path(folder) / "code")
        _install(task, "boto3")
        built = [
            _build_layer(project, path, Path(folder) / f"layer{number}") for number, path in enumerate(layers)
        ]
        calls = Path(folder) / _CALLS
        answer = call_lambda(
            task, built, handler, json.loads(event), {**dict(variables), "AWS_CALLS": str(calls)}
        )
        return Done(answer, _read_calls(calls))


def _read_variables(function: Mapping[str, Json], call: Call) -> Variables:
    """The function's environment; what only a deployment knows is there as JSON text."""
    variables = function.get("Environment", {}).get("Variables", {})
    texts = {
        name: str(text) if isinstance(text, str | int) else json.dumps(text)
        for name, text in variables.items()
    }
    return tuple(sorted({**texts, "AWS_ANSWERS": json.dumps(call.aws_answers)}.items()))


def _read_calls(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.exists() else ()


def _copy_chalice(project: Path, folder: Path) -> Path:
    copied = Path(shutil.copytree(project, folder / project.name))
    _install_requirements(copied)
    return copied


def _build_code(project: Path, code: str, target: Path) -> Path:
    """A function's folder from the path of its code, or from the code itself."""
    if "\n" in code:
        target.mkdir()
        (target / "index.py").write_text(code, encoding="utf-8")
    else:
        shutil.copytree(project / code, target)
        _install_requirements(target)
    return target


def _find_layers(deployed: Deployed, function: Mapping[str, Json]) -> Iterator[str]:
    """The paths of the layers that are built from the project's own files."""
    for layer in function.get("Layers", []):
        properties = deployed.properties.get(layer["Ref"]) if isinstance(layer, dict) else None
        if properties:
            yield properties["Content"]["S3Key"]


def _build_layer(project: Path, path: str, target: Path) -> Path:
    """The folder that is unpacked to /opt."""
    template = read_sam_template(project)["Resources"]
    built = re.fullmatch(r"\.aws-sam/build/(\w+)", path)
    if built:
        # The build folder of a function is the layer: its modules lie in /opt itself.
        shutil.copytree(project / template[built[1]]["Properties"]["CodeUri"], target)
        _install_requirements(target)
        return target
    is_built = any(
        "BuildMethod" in resource.get("Metadata", {})
        for resource in template.values()
        if normpath(resource["Properties"].get("ContentUri", "")) == path
    )
    shutil.copytree(project / path, target / "python" if is_built else target)
    if is_built:
        _install_requirements(target / "python")
    return target


def _install_requirements(folder: Path) -> None:
    requirements = folder / "requirements.txt"
    lines = requirements.read_text(encoding="utf-8").splitlines() if requirements.exists() else []
    names = [re.split(r"[^\w-]", line, maxsplit=1)[0] for line in lines]
    _install(folder, *(name for name in names if (STAND_INS / name).is_dir() and name))


def _install(folder: Path, *names: str) -> None:
    for name in names:
        shutil.copytree(STAND_INS / name, folder, dirs_exist_ok=True)
