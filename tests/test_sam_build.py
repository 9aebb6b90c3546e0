"""What the real `sam build` makes of a project does what the fixture says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from converter.model import Json
from converter.sam.sample_events import request, sample_event
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Limits, call
from tests.fixture_tools import FIXTURES, GOLDENS, Golden, read_files
from tests.forms import ask_built
from tests.oracles import sam_build, sam_validate

pytestmark = pytest.mark.slow

# One for each SAM form: of some fixtures it is the source of several goldens.
# Built, but not called: code in the template is not built, and code beside the code folder is left out.
_NOT_AS_WRITTEN = {"inline-code", "outside-code"}
_PROJECTS = {golden.sam: golden for golden in GOLDENS}.values()


@pytest.mark.parametrize("golden", _PROJECTS, ids=str)
def test_built_functions_do_what_the_fixture_says(golden: Golden, tmp_path: Path) -> None:
    built = sam_build(golden.sam, tmp_path / "copied")
    stage = golden.options.stage
    for each in golden.calls if golden.folder.parent.name not in _NOT_AS_WRITTEN else ():
        if stage not in (None, each.stage):
            continue
        answer = ask_built(built, golden, each)

        assert each.answer == {name: answer[name] for name in each.answer or {}}, each


@pytest.mark.parametrize(
    ("golden", "logical_id", "event", "expected"),
    [
        pytest.param("routes/sam", "ApiHandlerFunction", request("GET", "/"), 200, id="Powertools"),
        pytest.param("routes/sam-on-chalice", "ApiHandlerFunction", request("GET", "/"), 200, id="Chalice"),
        pytest.param("events/sam", "CloseShopFunction", sample_event("Schedule"), "closed", id="event"),
    ],
)
def test_built_function_answers(
    golden: str, logical_id: str, event: Json, expected: Json, tmp_path: Path
) -> None:
    project = FIXTURES / golden
    built = sam_build(project, tmp_path / "copied")
    template = yaml.safe_load((built / "template.yaml").read_text(encoding="utf-8").replace("!", ""))
    handler = template["Resources"][logical_id]["Properties"]["Handler"]
    layer = read_files(built / "SharedLayer") if (built / "SharedLayer").is_dir() else {}
    deployment = Deployment(handler, read_files(built / logical_id), layer, {"ORDERS_QUEUE": "orders"})
    (answer,) = call(deployment, [event], Limits())

    assert "" == answer.failed
    assert expected == (answer.value["statusCode"] if isinstance(answer.value, dict) else answer.value)


@pytest.mark.parametrize("golden", [each for each in GOLDENS if each.is_sam], ids=str)
def test_template_is_valid(golden: Golden) -> None:
    sam_validate(golden.sam)
