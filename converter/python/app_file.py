"""The text of app.py: modules that became part of it, and functions that call handlers elsewhere."""

from __future__ import annotations

import ast
import json
import keyword
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent

from converter.python.import_block import write_merged_imports, write_own_imports
from converter.python.imports import WHY_LAZY
from converter.python.inline import Part
from converter.python.module import Statement, header_of, meaning_of
from converter.python.places import CHALICELIB


@dataclass(frozen=True)
class Call:
    """How a function under a decorator calls a handler that is written for Lambda.

    Its parameters, the call with `{handler}` in it, and the lines that import what the call needs.
    """

    parameters: str
    text: str
    imports: tuple[str, ...] = ()


_AS_IT_IS = Call("event, context", "{handler}(event, context)")
_FROM_OBJECT = Call("event", "{handler}(event.to_dict(), event.context)")


@dataclass(frozen=True)
class Decorator:
    """One of Chalice's decorators, and its arguments as Python.

    If it gives the handler an object of the event, `use_object` writes a plain handler for that: it gets the
    handler, and what the names that its module imports stand for; None where another one has to call it.
    A `call` of its own is what a function under it is for; `below` are further decorators of that. What
    stands lowest is `within`: functions of the project, by dotted names, which get the handler first.
    `set_up` is a statement that the app object needs for it.
    """

    name: str
    arguments: tuple[str, ...] = ()
    use_object: Callable[[str, Mapping[str, str]], str | None] | None = None
    call: Call | None = None
    below: tuple[Decorator, ...] = ()
    within: tuple[str, ...] = ()
    set_up: str = ""

    @property
    def takes_handlers(self) -> bool:
        """Whether a handler as Lambda calls it can stand under it."""
        return self.use_object is None and self.call is None

    def write(self, *more: str) -> str:
        """The decorator's own lines, with further arguments."""
        arguments = (*self.arguments, *more)
        line = f"@app.{self.name}({', '.join(arguments)})\n"
        is_one = len(arguments) == 1 or "\n" not in line.rstrip()
        if is_one and len(line.partition("\n")[0]) <= _LONGEST:
            return line
        lines = indent("".join(f"{each},\n" for each in arguments), "    ")
        return f"@app.{self.name}(\n{lines})\n"


PURE = Decorator("lambda_function")
"""The decorator of functions that get the event as it is."""

APP = "app = Chalice(app_name={name})\n"
_LINE_ENDS = "\r\n"

# A decorator that is longer has a line for each argument.
_LONGEST = 100


def write_text(value: str) -> str:
    """A string as most authors quote it."""
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Decorated:
    """A handler: the Chalice function's name, and the name of its `def` in app.py.

    One without a `decorator` is called by its `caller`, which stands below it.
    """

    function: str
    name: str
    decorator: Decorator | None = PURE
    caller: Decorated | None = None

    @property
    def takes_handlers(self) -> bool:
        return self.decorator is None or self.decorator.takes_handlers

    @property
    def call(self) -> Call:
        """How it calls a handler elsewhere."""
        own = self.decorator.call if self.decorator else None
        return own or (_AS_IT_IS if self.takes_handlers else _FROM_OBJECT)

    @property
    def lines(self) -> str:
        """The decorators as they stand above the function."""
        if self.decorator is None:
            return ""
        # A view's name is of no use to the function that serves them all.
        is_named = self.function == self.name or self.decorator.name == "route"
        first = self.decorator.write(*(() if is_named else (f"name={write_text(self.function)}",)))
        names = (dotted.rpartition(".")[2] for dotted in self.decorator.within)
        return "".join(
            [first, *(each.write() for each in self.decorator.below), *(f"@{name}\n" for name in names)]
        )

    def write(self, text: str, imported: Mapping[str, str]) -> str:
        """The handler's own text as that of a function under the decorator."""
        use_object = self.decorator.use_object if self.decorator else None
        return self.lines + (use_object(text, imported) or text if use_object else text)


@dataclass(frozen=True)
class Section:
    """A module that is part of app.py, with its handlers by their names in it.

    What the main one says about itself is said of app.py.
    """

    part: Part
    handlers: Mapping[str, Decorated] = field(default_factory=dict)
    is_main: bool = False


@dataclass(frozen=True)
class Excerpt:
    """A handler of the main section, which stands where it is its function's turn."""

    section: Section
    name: str


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


Entry = Section | Excerpt | Wrapper


def write_app(
    app_name: str | None, entries: Sequence[Entry], preface: str = "", imported: Collection[str] = ()
) -> str:
    """app.py with its entries in order. Equal statements of several sections are written once.

    `preface` stands below the app object, which a section may make itself, or import: then there is no
    `app_name`. It needs what is `imported` from Chalice.
    """
    sections = [entry for entry in entries if isinstance(entry, Section)]
    made = next(filter(None, map(_find_app, sections)), None)
    new = "" if app_name is None else APP.format(name=write_text(app_name))
    app = f"{made.above.lstrip(_LINE_ENDS)}{made.text}" if made else new
    classes = {"Chalice", *imported} if app else {*imported}
    docstring = _choose_docstring(sections)
    headers = {_write_header(section.part) for section in sections}
    common_header = headers.pop() if len(headers) == 1 else ""
    preface = _set_up_for_decorators(entries) + preface
    is_apart = any(_comments_at_top(section.part)[0].endswith("\n\n") for section in sections)
    pieces = [
        common_header + "\n" * bool(common_header and is_apart and not docstring),
        f"{docstring}\n" if docstring else "",
        _write_imports(sections, entries, classes),
        f"\n{app}{preface}" if app or preface else "",
    ]
    written: set[str] = set()
    is_first, is_explained = True, False
    for entry in entries:
        start = "\n\n"
        if isinstance(entry, Wrapper):
            start += WHY_LAZY if entry.is_lazy and not is_explained else ""
            is_explained = is_explained or entry.is_lazy
            text = _write_wrapper(entry)
        elif isinstance(entry, Excerpt):
            text = _write_statements(entry.section, entry.section.part.module.binders[entry.name])
        else:
            statements = [one for one in _body(entry) if _is_new(entry, one, written)]
            written.update(map(meaning_of, statements))
            begins_with_definition = bool(statements) and statements[0].is_definition
            text = _write_comment(entry.part, common_header, docstring)
            text += "\n" if text and begins_with_definition else ""
            text += _write_body(entry, statements)
            start = "\n" if is_first and statements and not begins_with_definition else start
            if is_first and statements and not text.startswith("#") and _is_below_app(entry, statements[0]):
                start = ""
        if text:
            pieces.append(start + text)
            is_first = False
    return "".join(pieces)


def _set_up_for_decorators(entries: Sequence[Entry]) -> str:
    every = (*_list_callers(entries), *_list_handlers(entries))
    return "".join(dict.fromkeys(one.decorator.set_up for one in every if one.decorator))


def _write_imports(sections: Sequence[Section], entries: Iterable[Entry], names: Collection[str]) -> str:
    bound = {name for section in sections if len(sections) == 1 for name in section.part.binds}
    wanted = ", ".join(sorted({*names} - bound))
    of_chalice = [f"from chalice import {wanted}\n"] if wanted else []
    added = sorted({*of_chalice, *_imports_of_wrappers(entries)})
    if len(sections) == 1:
        return write_own_imports(sections[0].part, added, CHALICELIB)
    return write_merged_imports((section.part for section in sections), added, CHALICELIB)


# --- sections ------------------------------------------------------------------


def _find_app(section: Section) -> Statement | None:
    """The statement by which the section makes the app object, `app = Chalice(...)`."""
    module = section.part.module
    for one in section.part.statements if "app" in module.binders else ():
        value = one.node.value if isinstance(one.node, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(value, ast.Call) and module.dotted(value.func) == "chalice.Chalice":
            return one
    return None


def _body(section: Section) -> list[Statement]:
    """What is written of it where it stands: imports and the app object are further up."""
    app = _find_app(section)
    statements = [one for one in section.part.statements if not one.is_import and one is not app]
    return [one for one in statements if not (section.is_main and _handler_in(section, one))]


def _is_below_app(section: Section, statement: Statement) -> bool:
    """Whether it stands right below the app object."""
    before = section.part.module.predecessors.get(statement)
    return before is not None and before is _find_app(section) and not statement.above


def _is_new(section: Section, statement: Statement, written: Collection[str]) -> bool:
    return _handler_in(section, statement) is not None or meaning_of(statement) not in written


def _handler_in(section: Section, statement: Statement) -> Decorated | None:
    node = statement.node
    return section.handlers.get(node.name) if isinstance(node, ast.FunctionDef) else None


def _write_body(section: Section, statements: Sequence[Statement]) -> str:
    text = _write_statements(section, statements) + section.part.module.tail.rstrip()
    return f"{text.strip()}\n" if text.strip() else ""


def _write_statements(section: Section, statements: Sequence[Statement]) -> str:
    """The statements with the author's spacing, handlers with Chalice's decorator."""
    pieces: list[str] = []
    for statement in statements:
        handler = _handler_in(section, statement)
        is_at_top = statement is section.part.module.statements[0]
        above = _comments_at_top(section.part)[1] if is_at_top else statement.above
        if not pieces:
            above = above.lstrip("\n")
        elif handler:
            above = "\n" * max(0, 2 - len(above) + len(above.lstrip("\n"))) + above
        imported = section.part.module.imported
        pieces.append(above + (handler.write(statement.text, imported) if handler else statement.text))
        if handler and handler.caller:
            pieces.append(f"\n\n{_write_wrapper(Wrapper(handler.caller, '', handler.name))}")
    text = "".join(pieces).rstrip()
    return f"{text}\n" if text else ""


def _write_header(part: Part) -> str:
    """The comments at the top of the file: a licence, say."""
    header, _ = _comments_at_top(part)
    return f"{header.rstrip()}\n" if header.strip() else ""


def _comments_at_top(part: Part) -> tuple[str, str]:
    """What is said of the module, and of its first statement; not the lines for the shell and the parser."""
    if not part.module.statements:
        return "", ""
    first = part.module.statements[0]
    lines = first.above.lstrip("\n").splitlines(keepends=True)
    text = "".join(line for line in lines if not re.match(r"#!|#.*coding[:=]", line))
    header = text if first.is_import or first.is_docstring else header_of(text)
    return header, text.removeprefix(header)


def _choose_docstring(sections: Sequence[Section]) -> str:
    """What app.py says about itself: what its main module says, or several modules in the same words."""
    mains = sections if len(sections) == 1 else [section for section in sections if section.is_main]
    said = list(filter(None, (_docstring(section.part) for section in sections)))
    if mains and _docstring(mains[0].part):
        return _docstring(mains[0].part)
    return said[0] if len(said) > 1 and len(set(said)) == 1 else ""


def _docstring(part: Part) -> str:
    """The statement, as the author wrote it."""
    has_docstring = ast.get_docstring(part.module.tree) is not None
    return part.module.statements[0].text if has_docstring else ""


def _write_comment(part: Part, common_header: str, docstring: str) -> str:
    """What the module says about itself, if it was not said at the top."""
    is_said = _docstring(part) == docstring
    text = "" if is_said else ast.get_docstring(part.module.tree) or ""
    lines = "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
    comment = _write_header(part).removeprefix(common_header) + lines
    return f"{comment}\n" if comment else ""


# --- wrappers ------------------------------------------------------------------


def _write_wrapper(wrapper: Wrapper) -> str:
    call = wrapper.target.call
    start = f"{wrapper.target.lines}def {wrapper.target.name}({call.parameters}):\n"
    handler, line = wrapper.alias or wrapper.handler, ""
    if wrapper.is_lazy and is_importable(wrapper.module):
        line = f"    from {wrapper.module} import {handler}\n\n"
        if handler == "app":
            # The call may need the app object too.
            line, handler = line.replace("import app", "import app as handler"), "handler"
    elif wrapper.is_lazy:
        handler = f'import_module("{wrapper.module}").{handler}'
    return f"{start}{line}    return {call.text.format(handler=handler)}\n"


def is_importable(module: str) -> bool:
    """`import lambda.app` is no Python, though Lambda takes `lambda.app.handler`."""
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in module.split("."))


def _imports_of_wrappers(entries: Iterable[Entry]) -> Iterator[str]:
    for decorated in _list_callers(entries):
        yield from decorated.call.imports
    for decorated in (*_list_callers(entries), *_list_handlers(entries)):
        for dotted in decorated.decorator.within if decorated.decorator else ():
            owner, _, name = dotted.rpartition(".")
            yield f"from {owner} import {name}\n"
    for entry in entries:
        if isinstance(entry, Wrapper) and entry.alias:
            renamed = f" as {entry.alias}" if entry.alias != entry.handler else ""
            yield f"from {entry.module} import {entry.handler}{renamed}\n"
        elif isinstance(entry, Wrapper) and entry.is_lazy and not is_importable(entry.module):
            yield "from importlib import import_module\n"


def _list_handlers(entries: Iterable[Entry]) -> Iterator[Decorated]:
    sections = (entry for entry in entries if isinstance(entry, Section))
    return (handler for section in sections for handler in section.handlers.values())


def _list_callers(entries: Iterable[Entry]) -> Iterator[Decorated]:
    """The functions of app.py that call a handler."""
    for entry in entries:
        if isinstance(entry, Wrapper):
            yield entry.target
        elif isinstance(entry, Section):
            yield from (one.caller for one in entry.handlers.values() if one.caller)
