"""
The folders on a function's `sys.path`, what can be imported from them, and who wins.

Lambda looks in the function's own folder first, then in the layers, of which the last
named wins: https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from converter.diagnostics import Diagnostic, UnreadableError
from converter.files import decode_text
from converter.model import Position
from converter.python.imports import find_imports
from converter.python.module import Module, module_name, parse_module

_COMPILED = re.compile(r"\.(so|pyd)$")
_METADATA = re.compile(r"(?:^|/)([^/]+)-[^/-]+\.(?:dist|egg)-info$")
_JUNK = re.compile(
    r"(^|/)(__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.git|\.aws-sam|\.venv|node_modules)(/|$)"
    r"|\.py[co]$|(^|/)\.DS_Store$|^[^/]*requirements[^/]*\.(txt|in)$"
)


@dataclass(frozen=True, eq=False)
class Root:
    """A folder that Lambda puts on `sys.path`: a function's code or a layer's, by its name in the project."""

    name: str
    files: Mapping[str, bytes]
    _parsed: dict[str, Module | UnreadableError] = field(default_factory=dict, repr=False)

    @cached_property
    def code(self) -> tuple[str, ...]:
        """The author's own files, in order: not what pip or Python made, and not the list for pip."""
        own = (path for path in self.files if not _JUNK.search(path) and not self.is_installed(path))
        return tuple(sorted(own))

    @cached_property
    def data(self) -> tuple[str, ...]:
        return tuple(path for path in self.code if not path.endswith(".py"))

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """The file of each importable module, "" for a folder that is a namespace package."""
        found: dict[str, str] = {}
        for path in sorted(self.files):
            if path.endswith(".py"):
                name = module_name(path)
                if found.get(name, "").endswith("/__init__.py"):
                    continue
                found[name] = path
                while "." in name:
                    name = name.rpartition(".")[0]
                    found.setdefault(name, "")
        return found

    @cached_property
    def tops(self) -> frozenset[str]:
        return frozenset(name for name in self.modules if "." not in name) | self.installed

    @property
    def installed(self) -> frozenset[str]:
        """The top-level names that pip put here."""
        return frozenset(name for name in self._installed if "/" not in name)

    def is_installed(self, path: str) -> bool:
        """Whether pip put the file here: its metadata says so, or it belongs to a compiled package."""
        parts = path.split("/")
        parts[-1] = parts[-1] if _METADATA.search(path) else _module_of(parts[-1])
        return any("/".join(parts[:count]) in self._installed for count in range(1, len(parts) + 1))

    @cached_property
    def _installed(self) -> frozenset[str]:
        """Paths of what pip put here, as `jwt`, `common/jwt`, `common/PyJWT-2.8.0.dist-info`."""
        folders = {path[: end.start()] for path in self.files for end in re.finditer("/", path)}
        metadata = {folder for folder in folders if _METADATA.search(folder)}
        listed = {path for folder in metadata for path in self._read_metadata(folder)}
        return frozenset(metadata | listed | {top_of(path) for path in self.files if _COMPILED.search(path)})

    def _read_metadata(self, folder: str) -> Iterator[str]:
        """https://packaging.python.org/specifications/recording-installed-packages/"""
        record = self.files.get(f"{folder}/RECORD", b"").decode(errors="replace")
        top_level = self.files.get(f"{folder}/top_level.txt", b"").decode(errors="replace").split()
        listed = [line.partition(",")[0] for line in record.splitlines()]
        parent = folder[: folder.rfind("/") + 1]
        for name in listed or top_level or _METADATA.findall(folder):
            if not name.startswith((".", "/")):
                yield parent + top_of(name)

    def parse(self, path: str) -> Module:
        """The module in a file. Raises UnreadableError with its place in the project."""
        if path not in self._parsed:
            try:
                text = decode_text(path, self.files[path])
                self._parsed[path] = parse_module(path, re.sub(r"\r\n?", "\n", text))
            except UnreadableError as error:
                self._parsed[path] = UnreadableError(*map(self._place, error.diagnostics))
        parsed = self._parsed[path]
        if isinstance(parsed, UnreadableError):
            raise parsed
        return parsed

    def adopt(self, path: str, root: Root, origin: str) -> None:
        """Take over what another root has read of a file that is here, unchanged, at a path of its own."""
        parsed = root._parsed.get(origin)
        if isinstance(parsed, Module) and root.files[origin] == self.files[path]:
            self._parsed[path] = parsed.at(path)

    def parsed(self, path: str) -> Module | None:
        try:
            return self.parse(path)
        except UnreadableError:
            return None

    def place(self, path: str) -> str:
        """Where a file lies in the project."""
        return f"{self.name}/{path}" if self.name else path

    def _place(self, diagnostic: Diagnostic) -> Diagnostic:
        at = diagnostic.position
        if at is None:
            return diagnostic
        placed = Position(self.place(at.path), at.line, at.column)
        return diagnostic.code.at(placed, diagnostic.subject, diagnostic.reason, diagnostic.action)


@dataclass(frozen=True, eq=False)
class SearchPath:
    """The roots of a function, in the order in which Python looks."""

    roots: tuple[Root, ...]

    def find(self, name: str) -> Root | None:
        """The root that a module comes from; a folder without `__init__.py` only if there is nothing else."""
        top = name.partition(".")[0]
        holders = [root for root in self.roots if top in root.tops]
        regular = (root for root in holders if top in root.installed or root.modules.get(top))
        return next(regular, next(iter(holders), None))

    def files_of(self, name: str) -> Iterator[tuple[Root, str]]:
        """The files that importing a module runs: those of its packages, then its own."""
        root = self.find(name)
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            path = root.modules.get(".".join(parts[:count])) if root else None
            if root and path:
                yield root, path

    def reach(self, start: Iterable[tuple[Root, str]]) -> set[tuple[Root, str]]:
        """The files, and all that their imports lead to."""
        reached: set[tuple[Root, str]] = set()
        waiting = list(start)
        while waiting:
            root, path = waiting.pop()
            if (root, path) in reached:
                continue
            reached.add((root, path))
            module = root.parsed(path)
            for item in find_imports(module) if module and not root.is_installed(path) else ():
                waiting.extend(self.files_of(item.name))
        return reached


def users_of(root: Root) -> Mapping[str, set[str]]:
    """For each module name, the files of the root that may import it (tests aside)."""
    users: dict[str, set[str]] = defaultdict(set)
    for path in root.code:
        module = root.parsed(path) if path.endswith(".py") and not is_test(path) else None
        for item in find_imports(module) if module else ():
            users[item.name].add(path)
    return users


def top_of(path: str) -> str:
    """The top-level importable name that a file belongs to: `a/b.py` -> `a`, `a.cpython-312.so` -> `a`."""
    top, slash, _ = path.partition("/")
    return top if slash else _module_of(top)


def _module_of(file: str) -> str:
    is_module = file.endswith(".py") or _COMPILED.search(file)
    return file.partition(".")[0] if is_module else file


def is_test(path: str) -> bool:
    parts = path.split("/")
    return bool({"tests", "test"} & set(parts[:-1])) or bool(
        re.fullmatch(r"test_.*\.py|.*_test\.py|conftest\.py", parts[-1])
    )


def is_document(path: str) -> bool:
    return bool(re.search(r"\.(md|rst)$|(^|/)(LICENSE|NOTICE|\.gitignore|\.gitkeep)$", path))
