"""What an audit found."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from anogen.errors import InputError

FINDINGS = ("untrained", "constant", "random", "batch_dependent", "blind_to_constant_features", "prefers_noise")
MEANS = {
    "untrained": "Fitting leaves no trace in the order of the scores. Look for a training loop that does not step, or "
    "for scores that are computed from the rows asked about alone.",
    "constant": "Every row gets the same score, so nothing is detected. Look for saturation, clipping, or a threshold "
    "in the place of a score.",
    "random": "The same row gets another score each time. Look for dropout or sampling that is still on when it "
    "scores.",
    "batch_dependent": "What else is scored changes a row's score, so a threshold means another thing for each batch. "
    "Score rows one by one, or look for statistics that are taken from the batch.",
    "blind_to_constant_features": "A feature that never changed may take any value nearly unnoticed. Check such "
    "features yourself, or remove them before fitting so that nobody relies on them.",
    "prefers_noise": "Noise, or an empty image, is held to be more normal than real data. Whoever wants to get past "
    "the detector knows how, and scores of unusual rows mean little.",
}
STATED = "audit"  # the array of a saved audit that holds everything but the arrays


@dataclass(frozen=True, eq=False)
class Audit:
    """The result of an audit.

    Attributes
    ----------
    detector : how it was named, and whether a class, a factory or a fitted object was given.
    data : number of rows and columns, constant columns, shape of an image or None.
    findings : whether each of the six faults was found.
    why : a sentence on each.
    measures : the numbers that the findings rest on; None for what was not measured.
    drawn : measures of what it draws, a list with one number for each image or row; empty if nothing was drawn.
    calls, seconds, seed : of the audit.
    arrays : rows and scores, for pictures.
    """

    detector: Mapping[str, str]
    data: Mapping[str, Any]
    findings: Mapping[str, bool]
    why: Mapping[str, str]
    measures: Mapping[str, float | None]
    drawn: Mapping[str, Any]
    calls: int
    seconds: float
    seed: int
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not any(self.findings.values())

    def stated(self) -> dict[str, Any]:
        """Return everything but the arrays, as JSON can write it."""
        return {key: value for key, value in self.__dict__.items() if key != "arrays"}

    def json(self) -> str:
        """Return everything but the arrays as JSON."""
        return json.dumps({"sound": self.sound, **self.stated()}, indent=1, allow_nan=False)

    def text(self) -> str:
        """Return the findings as lines to read."""
        width = max(map(len, FINDINGS))
        lines = [f"{'FOUND' if self.findings[name] else 'ok   '} {name:{width}}  {self.why[name]}" for name in FINDINGS]
        found = [name for name in FINDINGS if self.findings[name]]
        verdict = (
            f"{len(found)} of {len(FINDINGS)} faults found" if found else "sound: none of the six faults was found"
        )
        size = f"{self.data['rows']:,} rows, {self.data['columns']:,} columns"
        head = f"{self.detector['name']} ({self.detector['kind']}), {size}"
        return "\n".join([head, *lines, f"{verdict}, in {self.calls} calls and {self.seconds:.1f} s"])

    def save(self, path: Path) -> None:
        """Write the audit to an .npz file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez_compressed(file, **self.arrays, **{STATED: np.array(json.dumps(self.stated()))})  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the audit that `save` wrote; raises `InputError` for another file."""
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = dict(file)
            return cls(**json.loads(str(arrays.pop(STATED))), arrays=arrays)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            raise InputError(f"{path} holds no audit: make one with anogen audit") from None
