"""What `chalice package` makes of a Chalice project."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from converter.chalice.project import RESOURCES_PATH
from converter.codes import TOOL_FAILED
from converter.diagnostics import UnreadableError
from converter.verify.tools.environment import clean_environment
from converter.verify.tools.translation import CfnTemplate, parse_template

_CHALICE = (sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())")
_OUTPUT = "packaged"
# Nothing that Chalice itself makes from a project is part of it.
_LEFT_BEHIND = (".chalice/deployments/", ".chalice/deployed/", f"{_OUTPUT}/")
# chalice/cli/__init__.py answers within seconds; what app.py does on import is unknown.
_SECONDS = 300


def package_chalice(files: Mapping[str, bytes], stage: str) -> CfnTemplate:
    """The template of `chalice package --stage` for the project in these files, its merge template included.

    The project's app.py is run; its requirements are not installed. Raises UnreadableError with
    Chalice's own words when it fails.
    """
    command = [*_CHALICE, "package", "--stage", stage]
    if RESOURCES_PATH in files:
        command += ["--merge-template", RESOURCES_PATH]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_project(files, folder)
        try:
            done = subprocess.run(
                [*command, _OUTPUT],
                cwd=folder,
                env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _fail(stage, f"it did not end within {_SECONDS} seconds") from None
        if done.returncode:
            # Of a traceback, the last line says what is wrong.
            raise _fail(stage, (done.stderr or done.stdout).strip().rpartition("\n")[2])
        # Chalice writes YAML when it merges a YAML template, and JSON otherwise.
        template = next((folder / _OUTPUT).glob("sam.*"))
        return parse_template(template.name, template.read_bytes())


def _fail(stage: str, reason: str) -> UnreadableError:
    return UnreadableError(TOOL_FAILED.at(None, f"chalice package --stage {stage}", reason))


def _write_project(files: Mapping[str, bytes], folder: Path) -> None:
    for path in files:
        if path.startswith(("../", *_LEFT_BEHIND)):
            continue
        content = files[path]
        if path == "requirements.txt":
            content = _leave_out_requirements(content, folder)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _leave_out_requirements(content: bytes, folder: Path) -> bytes:
    """Nothing is installed, and Chalice still sees whether there was something to install.

    It makes the managed layer of `automatic_layer` only when that would not be empty
    (chalice.deploy.packager.LayerDeploymentPackager), so a file in vendor/ stands in.
    """
    lines = (line.strip() for line in content.splitlines())
    if any(line and not line.startswith(b"#") for line in lines):
        vendor = folder / "vendor"
        vendor.mkdir(exist_ok=True)
        (vendor / "requirements_left_out.txt").write_bytes(content)
    return b""
