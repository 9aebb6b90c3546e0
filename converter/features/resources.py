"""
What only a template can say: it is carried as it is.

On the Chalice side it stands in `.chalice/resources.yaml`, the template that
`chalice package --merge-template` joins with its own: mappings are joined key by key,
lists replaced, and nothing can be removed (chalice/package.py, TemplateDeepMerger).

Chalice: https://aws.github.io/chalice/topics/cfn.html
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from converter import codes
from converter.chalice.project import join_templates
from converter.chalice.registration import API_FUNCTION
from converter.feature import Feature, Support
from converter.model import Application, Function, Json, Position, Template, logical_id
from converter.sam.intrinsics import references, rename
from converter.sam.intrinsics.functions import SCALARS
from converter.sam.local_paths import (
    change_local_paths,
    change_paths_in_text,
    find_local_paths,
    in_package,
    in_project,
    plain_path,
)
from converter.sam.resource_types import FUNCTION

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamFunction, SamProject
    from converter.sam.samconfig import SamConfig
    from converter.sam.writer import SamWriter

SECTIONS = ("Metadata", "Parameters", "Mappings", "Conditions", "Globals", "Resources", "Outputs")
SAM_TRANSFORM = "AWS::Serverless-2016-10-31"
_DOCUMENT = "DefinitionBody"


# --- Chalice -------------------------------------------------------------------


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    functions = {
        name: replace(function, carried=project.merged_left(name))
        for name, function in application.functions.items()
    }
    own = {logical_id(name) for name in functions} | project.merged_parts
    # Handlers may have needed resources of their own.
    sections = {section: dict(entries) for section, entries in application.template.sections.items()}
    if project.parameters:
        sections["Parameters"] = {**sections.get("Parameters", {}), **project.parameters}
        given = {
            stage: {**application.parameters.get(stage, {}), **values}
            for stage, values in project.given.items()
        }
        application = replace(application, parameters={**application.parameters, **given})
    rewritten: set[tuple[str, str]] = set()
    for section, entries in project.merge_template.items():
        if section in SECTIONS and isinstance(entries, Mapping):
            kept = {
                name: change_local_paths(value, in_project)
                for name, value in entries.items()
                if section != "Resources" or name not in own
            }
            made = sections.get(section, {})
            joined = {
                name: _join_made(project, made[name], value, (section, name))
                for name, value in kept.items()
                if name in made
            }
            rewritten |= {(section, name) for name in joined}
            if kept:
                sections[section] = {**made, **kept, **joined}
        elif section != "AWSTemplateFormatVersion" and entries and entries != SAM_TRANSFORM:
            sections[section] = {"": entries}
    text = {
        (section, name): _moved(project.merge_text(*_path(section, name)), value, in_project)
        for section, entries in sections.items()
        for name, value in entries.items()
        if (section, name) not in rewritten
    }
    files = dict(application.files)
    for carried in sections.values():
        for path in find_local_paths(carried):
            files.update(_files_at(project.files, path))
    template = Template(sections, {place: found for place, found in text.items() if found is not None})
    application = replace(application, functions=functions, template=template, files=files)
    return _with_samconfig(project, application)


def _join_made(project: ChaliceProject, made: Json, merged: Json, path: tuple[str, ...]) -> Json:
    """A resource or an output that Chalice makes, with what the merge template says of it."""
    properties = merged.get("Properties") if isinstance(merged, Mapping) else None
    if isinstance(properties, Mapping) and _DOCUMENT in properties:
        reason = "SAM adds no routes to an API that has a document of its own; left out"
        place = project.merge_position(*path, "Properties", _DOCUMENT)
        project.report(codes.UNSUPPORTED_SETTING.at(place, f"{_DOCUMENT} of {path[1]}", reason))
        merged = {**merged, "Properties": {k: v for k, v in properties.items() if k != _DOCUMENT}}
    return join_templates(made, merged)


def _path(section: str, name: str) -> tuple[str, ...]:
    """Where a carried entry stands; a section that is carried whole has no name below it."""
    return (section, name) if name else (section,)


def _with_samconfig(project: ChaliceProject, application: Application) -> Application:
    """The application with the samconfig file by which its packaged template is deployed."""
    from converter.sam.samconfig import PATHS, read_samconfig

    path = next((path for path in PATHS if path in project.files), None)
    if path is None or not _needs_merge_template(application.template.sections, application.functions):
        return application
    config = read_samconfig(path, project.files[path])
    project.report(*config.diagnostics)
    files = {**application.files, path: project.files[path]}
    return replace(application, files=files, parameters=_parameters(config, application))


def _needs_merge_template(sections: Mapping[str, Json], functions: Mapping[str, Function]) -> bool:
    """Whether the Chalice form is packaged and then deployed by the SAM CLI, as its samconfig says."""
    return bool(sections) or any(function.carried or function.events for function in functions.values())


def _parameters(config: SamConfig, application: Application) -> dict[str, dict[str, str]]:
    """What each stage's environment gives to the parameters of the carried template."""
    parameters = application.template.sections.get("Parameters", {})
    environments = config.stages()
    given = {
        stage: {
            name: value
            for name, value in environments[stage].parameter_overrides.items()
            if name in parameters
        }
        for stage in application.stages
        if stage in environments
    }
    return {stage: values for stage, values in given.items() if values}


def _moved(text: str | None, value: Json, change: Callable[[str], str]) -> str | None:
    """The author's lines of an entry with the project's own paths changed."""
    return text if text is None or not any(find_local_paths(value)) else change_paths_in_text(text, change)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    from converter.sam.emit import Raw
    from converter.sam.samconfig import PATHS

    for function in application.functions.values():
        for key, value in function.carried.items():
            if key == "Properties":
                for name, inner in value.items():
                    writer.merge(function.name, (name,), inner)
            else:
                writer.merge_resource(logical_id(function.name), (key,), value)
    for section, entries in application.template.sections.items():
        for name, value in entries.items():
            text = application.template.text.get((section, name))
            text = None if text and _names_api(writer, text) else _moved(text, value, in_package)
            written: Json = Raw(text) if text is not None else change_local_paths(value, in_package)
            writer.carry(section, name, written)
    is_merged = _needs_merge_template(application.template.sections, application.functions)
    unused = PATHS if writer.api is not None and not is_merged else ()
    writer.files.update({path: data for path, data in application.files.items() if path not in unused})


def _names_api(writer: ChaliceWriter, text: str) -> bool:
    """Whether the author's lines name the function behind the API, to which Chalice gives another id."""
    return writer.api is not None and logical_id(API_FUNCTION) in text


# --- SAM -----------------------------------------------------------------------


def read_sam(project: SamProject, application: Application) -> Application:
    functions = {name: _with_carried(project, function) for name, function in application.functions.items()}
    sections = dict(_carried_sections(project, tuple(functions.values())))
    text = {
        (section, name): _text(project, section, name, value)
        for section, entries in sections.items()
        for name, value in entries.items()
    }
    files: dict[str, bytes] = {}
    for section in sections.values():
        for path in find_local_paths(section):
            files.update(_files_at(project.files, path))
    if project.samconfig is not None and _needs_merge_template(sections, functions):
        files[project.samconfig] = project.files[project.samconfig]
    _report_open_parameters(project, sections.get("Parameters", {}))
    template = Template(sections, {place: found for place, found in text.items() if found is not None})
    comments = project.document.comments_outside(_path(*place) for place in template.text)
    _report_lost_comments(project, comments)
    application = replace(application, functions=functions, template=template, files=files)
    return replace(application, parameters=_parameters(project.config, application))


def _report_open_parameters(project: SamProject, parameters: Mapping[str, Json]) -> None:
    """A parameter that differs by stage has to be given when the packaged template is deployed."""
    for name in parameters:
        values = {stage: scope.parameters.get(name) for stage, scope in project.scopes.items()}
        if len(set(map(str, values.values()))) > 1:
            shown = ", ".join(f"{stage}: {value}" for stage, value in values.items())
            place = project.position("Parameters", name)
            reason = f"the merge template needs it, and Chalice's stages do not set it ({shown})"
            project.report(codes.OPEN_PARAMETER.at(place, name, reason))


def _report_lost_comments(project: SamProject, lost: list[tuple[Position, str]]) -> None:
    if lost:
        place, comment = lost[0]
        reason = "what it stands on is written anew"
        if len(lost) > 1:
            reason += "; so it is with " + ", ".join(f"line {position.line}" for position, _ in lost[1:])
        project.report(codes.LOST_COMMENT.at(place, comment, reason))


def _with_carried(project: SamProject, function: Function) -> Function:
    found = project.functions[function.name]
    properties = {key: rename(value, project.ids) for key, value in found.left.items() if value is not None}
    for key in properties:
        place = project.position("Resources", found.identifier, "Properties", key)
        reason = "Chalice has no setting for it; it stands in the merge template"
        project.report(codes.CARRIED_PROPERTY.at(place, key, reason))
    attributes = {
        key: rename(value, project.ids, ("Resources", found.identifier, key))
        for key, value in found.attributes.items()
        if key != "Metadata"
    }
    metadata = _without_build(project, found)
    if metadata:
        attributes["Metadata"] = metadata
    return replace(function, carried={**({"Properties": properties} if properties else {}), **attributes})


def _without_build(project: SamProject, found: SamFunction) -> dict[str, Json]:
    """A function's Metadata but for how `sam build` makes its package, which Chalice does in its own way."""
    metadata = found.attributes.get("Metadata") or {}
    method = metadata.get("BuildMethod")
    if "BuildProperties" in metadata or not str(method or "python").startswith("python"):
        place = project.position("Resources", found.identifier, "Metadata")
        reason = f"chalice package does not build {found.identifier} by {method or 'BuildProperties'}"
        project.report(codes.BUILT_OTHERWISE.at(place, "Metadata", reason))
    return {key: value for key, value in metadata.items() if key not in ("BuildMethod", "BuildProperties")}


def _carried_sections(
    project: SamProject, functions: tuple[Function, ...]
) -> Iterator[tuple[str, dict[str, Json]]]:
    resources, outputs = _carried_resources(project), _carried_outputs(project)
    used = _mentioned([*resources.values(), *outputs.values()])
    used |= _mentioned(function.carried for function in functions)
    used |= _mentioned(event.written for function in functions for event in function.events)
    used |= _mentioned(values for function in functions for values in function.settings.values())
    # What nothing used before was not there for a function, so it stays.
    before = _mentioned([project.document.value])
    conditions = project.section("Conditions")
    conditions = _reachable(conditions, used | (conditions.keys() - before))
    used |= _mentioned(conditions.values()) | conditions.keys()
    kept: dict[str, Mapping[str, Json]] = {"Resources": resources, "Outputs": outputs}
    kept["Globals"] = {
        name: value for name, value in project.section("Globals").items() if name != "Function"
    }
    for section in ("Parameters", "Mappings", "Conditions"):
        entries = project.section(section).items()
        kept[section] = {name: value for name, value in entries if name in used or name not in before}
    for section in SECTIONS:
        values = kept.get(section, project.section(section))
        if values:
            renamed = {name: rename(value, project.ids, (section, name)) for name, value in values.items()}
            yield section, {name: change_local_paths(value, plain_path) for name, value in renamed.items()}
    for section, value in project.document.value.items():
        if section not in (*SECTIONS, "AWSTemplateFormatVersion") and value not in (None, SAM_TRANSFORM):
            yield section, {"": value}


def _carried_resources(project: SamProject) -> dict[str, Json]:
    """The resources that are neither Chalice's functions nor part of them."""
    converted = {found.identifier for found in project.functions.values()}
    resources = {
        name: value
        for name, value in project.resources.items()
        if name not in converted and name not in project.absorbed
    }
    # What something else refers to stays, though the Chalice project has its content too.
    named = references({"Resources": resources, "Outputs": _carried_outputs(project)})
    resources |= {name: project.resources[name] for name in project.absorbed if name in named}
    return {
        name: {**value, "Properties": dict(project.properties(name))}
        if _takes_globals(project, value)
        else value
        for name, value in resources.items()
    }


def _carried_outputs(project: SamProject) -> dict[str, Json]:
    return {
        name: value
        for name, value in project.section("Outputs").items()
        if name not in project.absorbed_outputs
    }


def _takes_globals(project: SamProject, resource: Json) -> bool:
    has_globals = bool(project.section("Globals").get("Function"))
    return has_globals and isinstance(resource, Mapping) and resource.get("Type") == FUNCTION


def _mentioned(values: Iterable[Json]) -> set[str]:
    """Every parameter, resource, condition and mapping named anywhere in the values."""
    found: set[str] = set()
    for value in values:
        found |= references(value)
        found |= set(_mappings_named(value))
    return found


def _mappings_named(value: Json) -> Iterator[str]:
    if isinstance(value, (dict, Mapping)):
        arguments = value.get("Fn::FindInMap")
        if isinstance(arguments, list) and arguments and isinstance(arguments[0], str):
            yield arguments[0]
        condition = value.get("Condition")
        if isinstance(condition, str):
            yield condition
        items: Iterable[Json] = value.values()
    else:
        items = value if isinstance(value, list) else ()
    for item in items:
        if type(item) not in SCALARS:
            yield from _mappings_named(item)


def _reachable(conditions: Mapping[str, Json], used: set[str]) -> dict[str, Json]:
    """The conditions that are used, and those that they stand on."""
    found: dict[str, Json] = {}
    open_ones = [name for name in conditions if name in used]
    while open_ones:
        name = open_ones.pop()
        if name in conditions and name not in found:
            found[name] = conditions[name]
            open_ones.extend(_mentioned([conditions[name]]))
    return found


def _text(project: SamProject, section: str, name: str, value: Json) -> str | None:
    """The author's own lines, where the entry is carried unchanged but for ids and paths."""
    # Paths in the text are those from the template's folder.
    is_elsewhere = "/" in project.document.source.path and any(find_local_paths(value))
    if is_elsewhere or _takes_globals(project, value):
        return None
    text = project.document.edited_text(_path(section, name), project.ids)
    return _moved(text, value, plain_path)


def _files_at(files: Mapping[str, bytes], path: str) -> dict[str, bytes]:
    """The file or the folder's files at a path of the project."""
    path = path.removeprefix("./").rstrip("/")
    return {found: files[found] for found in files if found == path or found.startswith(f"{path}/")}


def write_sam(application: Application, writer: SamWriter) -> None:
    from converter.sam.emit import Raw

    ids = writer.model_ids
    for function in application.functions.values():
        identifier = writer.function_id(function.name)
        for key, value in function.carried.items():
            renamed = rename(value, ids)
            if key == "Properties":
                writer.functions[function.name].update(renamed)
            else:
                writer.sections["Resources"][identifier][key] = renamed
    for section, entries in application.template.sections.items():
        for name, value in entries.items():
            text = application.template.text.get((section, name))
            if text is not None:
                from converter.sam.template import rename_in_entry

                text = rename_in_entry(text, section, name, ids)
            writer.carry(section, name, rename(value, ids, (section, name)) if text is None else Raw(text))
    writer.files.update(application.files)


feature = Feature(
    name="resources",
    support=(
        Support(
            "merge template",
            "other resources, `Parameters`, `Mappings`, `Conditions`, `Outputs`",
            "carried",
            "carried",
        ),
        Support("merge template", "properties that Chalice has no setting for", "carried", "carried"),
        Support("merge template", "functions in other languages, images, missing code", "carried", "carried"),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
