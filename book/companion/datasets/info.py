"""Name, hash and provenance of an experiment's data, for its record."""

from anogen import datasets
from companion.datasets import adbench, heartbeats


def dataset_info(name: str) -> datasets.Dataset | adbench.Collection:
    """Return the data set or the reader's file of this name; raises as the data set's `load` does."""
    if name.partition("/")[0] == adbench.NAME:
        return adbench.dataset_info(name)
    return heartbeats.load() if name == heartbeats.NAME else datasets.load(name)
