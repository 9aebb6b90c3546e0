"""A module taken apart, and proof that its functions do the same and that nothing of its text is lost."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Mapping
from textwrap import dedent
from typing import Any

from converter.python.module import Module, Statement, parse_module
from converter.python.split import Split, split
from tests.python.running import call


def take_apart(source: str, external: Iterable[str] = ()) -> Split:
    """The module split between its handlers, which are the functions that take (event, context)."""
    module = parse_module("app.py", dedent(source))
    roots = {name: [statement] for name, statement in _find_handlers(module).items()}
    taken = split(module, roots, shared_name="shared", external=external)
    _check_nothing_is_lost(module, taken)
    return taken


def check_same_behaviour(
    source: str,
    events: Iterable[Any] = ({},),
    external: Iterable[str] = (),
    library: Mapping[str, str] | None = None,
) -> Split:
    """Every function answers every event as before, and does the same on the way, from the import on.

    `library` are the modules of chalicelib.
    """
    source = dedent(source)
    others = {f"chalicelib/{name}.py": dedent(text) for name, text in (library or {}).items()}
    others["chalicelib/__init__.py"] = ""
    taken = take_apart(source, external)
    shared = {} if taken.shared is None else {"shared.py": taken.shared}
    for name, part in taken.parts.items():
        for event in events:
            before = call({"app.py": source, **others}, "app", name, event)
            after = call({f"{name}_.py": part, **shared, **others}, f"{name}_", name, event)

            assert before == after, part
    return taken


def text_of(taken: Split) -> str:
    """All modules in one text, as a reader would see them side by side."""
    modules = {**taken.parts, "shared": taken.shared or ""}
    return "".join(f"# === {name}\n{text}" for name, text in modules.items() if text)


def _find_handlers(module: Module) -> dict[str, Statement]:
    handlers: dict[str, Statement] = {}
    for statement in module.statements:
        node = statement.node
        arguments = getattr(getattr(node, "args", None), "args", [])
        if [argument.arg for argument in arguments] == ["event", "context"]:
            (name,) = statement.names.binds
            handlers[name if name not in handlers else f"{name}_2"] = statement
    return handlers


def _check_nothing_is_lost(module: Module, taken: Split) -> None:
    left_out = "".join(statement.above + statement.text for statement in taken.left_out)
    everything = "".join([*taken.parts.values(), taken.shared or "", left_out])
    lost = [comment for comment in _comments(module.source) if comment not in everything]
    lost += [
        statement.text
        for statement in module.statements
        if not statement.is_import and statement.text.strip() not in everything
    ]

    assert [] == lost, text_of(taken)


def _comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
