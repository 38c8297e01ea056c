"""`audit(detector, X)` checks a detector for faults by calling its score."""

from anogen.auditing.audit import audit
from anogen.auditing.findings import FAULTS, FINDINGS, Finding
from anogen.auditing.report import AuditReport

__all__ = ["FAULTS", "FINDINGS", "AuditReport", "Finding", "audit"]
