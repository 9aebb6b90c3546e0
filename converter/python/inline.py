"""
Which modules may become parts of one file, and with which others.

Each Lambda function runs in a process of its own, so two parts may share a name that
both bind in the same words; what they must not do is to give one name two meanings.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from converter.python.inert import Effect, Facts
from converter.python.module import Module, Statement, imported_names, meaning_of, parse_module

# What means another thing in another file.
_BOUND_TO_FILE = frozenset(
    {"__builtins__", "__dict__", "__doc__", "__file__", "__loader__", "__package__", "__path__", "__spec__"}
    | {"eval", "exec", "globals", "vars"}
)
_MUTATORS = frozenset(
    {"add", "append", "clear", "extend", "pop", "popitem", "remove", "setdefault", "update"}
)
_FUTURE = "__future__"
_TAKE_NAMES = frozenset({"chalice.Blueprint", "logging.getLogger"})


@dataclass(frozen=True, eq=False)
class Part:
    """A module that could become part of a file. `handlers` are the functions in it that Lambda calls.

    `shared` is a module that would become part of the same file, so that nothing is imported from it.
    """

    module: Module
    facts: Facts
    handlers: frozenset[str] = frozenset()
    shared: str = ""

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that would be in the file."""
        return tuple(
            statement
            for statement in self.module.statements
            if not statement.is_docstring
            and statement.names.binds != {"__all__"}
            and not (self.shared and self.shared in _modules_named(statement))
        )

    @cached_property
    def borrowed(self) -> frozenset[str]:
        """The names that it imports from the shared module."""
        others = set(self.module.statements) - set(self.statements)
        return frozenset(
            name for statement in others if statement.is_import for name in statement.names.binds
        )

    @cached_property
    def binds(self) -> frozenset[str]:
        return frozenset(name for statement in self.statements for name in _bound(statement))

    @cached_property
    def uses(self) -> frozenset[str]:
        return frozenset(name for statement in self.statements for name in statement.names.uses)

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every name in the module, local ones too."""
        return frozenset(
            name
            for node in self.module.nodes
            for kind in ("id", "arg", "name", "asname")
            if isinstance(name := getattr(node, kind, None), str)
        )

    @cached_property
    def definitions(self) -> Mapping[str, tuple[str, ...]]:
        """What makes each module-level name what it is, in a form that ignores layout and comments."""
        found: dict[str, list[str]] = defaultdict(list)
        for statement in self.statements:
            if statement.is_import:
                for name, meaning in _import_meanings(statement):
                    # Of several imports in turn the last one counts.
                    if found[name] and found[name][-1].startswith("import "):
                        found[name].pop()
                    found[name].append(meaning)
                continue
            text = meaning_of(statement)
            for name in _bound(statement) | set(self._altered(statement)):
                if name not in self.handlers:
                    found[name].append(text)
            if "__name__" in statement.names.uses:
                found["__name__"].append(text)
        return {name: tuple(texts) for name, texts in found.items()}

    def _altered(self, statement: Statement) -> Iterator[str]:
        """The names whose objects it may alter, as in `logger.setLevel(...)` and `x = items.pop()`."""
        if statement.is_definition:
            return
        called = {
            node.func.value.id
            for node in ast.walk(statement.node)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.attr in _MUTATORS
        }
        for name in called if statement.names.binds else statement.names.now:
            if any(not binder.is_import for binder in self.module.binders.get(name, ())):
                yield name

    def is_meant(self, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
        """Whether an import is what its name means in the end: `import simplejson as json` may follow."""
        ((name, meaning),) = imported_names(_with_names(node, [alias]))
        return f"import {meaning}" in self.definitions[name]

    @property
    def defers_annotations(self) -> bool:
        return "annotations" in self.module.imported and _FUTURE in self.module.imported["annotations"]

    @cached_property
    def has_annotations(self) -> bool:
        return any(
            getattr(node, "annotation", None) or getattr(node, "returns", None) for node in self.module.nodes
        )


def can_move(
    part: Part, reserved: Collection[str], common_effects: Collection[str], *, is_alone: bool = False
) -> bool:
    """Whether the module means the same as a part of another file, whoever else imports that.

    `reserved` are the names that the file has for itself, `common_effects` the effects on the
    process that each function has anyway. One that is alone may have `from x import *`.
    """
    module = part.module
    return (
        part.facts.effect < Effect.UNKNOWN
        and part.facts.on_process <= set(common_effects)
        and not _BOUND_TO_FILE & part.uses
        and not (part.binds | part.uses) & set(reserved)
        and not _uses_modules_table(module)
        and _names_only_loggers(module)
        and all(_is_movable_statement(one, is_alone=is_alone) for one in part.statements)
        and all(is_movable_handler(part, handler) for handler in part.handlers)
    )


def _is_movable_statement(statement: Statement, *, is_alone: bool) -> bool:
    if (len(statement.nodes) > 1 and not statement.is_import) or statement.is_main_guard:
        return False
    return not any(
        isinstance(node, ast.ImportFrom)
        and (node.level or (not is_alone and any(alias.name == "*" for alias in node.names)))
        for root in statement.nodes
        for node in ast.walk(root)
    )


def _names_only_loggers(module: Module) -> bool:
    """`__name__` changes, which loggers and Blueprints take as it comes; another use of it does not move."""
    loggers = {
        id(argument)
        for node in module.nodes
        if isinstance(node, ast.Call) and module.dotted(node.func) in _TAKE_NAMES
        for argument in node.args
    }
    named = (node for node in module.nodes if isinstance(node, ast.Name) and node.id == "__name__")
    return all(id(node) in loggers for node in named)


def _uses_modules_table(module: Module) -> bool:
    return any(
        isinstance(node, ast.Attribute) and module.dotted(node) == "sys.modules" for node in module.nodes
    )


def is_movable_handler(part: Part, name: str) -> bool:
    """Whether the handler can be decorated by Chalice where it stands, and renamed.

    Chalice finds it by its `__name__`, and what it makes of it takes exactly (event, context).
    """
    binders = part.module.binders.get(name, [])
    if len(binders) != 1 or not isinstance(binders[0].node, ast.FunctionDef):
        return False
    node = binders[0].node
    if not all(decorator in part.facts.wrapping for decorator in node.decorator_list):
        return False
    if any(name in statement.names.rebinds for statement in part.statements):
        return False
    rebound = sum(name in _local_bindings(inner) for inner in part.module.nodes)
    calls = {
        id(inner.func)
        for inner in part.module.nodes
        if isinstance(inner, ast.Call)
        and len(inner.args) == 2
        and not inner.keywords
        and not any(isinstance(argument, ast.Starred) for argument in inner.args)
    }
    references = [inner for inner in part.module.nodes if isinstance(inner, ast.Name) and inner.id == name]
    return rebound == 1 and all(id(reference) in calls for reference in references)


def _local_bindings(node: ast.AST) -> Collection[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return (node.name,)
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return tuple(name for name, _ in imported_names(node))
    return ()


def can_absorb(part: Part, shared: Module) -> bool:
    """Whether the part needs no import any more from a module that becomes part of the same file."""
    owner, _, name = part.shared.rpartition(".")
    imports = [
        node
        for node in part.module.nodes
        if isinstance(node, (ast.Import, ast.ImportFrom)) and part.shared in _modules_of(node)
    ]
    at_top = {id(statement.node) for statement in part.module.statements if len(statement.nodes) == 1}
    for node in imports:
        if (
            id(node) not in at_top
            or isinstance(node, ast.Import)
            or any(alias.asname for alias in node.names)
        ):
            return False
        # `import shared` for what that sets up.
        is_whole = node.module == owner and len(node.names) == 1 and name not in part.uses
        if not is_whole and not {alias.name for alias in node.names} <= shared.binders.keys():
            return False
    return not part.borrowed & part.binds


def choose_compatible(parts: Mapping[str, Part], common: Collection[str] = ()) -> dict[str, Part]:
    """Parts that can stand in one file; where two cannot, the one at odds with fewer others stays.

    `common` are names that each part may use though only one defines them.
    """
    variants: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for part in parts.values():
        for name, definition in part.definitions.items():
            variants[name][definition] += 1

    def count_opponents(key: str) -> int:
        definitions = parts[key].definitions.items()
        return sum(variants[name].total() - variants[name][definition] for name, definition in definitions)

    together = _Together(frozenset(common))
    chosen = {key for key in sorted(parts, key=count_opponents) if together.take_in(parts[key])}
    return {key: part for key, part in parts.items() if key in chosen}


class _Together:
    """What the parts of one file define and expect of it."""

    def __init__(self, common: frozenset[str]) -> None:
        self.common = common
        self.definitions: dict[str, tuple[str, ...]] = {}
        self.expected: set[str] = set()
        self.annotations: set[bool] = set()

    def take_in(self, part: Part) -> bool:
        """Add the part, unless a name would get a second meaning."""
        own = part.definitions
        # Builtin (or missing) names must not be found among the others'.
        expected = part.uses - part.binds - part.borrowed - self.common
        annotations = {part.defers_annotations} if part.has_annotations else set()
        if (
            any(self.definitions.get(name, definition) != definition for name, definition in own.items())
            or self.expected & own.keys()
            or expected & self.definitions.keys()
            or len(self.annotations | annotations) > 1
        ):
            return False
        self.definitions.update(own)
        self.expected |= expected
        self.annotations |= annotations
        return True


def _with_names(node: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> ast.Import | ast.ImportFrom:
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)


def _bound(statement: Statement) -> frozenset[str]:
    return statement.names.binds | statement.names.rebinds


def _import_meanings(statement: Statement) -> Iterator[tuple[str, str]]:
    for node in statement.nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((name, f"import {meaning}") for name, meaning in imported_names(node))


def _modules_named(statement: Statement) -> set[str]:
    return {name for node in statement.nodes for name in _modules_of(node)}


def _modules_of(node: ast.stmt) -> set[str]:
    """The modules that an import may name."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def rename_handler(part: Part, old: str, new: str) -> Part:
    """The part with a handler under another name. Facts are kept as they are, of the old text."""
    if old == new:
        return part
    lines = list(part.module.lines)
    for line, column in sorted(_places_of(part.module, old), reverse=True):
        text = lines[line - 1].encode()
        lines[line - 1] = (text[:column] + new.encode() + text[column + len(old.encode()) :]).decode()
    module = parse_module(part.module.path, "".join(lines))
    handlers = part.handlers - {old} | {new} if old in part.handlers else part.handlers
    return replace(part, module=module, handlers=handlers)


def _places_of(module: Module, name: str) -> Iterator[tuple[int, int]]:
    """The line and the byte column of each mention of a function."""
    for node in module.nodes:
        if isinstance(node, ast.Name) and node.id == name:
            yield node.lineno, node.col_offset
        elif isinstance(node, ast.FunctionDef) and node.name == name:
            start = module.lines[node.lineno - 1].encode().index(name.encode(), node.col_offset + len("def "))
            yield node.lineno, start
