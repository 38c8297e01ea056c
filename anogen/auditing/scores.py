"""The audit of scores that were computed elsewhere: rows to score, and findings from their scores.

The rows are those that an audit would pass to the detector, so they follow from the data and the seed.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from anogen.auditing.audit import audit
from anogen.auditing.data import AuditData
from anogen.auditing.files import read_file
from anogen.auditing.findings import Finding
from anogen.auditing.report import AuditReport
from anogen.errors import InputError, require
from anogen.scorers.base import Orientation

Floats = NDArray[np.float64]

# Faults that show in the scores of single rows; all others need the detector, and are undecided.
DECIDABLE = frozenset({
    "constant", "random", "prefers_noise", "upside_down", "misses_outliers", "saturated", "ignores_features",
    "blind_to_constant_features",
})  # fmt: skip
ROW, SCORE = "row", "score"  # columns of the files


@dataclass(frozen=True, eq=False)
class Probes:
    """The rows whose scores an audit needs.

    Attributes
    ----------
    rows : ndarray
        Rows (m, d); the real ones occur twice.
    table : DataFrame or ndarray
        The same rows as the detector takes them, with the names and texts of the data.
    names : list of str
        An identifier for each row; it contains a digest of all rows.
    """

    rows: Floats
    table: Any
    names: list[str]

    def to_bytes(self, suffix: str) -> bytes:
        """Return the content of a .csv or .npz file."""
        require(suffix in {".csv", ".npz"}, f"probes are written as .csv or .npz, not {suffix or 'without an ending'}")
        buffer = io.BytesIO()
        if suffix == ".npz":
            np.savez_compressed(buffer, X=self.rows, row=np.array(self.names))
        else:
            table = pd.DataFrame(self.table)
            table.insert(0, ROW, self.names)
            table.to_csv(buffer, index=False)
        return buffer.getvalue()


def make_probes(X: ArrayLike, y: ArrayLike | None = None, *, random_state: int = 0, **options: Any) -> Probes:
    """Return the rows whose scores `audit_scores` needs.

    Parameters
    ----------
    X, y : array_like
        The data, as for `anogen.audit`.
    random_state : int
        Seed of everything random.
    **options
        ``normal_label`` and ``image_shape`` of `anogen.audit`.

    Returns
    -------
    Probes
        The rows, and their names.
    """
    calls: list[Floats] = []

    def record(rows: Floats) -> Floats:
        rows = np.array(rows, dtype=np.float64)
        calls.append(rows)
        return np.array([int.from_bytes(hashlib.sha256(row.tobytes()).digest()[:6]) / 2.0**48 for row in rows])

    record.takes_rows = True  # type: ignore[attr-defined]
    _audit(record, X, y, "anomaly", random_state, options)
    asked = np.concatenate([rows for rows in calls if np.isfinite(rows).all()])
    unique, first, counts = np.unique(asked, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)
    rows = np.concatenate([unique[order], unique[order][counts[order] > 1]])
    digest = hashlib.sha256(rows.tobytes()).hexdigest()[:8]
    frame = AuditData.from_arrays(X, y, options.get("normal_label"), options.get("image_shape", "auto")).frame
    names = [f"{digest}-{i}" for i in range(len(rows))]
    return Probes(rows, rows if frame is None else frame.decode(rows), names)


def audit_scores(
    scores: Mapping[str, float] | ArrayLike,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    orientation: Orientation,
    random_state: int = 0,
    name: str = "scores",
    **options: Any,
) -> AuditReport:
    """Audit a detector of any language by its scores of the rows of `make_probes`.

    Parameters
    ----------
    scores : dict or array_like
        The score of each row, by its name, or in the order of the rows (m,).
    X, y : array_like
        The data that `make_probes` was called with.
    orientation : {"anomaly", "normality"}
        The meaning of a larger score.
    random_state : int
        The seed that `make_probes` was called with.
    name : str
        Name of the detector in the report.
    **options
        ``normal_label`` and ``image_shape`` of `make_probes`.

    Returns
    -------
    AuditReport
        The findings; those that scores of single rows cannot decide are undecided.

    Raises
    ------
    InputError
        If the scores are not those of these rows.
    """
    probes = make_probes(X, y, random_state=random_state, **options)
    n = len(probes.names)
    if isinstance(scores, Mapping):
        missing = [key for key in probes.names if key not in scores]
        hint = "pass the same data, seed and version of anogen as for the probes, and score every row"
        require(not missing, f"{len(missing)} of {n} probes have no score, such as {''.join(missing[:1])}: {hint}")
        scores = [scores[key] for key in probes.names]
    values = np.asarray(scores, dtype=np.float64).reshape(-1)
    require(len(values) == n, f"{len(values)} scores do not fit {n} probes: give one for each row, in their order")
    known: dict[bytes, list[float]] = {}
    for row, value in zip(probes.rows, values.tolist(), strict=True):
        known.setdefault(row.tobytes(), []).append(value)
    served: set[bytes] = set()

    def look_up(rows: Floats) -> Floats:
        keys = [row.tobytes() for row in np.asarray(rows, dtype=np.float64)]
        if not all(key in known for key in keys):
            raise InputError("these rows are not among the probes")
        found = [known[key][-1 if key in served else 0] for key in keys]
        served.update(keys)
        return np.array(found)

    look_up.takes_rows = True  # type: ignore[attr-defined]
    report = _audit(look_up, X, y, orientation, random_state, options, name)
    findings = {
        key: finding if key in DECIDABLE else Finding(key, None, "scores of single rows cannot decide it")
        for key, finding in report.findings.items()
    }
    detector = {"name": name, "kind": "scores", "orientation": report.detector["orientation"]}
    return replace(report, findings=findings, detector=detector)


def read_scores(path: Path) -> Mapping[str, float] | Floats:
    """Return the scores of a .csv, .npz or .npy file, by the names of the rows if it has them.

    Raises `InputError` if the file holds none.
    """
    try:
        file = read_file(path, ROW)
    except InputError:  # it has no names of rows, or it cannot be read
        file = read_file(path)
    if hasattr(file.X, "columns"):
        columns = [column for column in file.X.columns if column == SCORE] or list(file.X.columns)
        require(len(columns) == 1, f"{path.name} has no column {SCORE!r}: name the scores so")
        values = file.X[columns[0]].to_numpy(dtype=np.float64)
    else:
        values = np.asarray(file.X, dtype=np.float64).reshape(-1)
    return values if file.y is None else dict(zip(map(str, file.y), values.tolist(), strict=True))


def _audit(
    score: Any, X: ArrayLike, y: ArrayLike | None, orientation: Orientation, seed: int, options: Any, name: str = ""
) -> AuditReport:
    return audit(score, X, y, orientation=orientation, random_state=seed, name=name or "scores", **options)
