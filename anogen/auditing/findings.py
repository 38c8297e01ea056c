"""The faults that an audit looks for, and the result of one check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from numpy.typing import NDArray

Severity = Literal["error", "warning", "note"]


class Fault(NamedTuple):
    """What a fault is, in one line, and the remedy."""

    severity: Severity  # error: scores are wrong; warning: they mislead in some cases; note: worth knowing
    explanation: str
    advice: str


FAULTS: dict[str, Fault] = {
    "untrained": Fault(
        "error",
        "Fitting leaves no trace in the order of the scores.",
        "Look for a training loop that does not step, or for scores that are computed from the scored rows alone.",
    ),
    "constant": Fault(
        "error",
        "Every row gets the same score, so nothing is detected.",
        "Look for trees that never split, saturation, clipping, or a threshold in the place of a score.",
    ),
    "random": Fault(
        "error",
        "The same row gets another score each time.",
        "Turn off dropout and sampling when scoring, or average enough samples.",
    ),
    "batch_dependent": Fault(
        "warning",
        "A row's score depends on the rows that are scored with it, so a threshold differs from batch to batch.",
        "Score rows one by one, or look for statistics that are taken from the batch.",
    ),
    "blind_to_constant_features": Fault(
        "warning",
        "A feature that never changed in the data may take any value nearly unnoticed.",
        "Check such features separately, or remove them before fitting.",
    ),
    "prefers_noise": Fault(
        "error",
        "Noise or an empty image scores as more normal than real data.",
        "Look at the rows it prefers; a score that is low for unlike data needs another model or other features.",
    ),
    "upside_down": Fault(
        "error",
        "Anomalies score as more normal than real data: the score is probably reversed.",
        "State the orientation of the score, or change its sign.",
    ),
    "misses_outliers": Fault(
        "error",
        "Rows far outside the data do not score above real rows, or score lower the farther a value is outside.",
        "Look for clipping, for a score that ignores the values, or for trees and networks that did not learn.",
    ),
    "absurd_optimum": Fault(
        "warning",
        "A row unlike any real one scores as more normal than nearly all real rows.",
        "Do not read a low score as 'normal'; check the rows in the report, and combine the detector with a distance.",
    ),
    "saturated": Fault(
        "warning",
        "Many different rows share one score, so they cannot be ranked.",
        "Use the score before rounding, clipping or a sigmoid, or more trees, bins or neighbours.",
    ),
    "ignores_features": Fault(
        "warning",
        "No change of some features, however large, changes a score.",
        "Check the selection of columns and subspaces, and whether the model uses these features.",
    ),
    "stale_preprocessing": Fault(
        "error",
        "The preprocessing does not belong to the model: other units of the data change everything, or nothing.",
        "Fit scaler and model together, in one pipeline, and apply the fitted scaler when scoring.",
    ),
    "feature_order": Fault(
        "error",
        "Results change with the order of the columns, although it is the same in fitting and scoring.",
        "Look for columns that are sorted, dropped or selected differently in fitting and scoring.",
    ),
    "changes_when_reloaded": Fault(
        "error",
        "A saved and reloaded copy gives other scores.",
        "Keep everything that scoring needs in the detector, and derive nothing from time, addresses or caches.",
    ),
    "fit_scores_differ": Fault(
        "warning",
        "The scores kept from fitting are not those of scoring the same rows later.",
        "Compute thresholds from scores of held-out rows, or make fit use the score function itself.",
    ),
    "dtype_sensitive": Fault(
        "warning",
        "The same values score differently as float32, in another memory layout, as a DataFrame, or twice in a batch.",
        "Convert rows to one dtype and layout first, and look for integer casts and views.",
    ),
    "leaks_batch": Fault(
        "warning",
        "A row's score depends on the order of the rows, or on rows that were scored before.",
        "Look for state that scoring changes, and for windows or caches across rows.",
    ),
    "accepts_nan": Fault(
        "warning",
        "Rows with a missing value are scored as normal, without a word.",
        "Refuse NaN, or impute it on purpose and say so.",
    ),
    "threshold_inconsistent": Fault(
        "warning",
        "The labels of `predict` fit neither the scores nor the stated contamination.",
        "Recompute the threshold on held-out rows, and compare it with the score in the same direction.",
    ),
    "modifies_input": Fault(
        "warning",
        "Scoring changes the caller's rows.",
        "Copy the rows before scaling or imputing in place.",
    ),
}
FINDINGS = tuple(FAULTS)


@dataclass(frozen=True, eq=False)
class Finding:
    """The result of one check.

    Attributes
    ----------
    name : str
        The fault, one of `FINDINGS`.
    passed : bool or None
        Whether the detector is free of it; None if that could not be decided.
    detail : str
        One sentence on this detector.
    evidence : dict
        Two or three named numbers; None for what was not measured.
    picture : dict
        Scores (n,) by the kind of rows, to plot; may be empty.
    """

    name: str
    passed: bool | None
    detail: str
    evidence: Mapping[str, float | None] = field(default_factory=dict)
    picture: Mapping[str, NDArray] = field(default_factory=dict, repr=False)

    @property
    def found(self) -> bool:
        """Whether the detector has the fault."""
        return self.passed is False

    @property
    def severity(self) -> Severity:
        """How much the fault matters."""
        return FAULTS[self.name].severity

    @property
    def explanation(self) -> str:
        """What the fault is, in one line."""
        return FAULTS[self.name].explanation

    @property
    def advice(self) -> str:
        """What to do about it."""
        return FAULTS[self.name].advice
