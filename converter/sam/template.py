"""SAM and CloudFormation templates as their author wrote them: values, places, and the text of entries.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import indent

from converter.codes import NOT_A_TEMPLATE, UNRENDERED_TEMPLATE
from converter.diagnostics import Diagnostic, UnreadableError
from converter.files.text import decode_text
from converter.json_source import JsonSource, read_json
from converter.model import Json, Position
from converter.sam.blocks import Block, find_block, find_comments
from converter.sam.intrinsics import Path, Place, Renaming, find_renamings
from converter.sam.scalars import is_timestamp
from converter.sam.yaml_source import Lines, MappingNode, Node, ScalarNode, YamlSource, read_yaml

SECTIONS = ("Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Globals", "Resources", "Outputs")

_COOKIECUTTER = re.compile(r"\{\{-?\s*cookiecutter\.")
# Braces in pairs are also CloudFormation's: {{resolve:ssm:...}}.
_PLACEHOLDER = re.compile(r"\{%|\{\{(?!\s*resolve:)")


@dataclass(frozen=True)
class TemplateDocument:
    """A template. In `value` intrinsic functions are in the long form, and GetAtt has two strings."""

    source: YamlSource | JsonSource
    value: Mapping[str, Json]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return self.source.diagnostics

    def section(self, name: str) -> Mapping[str, Json]:
        return self.value.get(name) or {}

    def position(self, *path: str | int) -> Position:
        """Where the key or item at `path` stands, or the nearest of its parents."""
        return self.source.position(*path)

    def text(self, *path: str) -> str | None:
        """The author's lines of the entry at `path`, comments included, moved to the left margin.

        None where it has no lines of its own: in JSON, in braces, or when an alias in them needs other lines.
        """
        block = self._find_block(path)
        return block.text({}) if block else None

    def edited_text(self, path: tuple[str, ...], names: Mapping[str, str]) -> str | None:
        """`text` with renamed logical ids under their new names, everything else as it was.

        Dates (`Version: 2012-10-17`) get quotes: Chalice's reader makes date objects of them, which it cannot
        write as JSON. None also where a mention cannot be told in the text.
        """
        block = self._find_block(path)
        if block is None:
            return None
        renamings: dict[Node, Renaming] = {
            block.source.node_at(where): renaming
            for where, renaming in find_renamings(_item_at(self.value, path), names, path).items()
        }
        renamings |= {key: Renaming(Place.START, names) for key in _renamed_keys(block, path, names)}
        edits = _quote_dates(block)
        for node, renaming in renamings.items():
            written = block.source.text_of(node)
            renamed = renaming.apply(written)
            if renamed == written or not isinstance(node, ScalarNode):
                return None
            edits[node] = renamed
        return block.text(edits)

    def comments_outside(self, paths: Iterable[tuple[str, ...]]) -> list[tuple[Position, str]]:
        """The comments that `text` gives for none of the entries at these paths, in order."""
        if not isinstance(self.source, YamlSource):
            return []
        blocks = filter(None, map(self._find_block, paths))
        inside = {number for block in blocks for number in range(block.first, block.last + 1)}
        return [
            (Position(self.source.path, number + 1, 1), text)
            for number, text in find_comments(self.source)
            if number not in inside
        ]

    def _find_block(self, path: tuple[str, ...]) -> Block | None:
        return find_block(self.source, path) if isinstance(self.source, YamlSource) else None


def read_template(path: str, data: bytes, *, is_part: bool = False) -> TemplateDocument:
    """The template in a file, YAML or JSON. One that is joined with another (`is_part`) needs no resources.

    Raises UnreadableError when it is not text, not YAML or JSON, not rendered yet, or no template.
    """
    text = decode_text(path, data)
    _refuse_placeholder(path, text, _COOKIECUTTER)
    try:
        source = _read_source(path, text)
    except UnreadableError:
        _refuse_placeholder(path, text, _PLACEHOLDER)
        raise
    value = _split_attributes(source.value)
    problems = tuple(_find_problems(value, is_part))
    if problems:
        raise UnreadableError(
            *(NOT_A_TEMPLATE.at(source.position(*at), subject, reason) for at, subject, reason in problems)
        )
    return TemplateDocument(source, value)


def rename_in_entry(text: str, section: str, name: str, names: Mapping[str, str]) -> str | None:
    """The author's lines of an entry with renamed logical ids under their new names, as `edited_text`.

    An empty name stands for the section itself.
    """
    whole = f"{section}:\n{indent(text, '  ', _is_not_empty)}" if name else text
    part = read_template(f"{name or section}.yaml", whole.encode(), is_part=True)
    return part.edited_text((section, name) if name else (section,), names)


def _is_not_empty(line: str) -> bool:
    """Whether a line has a margin: one of blanks alone may be the text of a program."""
    return line.strip("\r\n") != ""


def _read_source(path: str, text: str) -> YamlSource | JsonSource:
    is_json = path.endswith(".json")
    if not is_json and not text.lstrip().startswith("{"):
        return read_yaml(path, text)
    try:
        return read_json(path, text)
    except UnreadableError:
        if is_json:
            raise
        return read_yaml(path, text)


def _refuse_placeholder(path: str, text: str, pattern: re.Pattern[str]) -> None:
    match = pattern.search(text)
    if match:
        lines = Lines(text)
        number = lines.number(match.start())
        position = Position(path, number + 1, lines.column(match.start()) + 1)
        raise UnreadableError(
            UNRENDERED_TEMPLATE.at(position, lines[number].strip(), "the placeholder has not been filled in")
        )


def _split_attributes(value: Json) -> Json:
    """`Id.Attribute`, which YAML allows after GetAtt, as two strings."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("Fn::GetAtt"), str):
            return {"Fn::GetAtt": value["Fn::GetAtt"].split(".", 1)}
        return {key: _split_attributes(item) for key, item in value.items()}
    return [_split_attributes(item) for item in value] if isinstance(value, list) else value


def _find_problems(value: Json, is_part: bool) -> Iterator[tuple[Path, str, str]]:
    if not isinstance(value, dict):
        yield (), "template", "the file is empty" if value is None else "its top level is not a mapping"
        return
    for name in SECTIONS:
        if not isinstance(value.get(name) or {}, dict):
            yield (name,), name, "the section is not a mapping"
    if not value.get("Resources") and not is_part:
        yield ("Resources",), "Resources", "the template has no resources"


def _renamed_keys(block: Block, path: Path, names: Mapping[str, str]) -> list[ScalarNode]:
    """The keys that are the ids of renamed resources."""
    keys: list[ScalarNode] = []
    if path == ("Resources",) and isinstance(block.value, MappingNode):
        keys = [key for key, _ in block.value.entries]
    elif path[0] == "Resources" and len(path) == 2:
        keys = [block.key]
    return [key for key in keys if names.get(key.text, key.text) != key.text]


def _quote_dates(block: Block) -> dict[ScalarNode, str]:
    edits = {}
    for node in block.scalars():
        written = block.source.text_of(node)
        # An alias of a date is written otherwise; its anchor gets the quotes.
        if node.tag is None and not node.style and is_timestamp(node.text) and written.endswith(node.text):
            edits[node] = f"{written.removesuffix(node.text)}'{node.text}'"
    return edits


def _item_at(value: Json, path: Path) -> Json:
    for key in path:
        value = value[key]
    return value
