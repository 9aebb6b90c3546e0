"""
Small SAM applications made up at random: folders, layers and handlers of any shape, and any settings.

Modules and functions tell of what they do with `world.note`, so that their order can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import strategies as st

STAGES = ("dev", "staging", "prod")
FUNCTIONS = ("wash", "dry", "iron-shirts", "fold")

_LAYER = '''\
"""What the functions share."""

from world import note

SHARED = []


def share(x):
    note("shared", x)
    SHARED.append(x)
    return len(SHARED)
'''

_MAKER = """

def make():
    global _made
    if _made is None:
        note("made")
        _made = 1
    return _made
"""


@dataclass(frozen=True)
class Project:
    """A SAM project, and the names of its functions."""

    files: dict[str, bytes]
    functions: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(f"--- {path}\n{text.decode()}" for path, text in self.files.items())


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Any such project, with one to three functions."""
    names = draw(st.lists(st.sampled_from(FUNCTIONS), min_size=1, max_size=3, unique=True))
    one_folder, has_layer = draw(st.booleans()), draw(st.booleans())
    files = (
        {"layers/common/shared_things.py": _LAYER, "layers/common/requirements.txt": ""} if has_layer else {}
    )
    resources: dict[str, Any] = {}
    for name in names:
        folder = "functions" if one_folder else f"functions/{name}"
        # Two modules of one name must not be each other's.
        module = name.replace("-", "_") if one_folder else draw(st.sampled_from(["app", "index"]))
        beside = f"things_{module}" if one_folder else "things"
        handler = draw(st.sampled_from(["lambda_handler", "handler"]))
        files[f"{folder}/{module}.py"] = _write_module(draw, beside, handler, has_layer)
        files[f"{folder}/{beside}.py"] = _write_things(draw, name)
        files[f"{folder}/requirements.txt"] = ""
        properties = {
            "CodeUri": f"{folder}/",
            "Handler": f"{module}.{handler}",
            **draw(_SETTINGS),
            **({"Layers": [{"Ref": "CommonLayer"}]} if has_layer else {}),
        }
        identifier = "".join(part.title() for part in name.split("-"))
        resources[f"{identifier}Function"] = {"Type": "AWS::Serverless::Function", "Properties": properties}
    if has_layer:
        resources["CommonLayer"] = {
            "Type": "AWS::Serverless::LayerVersion",
            "Metadata": {"BuildMethod": "python3.13"},
            "Properties": {"ContentUri": "layers/common/", "CompatibleRuntimes": ["python3.13"]},
        }
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Runtime": "python3.13", **draw(_SETTINGS)}},
        "Resources": resources,
    }
    files["template.yaml"] = yaml.safe_dump(template, sort_keys=False)
    return Project({path: text.encode() for path, text in files.items()}, tuple(names))


def _write_things(draw: st.DrawFn, name: str) -> str:
    effect = f'note("things of {name}")\n' if draw(st.booleans()) else ""
    return f'from world import note\n\n{effect}SIZE = {draw(st.integers(0, 3))}\nTHINGS = ["{name}"]\n'


def _write_module(draw: st.DrawFn, beside: str, handler: str, has_layer: bool) -> str:
    """A module with a handler: what it imports, does, keeps, and calls."""
    imports = [
        f"from {beside} import SIZE, THINGS",
        f"import {beside}",
        f"from {beside} import SIZE as LIMIT",
    ]
    chosen = draw(st.lists(st.sampled_from(imports), unique=True))
    lines = ["import json", "", "from world import note", *chosen]
    lines += ["from shared_things import share"] if has_layer else []
    lines += [
        draw(st.sampled_from(["", 'note("loaded")', "# Nothing to load.", "STATE.append(1)", "_made = None"]))
    ]
    head = "\n".join(lines).replace("STATE.append(1)", "STATE = []\nSTATE.append(1)")
    uses = ["len(json.dumps(event))", "event['n']"]
    uses += ["SIZE", "list(THINGS)"] if imports[0] in chosen else []
    uses += [f"{beside}.SIZE"] if imports[1] in chosen else []
    uses += ["LIMIT"] if imports[2] in chosen else []
    uses += ["share(event['n'])"] if has_layer else []
    uses += ["len(STATE)"] if "STATE" in head else []
    uses += ["make()"] if "_made" in head else []
    body = "".join(f"    result.append({use})\n" for use in draw(st.lists(st.sampled_from(uses), max_size=4)))
    maker = _MAKER if "_made" in head else ""
    return (
        f'{head}\n{maker}\n\ndef {handler}(event, context):\n    """Does it."""\n    result = []\n{body}'
        f'    note("done")  # for the log\n    return result\n'
    )


_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "Timeout": st.sampled_from([3, 60, 900]),
        "MemorySize": st.sampled_from([128, 512]),
        "Description": st.just("Does something"),
        "Architectures": st.sampled_from([["arm64"], ["x86_64"]]),
        "Tracing": st.sampled_from(["Active", "PassThrough"]),
        "ReservedConcurrentExecutions": st.integers(0, 3),
        "EphemeralStorage": st.just({"Size": 1024}),
        "Tags": st.dictionaries(st.sampled_from(["team", "cost"]), st.sampled_from(["a", "117"])),
        "Environment": st.fixed_dictionaries(
            {
                "Variables": st.dictionaries(
                    st.sampled_from(["TABLE", "URL"]),
                    st.sampled_from(
                        ["a", "10 %", "0123", {"Ref": "AWS::Region"}, {"Fn::Sub": "${AWS::StackName}-x"}]
                    ),
                    min_size=1,
                )
            }
        ),
    },
)
