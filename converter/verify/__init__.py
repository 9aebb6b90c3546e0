"""Proof that two projects mean the same: what they deploy, compared fact by fact."""

from converter.verify.verification import Finding, Verification, verify

__all__ = ["Finding", "Verification", "verify"]
