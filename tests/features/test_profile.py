from __future__ import annotations

import pytest

from converter.codes import INVALID_CONFIG_VALUE, MERGED_ALIKE
from tests.features.tools import check_left_out, config_of, convert_to_chalice, convert_to_sam

SAMCONFIG = """\
[dev.deploy.parameters]
stack_name = "orders-dev"
profile = "ops"
[prod.deploy.parameters]
stack_name = "orders-prod"
profile = "ops"
"""


def test_profile():
    config = '{"profile": "ops", "stages": {"dev": {}, "prod": {}}}'
    there = convert_to_sam(config)
    back = convert_to_chalice(files={"samconfig.toml": SAMCONFIG})

    assert 2 == there.files["samconfig.toml"].decode().count('profile = "ops"\n')
    assert {"profile": "ops", "stages": {"dev": {}, "prod": {}}} == config_of(back)
    assert there.application.profile == back.application.profile


def test_no_profile():
    assert "profile" not in convert_to_sam().files["samconfig.toml"].decode()
    assert "profile" not in config_of(convert_to_chalice())


def test_profiles_that_differ():
    back = convert_to_chalice(files={"samconfig.toml": SAMCONFIG.replace("ops", "one", 1)})

    assert "profile" not in config_of(back)
    assert ["profile"] == [one.subject for one in back.diagnostics if one.code is MERGED_ALIKE]


@pytest.mark.parametrize("profile", ["5", "[]"])
def test_profile_that_is_no_text(profile: str):
    check_left_out(
        f'{{"profile": {profile}, "stages": {{"dev": {{}}}}}}', INVALID_CONFIG_VALUE, "1:2", "profile"
    )
