"""One fact in its forms: what a feature is in Chalice's config, in a SAM template, and in the model.

The application around it has the functions `one` and, if the fact speaks of it, `two`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import yaml

from converter.convert import Conversion, Options, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Code
from converter.model import Json
from tests.sam.readers import load_with_pyyaml

CONFIG = ".chalice/config.json"
RESOURCES = ".chalice/resources.yaml"

_FUNCTIONS = ("one", "two")
_STAGE = {
    "Type": "String",
    "Description": "The stage to deploy",
    "Default": "dev",
    "AllowedValues": ["dev", "prod"],
}
_SECTION = re.compile(r"(Parameters|Mappings|Conditions|Resources|Outputs|(One|Two)Function)$")
_DEFAULTS = {"Timeout": 60, "MemorySize": 128}


def check_both_ways(
    chalice: str = "{}", sam: str = "", merge: str = "", model: Mapping[str, Json] | None = None
) -> None:
    """Chalice's form becomes SAM's and SAM's becomes Chalice's, and both are the same application.

    `chalice` is what the stage dev says, or a whole config with `stages`. `sam` are the properties
    of the function `one`; or properties by function (OneFunction), beside other sections of the
    template. `merge` are the properties of `one` in the merge template, or its sections. `model`
    are settings of `one`, by stage if the config names stages.
    """
    there, back = convert_to_sam(chalice, merge), convert_to_chalice(sam, chalice)

    assert read_config(chalice) == config_of(back)
    assert read_sections(merge, "One") == merge_template_of(back)
    assert read_sections(sam, "OneFunction", is_flat=True) == template_of(there)
    assert there.application == back.application
    if model is not None:
        stages = {"dev": model} if len(there.application.stages) == 1 else model
        check_model(there, stages)


def check_model(conversion: Conversion, stages: Mapping[str, Json]) -> None:
    settings = conversion.application.functions["one"].settings

    for stage, expected in stages.items():
        assert expected == {name: settings[stage].get(name) for name in expected}


def check_to_sam(chalice: str = "{}", sam: str = "", merge: str = "") -> Conversion:
    """Chalice's form becomes SAM's, though that one does not come back as it was."""
    there = convert_to_sam(chalice, merge)

    assert read_sections(sam, "OneFunction", is_flat=True) == template_of(there)
    return there


def check_to_chalice(sam: str, chalice: str = "{}", merge: str = "") -> Conversion:
    """SAM's form becomes Chalice's, though that one does not come back as it was."""
    back = convert_to_chalice(sam, chalice)

    assert read_config(chalice) == config_of(back)
    assert read_sections(merge, "One") == merge_template_of(back)
    return back


def check_left_out(chalice: str, code: Code, place: str, subject: str) -> None:
    """What the config says has no effect on the template, and is reported at its place in the config."""
    there = convert_to_sam(chalice)
    found = [diagnostic for diagnostic in there.diagnostics if diagnostic.code is code]

    assert [(f"{CONFIG}:{place}", subject)] == [(str(one.position), one.subject) for one in found]
    assert {} == template_of(there)


# --- converting ------------------------------------------------------------------


def convert_to_sam(
    chalice: str = "{}", merge: str = "", files: Mapping[str, str] | None = None
) -> Conversion:
    """The conversion of the application with this config, and with other files by path."""
    written = {
        "app.py": _write_app(
            [name for name in _FUNCTIONS if name == "one" or name in chalice + merge.lower()]
        ),
        CONFIG: chalice if "stages" in chalice else f'{{"stages": {{"dev": {chalice}}}}}',
        ".python-version": "3.13\n",
        **({RESOURCES: yaml.safe_dump(read_sections(merge, "One"))} if merge else {}),
    }
    return chalice_to_sam(_encode({**written, **(files or {})}))


def convert_to_chalice(
    sam: str = "", chalice: str = "{}", files: Mapping[str, str] | None = None
) -> Conversion:
    """The conversion of the template; its stages are those of Chalice's config."""
    sections = read_sections(sam, "OneFunction", is_flat=True)
    names = [name for name in _FUNCTIONS if name == "one" or _identifier(name) in sam]
    functions = {_identifier(name): _write_function(name, sections) for name in names}
    others = {section: value for section, value in sections.items() if section not in functions}
    template: dict[str, Any] = {"Transform": "AWS::Serverless-2016-10-31", **others}
    template["Resources"] = {**functions, **others.get("Resources", {})}
    if '"Stage"' in json.dumps(sections):
        template["Parameters"] = {"Stage": _STAGE, **others.get("Parameters", {})}
    written = {
        "template.json": json.dumps(template),
        "samconfig.toml": _write_samconfig(tuple(read_config(chalice).get("stages", {"dev": {}}))),
        **{f"lambdas/{name}/{name}.py": _write_handler(name) for name in names},
    }
    return sam_to_chalice(_encode({**written, **(files or {})}), Options(name="orders"))


def _encode(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def _write_app(names: list[str]) -> str:
    handlers = "".join(f"\n\n@app.lambda_function()\n{_write_handler(name)}" for name in names)
    return f'from chalice import Chalice\n\napp = Chalice(app_name="orders")\n{handlers}'


def _write_handler(name: str) -> str:
    return f"def {name}(event, context):\n    return {{}}\n"


def _write_function(name: str, sections: Mapping[str, Any]) -> Json:
    own = {"CodeUri": f"lambdas/{name}/", "Handler": f"{name}.{name}", "Runtime": "python3.13"}
    properties = {**own, "Timeout": 60, **sections.get(_identifier(name), {})}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def _write_samconfig(stages: tuple[str, ...]) -> str:
    """As this tool writes it: the first stage is the default environment."""
    named = dict(zip(("default", *stages[1:]), stages, strict=True))
    return "version = 0.1\n" + "".join(
        f'[{environment}.deploy.parameters]\nstack_name = "orders-{stage}"\n'
        f'parameter_overrides = "Stage={stage}"\n'
        for environment, stage in named.items()
    )


def _identifier(name: str) -> str:
    return f"{name.capitalize()}Function"


# --- reading what came out -----------------------------------------------------------


def read_config(text: str) -> dict[str, Any]:
    """The settings of the one stage, or the whole config."""
    config: dict[str, Any] = json.loads(text)
    return config


def config_of(conversion: Conversion) -> Json:
    config = json.loads(conversion.files[CONFIG])
    own = {key: value for key, value in config.items() if key not in ("version", "app_name")}
    return own["stages"]["dev"] if own.keys() == {"stages"} and own["stages"].keys() == {"dev"} else own


def merge_template_of(conversion: Conversion) -> Json:
    return load_with_pyyaml(conversion.files.get(RESOURCES, b"{}").decode())


def read_sections(text: str, identifier: str, *, is_flat: bool = False) -> dict[str, Any]:
    """YAML that is either the properties of a function, or sections of a template."""
    value = load_with_pyyaml(dedent(text)) or {}
    is_sections = any(
        re.match(r"Parameters|Mappings|Conditions|Resources|Outputs|(One|Two)Function", key) for key in value
    )
    if is_sections or not value:
        return value
    return {identifier: value} if is_flat else {"Resources": {identifier: {"Properties": value}}}


def template_of(conversion: Conversion) -> Json:
    """What the template says beyond what every template says: properties by function, and other sections."""
    template = load_with_pyyaml(conversion.files["template.yaml"].decode())
    shared = template.pop("Globals", {}).get("Function", {})
    resources = template.pop("Resources")
    found: dict[str, Any] = {}
    for name in _FUNCTIONS:
        properties = _join(shared, resources.pop(_identifier(name), {"Properties": {}})["Properties"])
        found[_identifier(name)] = {
            key: value
            for key, value in properties.items()
            if key not in ("CodeUri", "Handler", "Runtime") and _DEFAULTS.get(key) != value
        }
    parameters = {name: value for name, value in template.pop("Parameters", {}).items() if value != _STAGE}
    others = {key: template[key] for key in ("Mappings", "Conditions") if key in template}
    found |= {"Parameters": parameters, **others, "Resources": resources}
    return {key: value for key, value in found.items() if value}


def _join(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _join(shared[key], own[key]) for key in shared.keys() & own.keys() if isinstance(own[key], dict)
    }
    return {**shared, **own, **both}
