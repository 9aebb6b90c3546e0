from __future__ import annotations

import sys
from pathlib import Path

import pytest

from converter.verify.tools.environment import clean_environment
from tests.oracles.process import OracleError, run_tool


def test_account_and_settings_of_the_person_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("PYTHONPATH", "mine")
    environment = clean_environment(STAGE="dev")

    assert not {"AWS_PROFILE", "PYTHONPATH"} & environment.keys()
    assert {"AWS_DEFAULT_REGION": "us-east-1", "STAGE": "dev"}.items() <= environment.items()


def test_failure_holds_all_output(tmp_path: Path) -> None:
    code = "import sys; print('out'); sys.exit('err')"

    with pytest.raises(OracleError, match=r"(?s)exit 1.*out.*err"):
        run_tool([sys.executable, "-c", code], tmp_path)
