"""Values that the source alone shows: literals, what is made of them, and environment variables that are set.

Nothing is run. What depends on a variable that is only set on deployment is a text with a reference in it.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from converter.python.definitions import assigned_value, find_function, find_home, read_helper
from converter.python.module import Module

UNKNOWN: Any = object()

_DEPTH = 12
# A helper is looked into once; its own helpers are not.
_METHODS = frozenset(
    """
    capitalize casefold format join lower lstrip removeprefix removesuffix replace rstrip split strip title
    upper
    """.split()
)
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "bool": bool,
    "dict": dict,
    "int": int,
    "len": len,
    "list": list,
    "str": str,
    "tuple": tuple,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ENVIRON = ("os.environ", "environ")
_GET_VARIABLE = ("os.getenv", "getenv", "os.environ.get", "environ.get")


def evaluate(
    node: ast.expr,
    module: Module,
    find_module: Callable[[str], Module | None],
    variables: Mapping[str, Any] | None = None,
    missing: Callable[[str], Any] = lambda name: UNKNOWN,
    known: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """The value of an expression, UNKNOWN where the source does not show it.

    `variables` are the environment variables that are set, UNKNOWN where that is not known. `missing` gives
    the value of one that is asked for without a default and is not among them: UNKNOWN, or a reference
    ({"Ref": ...}) to what deployment says. `known` are a library's values and
    functions by their dotted names.
    """
    return _Evaluation(find_module, variables or {}, missing, known).evaluate(node, module, {}, _DEPTH)


@dataclass(frozen=True)
class _Evaluation:
    find_module: Callable[[str], Module | None]
    variables: Mapping[str, Any]
    missing: Callable[[str], Any]
    known: Mapping[str, Any]

    def evaluate(self, node: ast.expr, module: Module, bound: Mapping[str, Any], depth: int) -> Any:
        """The value, where the names in `bound` have these values."""
        if depth == 0:
            return UNKNOWN
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            pass
        evaluate = _KINDS.get(type(node))
        if evaluate is None:
            return UNKNOWN
        try:
            return evaluate(
                self, node, lambda inner: self.evaluate(inner, module, bound, depth - 1), module, bound, depth
            )
        except (_UnknownError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
            return UNKNOWN

    # --- made of other values ---------------------------------------------------------

    def _joined(self, node: ast.JoinedStr, value_of: _ValueOf, *_: Any) -> Any:
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.conversion != -1 or part.format_spec is not None:
                    return UNKNOWN
                parts.append(_sure(value_of(part.value)))
            else:
                parts.append(_sure(value_of(part)))
        return _join(parts)

    def _binary(self, node: ast.BinOp, value_of: _ValueOf, *_: Any) -> Any:
        left, right = _sure(value_of(node.left)), _sure(value_of(node.right))
        if isinstance(node.op, ast.Add):
            if _is_reference(left) or _is_reference(right):
                return _join([left, right])
            return left + right if type(left) is type(right) else UNKNOWN
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return _format_percent(left, right)
        if isinstance(node.op, (ast.Mult, ast.Sub)) and type(left) is type(right) is int:
            return left * right if isinstance(node.op, ast.Mult) else left - right
        return UNKNOWN

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, value_of: _ValueOf, *_: Any) -> Any:
        items = [_sure(value_of(item)) for item in node.elts]
        return (
            tuple(items)
            if isinstance(node, ast.Tuple)
            else set(items)
            if isinstance(node, ast.Set)
            else items
        )

    def _mapping(self, node: ast.Dict, value_of: _ValueOf, *_: Any) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                found.update(_sure(value_of(value)))
            else:
                found[_sure(value_of(key))] = _sure(value_of(value))
        return found

    def _choice(self, node: ast.IfExp, value_of: _ValueOf, *_: Any) -> Any:
        return value_of(node.body if _plain(value_of(node.test)) else node.orelse)

    def _either(self, node: ast.BoolOp, value_of: _ValueOf, *_: Any) -> Any:
        value = UNKNOWN
        for item in node.values:
            value = _sure(value_of(item))
            if bool(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _comparison(self, node: ast.Compare, value_of: _ValueOf, *_: Any) -> Any:
        if len(node.ops) != 1 or type(node.ops[0]) not in _COMPARISONS:
            return UNKNOWN
        left, right = _plain(value_of(node.left)), _plain(value_of(node.comparators[0]))
        return _COMPARISONS[type(node.ops[0])](left, right)

    def _not(self, node: ast.UnaryOp, value_of: _ValueOf, *_: Any) -> Any:
        return not _plain(value_of(node.operand)) if isinstance(node.op, ast.Not) else UNKNOWN

    def _item(self, node: ast.Subscript, value_of: _ValueOf, module: Module, *_: Any) -> Any:
        key = _sure(value_of(node.slice))
        if module.dotted(node.value) in _ENVIRON:
            return self.variables[key] if key in self.variables else self.missing(key)
        return _sure(value_of(node.value))[key]

    # --- calls --------------------------------------------------------------------------

    def _call(
        self, node: ast.Call, value_of: _ValueOf, module: Module, bound: Mapping[str, Any], depth: int
    ) -> Any:
        dotted = module.dotted(node.func) or ""
        arguments = [_sure(value_of(argument)) for argument in node.args]
        named = {keyword.arg: _sure(value_of(keyword.value)) for keyword in node.keywords if keyword.arg}
        if len(named) != len(node.keywords):
            return UNKNOWN
        if dotted in _GET_VARIABLE:
            name, *default = arguments
            default = default or list(named.values())
            return self.variables.get(name, default[0] if default else self.missing(name))
        if dotted in self.known:
            return self.known[dotted](*arguments, **named)
        if (
            isinstance(node.func, ast.Name)
            and node.func.id in _FUNCTIONS
            and node.func.id not in module.binders
        ):
            return _FUNCTIONS[node.func.id](*map(_plain, arguments), **named)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            owner = value_of(node.func.value)
            if isinstance(owner, str):
                return _call_method(owner, node.func.attr, arguments, named)
        return self._call_helper(node.func, arguments, named, module, depth)

    def _call_helper(
        self, node: ast.expr, arguments: list[Any], named: dict[str, Any], module: Module, depth: int
    ) -> Any:
        """What a function of the project's own gives that does nothing but return an expression."""
        found = find_function(module, node, self.find_module)
        helper = read_helper(found[1]) if found else None
        if found is None or helper is None:
            return UNKNOWN
        home, _ = found
        given = dict(zip(helper.parameters, arguments, strict=False)) | named
        for parameter, default in helper.parameters.items():
            if parameter not in given:
                if default is None:
                    return UNKNOWN
                given[parameter] = _sure(self.evaluate(default, home, {}, depth - 1))
        return self.evaluate(helper.returned, home, given, depth - 1)

    # --- names ----------------------------------------------------------------------------

    def _name(
        self, node: ast.Name, value_of: _ValueOf, module: Module, bound: Mapping[str, Any], depth: int
    ) -> Any:
        if node.id in bound:
            return bound[node.id]
        home, name = find_home(node, module, self.find_module)
        value = assigned_value(home, name) if home else None
        return UNKNOWN if value is None or home is None else self.evaluate(value, home, {}, depth - 1)

    def _attribute(
        self, node: ast.Attribute, value_of: _ValueOf, module: Module, bound: Mapping[str, Any], depth: int
    ) -> Any:
        if (dotted := module.dotted(node) or "") in self.known:
            return self.known[dotted]
        home, name = find_home(node, module, self.find_module)
        if home is not None and name in home.binders:
            return self.evaluate(ast.Name(name), home, {}, depth - 1)
        if node.attr == "value" and isinstance(node.value, ast.Attribute):
            # Of a member of an Enum.
            return self._attribute_of_class(node.value, module, depth)
        return self._attribute_of_class(node, module, depth)

    def _attribute_of_class(self, node: ast.Attribute, module: Module, depth: int) -> Any:
        """A constant in the body of a class, asked of the class or of an object that is made of nothing."""
        home, name = find_home(node.value, module, self.find_module)
        value = assigned_value(home, name) if home is not None else None
        if isinstance(value, ast.Call) and home is not None and not value.args and not value.keywords:
            home, name = find_home(value.func, home, self.find_module)
        binders = home.binders.get(name, []) if home is not None else []
        if home is None or len(binders) != 1 or not isinstance(binders[0].node, ast.ClassDef):
            return UNKNOWN
        found = [
            statement.value
            for statement in binders[0].node.body
            if isinstance(statement, (ast.Assign, ast.AnnAssign))
            and any(isinstance(one, ast.Name) and one.id == node.attr for one in _targets(statement))
        ]
        return self.evaluate(found[0], home, {}, depth - 1) if len(found) == 1 and found[0] else UNKNOWN


class _UnknownError(Exception):
    """A part of the expression is not shown."""


_ValueOf = Callable[[ast.expr], Any]

_KINDS: Mapping[type[ast.expr], Callable[..., Any]] = {
    ast.Attribute: _Evaluation._attribute,
    ast.BinOp: _Evaluation._binary,
    ast.BoolOp: _Evaluation._either,
    ast.Call: _Evaluation._call,
    ast.Compare: _Evaluation._comparison,
    ast.Dict: _Evaluation._mapping,
    ast.IfExp: _Evaluation._choice,
    ast.JoinedStr: _Evaluation._joined,
    ast.List: _Evaluation._sequence,
    ast.Name: _Evaluation._name,
    ast.Set: _Evaluation._sequence,
    ast.Subscript: _Evaluation._item,
    ast.Tuple: _Evaluation._sequence,
    ast.UnaryOp: _Evaluation._not,
}


def _sure(value: Any) -> Any:
    if value is UNKNOWN:
        raise _UnknownError
    return value


def _plain(value: Any) -> Any:
    """A value that is known now, not on deployment."""
    if value is UNKNOWN or _is_reference(value):
        raise _UnknownError
    return value


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Ref", "Fn::Sub")


def _join(parts: list[Any]) -> Any:
    """The parts as one text, with references where deployment knows a part."""
    if not any(map(_is_reference, parts)):
        return "".join(map(str, parts))
    texts = []
    for part in parts:
        if not _is_reference(part):
            texts.append(str(part).replace("${", "${!"))
        else:
            texts.append(part["Fn::Sub"] if "Fn::Sub" in part else f"${{{part['Ref']}}}")
    return {"Fn::Sub": "".join(texts)}


_MARK = "\0"


def _format_percent(text: str, values: Any) -> Any:
    given = values if isinstance(values, tuple) else (values,)
    if isinstance(values, dict) and not _is_reference(values):
        return text % values
    return _with_marks(lambda marked: text % tuple(marked), list(given))


def _call_method(owner: str, method: str, arguments: list[Any], named: dict[str, Any]) -> Any:
    if method == "format":
        names = list(named)
        values = [*arguments, *named.values()]
        count = len(arguments)
        return _with_marks(
            lambda marked: owner.format(*marked[:count], **dict(zip(names, marked[count:], strict=True))),
            values,
        )
    if method == "join" and any(map(_is_reference, arguments[0])):
        items = list(arguments[0])
        return _join([part for item in items for part in (owner, item)][1:])
    return getattr(owner, method)(*map(_plain, arguments))


def _with_marks(write: Callable[[list[Any]], str], values: list[Any]) -> Any:
    """What is written of the values, each reference put in for the mark that stood for it."""
    marked = [
        f"{_MARK}{number}{_MARK}" if _is_reference(value) else value for number, value in enumerate(values)
    ]
    pieces = write(marked).split(_MARK)
    return _join([values[int(piece)] if number % 2 else piece for number, piece in enumerate(pieces)])


def _targets(statement: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]
