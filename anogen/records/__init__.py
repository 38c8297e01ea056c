"""Finished experiments on disk: load what was committed, compute what was not."""

from anogen.records.compute import Progress, compute, get
from anogen.records.store import MissingRecord, Record, load

__all__ = ["MissingRecord", "Progress", "Record", "compute", "get", "load"]
