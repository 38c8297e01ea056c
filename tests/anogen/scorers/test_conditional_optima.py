"""Nothing beats the most normal point beside fixed pixels, and it is the one that the whole image's score has there."""

import numpy as np
import pytest
import torch
from pyod.models.mcd import MCD

from anogen import datasets, detectors
from anogen.generators import EvolutionConfig, evolve
from anogen.scorers import make_scorer

KNOWN = {
    "cblof": "proved",
    "copod": "proved",
    "ecod": "proved",
    "gmm": "proved",
    "hbos": "proved",
    "mcd": "proved",
    "ocsvm": "numerical",
}


def small(images):
    """Return images of 28 x 28 as 7 x 7 (MCD's fit takes hours at 28 x 28), without the pixels that hardly change."""
    pooled = images.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49).astype(float)
    return pooled[:, pooled.std(axis=0) > 0.02]


@pytest.fixture(scope="module", params=KNOWN)
def case(request):
    """Return a name, the whole score, the image, its free pixels, the score of these, and real rows of them."""
    train = datasets.load("mnist-5k").one_class(4).X_train
    train = small(train) if request.param == "mcd" else train[:200].astype(float)
    whole = make_scorer(
        MCD(random_state=0).fit(train) if request.param == "mcd" else detectors.fit(request.param, train)
    )
    fixed = np.random.default_rng(5).random(train.shape[1]) < 0.4
    free, image = torch.from_numpy(np.flatnonzero(~fixed)), torch.from_numpy(train[7])
    return request.param, whole, image, free, whole.condition_on(free, image), torch.from_numpy(train)[:, free]


def each(exact, rows):
    """Return the scores of rows, each alone where a row's score depends on its batch."""
    return exact(rows) if exact.batch_dependence == "none" else torch.cat([exact(row[None]) for row in rows])


def test_it_is_a_point_with_its_score(case):
    name, whole, image, free, conditional, _ = case
    known = conditional.optimum()
    assert known.status == KNOWN[name]
    completed = image.clone().index_copy(0, free, known.samples[0])
    assert conditional(known.samples[:1]).item() == pytest.approx(known.score, rel=1e-9, abs=1e-9)
    assert whole(completed[None]).item() == pytest.approx(known.score, rel=1e-9, abs=1e-9)
    assert known.score >= whole.optimum().score  # what is fixed is no help


def test_where_all_is_fixed_it_is_the_image(case):
    _, whole, image, *_ = case
    known = whole.condition_on(torch.empty(0, dtype=torch.int64), image).optimum()
    assert known.samples.shape == (1, 0)
    assert known.score == pytest.approx(whole(image[None]).item(), rel=1e-9, abs=1e-9)


def test_no_rival_beats_it(case):
    _, _, _, free, conditional, train = case
    known, rng = conditional.optimum(), np.random.default_rng(0)
    rows = [train, train.mean(dim=0, keepdim=True), torch.from_numpy(rng.random((200, len(free))))]
    for sigma in (1e-4, 1e-2, 0.3):
        step = torch.from_numpy(sigma * rng.normal(size=(600, len(free))))
        step[300:] *= torch.from_numpy(rng.random((300, len(free))) < 0.02)
        rows.append(known.samples[0] + step)
    assert sum(map(len, rows)) >= 2_000
    scores = torch.cat([each(conditional, some) for some in rows])
    slack = 1e-9 * max(1, abs(known.score))
    assert known.score - slack <= scores.min() < scores.max() - 0.1


def test_no_search_beats_it(case):
    _, _, _, free, conditional, train = case
    if conditional.batch_dependence != "none":  # a population makes itself normal: its scores are no row's alone
        return
    known = conditional.optimum()
    settings = EvolutionConfig(population_size=50, mutation_std=0.001, clip=False)
    for start in (known.samples[0].float().expand(50, len(free)), train[:50].float()):
        runs = evolve(conditional, [0], n_generations=20, config=settings, initial_population=start)
        lowest = min(info.best.item() for _, info in runs)
        assert lowest >= known.score - 1e-9 * max(1, abs(known.score))


def test_what_is_fixed_one_after_another_is_fixed_at_once(case):
    _, _, image, free, conditional, train = case
    again = torch.arange(0, len(free), 2)
    twice = conditional.condition_on(again, image[free])
    once = case[1].condition_on(free[again], image)
    assert torch.allclose(twice(train[:20, again]), once(train[:20, again]), rtol=1e-9)


@pytest.mark.parametrize("free", [0, 1, 4], ids=["none", "one", "all"])
@pytest.mark.parametrize("name", ["cblof", "copod", "ecod", "gmm", "hbos", "iforest", "knn", "lof", "ocsvm"])
def test_none_one_and_all_pixels_may_be_free(name, free):
    rows = np.random.default_rng(0).random((60, 4))
    options = {"n_clusters": 3, "alpha": 0.5} if name == "cblof" else {}
    whole, x = make_scorer(detectors.fit(name, rows, **options)), torch.from_numpy(rows[:9].copy())
    x[:, free:] = x[0, free:]
    conditional = whole.condition_on(torch.arange(free), x[0].float())
    assert torch.allclose(conditional(x[:, :free]), whole(torch.cat([x[:, :free], x[:, free:].float()], dim=1)))
