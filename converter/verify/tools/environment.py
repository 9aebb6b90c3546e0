"""What a tool in a process of its own is told of the machine that it runs on."""

from __future__ import annotations

import os

from converter.verify.values import REGION

# What would change an answer; the rest (PATH, proxies, the settings of pip) is how the machine works.
_FOREIGN = ("AWS_", "CHALICE_", "SAM_", "__SAM_", "PYTHON", "VIRTUAL_ENV")


def clean_environment(**added: str) -> dict[str, str]:
    """The environment for a tool: nobody's account, one region, and what is `added`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **kept,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **added,
    }
