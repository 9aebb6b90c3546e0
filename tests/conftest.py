"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

# No deadline: the machines that run this are slow and busy at times. On CI the same examples every
# time, so that a red run has to do with the change.
_IS_CI = "CI" in os.environ
# Nor does it make a failing example smaller there, which takes minutes; the example itself is printed.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate) if _IS_CI else tuple(Phase)
settings.register_profile("paws", deadline=None, derandomize=_IS_CI, phases=_PHASES)
settings.load_profile("paws")
