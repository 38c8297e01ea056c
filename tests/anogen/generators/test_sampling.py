"""Samples of exp(-score / T): exact draws, walls, stairs, temperatures, bits."""

import numpy as np
import pytest
from pyod.models.copod import COPOD
from pyod.models.gmm import GMM
from scipy.stats import ks_2samp

import anogen
from anogen import detectors
from anogen.errors import InputError
from anogen.generators import sampling

RNG = np.random.default_rng(0)
ROWS = RNG.normal(0.5, 0.1, (40, 4)).clip(0, 1)
LEVEL = 0.01  # of the two-sample test, over all quantities


def inside(draw, count):
    """Return `count` exact draws in the unit box, by rejection."""
    rows = draw(8 * count)
    return rows[((rows >= 0) & (rows <= 1)).all(axis=1)][:count]


def gmm():
    """Return the scorer of a Gaussian that two walls cut, and 2,000 exact draws."""
    rng = np.random.default_rng(1)
    factor = np.array([[0.1, 0.05, 0], [0, 0.12, 0.03], [0, 0, 0.05]])
    detector = GMM(n_components=1).fit([0.08, 0.5, 0.97] + rng.normal(size=(400, 3)) @ factor)
    mean, covariance = detector.means_[0], detector.covariances_[0]
    return anogen.make_scorer(detector), inside(lambda n: rng.multivariate_normal(mean, covariance, n), 2_000)


def kde():
    """Return the scorer of kernels in two separate clusters, one of them at a wall, and 2,000 exact draws."""
    rng, width = np.random.default_rng(2), 0.05
    rows = np.concatenate([rng.normal([0.05, 0.3], 0.03, (30, 2)), rng.normal([0.8, 0.7], 0.03, (60, 2))]).clip(0, 1)
    detector = detectors.fit("kde", rows, 0, bandwidth=width)
    exact = inside(lambda n: rows[rng.integers(len(rows), size=n)] + rng.normal(0, width, (n, 2)), 2_000)
    return anogen.make_scorer(detector), exact


def differs(x, y):
    """Return whether Kolmogorov and Smirnov's test tells two sets of independent rows apart, in any column."""
    return min(ks_2samp(*columns).pvalue for columns in zip(x.T, y.T, strict=True)) < LEVEL / x.shape[1]


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (gmm, {"population_size": 2}),
        (kde, {"population_size": 4, "temperature_ratio": 3.0}),
        (kde, {"population_size": 4, "temperature_ratio": 3.0, "kernel": "metropolis"}),
    ],
    ids=["gmm", "kde", "kde by random walks"],
)
def test_samples_are_like_exact_draws(make, options):
    scorer, exact = make()

    def draw(temperature, count):
        """Return the diagnostics, and rows so far apart that they are independent, with their scores."""
        result = anogen.generate(scorer, "sample", n_samples=4, n_iterations=count, temperature=temperature, **options)
        distance = 2 * int(2 * count / result.diagnostics.ess_bulk) + 1
        rows = result.draws[:, ::distance].reshape(-1, result.samples.shape[1])
        return result.diagnostics, np.column_stack([rows, scorer(rows)])

    diagnostics, rows = draw(1.0, 3_000)
    exact = np.column_stack([exact, scorer(exact)])
    assert diagnostics.status == "mixed"
    assert diagnostics.r_hat < 1.01
    assert not differs(rows, exact)
    # the power of the test: it detects half a standard deviation in one feature, and another temperature
    assert differs(rows + np.eye(rows.shape[1])[0] * exact.std(axis=0) / 2, exact)
    assert differs(draw(2.0, 1_000)[1], exact)


def after_steps(kernel):
    """Return 1,000 exact draws after ten long steps of as many replicas at one temperature, and 1,000 others."""
    scorer, exact = gmm()
    state = sampling.init(scorer, [1], kernel, exact[None, :1_000])
    state = state._replace(log_steps=np.full_like(state.scores, -0.5))
    for _ in range(10):
        state, info = sampling.step(state, scorer, kernel, np.ones(1_000), adapt=False)
    assert 0.1 < info.acceptance.mean() < 0.9
    return state.positions[0], exact[1_000:]


@pytest.mark.parametrize("kernel", ["mala", "metropolis"])
def test_a_step_keeps_the_distribution_at_a_wall(kernel):
    assert not differs(*after_steps(kernel))


def test_a_wall_without_mirrored_gradients_is_noticed(monkeypatch):
    fold = sampling.fold
    monkeypatch.setattr(sampling, "fold", lambda y: (fold(y)[0], np.ones_like(y)))
    assert differs(*after_steps("mala"))


def test_points_are_folded_into_the_box():
    x, sign = sampling.fold(np.array([0.25, -0.25, 1.25, 2.25, -1.25, 1.0, 0.0]))
    assert np.allclose(x, [0.25, 0.25, 0.75, 0.25, 0.75, 1, 0])
    assert sign.tolist() == [1, -1, -1, 1, 1, 1, 1]


class Wells(anogen.Scorer):
    """Two steps down in opposite corners, the second twice as large."""

    n_features_in_ = 2

    def score(self, x):
        return 1 - ((x < 0.2).all(dim=1) | ((x[:, 0] > 0.8) & (x[:, 1] > 0.6))).double()


def test_stairs_mix_by_tempering_or_are_reported():
    options = {"n_samples": 4, "n_iterations": 4_000, "temperature": 0.05}
    alone = anogen.generate(Wells(), "sample", population_size=1, **options)
    assert alone.diagnostics.status == "not mixed"
    assert "not mixed" in repr(alone)
    tempered = anogen.generate(Wells(), "sample", **options)
    assert tempered.diagnostics.status == "mixed"
    assert (tempered.draws[..., 0] > 0.5).mean() == pytest.approx(2 / 3, abs=0.06)


class Bowl(anogen.Scorer):
    """The negative log density of N(0.5, 0.05²), without its constant."""

    n_features_in_ = 4
    differentiable = True

    def score(self, x):
        return ((x - 0.5) / 0.05).square().sum(dim=1) / 2


class Stairs(Bowl):
    differentiable = False


@pytest.mark.parametrize("scorer", [Bowl(), Stairs()])
def test_the_temperature_is_solved(scorer):
    rows = RNG.normal(0.5, 0.07, (500, 4))
    result = anogen.generate(scorer, "sample", n_samples=2, n_iterations=64, held_out=rows)
    target = scorer(rows).mean().item()
    assert result.diagnostics.target_score == pytest.approx(target)
    assert result.parameters["temperature"] == pytest.approx(target / 2, rel=0.05)  # mean score d T / 2


@pytest.mark.parametrize(
    ("scorer", "options"),
    [
        (Bowl(), {"held_out": ROWS}),
        (Stairs(), {"held_out": ROWS}),
        (anogen.make_scorer(COPOD().fit(RNG.random((50, 4)))), {"temperature": 1.0, "population_size": 2}),
    ],
    ids=["gradient", "no gradient", "train+batch"],
)
def test_a_chain_has_the_same_bits_alone(scorer, options):
    options = {"n_iterations": 60, **options}
    three = anogen.generate(scorer, "sample", n_samples=3, random_state=2**40, **options)
    alone = anogen.generate(scorer, "sample", random_state=2**40 + 1, **options)
    assert alone.diagnostics.status == "one chain"
    assert alone.parameters == three.parameters
    assert (alone.draws[0] == three.draws[1]).all()
    assert (alone.history[0] == three.history[1]).all()
    assert len(np.unique(three.samples, axis=0)) == 3


def test_fixed_features_thinning_and_files(tmp_path):
    mask, reference = np.array([True, False, False, True]), np.array([0.1, 0.2, 0.3, 0.9])
    seen = []
    result = anogen.generate(
        Bowl(), "sample", n_samples=2, n_iterations=200, temperature=1.0, thin=5, population_size=1, mask=mask,
        reference=reference, start=np.full((2, 4), 0.5), callback=lambda state, info: seen.append(state.iteration),
    )  # fmt: skip
    assert result.draws.shape == (2, 20, 4)
    assert seen == list(range(1, 201))
    assert np.allclose(result.draws[..., mask], reference[mask])
    assert (result.samples == result.draws[:, -1]).all()
    assert np.allclose(result.scores, Bowl()(result.samples))
    assert result.diagnostics.exchange == []
    loaded = anogen.generators.GenerationResult.load(result.save(tmp_path / "chains"))
    assert loaded.diagnostics == result.diagnostics
    assert (loaded.draws == result.draws).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "a sample needs a temperature: give temperature, or held_out"),
        ({"temperature": 0.0}, "temperature = 0.0 is not a temperature"),
        ({"temperature": 1.0, "held_out": ROWS}, "held_out determines the temperature"),
        ({"held_out": ROWS[:, :3]}, r"held_out of shape \(40, 3\) does not fit: give \(m, 4\)"),
        ({"held_out": ROWS + 1}, "held_out has values that are NaN or outside"),
        ({"held_out": ROWS[:1]}, "all held-out rows have the score"),
        ({"held_out": np.eye(4) * [1, 0.9, 0.8, 0.7]}, "no temperature makes them equal"),
        ({"temperature": 1.0, "kernel": "nuts"}, "unknown kernel 'nuts'"),
        ({"temperature": 1.0, "temperature_ratio": 1.0}, "does not make a ladder"),
        ({"temperature": 1.0, "population_size": 0}, "population_size = 0 is too small"),
        ({"temperature": 1.0, "n_iterations": 15}, "leaves fewer than 8 draws"),
        ({"temperature": 1.0, "start": ROWS[:2]}, "start has 2 rows: give 1"),
        ({"temperature": 1.0, "n_generations": 9}, "n_generations is not a parameter of method 'sample'"),
    ],
)
def test_invalid_input_is_one_line(options, words):
    with pytest.raises(InputError, match=words) as error:
        anogen.generate(Bowl(), "sample", **options)
    assert "\n" not in str(error.value)


def test_scores_without_gradient_or_density_are_rejected():
    with pytest.raises(InputError, match="Stairs has no gradient: use kernel='metropolis'"):
        anogen.generate(Stairs(), "sample", temperature=1.0, kernel="mala")
    ranks = anogen.make_scorer(lambda X: X.sum(axis=1).argsort().argsort(), 4, orientation="anomaly")
    with pytest.raises(InputError, match="depends on more than its row"):
        anogen.generate(ranks, "sample", temperature=1.0)
    with pytest.raises(InputError, match="held_out is not a parameter of method 'evolution'"):
        anogen.generate(Bowl(), held_out=ROWS)
