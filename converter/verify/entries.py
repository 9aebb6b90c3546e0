"""The entries of a template: a part each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter.model import Json
from converter.verify.facts import Fact, Part, flatten
from converter.verify.values import Evaluator

# How a thing is built and described is no part of what is deployed.
NOT_DEPLOYED = {"Metadata", "Description"}


def read_parameters(parameters: Mapping[str, Json], evaluator: Evaluator) -> Iterator[Part]:
    """The parameters that only a deployment gives a value."""
    for name, declared in parameters.items():
        if evaluator.evaluate({"Ref": name}) == {"Ref": name} and isinstance(declared, Mapping):
            written = {key: value for key, value in declared.items() if key not in NOT_DEPLOYED}
            yield Part("parameter", name, "parameter", tuple(flatten("parameter", "", written)), name)


def read_entry(kind: str, name: str, entry: Mapping[str, Json], evaluator: Evaluator) -> Iterator[Part]:
    """The part that a resource or an output is, where its condition holds or may hold.

    `kind` is "resource" or "output", which has no type of its own.
    """
    written = {key: value for key, value in entry.items() if key not in NOT_DEPLOYED}
    type_name = str(written.pop("Type", kind))
    facts: list[Fact] = []
    condition = written.pop("Condition", None)
    if condition is not None:
        holds = evaluator.holds(condition)
        if holds is False:
            return
        if holds is None:
            facts.append(Fact(kind, "Condition", evaluator.spell(condition)))
    facts += flatten(kind, "", evaluator.evaluate(_spell_references(type_name, written)))
    yield Part(kind, name, type_name, tuple(facts), name if kind == "resource" else "")


def _spell_references(type_name: str, entry: dict[str, Json]) -> dict[str, Json]:
    """A resource with all that it refers to as references, where the template has bare ids."""
    spelled = dict(entry)
    if "DependsOn" in spelled:
        named = spelled["DependsOn"]
        ids = sorted(map(str, named if isinstance(named, list) else [named]))
        spelled["DependsOn"] = [{"Ref": name} for name in ids]
    if type_name == "AWS::Serverless::Connector" and isinstance(spelled.get("Properties"), Mapping):
        spelled["Properties"] = {
            key: [_spell_end(each) for each in end] if isinstance(end, list) else _spell_end(end)
            for key, end in spelled["Properties"].items()
        }
    return spelled


def _spell_end(end: Json) -> Json:
    is_named = isinstance(end, Mapping) and isinstance(end.get("Id"), str)
    return {**end, "Id": {"Ref": end["Id"]}} if is_named else end
