"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: the machines that run this are slow and busy at times. On CI the same examples every
# time, so that a red run has to do with the change.
settings.register_profile("paws", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("paws")
