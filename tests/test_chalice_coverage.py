"""Every decorator of the installed Chalice, and every argument of it, stands in a fixture."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache

import pytest
from chalice.app import Chalice, DecoratorAPI

from converter.chalice.registration import DECORATORS, PARAMETERS, REGISTERING_CALLS
from converter.features import FEATURES
from tests.fixture_tools import FIXTURES

# What Chalice takes as **kwargs (chalice.app._HandlerRegistration._register_route).
_OF_ROUTES = {"path", "methods", "name", "authorizer", "api_key_required", "content_types", "cors"}
# A route's name is nowhere deployed.
_WITHOUT_EFFECT = {("route", "name")}


def list_decorators() -> set[str]:
    return {
        name for name, member in vars(DecoratorAPI).items() if callable(member) and not name.startswith("_")
    }


@cache
def find_used() -> frozenset[tuple[str, str]]:
    """Each decorator with each argument that some fixture gives it."""
    return frozenset(
        (name, argument)
        for path in FIXTURES.glob("*/chalice/**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8", errors="replace")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        for name in [node.func.attr]
        if name in PARAMETERS
        for argument in _list_arguments(name, node)
    )


def _list_arguments(name: str, call: ast.Call) -> Iterator[str]:
    yield from PARAMETERS[name][: len(call.args)]
    yield from (keyword.arg for keyword in call.keywords if keyword.arg)


def test_every_decorator_is_known():
    assert list_decorators() == DECORATORS | REGISTERING_CALLS
    assert {kind for feature in FEATURES for kind in feature.decorators} == DECORATORS


@pytest.mark.parametrize("name", sorted(DECORATORS | REGISTERING_CALLS))
def test_parameters_are_those_of_chalice(name: str):
    parameters = [*inspect.signature(getattr(Chalice, name)).parameters.values()][1:]

    assert PARAMETERS[name] == tuple(each.name for each in parameters if each.kind is not each.VAR_KEYWORD)


@pytest.mark.parametrize("name", sorted(DECORATORS))
def test_every_argument_stands_in_a_fixture(name: str):
    arguments = _OF_ROUTES if name == "route" else set(PARAMETERS[name])
    wanted = {(name, argument) for argument in arguments}

    assert wanted - _WITHOUT_EFFECT <= find_used()
