"""
Answers to API Gateway as Chalice's: `{"statusCode": 200, "body": ...}` becomes `Response(...)`.

Chalice sends a body that is text as it is, and headers that are text in one line (Response.to_dict and
Chalice._validate_response of chalice.app); of anything else the bytes would be others. So only what the
source shows to be such an answer is rewritten, with all functions of the module that give it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from converter.chalice.event_objects import bound_by
from converter.python.edits import Edits
from converter.python.module import Module

RESPONSE = "Response"
# What an answer has, and the argument of Chalice's Response that it becomes.
_ARGUMENTS = {
    "body": "body",
    "headers": "headers",
    "multiValueHeaders": "headers",
    "statusCode": "status_code",
}
_TO_TEXT = frozenset({"json.dumps", "simplejson.dumps", "str"})
_OF_TEXT = frozenset({"format", "join", "lower", "replace", "strip", "upper"})

# Decorators of X-Ray's: https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-python.html
_OBSERVERS = frozenset(
    f"aws_xray_sdk.core.{name}" for name in ("xray_recorder.capture", "recorder.xray_recorder.capture")
)

FunctionNode = ast.FunctionDef


class UnknownError(Exception):
    """Something of which the source does not show that it stays the same, and why."""

    def __init__(self, node: ast.AST, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


@dataclass(frozen=True)
class Constant:
    """An expression that stands for the same wherever it is used."""

    value: ast.expr
    module: Module


@dataclass
class Answered:
    """What a function answers with: literals, and calls of other functions of its module.

    `fields` are what it sets of an answer afterwards; `texts` are its parameters that have to be texts.
    """

    function: FunctionNode
    literals: list[ast.Dict] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    fields: dict[ast.Subscript, str] = field(default_factory=dict)
    texts: list[tuple[str, ast.expr]] = field(default_factory=list)


@dataclass
class Answers:
    """The answers of a module's functions.

    `find_constant` tells what an expression of the module always stands for; `binary_types` are the types of
    content that Chalice sends as bytes.
    """

    module: Module
    find_constant: Callable[[Module, ast.expr], Constant | None]
    binary_types: Collection[str]
    _read: dict[str, Answered] = field(default_factory=dict)

    def read(self, name: str) -> dict[str, Answered]:
        """All functions that the answer of one comes from, by name. Raises UnknownError."""
        found: dict[str, Answered] = {}
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self._read[name] = self._read.get(name) or self._read_function(name)
                waiting += [_name_of(call) for call in found[name].calls]
        checked: set[tuple[str, str]] = set()
        while unknown := [
            (answered, text)
            for answered in found.values()
            for text in answered.texts
            if (answered.function.name, text[0]) not in checked
        ]:
            for answered, (parameter, used) in unknown:
                checked.add((answered.function.name, parameter))
                self._check_given(answered, parameter, used, found.values())
        return found

    def find_other_use(self, functions: Mapping[str, Answered], entry: Collection[str]) -> ast.Name | None:
        """Where a function is used otherwise than for the answer of another; one of `entry`, at all."""
        known = {call.func for one in functions.values() for call in one.calls}
        for node in self.module.nodes:
            is_used = isinstance(node, ast.Name) and node.id in functions and isinstance(node.ctx, ast.Load)
            if is_used and isinstance(node, ast.Name) and (node.id in entry or node not in known):
                return node
        return None

    @staticmethod
    def write(function: Answered, edits: Edits) -> None:
        """Edit the function's answers, and what it says that it returns."""
        for literal in function.literals:
            _write_response(literal, edits)
        for subscript, name in function.fields.items():
            edits.replace(subscript, f"{ast.unparse(subscript.value)}.{_ARGUMENTS[name]}")
        returns = function.function.returns
        if returns is not None:
            edits.replace_part(edits.start(returns), edits.end(returns), RESPONSE)

    # --- what a function answers ----------------------------------------------------------

    def _read_function(self, name: str) -> Answered:
        (binder,) = self.module.binders[name]
        function = binder.node
        assert isinstance(function, FunctionNode)
        for decorator in function.decorator_list:
            if not self._only_observes(decorator):
                raise UnknownError(decorator, "it may change what the function gets and answers")
        answered = Answered(function)
        own = list(own_nodes(function))
        if any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await)) for node in own):
            raise UnknownError(function, "it is a generator")
        for node in own:
            if isinstance(node, ast.Return):
                self._read_answer(node.value or node, answered)
        if not _ends(function.body):
            raise UnknownError(function, "it may end without an answer")
        return answered

    def _only_observes(self, decorator: ast.expr) -> bool:
        """Whether it hands on whatever a function gets and returns."""
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        return (self.module.dotted(function) or "") in _OBSERVERS

    def _read_answer(self, node: ast.AST, answered: Answered) -> None:
        if node in answered.literals or node in answered.calls:
            return
        if isinstance(node, ast.Dict):
            self._check_literal(node, answered)
            answered.literals.append(node)
        elif isinstance(node, ast.IfExp):
            self._read_answer(node.body, answered)
            self._read_answer(node.orelse, answered)
        elif isinstance(node, ast.Call) and self._is_function(node.func, answered.function):
            answered.calls.append(node)
        elif isinstance(node, ast.Name):
            self._read_variable(node, answered)
        else:
            raise UnknownError(node, "the source does not show that it is an answer of API Gateway's")

    def _read_variable(self, name: ast.Name, answered: Answered) -> None:
        """A local variable that is for nothing but to be returned, after fields of it may have been set."""
        values = _values_of(name.id, answered.function)
        own = list(own_nodes(answered.function))
        known = {node.value for node in own if isinstance(node, ast.Return)}
        for node in own:
            subscript = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
            key = _field_of(subscript, name.id)
            if isinstance(node, ast.Assign) and isinstance(subscript, ast.Subscript) and key:
                self._check_field(key, node.value, answered)
                answered.fields[subscript] = key
                known.add(subscript.value)
        for used in ast.walk(answered.function):
            is_load = isinstance(used, ast.Name) and used.id == name.id and isinstance(used.ctx, ast.Load)
            if not values or (is_load and used not in known):
                raise UnknownError(used if is_load else name, "what is returned may be changed before")
        for value in values or ():
            self._read_answer(value, answered)

    def _is_function(self, node: ast.expr, caller: FunctionNode) -> bool:
        """Whether it names a plain function of the module's own."""
        binders = self.module.binders.get(node.id, []) if isinstance(node, ast.Name) else []
        is_one = len(binders) == 1 and isinstance(binders[0].node, FunctionNode)
        return is_one and isinstance(node, ast.Name) and not _is_local(node.id, caller)

    # --- literals ---------------------------------------------------------------------------

    def _check_literal(self, literal: ast.Dict, answered: Answered) -> None:
        written: dict[str, ast.expr] = {}
        for key, value in zip(literal.keys, literal.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else None
            if not isinstance(name, str) or name not in {*_ARGUMENTS, "isBase64Encoded"} or name in written:
                raise UnknownError(key or value, "Chalice's Response has nothing for it")
            written[name] = value
        if "statusCode" not in written:
            raise UnknownError(literal, "it has no statusCode")
        encoded = written.get("isBase64Encoded", ast.Constant(False))
        if not isinstance(encoded, ast.Constant) or encoded.value is not False:
            raise UnknownError(encoded, "Chalice encodes bytes itself, by their type")
        if "headers" in written and "multiValueHeaders" in written:
            raise UnknownError(literal, "Chalice's Response has both in one")
        for name in written.keys() & _ARGUMENTS.keys():
            self._check_field(name, written[name], answered)

    def _check_field(self, name: str, value: ast.expr, answered: Answered) -> None:
        if name == "body":
            self._check_text(value, answered)
        elif name != "statusCode":
            self._check_headers(value, answered.function, several=name != "headers")

    def _check_headers(self, node: ast.expr, function: FunctionNode, *, several: bool = False) -> None:
        """That they are texts in one line, of content that Chalice does not take for bytes."""
        if isinstance(node, ast.Name) and _is_local(node.id, function):
            values = _values_of(node.id, function) if _is_only_value(node.id, function) else None
            if not values:
                raise UnknownError(node, "the source does not show these headers")
            for value in values:
                self._check_headers(value, function, several=several)
            return
        constant = None if isinstance(node, ast.Dict) else self.find_constant(self.module, node)
        found = constant.value if constant else node
        if not isinstance(found, ast.Dict):
            raise UnknownError(node, "the source does not show these headers")
        for key, value in zip(found.keys, found.values, strict=True):
            if key is None:
                self._check_headers(value, function, several=several)
                continue
            values = value.elts if several and isinstance(value, ast.List) else [value]
            texts = [one.value for one in (key, *values) if isinstance(one, ast.Constant)]
            lines = [text for text in texts if isinstance(text, str) and not {"\n", "\r"} & set(text)]
            if several is not isinstance(value, ast.List) or len(lines) != 1 + len(values):
                raise UnknownError(value, "the source does not show that the header is a text in one line")
            name, *said = lines
            if name.lower() == "content-type" and any(map(self._is_binary, said)):
                raise UnknownError(value, "Chalice sends this type of content as bytes")

    def _is_binary(self, kind: str) -> bool:
        parts = {part.strip() for part in re.split("[,;]", kind.lower())}
        return "*/*" in kind or bool(parts & {each.lower() for each in self.binary_types})

    # --- texts ----------------------------------------------------------------------------------

    def _check_text(self, node: ast.expr, answered: Answered) -> None:
        if not self._is_text(node, answered):
            raise UnknownError(node, "the source does not show that the body is a text")

    def _is_text(self, node: ast.expr, answered: Answered) -> bool:
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        if isinstance(node, ast.JoinedStr):
            return True
        if isinstance(node, ast.IfExp):
            return self._is_text(node.body, answered) and self._is_text(node.orelse, answered)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, (ast.Add, ast.Mod)) and self._is_text(node.left, answered)
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in _OF_TEXT:
                return self._is_text(called.value, answered)
            return self._is_global(called, answered.function) and self.module.dotted(called) in _TO_TEXT
        return isinstance(node, ast.Name) and self._is_text_variable(node, answered)

    def _is_text_variable(self, name: ast.Name, answered: Answered) -> bool:
        if not _is_local(name.id, answered.function):
            constant = self.find_constant(self.module, name)
            return constant is not None and isinstance(getattr(constant.value, "value", None), str)
        parameters = [one.arg for one in answered.function.args.args]
        values = _values_of(name.id, answered.function)
        if values is None and name.id in parameters and not _is_bound_again(name.id, answered.function):
            # Those who call it are not known yet.
            answered.texts.append((name.id, name))
            return True
        return bool(values) and all(self._is_text(value, answered) for value in values or ())

    def _check_given(
        self, answered: Answered, parameter: str, used: ast.expr, callers: Collection[Answered]
    ) -> None:
        """That a parameter is a text where these call the function."""
        given = [
            (_find_given(call, answered.function, parameter), caller)
            for caller in callers
            for call in caller.calls
            if _name_of(call) == answered.function.name
        ]
        # What Lambda calls gets no texts.
        if not given or not all(value is not None and self._is_text(value, one) for value, one in given):
            raise UnknownError(used, "the source does not show that the body is a text")

    def _is_global(self, node: ast.expr, function: FunctionNode) -> bool:
        """Whether the first name of `x.y` is imported, or Python's own."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name) or _is_local(node.id, function):
            return False
        return all(binder.is_import for binder in self.module.binders.get(node.id, ()))


# --- functions -------------------------------------------------------------------------------


def own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    """The nodes of the function's body, without those of functions inside of it."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def _find_given(call: ast.Call, function: FunctionNode, parameter: str) -> ast.expr | None:
    """What a call gives for a parameter; None where the source does not show it."""
    names = [one.arg for one in function.args.args]
    if any(isinstance(one, ast.Starred) for one in call.args) or any(not one.arg for one in call.keywords):
        return None
    place = names.index(parameter)
    if place < len(call.args):
        return call.args[place]
    named = next((one.value for one in call.keywords if one.arg == parameter), None)
    defaults = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
    return named or defaults.get(parameter)


def _name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_local(name: str, function: FunctionNode) -> bool:
    """Whether the name is the function's own, or one of a scope inside of it."""
    return any(name in bound_by(node) for node in ast.walk(function) if node is not function)


def _is_bound_again(name: str, function: FunctionNode) -> bool:
    """Whether a parameter becomes something else."""
    parameters = {*function.args.args, function}
    return any(name in bound_by(node) for node in ast.walk(function) if node not in parameters)


def _values_of(name: str, function: FunctionNode) -> list[ast.expr] | None:
    """All that a local variable is, None where it is not only given values by `name = value`."""
    assigned = {
        node.targets[0]: node.value
        for node in own_nodes(function)
        if isinstance(node, ast.Assign) and len(node.targets) == 1
    }
    values = []
    for node in ast.walk(function):
        is_outer = isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names
        if is_outer or (node is not function and name in bound_by(node)):
            if is_outer or not isinstance(node, ast.expr) or node not in assigned:
                return None
            values.append(assigned[node])
    return values


def _field_of(node: ast.expr | None, name: str) -> str:
    """`body` of `name["body"]`, if an answer has such a thing."""
    is_of_name = (
        isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == name
    )
    key = getattr(node.slice, "value", None) if is_of_name and isinstance(node, ast.Subscript) else None
    return key if key in ("body", "headers", "statusCode") else ""


def _is_only_value(name: str, function: FunctionNode) -> bool:
    """Whether a local variable is used for nothing but as a value of literals, and so stays what it is."""
    values = {value for node in ast.walk(function) if isinstance(node, ast.Dict) for value in node.values}
    uses = (node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name)
    return all(node in values for node in uses if isinstance(node.ctx, ast.Load))


def _ends(body: list[ast.stmt]) -> bool:
    """Whether what follows these statements is never reached."""
    last = body[-1] if body else None
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    if isinstance(last, ast.Try):
        is_done = _ends(last.body) or _ends(last.orelse)
        return _ends(last.finalbody) or (is_done and all(_ends(one.body) for one in last.handlers))
    if isinstance(last, ast.Match):
        *_, default = last.cases
        takes_any = isinstance(default.pattern, ast.MatchAs) and default.pattern.pattern is None
        return takes_any and default.guard is None and all(_ends(case.body) for case in last.cases)
    return False


# --- writing ----------------------------------------------------------------------------------


def _write_response(literal: ast.Dict, edits: Edits) -> None:
    """Edit the literal to a call with the same values in the same order, layout and comments included."""
    start, end = edits.start(literal), edits.end(literal)
    names = [key.value for key in literal.keys if isinstance(key, ast.Constant)]
    body = "" if "body" in names else 'body="", '
    edits.replace_part(start, start + 1, f"{RESPONSE}({body}")
    before = start + 1
    for name, key, value in zip(names, literal.keys, literal.values, strict=True):
        assert key is not None
        place = edits.start(key)
        if name in _ARGUMENTS:
            colon = re.compile(r"\s*:\s*").match(edits.text, edits.end(key))
            edits.replace_part(place, colon.end() if colon else place, f"{_ARGUMENTS[str(name)]}=")
        else:
            _take_out(edits, before, place, edits.end(value), end - 1)
        before = edits.end(value)
    edits.replace_part(end - 1, end, ")")


def _take_out(edits: Edits, before: int, start: int, end: int, last: int) -> None:
    """Take an item out, with the comma behind it or else the one before."""
    comma = re.compile(r"[ \t]*,[ \t]*(?:\n(?=[ \t]*[\"']))?[ \t]*").match(edits.text, end, last)
    if comma:
        edits.replace_part(start, comma.end(), "")
        return
    gap = re.compile(r",\s*").search(edits.text, before, start)
    edits.replace_part(gap.start() if gap and gap.end() == start else start, end, "")
