"""What a reader of ours could not understand: it takes no part in the comparison, which is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter import codes
from converter.diagnostics import Diagnostic, Severity

# Findings of the readers that mean: something was said, and could not be understood. Errors all do.
_NOT_UNDERSTOOD = {
    codes.INVALID_CONFIG_VALUE,
    codes.POLICY_NOT_GENERATED,
    codes.UNKNOWN_DECORATOR_ARGUMENT,
    codes.UNSUPPORTED_SETTING,
}


def choose_unread(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings about what takes no part in the comparison."""
    return (each for each in findings if each.severity is Severity.ERROR or each.code in _NOT_UNDERSTOOD)
