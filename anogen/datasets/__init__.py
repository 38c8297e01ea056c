"""Named data sets, verified by checksum, and your own arrays: `load("mnist").one_class(4)`."""

from anogen.datasets.dataset import Dataset, OneClass, from_arrays
from anogen.datasets.loading import NAMES, Available, available, data_folder, fetch, is_offline, load
from anogen.datasets.registry import DATASETS

__all__ = [
    "DATASETS",
    "NAMES",
    "Available",
    "Dataset",
    "OneClass",
    "available",
    "data_folder",
    "fetch",
    "from_arrays",
    "is_offline",
    "load",
]
