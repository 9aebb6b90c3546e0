"""A Python module as a row of top-level statements: what each binds, needs and does.

Nothing is imported or run. The analysis stands on `ast` alone, because libcst's
scope and name providers cost 40 times as much (`docs/architecture.md`).
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import re
import symtable
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from converter import codes
from converter.diagnostics import Diagnostic, UnreadableError
from converter.model import Position
from converter.python.walk import PARTS, children, find_parents, walk

BUILTINS = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__spec__",
    "__path__",
    "__builtins__",
}


@dataclass(frozen=True)
class Names:
    """The module-level names that a piece of code reads, binds and rebinds.

    `now` are read while the module is imported, `later` inside function bodies;
    `rebinds` are those that a function assigns through `global`.
    """

    now: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    rebinds: frozenset[str] = frozenset()

    @property
    def uses(self) -> frozenset[str]:
        return self.now | self.later


@dataclass(frozen=True, eq=False)
class Statement:
    """One top-level statement (or several on one line) with the comments above it.

    `above` is the text between the statement before and this one (comments, and texts that
    stand for themselves), `text` its own lines.
    `self_contained` says of several nodes that they only make the names they bind.
    """

    nodes: tuple[ast.stmt, ...]
    above: str
    text: str
    names: Names
    self_contained: bool = False

    @property
    def node(self) -> ast.stmt:
        return self.nodes[0]

    @cached_property
    def walked(self) -> list[ast.AST]:
        """Every node of the statement, walked once."""
        return [inner for outer in self.nodes for inner in walk(outer)]

    @property
    def line(self) -> int:
        return self.node.lineno

    @property
    def is_import(self) -> bool:
        return all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in self.nodes)

    @property
    def is_definition(self) -> bool:
        return isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))

    @property
    def is_future(self) -> bool:
        """Whether it is `from __future__ import ...`."""
        return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in self.nodes)

    @property
    def is_docstring(self) -> bool:
        return is_text(self.node)

    @property
    def is_main_guard(self) -> bool:
        """`if __name__ == "__main__":`, which never runs in Lambda."""
        return isinstance(self.node, ast.If) and is_main_test(self.node.test) and not self.node.orelse

    @property
    def is_for_types(self) -> bool:
        """`if TYPE_CHECKING:`, which only type checkers read."""
        if not isinstance(self.node, ast.If) or self.node.orelse:
            return False
        return "TYPE_CHECKING" in (getattr(self.node.test, "id", ""), getattr(self.node.test, "attr", ""))


@dataclass(frozen=True)
class Module:
    """A parsed module. `name` is the name that it is imported by."""

    path: str
    name: str
    source: str
    tree: ast.Module
    statements: tuple[Statement, ...]
    tail: str = field(default="")

    def with_statements(self, statements: Iterable[Statement]) -> Module:
        """The module with other statements; its tree, and what is known of that, stays."""
        changed = replace(self, statements=tuple(statements))
        return changed._knowing(self, "nodes", "all_statements", "imports", "imported", "lines")

    def at(self, path: str) -> Module:
        """The same module in another place."""
        moved = replace(self, path=path, name=module_name(path))
        return moved._knowing(self, "nodes", "parents", "all_statements", "imports", "lines", "binders")

    def _knowing(self, other: Module, *names: str) -> Module:
        self.__dict__.update({name: other.__dict__[name] for name in names if name in other.__dict__})
        return self

    @cached_property
    def places(self) -> dict[ast.stmt, int]:
        """The place of each statement among all, by its first node."""
        return {statement.node: place for place, statement in enumerate(self.statements)}

    def is_own(self, statement: Statement) -> bool:
        """Whether the statement stands in the module as it is, its nodes at their places."""
        place = self.places.get(statement.node)
        return place is not None and self.statements[place].text == statement.text

    def holder(self, node: ast.AST) -> ast.stmt | None:
        """The module's own statement that a node stands inside of, None for such a one."""
        if node in self._top_level:
            return None
        return next(one for one in self._top_level if node in ast.walk(one))

    @cached_property
    def _top_level(self) -> dict[ast.stmt, None]:
        return {one: None for statement in self.statements for one in statement.nodes}

    def blocks_around(self, node: ast.stmt) -> list[ast.stmt]:
        """The statements that a statement stands inside of."""
        return [one for one in self.all_statements if one is not node and node in ast.walk(one)]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the module, walked once."""
        return [self.tree, *self.parents]

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node that each node is a part of."""
        return find_parents(self.tree)

    @cached_property
    def all_statements(self) -> list[ast.stmt]:
        """Every statement at whatever depth; far fewer than nodes."""
        found: list[ast.stmt] = []
        open_ones: list[ast.AST] = [self.tree]
        while open_ones:
            node = open_ones.pop()
            for block in ("body", "orelse", "finalbody", "handlers", "cases"):
                inner = getattr(node, block, ())
                if isinstance(inner, list):
                    found.extend(statement for statement in inner if isinstance(statement, ast.stmt))
                    open_ones.extend(inner)
        return sorted(found, key=lambda statement: statement.lineno)

    @cached_property
    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        """Every import statement, also those inside functions."""
        return [node for node in self.all_statements if isinstance(node, (ast.Import, ast.ImportFrom))]

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for, as a dotted path (`{"sleep": "time.sleep"}`)."""
        return {name: dotted for node in self.imports for name, dotted in imported_names(node, self.package)}

    @property
    def package(self) -> str:
        return self.name if self.path.endswith("__init__.py") else self.name.rpartition(".")[0]

    def dotted(self, node: ast.expr) -> str | None:
        """What an expression such as `x.y.z` stands for, its first name followed through the imports."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return None if owner is None else f"{owner}.{node.attr}"
        return None

    def position(self, node: ast.AST) -> Position:
        """Where a node stands; columns count characters, where `ast` counts UTF-8 bytes."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return Position(self.path, line, offset + 1)
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return Position(self.path, line, min(offset, len(text)) + 1)
        return Position(self.path, line, len(text.encode()[:offset].decode(errors="replace")) + 1)

    def segment(self, node: ast.AST) -> str:
        """The text of a node that has a place: `ast.get_source_segment`, which takes the whole file apart."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        lines = [line.encode() for line in self.lines[first - 1 : last]] if last else []
        if not lines:
            return ""
        lines[-1] = lines[-1][: getattr(node, "end_col_offset", 0)]
        lines[0] = lines[0][getattr(node, "col_offset", 0) :]
        return b"".join(lines).decode(errors="replace")

    @cached_property
    def lines(self) -> list[str]:
        return split_lines(self.source)

    @cached_property
    def predecessors(self) -> dict[Statement, Statement]:
        """The statement before each."""
        return dict(zip(self.statements[1:], self.statements, strict=False))

    @cached_property
    def binders(self) -> dict[str, list[Statement]]:
        """The statements that bind each module-level name."""
        binders: dict[str, list[Statement]] = {}
        for statement in self.statements:
            for name in statement.names.binds:
                binders.setdefault(name, []).append(statement)
        return binders


def parse_module(path: str, source: str) -> Module:
    """The module at `path` (POSIX, below the folder that is on `sys.path`).

    Raises UnreadableError with the place of the syntax error.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(_describe_syntax_error(path, source, error)) from None
    try:
        statements, tail = _read_statements(source, tree)
    except RecursionError as error:
        # Python 3.10 parses what is nested deeper than it can be walked.
        raise UnreadableError(_describe_syntax_error(path, source, error)) from None
    return Module(path, module_name(path), source, tree, statements, tail)


def defines(path: str, source: str, name: str) -> bool:
    """Whether a module has a name at its top level, or imports all that another has.

    The compiler's own table of names says so several times as fast as the statements do.
    Raises UnreadableError with the place of the syntax error.
    """
    try:
        table = symtable.symtable(source, path, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        binders = parse_module(path, source).binders
        return name in binders or "*" in binders
    if name in table.get_identifiers():
        symbol = table.lookup(name)
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            return True
    return _IMPORT_OF_ALL.search(source) is not None and "*" in parse_module(path, source).binders


_IMPORT_OF_ALL = re.compile(r"\bimport\s*\*")


def _read_statements(source: str, tree: ast.Module) -> tuple[tuple[Statement, ...], str]:
    """The top-level statements with what stands above each, and what stands below the last."""
    lines = split_lines(source)
    statements: list[Statement] = []
    end = 0
    for nodes in _by_line(tree.body):
        start, last = first_line(nodes[0]), max(node.end_lineno or node.lineno for node in nodes)
        if statements and all(map(is_text, nodes)):
            continue
        statements.append(
            Statement(
                tuple(nodes),
                "".join(lines[end : start - 1]),
                "".join(lines[start - 1 : last]),
                read_names(nodes),
            )
        )
        end = last
    return tuple(statements), "".join(lines[end:])


def _describe_syntax_error(path: str, source: str, error: Exception) -> Diagnostic:
    line = getattr(error, "lineno", None) or 1
    column = getattr(error, "offset", None) or 1
    position = Position(path, line, max(column, 1))
    reason = getattr(error, "msg", None) or str(error)
    lines = split_lines(source)
    written = lines[line - 1].strip() if line <= len(lines) else ""
    if (
        reason.startswith(("Missing parentheses in call to 'print'", "multiple exception types"))
        or "exec" in reason
    ):
        return codes.PYTHON_2.at(position, written, "this is Python 2")
    if reason.startswith("f-string") and sys.version_info < (3, 12):
        # https://peps.python.org/pep-0701/
        reason += "; Python 3.12 reads more of them: if the code is for that, run paws with it too"
    return codes.UNPARSABLE_PYTHON.at(position, written or path, reason)


def split_lines(source: str) -> list[str]:
    """Lines as Python counts them: form feeds and Unicode separators do not end one."""
    return [line for line in _LINE.findall(source) if line]


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def leading_lines(above: str) -> str:
    """The empty lines that a text begins with."""
    return above[: len(above) - len(above.lstrip("\r\n"))]


def meaning_of(statement: Statement) -> str:
    return "\n".join(map(ast.unparse, statement.nodes))


def header_of(above: str) -> str:
    """The comments at the very top of a module that stand apart from its first statement."""
    match = re.match(r"(?:[^\n]*\S[^\n]*\n)+\s*\n", above)
    return match.group() if match else ""


def module_name(path: str) -> str:
    """`a/b.py` -> `a.b`, `a/__init__.py` -> `a`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def paths_of(module: str) -> tuple[str, str]:
    """The files that a module of this name may be: `a.b` -> `a/b.py`, `a/b/__init__.py`."""
    base = module.replace(".", "/")
    return f"{base}.py", f"{base}/__init__.py"


def parse_statement(text: str, like: Statement) -> Statement:
    """The text as one statement in the place of another. Raises SyntaxError."""
    nodes = tuple(ast.parse(text).body)
    lines = first_line(like.node) - 1
    statement = Statement(nodes, like.above, text, read_names(nodes))
    walked: list[Any] = statement.walked
    for node in walked:
        if "lineno" in node._attributes:
            node.lineno += lines
            node.end_lineno += lines
    return statement


def first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _by_line(body: Iterable[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Statements that share a line (`a = 1; b = 2`) stay together."""
    group: list[ast.stmt] = []
    for node in body:
        if group and first_line(node) > (group[-1].end_lineno or 0):
            yield group
            group = []
        group.append(node)
    if group:
        yield group


def imported_names(node: ast.Import | ast.ImportFrom, package: str = "") -> Iterator[tuple[str, str]]:
    """Each name that an import binds, with the dotted path that it stands for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname:
                yield alias.asname, alias.name
            else:
                top = alias.name.partition(".")[0]
                yield top, top
        return
    base = resolve_relative(node, package)
    for alias in node.names:
        yield alias.asname or alias.name, f"{base}.{alias.name}" if base else alias.name


def resolve_relative(node: ast.ImportFrom, package: str) -> str:
    """The absolute module that `from ..x import y` names inside `package`."""
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def is_standard_library(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def is_text(node: ast.stmt) -> bool:
    """A text that stands for itself: a docstring, or what serves as a comment."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_main_test(test: ast.expr) -> bool:
    """`__name__ == "__main__"`."""
    return ast.unparse(test) in ("__name__ == '__main__'", "'__main__' == __name__")


# --- which names a piece of code reads and binds ------------------------------


def bound_for_sure(nodes: Iterable[ast.stmt]) -> set[str]:
    """The names that are bound once the statements have run, whichever way they took."""
    bound: set[str] = set()
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.If):
            bound |= bound_for_sure(node.body) & bound_for_sure(node.orelse)
        elif isinstance(node, ast.With):
            bound |= bound_for_sure(node.body).union(*map(_bound, node.items))
        elif isinstance(node, ast.Try):
            ways = [bound_for_sure([*node.body, *node.orelse])]
            ways += [bound_for_sure(one.body) for one in node.handlers if not _raises(one.body)]
            bound |= set.intersection(*ways) | bound_for_sure(node.finalbody)
            bound -= {handler.name for handler in node.handlers if handler.name}
        elif isinstance(node, ast.Delete):
            bound -= _bound(node)
        elif not isinstance(node, _MAY_SKIP) and not (isinstance(node, ast.AnnAssign) and node.value is None):
            bound |= _bound(node)
    return bound


# `except*` is there from Python 3.11 on.
_MAY_SKIP = (ast.For, ast.AsyncFor, ast.While, ast.Match, getattr(ast, "TryStar", ast.Match))


def _bound(node: ast.AST) -> frozenset[str]:
    return read_names([node]).binds


def _raises(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Raise)


def read_names(nodes: Iterable[ast.AST]) -> Names:
    """The names of module-level statements."""
    scope = _Scope()
    for node in nodes:
        scope.visit(node)
    return scope.names()


def read_head_names(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Names:
    """The names of a function without its body: what it binds, and what its definition reads."""
    scope = _Scope()
    scope.read_head(node)
    return scope.names()


class _Scope:
    """Names read at once (`now`), read in function bodies (`later`), bound, and rebound by `global`."""

    # Looked up by type: the standard library's visitor spells a method's name for every node,
    # which is most of the time that reading a large module takes.
    methods: ClassVar[dict[type[ast.AST], Callable[[_Scope, Any], None]]]

    def visit(self, node: ast.AST) -> None:
        method = self.methods.get(type(node))
        if method is not None:
            method(self, node)
        else:
            self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        for name in PARTS[type(node)]:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.later: set[str] = set()
        self.binds: set[str] = set()
        self.globals: set[str] = set()
        self.rebinds: set[str] = set()

    def names(self) -> Names:
        return Names(
            now=frozenset(self.now),
            later=frozenset(self.later),
            binds=frozenset(self.binds),
            rebinds=frozenset(self.rebinds),
        )

    def visit_Constant(self, node: ast.Constant) -> None:
        """It names nothing."""

    def visit_Name(self, node: ast.Name) -> None:
        (self.now if isinstance(node.ctx, ast.Load) else self.binds).add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.now.add(node.target.id)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.binds.update(name for name, _ in imported_names(node))

    visit_ImportFrom = visit_Import

    def visit_Global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.binds.add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.binds.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.binds.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.binds.add(node.rest)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.read_head(node)
        self._enter(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def read_head(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.binds.add(node.name)
        for outside in (*node.decorator_list, *_defaults(node.args)):
            self.visit(outside)
        for annotation in _annotations(node):
            self._visit_annotation(annotation)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for outside in _defaults(node.args):
            self.visit(outside)
        self._enter(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.binds.add(node.name)
        for outside in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(outside)
        body = _Scope()
        for statement in node.body:
            body.visit(statement)
        # A class body reads its own names first, methods do not see them.
        self.now |= body.now
        self.later |= body.later
        self.rebinds |= body.rebinds

    def _visit_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        inner = _Scope()
        first = node.generators[0].iter
        self.visit(first)
        for child in children(node):
            if not isinstance(child, ast.comprehension):
                inner.visit(child)
        for generator in node.generators:
            for child in children(generator):
                if child is not first:
                    inner.visit(child)
        bound = {
            name.id
            for generator in node.generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        self.now |= inner.now - bound
        self.later |= inner.later - bound
        self.binds |= inner.binds - bound
        self.rebinds |= inner.rebinds

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_annotation(node.annotation)
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def _visit_annotation(self, annotation: ast.expr) -> None:
        """A quoted annotation names things too."""
        self.visit(annotation)
        for quoted in ast.walk(annotation):
            if isinstance(quoted, ast.Constant) and isinstance(quoted.value, str):
                with contextlib.suppress(SyntaxError):
                    self.later |= {
                        name.id
                        for name in ast.walk(ast.parse(quoted.value, mode="eval"))
                        if isinstance(name, ast.Name)
                    }

    def _enter(self, arguments: ast.arguments, body: Iterable[ast.AST]) -> None:
        inner = _Scope()
        for statement in body:
            inner.visit(statement)
        local = (inner.binds | _parameters(arguments)) - inner.globals
        self.later |= (inner.now | inner.later) - local | (inner.globals & (inner.now | inner.binds))
        self.rebinds |= inner.rebinds | (inner.binds & inner.globals)


_Scope.methods = {
    kind: method
    for name, method in vars(_Scope).items()
    if name.startswith("visit_") and isinstance(kind := getattr(ast, name.removeprefix("visit_")), type)
}


def _parameters(arguments: ast.arguments) -> set[str]:
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    return {argument.arg for argument in every if argument is not None}


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [value for value in (*arguments.defaults, *arguments.kw_defaults) if value is not None]


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    found = [argument.annotation for argument in every if argument is not None]
    return [annotation for annotation in (*found, node.returns) if annotation is not None]
