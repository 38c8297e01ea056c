"""Finished experiments on disk: committed records are loaded, others computed."""

from anogen.progress import Progress
from companion.records.compute import compute, get
from companion.records.store import MissingRecord, Record, load

__all__ = ["MissingRecord", "Progress", "Record", "compute", "get", "load"]
