"""Checks of how a detector is called: types and order of rows, missing values, labels, and saved copies."""

import pickle
from typing import Any

import numpy as np
import pandas as pd

from anogen.auditing.case import FAR, Case, Floats, finding, probability_above, relative, rounding, spread
from anogen.auditing.detector import CountingScorer, one_line_errors, score_function
from anogen.auditing.findings import Finding
from anogen.detectors.mixins import seeded
from anogen.errors import InputError

MAX_CHANGE = 0.01  # of the spread of the scores, on average: more than arithmetic in single precision explains
N_NAN_ROWS = 20
MAX_NAN_BELOW = 0.5  # share of rows with a missing value that score as 95% of real rows do
MIN_ORDER = 0.99  # least probability that a row that `predict` flags scores above another one
MAX_FLAGGED = 0.5  # share of normal rows that a useful threshold flags at most
MIN_EXPECTED = 8  # flagged rows that the contamination leads to expect: with none at all, P < 0.0004
MIN_FAR_ABOVE = 0.95  # probability that distant rows score above real ones, from which `predict` has to flag some


def leaks_batch(case: Case) -> Finding:
    """Check whether reversing the order of the rows, or scoring distant rows before, changes the scores of real rows.

    Limits: state that needs more than a few hundred rows to change is not found.
    """
    if case.is_random:
        return Finding("leaks_batch", None, "not checked: the score is random")
    by_order, order = case.changed(case.score(case.rows.real[::-1].copy())[::-1], case.first)
    case.score(case.far)
    by_state, state = case.changed(case.score(case.rows.real), case.first)
    detail = "neither the order of the rows nor earlier calls change a score"
    if by_order or by_state:
        cause = "in reverse order" if order >= state else "after anomalies were scored"
        detail = f"{cause}, rows change their scores by {max(order, state):.2g} interquartile ranges on average"
    evidence = {"change_with_order": order, "change_after_calls": state}
    return finding("leaks_batch", by_order or by_state, detail, evidence)


def dtype_sensitive(case: Case) -> Finding:
    """Check whether equal values score differently as float32, in other memory layouts, as a DataFrame, or twice.

    A refused type is no fault, and each row twice is not tried if half a batch has other scores. Limits: float16 and
    integers are not tried.
    """
    if case.is_random:
        return Finding("dtype_sensitive", None, "not checked: the score is random")
    single = case.rows.real.astype(np.float32)
    rows = single.astype(np.float64)
    base, n = case.score(rows), len(rows)
    variants: dict[str, Any] = {
        "as float32": single,
        "in Fortran order": np.asfortranarray(rows),
        "as every other row of an array": np.repeat(rows, 2, axis=0)[::2],
        "as a DataFrame": pd.DataFrame(rows, columns=case.rows.columns),
    }
    if n > 1 and not case.changed(case.score(rows[: n // 2]), base[: n // 2])[0]:
        variants["with each row twice"] = np.concatenate([rows, rows])
    changes, limit = {}, MAX_CHANGE * spread(base) + rounding(base)
    for name, variant in variants.items():
        try:
            changes[name] = float(np.abs(case.score(variant)[:n] - base).mean())
        except InputError:  # refused, which is clear
            continue
    worst = max(changes, key=lambda name: changes[name], default="")
    found = bool(worst) and changes[worst] > limit
    detail = f"scores are the same in {len(changes)} of {len(variants)} forms; the others are refused"
    if found:
        size = relative(changes[worst], base)
        detail = f"{worst}, equal values change their scores by {size:.2g} interquartile ranges on average"
    evidence = {"change_with_form": relative(max(changes.values(), default=0.0), base), "forms": float(len(changes))}
    return finding("dtype_sensitive", found, detail, evidence)


def accepts_nan(case: Case) -> Finding:
    """Check whether rows with a missing value are scored, and half of them as 95% of real rows are.

    Refusing NaN, returning NaN, and scikit-learn's tag `allow_nan` are clear. Limits: one feature of each row is NaN,
    never a text.
    """
    real, varying = case.rows.real, np.flatnonzero(~case.rows.constant & ~case.rows.is_text)
    if not len(varying):
        return Finding("accepts_nan", None, "not checked: no column of numbers varies")
    rows = real[np.arange(N_NAN_ROWS) % len(real)].copy()
    rows[np.arange(N_NAN_ROWS), case.rng(6).choice(varying, N_NAN_ROWS)] = np.nan
    try:
        scores = case.score(np.concatenate([real, rows]), allow_nan=True)[len(real) :]
    except InputError:
        return finding("accepts_nan", False, "rows with NaN are refused", {"nan_scored_normal": 0.0})
    normal = float((scores <= np.quantile(case.first, 0.95)).mean())
    evidence = {"nan_scored_normal": normal, "nan_scores": float(np.isnan(scores).mean())}
    if _allows_nan(case.under.detector):
        return finding("accepts_nan", False, "missing values are supported, says scikit-learn's tag", evidence)
    detail = f"{normal:.0%} of rows with NaN in one feature score like 95% of real rows, without an error"
    return finding("accepts_nan", normal >= MAX_NAN_BELOW, detail, evidence)


def _allows_nan(detector: Any) -> bool:
    try:
        return bool(detector.__sklearn_tags__().input_tags.allow_nan)
    except Exception:  # noqa: BLE001  a user's object
        return False


def modifies_input(case: Case) -> Finding:
    """Check whether a call changed the rows that it was passed."""
    n = case.score.modified
    detail = f"{n} of {case.score.calls} calls changed their rows" if n else "no call changed its rows"
    return finding("modifies_input", n, detail, {"calls_with_changes": float(n)})


def changes_when_reloaded(case: Case) -> Finding:
    """Check whether a pickled and unpickled copy of the audited detector scores real rows differently.

    Only this process's own pickle is read, never a file. Limits: other formats of saving are not tried, and what is
    lost already when the detector is copied for the audit is noticed with copy=False only.
    """
    name, under = "changes_when_reloaded", case.under
    if under.kind == "function" and not hasattr(under.detector, "__dict__"):
        return finding(name, False, "does not apply: compiled code has no state")
    if case.is_random:
        return Finding(name, None, "not checked: the score is random")
    try:
        with one_line_errors("it cannot be pickled"), seeded(case.seed):
            copy = pickle.loads(pickle.dumps(under.detector))  # noqa: S301  its own copy
            score = score_function(copy, under.requested_orientation)[0]
    except InputError as error:
        return Finding(name, None, f"not checked: {error}")
    try:
        changed, change = case.changed(CountingScorer(score, "a reloaded copy")(case.rows.real), case.first)
    except InputError as error:
        return finding(name, True, str(error))
    detail = "a saved and reloaded copy gives the same scores"
    if changed:
        detail = f"a saved and reloaded copy changes scores by {change:.2g} interquartile ranges on average"
    return finding(name, changed, detail, {"change_when_reloaded": change})


def threshold_inconsistent(case: Case) -> Finding:
    """Check whether `predict` contradicts the scores, flags no distant row, or flags too many or too few real rows.

    Labels are read as PyOD's (1 is an outlier) or scikit-learn's (-1). Flagged rows must score above the others, in 99%
    of pairs. At most half of the held-out real rows may be flagged, and some of them if the contamination leads to
    expect eight or more and the audit fitted the detector.
    """
    name, predict = "threshold_inconsistent", getattr(case.under.detector, "predict", None)
    if not callable(predict) or case.under.kind == "function":
        return finding(name, False, "does not apply: there is no predict")
    if case.is_random:
        return Finding(name, None, "not checked: the score is random")
    rows = np.concatenate([case.rows.real, case.far])
    scores = case.score(rows)
    try:
        with one_line_errors("predict failed"):
            labels = np.asarray(predict(rows.copy())).reshape(-1)
    except InputError as error:
        return finding(name, True, str(error))
    values = set(np.unique(labels).tolist())
    if len(labels) != len(rows) or not (values <= {0, 1} or values <= {-1, 1}):
        return Finding(name, None, "not checked: predict returns neither 0 and 1 nor -1 and 1")
    outlier = labels == (-1 if -1 in values or "normality" in case.under.orientation else 1)
    real, far = outlier[: len(case.rows.real)], outlier[len(case.rows.real) :]
    share, expected = float(real.mean()), _contamination(case.under.detector)
    order = _order(scores, outlier)
    evidence = {"flagged_real": share, "contamination": expected, "flagged_far": float(far.mean())}
    faults = [
        (order < MIN_ORDER, f"rows that predict flags score above the others in {order:.0%} of pairs only"),
        (share > max(MAX_FLAGGED, expected or 0.0), f"predict flags {share:.0%} of held-out real rows"),
        (_misses_far(case, scores, far), f"predict flags none of {len(far)} rows that are {FAR:g} ranges outside"),
        (
            case.under.kind == "class" and not real.any() and (expected or 0.0) * len(real) >= MIN_EXPECTED,
            f"predict flags none of {len(real)} real rows, although the contamination is {expected}",
        ),
    ]
    details = [text for found, text in faults if found]
    stated = "" if expected is None else f", with a contamination of {expected:g}"
    detail = "; ".join(details) or f"predict flags {share:.0%} of held-out real rows{stated}, in order of the scores"
    return finding(name, details, detail, evidence)


def _order(scores: Floats, outlier: np.ndarray) -> float:
    """Return the probability that a flagged row scores above one that is not; 1 if all or none are flagged."""
    return 1.0 if outlier.all() or not outlier.any() else probability_above(scores[outlier], scores[~outlier])


def _misses_far(case: Case, scores: Floats, flagged: np.ndarray) -> bool:
    """Whether no distant row is flagged although they clearly have the highest scores."""
    n = len(case.rows.real)
    return not flagged.any() and probability_above(scores[n:], scores[:n]) >= MIN_FAR_ABOVE


def _contamination(detector: Any) -> float | None:
    """Return the stated share of outliers, if it is a number."""
    value = getattr(detector, "contamination", None)
    return float(value) if isinstance(value, float | int | np.number) else None
