"""The resolver, the Routers and the logger that a project's code makes."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from converter.chalice.http.compat_module import COMPAT_MODULE
from converter.chalice.plain_log import LOGGER, SET_UP_LOGGER
from converter.chalice.registration import dotted_name
from converter.python.module import Module, Statement, meaning_of

POWERTOOLS = ("aws_lambda_powertools.event_handler", "aws_lambda_powertools.event_handler.api_gateway")
CLASSES = {
    f"{home}.{name}": made
    for home in POWERTOOLS
    for name, made in (("APIGatewayRestResolver", "Chalice"), ("Router", "Blueprint"))
}


def made_by(dotted: str | None) -> str:
    """What an object of a class is with Chalice, as `Chalice`; empty for other classes."""
    owner, _, name = (dotted or "").rpartition(".")
    if name == "ApiResolver" and owner.rpartition(".")[2] == COMPAT_MODULE:
        return "Chalice"
    return CLASSES.get(dotted or "", "")


@dataclass(frozen=True)
class ResolverObject:
    """A resolver or a Router, and the statement that makes it."""

    module: Module
    name: str
    statement: Statement
    call: ast.Call
    made: str

    @property
    def is_app(self) -> bool:
        return self.made == "Chalice"

    @property
    def is_handed_out(self) -> bool:
        """Whether other code may ask it for what Chalice's app object has."""
        return self.is_app and self.module.dotted(self.call.func) not in CLASSES

    @property
    def dotted(self) -> str:
        return f"{self.module.name}.{self.name}"


@dataclass(frozen=True)
class Log:
    """The logger that was `app.log`; `statements` set it up as Chalice does, or there is just one."""

    name: str
    app_name: str
    statements: tuple[Statement, ...]

    @property
    def is_set_up(self) -> bool:
        return len(self.statements) > 1


def find_objects(module: Module) -> Iterator[ResolverObject]:
    """The objects that a module makes at its top, and those that its classes have."""
    for statement in module.statements:
        owner = statement.node
        yield from _find_made(module, statement, owner, "")
        for node in owner.body if isinstance(owner, ast.ClassDef) else ():
            inside = Statement((node,), "", "", statement.names)
            yield from _find_made(module, inside, node, f"{getattr(owner, 'name', '')}.")


def _find_made(module: Module, statement: Statement, node: ast.stmt, owner: str) -> Iterator[ResolverObject]:
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    made = made_by(module.dotted(value.func)) if isinstance(value, ast.Call) else ""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    if made and isinstance(value, ast.Call) and isinstance(target, ast.Name):
        yield ResolverObject(module, owner + target.id, statement, value, made)


def find_log(module: Module, app_name: str) -> Log | None:
    """The logger that the forward direction wrote for `app.log` (plain.py)."""
    statements = module.statements
    for number, one in enumerate(statements):
        node = one.node
        call = node.value if isinstance(node, ast.Assign) else None
        if not isinstance(call, ast.Call) or module.dotted(call.func) != "logging.getLogger" or not call.args:
            continue
        argument = call.args[0]
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if not isinstance(target, ast.Name):
            continue
        written = ast.unparse(argument)
        for level in _levels(statements[number + 1 :]):
            text = LOGGER.format(name=target.id, app_name=written)
            text += SET_UP_LOGGER.format(name=target.id, level=level)
            count = text.count("\n")
            found = statements[number : number + count]
            if [ast.unparse(each) for each in ast.parse(text).body] == list(map(meaning_of, found)):
                return Log(target.id, module.segment(argument), found)
        if isinstance(argument, ast.Constant) and argument.value == app_name:
            return Log(target.id, module.segment(argument), (one,))
    return None


def _levels(statements: Iterable[Statement]) -> Iterator[str]:
    for one in list(statements)[:2]:
        call = getattr(one.node, "value", None)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".setLevel") and call.args:
            yield ast.unparse(call.args[0])


def attribute_of(node: ast.expr, objects: Collection[str]) -> str:
    """`get` of `app.get`, where `app` is such an object."""
    return node.attr if isinstance(node, ast.Attribute) and dotted_name(node.value) in objects else ""


def read_included(node: ast.Call) -> tuple[ast.expr | None, str | None]:
    """The Router of `app.include_router(router, prefix="/x")`, and the prefix; None where it is not shown."""
    written = {keyword.arg: keyword.value for keyword in node.keywords}
    router = node.args[0] if len(node.args) == 1 else None
    prefix = written.pop("prefix", ast.Constant(""))
    is_text = isinstance(prefix, ast.Constant) and isinstance(prefix.value, str)
    return router, ast.literal_eval(prefix) if is_text and not written else None
