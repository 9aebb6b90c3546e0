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
    """The project with a layer of these packages for the functions with these logical ids, for all without.

    Raises UnreadableError where there is no template in YAML, or where it or the folder has such a layer, or
    where what is written there cannot be added to.
    """
    path = next((path for path in TEMPLATE_PATHS if path in files), None)
    if path is None or path.endswith(".json"):
        raise UnreadableError(LAYER_NOT_ADDED.at(None, path or "the folder", "it has no template in YAML"))
    text = decode_text(path, files[path])
    identifier = f"{logical_id(name)}Layer"
    folder = f"layers/{name}"
    if f"{folder}/requirements.txt" in files:
        raise _refuse(path, folder, "it is there already")
    text = _with_resource(path, text, identifier, folder)
    for function in functions or ("",):
        text = _with_reference(path, text, function, identifier)
    requirements = "".join(f"{package}\n" for package in packages)
    added = {path: text.encode(), f"{folder}/requirements.txt": requirements.encode()}
    return AddedLayer(added, identifier, tuple(functions))


def _refuse(path: str, subject: str, reason: str) -> UnreadableError:
    return UnreadableError(LAYER_NOT_ADDED.at(None, f"{subject} of {path}", reason))


def _with_resource(path: str, text: str, identifier: str, folder: str) -> str:
    source = read_yaml(path, text)
    resources = _find(source.root, "Resources")
    if not isinstance(resources, MappingNode) or resources.is_flow or not resources.entries:
        raise _refuse(path, "Resources", "it has no lines to add to")
    if identifier in resources.by_key:
        raise _refuse(path, identifier, "there is a resource of this name")
    runtime = _find_runtime(source.value)
    step = " " * max(source.lines.column(resources.start), 2)
    lines = (
        f"{step}{identifier}:",
        f"{step * 2}Type: {LAYER}",
        f"{step * 2}Metadata:",
        f"{step * 3}BuildMethod: {runtime}",
        f"{step * 2}Properties:",
        f"{step * 3}ContentUri: {folder}/",
        f"{step * 3}CompatibleRuntimes:",
        f"{step * 4}- {runtime}",
    )
    end = len(source.lines.text[: resources.end].rstrip())
    return source.lines.text[:end] + "\n\n" + "\n".join(lines) + source.lines.text[end:]


def _find_runtime(template: Json) -> str:
    """The runtime that the functions have; that of the Python that is running where the template hides it."""
    settings = (template.get("Globals") or {}).get("Function") or {}
    entries = [
        entry.get("Properties") or {} for entry in template["Resources"].values() if _is_function(entry)
    ]
    found = (each.get("Runtime") for each in (settings, *entries))
    default = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return next((one for one in found if isinstance(one, str) and one.startswith("python")), default)


def _is_function(entry: Json) -> bool:
    return isinstance(entry, Mapping) and entry.get("Type") == FUNCTION


def _with_reference(path: str, text: str, function: str, identifier: str) -> str:
    """The text with the layer among those of a function, or of all where none is named."""
    where = ("Resources", function, "Properties") if function else ("Globals", "Function")
    source = read_yaml(path, text)
    if function and not _is_function(source.value["Resources"].get(function)):
        raise _refuse(path, function, "there is no such function")
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


def _nest(keys: Collection[str], layers: list[str]) -> dict[str, Json]:
    nested: dict[str, Json] = {"Layers": layers}
    for key in reversed(list(keys)):
        nested = {key: nested}
    return nested


def _insert(
    source: YamlSource, holder: Node | None, entry: Mapping[str, Json], before: str | None = None
) -> str:
    """The text with an entry at the head of a mapping, or before one of its keys."""
    assert isinstance(holder, MappingNode)
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
