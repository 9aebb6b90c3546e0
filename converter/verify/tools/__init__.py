"""What the frameworks' own tools deploy for a project: `chalice package`, then the SAM translator.

Needs the extra `verify`. `chalice package` runs the project's app.py, as Chalice always does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from converter.verify.side import Framework
from converter.verify.tools.packaging import package_chalice
from converter.verify.tools.stack import read_stack
from converter.verify.tools.translation import parse_template, translate

if TYPE_CHECKING:
    from converter.verify.facts import Facts
    from converter.verify.side import Side

__all__ = ["package_chalice", "parse_template", "read_deployed_facts", "read_stack", "translate"]


def read_deployed_facts(
    side: Side, files: Mapping[str, bytes], stage: str, parameters: Mapping[str, str]
) -> Facts:
    """The facts of one stage as CloudFormation would be told them.

    Raises UnreadableError with what the tool said when it refuses the project, or is not installed.
    """
    is_packaged = side.framework is Framework.CHALICE
    if is_packaged:
        template = package_chalice(files, stage)
    else:
        template = parse_template(side.template_path, files[side.template_path])
    names = {identifier: name for name, identifier in side.function_ids.items()}
    deployed = translate(template, parameters, is_packaged=is_packaged)
    return read_stack(deployed, parameters, names)
