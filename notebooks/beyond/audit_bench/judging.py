"""What the audit of planted faults and sound detectors is worth: sensitivity and false alarms, with intervals."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

from anogen.auditing import FINDINGS
from companion.claims.base import Arrays
from notebooks.beyond.audit_bench.experiments import FOUND
from notebooks.beyond.audit_bench.faults import FAULTS, REFUSED
from notebooks.beyond.audit_bench.sound import EXCUSED

BARS = {"sensitivity": 0.95, "false alarms": 0.02}  # at least; at most


def first_tests() -> dict[str, Arrays]:
    """Return the findings of the first two parts with the checks of their time, in the form of records of `AuditBench`.

    The files in `first` are the records of commit cde57136 with their provenance. They cannot be computed by later
    checks, which were changed because of them.
    """
    folder = Path(__file__).parent / "first"
    return {half: dict(np.load(folder / f"half-{half}.npz")) for half in ("development", "test")}


class Share(NamedTuple):
    """A number of cases out of all, with Wilson's interval of 95%."""

    made: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Return the ends of the interval; (0, 1) without any case."""
        if not self.total:
            return 0.0, 1.0
        ends = binomtest(self.made, self.total).proportion_ci(method="wilson")
        return float(ends.low), float(ends.high)

    def __str__(self) -> str:
        """Return the number, the percentage and the interval."""
        if not self.total:
            return "–"
        low, high = self.interval
        return f"{self.made} of {self.total} ({self.made / self.total:.1%}; {low:.1%} to {high:.1%})"


class Judged(NamedTuple):
    """Results of one half, (D, C) each."""

    planted: dict[str, np.ndarray]  # by fault, whether an expected finding was made on each data set, (D,)
    noticed: dict[str, np.ndarray]  # whether any finding was made
    alarms: dict[str, np.ndarray]  # by sound detector, the findings that are not excused, (D, F)


NOTHING = Judged({}, {}, {})


def judge(record: Arrays) -> Judged:
    """Compare the findings of a record with the planted faults."""
    found, refused = record["findings"] == FOUND, record["refused"]
    planted, noticed, alarms = {}, {}, {}
    for i, case in enumerate(record["case_names"].tolist()):
        made = found[:, i]
        if case in FAULTS:
            expected = FAULTS[case].expected
            hits = made[:, [FINDINGS.index(name) for name in expected if name != REFUSED]].any(axis=1)
            planted[case] = hits | (refused[:, i] & (REFUSED in expected))
            noticed[case] = made.any(axis=1) | refused[:, i]
        else:
            excused = np.isin(FINDINGS, EXCUSED.get(case, ()))
            alarms[case] = made & ~excused | refused[:, i, None]
    return Judged(planted, noticed, alarms)


def share(flags: dict[str, np.ndarray]) -> Share:
    """Return the share of true flags among all cases and data sets."""
    values = np.concatenate([np.empty(0, dtype=bool), *flags.values()])
    return Share(int(values.sum()), len(values))


def sensitivity(judged: Judged) -> Share:
    """Return the share of planted faults of which an expected finding was made."""
    return share(judged.planted)


def false_alarms(judged: Judged) -> Share:
    """Return the share of sound detectors, on any data set, with at least one finding."""
    return share({case: np.asarray(alarms.any(axis=1)) for case, alarms in judged.alarms.items()})


def by_finding(judged: Judged) -> dict[str, tuple[Share, Share]]:
    """Return, for each finding, the share of faults made for it that were found, and its false alarms."""
    result = {}
    for i, name in enumerate((*FINDINGS, REFUSED)):
        faults = {case: hits for case, hits in judged.planted.items() if FAULTS[case].expected[0] == name}
        alarms = {case: a[:, i] for case, a in judged.alarms.items()} if name != REFUSED else {}
        result[name] = share(faults), share(alarms)
    return result
