"""
What a handler asks of its event and context, as a view of Chalice's asks it.

`event["pathParameters"]["id"]` is an argument of the view, `event["httpMethod"]` is that of the request,
`app.current_request.method` (chalice.app.Request). Chalice's headers take names in any case, its body is
bytes, and its query no dict: where that might show, the view has the event,
`app.current_request.to_original_event()`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from keyword import iskeyword

from converter.chalice.event_objects import bound_by
from converter.chalice.http.answers import FunctionNode, UnknownError, own_nodes
from converter.python.edits import Edits
from converter.python.module import is_text
from converter.python.walk import find_parents, walk

# API Gateway always sends these, null where there is nothing.
KEYS = frozenset(
    """
    body headers httpMethod isBase64Encoded multiValueHeaders multiValueQueryStringParameters path
    pathParameters queryStringParameters requestContext resource stageVariables
    """.split()
)
# What the request has of the event as it is.
_ATTRIBUTES = {
    "httpMethod": "method",
    "pathParameters": "uri_params",
    "requestContext": "context",
    "resource": "path",
    "stageVariables": "stage_vars",
}
_QUERY = "queryStringParameters"
# What a function that stands elsewhere than the app object calls the request that it is given.
_NAMES_OF_REQUEST = ("request", "current_request", "chalice_request")


@dataclass(frozen=True)
class _Read:
    """`event["key"]` or `event.get("key")`."""

    key: str
    node: ast.expr


class Asked:
    """The parameters of a handler, which are a view's of these paths: `named` are the parameters of each.

    One that is `apart` from the app object is called by a view, and gets the request if it asks for it.
    """

    def __init__(self, function: FunctionNode, named: Sequence[Sequence[str]], *, apart: bool) -> None:
        self.function = function
        self.named = named
        self.apart = apart
        arguments = function.args
        others = [*arguments.posonlyargs, *arguments.kwonlyargs]
        if len(arguments.args) != 2 or others or arguments.vararg or arguments.kwarg:
            raise UnknownError(function, "its parameters are not an event and a context")
        self.event, self.context = (one.arg for one in arguments.args)
        self.nodes = walk(function)
        self.parents = find_parents(function)
        for name in self.names:
            self._check_name(name)

    @cached_property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for found in self.named for name in found))

    @cached_property
    def request(self) -> str:
        """The request, as the function has it."""
        if not self.apart:
            return "app.current_request"
        used = {one.id for one in self.nodes if isinstance(one, ast.Name)} | {*self.names}
        used |= {name for one in self.nodes for name in bound_by(one)}
        free = (name for name in _NAMES_OF_REQUEST if name not in used)
        found = next(free, None)
        if found is None:
            raise UnknownError(self.function, "its names leave none for the request")
        return found

    @cached_property
    def parameters(self) -> list[str]:
        """The names of its parameters as a view, or as a function that is apart."""
        if not self.apart:
            return self.names
        wanted = [*self.replaced.values(), *self._missing]
        request = [self.request] if any(self.request in one for one in wanted) else []
        return [*request, *(name for name in self.names if name in wanted)]

    @property
    def given(self) -> list[str]:
        """What a view gives to a function that is apart."""
        return ["app.current_request" if name == self.request else name for name in self.parameters]

    # --- what is asked ------------------------------------------------------------------------

    @cached_property
    def replaced(self) -> dict[ast.expr, str]:
        """The expressions that become others."""
        found: dict[ast.expr, str] = {}
        if self._is_one(self.context):
            found.update(dict.fromkeys(self._uses(self.context), self._lambda_context))
        if self._is_one(self.event) and not self._is_given_away:
            by_key: dict[str, list[_Read]] = {}
            for read in self.reads.values():
                by_key.setdefault(read.key, []).append(read)
            for key, reads in by_key.items():
                found.update(self._replace_reads(key, reads))
        # Before Python 3.12 places inside of f-strings are not to be relied on.
        texts = (node for node in self.nodes if isinstance(node, ast.JoinedStr))
        inside = {node for text in texts for node in ast.walk(text)}
        return {node: new for node, new in found.items() if node not in inside}

    @cached_property
    def reads(self) -> dict[ast.Name, _Read]:
        """What is read of the event, by the name that stands for it."""
        found = {}
        for name in self._uses(self.event):
            read = self._read_from(name)
            if read is not None and read.key in KEYS:
                found[name] = read
        return found

    def _replace_reads(self, key: str, reads: Sequence[_Read]) -> Iterator[tuple[ast.expr, str]]:
        if key == _QUERY and all(self._is_mapping_use(read.node) for read in reads):
            yield from ((read.node, f"{self.request}.query_params") for read in reads)
        if key not in _ATTRIBUTES:
            return
        for read in reads:
            argument = self.arguments.get(read.node) if key == "pathParameters" else None
            yield argument or (read.node, f"{self.request}.{_ATTRIBUTES[key]}")

    @cached_property
    def arguments(self) -> dict[ast.expr, tuple[ast.expr, str]]:
        """By reads of the path's parameters, the whole expressions of one, and the argument of the view."""
        reads = [read.node for read in self.reads.values() if read.key == "pathParameters"]
        if not all(map(self._is_mapping_use, reads)):
            return {}
        found = {node: whole for node in reads if (whole := self._find_argument(node)) is not None}
        own = {
            statement.targets[0]
            for whole, name in found.values()
            if isinstance(statement := self.parents[whole], ast.Assign) and _targets(statement) == name
        }
        bound = {name for node in self.nodes if node not in own for name in _bound_by(node)}
        return {node: whole for node, whole in found.items() if whole[1] not in bound}

    def _find_argument(self, node: ast.expr) -> tuple[ast.expr, str] | None:
        """The whole expression that reads a parameter of the path, and its name."""
        outer = self.parents[node]
        is_guarded = isinstance(outer, ast.BoolOp)
        if isinstance(outer, ast.BoolOp):
            node, outer = outer, self.parents[outer]
        read = self._read_from(node)
        if read is None or read.key not in self.names:
            return None
        is_everywhere = self._is_everywhere(read.key)
        # Where a path has no such parameter, Chalice gives None too.
        is_none = isinstance(read.node, ast.Call) and len(read.node.args) == 1
        is_else_none = is_none and (is_guarded or all(self.named))
        return (read.node, read.key) if is_everywhere or is_else_none else None

    def _is_everywhere(self, name: str) -> bool:
        """Whether all paths have the parameter."""
        return all(name in found for found in self.named)

    def _is_mapping_use(self, node: ast.expr) -> bool:
        """Whether nothing is done with it that only a dict can, or that changes it."""
        outer = self.parents[node]
        if isinstance(outer, ast.BoolOp) and isinstance(outer.op, ast.Or) and outer.values[0] is node:
            is_empty = len(outer.values) == 2 and ast.unparse(outer.values[1]) in ("{}", "dict()")
            return is_empty and self._is_mapping_use(outer)
        if isinstance(outer, ast.Subscript):
            return outer.value is node and isinstance(outer.ctx, ast.Load)
        if isinstance(outer, ast.Attribute):
            call = self.parents[outer]
            return outer.attr == "get" and isinstance(call, ast.Call) and call.func is outer
        if isinstance(outer, ast.Compare):
            is_none = isinstance(outer.ops[0], (ast.Is, ast.IsNot)) and outer.left is node
            is_member = isinstance(outer.ops[0], (ast.In, ast.NotIn)) and outer.comparators[0] is node
            return len(outer.ops) == 1 and (is_none or is_member)
        if isinstance(outer, ast.Assign) and len(outer.targets) == 1:
            target = outer.targets[0]
            return isinstance(target, ast.Name) and self._is_mapping_variable(target)
        if isinstance(outer, (ast.If, ast.IfExp, ast.While)):
            return outer.test is node
        if isinstance(outer, ast.BoolOp):
            return self._is_test(outer)
        return isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not)

    def _is_test(self, node: ast.BoolOp) -> bool:
        """Whether only the truth of it counts."""
        outer = self.parents[node]
        if isinstance(outer, ast.BoolOp):
            return self._is_test(outer)
        is_test = isinstance(outer, (ast.If, ast.IfExp, ast.While)) and outer.test is node
        return is_test or (isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not))

    def _is_mapping_variable(self, target: ast.Name) -> bool:
        """Whether a local variable is nothing else, and used as such."""
        binders = [node for node in self.nodes if target.id in _bound_by(node)]
        return binders == [target] and all(map(self._is_mapping_use, self._uses(target.id)))

    @cached_property
    def _is_given_away(self) -> bool:
        """Whether other code has the event, and may change it."""
        return any(self._read_from(name) is None for name in self._uses(self.event))

    def _read_from(self, node: ast.expr) -> _Read | None:
        """`x["key"]`, `x.get("key")` or `x.get("key", {})` of x."""
        outer = self.parents[node]
        if isinstance(outer, ast.Subscript) and outer.value is node and isinstance(outer.ctx, ast.Load):
            key = _text(outer.slice)
            return _Read(key, outer) if key is not None else None
        call = self.parents.get(outer)
        is_get = isinstance(outer, ast.Attribute) and outer.attr == "get" and outer.value is node
        if not is_get or not isinstance(call, ast.Call) or call.func is not outer or call.keywords:
            return None
        key, defaults = _text(call.args[0]) if call.args else None, call.args[1:]
        is_plain = all(isinstance(one, ast.Constant) or ast.unparse(one) in ("{}", "[]") for one in defaults)
        return _Read(key, call) if key is not None and is_plain and len(defaults) < 2 else None

    # --- names --------------------------------------------------------------------------------

    def _uses(self, name: str) -> Iterator[ast.Name]:
        return (
            node
            for node in self.nodes
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        )

    def _is_one(self, parameter: str) -> bool:
        """Whether the name always stands for the parameter."""
        own = {self.function, *self.function.args.args}
        return not any(parameter in _bound_by(node) for node in self.nodes if node not in own)

    def _check_name(self, name: str) -> None:
        """That an argument of the view takes no other name's place."""
        if not name.isidentifier() or iskeyword(name):
            raise UnknownError(self.function, f"{name}, which its path has, is no name of an argument")
        is_outer = any(
            isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names for node in self.nodes
        )
        is_own = any(name in bound_by(node) for node in own_nodes(self.function)) and not is_outer
        if name in (self.event, self.context) or (any(self._uses(name)) and not is_own):
            raise UnknownError(self.function, f"{name}, which its path has, stands for something else in it")

    # --- writing ------------------------------------------------------------------------------

    def write(self, edits: Edits) -> None:
        """Edit the handler's parameters and what it asks of them."""
        self._write_parameters(edits)
        for node, new in self.replaced.items():
            statement = self.parents[node]
            is_own = isinstance(statement, ast.Assign) and _targets(statement) == new
            if not (is_own and isinstance(statement, ast.Assign) and self._drop(statement, edits)):
                edits.replace(node, new)
        if self._missing:
            self._put_first(self._missing, edits)

    @property
    def _lambda_context(self) -> str:
        return f"{self.request}.lambda_context" if self.apart else "app.lambda_context"

    @cached_property
    def _missing(self) -> list[str]:
        """Statements that make what a view has not got by itself."""
        values = ((self.event, f"{self.request}.to_original_event()"), (self.context, self._lambda_context))
        is_left = {name for name, _ in values if any(map(self._is_left, self._uses(name)))}
        return [f"{name} = {value}" for name, value in values if name in is_left]

    def _is_left(self, node: ast.AST) -> bool:
        while node is not self.function:
            if node in self.replaced:
                return False
            node = self.parents[node]
        return True

    @property
    def _nodes_of_parameters(self) -> list[ast.arg | ast.expr]:
        return [*self.function.args.args, *self.function.args.defaults]

    def _write_parameters(self, edits: Edits) -> None:
        first, *others = self._nodes_of_parameters
        end = max(map(edits.end, others))
        comma = re.compile(r"\s*,").match(edits.text, end)
        # Chalice gives its arguments by name, so those that may be missing can stand last.
        last = [] if self.apart else [one for one in self.names if not self._is_everywhere(one)]
        written = [name for name in self.parameters if name not in last] + [f"{name}=None" for name in last]
        edits.replace_part(edits.start(first), comma.end() if comma else end, ", ".join(written))

    def _drop(self, statement: ast.Assign, edits: Edits) -> bool:
        """Take out a statement that gives an argument its own value, if it has its lines for itself."""
        blocks = [each for each in vars(self.parents[statement]).values() if isinstance(each, list)]
        start = edits.offset(statement.lineno, 0)
        end = edits.text.find("\n", edits.end(statement)) + 1 or len(edits.text)
        indent = edits.text[start : edits.start(statement)]
        comment = edits.text[edits.end(statement) : end].strip()
        is_alone = any(statement in block and len(block) == 1 for block in blocks)
        if is_alone or indent.strip() or not (comment.startswith("#") or not comment):
            return False
        edits.replace_part(start, end, f"{indent}{comment}\n" if comment else "")
        return True

    def _put_first(self, lines: Sequence[str], edits: Edits) -> None:
        """Put statements at the start of the function, below its docstring."""
        first, *others = self.function.body
        indent = edits.text[edits.offset(first.lineno, 0) : edits.start(first)]
        last = first.end_lineno if is_text(first) else self._find_header_end(edits)
        is_beside = is_text(first) and last is not None and others[0].lineno <= last
        if last is None or is_beside or indent.strip():
            raise UnknownError(self.function, "its body stands beside its head")
        place = edits.offset(last + 1, 0)
        edits.replace_part(place, place, "".join(f"{indent}{line}\n" for line in lines))

    def _find_header_end(self, edits: Edits) -> int | None:
        """The line where the `def` ends."""
        returns = [self.function.returns] if self.function.returns else []
        last = max(one.end_lineno or 1 for one in (*self._nodes_of_parameters, *returns))
        lines = edits.text.split("\n")
        numbers = range(last, self.function.body[0].lineno)
        return next((each for each in numbers if re.search(r":\s*(#.*)?$", lines[each - 1])), None)


def _bound_by(node: ast.AST) -> set[str]:
    outer = node.names if isinstance(node, (ast.Global, ast.Nonlocal)) else ()
    return {*bound_by(node), *outer}


def _targets(statement: ast.Assign) -> str:
    return " = ".join(map(ast.unparse, statement.targets))


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
