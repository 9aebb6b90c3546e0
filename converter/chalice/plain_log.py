"""`app.log` without the app object: the logger that it stands for, set up as Chalice does."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from itertools import pairwise

from converter.chalice.app_statements import AppStatements
from converter.chalice.http.names import without_current_app
from converter.chalice.registration import find_argument
from converter.python.module import Module, Statement, parse_statement

# What Chalice's own `app.log` is (chalice.app.Chalice._configure_logging, _configure_log_level).
LOGGER = "{name} = logging.getLogger({app_name})\n"
SET_UP_LOGGER = """\
{name}.propagate = False
{name}.setLevel({level})
{name}_handler = logging.StreamHandler(sys.stdout)
{name}_handler.setFormatter(logging.Formatter("%(name)s - %(levelname)s - %(message)s"))
{name}.addHandler({name}_handler)
"""


@dataclass
class PlainLog:
    """The logger of a module that makes the app object.

    `is_in_handlers` says that plain handlers use it, `missing` are the imports that it needs.
    """

    about: AppStatements
    missing: list[str]
    is_in_handlers: bool = False

    def write(self, statement: Statement, names: LogNames) -> list[Statement]:
        """What stands for `app = Chalice(...)`, or `app.debug = ...`, where only its logger is used."""
        node = statement.node
        if self.sets_debug(statement) and not self.is_in_handlers:
            return []
        if isinstance(node, ast.Assign) and self.about.path_of(node.targets[0]) == "debug":
            text = f"{names.logger}.setLevel({self._level(node.value)})\n"
            return [] if self._debug_beside() is node.value else [parse_statement(text, statement)]
        if self.about.source.app.call is not getattr(node, "value", None):
            return []
        name, debug, _ = self._arguments()
        text = LOGGER.format(name=names.logger, app_name=self._written(name))
        needed = ["logging"]
        if self._is_set_up():
            level = self._level(self._debug_beside() or debug)
            text += SET_UP_LOGGER.format(name=names.logger, level=level)
            needed.append("sys")
        for each in needed:
            above = [one for one in self.about.module.binders.get(each, ()) if one.line < statement.line]
            self.missing += [] if above else [f"import {each}"]
        return [replace(parse_statement(text, statement), self_contained=True)]

    def _arguments(self) -> list[ast.expr | None]:
        names = enumerate(("app_name", "debug", "configure_logs"))
        return [find_argument(self.about.source.app.call, index, name) for index, name in names]

    def _is_set_up(self) -> bool:
        argument = self._arguments()[2]
        return not (isinstance(argument, ast.Constant) and argument.value is False)

    def _debug_beside(self) -> ast.expr | None:
        """The constant in an `app.debug = ...` right below `app = Chalice(...)`, which sets up the logger."""
        if not self._is_set_up():
            return None
        nodes = [node for statement in self.about.module.statements for node in statement.nodes]
        for made, node in pairwise(nodes):
            if self.about.source.app.call is getattr(made, "value", None) and isinstance(node, ast.Assign):
                is_debug = self.about.path_of(node.targets[0]) == "debug"
                return node.value if is_debug and isinstance(node.value, ast.Constant) else None
        return None

    def _level(self, debug: ast.expr | None) -> str:
        if debug is None or isinstance(debug, ast.Constant):
            return "logging.DEBUG" if debug is not None and debug.value else "logging.ERROR"
        return f"logging.DEBUG if {self._written(debug)} else logging.ERROR"

    def _written(self, node: ast.expr | None) -> str:
        return self.about.module.segment(node) if node else ""

    def sets_debug(self, statement: Statement) -> bool:
        """Whether it is `app.debug = ...`, with a value that the source does not show, beside Powertools."""
        node = statement.node
        powertools = self.about.powertools
        if powertools is None or powertools.shows_debug or not isinstance(node, ast.Assign):
            return False
        return self.about.path_of(node.targets[0]) == "debug"

    def is_log(self, use: ast.AST) -> bool:
        """Whether it is the logger of an app object that is made here."""
        if not isinstance(use, ast.Attribute) or use.attr != "log":
            return False
        made = self.about.objects[_name(use)]
        is_made_here = made.module is self.about.module and made.maker is None
        return made.is_app and is_made_here and self._arguments()[0] is not None


class LogNames:
    """Free names for the logger."""

    def __init__(self, module: Module) -> None:
        taken = {
            name for statement in module.statements for name in statement.names.binds | statement.names.uses
        }
        self.logger = next(name for name in ("log", "logger", "app_log", "chalice_log") if name not in taken)


def _name(use: ast.Attribute) -> str:
    owner = without_current_app(use.value)
    return owner.id if isinstance(owner, ast.Name) else ""
