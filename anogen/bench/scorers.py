"""Each detector's own `decision_function` beside our scorer: time, difference, and what the machine allows."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anogen import detectors
from anogen.bench.bounds import bound
from anogen.bench.rates import Rates
from anogen.bench.setting import SEED, Setting
from anogen.bench.timing import threads, timed
from anogen.errors import InputError
from anogen.scorers import Scorer, make_scorer

Row = dict[str, Any]


def rows_of(name: str, train: np.ndarray, population: Tensor, setting: Setting) -> Iterator[Row]:
    """Yield the rows of one detector: one for each number of threads and each dtype.

    Parameters
    ----------
    train
        What it is fitted to, (n, d).
    population
        What is scored, (150, d), float32. The detector gets the same values in float64, converted beforehand; ours gets
        float32, as a search gives it, and its time includes any conversion.
    """
    with threads(1):  # the same fit whatever else the machine does
        detector = detectors.fit(name, train, SEED)
    ours = _modes(make_scorer(detector))
    wide = population.double().numpy()
    for count in setting.threads:
        with threads(count), torch.inference_mode():
            theirs = timed(lambda: detector.decision_function(wide), setting.seconds)
            rates = Rates(count, setting.seconds / 4)
            for exact in ours:
                mine = timed(partial(exact, population), setting.seconds)
                least = bound(exact, population, rates)
                yield {
                    "detector": name,
                    "pyod_ms": theirs.ms,
                    "anogen_ms": mine.ms,
                    "ratio": theirs.ms / mine.ms,
                    "max_rel_diff": difference(exact, detector, population),
                    "bound_ms": least.ms if least else None,
                    "distance": mine.ms / least.ms if least else None,
                    "bound": least.why if least else "",
                    "product_ms": least.product_ms if least else None,
                    "dtype": str(exact.dtype).removeprefix("torch."),
                    "threads": count,
                    "pyod_spread_ms": theirs.spread,
                    "anogen_spread_ms": mine.spread,
                    "pyod_calls": theirs.calls,
                    "anogen_calls": mine.calls,
                }


def _modes(exact: Scorer) -> list[Scorer]:
    """Return a scorer and, where it is another one, its mode in float32."""
    try:
        single = exact.single()
    except InputError:
        return [exact]
    return [exact] if single is exact else [exact, single]


def difference(exact: Scorer, detector: Any, rows: Tensor) -> float:
    """Return the largest |difference| / max(|score|, interquartile range of the training scores) of rows (n, d)."""
    theirs = np.asarray(detector.decision_function(rows.double().numpy()), dtype=np.float64).reshape(-1)
    size = np.maximum(np.abs(theirs), np.subtract(*np.percentile(detector.decision_scores_, [75, 25])))
    return float((np.abs(exact(rows).numpy() - theirs) / size).max())
