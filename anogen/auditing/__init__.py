"""`audit(detector, X)` checks a detector for faults by calling its score."""

from anogen.auditing.audit import audit
from anogen.auditing.data import windows
from anogen.auditing.findings import FAULTS, FINDINGS, Finding
from anogen.auditing.report import AuditReport
from anogen.auditing.scores import Probes, audit_scores, make_probes

__all__ = ["FAULTS", "FINDINGS", "AuditReport", "Finding", "Probes", "audit", "audit_scores", "make_probes", "windows"]
