"""What the views of an API say beside their code: what the template's events and the API do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converter.chalice.decoration import ARN_IN_TEMPLATE, write_literal
from converter.chalice.http.served import ServedApi
from converter.chalice.registration import API_FUNCTION
from converter.model import logical_id
from converter.python.app_file import Decorator
from converter.python.places import make_identifier
from converter.sam.intrinsics import function_of, is_literal

if TYPE_CHECKING:
    from converter.model import Application, Json

_ARN = re.compile(r"arn:([\w-]+):lambda:([\w-]+):\d+:function:[\w:-]+")


class _UnsaidError(Exception):
    """Something that Chalice's decorators cannot say."""


def plan_views(application: Application) -> ServedApi | None:
    """The routes of the application's own API as Chalice's, None where its decorators cannot say them."""
    function = application.functions.get(API_FUNCTION)
    apis = application.template.sections.get("Resources", {})
    events = function.events if function else ()
    if function is None or not events or any(event.kind != "Api" for event in events):
        return None
    asked = [event.properties.get("RestApiId") for event in events]
    api = apis.get(_reference(asked[0])) if all(one == asked[0] for one in asked) else None
    if not api or any(event.properties.keys() - {"Path", "Method", "RestApiId", "Auth"} for event in events):
        return None
    try:
        auth = _mapping(_mapping(api.get("Properties")).get("Auth"))
        authorizers = _Authorizers(application, _mapping(auth.get("Authorizers")))
        routes = {
            (_text(event.properties.get("Path")), _text(event.properties.get("Method")).upper()): (
                authorizers.write(_mapping(event.properties.get("Auth")))
            )
            for event in events
        }
    except _UnsaidError:
        return None
    preface = "".join(authorizers.preface.values())
    return ServedApi(function.name, routes, preface, frozenset(authorizers.imported), authorizers.decorators)


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping | None) or function_of(value):
        raise _UnsaidError
    return value or {}


def _reference(value: Json) -> str:
    return str(value.get("Ref")) if isinstance(value, Mapping) else ""


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise _UnsaidError
    return value


@dataclass
class _Authorizers:
    """The authorizers of an API, each once it is named."""

    application: Application
    entries: Mapping[str, Json]
    preface: dict[str, str] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    decorators: dict[str, Decorator] = field(default_factory=dict)

    def write(self, auth: Mapping[str, Json]) -> tuple[str, ...]:
        """The arguments of a decorator that say the `Auth` of an event."""
        left = dict(auth)
        arguments = []
        if left.pop("ApiKeyRequired", False) is True:
            arguments.append("api_key_required=True")
        name, scopes = left.pop("Authorizer", None), left.pop("AuthorizationScopes", None)
        if name == "AWS_IAM" and left.pop("InvokeRole", None) == "NONE":
            arguments.insert(0, "authorizer=IAMAuthorizer()")
            self.imported.add("IAMAuthorizer")
        elif name is not None:
            scoped = f".with_scopes({write_literal(scopes)})" if scopes else ""
            arguments.insert(0, f"authorizer={self._name(name)}{scoped}")
        if left:
            raise _UnsaidError
        return tuple(arguments)

    def _name(self, name: Json) -> str:
        """What the authorizer is called in app.py."""
        entry = self.entries.get(_text(name))
        if not isinstance(entry, dict) or not _is_plain(entry):
            raise _UnsaidError
        function = self._function_of(entry)
        if function is not None:
            self.decorators[function] = Decorator("authorizer", _write_function(entry))
            return make_identifier(function)
        variable = f"{make_identifier(_in_words(name))}_authorizer"
        self.preface[name] = f"{variable} = {self._write_made(name, entry)}\n"
        return variable

    def _function_of(self, entry: Mapping[str, Json]) -> str | None:
        """The function of the application that it asks."""
        arn = entry.get("FunctionArn")
        named = {logical_id(name): name for name in self.application.functions}
        if not isinstance(arn, dict):
            return None
        found = next((one for one in named if arn == {"Fn::GetAtt": [one, "Arn"]}), None)
        if found is None:
            raise _UnsaidError
        return named[found]

    def _write_made(self, name: str, entry: Mapping[str, Json]) -> str:
        identity = _mapping(entry.get("Identity"))
        arguments: dict[str, Json] = {}
        if "UserPoolArn" in entry:
            kind, pools = "CognitoUserPoolAuthorizer", entry["UserPoolArn"]
            # What the merge template says of it takes its place.
            unknown = ARN_IN_TEMPLATE.format(service="cognito-idp")
            given = pools if isinstance(pools, list) else [pools]
            arguments["provider_arns"] = [pool if is_literal(pool) else unknown for pool in given]
        else:
            kind, arn = "CustomAuthorizer", entry.get("FunctionArn")
            found = _ARN.fullmatch(arn) if isinstance(arn, str) else None
            if found is None:
                raise _UnsaidError
            arguments["authorizer_uri"] = (
                f"arn:{found[1]}:apigateway:{found[2]}:lambda:path/2015-03-31/functions/{arn}/invocations"
            )
            if "ReauthorizeEvery" in identity:
                arguments["ttl_seconds"] = identity["ReauthorizeEvery"]
            if "FunctionInvokeRole" in entry:
                arguments["invoke_role_arn"] = entry["FunctionInvokeRole"]
        if "Header" in identity:
            arguments["header"] = identity["Header"]
        if not is_literal(arguments):
            raise _UnsaidError
        self.imported.add(kind)
        written = [
            write_literal(name),
            *(f"{key}={write_literal(value)}" for key, value in arguments.items()),
        ]
        line = f"{kind}({', '.join(written)})"
        return line if len(line) < 90 else f"{kind}(\n" + "".join(f"    {one},\n" for one in written) + ")"


def _write_function(entry: Mapping[str, Json]) -> tuple[str, ...]:
    """The arguments of `@app.authorizer` beside the function's name."""
    identity = _mapping(entry.get("Identity"))
    arguments = {
        "ttl_seconds": identity.get("ReauthorizeEvery"),
        "execution_role": entry.get("FunctionInvokeRole"),
        "header": identity.get("Header"),
    }
    if not is_literal(arguments):
        raise _UnsaidError
    return tuple(f"{key}={write_literal(value)}" for key, value in arguments.items() if value is not None)


def _is_plain(entry: Mapping[str, Json]) -> bool:
    known = {"UserPoolArn", "FunctionArn", "Identity", "FunctionInvokeRole"}
    return entry.keys() <= known and _mapping(entry.get("Identity")).keys() <= {"Header", "ReauthorizeEvery"}


def _in_words(name: str) -> str:
    """`StaffPool` -> `staff_pool`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
