"""Named data sets, verified by checksum: ``load("mnist").one_class(4)``."""

from anogen.datasets.dataset import Dataset, OneClass
from anogen.datasets.lookup import NAMES, Available, available, fetch, load

__all__ = ["NAMES", "Available", "Dataset", "OneClass", "available", "fetch", "load"]
