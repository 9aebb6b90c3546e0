"""Plain handlers of events as handlers of Chalice's event objects: `event["body"]` becomes `event.body`.

The reverse of converter/chalice/event_objects.py, by the same tables. Only handlers that ask for nothing
else, or hand on what Lambda gives (`event.to_dict()`), are rewritten, for they do the same then. Any other
one is called with what Lambda gives.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from converter.chalice.event_objects import EVENTS, bound_by, object_class, target_of
from converter.chalice.registration import WEBSOCKET_FUNCTIONS
from converter.python.edits import Edits, NoPlaceError, structure_of
from converter.python.module import first_line, is_text

_OF_WEBSOCKETS = {
    "connection_id": '{event}["requestContext"]["connectionId"]',
    "domain_name": '{event}["requestContext"]["domainName"]',
    "stage": '{event}["requestContext"]["stage"]',
}
_TABLES = {
    **EVENTS,
    **dict.fromkeys(WEBSOCKET_FUNCTIONS, (_OF_WEBSOCKETS, None)),
    "on_ws_message": ({**_OF_WEBSOCKETS, "body": '{event}["body"]'}, None),
}

# What the expressions of the tables call, as they may be written by what a module imports.
_WRITTEN = {"b64decode": {"b64decode": "base64.b64decode", "base64.b64decode": "base64"}}


def use_event_object(text: str, decorator: str, imported: Mapping[str, str]) -> str | None:
    """The handler `def name(event, context)` as one that gets the decorator's object; None where it cannot.

    `imported` is what the names of its module stand for, of those that are imported.
    """
    function = ast.parse(text).body[0]
    if not isinstance(function, ast.FunctionDef) or function.decorator_list or decorator not in _TABLES:
        return None
    names = _parameters(function)
    if not names:
        return None
    if decorator in EVENTS:
        first = _find_made_object(function, *names, object_class(decorator), imported)
        if first is not None:
            return _get_object(text, function, first)
    return _Handler(function, *names, decorator, imported).rewrite(text)


def _find_made_object(
    function: ast.FunctionDef, event: str, context: str, made: str, imported: Mapping[str, str]
) -> ast.Assign | None:
    """The handler's first statement if that makes Chalice's object, and nothing else uses the context."""
    first = next((each for each in function.body if not is_text(each)), None)
    if not isinstance(first, ast.Assign) or first is function.body[-1]:
        return None
    names = [node.id for node in ast.walk(function) if isinstance(node, ast.Name)]
    called = first.value.func if isinstance(first.value, ast.Call) else None
    if not isinstance(called, ast.Name) or imported.get(called.id) != made or names.count(context) > 1:
        return None
    return first if ast.unparse(first) == f"{event} = {called.id}({event}, {context})" else None


def _get_object(text: str, function: ast.FunctionDef, first: ast.Assign) -> str:
    """The handler without the statement that makes the object which Chalice gives it."""
    edits = Edits(text)
    event, context = function.args.args
    edits.replace_part(edits.start(event), edits.end(context), event.arg)
    following = function.body[function.body.index(first) + 1]
    edits.replace_part(edits.start(first), edits.offset(first_line(following), following.col_offset), "")
    return edits.apply()


def _parameters(function: ast.FunctionDef) -> tuple[str, str] | None:
    """The names of the event and of the context, where there is nothing else."""
    arguments = function.args
    others = [*arguments.posonlyargs, *arguments.kwonlyargs, *arguments.defaults]
    if len(arguments.args) != 2 or others or arguments.vararg or arguments.kwarg:
        return None
    event, context = arguments.args
    return event.arg, context.arg


class _Handler:
    """What a handler does with its event."""

    def __init__(
        self,
        function: ast.FunctionDef,
        event: str,
        context: str,
        decorator: str,
        imported: Mapping[str, str],
    ) -> None:
        self.function = function
        self.event, self.context = event, context
        self.attributes, self.of_records = _TABLES[decorator]
        self.imported = imported
        self.nodes = list(ast.walk(function))
        self.parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    def rewrite(self, text: str) -> str | None:
        replaced = self._find_replaced()
        if replaced is None:
            return None
        edits = Edits(text)
        first, last = self.function.args.args
        edits.replace_part(edits.start(first), edits.end(last), self.event)
        try:
            for node, new in replaced.items():
                edits.replace(node, new)
            return edits.apply()
        except NoPlaceError:
            return None

    def _find_replaced(self) -> dict[ast.expr, str] | None:
        """The expressions that become others; None where something else is done with the event."""
        replaced: dict[ast.expr, str] = dict.fromkeys(self._uses(self.context), f"{self.event}.context")
        records = dict.fromkeys(self._find_records())
        # Functions that get records get dicts, and so the loops are over dicts.
        are_dicts = any(self._is_argument(node) for name in records for node in self._uses(name))
        if are_dicts:
            records.clear()
        tables = {self.event: self.attributes, **dict.fromkeys(records, self.of_records or {})}
        for name, table in tables.items():
            written = {structure_of(one): new for one, new in self._expressions(table, name).items()}
            if name == self.event and records:
                written[structure_of(f'{name}["Records"]')] = name
            for node in self._uses(name):
                found = next((each for each in self._around(node) if ast.dump(each) in written), None)
                is_list = are_dicts and ast.dump(self.parents[node]) == structure_of(f'{name}["Records"]')
                if found is not None:
                    replaced[found] = written[ast.dump(found)]
                elif name == self.event and (is_list or self._is_argument(node)):
                    replaced[node] = f"{name}.to_dict()"
                else:
                    return None
        is_bound_anew = any(self._is_bound_anew(name) for name in (self.event, self.context, *records))
        return None if is_bound_anew else replaced

    def _expressions(self, table: Mapping[str, str], name: str) -> dict[str, str]:
        """What stands for each attribute, in each way that the module may write it."""
        found: dict[str, str] = {}
        for attribute, expression in table.items():
            for function, ways in _WRITTEN.items():
                for written, dotted in ways.items():
                    if self.imported.get(written.partition(".")[0]) == dotted:
                        expression = expression.replace(f"{{{function}}}", written)
            expression = expression.replace("{event}", name)
            if "{" not in expression:
                found[expression] = f"{name}.{attribute}"
        return found

    def _uses(self, name: str) -> Iterator[ast.Name]:
        return (
            node
            for node in self.nodes
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        )

    def _is_argument(self, node: ast.Name) -> bool:
        """Whether a call gets what the name stands for, or a text shows it.

        Not a call that gets the event and the context: it calls another handler.
        """
        parent = self.parents[node]
        if isinstance(parent, ast.Call) and node is not parent.func:
            return node.id != self.event or self.context not in map(ast.unparse, parent.args)
        return isinstance(parent, (ast.keyword, ast.FormattedValue))

    def _around(self, node: ast.AST) -> Iterator[ast.expr]:
        """The expressions that a name stands in, the longest first."""
        around: list[ast.expr] = []
        while isinstance(node, ast.expr):
            around.append(node)
            node = self.parents[node]
        return reversed(around)

    def _find_records(self) -> Iterator[str]:
        """What loops over the event's records call one."""
        for node in self.nodes if self.of_records else ():
            if isinstance(node, (ast.For, ast.comprehension)):
                target = target_of(node, f"{self.event}['Records']")
                if target is not None:
                    yield target.id

    def _is_bound_anew(self, name: str) -> bool:
        """Whether the name is ever anything else than the parameter, or a record of a loop."""
        loops = [node for node in self.nodes if isinstance(node, (ast.For, ast.comprehension))]
        targets = (target_of(loop, f"{self.event}['Records']") for loop in loops)
        known = {self.function, *self.function.args.args, *filter(None, targets)}
        return any(
            name in bound_by(node) or (isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names)
            for node in self.nodes
            if node not in known
        )
