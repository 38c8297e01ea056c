"""Nothing beats a known optimum: not the images, not noise, not steps away from it at three scales, not a search."""

import numpy as np
import pytest
import torch

from anogen import datasets, detectors
from anogen.generators import EvolutionConfig, evolve
from anogen.scorers import make_scorer

KNOWN = {
    "copod": "proved",
    "deep-svdd": "proved",
    "deep-svdd-untrained": "proved",
    "ecod": "proved",
    "gmm": "proved",
    "hbos": "proved",
    "ocsvm": "numerical",
}


@pytest.fixture(scope="module")
def train():
    return datasets.load("mnist-5k").one_class(4).X_train[:200]


@pytest.fixture(scope="module", params=KNOWN)
def case(request, train):
    exact = make_scorer(detectors.fit(request.param, train), 784)
    return request.param, exact, exact.optimum()


def each(exact, rows):
    """Return the scores of rows, each alone where a row's score depends on its batch."""
    return exact(rows) if exact.batch_dependence == "none" else torch.cat([exact(row[None]) for row in rows])


def rivals(train, best):
    """Return 2,200 rows: images, their mean, noise, and the optimum moved a little in few or all pixels."""
    rng = np.random.default_rng(0)
    yield torch.from_numpy(train).double()
    yield torch.from_numpy(train.mean(axis=0, keepdims=True)).double()
    yield torch.from_numpy(rng.random((199, 784)))
    for sigma in (1e-4, 1e-2, 0.3):
        step = torch.from_numpy(sigma * rng.normal(size=(600, 784)))
        step[300:] *= torch.from_numpy(rng.random((300, 784)) < 0.01)
        yield best + step


def test_an_optimum_is_a_point_with_its_score(case):
    name, exact, known = case
    assert known.status == KNOWN[name]
    assert known.samples.shape[1:] == (784,)
    assert exact(known.samples[:1]).item() == pytest.approx(known.score, rel=1e-9, abs=1e-9)


def test_an_optimum_in_the_box_is_one_of_all_rows(case):
    _, exact, known = case
    box = exact.optimum_in_box()
    assert box.score == known.score and box.samples.min() >= 0 and box.samples.max() <= 1
    assert box.samples[0] == pytest.approx(known.samples[0], abs=1e-9)
    assert exact.optimum_in_box(2, 3) is None


def test_no_rival_beats_an_optimum(case, train):
    _, exact, known = case
    slack = 1e-9 * max(1, abs(known.score))
    rows = list(rivals(train, known.samples[0]))
    assert sum(map(len, rows)) >= 2_000
    scores = torch.cat([each(exact, some) for some in rows])
    assert scores.min() >= known.score - slack
    assert scores.max() > known.score + 1  # they are no plateau


def test_no_search_beats_an_optimum(case):
    _, exact, known = case
    if exact.batch_dependence != "none":  # a population makes itself normal: its scores are no row's alone
        return
    settings = EvolutionConfig(population_size=100, mutation_std=0.001, clip=False)
    start = known.samples[0].float().expand(100, 784)
    lowest = min(
        info.best.item() for _, info in evolve(exact, [0], n_generations=20, config=settings, initial_population=start)
    )
    assert lowest >= known.score - 1e-9 * max(1, abs(known.score))
