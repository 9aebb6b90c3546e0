"""What the frameworks' own tools deploy for a project: `chalice package`, then the SAM translator.

Needs the extra `verify`. `chalice package` runs the project's app.py, as Chalice always does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from converter.features.api.renaming import rename_sections
from converter.model import logical_id
from converter.verify.facts import Fact, Facts, Part
from converter.verify.side import Framework
from converter.verify.tools.packaging import package_chalice
from converter.verify.tools.stack import read_stack
from converter.verify.tools.translation import parse_template, translate

if TYPE_CHECKING:
    from converter.features.api.websocket_mounting import MountedWebsockets
    from converter.verify.route_code import Route
    from converter.verify.side import Side

__all__ = ["package_chalice", "parse_template", "read_deployed_facts", "read_stack", "translate"]


def read_deployed_facts(
    side: Side,
    files: Mapping[str, bytes],
    stage: str,
    parameters: Mapping[str, str],
    routes: Collection[Route] = (),
    websockets: MountedWebsockets | None = None,
) -> Facts:
    """The facts of one stage as CloudFormation would be told them, and what the code says of `routes`.

    With `websockets` a template has its WebSocket API as Chalice has it. Raises UnreadableError with what the
    tool said when it refuses the project, or is not installed.
    """
    is_packaged = side.framework is Framework.CHALICE
    if is_packaged:
        template = package_chalice(files, stage)
    else:
        template = parse_template(side.template_path, files[side.template_path])
    names = {identifier: name for name, identifier in side.function_ids.items()}
    if websockets:
        own = {logical_id(name): identifier for name, identifier in side.function_ids.items()}
        ids = {own.get(identifier, identifier): new for identifier, new in websockets.ids.items()}
        sections = {section: entries for section, entries in template.items() if isinstance(entries, dict)}
        template = {**template, **websockets.add_made(rename_sections(sections, ids))}
        names = {ids.get(identifier, identifier): name for identifier, name in names.items()}
    deployed = translate(template, parameters, is_packaged=is_packaged)
    return _with_code(read_stack(deployed, parameters, names), side, routes)


def _with_code(facts: Facts, side: Side, routes: Collection[Route]) -> Facts:
    """The facts with what no tool knows of routes, as it stands in the code."""

    def find(part: Part) -> Iterator[Fact]:
        said = {fact.name: str(fact.value) for fact in part.facts} if part.kind == "route" else {}
        route = (said.get("method", "").upper(), said.get("path", ""))
        return side.said_by_code(route) if route in routes else iter(())

    return Facts(tuple(replace(part, facts=(*part.facts, *find(part))) for part in facts.parts))
