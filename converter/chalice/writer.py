"""A Chalice project being written: config, merge template and files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converter.chalice.config import CONFIG_PATH
from converter.chalice.policy import Statements, generate_statements
from converter.chalice.project import RESOURCES_PATH
from converter.chalice.readme import README, write_readme
from converter.chalice.registration import API_FUNCTION, API_ID
from converter.model import Application, Json, logical_id
from converter.sam.intrinsics import function_of, is_literal

if TYPE_CHECKING:
    from converter.chalice.decoration import Decoration
    from converter.chalice.http.proxied import ProxiedApi
    from converter.chalice.http.served import ServedApi
    from converter.diagnostics import Diagnostic

Entries = dict[str, Json]

_SECTIONS = ("Metadata", "Parameters", "Mappings", "Conditions", "Globals", "Resources", "Outputs")

# Chalice asks for a role's ARN as soon as it is not to manage the role itself; the merge
# template then names the role that the stack makes.
ROLE_IN_TEMPLATE = "arn:aws:iam::000000000000:role/named-in-resources.yaml"


@dataclass
class ChaliceWriter:
    """What the features write to.

    What the config can say goes there, at the outermost level where it is true;
    what only a template can say goes to the merge template of `chalice package`.
    `left_out` are functions whose code is not there, `decorations` the decorators of those whose event
    Chalice has one for. `api` are the routes that are to be views; None once it is known that they cannot be;
    `proxied` are the functions that such views call, unless they can be Chalice's own. `websockets` are the
    decorators of functions that serve the WebSocket API, without their arguments.
    """

    application: Application
    files: dict[str, bytes] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    template: dict[str, Json] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    decorations: dict[str, Decoration] = field(default_factory=dict)
    api: ServedApi | None = None
    proxied: ProxiedApi | None = None
    websockets: Mapping[str, str] = field(default_factory=dict)
    _settings: dict[str, dict[tuple[str, str], Json]] = field(default_factory=dict)
    _entries: dict[str, dict[tuple[str, str], Entries]] = field(default_factory=dict)
    _app: dict[str, Json] = field(default_factory=dict)

    @property
    def stages(self) -> tuple[str, ...]:
        return self.application.stages

    def set(
        self,
        function: str,
        key: str,
        sam: str,
        by_stage: Mapping[str, Json],
        to_sam: Callable[[Json], Json] = lambda value: value,
        default: Json = None,
    ) -> None:
        """Set a config key of a function; as the property `sam` in the merge template if it is no literal."""
        if not all(map(is_literal, by_stage.values())):
            value = next(value for value in by_stage.values() if value is not None)
            self.merge(function, (sam,), value if function_of(value) else to_sam(value))
            return
        settings = self._settings.setdefault(key, {})
        for stage, value in by_stage.items():
            if value is not None and value != default:
                settings[stage, function] = value

    def set_entries(
        self, function: str, key: str, sam: tuple[str, ...], by_stage: Mapping[str, Json]
    ) -> None:
        """Set a config key that is a mapping of texts; other entries go to the merge template."""
        for stage, entries in by_stage.items():
            for name, value in (entries or {}).items():
                if not is_literal(value) or isinstance(value, (dict, list)):
                    self.merge(function, (*sam, name), value)
                else:
                    self._entries.setdefault(key, {}).setdefault((stage, function), {})[name] = value

    def set_app(self, key: str, by_stage: Mapping[str, Json]) -> None:
        """Set a config key that holds for the whole application."""
        for stage, value in by_stage.items():
            if value is not None:
                self._app.setdefault(key, {})[stage] = value

    def merge(self, function: str, path: tuple[str, ...], value: Json) -> None:
        """Set a property of a function that only the merge template can say."""
        self.merge_resource(logical_id(function), ("Properties", *path), value)

    def merge_resource(self, identifier: str, path: tuple[str, ...], value: Json) -> None:
        """Set a part of any resource of the merge template."""
        level = self.template.setdefault("Resources", {}).setdefault(identifier, {})
        for part in path[:-1]:
            level = level.setdefault(part, {})
        level[path[-1]] = value

    def carry(self, section: str, name: str, value: Json) -> None:
        """Put an entry of a section into the merge template; an empty name stands for the section itself."""
        if name:
            self.template.setdefault(section, {})[name] = value
        else:
            self.template[section] = value

    def set_in_stage(self, stage: str, function: str, key: str, value: Json) -> None:
        """Set a config key of a function in one stage."""
        self._settings.setdefault(key, {})[stage, function] = value

    def set_role(self, function: str, by_stage: Mapping[str, Json]) -> None:
        """Let the function use an existing role; the merge template names one that the stack makes."""
        for stage, role in by_stage.items():
            if role is not None:
                self.set_in_stage(stage, function, "manage_iam_role", False)
                self.set_in_stage(
                    stage, function, "iam_role_arn", role if isinstance(role, str) else ROLE_IN_TEMPLATE
                )
        role = next(role for role in by_stage.values() if role is not None)
        if not isinstance(role, str):
            self.merge(function, ("Role",), role)

    def generated_statements(self) -> Statements | None:
        """What Chalice would generate for the app.py that has been written."""
        found = generate_statements(self.files["app.py"].decode()) if "app.py" in self.files else ()
        has_websockets = any(b".on_ws_" in data for path, data in self.files.items() if path.endswith(".py"))
        if not has_websockets or found is None:
            return found
        from chalice.constants import POST_TO_WEBSOCKET_CONNECTION_POLICY

        return (*found, POST_TO_WEBSOCKET_CONNECTION_POLICY)

    @property
    def next_commands(self) -> tuple[str, ...]:
        """What to type next in the project's folder."""
        commands = self._commands_for(self.stages[0])
        return commands if len(commands) > 1 else ("pip install -r requirements.txt chalice", *commands)

    def _commands_for(self, name: str) -> tuple[str, ...]:
        """What deploys a stage."""
        stage = "" if name == "dev" else f" --stage {name}"
        if RESOURCES_PATH not in self.files:
            return (f"chalice deploy{stage}",)
        return (
            f"chalice package{stage} --merge-template {RESOURCES_PATH} packaged",
            f"sam deploy{self._how_to_deploy(name)} --template-file packaged/sam.yaml",
        )

    def _how_to_deploy(self, stage: str) -> str:
        """The options by which `sam deploy` learns of the stage."""
        from converter.sam.samconfig import DEFAULT, PATHS, read_samconfig

        path = next((path for path in PATHS if path in self.files), None)
        environments = read_samconfig(path, self.files[path]).stages() if path else {}
        if stage not in environments:
            return " --guided"
        name = environments[stage].name
        return "" if name == DEFAULT else f" --config-env {name}"

    def report(self, *diagnostics: Diagnostic) -> None:
        self.diagnostics.extend(diagnostics)

    def finish(self) -> dict[str, bytes]:
        """The files of the project."""
        for name in self.left_out:
            for identifier in (logical_id(name), logical_id(f"{name}_role")):
                self.template.get("Resources", {}).pop(identifier, None)
        self.files[CONFIG_PATH] = (json.dumps(self._config(), indent=2, ensure_ascii=False) + "\n").encode()
        template = {
            name: self.template[name] for name in sorted(self.template, key=_rank) if self.template[name]
        }
        if self.api is not None:
            template = _rename_api(template)
        self.files.pop(RESOURCES_PATH, None)
        if any(template.values()):
            from converter.sam.emit import emit_template

            self.files[RESOURCES_PATH] = emit_template(template).encode()
        if README not in self.application.files:
            commands = {stage: self._commands_for(stage) for stage in self.stages}
            self.files[README] = write_readme(self.application.name, commands, self.files).encode()
        return dict(sorted(self.files.items()))

    def _config(self) -> Json:
        stages: dict[str, dict[str, Json]] = {stage: {} for stage in self.stages}
        config: dict[str, Json] = {"version": "2.0", "app_name": self.application.name}
        if self.application.profile is not None:
            config["profile"] = self.application.profile
        for key, by_stage in self._app.items():
            self._place(config, stages, key, by_stage)
        for key, values in sorted(self._settings.items()):
            self._place_settings(config, stages, key, values)
        for key, entries in sorted(self._entries.items()):
            self._place_entries(config, stages, key, entries)
            self._order_entries(config, stages, key)
        for stage in stages.values():
            if "lambda_functions" in stage:
                stage["lambda_functions"] = stage.pop("lambda_functions")
        return {**config, "stages": stages}

    def _place(self, config: Entries, stages: dict[str, Entries], key: str, by_stage: Entries) -> None:
        """Write at the top what every one of several stages says alike, else in each stage."""
        values = [by_stage.get(stage) for stage in self.stages]
        if len(values) > 1 and values[0] is not None and all(value == values[0] for value in values):
            config[key] = values[0]
            return
        for stage, value in by_stage.items():
            stages[stage][key] = value

    def _place_settings(
        self, config: Entries, stages: dict[str, Entries], key: str, values: dict[tuple[str, str], Json]
    ) -> None:
        common: Entries = {}
        for stage in self.stages:
            of_stage = [values.get((stage, function)) for function in self.application.functions]
            if of_stage and of_stage[0] is not None and all(value == of_stage[0] for value in of_stage):
                common[stage] = of_stage[0]
                continue
            for function, value in zip(self.application.functions, of_stage, strict=True):
                if value is not None and function not in self.left_out:
                    _function_entry(stages[stage], function)[key] = value
        self._place(config, stages, key, common)

    def _place_entries(
        self, config: Entries, stages: dict[str, Entries], key: str, entries: dict[tuple[str, str], Entries]
    ) -> None:
        common: Entries = {}
        for stage in self.stages:
            of_stage = [entries.get((stage, function), {}) for function in self.application.functions]
            shared = {
                name: value
                for name, value in of_stage[0].items()
                if all(other.get(name) == value for other in of_stage)
            }
            if shared:
                common[stage] = shared
            for function, found in zip(self.application.functions, of_stage, strict=True):
                own = {name: value for name, value in found.items() if name not in shared}
                if own and function not in self.left_out:
                    _function_entry(stages[stage], function)[key] = own
        self._place_common_entries(config, stages, key, common)

    def _place_common_entries(
        self, config: Entries, stages: dict[str, Entries], key: str, common: Entries
    ) -> None:
        everywhere: Entries = {}
        if len(self.stages) > 1 and len(common) == len(self.stages):
            first = common[self.stages[0]]
            everywhere = {
                name: value
                for name, value in first.items()
                if all(common[stage].get(name) == value for stage in self.stages)
            }
        if everywhere:
            config[key] = everywhere
        for stage, entries in common.items():
            left = {name: value for name, value in entries.items() if name not in everywhere}
            if left:
                stages[stage][key] = left

    def _order_entries(self, config: Entries, stages: dict[str, Entries], key: str) -> None:
        """Put the entries of every level in the order in which who reads all levels meets them first."""
        of_functions = [stage.get("lambda_functions", {}) for stage in stages.values()]
        order: dict[str, int] = {}
        for function in self.application.functions:
            for stage, own in zip(stages.values(), of_functions, strict=True):
                for level in (config, stage, own.get(function, {})):
                    for name in level.get(key, ()):
                        order.setdefault(name, len(order))
        for level in (config, *stages.values(), *(one for own in of_functions for one in own.values())):
            if key in level:
                level[key] = dict(sorted(level[key].items(), key=lambda entry: order[entry[0]]))


def _rename_api(template: dict[str, Json]) -> dict[str, Json]:
    """The template with the id that Chalice gives to the function behind the API."""
    from converter.sam.intrinsics import rename

    ids = {logical_id(API_FUNCTION): API_ID}
    renamed: dict[str, Json] = rename(template, ids)
    if "Resources" in renamed:
        resources = renamed["Resources"].items()
        renamed["Resources"] = {ids.get(name, name): entry for name, entry in resources}
    return renamed


def _rank(section: str) -> int:
    return _SECTIONS.index(section) if section in _SECTIONS else -1


def _function_entry(stage: Entries, function: str) -> Entries:
    entry: Entries = stage.setdefault("lambda_functions", {}).setdefault(function, {})
    return entry
