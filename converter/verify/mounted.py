"""
Which function of a SAM project answers a route of its Chalice form, as the code of both says.

A view that mounts a handler only calls `answer(app, handler)` (converter/chalice/http/proxied.py). Which of
the template's functions that handler is, is told by what stands in it, wherever it lies.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from converter.diagnostics import UnreadableError
from converter.files import decode_text
from converter.python.module import Module, parse_module, paths_of
from converter.verify.facts import Fact, Facts, Part
from converter.verify.places import ChalicePlaces
from converter.verify.route_code import Route, find_handler
from converter.verify.side import Side

_TYPE = "mounted handler"

Words = frozenset[str]
"""Names, attributes and constants of a handler's code."""


def read_mounted(sam: Side, chalice: Side) -> tuple[Facts, Facts]:
    """For either side a part for each route whose handler both show; its fact is the template's function.

    There are none where one function serves all: it could be no other.
    """
    handlers = {name: words for name in sam.application.functions if (words := _read_handler(sam, name))}
    wanted = dict(_read_owners(sam))
    if len(set(wanted.values())) < 2:
        return Facts(()), Facts(())
    ours: list[Part] = []
    theirs: list[Part] = []
    for (method, path), words in _read_views(chalice):
        owner = wanted.get((method, path), wanted.get(("ANY", path)))
        if owner in handlers:
            ours.append(_make_part(method, path, owner))
            theirs.append(_make_part(method, path, _find_alike(words, owner, handlers)))
    return Facts(tuple(ours)), Facts(tuple(theirs))


def _make_part(method: str, path: str, function: str) -> Part:
    return Part("route", f"{method} {path}", _TYPE, (Fact("route", "handler", function),))


def _find_alike(words: Words, owner: str, handlers: Mapping[str, Words]) -> str:
    """The function whose code has most of the words; of several, the owner."""

    def measure(name: str) -> tuple[float, bool]:
        whole = words | handlers[name]
        return len(words & handlers[name]) / len(whole) if whole else 1.0, name == owner

    return max(handlers, key=measure)


def _read_owners(sam: Side) -> Iterator[tuple[Route, str]]:
    for function in sam.application.functions.values():
        for event in function.events:
            for settings in event.settings.values() if event.kind == "Api" else ():
                yield (str(settings.get("Method")).upper(), str(settings.get("Path"))), function.name


def _read_handler(sam: Side, name: str) -> Words | None:
    code = sam.application.functions[name].code
    source = sam.application.folders.get(code.folder, {}).get(code.handler.path)
    with suppress(UnreadableError):
        if source is not None:
            return _find_words(
                parse_module(code.handler.path, decode_text(code.handler.path, source)), code.handler.name
            )
    return None


def _read_views(chalice: Side) -> Iterator[tuple[Route, Words]]:
    """The routes of views that mount a handler, with the words of it."""
    if not isinstance(chalice.places, ChalicePlaces):
        return
    files = chalice.places.project.files
    for view in chalice.places.project.handlers("route"):
        # What does work when it is imported, each view imports by itself.
        handler = find_handler(view.function, view.module) if view.function else None
        if view.function is None or handler is None:
            continue
        dotted = _spell_dotted(handler, view.module, dict(_read_imports(view.function.body)))
        words = _resolve(dotted, view.module, files) if dotted else None
        for route in _read_routes(view.decorator) if words else ():
            yield route, words or frozenset()


def _read_imports(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    """The names that a function imports, and what each stands for."""
    for node in statements:
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.asname, each.name) for each in node.names if each.asname)


def _spell_dotted(handler: ast.expr, module: Module, imported: Mapping[str, str]) -> str | None:
    head, dot, rest = ast.unparse(handler).partition(".")
    return f"{imported[head]}{dot}{rest}" if head in imported else module.dotted(handler)


def _resolve(dotted: str, module: Module, files: Mapping[str, bytes]) -> Words | None:
    """The words of the handler that stands for itself in a module, or is imported from another one."""
    if "." not in dotted:
        return _find_words(module, dotted)
    home, _, name = dotted.rpartition(".")
    for path in paths_of(home):
        if path in files:
            with suppress(UnreadableError):
                return _find_words(parse_module(path, decode_text(path, files[path])), name)
    return None


def _find_words(module: Module, name: str) -> Words | None:
    """The words of the statement of a module that binds a name; None for one that imports it, or none."""
    for statement in module.binders.get(name, ())[-1:]:
        if statement.is_import:
            return None
        return frozenset(word for node in statement.walked for word in _spell(node))
    return None


def _spell(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Constant):
        yield repr(node.value)


def _read_routes(decorator: ast.Call) -> Iterator[Route]:
    given = {keyword.arg: keyword.value for keyword in decorator.keywords}
    with suppress(KeyError, TypeError, ValueError):
        path = ast.literal_eval(decorator.args[0] if decorator.args else given["path"])
        for method in ast.literal_eval(given["methods"]) if "methods" in given else ["GET"]:
            yield str(method).upper(), str(path)
