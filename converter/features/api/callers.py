"""Who may call an API's functions otherwise than it does, with events that Chalice takes for the API's."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.model import Application, Function, Json

# Resources that name a function without calling it.
_WATCHING = ("AWS::CloudWatch::", "AWS::Logs::")
# What lets a function be called by another name, or from elsewhere.
_WAYS = {
    "AutoPublishAlias": "has an alias, and Chalice calls the function itself",
    "FunctionUrlConfig": "has a URL of its own, by which it may be called otherwise than the API does",
}


def find_other_ways(function: Function) -> Iterator[str]:
    """Why a function that is called by an API cannot be one of Chalice's for that."""
    properties = function.carried.get("Properties", {})
    return (f"{function.name} {reason}" for name, reason in _WAYS.items() if name in properties)


def list_users(application: Application, left_out: Collection[str]) -> dict[str, Json]:
    """What the template says of the resources and functions that may know others, by their names."""
    resources = application.template.sections.get("Resources", {})
    functions = application.functions.values()
    users = {name: one for name, one in resources.items() if not str(one.get("Type")).startswith(_WATCHING)}
    users |= {function.name: [function.settings, function.carried] for function in functions}
    return {name: one for name, one in users.items() if name not in left_out}
