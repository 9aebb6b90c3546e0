"""What the real `sam build` makes of a project does what the fixture says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixture_tools import GOLDENS, Golden
from tests.forms import ask_built
from tests.oracles import sam_build

pytestmark = pytest.mark.slow

# One of each kind: no layer, a layer, one folder for all, a dummy function's layer, packages to
# install, carried code.
_CHOSEN = (
    "one-function/sam",
    "shared-code/sam",
    "custom-script/sam-shared",
    "custom-script/sam-dummy-lambda",
    "all-settings/sam",
    "data-files/sam",
)


@pytest.mark.parametrize("golden", [each for each in GOLDENS if str(each) in _CHOSEN], ids=str)
def test_built_functions_do_what_the_fixture_says(golden: Golden, tmp_path: Path) -> None:
    built = sam_build(golden.sam, tmp_path / "copied")
    for call in golden.calls:
        answer = ask_built(built, golden, call)

        assert call.answer == {name: answer[name] for name in call.answer or {}}, call
