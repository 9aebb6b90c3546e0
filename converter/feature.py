"""What a feature is: four mappings between a project and the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from converter import codes
from converter.model import Application, Json
from converter.sam.intrinsics import function_of

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter


@dataclass(frozen=True)
class Support:
    """A row of the support matrix: what it is called on either side, and what becomes of it."""

    chalice: str
    sam: str
    to_sam: str = "converts"
    to_chalice: str = "converts"
    note: str = ""


def carried_back(*rows: Support) -> tuple[Support, ...]:
    """Rows of what comes back to Chalice as a part of the merge template."""
    return tuple(replace(row, to_chalice="carried") for row in rows)


@dataclass(frozen=True, kw_only=True)
class Feature:
    """Readers return the application with their part added; writers add theirs to the project.

    `decorators` are those of Chalice's that the feature reads.
    """

    name: str
    decorators: tuple[str, ...] = ()
    support: tuple[Support, ...]
    read_chalice: Callable[[ChaliceProject, Application], Application]
    write_chalice: Callable[[Application, ChaliceWriter], None]
    read_sam: Callable[[SamProject, Application], Application]
    write_sam: Callable[[Application, SamWriter], None]


def _same(value: Json) -> Json:
    return value


def setting(
    name: str,
    *,
    chalice: str,
    sam: str,
    to_sam: Callable[[Json], Json] = _same,
    from_sam: Callable[[Json], Json] = _same,
    chalice_default: Json = None,
    sam_default: Json = None,
    is_valid: Callable[[Json], bool] = lambda value: True,
    expected: str = "",
    per_function: bool = True,
    note: str = "",
) -> Feature:
    """The feature of one config key that is one property of a function.

    The defaults are those of either side where the key is not written; the model
    holds the value always, and each side writes it unless it is its own default.
    """

    def read_chalice(project: ChaliceProject, application: Application) -> Application:
        def read(stage: str, function: str) -> Json:
            value = project.read(chalice, stage, function if per_function else None, is_valid, expected)
            return chalice_default if value is None else value

        application = project.map_stages(application, name, {chalice}, read)
        return project.join_merged(application, name, sam, from_sam)

    def write_chalice(application: Application, writer: ChaliceWriter) -> None:
        functions = application.functions.values()
        settings = [function.setting(name) for function in functions]
        is_one = per_function or all(by_stage == settings[0] for by_stage in settings)
        for function, by_stage in zip(functions, settings, strict=True):
            if is_one:
                writer.set(function.name, chalice, sam, by_stage, to_sam, chalice_default)
            elif any(value != chalice_default for value in by_stage.values()):
                # Chalice reads the key for the whole stage only, and its merge template is for all stages.
                value = next(value for value in by_stage.values() if value != chalice_default)
                if any(other != value for other in by_stage.values()):
                    reason = f"the stages of {function.name} differ in it, and now all have {value}"
                    writer.report(codes.MERGED_ALIKE.at(function.position, sam, reason))
                writer.merge(function.name, (sam,), _convert(value, to_sam))

    def read_sam(project: SamProject, application: Application) -> Application:
        def read(value: Json) -> Json:
            return value if function_of(value) is not None else from_sam(value)

        return application.map_functions(
            lambda function: function.with_setting(
                name,
                _fill(
                    {stage: read(found) for stage, found in project.take(function, sam).items()}, sam_default
                ),
            )
        )

    def write_sam(application: Application, writer: SamWriter) -> None:
        for function in application.functions.values():
            by_stage = function.setting(name)
            if any(value != sam_default or value == chalice_default for value in by_stage.values()):
                writer.set(
                    function.name, sam, {stage: _convert(value, to_sam) for stage, value in by_stage.items()}
                )

    return Feature(
        name=name,
        support=(Support(f"`{chalice}`", f"`{sam}`", note=note),),
        read_chalice=read_chalice,
        write_chalice=write_chalice,
        read_sam=read_sam,
        write_sam=write_sam,
    )


def is_whole(value: Json) -> bool:
    """Whether a value of the config is a number without a fraction."""
    return isinstance(value, int) and not isinstance(value, bool)


def _fill(by_stage: dict[str, Json], default: Json) -> dict[str, Json]:
    return {stage: default if value is None else value for stage, value in by_stage.items()}


def _convert(value: Json, to_sam: Callable[[Json], Json]) -> Json:
    return value if value is None or function_of(value) is not None else to_sam(value)
