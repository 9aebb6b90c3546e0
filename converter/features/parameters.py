"""Values of the template that differ by stage: parameters, which each stage's deployment sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from converter.model import Application, Json


def with_value(application: Application, name: str, by_stage: Mapping[str, Json]) -> tuple[Application, Json]:
    """The application and a value for all stages: where they differ, a parameter called `name`.

    A stage whose value is a reference is given none, nor has the parameter a default then: deployment says
    it. Where they all refer to one parameter, it is this one that the other stages give their values to.
    """
    first, *others = by_stage.values()
    if all(other == first for other in others):
        return application, first
    is_list = any(isinstance(value, list) for value in by_stage.values())
    texts = {
        stage: ",".join(value) if isinstance(value, list) else str(value)
        for stage, value in by_stage.items()
        if not isinstance(value, dict)
    }
    referred = {value.get("Ref") for value in by_stage.values() if isinstance(value, dict)}
    own = next(iter(referred), None)
    if len(referred) == 1 and isinstance(own, str) and not own.startswith("AWS::"):
        name = own
    parameter = {"Type": "CommaDelimitedList" if is_list else "String"}
    if len(texts) == len(by_stage):
        parameter["Default"] = next(iter(texts.values()))
    given = {stage: {**application.parameters.get(stage, {}), name: text} for stage, text in texts.items()}
    application = replace(application, parameters={**application.parameters, **given})
    return application.with_entries("Parameters", {name: parameter}), {"Ref": name}
