"""
What importing a module does, as far as anything outside it can tell.

Chalice imports app.py in every Lambda process of the application, and on the machine
that packages it. So a module may only be imported there if that is the same to the
other functions, and works with none of the function's own environment.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from converter.python.imports import read_text
from converter.python.module import Module, Statement, is_main_test, is_text, resolve_relative
from converter.python.walk import children


class Effect(IntEnum):
    """What a piece of code does when it runs; of several the greatest counts."""

    NONE = 0
    MAYBE_NONE = 1
    """An expression whose value is None where a variable of the environment is not set."""
    PROCESS = 2
    """Alters what the whole process shares (the root logger, stdout), and needs nothing for it."""
    UNKNOWN = 3


@dataclass(frozen=True)
class Facts:
    """Of a module: the effect of each statement, and what is known of the values it makes.

    `origins` says how a value was made (`{"table": "boto3.resource().Table()"}`),
    `wrappers` are the module's decorators that do nothing but wrap what they decorate, and keep
    its name; `wrapping` are the places where such a decorator is used. `on_process` are the
    statements that alter the process, also those of the modules that it imports.
    """

    effects: Mapping[Statement, Effect] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    may_be_none: frozenset[str] = frozenset()
    wrappers: frozenset[str] = frozenset()
    wrapping: frozenset[ast.expr] = frozenset()
    on_process: frozenset[str] = frozenset()
    at_least: Effect = Effect.NONE

    @property
    def effect(self) -> Effect:
        return max([self.at_least, *self.effects.values()])


INERT = Facts()
UNKNOWN = Facts(at_least=Effect.UNKNOWN)

_CHALICE = (
    "AuthResponse AuthRoute Blueprint CORSConfig CognitoUserPoolAuthorizer Cron CustomAuthorizer "
    "IAMAuthorizer Rate Response"
)
# Calls that only make a value. What would run other code of the module (map, filter) is not here.
_MAKE_VALUES = {
    "": (
        "abs bool bytes bytearray chr classmethod complex dict divmod enumerate float format frozenset "
        "hasattr hash int isinstance issubclass len list max min object ord pow property range repr "
        "reversed round set slice sorted staticmethod str sum tuple type zip"
    ),
    "abc": "abstractmethod",
    "boto3": "Session client resource",
    "boto3.Session()": "client resource",
    "boto3.dynamodb.conditions": "Attr Key",
    "boto3.dynamodb.types": "TypeDeserializer TypeSerializer",
    "boto3.resource()": "Bucket Queue Table Topic",
    "boto3.session": "Session",
    "boto3.session.Session()": "client resource",
    "botocore.config": "Config",
    "chalice": _CHALICE,
    "chalice.app": _CHALICE,
    "collections": "Counter OrderedDict defaultdict deque namedtuple",
    "contextlib": "contextmanager",
    "contextvars": "ContextVar",
    "dataclasses": "dataclass field",
    "datetime": "date datetime time timedelta timezone",
    "datetime.date": "today",
    "datetime.datetime": "now utcnow",
    "decimal": "Decimal",
    "enum": "Enum auto unique",
    "fractions": "Fraction",
    "functools": "cache lru_cache partial total_ordering wraps",
    "json": "dumps loads",
    "logging": "Formatter StreamHandler getLogger",
    "logging.getLogger(__name__)": "addHandler setLevel",
    "operator": "attrgetter itemgetter",
    "os": "getcwd getenv",
    "os.environ": "copy get",
    "os.path": "abspath basename dirname exists isfile join normpath realpath split splitext",
    "pathlib": "Path PurePath",
    "pytz": "timezone",
    "re": "compile",
    "requests": "Session",
    "string": "Template",
    "threading": "Lock RLock local",
    "time": "time",
    "types": "MappingProxyType SimpleNamespace",
    "typing": "NamedTuple NewType TypeVar TypedDict cast final overload runtime_checkable",
    "urllib3": "PoolManager",
    "uuid": "UUID uuid4",
    "zoneinfo": "ZoneInfo",
}
# Calls that need nothing from outside, and that the other functions of a process could notice.
_ALTER_PROCESS = {
    "": "print",
    "aws_lambda_powertools": "Logger Metrics Tracer",
    "aws_lambda_powertools.logging": "Logger",
    "aws_lambda_powertools.metrics": "Metrics",
    "aws_lambda_powertools.tracing": "Tracer",
    "aws_xray_sdk.core": "patch patch_all",
    "logging": "basicConfig captureWarnings disable",
    "logging.getLogger()": "addHandler setLevel",
    "sys.path": "append",
    "warnings": "filterwarnings simplefilter",
}


def _join_names(table: Mapping[str, str]) -> frozenset[str]:
    return frozenset(
        f"{owner}.{name}".lstrip(".") for owner, names in table.items() for name in names.split()
    )


_PURE = _join_names(_MAKE_VALUES)
_ALTERS_PROCESS = _join_names(_ALTER_PROCESS)
_WRAPPING_PACKAGES = ("aws_lambda_powertools.", "aws_xray_sdk.")
_CONTAINERS = ("dict", "dict()", "list", "list()")
_VALUES_WITH_METHODS = ("str", "bytes", "list", "dict", "set", "tuple")
# Where None is as good as any other value, or (by keyword) as no argument at all.
_TAKE_NONE = frozenset({"bool", "repr", "str"})
_TAKE_NONE_BY_KEYWORD = frozenset(
    {"boto3.Session", "boto3.client", "boto3.resource", "boto3.session.Session", "botocore.config.Config"}
)
_OF_PROPERTY = ("deleter", "getter", "setter")
_CATCHES_IMPORT_ERROR = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})

FindModule = Callable[[str], Facts | None]


def read_facts(
    module: Module,
    find: FindModule,
    environment: Collection[str] = (),
    expected: frozenset[str] = frozenset(),
) -> Facts:
    """What importing the module does.

    `find` gives the facts of an imported module, None if there is none, or it may not be installed.
    Variables in `environment` are set wherever app.py is imported. `expected` are calls and attributes,
    as `origins` has them, that do what is wanted of them.
    """
    reader = _Reader(module, find, frozenset(environment), expected)
    effects = {statement: _without_value(reader.read(statement.nodes)) for statement in module.statements}
    on_process = {
        ast.unparse(node)
        for statement, effect in effects.items()
        for node in statement.nodes
        if effect is Effect.PROCESS and not statement.is_import
    }
    return Facts(
        effects,
        reader.origins,
        frozenset(reader.may_be_none),
        frozenset(reader.wrappers),
        frozenset(reader.wrapping),
        frozenset(on_process | reader.on_process),
    )


def _without_value(effect: Effect) -> Effect:
    return Effect.NONE if effect is Effect.MAYBE_NONE else effect


class _Reader(ast.NodeVisitor):
    def __init__(
        self, module: Module, find: FindModule, environment: frozenset[str], expected: frozenset[str]
    ) -> None:
        self.expected = expected
        self.module = module
        self.find = find
        self.environment = environment
        self.origins: dict[str, str] = {}
        self.may_be_none: set[str] = set()
        self.wrappers: set[str] = set()
        self.makers: set[str] = set()
        self.wrapping: set[ast.expr] = set()
        self.on_process: set[str] = set()
        self.watching: set[str] = set()

    def read(self, nodes: Iterable[ast.AST | None]) -> Effect:
        return max((self.visit(node) for node in nodes if node is not None), default=Effect.NONE)

    def visit(self, node: ast.AST) -> Effect:
        effect: Effect = super().visit(node)
        return effect

    def generic_visit(self, node: ast.AST) -> Effect:
        """An expression does what its parts do, if it can take None for them; a statement is unknown."""
        if isinstance(node, ast.stmt):
            return Effect.UNKNOWN
        effect = self.read(children(node))
        return Effect.UNKNOWN if effect is Effect.MAYBE_NONE else effect

    # --- how a value was made ---------------------------------------------------

    def origin(self, node: ast.expr | None) -> str:
        if isinstance(node, ast.Name):
            is_builtin = node.id not in self.module.binders
            return self.origins.get(node.id, node.id if is_builtin else "")
        if isinstance(node, ast.Attribute):
            owner = self.origin(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        if isinstance(node, ast.Call):
            function = self.origin(node.func)
            is_own_logger = function == "logging.getLogger" and any(
                isinstance(argument, ast.Name) and argument.id == "__name__" for argument in node.args
            )
            return f"{function}(__name__)" if is_own_logger else f"{function}()" if function else ""
        if isinstance(node, ast.Subscript) and self.origin(node.value) == "os.environ":
            return "os.environ.get()"
        if isinstance(node, (ast.JoinedStr, ast.List, ast.Dict, ast.Set, ast.Tuple)):
            return "str" if isinstance(node, ast.JoinedStr) else type(node).__name__.lower()
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            return type(node.value).__name__
        return ""

    def bind(self, target: ast.expr, value: ast.expr | None, effect: Effect) -> Effect:
        """Give a name its value, or alter an object of the module's own."""
        if isinstance(target, (ast.Tuple, ast.List)):
            return self.read_targets(target.elts, effect)
        if isinstance(target, ast.Name):
            self.forget(target.id)
            if self.origin(value):
                self.origins[target.id] = self.origin(value)
            if effect is Effect.MAYBE_NONE:
                self.may_be_none.add(target.id)
            return effect
        if isinstance(target, ast.Attribute) and self.origin(target.value).startswith("logging.getLogger("):
            is_own = self.origin(target.value) == "logging.getLogger(__name__)"
            return max(effect, Effect.NONE if is_own else Effect.PROCESS)
        if isinstance(target, ast.Subscript) and self.origin(target.value) in _CONTAINERS:
            return max(effect, self.visit(target.slice))
        return effect if self.origin(target) in self.expected else Effect.UNKNOWN

    def read_targets(self, targets: Iterable[ast.expr], effect: Effect) -> Effect:
        return max((self.bind(target, None, effect) for target in targets), default=effect)

    def forget(self, name: str) -> None:
        self.origins.pop(name, None)
        self.may_be_none.discard(name)
        self.wrappers.discard(name)
        self.makers.discard(name)

    # --- statements ----------------------------------------------------------------

    def visit_Pass(self, node: ast.Pass) -> Effect:
        return Effect.NONE

    visit_Global = visit_Pass  # type: ignore[assignment]  # any node will do

    def visit_Expr(self, node: ast.Expr) -> Effect:
        return self.visit(node.value)

    def visit_Import(self, node: ast.Import) -> Effect:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.forget(alias.asname or top)
            self.origins[alias.asname or top] = alias.name if alias.asname else top
        return max(self.run(self.find(alias.name) or UNKNOWN) for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Effect:
        base = resolve_relative(node, self.module.package)
        facts = (self.find(base) or UNKNOWN) if base else INERT
        effect = self.run(facts)
        for alias in node.names:
            name, full = alias.asname or alias.name, f"{base}.{alias.name}" if base else alias.name
            effect = max(effect, self.run(self.find(full) or INERT))
            self.forget(name)
            self.origins[name] = facts.origins.get(alias.name, full)
            if alias.name in facts.may_be_none:
                self.may_be_none.add(name)
            if alias.name in facts.wrappers:
                self.wrappers.add(name)
        return effect

    def run(self, imported: Facts) -> Effect:
        self.on_process |= imported.on_process
        return imported.effect

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Effect:
        self.forget(node.name)
        if isinstance(node, ast.FunctionDef) and self.is_wrapper(node):
            self.wrappers.add(node.name)
        if isinstance(node, ast.FunctionDef) and self.only_makes_value(node):
            self.makers.add(node.name)
        defaults = [*node.args.defaults, *node.args.kw_defaults]
        effect = self.read(defaults)
        return max(
            _without_value(effect),
            *(self.visit_decorator(decorator) for decorator in node.decorator_list),
            Effect.NONE,
        )

    visit_AsyncFunctionDef = visit_FunctionDef

    def only_makes_value(self, node: ast.FunctionDef) -> bool:
        """Whether calling it only makes a value of nothing: `def daily(): return Cron(...)`."""
        body = [inner for inner in node.body if not is_text(inner)]
        if node.decorator_list or any(isinstance(inner, ast.arg) for inner in ast.walk(node.args)):
            return False
        return (
            len(body) == 1 and isinstance(body[0], ast.Return) and self.read([body[0].value]) is Effect.NONE
        )

    def visit_decorator(self, node: ast.expr) -> Effect:
        """Both what making the decorator does and what calling it does."""
        if self.keeps_name(node):
            self.wrapping.add(node)
            return self.read(node.args) if isinstance(node, ast.Call) else Effect.NONE
        function = node.func if isinstance(node, ast.Call) else node
        arguments = [*node.args, *node.keywords] if isinstance(node, ast.Call) else []
        is_of_property = isinstance(function, ast.Attribute) and function.attr in _OF_PROPERTY
        is_known = self.origin(function) in _PURE or self.origin(function) in self.expected
        return self.read(arguments) if is_of_property or is_known else Effect.UNKNOWN

    def keeps_name(self, node: ast.expr) -> bool:
        """Whether a decorator wraps a function under the function's own name."""
        function = node.func if isinstance(node, ast.Call) else node
        is_own = isinstance(function, ast.Name) and function.id in self.wrappers
        return is_own or self.origin(function).startswith(_WRAPPING_PACKAGES)

    def is_wrapper(self, node: ast.FunctionDef) -> bool:
        """`def decorator(f): @wraps(f) def wrapper(...): ...; return wrapper`, or what makes such a one."""
        *body, last = [inner for inner in node.body if not is_text(inner)] or [ast.Pass()]
        inner = {function.name: function for function in body if isinstance(function, ast.FunctionDef)}
        if (
            len(inner) != len(body)
            or not isinstance(last, ast.Return)
            or not isinstance(last.value, ast.Name)
        ):
            return False
        returned = inner.get(last.value.id)
        if returned is None:
            return False
        wraps = any(
            isinstance(decorator, ast.Call) and self.origin(decorator.func) == "functools.wraps"
            for decorator in returned.decorator_list
        )
        return wraps or self.is_wrapper(returned)

    def visit_ClassDef(self, node: ast.ClassDef) -> Effect:
        self.forget(node.name)
        body = _ClassReader(self.module, self.find, self.environment, self.expected)
        body.origins, body.may_be_none = dict(self.origins), set(self.may_be_none)
        return max(
            Effect.UNKNOWN if self.is_made_by_own_code(node) else Effect.NONE,
            self.read([*node.bases, *node.keywords]),
            body.read(node.body),
            *(self.visit_decorator(decorator) for decorator in node.decorator_list),
            Effect.NONE,
        )

    def is_made_by_own_code(self, node: ast.ClassDef) -> bool:
        """Whether a base's `__init_subclass__` or a metaclass of the module's own sees the class."""
        used = [*node.bases, *(keyword.value for keyword in node.keywords)]
        names = {name.id for name in used if isinstance(name, ast.Name)}
        is_seen = not names.isdisjoint(self.watching)
        methods = {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
        if is_seen or "type" in names or "__init_subclass__" in methods:
            self.watching.add(node.name)
        return is_seen

    def visit_Assign(self, node: ast.Assign) -> Effect:
        effect = self.visit(node.value)
        return max(self.bind(target, node.value, effect) for target in node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Effect:
        if node.value is None:
            return Effect.NONE
        return self.bind(node.target, node.value, self.visit(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> Effect:
        if not isinstance(node.target, ast.Name) or node.target.id in self.may_be_none:
            return Effect.UNKNOWN
        effect = self.visit(node.value)
        return Effect.UNKNOWN if effect is Effect.MAYBE_NONE else effect

    def visit_If(self, node: ast.If) -> Effect:
        if self.origin(node.test) in ("typing.TYPE_CHECKING", "TYPE_CHECKING") or is_main_test(node.test):
            return self.read(node.orelse)
        test = self.visit(node.test)
        return max(_without_value(test), self.read([*node.body, *node.orelse]))

    def visit_Try(self, node: ast.Try) -> Effect:
        find = self.find
        if any(map(_catches_import_error, node.handlers)):
            self.find = lambda name: find(name) or INERT
        body = self.read(node.body)
        self.find = find
        handled = [statement for handler in node.handlers for statement in handler.body]
        return max(body, self.read([*handled, *node.orelse, *node.finalbody]))

    # --- expressions ------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> Effect:
        return Effect.MAYBE_NONE if node.id in self.may_be_none else Effect.NONE

    def visit_Lambda(self, node: ast.Lambda) -> Effect:
        return self.read([*node.args.defaults, *node.args.kw_defaults])

    def visit_Subscript(self, node: ast.Subscript) -> Effect:
        if self.origin(node.value) == "os.environ":
            return Effect.NONE if read_text(node.slice) in self.environment else Effect.UNKNOWN
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> Effect:
        """`a or "default"` is never None, whatever `a` is."""
        first, last = self.read(node.values[:-1]), self.visit(node.values[-1])
        is_default = isinstance(node.op, ast.Or) and first is Effect.MAYBE_NONE
        return last if is_default else max(first, last)

    def visit_IfExp(self, node: ast.IfExp) -> Effect:
        test = self.visit(node.test)
        return max(_without_value(test), self.read([node.body, node.orelse]))

    def visit_Compare(self, node: ast.Compare) -> Effect:
        effect = self.read([node.left, *node.comparators])
        takes_none = all(isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)) for op in node.ops)
        return Effect.NONE if takes_none and effect is Effect.MAYBE_NONE else self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Effect:
        values = [value.value for value in node.values if isinstance(value, ast.FormattedValue)]
        return _without_value(self.read(values))

    def visit_container(self, node: ast.AST) -> Effect:
        return self.read(children(node))

    visit_List = visit_Tuple = visit_Set = visit_Dict = visit_keyword = visit_container

    def visit_Call(self, node: ast.Call) -> Effect:
        function = self.origin(node.func)
        if function in ("os.environ.get", "os.getenv"):
            return self.read_variable(node)
        owner = self.visit(node.func)
        positional, by_keyword = self.read(node.args), self.read(node.keywords)
        if positional is Effect.MAYBE_NONE:
            positional = Effect.NONE if function in _TAKE_NONE else Effect.UNKNOWN
        if by_keyword is Effect.MAYBE_NONE:
            by_keyword = Effect.NONE if function in _TAKE_NONE_BY_KEYWORD else Effect.UNKNOWN
        if isinstance(node.func, ast.Name) and node.func.id in self.makers:
            return max(positional, by_keyword)
        return max(owner, positional, by_keyword, self.effect_of_call(function))

    def read_variable(self, node: ast.Call) -> Effect:
        """`os.environ.get(name, default)`."""
        if node.keywords or not 1 <= len(node.args) <= 2:
            return Effect.UNKNOWN
        if len(node.args) == 2:
            return self.visit(node.args[1])
        return Effect.NONE if read_text(node.args[0]) in self.environment else Effect.MAYBE_NONE

    def effect_of_call(self, function: str) -> Effect:
        owner = function.rpartition(".")[0]
        if function in _PURE or function in self.expected:
            return Effect.NONE
        if owner in _VALUES_WITH_METHODS or owner in ("os.environ.get()", "os.getenv()"):
            return Effect.NONE
        return Effect.PROCESS if function in _ALTERS_PROCESS else Effect.UNKNOWN


class _ClassReader(_Reader):
    def effect_of_call(self, function: str) -> Effect:
        """`String()`, `Field(...)`, `models.Column(...)`: a library's way to describe an attribute."""
        owner, _, name = function.rpartition(".")
        return Effect.NONE if owner and name[0].isupper() else super().effect_of_call(function)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in _CATCHES_IMPORT_ERROR) for kind in caught
    )
