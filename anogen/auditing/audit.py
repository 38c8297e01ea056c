"""The audit: a detector, rows, and what is wrong."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from anogen.auditing import findings
from anogen.auditing.counting import Asked, Progress, Report
from anogen.auditing.data import Rows, take
from anogen.auditing.findings import Judgement, above, as_json
from anogen.auditing.generated import draw as drawing
from anogen.auditing.result import FINDINGS, Audit
from anogen.auditing.subject import Subject, subject
from anogen.auditing.untrained import untrained
from anogen.detectors.seeded_fit import seeded
from anogen.errors import InputError

STEPS = 7  # that progress is reported of


def audit(
    detector: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    normal: object = None,
    shape: tuple[int, ...] | str | None = "auto",
    seconds: float = 30.0,
    draw: float = 0.0,
    generations: int | None = None,
    seed: int = 0,
    name: str | None = None,
    report: Report | None = None,
) -> Audit:
    """Find out whether a detector is untrained, constant, random, batch-dependent, blind or fooled by noise.

    At most 50 calls of `decision_function` are made. What is given stays as it is: the work is done on a copy, and only
    a class is fitted. NumPy's and PyTorch's global generators are seeded meanwhile and put back.

    Parameters
    ----------
    detector
        A fitted detector with PyOD's protocol; or a class, which is fitted to the data; or a function without
        arguments that returns a fitted detector.
    X
        Rows (n, d) or images (n, h, w), (n, h, w, 3).
    y, normal
        Labels, and the one of the rows that are normal; without it, all are.
    shape
        Of an image; see `auditing.rows.take`.
    seconds
        Copies are fitted, to tell whether it is untrained, only if they are done by then.
    draw
        How many more seconds are spent on drawing what it believes is normal; 0 for no drawing.
    generations
        Draw with so many generations instead, however long it takes; the result then does not depend on the machine.
    seed
        Of everything that is drawn at random.
    name
        What to call the detector in the result.
    report
        Called with a `Progress` after every step.

    Raises
    ------
    InputError
        For rows or a detector that cannot be audited.
    """
    for what, value in (("seconds", seconds), ("draw", draw)):
        if not value >= 0:
            raise InputError(f"{what} = {value} is no time: give 0 or more")
    if generations is not None and generations < 1:
        raise InputError(f"generations = {generations} makes no sense: give 1 or more")
    if seed < 0:
        raise InputError(f"seed {seed} is negative: give 0 or more")
    report = report or (lambda _: None)
    rows = take(X, y, normal, shape, seed)
    with seeded(seed):  # so that the audit of a random detector can be repeated
        report(Progress("audit", 0, STEPS))
        under = subject(detector, rows.train, seed, name)
        ask = Asked(under.detector, under.name)
        judged, measures, arrays = _judge(ask, under, rows, seconds, seed, report)
        measures |= _detection(ask, rows)
        used, calls = ask.seconds(), ask.calls
        drawn: dict[str, Any] = {}
        if draw or generations:
            drawn, pictures = drawing(
                under.detector, rows, arrays["real_scores"],
                seed=seed, seconds=draw or np.inf, generations=generations, report=report,
            )  # fmt: skip
            arrays |= pictures
    return Audit(
        {"name": under.name, "kind": under.kind},
        _described(rows),
        {key: judged[key].found for key in FINDINGS},
        {key: judged[key].why for key in FINDINGS},
        as_json(measures),
        drawn,
        calls,
        used,
        seed,
        arrays | {"real": rows.real, "low": rows.low, "high": rows.high},
    )


def _judge(
    ask: Asked, under: Subject, rows: Rows, seconds: float, seed: int, report: Report
) -> tuple[dict[str, Judgement], dict[str, float | None], dict[str, np.ndarray]]:
    """Ask everything, and return the judgements, their measures and the scores behind them."""
    rng = np.random.default_rng([seed, 1])
    noise = findings.uniform(rows, rng)
    first = ask(rows.real)
    again = ask(rows.real)
    report(Progress("audit", 1, STEPS))
    beside, of_noise = findings.among(ask, rows.real, noise)
    with_others, mixed = findings.among(ask, rows.real, findings.shuffled(rows, rng))
    judged = {"constant": findings.constant(beside, of_noise)}
    report(Progress("audit", 2, STEPS))
    measures: dict[str, float | None] = {"shuffled_above_real": above(mixed, with_others)}
    if judged["constant"].found:  # every other question would be answered by that
        judged |= {
            key: Judgement(False, "not asked: the score is constant", {}) for key in FINDINGS if key not in judged
        }
    else:
        judged["random"] = findings.random(first, again)
        judged["prefers_noise"] = findings.prefers_noise(ask, rows, beside, of_noise)
        report(Progress("audit", 3, STEPS))
        judged["blind_to_constant_features"] = findings.blind(ask, rows, rng)
        report(Progress("audit", 4, STEPS))
        judged["batch_dependent"] = findings.batch_dependent(ask, rows.real, first, again, noise)
        report(Progress("audit", 5, STEPS))
        judged["untrained"] = untrained(under.build, rows, seed, seconds - ask.seconds())
    report(Progress("audit", STEPS, STEPS))
    for judgement in judged.values():
        measures |= judgement.measures
    return judged, measures, {"real_scores": first, "noise_scores": of_noise, "shuffled_scores": mixed}


def _detection(ask: Asked, rows: Rows) -> dict[str, float | None]:
    """Return the ROC AUC against rows of other labels, if there are any."""
    if not len(rows.others):
        return {"roc_auc": None}
    real, others = findings.among(ask, rows.real, rows.others)
    return {"roc_auc": above(others, real)}


def _described(rows: Rows) -> dict[str, Any]:
    return {
        "rows": rows.total,
        "columns": len(rows.low),
        "constant_columns": int(rows.constant.sum()),
        "image": None if rows.shape is None else list(rows.shape),
        "learnt_from": len(rows.train),
        "asked_about": len(rows.real),
    }
