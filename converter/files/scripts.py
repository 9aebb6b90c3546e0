"""Which files of a project hold command lines, by their names."""

from __future__ import annotations

from collections.abc import Sequence

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
