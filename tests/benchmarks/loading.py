"""The least that converting a template takes: loading it with the C YAML loader, writing so many files."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml


class _Loader(yaml.CSafeLoader):
    """Takes CloudFormation's tags."""


def _construct(loader: _Loader, _: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


_Loader.add_multi_constructor("!", _construct)


def main() -> None:
    project, written, output = map(Path, sys.argv[1:])
    yaml.load((project / "template.yaml").read_text(), _Loader)
    for path in written.rglob("*"):
        if path.is_file():
            target = output / path.relative_to(written)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
