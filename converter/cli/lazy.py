"""Commands whose modules are imported when they are called: importing all takes longer than most runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# In the order of the help: what is done first stands first.
GROUPS = {
    "Convert": ("convert", "verify", "sync", "audit"),
    "Work with what was converted": ("commands", "gen-policy", "layer", "ci"),
    "Understand what paws says": ("explain",),
}
COMMANDS = tuple(name for group in GROUPS.values() for name in group)


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

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        widest = max(map(len, COMMANDS))
        for title, names in GROUPS.items():
            with formatter.section(title):
                # What each does is said as a whole: the limit is one that no help reaches.
                said = {name: self.commands[name].get_short_help_str(200) for name in names}
                formatter.write_dl([(name.ljust(widest), text) for name, text in said.items()])


def make_app(**attributes: Any) -> typer.Typer:
    """An `app` that stands below `paws`: a command, or a group if it has a callback or several commands."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, **attributes)
