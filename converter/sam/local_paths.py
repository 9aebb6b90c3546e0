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
from converter.sam.intrinsics import Path

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
    for _, path in _find_places(value, ()):
        yield path


def change_local_paths(value: Json, change: Callable[[str], str]) -> Json:
    """The value with every path of the project's changed."""
    places = dict(_find_places(value, ()))
    return _change_places(value, {place: change(path) for place, path in places.items()}, ())


def change_paths_in_text(text: str, change: Callable[[str], str]) -> str:
    """An entry's lines in YAML with every path of the project's changed, and nothing else."""
    from converter.sam.yaml_source import read_yaml

    source = read_yaml("", text)
    pieces, index = [], 0
    nodes = {source.node_at(place): path for place, path in _find_places(source.value, ())}
    for node in sorted(nodes, key=lambda node: node.start):
        old, new, written = nodes[node], change(nodes[node]), source.text_of(node)
        pieces += [
            source.lines.text[index : node.start],
            written.replace(old, new) if old in written else f"'{new}'",
        ]
        index = node.end
    return "".join([*pieces, source.lines.text[index:]])


def _find_places(value: Json, at: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_places(item, (*at, index))
    if not isinstance(value, Mapping):
        return
    names = PATH_PROPERTIES.get(str(value.get("Type")), ())
    properties = value.get("Properties")
    if names and isinstance(properties, Mapping):
        for name in names:
            if _is_local(properties.get(name)):
                yield (*at, "Properties", name), properties[name]
    include = value.get("Fn::Transform")
    if isinstance(include, Mapping) and include.get("Name") == "AWS::Include":
        parameters = include.get("Parameters")
        if isinstance(parameters, Mapping) and _is_local(parameters.get("Location")):
            yield (*at, "Fn::Transform", "Parameters", "Location"), parameters["Location"]
    for key, item in value.items():
        yield from _find_places(item, (*at, key))


def _change_places(value: Json, changed: Mapping[Path, str], at: Path) -> Json:
    if not changed or at in changed:
        return changed.get(at, value)
    if isinstance(value, Mapping):
        return {key: _change_places(item, changed, (*at, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_change_places(item, changed, (*at, index)) for index, item in enumerate(value)]
    return value


def _is_local(value: Json) -> bool:
    return isinstance(value, str) and value != "" and "://" not in value and not value.startswith("arn:")


def plain_path(path: str) -> str:
    """A path of the project without the `./` that it may begin with."""
    return path.removeprefix("./") or "."


def in_package(path: str) -> str:
    """A path of the project as the packaged template names it."""
    return f"../{normpath(path)}" + ("/" if path.endswith("/") else "")


def in_project(path: str) -> str:
    """A path of the packaged template as the project names it."""
    return path.removeprefix("../")
