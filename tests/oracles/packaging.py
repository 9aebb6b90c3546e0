"""What `chalice package` itself makes of a Chalice project."""

from __future__ import annotations

import copy
import hashlib
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.oracles.process import run_tool
from tests.oracles.translation import Template, read_template

OUTPUT = "packaged"

_CHALICE = (sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())")
_LEFT_BEHIND = shutil.ignore_patterns("deployments", "deployed", "__pycache__", OUTPUT)


def chalice_package(project: Path, stage: str = "dev", merge_template: str | None = None) -> Template:
    """The template that `chalice package` writes for one stage of the project.

    `merge_template` is a path below the project. The project's code is run, as Chalice
    always does; its requirements are not installed. Raises OracleError when Chalice fails.
    """
    return copy.deepcopy(_package(project.resolve(), _digest(project), stage, merge_template))


@cache
def _package(project: Path, digest: str, stage: str, merge_template: str | None) -> Template:
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / project.name
        shutil.copytree(project, copied, ignore=_LEFT_BEHIND)
        _leave_out_requirements(copied)
        command = [*_CHALICE, "package", "--stage", stage]
        if merge_template:
            command += ["--merge-template", merge_template]
        run_tool([*command, OUTPUT], copied)
        # Chalice writes YAML when it merges a YAML template, and JSON otherwise.
        return read_template(next((copied / OUTPUT).glob("sam.*")))


def _leave_out_requirements(project: Path) -> None:
    """Nothing is installed, and Chalice still sees whether there was something to install.

    It makes the managed layer of `automatic_layer` only when that would not be empty
    (chalice.deploy.packager.LayerDeploymentPackager), so a file in vendor/ stands in.
    """
    requirements = project / "requirements.txt"
    if not requirements.exists():
        return
    lines = requirements.read_text(encoding="utf-8").splitlines()
    requirements.write_text("", encoding="utf-8")
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        vendor = project / "vendor"
        vendor.mkdir(exist_ok=True)
        (vendor / "requirements_left_out.txt").write_text("\n".join(lines), encoding="utf-8")


def _digest(project: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(project.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(project)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()
