"""What cfn-lint has against a template."""

from __future__ import annotations

from converter.verify.values import REGION


def cfn_lint(template: str) -> list[str]:
    """The errors (E-rules) that cfn-lint finds in the text of a template; its warnings are left out."""
    from cfnlint.api import lint

    return [
        f"{found.linenumber}:{found.columnnumber}: {found.rule.id} {found.message}"
        for found in lint(template, regions=[REGION])
        if found.rule.id.startswith("E")
    ]
