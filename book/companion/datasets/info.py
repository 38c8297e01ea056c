"""Name, hash and provenance of an experiment's data, for its record."""

from typing import Protocol

from anogen import datasets
from companion.datasets import adbench, heartbeats


class DatasetInfo(Protocol):
    """The data that was used: a data set of images or a table."""

    @property
    def name(self) -> str:
        """Return the name of the data set."""

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the decoded arrays."""

    @property
    def provenance(self) -> str:
        """Return one sentence that describes the data."""


LOADERS = {heartbeats.NAME: heartbeats.load}


def dataset_info(name: str) -> DatasetInfo:
    """Return name, hash and provenance of a data set or of the reader's file; raises as the data set's `load` does."""
    if name.partition("/")[0] == adbench.NAME:
        return adbench.dataset_info(name)
    return LOADERS[name]() if name in LOADERS else datasets.load(name)
