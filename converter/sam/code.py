"""
The code of a SAM project's functions, as `sam build` would lay it out.

A function's folder is its CodeUri; a layer's is its ContentUri, whose files lie on the
path either as they are (built, BuildMethod) or below python/ (not built).
https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from posixpath import dirname, normpath

from converter import codes
from converter.chalice.runtime import without_runtime
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import decode_text
from converter.model import Application, Code, Function, Handler, Json, Position
from converter.python.imports import find_top_names
from converter.python.module import defines, parse_module
from converter.sam.intrinsics import choose_branch, rename, resolve_leaves
from converter.sam.project import SAMCONFIG_PATHS, TEMPLATE_PATHS, SamProject
from converter.sam.resource_types import FUNCTION, LAYER

REQUIREMENTS = "requirements.txt"

# What a project's root holds beside its code; a folder of its own is taken whole.
_NOT_CODE = (".git", ".github", ".vscode", ".idea", "docs", "events", "node_modules", "test", "tests")
_NOT_CODE_FILES = (
    *TEMPLATE_PATHS,
    *SAMCONFIG_PATHS,
    "Makefile",
    "LICENSE",
    "LICENSE.md",
    "README.md",
    "buildspec.yml",
)


@dataclass(frozen=True)
class LocalLayer:
    """A layer that the project builds: its files as they lie on the path, and its requirements."""

    identifier: str
    folder: str
    files: Mapping[str, bytes]
    requirements: tuple[str, ...]

    @property
    def has_code(self) -> bool:
        return any(path.endswith(".py") for path in self.files)

    @property
    def is_for_packages(self) -> bool:
        return bool(self.requirements) or not self.has_code


@dataclass
class SamCode:
    """The folders of a project's functions and layers, read once."""

    project: SamProject
    folders: dict[str, Mapping[str, bytes]] = field(default_factory=dict)
    _read: dict[str, Mapping[str, bytes]] = field(default_factory=dict)

    def read(self, application: Application) -> Application:
        functions = {name: self._with_code(function) for name, function in application.functions.items()}
        used = {layer for function in functions.values() for layer in function.code.layers}
        layers = {layer.folder: layer.files for layer in self.layers.values() if layer.folder in used}
        folders = {name: without_runtime(files) for name, files in {**self.folders, **layers}.items()}
        return replace(application, functions=functions, folders=folders)

    def why_not(self, identifier: str, properties: Mapping[str, Json]) -> str | None:
        """Why the handler cannot be a function of app.py, None if it can.

        A mistake of the author's is reported at its place.
        """
        folder, handler = self._locate(properties)
        place = ("Resources", identifier, "Properties")
        is_inline = isinstance(properties.get("InlineCode"), str)
        if is_inline:
            content: bytes | None = properties["InlineCode"].encode()
        else:
            content = self._read_folder(folder).get(handler.path) or self._find_in_layers(properties, handler)
        path = "/".join(filter(None, (folder, handler.path)))
        written = str(properties["Handler"])
        if content is None:
            if self._is_required(folder, properties, handler):
                return None
            if written in self._read_folder(folder):
                # The Lambda Web Adapter starts it: https://github.com/awslabs/aws-lambda-web-adapter
                return f"its handler is the file {written}, not a function"
            where = self.project.position(*place, "Handler")
            self.project.report(codes.MISSING_CODE.at(where, written, f"there is no file {path}"))
            return "its handler is not in the project"
        try:
            is_there = defines(path, decode_text(path, content), handler.name)
        except UnreadableError as error:
            found = error.diagnostics
            where = self.project.position(*place, "InlineCode")
            if is_inline:
                found = tuple(self._place_inline(one, properties["InlineCode"], where) for one in found)
            self.project.report(*found)
            return "its code cannot be read"
        if not is_there:
            where = self.project.position(*place, "Handler")
            self.project.report(codes.MISSING_CODE.at(where, written, f"{path} defines no {handler.name}"))
            return "its handler is not in the project"
        return None

    def _place_inline(self, diagnostic: Diagnostic, code: str, key: Position) -> Diagnostic:
        """A finding in inline code, at its line of the template; at the key if that holds no such line."""
        at = diagnostic.position or Position("", 1, 1)
        template = decode_text(key.path, self.project.files[key.path]).splitlines()
        lines = zip(code.splitlines(), template[key.line :], strict=False)
        inner, outer = next(islice(lines, at.line - 1, None), ("", "?"))
        is_there = inner.strip() == outer.strip()
        shift = outer.find(inner) if is_there else 0
        return replace(
            diagnostic,
            position=Position(key.path, key.line + at.line, at.column + shift) if is_there else key,
        )

    def _find_in_layers(self, properties: Mapping[str, Json], handler: Handler) -> bytes | None:
        layers = (self.layers[name] for name in self._layers_named(properties.get("Layers")))
        return next((layer.files[handler.path] for layer in layers if handler.path in layer.files), None)

    def _is_required(self, folder: str, properties: Mapping[str, Json], handler: Handler) -> bool:
        """Whether the handler is one of an installed package's, as `datadog_lambda.handler.handler` is."""
        lines = list(_lines(folder, self._read_folder(folder).get(REQUIREMENTS)))
        for name in self._layers_named(properties.get("Layers")):
            lines.extend(self.layers[name].requirements)
        package = handler.path.partition("/")[0].removesuffix(".py").replace("_", "-").lower()
        required = re.compile(rf"{re.escape(package)}(?![\w-])")
        return any(required.match(line.replace("_", "-").lower()) for line in lines)

    def _locate(self, properties: Mapping[str, Json]) -> tuple[str, Handler]:
        """The folder of a function, and its handler below it."""
        module, _, name = str(properties.get("Handler")).rpartition(".")
        if isinstance(properties.get("InlineCode"), str):
            # Lambda puts inline code into index.py, whatever module the handler names.
            return "", Handler("index.py", name)
        uri = properties.get("CodeUri")
        folder = normpath(uri) if isinstance(uri, str) else "."
        if folder.endswith(".py"):
            folder = dirname(folder) or "."
        folder = "" if folder == "." else folder
        base = module.replace(".", "/")
        is_package = f"{base}/__init__.py" in self._read_folder(folder)
        return folder, Handler(f"{base}/__init__.py" if is_package else f"{base}.py", name)

    def _with_code(self, function: Function) -> Function:
        found = self.project.functions[function.name]
        layers = tuple(self.layers[layer].folder for layer in self.code_layers(function))
        folder, handler = self._locate(found.left)
        inline, _, _ = (self.project.take_raw(function, key) for key in ("InlineCode", "CodeUri", "Handler"))
        if isinstance(inline, str):
            self.folders[found.name] = {"index.py": inline.encode()}
            return replace(function, code=Code(found.name, handler, layers))
        if folder not in self.folders:
            self.folders[folder] = self._read_folder(folder)
        if folder.startswith("../"):
            place = self.project.position("Resources", found.identifier, "Properties", "CodeUri")
            reason = "the folder lies outside the project; its code is carried into the new one"
            self.project.report(codes.CODE_OUTSIDE.at(place, folder, reason))
        return replace(function, code=Code(folder, handler, layers))

    def deploy(self, identifier: str) -> tuple[str, Mapping[str, bytes], Mapping[str, bytes]]:
        """What Lambda gets of a function: its handler, the files of /var/task and of /opt, as written."""
        properties = self.project.properties(identifier)
        folder, handler = self._locate(properties)
        inline = properties.get("InlineCode")
        task = {"index.py": inline.encode()} if isinstance(inline, str) else self._read_folder(folder)
        module = handler.path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
        opt: dict[str, bytes] = {}
        for layer in self._layers_named(properties.get("Layers")):
            files = self._read_folder(self.layers[layer].folder)
            is_built = "BuildMethod" in (self.project.resources[layer].get("Metadata") or {})
            opt |= {f"python/{path}": files[path] for path in files} if is_built else files
        return f"{module}.{handler.name}", task, opt

    def _read_folder(self, folder: str) -> Mapping[str, bytes]:
        if folder not in self._read:
            self._read[folder] = self._list_folder(folder)
        return self._read[folder]

    @cached_property
    def _paths(self) -> list[str]:
        return sorted(self.project.files)

    def _list_folder(self, folder: str) -> dict[str, bytes]:
        files = self.project.files
        if folder.startswith(".."):
            return {path.removeprefix(f"{folder}/"): files[path] for path in files.list_outside(folder)}
        if folder:
            # "0" follows "/", so these are all paths below the folder.
            first, end = (bisect_left(self._paths, folder + after) for after in "/0")
            return {path.removeprefix(f"{folder}/"): files[path] for path in self._paths[first:end]}
        code = {
            path: files[path]
            for path in files
            if not path.startswith(".")
            and path not in _NOT_CODE_FILES
            and path.partition("/")[0] not in _NOT_CODE
        }
        return _without_folders(code, self._handlers_at_root(), set(self._other_folders()))

    def _handlers_at_root(self) -> list[str]:
        """The modules of the functions whose folder is the whole project, as paths."""
        functions = (
            self.project.properties(identifier)
            for identifier, resource in self.project.resources.items()
            if isinstance(resource, Mapping) and resource.get("Type") == FUNCTION
        )
        return [
            str(properties.get("Handler")).rpartition(".")[0].replace(".", "/")
            for properties in functions
            if normpath(str(properties.get("CodeUri") or ".")) == "."
        ]

    def _other_folders(self) -> Iterator[str]:
        """The folders of other functions and layers, which code at the root mostly does without."""
        for identifier, resource in self.project.resources.items():
            if isinstance(resource, Mapping) and resource.get("Type") in (LAYER, FUNCTION):
                properties = resource.get("Properties") or {}
                uri = properties.get("ContentUri") or self.project.properties(identifier).get("CodeUri")
                if isinstance(uri, str) and normpath(uri) != ".":
                    yield normpath(uri)

    # --- layers ---------------------------------------------------------------------

    @property
    def layers(self) -> dict[str, LocalLayer]:
        """The layers whose content can live on in a Chalice project, by id."""
        if not hasattr(self, "_layers"):
            self._layers = {layer.identifier: layer for layer in self._find_layers()}
        return self._layers

    def _find_layers(self) -> Iterator[LocalLayer]:
        for identifier, resource in self.project.resources.items():
            if not isinstance(resource, Mapping) or resource.get("Type") != LAYER or "Condition" in resource:
                continue
            properties = resource.get("Properties") or {}
            uri = properties.get("ContentUri")
            if identifier in self.project.dummy_layers:
                dummy, uri = self.project.dummy_layers[identifier]
                files = self._without_dummy(dummy, self._read_folder(normpath(uri)))
            elif isinstance(uri, str) and not uri.startswith("s3://"):
                files = dict(self._read_folder(normpath(uri)))
                method = str((resource.get("Metadata") or {}).get("BuildMethod", ""))
                if method and not method.startswith("python"):
                    continue
                if not method or not files.keys() - _below(files, "python/").keys() - {REQUIREMENTS}:
                    files = {**_below(files, "python/"), **_requirements_only(files)}
            else:
                continue
            lines = _lines(normpath(uri), files.get(REQUIREMENTS))
            if REQUIREMENTS in files or any(path.endswith(".py") for path in files):
                yield LocalLayer(identifier, normpath(uri), files, lines)

    def _without_dummy(self, dummy: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
        handler = str(self.project.properties(dummy).get("Handler", "")).rpartition(".")[0].replace(".", "/")
        return {
            path: content for path, content in files.items() if path not in (f"{handler}.py", "__init__.py")
        }

    def code_layers(self, function: Function) -> Iterator[str]:
        """The ids of the local layers that a function names and its code may know of, in order."""
        for layer in self.named_layers(function):
            if self.layers[layer].has_code or layer in self.project.dummy_layers:
                yield layer

    def named_layers(self, function: Function) -> list[str]:
        return self._layers_named(self.project.functions[function.name].left.get("Layers"))

    def _layers_named(self, written: Json) -> list[str]:
        """The ids of the project's own layers in a list of layers, of whatever stage."""
        if written is None:
            return []
        items = [item for layers in self._by_stage(written).values() for item in layers]
        refs = (item.get("Ref") for item in items if isinstance(item, Mapping))
        return list(dict.fromkeys(ref for ref in refs if isinstance(ref, str) and ref in self.layers))

    def _by_stage(self, written: Json) -> dict[str, list[Json]]:
        """The layers in each stage; none where the list as a whole is open until deployment."""
        # The list may hold references, which stay open; only the choice between lists has to be known.
        found = {
            stage: resolve_leaves(choose_branch(written, scope), scope)
            for stage, scope in self.project.scopes.items()
        }
        return {stage: layers if isinstance(layers, list) else [] for stage, layers in found.items()}

    def take_foreign_layers(self, function: Function) -> dict[str, Json]:
        """The layers of a function that are not the project's own."""
        local = self.named_layers(function)
        for layer in local:
            if layer not in self.project.absorbed:
                place = self.project.position("Resources", layer)
                reason = "its code lives on in chalicelib/, its packages in requirements.txt"
                self.project.report(codes.ABSORBED_LAYER.at(place, layer, reason))
            self.project.absorbed[layer] = "its content is part of the Chalice project"
            if layer in self.project.dummy_layers:
                self.project.absorbed[self.project.dummy_layers[layer][0]] = "it only built a layer"
        written = self.project.take_raw(function, "Layers")
        by_stage = self._by_stage(written)
        if written is not None and not any(by_stage.values()):
            return self.project.by_stage(written)
        foreign = {
            stage: [item for item in layers if not (isinstance(item, Mapping) and item.get("Ref") in local)]
            for stage, layers in by_stage.items()
        }
        return {stage: rename(layers, self.project.ids) or None for stage, layers in foreign.items()}

    # --- requirements ------------------------------------------------------------------

    def read_requirements(self, application: Application) -> Application:
        """All functions' and layers' packages together: a Chalice project has one list."""
        lines: dict[str, None] = {}
        own = False
        for function in application.functions.values():
            folder = function.code.folder
            path = f"{folder}/{REQUIREMENTS}" if folder else REQUIREMENTS
            if path in self.project.files:
                found = _lines(folder, self.project.files[path])
                own = own or bool(found)
                lines.update(dict.fromkeys(found))
        in_layers: list[set[str]] = []
        for function in application.functions.values():
            named = self.named_layers(function)
            in_layers.append({layer for layer in named if self.layers[layer].is_for_packages})
            for layer in named:
                lines.update(dict.fromkeys(self.layers[layer].requirements))
        is_layered = bool(in_layers) and not own and all(in_layers)
        return replace(
            application,
            requirements=tuple(lines),
            dependencies_layer=dict.fromkeys(self.project.stages, is_layered),
        )


def _without_folders(code: Mapping[str, bytes], handlers: list[str], others: set[str]) -> dict[str, bytes]:
    """The code at the root but for other folders; one with a handler of its own, or imported, stays."""
    kept = {folder for folder in others if any(path.startswith(f"{folder}/") for path in handlers)}
    while True:
        others = others - kept
        prefixes = tuple(f"{folder}/" for folder in others)
        own = {path: content for path, content in code.items() if not path.startswith(prefixes)}
        names = {
            name for path in own if others and path.endswith(".py") for name in _imports(path, own[path])
        }
        kept = {folder for folder in others if folder.partition("/")[0] in names}
        if not kept:
            return own


def _imports(path: str, content: bytes) -> set[str]:
    """The first names of what a module imports, none if it cannot be read."""
    try:
        return find_top_names(parse_module(path, decode_text(path, content)))
    except UnreadableError:
        return set()


def _below(files: Mapping[str, bytes], prefix: str) -> dict[str, bytes]:
    return {path.removeprefix(prefix): content for path, content in files.items() if path.startswith(prefix)}


def _requirements_only(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {REQUIREMENTS: files[REQUIREMENTS]} if REQUIREMENTS in files else {}


def _lines(folder: str, content: bytes | None) -> tuple[str, ...]:
    """The lines of a folder's requirements.txt."""
    if content is None:
        return ()
    path = f"{folder}/{REQUIREMENTS}".lstrip("/")
    lines = (line.rstrip() for line in decode_text(path, content).splitlines())
    return tuple(line for line in lines if line.strip())
