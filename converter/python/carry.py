"""Every file of the functions and layers, at its new place and with its imports rewritten."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter import codes
from converter.diagnostics import Code, Diagnostic, UnreadableError
from converter.model import Position
from converter.python.data_files import Read, find_layer_reads, find_reads, knows_its_place
from converter.python.imports import find_imports, find_imports_by_name, find_path_edits
from converter.python.module import Module
from converter.python.places import CHALICELIB, VENDOR, Places
from converter.python.roots import Root, is_document, top_of

# What lies beside the code when CodeUri is the project itself, and belongs to the project.
_PROJECT_FILE = re.compile(
    r"^(\.|(template|packaged?|samconfig|buildspec)[^/]*\.(ya?ml|json|toml)$|(events|tests?|docs?)/|"
    r"(README|LICENSE|CHANGELOG|CONTRIBUTING|CODE_OF_CONDUCT)[^/]*$|"
    r"(Makefile|Dockerfile|Pipfile(\.lock)?|pyproject\.toml|poetry\.lock|uv\.lock|setup\.(py|cfg)|tox\.ini|pytest\.ini)$)"
)


@dataclass(frozen=True)
class Carried:
    """The files by their new path, where each came from, and what there is to say."""

    files: Mapping[str, bytes]
    origins: Mapping[str, tuple[Root, str]]
    diagnostics: tuple[Diagnostic, ...]


def carry(places: Places) -> Carried:
    """All code and data of the project's functions and layers, but for what nobody would miss."""
    carrier = _Carrier(places)
    for root in places.roots:
        carrier.carry_root(root)
    return Carried(carrier.files, carrier.origins, tuple(carrier.diagnostics))


class _Carrier:
    def __init__(self, places: Places) -> None:
        self.places = places
        self.handlers: dict[Root, set[str]] = {root: set() for root in places.roots}
        for unit in places.units:
            self.handlers[unit.root].update(source.handler.path for source in unit.sources)
        self.files: dict[str, bytes] = {}
        self.origins: dict[str, tuple[Root, str]] = {}
        self.diagnostics: list[Diagnostic] = []

    def carry_root(self, root: Root) -> None:
        code = self._without_others(root)
        self._carry_data(root, code)
        for path in code:
            if path.endswith(".py"):
                self._put(root, path, self._convert(root, path))
        for path in sorted(root.files):
            if root.is_installed(path):
                self._put(root, path, self._convert_installed(root, path))
        self._report_conflicts(root)

    def _put(self, root: Root, path: str, data: bytes) -> None:
        home = self.places.home(root, path)
        if path == "__init__.py" and home not in self.files:
            # Lambda never runs it: the folder is not a package there.
            data = self._blank_init(root, path, data)
            if self.places.packages[root] == CHALICELIB and not data:
                return
        self.files.setdefault(home, data)
        self.origins.setdefault(home, (root, path))

    def _blank_init(self, root: Root, path: str, data: bytes) -> bytes:
        module = root.parsed(path)
        if module is not None and all(statement.is_docstring for statement in module.statements):
            return data
        if path in self.handlers[root]:
            return data
        self._report(
            codes.INIT_NOT_RUN, root, path, 1, path, "Lambda does not run it in the code folder itself"
        )
        return b""

    # --- which files ------------------------------------------------------------

    def _without_others(self, root: Root) -> list[str]:
        """The code without what belongs to the project, or to an inner folder that it does not import."""
        inner = self.places.inner_folders.get(root.name, ())
        reached: set[str] = set()
        for path in self.places.paths[root] if inner and root not in self.places.layers else ():
            start = ((root, handler) for handler in self.handlers[root] if handler in root.files)
            reached = {found for holder, found in path.reach(start) if holder is root}
        unused = tuple(folder for folder in inner if not any(path.startswith(folder) for path in reached))
        return [
            path
            for path in root.code
            if not path.startswith(unused) and not (root.name == "" and _PROJECT_FILE.search(path))
        ]

    # --- data -------------------------------------------------------------------

    def _carry_data(self, root: Root, code: Sequence[str]) -> None:
        data = [path for path in code if not path.endswith(".py")]
        moved = self._move_read_data(root, code, data)
        for path in data:
            if path in moved:
                continue
            if root in self.places.layers and "/" not in path and is_document(path):
                self._report(
                    codes.LEFT_OUT_FILE, root, path, 1, path, "it describes the layer and is not used by code"
                )
                continue
            self._put(root, path, root.files[path])

    def _move_read_data(self, root: Root, code: Sequence[str], data: Sequence[str]) -> set[str]:
        """Put what is read from the current folder into vendor/, which Chalice unpacks there."""
        modules = [(path, module) for path in code if path.endswith(".py") and (module := root.parsed(path))]
        # What stays where it was is still found.
        data = [path for path in data if self.places.home(root, path) != path]
        layer_data = [path for layer in self.places.layers for path in layer.data]
        moved: set[str] = set()
        for path, module in modules:
            for read in find_reads(module, data):
                moved |= self._move_files(root, path, read)
            for read in find_layer_reads(module, layer_data):
                reason = f"{read.files[0]} of a layer is not below /opt in a Chalice project"
                self._report_at(
                    codes.DATA_FILE_MOVED, root, path, module, read.node, repr(read.node.value), reason
                )
        is_read_in_place = moved and any(knows_its_place(module) for _, module in modules)
        return set() if is_read_in_place else moved

    def _move_files(self, root: Root, path: str, read: Read) -> set[str]:
        module = root.parse(path)
        taken = [
            file
            for file in read.files
            if self.files.get(f"{VENDOR}/{file}", root.files[file]) != root.files[file]
        ]
        subject = repr(read.node.value)
        if taken:
            reason = (
                f"another function reads another {taken[0]} at the same place, and one package serves both"
            )
            self._report_at(codes.DATA_FILE_MOVED, root, path, module, read.node, subject, reason)
            return set()
        for file in read.files:
            self.files[f"{VENDOR}/{file}"] = root.files[file]
            self.origins[f"{VENDOR}/{file}"] = (root, file)
        where = f"{VENDOR}/{read.files[0]}" if len(read.files) == 1 else f"{VENDOR}/"
        self._report_at(
            codes.DATA_FILE_IN_VENDOR, root, path, module, read.node, subject, f"the file is now in {where}"
        )
        return set(read.files)

    # --- code -------------------------------------------------------------------

    def _convert(self, root: Root, path: str) -> bytes:
        try:
            module = root.parse(path)
        except UnreadableError as error:
            self.diagnostics.extend(error.diagnostics)
            return root.files[path]
        moves = self.places.moves(root, module)
        self._report_imports(root, path, module, moves)
        has_layers = any(len(path.roots) > 1 for path in self.places.paths[root])
        return self._rewrite(root, path, module, moves, has_layers)

    def _convert_installed(self, root: Root, path: str) -> bytes:
        """An installed package keeps its text, unless it had to become part of a package."""
        is_moved = top_of(path) in root.installed - self.places.vendored[root]
        module = root.parsed(path) if is_moved and path.endswith(".py") else None
        if module is None:
            return root.files[path]
        return self._rewrite(root, path, module, self.places.moves(root, module))

    def _rewrite(
        self, root: Root, path: str, module: Module, moves: Mapping[str, str], has_layers: bool = False
    ) -> bytes:
        """The module's source, byte for byte if nothing in it has to change."""
        drop_layer_paths = has_layers and any(is_layer for _, is_layer in find_path_edits(module))
        if not moves and not drop_layer_paths:
            return root.files[path]
        import libcst

        from converter.python.move_imports import move_imports

        try:
            return move_imports(root.files[path], moves, drop_layer_paths=drop_layer_paths)
        except libcst.ParserSyntaxError as error:
            at = Position(root.place(path), error.raw_line, error.raw_column + 1)
            reason = "the rewriter cannot read it, so its imports are as they were"
            self.diagnostics.append(codes.UNPARSABLE_PYTHON.at(at, path, reason))
            return root.files[path]

    def _report_imports(self, root: Root, path: str, module: Module, moves: Mapping[str, str]) -> None:
        for item in find_imports(module):
            if not item.leaves:
                continue
            text = ast.unparse(item.node)
            reason = "it names a module above the code folder, which is not deployed with it"
            self._report_at(codes.IMPORT_LEAVES_FOLDER, root, path, module, item.node, text, reason)
        for call, is_layer in find_path_edits(module):
            if is_layer:
                continue
            home = self.places.home(root, path).rpartition("/")[0]
            reason = f"the code that it leads to may be elsewhere: this folder is now {home}"
            self._report_at(codes.PATH_EDIT, root, path, module, call, ast.unparse(call), reason)
        for call, name in find_imports_by_name(module):
            is_rewritten = name is not None and module.dotted(call.func) == "importlib.import_module"
            is_elsewhere = name is not None and name.partition(".")[0] not in moves
            if not is_rewritten and not is_elsewhere:
                reason = "the module is named at run time, and the modules of this folder have new names"
                self._report_at(codes.IMPORT_BY_NAME, root, path, module, call, ast.unparse(call), reason)
        for node, target in _dotted_texts(module, root, moves):
            reason = f"the module is now {target}"
            self._report_at(codes.MODULE_IN_TEXT, root, path, module, node, repr(node.value), reason)

    # --- what there is to say ---------------------------------------------------

    def _report_conflicts(self, root: Root) -> None:
        for top in sorted(root.installed - self.places.vendored[root]):
            home = self.places.home(root, top)
            reason = f"another version of it is in {VENDOR}/, so this one is in {home}"
            self._report(codes.TWO_VERSIONS, root, top, 1, top, reason)

    def _report_at(
        self, code: Code, root: Root, path: str, module: Module, node: ast.AST, subject: str, reason: str
    ) -> None:
        at = module.position(node)
        self.diagnostics.append(code.at(Position(root.place(path), at.line, at.column), subject, reason))

    def _report(self, code: Code, root: Root, path: str, line: int, subject: str, reason: str) -> None:
        self.diagnostics.append(code.at(Position(root.place(path), line, 1), subject, reason))


def _dotted_texts(module: Module, root: Root, moves: Mapping[str, str]) -> Iterator[tuple[ast.Constant, str]]:
    """Texts such as `"helper.load"` that name something in a module of the root, as for mock.patch."""
    by_name = {id(call.args[0]) for call, _ in find_imports_by_name(module)} if moves else set()
    for node in module.nodes if moves else ():
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in by_name:
            continue
        owner, _, name = node.value.rpartition(".")
        top = owner.partition(".")[0]
        if top in moves and _names_something(root, owner, name):
            yield node, f"{moves[top]}.{owner}"


def _names_something(root: Root, owner: str, name: str) -> bool:
    path = root.modules.get(owner)
    module = root.parsed(path) if path else None
    return f"{owner}.{name}" in root.modules or (module is not None and name in module.binders)


def make_packages(files: Mapping[str, bytes], within: str) -> dict[str, bytes]:
    """The files, with an `__init__.py` in each folder below `within` that leads to a module."""
    folders = {folder for path in files if path.endswith(".py") for folder in _folders_of(path, within)}
    return {**{f"{folder}/__init__.py": b"" for folder in sorted(folders)}, **files}


def _folders_of(path: str, within: str) -> Collection[str]:
    parts = path.split("/")[:-1]
    if parts[:1] != [within]:
        return ()
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
