"""
Handlers in app.py that do no more than call one in chalicelib/.

That is how our other direction writes a function whose module may only be imported by
itself, and how many people keep app.py short. The called one is the handler then.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from converter.chalice.source import ChaliceSource, FunctionNode, Registration
from converter.python.module import resolve_relative


def follow_wrapper(registration: Registration, source: ChaliceSource) -> Registration | None:
    """The registration as if it stood at the function that its handler calls, None if it is no wrapper."""
    called = _called_name(registration)
    if called is None:
        return None
    owner, _, name = called.rpartition(".")
    module = source.find_module(owner) if owner.startswith("chalicelib") else None
    binders = module.binders.get(name, []) if module else []
    if module is None or len(binders) != 1 or not isinstance(binders[0].node, FunctionNode):
        return None
    return replace(registration, module=module, function=binders[0].node, is_followed=True)


def _called_name(registration: Registration) -> str | None:
    """`chalicelib.x.f` of `def g(event, context): return f(event, context)`."""
    function = registration.function
    if not isinstance(function, ast.FunctionDef) or len(function.decorator_list) != 1:
        return None
    *before, last = function.body
    parameters = [argument.arg for argument in function.args.args]
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Call) or len(parameters) != 2:
        return None
    call = last.value
    passed = [argument.id for argument in call.args if isinstance(argument, ast.Name)]
    if not isinstance(call.func, ast.Name) or passed != parameters or call.keywords or len(call.args) != 2:
        return None
    if not before:
        return registration.module.imported.get(call.func.id)
    (imported, *others) = before
    if others or not isinstance(imported, ast.ImportFrom):
        return None
    base = resolve_relative(imported, registration.module.package)
    names = {alias.asname or alias.name: f"{base}.{alias.name}" for alias in imported.names}
    return names.get(call.func.id)
