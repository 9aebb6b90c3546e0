"""ARNs of what exists already, in the account and region of the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.sam.intrinsics import function_of

if TYPE_CHECKING:
    from converter.model import Json


def arn_of(service: str, name: Json, prefix: str = "") -> Json:
    """The ARN of a resource of that name, as `chalice package` writes it (chalice.package)."""
    start = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{prefix}"
    if not isinstance(name, dict):
        return {"Fn::Sub": f"{start}{name}"}
    if function_of(name) == "Ref":
        return {"Fn::Sub": f"{start}${{{name['Ref']}}}"}
    return {"Fn::Sub": [f"{start}${{Name}}", {"Name": name}]}


def find_name(arn: Json, service: str, prefix: str = "") -> str | None:
    """The name in an ARN of the stack's own account and region, as Chalice writes such an ARN."""
    written = arn.get("Fn::Sub") if isinstance(arn, dict) else None
    start = arn_of(service, "", prefix)["Fn::Sub"]
    if not isinstance(written, str) or not written.startswith(start) or "$" in written[len(start) :]:
        return None
    return written[len(start) :] or None
