"""What the functions of two projects do, called with the same events in a sandbox."""

from converter.verify.behaviour.check import Behaviour, Case, Checked, check_behaviour
from converter.verify.behaviour.sandbox import Answer, Limits

__all__ = ["Answer", "Behaviour", "Case", "Checked", "Limits", "check_behaviour"]
