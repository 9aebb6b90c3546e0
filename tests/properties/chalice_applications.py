"""
Small Chalice applications made up at random: what Python allows between two handlers, and any config.

Statements and functions tell of what they do with `world.note`, so that their order can be compared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

STAGES = ("dev", "staging", "prod")

_RATES = '''\
"""What several modules agree on."""

from chalicelib.words import WORD

RATE = 3


def convert(x):
    return f"{WORD} {x * RATE}"
'''


@dataclass
class Source:
    """An app.py as it grows: its statements, and the names that later ones may use."""

    statements: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    counters: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    getters: list[str] = field(default_factory=list)
    decorators: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)

    def add(self, text: str) -> None:
        self.statements.append(f"# Why there is statement {self.count}.\n{text}")


@dataclass(frozen=True)
class Project:
    """A Chalice project, and the Python names of its handlers by those of the functions."""

    files: dict[str, bytes]
    handlers: dict[str, str]

    def __repr__(self) -> str:
        return "\n".join(f"--- {path}\n{text.decode()}" for path, text in self.files.items())


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Any such project, with one to four handlers."""
    source = Source()
    for add in draw(st.lists(st.sampled_from(_STATEMENTS), min_size=2, max_size=16)):
        add(source, draw)
    for _ in range(draw(st.integers(1, 3))):
        _add_handler(source, draw)
        for add in draw(st.lists(st.sampled_from(_STATEMENTS), max_size=3)):
            add(source, draw)
    handlers = {name.replace("_", "-"): name for name in source.handlers}
    files = {
        "app.py": _write_app(source),
        "chalicelib/__init__.py": "",
        "chalicelib/rates.py": _RATES,
        "chalicelib/words.py": 'WORD = "about"\n',
        "requirements.txt": "",
        ".chalice/config.json": json.dumps(draw(configs(list(handlers))), indent=2) + "\n",
    }
    return Project({path: text.encode() for path, text in files.items()}, handlers)


def _write_app(source: Source) -> str:
    head = (
        "import functools\nimport json\nimport logging\nimport os\n\n"
        "from chalice import Chalice\nfrom world import note\n\n"
        'from chalicelib.rates import RATE, convert\n\napp = Chalice(app_name="made-up")\n'
    )
    return head + "".join(f"\n\n{statement}" for statement in source.statements)


# --- statements -----------------------------------------------------------------------


def _add_number(source: Source, draw: st.DrawFn) -> None:
    name = f"K{source.count}"
    source.add(f"{name} = {_draw_number(source, draw)}\n")
    source.numbers.append(name)


def _add_computed_number(source: Source, draw: st.DrawFn) -> None:
    if source.helpers:
        name = f"K{source.count}"
        source.add(f"{name} = {draw(st.sampled_from(source.helpers))}({_draw_number(source, draw)})\n")
        source.numbers.append(name)


def _add_choice(source: Source, draw: st.DrawFn) -> None:
    name = f"K{source.count}"
    number = _draw_number(source, draw)
    source.add(f"if {number} > 2:\n    {name} = 1\nelse:\n    {name} = 2  # in doubt\n")
    source.numbers.append(name)


def _add_list(source: Source, draw: st.DrawFn) -> None:
    name = f"L{source.count}"
    source.add(f"{name} = [{_draw_number(source, draw)}]\n")
    source.lists.append(name)


def _add_append(source: Source, draw: st.DrawFn) -> None:
    if source.lists:
        source.add(f"{draw(st.sampled_from(source.lists))}.append({_draw_number(source, draw)})\n")


def _add_counter(source: Source, draw: st.DrawFn) -> None:
    name = f"S{source.count}"
    source.add(f'{name} = {{"count": 0}}\n')
    source.counters.append(name)


def _add_pair(source: Source, draw: st.DrawFn) -> None:
    first, second = f"K{source.count}", f"M{source.count}"
    source.add(f"{first}, {second} = {_draw_number(source, draw)}, {_draw_number(source, draw)}\n")
    source.numbers += [first, second]


def _add_change_of_number(source: Source, draw: st.DrawFn) -> None:
    if source.numbers:
        name = draw(st.sampled_from(source.numbers))
        form = draw(
            st.sampled_from(["{name} += {number}", "{name} = {name} + {number}", "{name} = {number}"])
        )
        source.add(form.format(name=name, number=_draw_number(source, draw)) + "\n")


def _add_alias(source: Source, draw: st.DrawFn) -> None:
    if source.lists:
        name = f"L{source.count}"
        source.add(f"{name} = {draw(st.sampled_from(source.lists))}\n")
        source.lists.append(name)


def _add_two_names(source: Source, draw: st.DrawFn) -> None:
    first, second = f"L{source.count}", f"N{source.count}"
    source.add(f"{first} = {second} = []\n")
    source.lists += [first, second]


def _add_table(source: Source, draw: st.DrawFn) -> None:
    """Functions, handlers among them, that are called by key."""
    named = [name for name in source.helpers if "(" not in name]
    if named:
        name = f"T{source.count}"
        first, use = draw(st.sampled_from(named)), _draw_use(source, draw)
        source.add(f'{name} = {{"a": {first}, "b": lambda x: x + {use}}}\n')
        source.helpers += [f'{name}["a"]', f'{name}["b"]']


def _add_attempt(source: Source, draw: st.DrawFn) -> None:
    name = f"K{source.count}"
    number = _draw_number(source, draw)
    source.add(f"try:\n    from nowhere import {name}\nexcept ImportError:\n    {name} = {number}\n")
    source.numbers.append(name)


def _add_variable(source: Source, draw: st.DrawFn) -> None:
    name = f"K{source.count}"
    source.add(f'os.environ["{name}"] = str({_draw_number(source, draw)})\n')
    source.add(f'{name} = int(os.environ["{name}"])\n')
    source.numbers.append(name)


def _add_logger(source: Source, draw: st.DrawFn) -> None:
    source.add("logging.getLogger().setLevel(10 * " + _draw_number(source, draw) + ")\n")
    source.numbers.append("logging.getLogger().level")


def _add_effect(source: Source, draw: st.DrawFn) -> None:
    source.add(f'note("effect {source.count}", {_draw_number(source, draw)})\n')


def _add_loop(source: Source, draw: st.DrawFn) -> None:
    source.add(
        f"for each in range({draw(st.integers(1, 2))}):\n    note({_draw_number(source, draw)}, each)\n"
    )


def _add_getter(source: Source, draw: st.DrawFn) -> None:
    number = source.count
    source.add(f"_made{number} = None\n")
    source.add(
        f"def get{number}():\n    global _made{number}\n    if _made{number} is None:\n"
        f'        note("made {number}")\n        _made{number} = {_draw_number(source, draw)}\n'
        f"    return _made{number}\n"
    )
    source.getters.append(f"get{number}")


def _add_decorator(source: Source, draw: st.DrawFn) -> None:
    name = f"decorate{source.count}"
    source.add(
        f"def {name}(function):\n    @functools.wraps(function)\n    def wrapper(event, context):\n"
        f'        note("{name}", {_draw_number(source, draw)})\n        return function(event, context)\n\n'
        f"    return wrapper\n"
    )
    source.decorators.append(name)


def _add_class(source: Source, draw: st.DrawFn) -> None:
    name = f"Thing{source.count}"
    source.add(
        f'class {name}:\n    """A thing."""\n\n    size = {_draw_number(source, draw)}\n\n'
        f"    def grow(self, x):\n        return self.size + {_draw_use(source, draw)}\n"
    )
    source.helpers.append(f"{name}().grow")


def _add_helper(source: Source, draw: st.DrawFn) -> None:
    name = f"help{source.count}"
    default = f", y={_draw_number(source, draw)}" if draw(st.booleans()) else ""
    lines = [f'note("{name}", x)'] if draw(st.booleans()) else []
    lines += _draw_changes(source, draw)
    lines.append(f"return x + {_draw_use(source, draw)}{' + y' if default else ''}")
    source.add(f"def {name}(x{default}):\n" + "".join(f"    {line}\n" for line in lines))
    source.helpers.append(name)


def _add_handler(source: Source, draw: st.DrawFn) -> None:
    name = f"handler_{source.count}"
    above, below = ("".join(f"@{each}\n" for each in _draw_some(source.decorators, draw)) for _ in range(2))
    lines = ['x = event["n"]', "result = [x]", *_draw_changes(source, draw)]
    lines += [f"result.append({_draw_use(source, draw)})" for _ in range(draw(st.integers(0, 3)))]
    calls_another: bool = draw(st.booleans())
    if source.handlers and calls_another:
        # As functions call each other.
        lines.append(f"result.append({draw(st.sampled_from(source.handlers))}(event, context))")
    source.add(
        f'{above}@app.lambda_function(name="{name.replace("_", "-")}")\n{below}'
        f"def {name}(event, context):\n" + "".join(f"    {line}\n" for line in lines) + "    return result\n"
    )
    source.handlers.append(name)


def _draw_some(choices: list[str], draw: st.DrawFn) -> list[str]:
    return draw(st.lists(st.sampled_from(choices), max_size=2, unique=True)) if choices else []


def _any_of(names: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(names) if names else st.nothing()


def _draw_number(source: Source, draw: st.DrawFn) -> str:
    """What a statement can work out while the module is loaded."""
    lengths = [f"len({name})" for name in source.lists]
    return str(draw(st.integers(0, 5) | st.just("RATE") | _any_of(source.numbers) | _any_of(lengths)))


def _draw_use(source: Source, draw: st.DrawFn) -> str:
    """What a function's body can work out from its number x."""
    kinds = [
        _any_of(source.numbers),
        _any_of([f"{name}(x)" for name in source.helpers]),
        _any_of([f"{name}()" for name in source.getters]),
        _any_of([f'{name}["count"]' for name in source.counters]),
        _any_of([f"len({name})" for name in source.lists]),
        st.sampled_from(["RATE", "len(convert(x))", "len(json.dumps(x))", "1"]),
    ]
    return str(draw(st.one_of(kinds)))


def _draw_changes(source: Source, draw: st.DrawFn) -> list[str]:
    """Statements in a function's body that change the module's state."""
    changes = [f'{name}["count"] += x' for name in source.counters] + [
        f"{name}.append(x)" for name in source.lists
    ]
    return _draw_some(changes, draw)


_STATEMENTS = (
    _add_number,
    _add_pair,
    _add_change_of_number,
    _add_alias,
    _add_two_names,
    _add_table,
    _add_attempt,
    _add_variable,
    _add_logger,
    _add_computed_number,
    _add_choice,
    _add_list,
    _add_append,
    _add_counter,
    _add_effect,
    _add_loop,
    _add_getter,
    _add_decorator,
    _add_class,
    _add_helper,
    _add_helper,
)

# --- configs --------------------------------------------------------------------------

_ARNS = st.integers(1, 3).map("arn:aws:lambda:us-east-1:123456789012:layer:base:{}".format)
_SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "lambda_memory_size": st.sampled_from([128, 256, 1024]),
    "lambda_timeout": st.sampled_from([3, 60, 900]),
    "environment_variables": st.dictionaries(
        st.sampled_from(["TABLE", "LOG_LEVEL", "URL"]), st.sampled_from(["a", "10 %", "0123", "true", "x: y"])
    ),
    "tags": st.dictionaries(st.sampled_from(["team", "cost-center"]), st.sampled_from(["a", "117"])),
    "reserved_concurrency": st.integers(0, 5),
    "log_retention_in_days": st.sampled_from([1, 14, 365]),
    "layers": st.lists(_ARNS, min_size=1, max_size=2, unique=True),
}


def _pick(settings: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=settings)


@st.composite
def configs(draw: st.DrawFn, functions: list[str]) -> dict[str, Any]:
    """Any settings, at all three levels."""
    per_app = _pick({**_SETTINGS, "xray": st.booleans(), "automatic_layer": st.booleans()})
    per_stage = _pick(
        {**_SETTINGS, "lambda_functions": st.dictionaries(st.sampled_from(functions), _pick(_SETTINGS))}
    )
    stages = draw(st.lists(st.sampled_from(STAGES), min_size=1, unique=True))
    return {
        "version": "2.0",
        "app_name": "made-up",
        **draw(per_app),
        "stages": {stage: draw(per_stage) for stage in stages},
    }
