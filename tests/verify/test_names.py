"""What things are called makes no difference: each fixture with all logical names of its template changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from converter.files import Folder
from converter.sam.intrinsics import rename
from converter.sam.project import open_sam
from converter.verify import verify
from converter.verify.side import open_side
from tests.fixture_tools import GOLDENS

PAIR = Path(__file__).parent / "pairs" / "library"

_NAMED = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
_PAIRS = {
    str(golden): (golden.chalice, golden.sam, golden.options.stage)
    for golden in GOLDENS
    # Its code lies beside the folder.
    if golden.sam.parent.name != "outside-code"
}
for _pair in PAIR.parent.iterdir():
    _PAIRS[_pair.name] = (_pair / "chalice", _pair / "sam", None)


@pytest.mark.parametrize("name", _PAIRS)
def test_other_logical_names_make_no_difference(name: str) -> None:
    chalice, sam, stage = _PAIRS[name]
    renamed = rename_everything(Folder(sam))
    found = verify(Folder(chalice), renamed, stage=stage)

    assert [] == [finding.difference.key for finding in found.differences]
    assert found.score == 1


def test_everything_has_another_name() -> None:
    before = open_side(Folder(PAIR / "sam"))
    after = open_side(rename_everything(Folder(PAIR / "sam")))

    assert not set(before.function_ids.values()) & set(after.function_ids.values())
    assert not set(before.application.template.sections["Resources"]) & set(
        after.application.template.sections["Resources"]
    )


def rename_everything(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The SAM project with each id of its template, and each mention of it, changed."""
    project = open_sam(files)
    template = project.document.value
    names = {
        name: f"Other{name[::-1].capitalize()}"
        for section in _NAMED
        for name in template.get(section) or {}
        # The environments of samconfig.toml choose the stage by this parameter.
        if name != "Stage"
    }
    changed = {key: _rename_entries(key, value, names) for key, value in template.items()}
    content = json.dumps(changed, default=str)
    for name, new in names.items():
        # The build folder of a dummy function, in the path of a layer.
        content = content.replace(f".aws-sam/build/{name}", f".aws-sam/build/{new}")
    renamed = dict(Folder.items(files)) if isinstance(files, Folder) else dict(files)
    del renamed[project.document.source.path]
    samconfig = renamed.get("samconfig.toml", b"").decode()
    for name in template.get("Parameters") or {}:
        samconfig = samconfig.replace(f"{name}=", f"{names.get(name, name)}=")
    if samconfig:
        renamed["samconfig.toml"] = samconfig.encode()
    return {**renamed, "template.json": content.encode()}


def _rename_entries(section: str, value: Any, names: Mapping[str, str]) -> Any:
    if section not in _NAMED or not isinstance(value, Mapping):
        return rename_conditions(rename(value, names, (section,)), names)
    return {
        names.get(name, name): rename_conditions(rename(entry, names, (section, name)), names)
        for name, entry in value.items()
    }


def rename_conditions(value: Any, names: Mapping[str, str]) -> Any:
    """Conditions and mappings are namespaces of their own, which `rename` leaves alone."""
    if isinstance(value, list):
        return [rename_conditions(item, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    changed = {key: rename_conditions(item, names) for key, item in value.items()}
    if isinstance(changed.get("Condition"), str):
        changed["Condition"] = names.get(changed["Condition"], changed["Condition"])
    for function in ("Fn::If", "Fn::FindInMap"):
        if isinstance(changed.get(function), list):
            first, *rest = changed[function]
            changed[function] = [names.get(first, first) if isinstance(first, str) else first, *rest]
    return changed
