"""`audit(detector, X)` checks a detector for six faults by calling its score."""

from anogen.auditing.audit import audit
from anogen.auditing.findings import Finding
from anogen.auditing.report import EXPLANATIONS, FINDINGS, AuditReport

__all__ = ["EXPLANATIONS", "FINDINGS", "AuditReport", "Finding", "audit"]
