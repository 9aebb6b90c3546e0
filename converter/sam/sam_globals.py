"""The Globals section, merged into properties as SAM does it (samtranslator.plugins.globals.globals).

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.model import Json
from converter.sam.intrinsics import function_of

# samtranslator's CUSTOM_STRATEGIES: what is replaced as a whole, and where only the resource's own keys stay.
_REPLACED = frozenset({"Function.Architectures", "CapacityProvider.InstanceRequirements.Architectures"})
_PRUNED = frozenset({"CapacityProvider.ManagedResourceTags"})


def merge_globals(
    section: Mapping[str, Json],
    kind: str,
    properties: Mapping[str, Json],
    ignored: Json = None,
) -> Mapping[str, Json]:
    """The properties of an `AWS::Serverless::<kind>` with those that Globals gives to all of its kind.

    Mappings are merged, of lists the global items come first, of other values the resource's own wins.
    `ignored` is the resource's attribute IgnoreGlobals: a list of properties, or `*`.
    """
    common = section.get(kind)
    if not isinstance(common, Mapping) or ignored == "*":
        return properties
    names = ignored if isinstance(ignored, list) else ()
    kept = {key: value for key, value in common.items() if key not in names}
    merged: Mapping[str, Json] = _merge(kept, properties, kind)
    return merged


def _merge(common: Json, own: Json, path: str) -> Json:
    if path in _REPLACED:
        return own
    if isinstance(common, list) and isinstance(own, list):
        return common + own
    if not _is_plain_mapping(common) or not _is_plain_mapping(own):
        return own
    merged = {
        key: _merge(common[key], item, f"{path}.{key}") if key in common else item
        for key, item in own.items()
    }
    return merged if path in _PRUNED and own else {**common, **merged}


def _is_plain_mapping(value: Json) -> bool:
    # An intrinsic function counts as the value that it will be; SAM takes a lone Condition for one.
    return isinstance(value, Mapping) and function_of(value) is None and [*value] != ["Condition"]
