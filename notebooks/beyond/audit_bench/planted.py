"""The registry of planted faults: sound detectors with one defect each, in two or more forms for every finding.

The forms of the development half, the test half and the second test differ. `expected` names the findings that state
the defect; a detector that fails altogether is expected to be refused, in one line (`REFUSED`).
"""

from collections.abc import Callable
from typing import NamedTuple

from notebooks.beyond.audit_bench.sound import Sound

REFUSED = "refused"


class Planted(NamedTuple):
    """A defect."""

    detector: type[Sound]
    expected: tuple[str, ...]
    half: str
    constant_columns: int = 0  # that are added to the data, for defects of constant features
    base: str = ""  # the sound model, if the defect has no effect on others


FAULTS: dict[str, Planted] = {}


def planted(
    *expected: str, test: bool = False, half: str = "", constant_columns: int = 0, base: str = ""
) -> Callable[[type[Sound]], type[Sound]]:
    """Register a detector with a planted defect under its own name."""

    def register(detector: type[Sound]) -> type[Sound]:
        name = "".join(f"-{c.lower()}" if c.isupper() else c for c in detector.__name__).lstrip("-")
        FAULTS[name] = Planted(detector, expected, half or ("test" if test else "development"), constant_columns, base)
        return detector

    return register
