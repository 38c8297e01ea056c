"""Finished experiments on disk: committed records are loaded, others computed."""

from anogen.progress import Progress
from companion.records.compute import compute, get, load_available
from companion.records.store import MissingRecord, Record, load

__all__ = ["MissingRecord", "Progress", "Record", "compute", "get", "load", "load_available"]
