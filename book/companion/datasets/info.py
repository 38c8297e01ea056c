"""What a record states of its data: a data set of images, or one that has a module of its own."""

from typing import Protocol

from anogen import datasets
from companion.datasets import adbench, heartbeats


class Stated(Protocol):
    """What is stated: the name of what was really used, its hash and where it comes from."""

    @property
    def name(self) -> str:
        """Name of the data set."""

    @property
    def sha256(self) -> str:
        """Hash of the decoded arrays."""

    @property
    def provenance(self) -> str:
        """Which data these are, in a sentence."""


ELSEWHERE = {heartbeats.NAME: heartbeats.load}


def stated(name: str) -> Stated:
    """Return name, hash and provenance of what an experiment reads; raises as the data set's `load` does."""
    if name.partition("/")[0] == adbench.NAME:
        return adbench.stated(name)
    return ELSEWHERE[name]() if name in ELSEWHERE else datasets.load(name)
