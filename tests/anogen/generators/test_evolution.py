"""The evolutionary algorithm: its laws, its randomness, what it may not change, and where it ends."""

import io
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from anogen.generators import EvolutionConfig, evolve, random_mask, recombination
from anogen.generators.evolution import State, init, step
from anogen.scorers import Scorer


class Towards(Scorer):
    """Squared distance to a grey image."""

    def __init__(self, dimension, grey=0.3):
        self.n_features_in_, self.grey = dimension, grey

    def score(self, x):
        return (x - self.grey).square().sum(dim=1)


class Constant(Towards):
    def score(self, x):
        return torch.zeros(len(x))


class Weighted(Scorer):
    """The score of the i-th unit vector is the i-th weight."""

    def __init__(self, weights):
        self.weights, self.n_features_in_ = torch.as_tensor(weights, dtype=torch.float64), len(weights)

    def score(self, x):
        return x @ self.weights


def last(*args, **options):
    *_, (state, _) = evolve(*args, **options)
    return state


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.arrays().values(), other.arrays().values(), strict=True))


def run_of(state, i):
    """The i-th of several runs as a state of its own."""
    common = {"generation", "free", "reference"}
    return State.restore({k: v if k in common else v[i : i + 1] for k, v in state.arrays().items()})


LAWS = {
    "linear": lambda ranks, p: 2 * (p - ranks) / (p * (p + 1)),
    "tournament": lambda ranks, p: [sum(min(pair) == r for pair in product(ranks, ranks)) / p**2 for r in ranks],
    "truncation": lambda ranks, p: (ranks < p / 2) / (p / 2),
}


@pytest.mark.parametrize("law", LAWS)
def test_parents_are_drawn_by_the_documented_law(law):
    p = 12
    expected = np.array(LAWS[law](np.arange(p), p))
    settings = EvolutionConfig(population_size=p, mutation_rate=0, selection=law)
    cumulative = settings.selection_cdf().numpy()
    assert np.diff(cumulative, prepend=0) == pytest.approx(expected, abs=1e-12)

    scores = np.random.default_rng(0).permutation(p)  # individual i has rank scores[i]
    state = init(Weighted(scores), range(300), settings, initial_population=torch.eye(p))
    state, _ = step(state, Weighted(scores), settings)
    parents = 2 * state.population.sum(dim=(0, 1)).numpy()  # every child is the mean of two unit vectors
    by_rank = parents[np.argsort(scores)]
    possible = expected > 0
    assert by_rank[~possible].sum() == 0
    assert by_rank.sum() == 300 * p * 2
    assert chisquare(by_rank[possible], expected[possible] * by_rank.sum()).pvalue > 1e-3


def test_linear_selection_chooses_the_best_as_many_times_as_often_as_the_worst_as_there_are_images():
    law = EvolutionConfig(population_size=150).selection_cdf().diff(prepend=torch.zeros(1, dtype=torch.float64))
    assert (law[0] / law[-1]).item() == pytest.approx(150)
    assert law.diff().numpy() == pytest.approx(np.full(149, law.diff().mean().item()))


@given(rate=st.sampled_from([0.0, 0.2, 0.5, 1.0]), sigma=st.sampled_from([0.0, 0.01, 0.1]), seed=st.integers(0, 99))
def test_the_stated_share_of_children_is_mutated_by_the_stated_noise(rate, sigma, seed):
    settings = EvolutionConfig(population_size=1000, mutation_rate=rate, mutation_std=sigma)
    grey = torch.full((1000, 30), 0.5)
    state, _ = step(init(Constant(30), [seed], settings, initial_population=grey), Constant(30), settings)
    change = state.population[0].double().numpy() - 0.5
    touched = (change != 0).any(axis=1)
    assert touched.mean() == pytest.approx(rate * (sigma > 0), abs=0.07)
    if touched.any():
        assert (change[touched] != 0).mean() > 0.99  # every pixel of a mutated child
        assert change[touched].std() == pytest.approx(sigma, rel=0.05)
        assert change[touched].mean() == pytest.approx(0, abs=0.05 * sigma)


def test_without_a_score_to_follow_the_spread_of_a_pixel_becomes_that_of_the_mutation():
    state = last(Constant(300), [0], n_generations=40)
    assert state.population.std(dim=1).square().mean().sqrt().item() == pytest.approx(0.01, rel=0.05)


@given(data=st.data(), k=st.floats(0, 1), clip=st.booleans(), population=st.integers(2, 9))
def test_fixed_pixels_never_change(data, k, clip, population):
    d = data.draw(st.integers(1, 12))
    reference = torch.tensor(data.draw(st.lists(st.floats(0, 1, width=32), min_size=d, max_size=d)))
    fixed = random_mask(d, k, torch.Generator().manual_seed(data.draw(st.integers(0, 99))))
    assert int(fixed.sum()) == round(k * d)
    settings = EvolutionConfig(population_size=population, mutation_std=0.5, mutation_rate=1, clip=clip)
    free_moved = False
    for state, _ in evolve(Towards(d), [0, 1], n_generations=4, config=settings, mask=fixed, reference=reference):
        images = state.complete(state.population)
        assert images.shape == (2, population, d)
        assert torch.equal(images[..., fixed], reference[fixed].expand(2, population, -1))
        for shown in (state.current_best(), state.best_solution(), state.mean()):
            assert torch.equal(shown[:, fixed], reference[fixed].expand(2, -1))
        free_moved |= bool((images[..., ~fixed] != reference[~fixed]).any())
    assert free_moved == (not fixed.all())


@given(pull=st.sampled_from([-1.0, 0.5, 2.0]), seed=st.integers(0, 9))
def test_pixels_stay_in_the_range_of_an_image_only_if_clipped(pull, seed):
    rough = EvolutionConfig(population_size=20, mutation_std=0.3)
    clipped = last(Towards(8, pull), [seed], n_generations=30, config=rough).population
    free = last(Towards(8, pull), [seed], n_generations=30, config=replace(rough, clip=False)).population
    assert clipped.min() >= 0 and clipped.max() <= 1
    if pull != 0.5:
        assert free.min() < 0 or free.max() > 1


@pytest.mark.parametrize("guided", [False, True])
def test_a_run_has_the_same_bits_alone_and_beside_others(cblof, fours, guided):
    guidance = {}
    if guided:
        reference = torch.from_numpy(fours.test_normal[0])
        guidance = {"mask": random_mask(784, 0.3, torch.Generator().manual_seed(1)), "reference": reference}
    seeds = [5, 0, 9]
    together = last(cblof, seeds, n_generations=25, **guidance)
    for i, seed in enumerate(seeds):
        assert same(run_of(together, i), last(cblof, [seed], n_generations=25, **guidance))
    assert not torch.equal(together.population[0], together.population[1])


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("stop", [1, 7])
def test_a_stored_state_goes_on_bit_for_bit(cblof, fours, guided, stop):
    guidance = {}
    if guided:
        reference = torch.from_numpy(fours.test_normal[0])
        guidance = {"mask": random_mask(784, 0.3, torch.Generator().manual_seed(1)), "reference": reference}
    whole, stored = None, io.BytesIO()
    for state, _ in evolve(cblof, [3, 4], n_generations=15, **guidance):
        if state.generation == stop:
            arrays = state.arrays()
            np.savez(stored, **arrays)
        whole = state
    stored.seek(0)
    with np.load(stored, allow_pickle=False) as file:
        read = {key: file[key] for key in file.files}
    assert all(np.array_equal(read[key], arrays[key]) for key in arrays)  # the search did not write into the copy
    assert same(last(cblof, [], n_generations=15, state=State.restore(read), **guidance), whole)


def test_what_is_reported_is_what_was_seen():
    scorer, seen = Towards(20), []
    for state, info in evolve(
        scorer, [0, 1], n_generations=60, config=EvolutionConfig(population_size=10, mutation_std=0.2)
    ):
        scores = torch.stack([scorer(p) for p in state.population])
        assert torch.equal(state.scores, scores)
        assert torch.equal(info.best, scores.amin(dim=1))
        assert torch.allclose(info.mean, scores.mean(dim=1))
        assert torch.equal(scorer(state.current_best()), info.best)
        assert torch.equal(scorer(state.best_solution()), state.best_score)
        seen.append(info.best)
    lowest = torch.stack(seen).amin(dim=0)
    assert torch.equal(torch.minimum(lowest, state.best_score), state.best_score)
    assert (state.best_score < seen[0]).all()
    assert (info.best >= state.best_score).all()


def test_elites_are_never_lost():
    settings = EvolutionConfig(population_size=10, mutation_std=0.3, n_elites=2)
    before, two = torch.full((1,), torch.inf), None
    for state, info in evolve(Towards(20), [0], n_generations=40, config=settings):
        assert (info.best <= before).all()
        if two is not None:
            assert torch.equal(state.population[0, :2], two)
        two, before = state.population[0, state.scores[0].argsort(stable=True)[:2]].clone(), info.best
    assert torch.equal(state.best_score, info.best)


def test_annealing_halves_the_noise_and_brings_the_search_nearer():
    grey = torch.full((1000, 30), 0.5)
    settings = EvolutionConfig(population_size=1000, mutation_rate=1, mutation_std=0.1, mutation_half_life=1)
    state = init(Constant(30), [0], settings, initial_population=grey)
    for share in (2, 4, 8):
        state, _ = step(state._replace(population=grey[None]), Constant(30), settings)
        assert state.population.std().item() == pytest.approx(0.1 / share, rel=0.03)
    plain, annealed = (
        last(Towards(30), [0], n_generations=3000, config=EvolutionConfig(mutation_half_life=h)).best_score.item()
        for h in (None, 400)
    )
    assert annealed < plain / 10


def test_the_mean_image_sheds_the_noise_of_one_image_but_not_what_the_population_shares():
    state = last(Towards(784), [0], n_generations=300, initial_population=torch.full((150, 784), 0.3))
    assert torch.allclose(state.mean()[0], state.population[0].mean(dim=0))
    mean, typical = Towards(784)(state.mean()).item(), state.scores.mean().item()
    apart = state.population[0].var(dim=0, correction=0).sum().item()
    assert typical == pytest.approx(mean + apart, rel=1e-4)  # the error splits into the shared and the own
    assert 0.1 * typical < apart < 0.9 * typical


@pytest.fixture
def as_on_a_gpu(monkeypatch):
    """The algorithm for other devices, run on the processor."""
    monkeypatch.setattr(recombination, "on_cpu", lambda population: False)


ELITE = {"n_generations": 60, "config": EvolutionConfig(n_elites=1)}


def test_the_algorithm_for_other_devices_follows_the_same_laws(monkeypatch):
    """Its random numbers are others, so outcomes are compared."""
    target, seeds = Towards(60), list(range(6))
    ours = last(target, seeds, **ELITE)
    monkeypatch.setattr(recombination, "on_cpu", lambda population: False)
    best, theirs = torch.inf, None
    for state, info in evolve(target, seeds, **ELITE):
        assert (info.best <= best).all()
        assert state.population.min() >= 0 and state.population.max() <= 1
        best, theirs = info.best, state
    assert not torch.equal(theirs.population, ours.population)
    assert theirs.scores.mean().item() == pytest.approx(ours.scores.mean().item(), rel=0.15)


def test_the_algorithm_for_other_devices_can_be_repeated_and_continued(as_on_a_gpu):
    reference, fixed = torch.rand(20, generator=torch.Generator().manual_seed(0)), torch.arange(20) < 8
    guidance = {"mask": fixed, "reference": reference}
    whole = last(Towards(20), [3, 4], n_generations=9, device="cpu", **guidance)
    half = last(Towards(20), [3, 4], n_generations=5, **guidance)
    assert same(last(Towards(20), [], n_generations=9, state=State.restore(half.arrays())), whole)
    assert torch.equal(whole.best_solution()[:, fixed], reference[fixed].expand(2, -1))


def test_a_child_has_the_noise_that_is_asked_for_on_other_devices(as_on_a_gpu):
    grey = torch.full((1000, 30), 0.5)
    settings = EvolutionConfig(population_size=1000, mutation_rate=0.2, mutation_std=0.1)
    state, _ = step(init(Constant(30), [0], settings, initial_population=grey), Constant(30), settings)
    change = state.population[0].double().numpy() - 0.5
    touched = (change != 0).any(axis=1)
    assert touched.mean() == pytest.approx(0.2, abs=0.05)
    assert change[touched].std() == pytest.approx(0.1, rel=0.05)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU at hand")
def test_a_search_runs_on_a_gpu(cblof):
    ours, theirs = (last(cblof, [0, 1], n_generations=50, device=device) for device in ("cpu", "cuda"))
    assert theirs.population.is_cuda and theirs.best_solution().is_cuda
    assert theirs.scores.mean().item() == pytest.approx(ours.scores.mean().item(), rel=0.05)


def test_a_given_start_is_where_every_run_begins():
    start = torch.rand(150, 6)
    state = init(Constant(6), [1, 2], EvolutionConfig(), initial_population=start)
    assert torch.equal(state.population, start.expand(2, -1, -1))
    last(Constant(6), [1], n_generations=2, initial_population=start)
    assert torch.equal(state.population[0], start)  # the caller's tensor was not written into
