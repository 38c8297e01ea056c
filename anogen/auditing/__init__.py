"""`audit(detector, X)`: what is wrong with a detector, found out by asking it for scores."""

from anogen.auditing.audit import audit
from anogen.auditing.result import FINDINGS, MEANS, Audit

__all__ = ["FINDINGS", "MEANS", "Audit", "audit"]
