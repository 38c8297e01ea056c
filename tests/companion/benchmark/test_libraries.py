"""The searches by other libraries are the same algorithm as ours."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from anogen import datasets
from anogen.bench import numpy_search
from anogen.bench.benchmark import QUICK, search_rows
from anogen.generators import EvolutionConfig
from companion.benchmark import libraries

TINY = replace(QUICK, seconds=0.0, generations=3, threads=(1,), run_threads=(1,))
OTHERS = {"evotorch": libraries.in_evotorch, "pymoo": libraries.in_pymoo, "deap": libraries.in_deap}
P, D = 150, 784


class Counted:
    """Scores images by their distance from grey, and counts."""

    def __init__(self):
        self.batches = []

    def __call__(self, rows):
        self.batches.append(np.array(rows, dtype=np.float64))
        return np.linalg.norm(self.batches[-1] - 0.5, axis=1)


def run_of(name, score, generations):
    if name == "numpy":
        return numpy_search.in_numpy(score, D, generations, 0)
    pytest.importorskip(name)
    if name == "evotorch":
        score = libraries.tensors(score)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # others' warnings of each other's changes
        return OTHERS[name](score, D, generations, 0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["numpy", *OTHERS])
def test_every_alternative_is_the_same_algorithm(name):
    score = Counted()
    image = run_of(name, score, 5)
    assert [batch.shape for batch in score.batches] == [(P, D)] * 6  # each generation once, the parents never again
    first, second, last = score.batches[0], score.batches[1], score.batches[-1]
    assert first.min() >= 0 and last.min() >= 0 and last.max() <= 1
    assert first.std() == pytest.approx(12**-0.5, rel=0.01)
    # A child is the mean of two of 150: variance halves, also where a mutation of 0.01 is added.
    assert second.std() == pytest.approx(24**-0.5, rel=0.05)
    # Half of the children have a change that no mean of float32 or float64 parents has.
    pairs = (first[:, None, :12] + first[None, :, :12]).reshape(-1, 12) / 2
    apart = np.array([np.abs(pairs - child[:12]).max(axis=1).min() for child in second])
    assert 0.35 * P < (apart > 1e-6).sum() < 0.65 * P
    spread = np.abs(pairs - second[apart.argmax(), :12]).max(axis=1).min()
    assert spread < 0.06
    assert image.shape == (D,)
    assert np.linalg.norm(image - 0.5) == pytest.approx(np.linalg.norm(last - 0.5, axis=1).min(), rel=1e-5)


def test_parents_are_drawn_as_ours_are():
    law = EvolutionConfig().selection_cdf().numpy()
    assert np.cumsum(numpy_search.SELECTION) == pytest.approx(law)


@pytest.mark.filterwarnings("ignore")
def test_evotorch_with_our_scorer_reaches_what_it_reaches_with_pyods():
    pytest.importorskip("evotorch")
    fours = datasets.load("mnist-5k").one_class(4).X_train[:200].astype(np.float64)
    rows = list(search_rows("cblof", fours, TINY, libraries.searches))
    by = {row["alternative"]: row for row in rows}
    assert by["evotorch"]["score"] == pytest.approx(by["evotorch with our scorer"]["score"], rel=1e-5)
    assert all(row["seconds_for_30000"] == pytest.approx(30 * row["ms_per_generation"]) for row in rows)
