"""What Chalice names otherwise than the template: ids of resources wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from converter.sam.intrinsics import rename
from converter.sam.template import rename_in_entry

if TYPE_CHECKING:
    from converter.model import Function, Json, Template


def rename_function(function: Function, ids: Mapping[str, str]) -> Function:
    """The function with what it refers to by its new ids."""
    return replace(
        function,
        settings=rename(function.settings, ids),
        carried=rename(function.carried, ids),
        events=tuple(
            replace(event, settings=rename(event.settings, ids), written=rename(event.written, ids))
            for event in function.events
        ),
    )


def rename_sections(
    sections: Mapping[str, Mapping[str, Json]], ids: Mapping[str, str]
) -> dict[str, dict[str, Json]]:
    """The entries of each section, resources and what refers to them by their new ids."""
    return {
        section: {
            ids.get(name, name) if section == "Resources" else name: rename(value, ids, (section, name))
            for name, value in entries.items()
        }
        for section, entries in sections.items()
    }


def rename_text(
    template: Template, ids: Mapping[str, str], is_carried: Callable[[str, str], bool]
) -> dict[tuple[str, str], str]:
    """What the author wrote of the entries that stay, by section and name."""
    return {
        place: renamed
        for place, found in template.text.items()
        if is_carried(*place) and (renamed := rename_in_entry(found, *place, ids)) is not None
    }
