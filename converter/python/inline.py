"""
Which modules may become parts of one file, and with which others.

Each Lambda function runs in a process of its own, so two parts may share a name that
both bind in the same words; what they must not do is to give one name two meanings.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from converter.python.inert import Effect, Facts
from converter.python.module import Module, Statement, imported_names

# What means another thing in another file.
_BOUND_TO_FILE = frozenset(
    "__file__ __doc__ __spec__ __path__ __package__ __loader__ __dict__ __builtins__ globals exec eval vars".split()
)
_FUTURE = "__future__"


@dataclass(frozen=True, eq=False)
class Part:
    """A module that could become part of a file. `handlers` are the functions in it that Lambda calls."""

    module: Module
    facts: Facts
    handlers: frozenset[str] = frozenset()

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for statement in self.module.statements if not statement.is_docstring)

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
            for name in (getattr(node, "id", None), getattr(node, "arg", None), getattr(node, "name", None))
            if isinstance(name, str)
        )

    @cached_property
    def definitions(self) -> Mapping[str, tuple[str, ...]]:
        """What makes each module-level name what it is, in a form that ignores layout and comments."""
        found: dict[str, list[str]] = defaultdict(list)
        for statement in self.statements:
            if statement.is_import:
                for name, meaning in _import_meanings(statement):
                    if meaning not in found[name]:
                        found[name].append(meaning)
                continue
            text = meaning_of(statement)
            for name in _bound(statement) or self._altered(statement):
                if name not in self.handlers:
                    found[name].append(text)
            if "__name__" in statement.names.uses:
                found["__name__"].append(text)
        return {name: tuple(texts) for name, texts in found.items()}

    def _altered(self, statement: Statement) -> Iterator[str]:
        """The names whose objects a statement that binds nothing may alter, as in `logger.setLevel(...)`."""
        for name in statement.names.now:
            if any(not binder.is_import for binder in self.module.binders.get(name, ())):
                yield name

    @cached_property
    def process_effects(self) -> frozenset[str]:
        """What importing the module alters for the whole process."""
        return frozenset(
            meaning
            for statement, effect in self.facts.effects.items()
            if effect is Effect.PROCESS
            for meaning in _effect_meanings(statement)
        )

    @property
    def defers_annotations(self) -> bool:
        return "annotations" in self.module.imported and _FUTURE in self.module.imported["annotations"]

    @cached_property
    def has_annotations(self) -> bool:
        return any(getattr(node, "annotation", None) or getattr(node, "returns", None) for node in self.module.nodes)


def can_move(part: Part, common_effects: Collection[str]) -> bool:
    """Whether the module means the same as a part of another file, whoever else imports that.

    `common_effects` are the effects on the process that each function has anyway.
    """
    module = part.module
    return (
        part.facts.effect < Effect.UNKNOWN
        and part.process_effects <= set(common_effects)
        and not _BOUND_TO_FILE & (part.uses | part.identifiers)
        and "sys.modules" not in {module.dotted(node) for node in module.nodes if isinstance(node, ast.Attribute)}
        and all(map(_is_movable_statement, part.statements))
        and all(_names_its_logger(node, module) for node in module.nodes)
        and all(is_movable_handler(part, handler) for handler in part.handlers)
    )


def _is_movable_statement(statement: Statement) -> bool:
    if len(statement.nodes) > 1 or statement.is_main_guard:
        return False
    return not any(
        isinstance(node, ast.ImportFrom) and (node.level or any(alias.name == "*" for alias in node.names))
        for node in ast.walk(statement.node)
    )


def _names_its_logger(node: ast.AST, module: Module) -> bool:
    """`__name__` changes, which is well known of loggers; any other use of it does not move."""
    children = list(ast.iter_child_nodes(node))
    is_logger = isinstance(node, ast.Call) and module.dotted(node.func) == "logging.getLogger"
    return is_logger or not any(isinstance(child, ast.Name) and child.id == "__name__" for child in children)


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


def fits(part: Part, others: Iterable[Part]) -> bool:
    """Whether the part can stand in one file with the others."""
    return all(_agree(part, other) for other in others)


def _agree(one: Part, other: Part) -> bool:
    if one.defers_annotations != other.defers_annotations:
        strict = other if one.defers_annotations else one
        if strict.has_annotations:
            return False
    both = one.definitions.keys() & other.definitions.keys()
    if any(one.definitions[name] != other.definitions[name] for name in both):
        return False
    # Two meanings in turn, as of `import json; import simplejson as json`, depend on where they stand.
    if any(len(set(part.definitions[name])) > 1 and _is_imported(part, name) for part in (one, other) for name in part.definitions):
        return False
    return not (_borrows(one, other) or _borrows(other, one))


def _is_imported(part: Part, name: str) -> bool:
    return any(statement.is_import for statement in part.module.binders.get(name, ()))


def _borrows(one: Part, other: Part) -> bool:
    """Whether a builtin (or missing) name of one part would be found among the other's."""
    return bool((one.uses - one.binds) & (other.binds - other.handlers))


def meaning_of(statement: Statement) -> str:
    return "\n".join(map(ast.unparse, statement.nodes))


def _bound(statement: Statement) -> frozenset[str]:
    return statement.names.binds | statement.names.rebinds


def _import_meanings(statement: Statement) -> Iterator[tuple[str, str]]:
    for node in statement.nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name, meaning in imported_names(node):
                yield name, f"import {meaning}"


def _effect_meanings(statement: Statement) -> Iterator[str]:
    for node in statement.nodes:
        if isinstance(node, ast.Import):
            yield from (f"import {alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"import {node.module}"
        else:
            yield ast.unparse(node)



