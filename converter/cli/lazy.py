"""Commands whose modules are imported when they are called: importing all takes longer than most runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# In the order of the help: what is done first stands first.
COMMANDS = ("convert", "verify", "sync", "audit", "commands", "gen-policy", "layer", "ci", "explain")


class _Commands(Mapping[str, Any]):
    """The commands by name, each the `app` of a module of this package."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        return typer.main.get_command(import_module(f"converter.cli.{name.replace('-', '_')}").app)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": _Commands()})

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)


def make_app(**attributes: Any) -> typer.Typer:
    """An `app` that stands below `paws`: a command, or a group if it has a callback or several commands."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, **attributes)
