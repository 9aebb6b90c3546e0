"""
A layer with packages, added to the template of a SAM project: its author's lines stay as they are.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-layers.html
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from converter.codes import LAYER_NOT_ADDED
from converter.diagnostics import UnreadableError
from converter.files import decode_text
from converter.model import Json, logical_id
from converter.sam.project import TEMPLATE_PATHS
from converter.sam.resource_types import FUNCTION, LAYER
from converter.sam.yaml_source import MappingNode, Node, SequenceNode, YamlSource, read_yaml


@dataclass(frozen=True)
class AddedLayer:
    """The files that change or are new, the layer's id, and the functions that have it, none for all."""

    files: Mapping[str, bytes]
    identifier: str
    functions: tuple[str, ...]


def add_layer(
    files: Mapping[str, bytes], packages: Sequence[str], name: str = "packages", functions: Sequence[str] = ()
) -> AddedLayer:
    """The project with a layer of these packages for the functions with these logical ids.

    Without ids it is for all; by name, where some run no Python from a zip file and so cannot have it. Raises
    UnreadableError where there is no template in YAML, or where it or the folder has such a layer, or where
    what is written there cannot be added to.
    """
    path = next((path for path in TEMPLATE_PATHS if path in files), None)
    if path is None or path.endswith(".json"):
        raise UnreadableError(LAYER_NOT_ADDED.at(None, path or "the folder", "it has no template in YAML"))
    written = decode_text(path, files[path])
    # Lines are added with \n and get the author's ends at last.
    text = written.replace("\r\n", "\n")
    identifier = f"{logical_id(name)}Layer"
    folder = f"layers/{name}"
    if f"{folder}/requirements.txt" in files:
        raise _refuse(path, folder, "it is there already")
    functions = functions or _name_functions(path, text)
    text = _with_resource(path, text, identifier, folder, functions)
    for function in functions or ("",):
        text = _with_reference(path, text, function, identifier)
    if "\r\n" in written:
        text = text.replace("\n", "\r\n")
    requirements = "".join(f"{package}\n" for package in packages)
    added = {path: text.encode(), f"{folder}/requirements.txt": requirements.encode()}
    return AddedLayer(added, identifier, tuple(functions))


def _refuse(path: str, subject: str, reason: str) -> UnreadableError:
    return UnreadableError(LAYER_NOT_ADDED.at(None, f"{subject} of {path}", reason))


def _name_functions(path: str, text: str) -> list[str]:
    """The functions that can have a layer of Python packages; none where all can."""
    template = read_yaml(path, text).value
    resources = (isinstance(template, Mapping) and template.get("Resources")) or {}
    functions = {key: each for key, each in resources.items() if _is_function(each)}
    fitting = [key for key, each in functions.items() if _fits(_read_settings(template, each))]
    if functions and not fitting:
        raise _refuse(path, "Resources", "no function of it runs Python from a zip file")
    return fitting if len(fitting) < len(functions) else []


def _fits(settings: Mapping[str, Json]) -> bool:
    # An image has no layers. What only a deployment knows is taken for Python, as this is a Python project.
    runtime = settings.get("Runtime")
    is_other = isinstance(runtime, str) and not runtime.startswith("python")
    return settings.get("PackageType") != "Image" and not is_other


def _read_settings(template: Json, function: Json) -> dict[str, Json]:
    """The properties of a function, and those of all functions."""
    common = (template.get("Globals") or {}).get("Function") or {}
    return {**common, **(function.get("Properties") or {})}


def _with_resource(path: str, text: str, identifier: str, folder: str, functions: Sequence[str]) -> str:
    source = read_yaml(path, text)
    resources = _find(source.root, "Resources")
    if not isinstance(resources, MappingNode) or resources.is_flow or not resources.entries:
        raise _refuse(path, "Resources", "it has no lines to add to")
    if identifier in resources.by_key:
        raise _refuse(path, identifier, "there is a resource of this name")
    runtime, architecture = _find_machine(source.value, functions)
    step = " " * max(source.lines.column(resources.start), 2)
    lines = (
        f"{step}{identifier}:",
        f"{step * 2}Type: {LAYER}",
        f"{step * 2}Metadata:",
        f"{step * 3}BuildMethod: {runtime}",
        *([f"{step * 3}BuildArchitecture: {architecture}"] if architecture else []),
        f"{step * 2}Properties:",
        f"{step * 3}ContentUri: {folder}/",
        f"{step * 3}CompatibleRuntimes:",
        f"{step * 4}- {runtime}",
    )
    end = _find_end(source, resources)
    return source.lines.text[:end] + "\n\n" + "\n".join(lines) + source.lines.text[end:]


def _find_end(source: YamlSource, resources: MappingNode) -> int:
    """Where the last resource ends: comments further left are those of what follows."""
    text, step = source.lines.text[: resources.end].rstrip(), source.lines.column(resources.start)
    while True:
        begin = text.rfind("\n") + 1
        line = text[begin:].lstrip()
        if not line.startswith("#") or len(text) - begin - len(line) >= step:
            return len(text)
        text = text[:begin].rstrip()


def _find_machine(template: Json, functions: Sequence[str]) -> tuple[str, str | None]:
    """The runtime and, where the template says one, the architecture of the functions that have the layer.

    Where the template hides the runtime, it is that of the Python that is running.
    """
    resources = template["Resources"]
    chosen = [resources.get(key) for key in functions or resources]
    settings = [_read_settings(template, each) for each in chosen if _is_function(each)]
    settings = settings or [_read_settings(template, {})]
    runtimes = (each.get("Runtime") for each in settings)
    default = f"python{sys.version_info.major}.{sys.version_info.minor}"
    runtime = next((one for one in runtimes if isinstance(one, str) and one.startswith("python")), default)
    architectures = (each.get("Architectures") for each in settings)
    found = next((one[0] for one in architectures if isinstance(one, list) and one), None)
    return runtime, found if isinstance(found, str) else None


def _is_function(entry: Json) -> bool:
    return isinstance(entry, Mapping) and entry.get("Type") == FUNCTION


def _with_reference(path: str, text: str, function: str, identifier: str) -> str:
    """The text with the layer among those of a function, or of all where none is named."""
    where = ("Resources", function, "Properties") if function else ("Globals", "Function")
    source = read_yaml(path, text)
    if function:
        _check_function(path, source.value, function)
    holder: Node | None = source.root
    for depth, key in enumerate(where):
        inner = _find(holder, key)
        if inner is None:
            missing = {key: _nest(where[depth + 1 :], [identifier])}
            return _insert(source, holder, missing, before="Resources" if depth == 0 else None)
        holder = inner
    layers = _find(holder, "Layers")
    if layers is None:
        return _insert(source, holder, {"Layers": [identifier]})
    if not isinstance(layers, SequenceNode) or layers.tag is not None:
        raise _refuse(path, f"Layers of {function or 'Globals'}", "it is no list, so add the layer by hand")
    return _append(source, layers, identifier)


def _check_function(path: str, template: Json, function: str) -> None:
    found = template["Resources"].get(function)
    if not _is_function(found):
        raise _refuse(path, function, "there is no such function")
    if not _fits(_read_settings(template, found)):
        raise _refuse(path, function, "it does not run Python from a zip file")


def _nest(keys: Collection[str], layers: list[str]) -> dict[str, Json]:
    nested: dict[str, Json] = {"Layers": layers}
    for key in reversed(list(keys)):
        nested = {key: nested}
    return nested


def _insert(
    source: YamlSource, holder: Node | None, entry: Mapping[str, Json], before: str | None = None
) -> str:
    """The text with an entry at the head of a mapping, or before one of its keys."""
    if not isinstance(holder, MappingNode):
        raise _refuse(source.path, ", ".join(entry), "it has no lines to stand in")
    text = source.lines.text
    if holder.is_flow:
        inner = ", ".join(f"{key}: {_in_flow(value)}" for key, value in entry.items())
        comma = ", " if holder.entries else ""
        return f"{text[: holder.start + 1]}{inner}{comma}{text[holder.start + 1 :]}"
    key = holder.by_key[before][0] if before else holder.entries[0][0]
    indent = " " * source.lines.column(key.start)
    lines = "\n".join(_in_block(entry, indent)).removeprefix(indent)
    gap = "\n\n" if before else "\n"
    return f"{text[: key.start]}{lines}{gap}{indent}{text[key.start :]}"


def _in_block(entry: Mapping[str, Json], indent: str) -> list[str]:
    lines = []
    for key, value in entry.items():
        lines.append(f"{indent}{key}:")
        if isinstance(value, Mapping):
            lines += _in_block(value, indent + "  ")
        else:
            lines += [f"{indent}  - !Ref {each}" for each in value]
    return lines


def _in_flow(value: Json) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_in_flow(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(f"!Ref {each}" for each in value) + "]"


def _append(source: YamlSource, layers: SequenceNode, identifier: str) -> str:
    text = source.lines.text
    if layers.is_flow:
        comma = ", " if layers.items else ""
        return f"{text[: layers.end - 1]}{comma}!Ref {identifier}{text[layers.end - 1 :]}"
    first, last = layers.items[0], layers.items[-1]
    dash = text.rfind("-", 0, first.start)
    indent = text[text.rfind("\n", 0, dash) + 1 : dash]
    end = last.start + len(text[last.start : last.end].rstrip())
    return f"{text[:end]}\n{indent}- !Ref {identifier}{text[end:]}"


def _find(node: Node | None, key: str) -> Node | None:
    return node.by_key[key][1] if isinstance(node, MappingNode) and key in node.by_key else None
