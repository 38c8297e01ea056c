"""The experiments of chapter `search-settings`: local minima, and the settings."""

import numpy as np
import pytest
import torch

from anogen.generators import EvolutionConfig, descend, evolve
from anogen.generators.gradient import GradientConfig
from notebooks.thesis.search_settings import experiments as search_settings
from notebooks.thesis.search_settings.elites import ElitistSetting
from notebooks.thesis.search_settings.experiments import LocalMinima, Rastrigin, in_global_basin


def test_rastrigin_minima():
    landscape = Rastrigin(torch.tensor([1.5, -0.25]))
    x = (torch.tensor([[1.5, -0.25], [2.5, -0.25], [0.5, 0.75], [2.0, -0.25]]) / 10.24) + 0.5
    z = landscape.place(x)
    assert z.numpy() == pytest.approx(np.array([[0, 0], [1, 0], [-1, 1], [0.5, 0]]), abs=1e-5)
    assert landscape(x).numpy() == pytest.approx([0, 1, 2, 0.25 + 20], abs=1e-4)
    assert in_global_basin(landscape, x).tolist() == [True, False, False, False]
    near = x[1:3].double().requires_grad_()
    (slope,) = torch.autograd.grad(landscape(near).sum(), near)
    assert slope.abs().max() < 0.03 * 10.24 * 2 * 10 * 2 * np.pi  # next to flat: within a hundredth of the minimum


def test_batched_descent_equals_generator():
    toy = LocalMinima.at("quick", iterations=7)
    landscape = Rastrigin(torch.tensor([0.3, 1.0]))
    x = torch.rand(4, 2, generator=torch.Generator().manual_seed(0))
    for now, _ in descend(landscape, x, n_iterations=7, config=GradientConfig(toy.learning_rate, "plain", "mean")):
        images = now.images
    assert toy.descend(landscape, x).numpy() == pytest.approx(images.numpy(), abs=1e-5)


def test_descent_stays_in_its_basin():
    landscape = Rastrigin(torch.zeros(2))
    x = (torch.tensor([[0.3, -0.2], [1.2, 0.1], [-2.3, 3.2]]) / 10.24) + 0.5
    end = LocalMinima().descend(landscape, x)
    assert landscape.place(end).round().tolist() == [[0, 0], [1, 0], [-2, 3]]
    assert landscape(end)[0] < 1e-6


def test_evolution_and_descents_share_their_starts():
    result = LocalMinima.at("quick", starts=1, dimensions=(2,), generations=1, iterations=1).run()
    toy = LocalMinima.at("quick", starts=1, dimensions=(2,), generations=1, iterations=1)
    rng = toy.rng(2, 0, 0)
    seed = int(rng.integers(2**31))
    landscape = Rastrigin(torch.zeros(2))
    for state, _ in evolve(landscape, [seed], n_generations=1, config=EvolutionConfig(toy.population)):
        assert result["evolution_scores"][0, 0, 0] == state.scores.min()
    assert result["descended"].shape == (1, 2, 1, toy.population)


def test_thesis_setting_runs_once_and_longest():
    roles = search_settings.chapter_experiments()
    assert {"population-150", "mutation_rate-0.5", "sigma-0.01"}.isdisjoint(roles)
    assert roles["setting"].stops[-1] == 30_000
    assert all(e.stops[-1] == 5_000 for r, e in roles.items() if r.startswith(("population", "mutation", "sigma")))
    assert search_settings.stops(5_000) == roles["setting"].stops[:5]
    assert search_settings.stops(3) == (1, 2, 3)


def test_an_elite_is_never_lost():
    result = ElitistSetting.at("quick", detector="cblof", trainings=1, mutation_rate=0.9).run()
    assert (np.diff(result["history"][0]) <= 0).all()
    assert ElitistSetting().config == EvolutionConfig(n_elites=1)
