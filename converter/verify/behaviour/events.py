"""Events for a handler, made up from what its source reads of them.

The shapes of the events of AWS's services are those of
https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html.
"""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from converter.model import Json
from converter.sam.sample_events import RECORDS, RULE_EVENT, request, sample_event
from converter.verify.behaviour.requests import Route, make_requests

# More events of one handler say little more.
MOST_EVENTS = 40
MOST_REQUESTS = 240

# What a value may be whose use the source does not show.
_SAMPLES: tuple[Json, ...] = ("text", 7, [3, 1, 2])
_ODD: tuple[Json, ...] = ("naïve ☃ 日本", "", -1.5, None, [], {})


@dataclass
class _Read:
    """What the source does with one value: its keys, its items, the constants it is held against."""

    keys: dict[str, _Read] = field(default_factory=dict)
    item: _Read | None = None
    constants: list[Json] = field(default_factory=list)
    sample: Json = None

    def key(self, name: str) -> _Read:
        return self.keys.setdefault(name, _Read())

    def items(self) -> _Read:
        self.item = self.item or _Read()
        return self.item


def make_events(source: str, function: str) -> list[Json]:
    """Events for the function of that name in a module's source, the plainest first, at most MOST_EVENTS.

    A function that is not there, or a source that does not parse, gets the events that any handler does.
    """
    read = _read_event(source, function)
    events = [*_vary(read), *_list_service_events(source, read), {}, None, [], "text"]
    return list(_distinct(events))[:MOST_EVENTS]


def make_events_of(kind: str, source: str) -> list[Json]:
    """Events of a kind, as SAM names it, with payloads that the source speaks of, if the kind has a shape."""
    plain = sample_event(kind)
    if plain is None:
        return []
    payloads = list(_list_payloads(source))
    if kind not in RECORDS:
        if kind not in ("CloudWatchEvent", "Schedule"):
            return list(_distinct([plain, *_vary_leaves(plain)]))
        details = [json.loads(payload) for payload in payloads if payload.startswith('{"')]
        return list(_distinct([plain, *({**plain, "detail": detail} for detail in details)]))
    records = [RECORDS[kind], *(_with_payload(kind, RECORDS[kind], payload) for payload in payloads)]
    if kind == "DynamoDB":
        records += [_with(RECORDS[kind], ("eventName",), name) for name in ("INSERT", "REMOVE")]
        records += [_without(RECORDS[kind], ("dynamodb", image)) for image in ("NewImage", "OldImage")]
    single = [{"Records": [record]} for record in records]
    return list(_distinct([*single, {"Records": records[:3]}, {"Records": records[-2:]}]))[:MOST_EVENTS]


def _vary_leaves(event: Json) -> Iterator[Json]:
    """The event with another text for each of its own."""
    for name, value in event.items():
        if isinstance(value, str):
            yield from (
                {**event, name: text} for text in ("text", "naïve ☃", '{"name": "text"}', "{not json")
            )


def make_requests_of(routes: Iterable[Route], sources: Iterable[str]) -> list[Json]:
    """Requests to each route, with the names and values that the sources speak of."""
    words = [_list_words(source) for source in sources]
    keys = list(dict.fromkeys(key for found, _ in words for key in found))
    values = list(dict.fromkeys(value for _, found in words for value in found))
    return make_requests(routes, keys[:12], values[:12], MOST_REQUESTS)


def _list_payloads(source: str) -> Iterator[str]:
    """Texts for a message: JSON with the keys that the source names, with and without each; no JSON; none."""
    keys, constants = _list_words(source)
    for sample in _SAMPLES:
        yield json.dumps(dict.fromkeys(keys, sample))
    for key in keys:
        yield json.dumps({other: "text" for other in keys if other != key})
        for constant in constants[:8]:
            yield json.dumps({**dict.fromkeys(keys, "text"), key: constant})
    yield from (constant for constant in constants if isinstance(constant, str))
    yield from ("naïve ☃ 日本", "[1, 2]", "{not json", "")


def _list_words(source: str) -> tuple[list[str], list[Json]]:
    """The keys that the source asks for, and the constants that it holds values against."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError):
        return [], []
    keys, constants = [], []
    for node in nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            keys += [node.slice.value] if isinstance(node.slice.value, str) else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr == "get":
                keys += [each for each in _list_constants(node.args[0]) if isinstance(each, str)]
            elif node.func.attr in _OF_TEXT:
                constants += _list_constants(node.args[0])
        elif isinstance(node, ast.Compare):
            constants += [each for side in (node.left, *node.comparators) for each in _list_constants(side)]
    return list(dict.fromkeys(keys)), list(dict.fromkeys(constants))


# Where a record holds what its sender wrote.
_PAYLOADS = {"S3": ("s3", "object", "key"), "SNS": ("Sns", "Message"), "SQS": ("body",)}


def _with_payload(kind: str, record: Json, payload: str) -> Json:
    if kind == "Kinesis":
        return _with(record, ("kinesis", "data"), base64.b64encode(payload.encode()).decode())
    if kind == "DynamoDB":
        return _with(record, ("dynamodb", "NewImage", "text"), {"S": payload})
    if kind == "S3":
        # S3 quotes keys as forms do.
        payload = quote_plus(payload)
    return _with(record, _PAYLOADS[kind], payload)


def _distinct(events: Iterable[Json]) -> Iterator[Json]:
    seen = set()
    for event in events:
        text = json.dumps(event, sort_keys=True)
        if text not in seen:
            seen.add(text)
            yield event


# --- what the source reads --------------------------------------------------------------


def _read_event(source: str, function: str) -> _Read:
    read = _Read()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return read
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    if function in functions and functions[function].args.args:
        _follow(functions[function], 0, read, functions, set())
    return read


def _follow(
    function: ast.FunctionDef,
    position: int,
    read: _Read,
    functions: dict[str, ast.FunctionDef],
    seen: set[str],
) -> None:
    """Note what a function reads of its argument, and what the functions do that it hands parts of it to."""
    if function.name in seen or position >= len(function.args.args):
        return
    names = {function.args.args[position].arg: read}
    nodes = list(ast.walk(function))
    # Names may be bound below the place where they are used in a loop: twice sees them all.
    for _ in range(2):
        for node in nodes:
            _bind(node, names)
    for node in nodes:
        _note(node, names)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            for index, argument in enumerate(node.args):
                part = _find(argument, names)
                if part is not None:
                    _follow(functions[node.func.id], index, part, functions, {*seen, function.name})


def _bind(node: ast.AST, names: dict[str, _Read]) -> None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        part = _find(node.value, names)
        if part is not None:
            names.setdefault(node.targets[0].id, part)
    elif isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.target, ast.Name):
        part = _find(node.iter, names)
        if part is not None:
            names.setdefault(node.target.id, part.items())


def _find(node: ast.expr, names: dict[str, _Read]) -> _Read | None:
    """The part of the event that an expression is."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        part = _find(node.value, names)
        if part is not None and isinstance(node.slice.value, str):
            return part.key(node.slice.value)
        if part is not None and isinstance(node.slice.value, int):
            return part.items()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        part = _find(node.func.value, names)
        if part is not None and node.args and isinstance(node.args[0], ast.Constant):
            found = part.key(str(node.args[0].value))
            if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                found.sample = node.args[1].value if found.sample is None else found.sample
            return found
    if isinstance(node, ast.BoolOp):
        return next((part for value in node.values if (part := _find(value, names)) is not None), None)
    return None


_OF_TEXT = {
    "encode",
    "endswith",
    "lower",
    "lstrip",
    "replace",
    "rstrip",
    "split",
    "startswith",
    "strip",
    "title",
    "upper",
}


def _note(node: ast.AST, names: dict[str, _Read]) -> None:
    """What a use says of a value."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        constants = [each for side in sides for each in _list_constants(side)]
        for side in sides:
            part = _find(side, names)
            if part is not None and constants:
                if isinstance(node.ops[0], (ast.In, ast.NotIn)) and side is node.comparators[0]:
                    for name in constants:
                        part.key(str(name))
                else:
                    part.constants += constants
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        part = _find(node.args[0], names)
        if part is not None and part.sample is None:
            samples: dict[str, Json] = {
                "int": "7",
                "float": "7.5",
                "sum": [3, 1, 2],
                "max": [3, 1],
                "str": "text",
            }
            part.sample = samples.get(node.func.id)
    elif isinstance(node, ast.Attribute) and node.attr in _OF_TEXT:
        part = _find(node.value, names)
        if part is not None and part.sample is None:
            part.sample = "text"
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        for side in (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,):
            part = _find(side, names)
            if part is not None and part.sample is None and isinstance(node.op, (ast.Mult, ast.Sub, ast.Div)):
                part.sample = 7
    else:
        for expression in ast.iter_child_nodes(node):
            if isinstance(expression, ast.expr):
                _find(expression, names)


def _list_constants(node: ast.expr) -> list[Json]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str | int | float | bool) else []
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return [each for item in node.elts for each in _list_constants(item)]
    return []


# --- events of that shape -----------------------------------------------------------------


def _vary(read: _Read) -> Iterator[Json]:
    """The event with all keys; then each key missing, each in another way."""
    plain = [_build(read, sample) for sample in _SAMPLES]
    yield from plain
    if read.item is not None:
        yield [_build(read.item, _SAMPLES[0])] * 3
    paths = list(_list_paths(read))
    for path, part in paths:
        yield from (_with(plain[0], path, constant) for constant in part.constants)
    for path, _ in paths:
        yield _without(plain[0], path)
    for path, _ in paths:
        yield from (_with(plain[0], path, odd) for odd in _ODD[:2])
    for path, _ in paths:
        yield from (_with(plain[0], path, odd) for odd in _ODD[2:])


def _build(read: _Read, sample: Json) -> Json:
    if read.keys:
        return {name: _build(part, sample) for name, part in read.keys.items()}
    if read.item is not None:
        return [_build(read.item, sample), _build(read.item, _SAMPLES[1])]
    if read.sample is not None:
        return read.sample
    return read.constants[0] if read.constants else sample


def _list_paths(read: _Read, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], _Read]]:
    for name, part in read.keys.items():
        yield (*path, name), part
        yield from _list_paths(part, (*path, name))


def _with(event: Json, path: tuple[str, ...], value: Json) -> Json:
    name, *rest = path
    inner = event.get(name) if isinstance(event, dict) else None
    return (
        {**event, name: _with(inner, tuple(rest), value) if rest else value}
        if isinstance(event, dict)
        else event
    )


def _without(event: Json, path: tuple[str, ...]) -> Json:
    if not isinstance(event, dict):
        return event
    name, *rest = path
    if rest:
        return {**event, name: _without(event.get(name), tuple(rest))}
    return {key: value for key, value in event.items() if key != name}


# --- events of services -------------------------------------------------------------------


def _list_service_events(source: str, read: _Read) -> Iterator[Json]:
    """Events of those services whose keys the source reads."""
    if "Records" in read.keys:
        for record in RECORDS.values():
            yield {"Records": [record]}
            yield {"Records": [record, record]}
    if read.keys.keys() & {"body", "httpMethod", "pathParameters", "queryStringParameters", "requestContext"}:
        yield from _list_requests(read)
    if read.keys.keys() & {"detail", "detail-type", "source"}:
        yield RULE_EVENT
    if "Records" not in read.keys and "Records" in source:
        yield from ({"Records": [record]} for record in RECORDS.values())


def _list_requests(read: _Read) -> Iterator[Json]:
    """Requests by API Gateway, with the parameters that the source reads."""
    names = {name: list(read.key(name).keys) for name in ("pathParameters", "queryStringParameters")}
    path = "/items" + "".join(f"/{{{name}}}" for name in names["pathParameters"] or ["id"])
    query = dict.fromkeys(names["queryStringParameters"] or ["q"], "text")
    text = json.dumps({"name": "text", "count": 7, "ä": "☃"})
    yield request("GET", path, query=query)
    yield request("GET", "/items")
    for method in ("POST", "PUT", "DELETE"):
        yield request(method, path, query=query, body=text)
    yield request("POST", path, query=query, body="{not json")
    yield request("POST", path, query=query, body="")
    yield request("POST", path, query=query, body=text, content_type="text/plain")
    encoded = base64.b64encode(text.encode()).decode()
    yield {**request("POST", path, query=query, body=encoded), "isBase64Encoded": True}
