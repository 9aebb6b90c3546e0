"""
The properties of a template that name files of the project.

In the merge template of `chalice package` such a path is relative to the folder into which
Chalice writes its template; the docs and the commands that we print call it `packaged`, so
every path starts with `../` there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from posixpath import normpath

from converter.model import Json

# samcli.commands._utils.resources, those that the SAM CLI uploads.
PATH_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri", "CodeUri"),
    "AWS::Serverless::Application": ("Location",),
    "AWS::CloudFormation::Stack": ("TemplateURL",),
    "AWS::Lambda::Function": ("Code",),
    "AWS::Lambda::LayerVersion": ("Content",),
    "AWS::AppSync::GraphQLSchema": ("DefinitionS3Location",),
}


def find_local_paths(value: Json) -> Iterator[str]:
    """The project's paths that resources in the value name."""
    found: list[str] = []

    def note(path: str) -> str:
        found.append(path)
        return path

    change_local_paths(value, note)
    yield from found


def change_local_paths(value: Json, change: Callable[[str], str]) -> Json:
    """The value with every path of the project's changed."""
    if isinstance(value, list):
        return [change_local_paths(item, change) for item in value]
    if not isinstance(value, Mapping):
        return value
    names = PATH_PROPERTIES.get(str(value.get("Type")), ())
    properties = value.get("Properties")
    if names and isinstance(properties, Mapping):
        changed = {
            key: change(item) if key in names and _is_local(item) else item
            for key, item in properties.items()
        }
        return {**value, "Properties": changed}
    include = value.get("Fn::Transform")
    if isinstance(include, Mapping) and include.get("Name") == "AWS::Include":
        parameters = include.get("Parameters")
        if isinstance(parameters, Mapping) and _is_local(parameters.get("Location")):
            location = {**parameters, "Location": change(parameters["Location"])}
            return {**value, "Fn::Transform": {**include, "Parameters": location}}
    return {key: change_local_paths(item, change) for key, item in value.items()}


def _is_local(value: Json) -> bool:
    return isinstance(value, str) and "://" not in value and not value.startswith("arn:")


def plain_path(path: str) -> str:
    """A path of the project without the `./` that it may begin with."""
    return path.removeprefix("./")


def in_package(path: str) -> str:
    """A path of the project as the packaged template names it."""
    return f"../{normpath(path)}" + ("/" if path.endswith("/") else "")


def in_project(path: str) -> str:
    """A path of the packaged template as the project names it."""
    return path.removeprefix("../")
