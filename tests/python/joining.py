"""Functions' code before and after `join`, really run: as Lambda runs it, and as Chalice deploys it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import chalice

from converter.model import Handler
from converter.python.join import Joined, Source, join
from tests.oracles.calls import call_lambda

Files = Mapping[str, str] | Mapping[str, bytes] | Mapping[str, str | bytes]


def encode(files: Files) -> dict[str, bytes]:
    return {path: text if isinstance(text, bytes) else dedent(text).encode() for path, text in files.items()}


def make_source(
    name: str, files: Files, handler: str = "app.lambda_handler", folder: str = "", layers: Sequence[str] = ()
) -> Source:
    module, _, function = handler.rpartition(".")
    path = f"{module.replace('.', '/')}.py"
    return Source(name, folder or f"src/{name}", encode(files), Handler(path, function), tuple(layers))


def join_all(
    *sources: Source, layers: Mapping[str, Files] | None = None, environment: Sequence[str] = ()
) -> Joined:
    """The joined project, whose modules all compile."""
    encoded = {key: encode(files) for key, files in (layers or {}).items()}
    joined = join("example", sources, encoded, environment)
    for path, data in joined.files.items():
        if path.endswith(".py") and not path.startswith("vendor/"):
            compile(data, path, "exec")
    return joined


def app_of(joined: Joined) -> str:
    return joined.files["app.py"].decode()


def modules_of(joined: Joined) -> list[str]:
    """The files, but for the `__init__.py` with nothing in them."""
    return [path for path, data in joined.files.items() if data or not path.endswith("__init__.py")]


def codes_of(joined: Joined) -> list[str]:
    return [diagnostic.code.number for diagnostic in joined.diagnostics]


def check_lint(joined: Joined, folder: Path) -> None:
    """app.py has no undefined name, no second definition and no import for nothing."""
    (folder / "app.py").write_bytes(joined.files["app.py"])
    command = ["ruff", "check", "--isolated", "--select", "F821,F811,F401", "app.py"]
    done = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / command[0], *command[1:]],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stdout


def check_same_behaviour(
    folder: Path,
    sources: Sequence[Source],
    events: Sequence[Any] = ({},),
    *,
    layers: Mapping[str, Files] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Joined:
    """Each function answers each event as before; app.py can be imported with nothing in the environment."""
    joined = join_all(*sources, layers=layers)
    package = _build(folder / "package", joined)
    _check_import(package, joined)
    for key, files in (layers or {}).items():
        _write(folder / "layers" / key / "python", encode(files))
    for source in sources:
        code = _write(folder / "functions" / source.name, source.files)
        handler = f"{source.handler.path.removesuffix('.py').replace('/', '.')}.{source.handler.name}"
        opt = [folder / "layers" / key for key in source.layers]
        for event in events:
            before = call_lambda(code, opt, handler, event, environment)
            after = call_lambda(package, [], f"app.{joined.handlers[source.name]}", event, environment)

            assert before == after
    return joined


def _build(folder: Path, joined: Joined) -> Path:
    """The package as Chalice deploys it: what is in vendor/ lies beside app.py, and so does Chalice."""
    _write(folder, {path.removeprefix("vendor/"): data for path, data in joined.files.items()})
    (folder / "chalice").symlink_to(Path(chalice.__file__).parent)
    return folder


def _check_import(package: Path, joined: Joined) -> None:
    """Chalice names each handler `app.<__name__>`, and Lambda looks it up there."""
    script = """\
import json, app
found = {one.name: one.handler_string for one in app.app.pure_lambda_functions}
assert all(callable(getattr(app, handler.partition(".")[2])) for handler in found.values())
print(json.dumps(found))
"""
    bare = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=package, env={**bare, "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    expected = {name: f"app.{handler}" for name, handler in joined.handlers.items()}
    assert expected == json.loads(done.stdout.splitlines()[-1])


def _write(folder: Path, files: Mapping[str, bytes]) -> Path:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder
