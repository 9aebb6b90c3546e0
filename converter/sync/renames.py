"""Files that got another name: a renamed handler has another folder, where people's edits belong.

As in git, a rename is not written down anywhere but seen: what is gone, and what is new and much like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from posixpath import basename, dirname

from converter.sync.lines import measure_likeness
from converter.sync.lock import Snapshot, read_text


def find_moves(
    base: Mapping[str, Snapshot], ours: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> dict[str, str]:
    """Where files of ours go: those generated under another name now, and people's own beside them."""
    gone = {path: each.text for path, each in base.items() if path not in theirs and each.text is not None}
    new = {
        path: text
        for path, data in theirs.items()
        if path not in base and path not in ours and (text := read_text(data)) is not None
    }
    moves: dict[str, str] = {}
    for old_folder, new_folder in _pair_folders(gone, new, base, theirs).items():
        moves |= _pair_files(_below(gone, old_folder), _below(new, new_folder))
        for path in ours:
            if path not in base and path.startswith(f"{old_folder}/"):
                moves[path] = new_folder + path.removeprefix(old_folder)
    left = {path: text for path, text in gone.items() if path not in moves}
    taken = set(moves.values())
    for path, text in left.items():
        siblings = {to: new[to] for to in new if dirname(to) == dirname(path) and to not in taken}
        found = _pair_files({path: text}, siblings)
        taken |= set(found.values())
        moves |= found
    return moves


def _pair_folders(
    gone: Mapping[str, str], new: Mapping[str, str], base: Iterable[str], theirs: Iterable[str]
) -> dict[str, str]:
    """Folders that are gone as a whole with the new ones that are most like them."""
    still, already = {dirname(path) for path in theirs}, {dirname(path) for path in base}
    old_folders = {dirname(path) for path in gone} - still - {""}
    new_folders = {dirname(path) for path in new} - already - {""}
    scores = [
        (measure_likeness(_join(gone, old), _join(new, to)), old, to)
        for old in old_folders
        for to in new_folders
        if dirname(old) == dirname(to)
    ]
    return _choose(scores)


def _pair_files(gone: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    same_name = {basename(path): path for path in new}
    pairs = {path: same_name[basename(path)] for path in gone if basename(path) in same_name}
    scores = [
        (measure_likeness(gone[old], new[to]), old, to)
        for old in gone.keys() - pairs.keys()
        for to in new.keys() - set(pairs.values())
        if _suffix(old) == _suffix(to)
    ]
    return pairs | _choose(scores)


def _choose(scores: list[tuple[float, str, str]]) -> dict[str, str]:
    """Each with its most alike, the best pairs first."""
    chosen: dict[str, str] = {}
    for score, old, to in sorted(scores, key=lambda each: (-each[0], each[1], each[2])):
        if score and old not in chosen and to not in chosen.values():
            chosen[old] = to
    return chosen


def _below(texts: Mapping[str, str], folder: str) -> dict[str, str]:
    return {path: text for path, text in texts.items() if dirname(path) == folder}


def _join(texts: Mapping[str, str], folder: str) -> str:
    return "".join(text for path, text in sorted(texts.items()) if dirname(path) == folder)


def _suffix(path: str) -> str:
    return basename(path).rpartition(".")[2]
