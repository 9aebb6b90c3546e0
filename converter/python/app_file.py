"""The text of app.py: modules that became part of it, and functions that call handlers elsewhere."""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from converter.python.inline import Part, meaning_of
from converter.python.module import Statement, is_standard_library
from converter.python.rewrite import keep_imports

_LINE_LENGTH = 88
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
    """A module that is part of app.py, with what becomes of its handlers."""

    part: Part
    handlers: Mapping[str, Decorated] = field(default_factory=dict)


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
    is_single = len(sections) == 1
    head = _write_single_head(sections[0], entries) if is_single else _write_head(sections, entries)
    headers = {_header(section.part) for section in sections}
    common_header = headers.pop() if len(headers) == 1 else ""
    pieces = [f'{common_header}{head}\napp = Chalice(app_name="{app_name}")\n']
    written: set[str] = set()
    explained = False
    for entry in entries:
        if isinstance(entry, Wrapper):
            why = _WHY_LAZY if entry.is_lazy and not explained else ""
            explained = explained or entry.is_lazy
            pieces.append("\n\n" + why + _write_wrapper(entry))
            continue
        statements = [one for one in _body(entry.part) if _is_new(entry, one, written)]
        written.update(map(meaning_of, statements))
        comment = "" if is_single else _as_comment(entry.part, without=common_header)
        is_settings = len(pieces) == 1 and statements and not statements[0].is_definition and not comment
        if statements or comment:
            pieces.append(("\n" if is_settings else "\n\n") + comment + _write_body(entry, statements))
    return "".join(pieces)


# --- sections ------------------------------------------------------------------


def _body(part: Part) -> list[Statement]:
    return [statement for statement in part.statements if not statement.is_import]


def _is_new(section: Section, statement: Statement, written: Collection[str]) -> bool:
    return _handler_in(section, statement) is not None or meaning_of(statement) not in written


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


def _handler_in(section: Section, statement: Statement) -> Decorated | None:
    node = statement.node
    return section.handlers.get(node.name) if isinstance(node, ast.FunctionDef) else None


def _header(part: Part) -> str:
    """The comments at the top of the file: a licence, say, but not the lines for the shell and the parser."""
    above = part.module.statements[0].above if part.module.statements else ""
    lines = [line for line in above.splitlines() if not re.match(r"#!|#.*coding[:=]", line)]
    text = "\n".join(lines).strip("\n")
    return f"{text}\n" if text else ""


def _docstring(part: Part) -> Statement | None:
    first = part.module.statements[0] if part.module.statements else None
    return first if first is not None and first.is_docstring and ast.get_docstring(part.module.tree) else None


def _as_comment(part: Part, *, without: str) -> str:
    """What the module says about itself."""
    text = ast.get_docstring(part.module.tree) or ""
    docstring = "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
    comment = _header(part).removeprefix(without) + docstring
    return f"{comment}\n" if comment else ""


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


# --- imports -------------------------------------------------------------------


def _imports_of_wrappers(entries: Iterable[Section | Wrapper]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, Wrapper) and entry.alias:
            renamed = f" as {entry.alias}" if entry.alias != entry.handler else ""
            yield f"from {entry.module} import {entry.handler}{renamed}"
        elif isinstance(entry, Wrapper) and entry.is_lazy and not is_importable(entry.module):
            yield "from importlib import import_module"


def _write_single_head(section: Section, entries: Sequence[Section | Wrapper]) -> str:
    """The author's own imports as they stand, and Chalice's where isort would have it."""
    part = section.part
    docstring = _docstring(part)
    imports = [statement for statement in part.statements if statement.is_import]
    chalice = (2, 1, "chalice")
    index = next((at for at, one in enumerate(imports) if _order_of(one) > chalice), len(imports))
    lines = [one.text if at == 0 else one.above + one.text for at, one in enumerate(imports)]
    is_apart = index > 0 and all(_order_of(one)[0] < chalice[0] for one in imports[:index])
    lines.insert(index, "\n" * is_apart + "from chalice import Chalice\n")
    if index == 0 and imports:
        lines[1] = imports[0].above.lstrip("\n") + lines[1]
    extra = "".join(f"{line}\n" for line in sorted(set(_imports_of_wrappers(entries))))
    return "".join(
        [
            f"{docstring.text}\n" if docstring else "",
            *lines,
            extra if imports and _order_of(imports[-1])[0] == 3 else f"\n{extra}" if extra else "",
        ]
    )


def _order_of(statement: Statement) -> tuple[int, int, str]:
    node = statement.node
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    return _order(node, node.names[0])


def _write_head(sections: Sequence[Section], entries: Sequence[Section | Wrapper]) -> str:
    imports = _Imports()
    imports.add_line("from chalice import Chalice")
    for line in _imports_of_wrappers(entries):
        imports.add_line(line)
    for section in sections:
        for statement in section.part.statements:
            if statement.is_import:
                imports.add(section.part, statement)
    return imports.write()


class _Imports:
    """Import statements without doubles, grouped and sorted as isort has them.

    https://pycqa.github.io/isort/docs/configuration/profiles.html, profile black
    """

    def __init__(self) -> None:
        self.seen: set[tuple[str, str, str]] = set()
        self.names: dict[str, dict[str, str]] = {}
        self.above: dict[str, str] = {}
        self.whole: list[tuple[tuple[int, int, str], str]] = []

    def add_line(self, line: str) -> None:
        node = ast.parse(line).body[0]
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        self._add_names(node, node.names)

    def add(self, part: Part, statement: Statement) -> None:
        (node,) = statement.nodes
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        missing = [
            alias for alias in node.names if _key(node, alias) not in self.seen and part.is_meant(node, alias)
        ]
        if not missing:
            return
        # Comments above the first statement of a module are about the module.
        is_first = statement is part.module.statements[0]
        above = "" if is_first else re.sub(r"^\s*\n", "", statement.above, flags=re.MULTILINE)
        if above or _has_comment(statement.text):
            wanted = {alias.asname or alias.name.partition(".")[0] for alias in missing}
            self.whole.append((_order(node, missing[0]), above + keep_imports(node, statement.text, wanted)))
            self.seen.update(_key(node, alias) for alias in missing)
        else:
            self._add_names(node, missing)

    def _add_names(self, node: ast.Import | ast.ImportFrom, names: Iterable[ast.alias]) -> None:
        for alias in names:
            self.seen.add(_key(node, alias))
            name = alias.name + (f" as {alias.asname}" if alias.asname else "")
            if isinstance(node, ast.Import):
                self.whole.append((_order(node, alias), f"import {name}\n"))
            else:
                self.names.setdefault(node.module or "", {})[name] = alias.name

    def write(self) -> str:
        merged = [
            ((_section_of(module), 1, module.lower()), _write_from(module, names))
            for module, names in self.names.items()
        ]
        groups: dict[int, list[str]] = {}
        for order, text in sorted([*self.whole, *merged]):
            groups.setdefault(order[0], []).append(text if text.endswith("\n") else text + "\n")
        return "\n".join("".join(lines) for lines in groups.values())


def _key(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str, str]:
    return getattr(node, "module", None) or "", alias.name, alias.asname or ""


def _order(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[int, int, str]:
    module = alias.name if isinstance(node, ast.Import) else node.module or ""
    return _section_of(module), int(isinstance(node, ast.ImportFrom)), module.lower()


def _section_of(module: str) -> int:
    top = module.partition(".")[0]
    return 0 if top == "__future__" else 1 if is_standard_library(top) else 3 if top == "chalicelib" else 2


def _write_from(module: str, names: Mapping[str, str]) -> str:
    ordered = sorted(names, key=lambda text: (_kind(names[text]), names[text].lower()))
    line = f"from {module} import {', '.join(ordered)}\n"
    if len(line) <= _LINE_LENGTH + 1:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")\n"


def _kind(name: str) -> int:
    """Constants, then classes, then the rest."""
    return 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2


def _has_comment(text: str) -> bool:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return any(token.type == tokenize.COMMENT for token in tokens)

