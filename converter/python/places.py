"""
Where the code of a SAM project's functions and layers goes in one Chalice project.

Chalice deploys app.py, chalicelib/ and what lies in vendor/, which it puts at the top
of the package: https://aws.github.io/chalice/topics/packaging.html. So
- a folder becomes the package `chalicelib.<function or folder>`, the only one chalicelib/ itself;
- a layer's modules go to chalicelib/ itself, or to a package there if their names are taken;
- a folder `chalicelib/` gives back chalicelib/, if all that have one agree;
- what pip put there (it left metadata, or there are compiled modules) goes to vendor/ and
  keeps its name, unless another version of it is there already.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from converter.model import Handler
from converter.python.imports import find_imports_by_name, find_top_names
from converter.python.module import Module, module_name
from converter.python.roots import Root, SearchPath, top_of

CHALICELIB = "chalicelib"
VENDOR = "vendor"


@dataclass(frozen=True)
class Source:
    """One function's code as Lambda sees it.

    `name` is Chalice's name for the function, `folder` its CodeUri below the SAM project ("" for the
    project itself), `files` are all files of that folder, `layers` the keys of its layers in order.
    """

    name: str
    folder: str
    files: Mapping[str, bytes] = field(repr=False)
    handler: Handler
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Unit:
    """A folder with the functions that run from it."""

    root: Root
    path: SearchPath
    sources: tuple[Source, ...]


@dataclass(frozen=True, eq=False)
class Places:
    """The units, the layers that they share, and where each root goes.

    `paths` are the search paths that a root is on, `packages` its place, `vendored` the names that pip
    installed there and that go to vendor/, `renamed` the new paths of files that no import can name.
    """

    units: tuple[Unit, ...]
    layers: tuple[Root, ...]
    paths: Mapping[Root, Sequence[SearchPath]]
    packages: Mapping[Root, str]
    vendored: Mapping[Root, frozenset[str]]
    renamed: Mapping[Root, Mapping[str, str]]
    keeps_chalicelib: bool

    @cached_property
    def roots(self) -> tuple[Root, ...]:
        return (*(unit.root for unit in self.units), *self.layers)

    @cached_property
    def inner_folders(self) -> Mapping[str, Sequence[str]]:
        """The folders of other roots below each one, by its name."""
        inner: dict[str, list[str]] = {}
        for name in {root.name for root in self.roots} - {""}:
            inner.setdefault("", []).append(f"{name}/")
            parts = name.split("/")
            for count in range(1, len(parts)):
                inner.setdefault("/".join(parts[:count]), []).append(f"{'/'.join(parts[count:])}/")
        return inner

    def moves(self, root: Root, module: Module) -> dict[str, str]:
        """The package that each top-level module imported by a module of the root has moved to."""
        moves: dict[str, str] = {}
        for top in find_top_names(module):
            found = (path.find(top) for path in self.paths[root])
            holder = next((holder for holder in found if holder is not None), None)
            if holder is not None and not self._stays(holder, top):
                moves[top] = self.packages[holder]
        return moves

    def home(self, root: Root, path: str) -> str:
        """Where a file of the root lies in the Chalice project."""
        top = top_of(path)
        if top in self.vendored[root]:
            return f"{VENDOR}/{path}"
        if self._stays(root, top):
            return path
        return f"{self.packages[root].replace('.', '/')}/{self.renamed.get(root, {}).get(path, path)}"

    def _stays(self, root: Root, top: str) -> bool:
        return top in self.vendored[root] or (top == CHALICELIB and self.keeps_chalicelib)


def arrange(app_name: str, sources: Sequence[Source], layers: Mapping[str, Mapping[str, bytes]]) -> Places:
    """Find a place for everything, so that each import still finds what it found."""
    units, shared = _find_units(sources, layers)
    paths = {root: _paths_with(root, units) for root in shared}
    paths.update({unit.root: [unit.path] for unit in units})
    keeps = _agree_on_chalicelib(paths)
    reserved = {path.split("/")[1].removesuffix(".py") for root in paths for path in _chalicelib_files(root)}
    packages = _name_layers(shared, reserved, keeps) | _name_folders(app_name, units, reserved, keeps)
    renamed = {unit.root: _rename_handlers(unit) for unit in units}
    return Places(tuple(units), tuple(shared), paths, packages, _choose_vendored(paths), renamed, keeps)


def _tops_imported_by(root: Root, files: Iterable[str] | None = None) -> set[str]:
    """Installed packages import each other by their own names, which they keep."""
    modules = (root.parsed(path) for path in (root.code if files is None else files) if path.endswith(".py"))
    return {top for module in modules if module for top in find_top_names(module)}


def _is_one_meaning(paths: Collection[SearchPath], tops: Iterable[str]) -> bool:
    """Whether each name leads to one root, whichever of the functions runs."""
    return all(len({path.find(top) for path in paths} - {None}) <= 1 for top in tops)


# --- which roots there are -------------------------------------------------------


def _find_units(
    sources: Sequence[Source], layers: Mapping[str, Mapping[str, bytes]]
) -> tuple[list[Unit], list[Root]]:
    used = sorted({key for source in sources for key in source.layers} & layers.keys())
    roots = {key: Root(key, layers[key]) for key in used}
    folders: dict[str, list[Source]] = {}
    for source in sources:
        folders.setdefault(source.folder, []).append(source)
    units = [unit for group in folders.values() for unit in _make_units(group, roots)]
    shared = [root for root in roots.values() if root.code or root.installed]
    while True:
        private = [
            root for root in shared if not _is_one_meaning(_paths_with(root, units), _tops_imported_by(root))
        ]
        if not private:
            return units, shared
        shared = [root for root in shared if root not in private]
        units = [_take_in(unit, private) for unit in units]


def _make_units(sources: Sequence[Source], layers: Mapping[str, Root]) -> list[Unit]:
    """One unit for the functions of a folder, or one for each set of layers if these make a difference."""
    variants: dict[tuple[str, ...], list[Source]] = {}
    for source in sources:
        variants.setdefault(source.layers, []).append(source)
    root = Root(sources[0].folder, sources[0].files)
    paths = {keys: _search_path(root, keys, layers) for keys in variants}
    if len(variants) == 1 or _is_one_meaning(paths.values(), _tops_imported_by(root)):
        every = tuple(dict.fromkeys(key for keys in variants for key in keys))
        return [Unit(root, _search_path(root, every, layers), tuple(sources))]
    copies = {keys: Root(root.name, root.files) for keys in variants}
    return [
        Unit(copies[keys], _search_path(copies[keys], keys, layers), tuple(group))
        for keys, group in variants.items()
    ]


def _search_path(root: Root, keys: Iterable[str], layers: Mapping[str, Root]) -> SearchPath:
    return SearchPath((root, *(layers[key] for key in reversed(tuple(keys)) if key in layers)))


def _paths_with(root: Root, units: Iterable[Unit]) -> list[SearchPath]:
    return [unit.path for unit in units if root in unit.path.roots]


def _take_in(unit: Unit, private: Collection[Root]) -> Unit:
    """A layer whose imports mean something else in each function becomes part of each function's folder."""
    mine = [root for root in unit.path.roots if root in private]
    if not mine:
        return unit
    files = {path: data for root in reversed(mine) for path, data in root.files.items()}
    root = Root(unit.root.name, {**files, **unit.root.files})
    others = (other for other in unit.path.roots if other not in private and other is not unit.root)
    return Unit(root, SearchPath((root, *others)), unit.sources)


# --- what their packages are called -------------------------------------------------


def _chalicelib_files(root: Root) -> dict[str, bytes]:
    return {path: root.files[path] for path in root.code if path.startswith(f"{CHALICELIB}/")}


def _agree_on_chalicelib(roots: Mapping[Root, list[SearchPath]]) -> bool:
    """Whether one chalicelib/ serves all: no file has two contents, no import in it two meanings."""
    contents: dict[str, bytes] = {}
    tops: set[str] = set()
    paths: list[SearchPath] = []
    for root in roots:
        own = _chalicelib_files(root)
        if any(contents.setdefault(path, data) != data for path, data in own.items()):
            return False
        tops |= _tops_imported_by(root, own)
        paths.extend(roots[root] if own else ())
    return _is_one_meaning(paths, tops - {CHALICELIB})


def _name_layers(layers: Iterable[Root], reserved: set[str], keeps_chalicelib: bool) -> dict[Root, str]:
    packages = {}
    for root in layers:
        names = _names_in(root, keeps_chalicelib)
        if names & reserved:
            name = _choose([make_identifier(root.name.rpartition("/")[2])], reserved)
            packages[root] = f"{CHALICELIB}.{name}"
        else:
            reserved |= names
            packages[root] = CHALICELIB
    return packages


def _names_in(root: Root, keeps_chalicelib: bool) -> set[str]:
    """The names that the root's code would take in chalicelib/."""
    names = {path.partition("/")[0].removesuffix(".py") for path in root.code} - {"__init__"}
    return names - {CHALICELIB} if keeps_chalicelib else names


def _fits_chalicelib(root: Root, reserved: Collection[str], keeps_chalicelib: bool) -> bool:
    """Whether a folder's code can be that of chalicelib/ itself, whose `__init__.py` runs for all."""
    is_plain = not root.files.get("__init__.py", b"").strip()
    return is_plain and not _names_in(root, keeps_chalicelib) & {*reserved, CHALICELIB}


def _name_folders(
    app_name: str, units: Sequence[Unit], reserved: set[str], keeps_chalicelib: bool
) -> dict[Root, str]:
    if len(units) == 1 and _fits_chalicelib(units[0].root, reserved, keeps_chalicelib):
        return {units[0].root: CHALICELIB}
    packages = {}
    for unit in units:
        functions = [make_identifier(source.name) for source in unit.sources]
        folder = [make_identifier(part) for part in (unit.root.name or app_name).split("/")]
        longer = ["_".join(folder[-count:]) for count in range(1, len(folder) + 1)]
        packages[unit.root] = (
            f"{CHALICELIB}.{_choose(functions if len(functions) == 1 else longer, reserved)}"
        )
    return packages


def _choose(names: Sequence[str], taken: set[str]) -> str:
    """The first name that is free, which is then taken."""
    numbered = (f"{names[0]}_{number}" for number in range(2, len(taken) + 3))
    name = next(name for name in chain(names, numbered) if name not in taken)
    taken.add(name)
    return name


def _rename_handlers(unit: Unit) -> dict[str, str]:
    """New paths for `my-handler.py` and the like, which Lambda can import and Python's grammar cannot."""
    modules = (unit.root.parsed(path) for path in unit.root.code if path.endswith(".py"))
    named = {name for module in modules if module for _, name in find_imports_by_name(module)}
    renamed = {}
    for source in unit.sources:
        folder, slash, file = source.handler.path.rpartition("/")
        stem = file.removesuffix(".py")
        path = f"{folder}{slash}{make_identifier(stem)}.py"
        if path not in unit.root.files and module_name(source.handler.path) not in named:
            renamed[source.handler.path] = path
    return renamed


def make_identifier(name: str) -> str:
    """`foo-bar` -> `foo_bar`; what Python does not take as a name gets an underscore."""
    name = re.sub(r"\W+", "_", name).strip("_") or "_"
    if name[0].isdigit():
        return f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _choose_vendored(roots: Iterable[Root]) -> dict[Root, frozenset[str]]:
    vendor: dict[str, dict[str, bytes]] = {}
    chosen: dict[Root, frozenset[str]] = {}
    for root in roots:
        by_top: dict[str, dict[str, bytes]] = {top: {} for top in sorted(root.installed)}
        for path, data in root.files.items():
            if top_of(path) in by_top:
                by_top[top_of(path)][path] = data
        chosen[root] = frozenset(
            top for top, files in by_top.items() if vendor.setdefault(top, files) == files
        )
    return chosen
