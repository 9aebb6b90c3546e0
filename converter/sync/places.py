"""A SAM project as a conversion makes it, in the files that its author has.

Changes of the Chalice form are carried into a project that was SAM's first: its folders have other names than
a conversion gives them, and its template has no outputs that Chalice alone writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from posixpath import join, normpath

from converter.diagnostics import UnreadableError
from converter.sam.project import TEMPLATE_PATHS, open_sam
from converter.sync.formats import split_yaml

# What features/functions.py says of an output.
_ARN_SAID = "Description: ARN of the Lambda function"


def arrange(
    before: Mapping[str, bytes], after: Mapping[str, bytes], project: Mapping[str, bytes]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Two versions of what a conversion makes, both with the author's paths and names of handlers."""
    theirs, ours = _find_handlers(before), _find_handlers(project)
    handlers = [(*theirs[name], *ours[name]) for name in theirs if name in ours]
    places = _find_places(before, project, {path: place for path, _, place, _ in handlers})
    names = {path: (name, to) for path, name, _, to in handlers if path in places}
    template = next(path for path in TEMPLATE_PATHS if path in before)
    known = {name for name in _read_outputs(project) if name in _read_outputs(before)}
    sides = []
    for files in (before, after):
        kept = {**files, template: _without_outputs(files[template].decode(), known).encode()}
        named = {path: _rename_handler(data, *names.get(path, ("", ""))) for path, data in kept.items()}
        sides.append({places.get(path, path): data for path, data in named.items()})
    return sides[0], sides[1]


def _find_places(
    made: Mapping[str, bytes], project: Mapping[str, bytes], handlers: Mapping[str, str]
) -> dict[str, str]:
    """The author's path for each path of a converted project that the author does not have.

    The template's is known and so are those of `handlers`, any other is seen by the file's text.
    """
    templates = zip(_find_template(made), _find_template(project), strict=False)
    places = {
        path: place
        for path, place in (*handlers.items(), *templates)
        if path in made and path not in project and place in project
    }
    new = {path: data for path, data in project.items() if path not in made and data.strip()}
    count, written = Counter(new.values()), {data: path for path, data in new.items()}
    for path, data in made.items():
        if path not in project and path not in places and count[data] == 1:
            places[path] = written[data]
    shared = Counter(places.values())
    return {path: place for path, place in places.items() if shared[place] == 1}


def _rename_handler(code: bytes, name: str, to: str) -> bytes:
    if name == to:
        return code
    pattern = rf"^((?:async )?def ){re.escape(name)}(?=\()".encode()
    return re.sub(pattern, rf"\g<1>{to}".encode(), code, count=1, flags=re.MULTILINE)


def _find_template(files: Mapping[str, bytes]) -> list[str]:
    """The template's path, if it is YAML: only such a one can be merged."""
    found = [path for path in TEMPLATE_PATHS if path in files]
    return [path for path in found[:1] if not path.endswith(".json")]


def _read_outputs(files: Mapping[str, bytes]) -> Collection[str]:
    try:
        return open_sam(files).section("Outputs")
    except UnreadableError:
        return ()


def _without_outputs(template: str, known: Collection[str]) -> str:
    """The template without the ARNs that a conversion tells of and the author did not."""
    parts = []
    for section in split_yaml(template):
        entries = section.split(section.text) if section.key == "Outputs" and section.split else ()
        kept = [each for each in entries if each.key in known or _ARN_SAID not in each.text]
        is_empty = entries and not any(each.text.strip() for each in kept[1:])
        parts.append("" if is_empty else "".join(each.text for each in kept) if entries else section.text)
    return "".join(parts) or template


def _find_handlers(files: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """The file of each function's handler and its name there, by the function's name."""
    try:
        project = open_sam(files)
    except UnreadableError:
        return {}
    found = {}
    for name, function in project.functions.items():
        properties = project.properties(function.identifier)
        folder, handler = properties.get("CodeUri", "."), properties.get("Handler")
        if isinstance(folder, str) and isinstance(handler, str):
            module, _, inner = handler.rpartition(".")
            found[name] = normpath(join(folder, f"{module.replace('.', '/')}.py")), inner
    return found
