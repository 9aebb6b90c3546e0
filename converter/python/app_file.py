"""The text of app.py: modules that became part of it, and functions that call handlers elsewhere."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from converter.python.import_block import write_merged_imports, write_own_imports
from converter.python.inline import Part, meaning_of
from converter.python.module import Statement
from converter.python.places import CHALICELIB

_WHY_LAZY = """\
# Chalice imports this file in every Lambda process, and to package the application. The
# modules below do work when they are imported, so each is imported by its own function.


"""


@dataclass(frozen=True)
class Decorated:
    """A handler: the Chalice function's name, and the name of its `def` in app.py."""

    function: str
    name: str

    @property
    def decorator(self) -> str:
        arguments = "" if self.function == self.name else f'name="{self.function}"'
        return f"@app.lambda_function({arguments})\n"


@dataclass(frozen=True)
class Section:
    """A module that is part of app.py, with its handlers by their names in it.

    What the main one says about itself is said of app.py.
    """

    part: Part
    handlers: Mapping[str, Decorated] = field(default_factory=dict)
    is_main: bool = False


@dataclass(frozen=True)
class Wrapper:
    """A function that calls `handler` of `module`, or of app.py itself if that is empty.

    With an `alias` the handler is imported under that name at the top, else by the function.
    """

    target: Decorated
    module: str
    handler: str
    alias: str = ""

    @property
    def is_lazy(self) -> bool:
        return bool(self.module) and not self.alias


def write_app(app_name: str, entries: Sequence[Section | Wrapper]) -> str:
    """app.py with its entries in order. Equal statements of several sections are written once."""
    sections = [entry for entry in entries if isinstance(entry, Section)]
    main = sections[0] if len(sections) == 1 else next((one for one in sections if one.is_main), None)
    headers = {_write_header(section.part) for section in sections}
    common_header = headers.pop() if len(headers) == 1 else ""
    pieces = [
        common_header,
        f"{_docstring(main.part)}\n" if main and _docstring(main.part) else "",
        _write_imports(sections, entries),
        f'\napp = Chalice(app_name="{app_name}")\n',
    ]
    written: set[str] = set()
    is_first, is_explained = True, False
    for entry in entries:
        if isinstance(entry, Wrapper):
            pieces.append("\n\n" + (_WHY_LAZY if entry.is_lazy and not is_explained else ""))
            pieces.append(_write_wrapper(entry))
            is_explained = is_explained or entry.is_lazy
        else:
            statements = [one for one in _body(entry.part) if _is_new(entry, one, written)]
            written.update(map(meaning_of, statements))
            comment = _write_comment(entry, common_header, is_main=entry is main)
            text = comment + _write_body(entry, statements)
            is_setting = is_first and not comment and statements and not statements[0].is_definition
            pieces.append(("\n" if is_setting else "\n\n") + text if text else "")
        is_first = False
    return "".join(pieces)


def _write_imports(sections: Sequence[Section], entries: Iterable[Section | Wrapper]) -> str:
    added = sorted({"from chalice import Chalice\n", *_imports_of_wrappers(entries)})
    if len(sections) == 1:
        return write_own_imports(sections[0].part, added, CHALICELIB)
    return write_merged_imports((section.part for section in sections), added, CHALICELIB)


# --- sections ------------------------------------------------------------------


def _body(part: Part) -> list[Statement]:
    return [statement for statement in part.statements if not statement.is_import]


def _is_new(section: Section, statement: Statement, written: Collection[str]) -> bool:
    return _handler_in(section, statement) is not None or meaning_of(statement) not in written


def _handler_in(section: Section, statement: Statement) -> Decorated | None:
    node = statement.node
    return section.handlers.get(node.name) if isinstance(node, ast.FunctionDef) else None


def _write_body(section: Section, statements: Sequence[Statement]) -> str:
    """The statements with the author's spacing, handlers with Chalice's decorator."""
    module = section.part.module
    pieces: list[str] = []
    for statement in statements:
        handler = _handler_in(section, statement)
        # What stands above the first statement of a module is about the module.
        above = "" if statement is module.statements[0] else statement.above
        if not pieces:
            above = above.lstrip("\n")
        elif handler:
            above = "\n" * max(0, 2 - len(above) + len(above.lstrip("\n"))) + above
        pieces.append(f"{above}{handler.decorator if handler else ''}{statement.text}")
    text = "".join(pieces).rstrip() + f"\n{module.tail.rstrip()}"
    return f"{text.strip()}\n" if text.strip() else ""


def _write_header(part: Part) -> str:
    """The comments at the top of the file: a licence, say, but not the lines for the shell and the parser."""
    above = part.module.statements[0].above if part.module.statements else ""
    lines = [line for line in above.splitlines() if not re.match(r"#!|#.*coding[:=]", line)]
    text = "\n".join(lines).strip("\n")
    return f"{text}\n" if text else ""


def _docstring(part: Part) -> str:
    """The statement, as the author wrote it."""
    has_docstring = ast.get_docstring(part.module.tree) is not None
    return part.module.statements[0].text if has_docstring else ""


def _write_comment(section: Section, common_header: str, *, is_main: bool) -> str:
    """What the module says about itself, if it was not said at the top."""
    text = "" if is_main else ast.get_docstring(section.part.module.tree) or ""
    docstring = "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
    comment = _write_header(section.part).removeprefix(common_header) + docstring
    return f"{comment}\n" if comment else ""


# --- wrappers ------------------------------------------------------------------


def _write_wrapper(wrapper: Wrapper) -> str:
    start = f"{wrapper.target.decorator}def {wrapper.target.name}(event, context):\n"
    if not wrapper.is_lazy:
        return f"{start}    return {wrapper.alias or wrapper.handler}(event, context)\n"
    if not is_importable(wrapper.module):
        return f'{start}    return import_module("{wrapper.module}").{wrapper.handler}(event, context)\n'
    line = f"    from {wrapper.module} import {wrapper.handler}\n\n"
    return f"{start}{line}    return {wrapper.handler}(event, context)\n"


def is_importable(module: str) -> bool:
    """`import lambda.app` is no Python, though Lambda takes `lambda.app.handler`."""
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in module.split("."))


def _imports_of_wrappers(entries: Iterable[Section | Wrapper]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, Wrapper) and entry.alias:
            renamed = f" as {entry.alias}" if entry.alias != entry.handler else ""
            yield f"from {entry.module} import {entry.handler}{renamed}\n"
        elif isinstance(entry, Wrapper) and entry.is_lazy and not is_importable(entry.module):
            yield "from importlib import import_module\n"
