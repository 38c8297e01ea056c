"""The search under other settings, descents on any detector, the toy landscape, and what a data set holds."""

from functools import cache

import numpy as np
import pytest
import torch

from anogen import datasets
from anogen.errors import InputError
from anogen.generators import EvolutionConfig, descend, evolve
from anogen.generators.gradient import GradientConfig
from companion.experiment import Slice
from companion.records.digest import of_array
from notebooks.thesis.autoencoder_cifar import experiments as autoencoder_cifar
from notebooks.thesis.common.descent import WAYS, Cost, Descents
from notebooks.thesis.common.detection import Counts, Reconstruction
from notebooks.thesis.common.ea_sensitivity import SearchSetting
from notebooks.thesis.search_settings import experiments as search_settings
from notebooks.thesis.search_settings.experiments import LocalMinima, Rastrigin, in_global_basin

TINY = "autoencoder:epochs=1"


@cache
def descents():
    return Descents.at("quick", detector=TINY, stops=(3, 7), starts=2).run()


def test_the_landscape_has_its_lowest_minimum_where_it_should_and_a_minimum_at_every_integer():
    landscape = Rastrigin(torch.tensor([1.5, -0.25]))
    x = (torch.tensor([[1.5, -0.25], [2.5, -0.25], [0.5, 0.75], [2.0, -0.25]]) / 10.24) + 0.5
    z = landscape.place(x)
    assert z.numpy() == pytest.approx(np.array([[0, 0], [1, 0], [-1, 1], [0.5, 0]]), abs=1e-5)
    assert landscape(x).numpy() == pytest.approx([0, 1, 2, 0.25 + 20], abs=1e-4)
    assert in_global_basin(landscape, x).tolist() == [True, False, False, False]
    near = x[1:3].double().requires_grad_()
    (slope,) = torch.autograd.grad(landscape(near).sum(), near)
    assert slope.abs().max() < 0.03 * 10.24 * 2 * 10 * 2 * np.pi  # next to flat: within a hundredth of the minimum


def test_the_toy_descends_as_the_generator_does():
    toy = LocalMinima.at("quick", iterations=7)
    landscape = Rastrigin(torch.tensor([0.3, 1.0]))
    x = torch.rand(4, 2, generator=torch.Generator().manual_seed(0))
    for now, _ in descend(landscape, x, n_iterations=7, config=GradientConfig(toy.learning_rate, "plain", "mean")):
        images = now.images
    assert toy.descend(landscape, x).numpy() == pytest.approx(images.numpy(), abs=1e-5)


def test_a_descent_stays_in_its_basin_and_ends_at_its_minimum():
    landscape = Rastrigin(torch.zeros(2))
    x = (torch.tensor([[0.3, -0.2], [1.2, 0.1], [-2.3, 3.2]]) / 10.24) + 0.5
    end = LocalMinima().descend(landscape, x)
    assert landscape.place(end).round().tolist() == [[0, 0], [1, 0], [-2, 3]]
    assert landscape(end)[0] < 1e-6


def test_both_ways_begin_with_the_same_points():
    result = LocalMinima.at("quick", starts=1, dimensions=(2,), generations=1, iterations=1).run()
    toy = LocalMinima.at("quick", starts=1, dimensions=(2,), generations=1, iterations=1)
    rng = toy.rng(2, 0, 0)
    seed = int(rng.integers(2**31))
    landscape = Rastrigin(torch.zeros(2))
    for state, _ in evolve(landscape, [seed], n_generations=1, config=EvolutionConfig(toy.population)):
        assert result["evolution_scores"][0, 0, 0] == state.scores.min()
    assert result["descended"].shape == (1, 2, 1, toy.population)


def test_descents_keep_the_image_of_the_first_stop_and_go_on():
    result = descents()
    assert result["images"].shape == (len(WAYS), 2, 784)
    assert result["scores"].shape == (len(WAYS), 2, 2)
    assert (result["start_scores"] == result["start_scores"][0]).all()
    assert np.array_equal(result["history"][..., -1], result["scores"][..., 1])
    assert result["history"][..., 3] == pytest.approx(result["scores"][..., 0], rel=1e-5)  # with and without gradients
    shorter = Descents.at("quick", detector=TINY, stops=(3,), starts=2).run()
    assert np.array_equal(shorter["images"], result["images"])
    assert result["real_mean"] == pytest.approx(datasets.load("mnist-5k").one_class(4).X_train.mean(axis=0), abs=1e-5)


@pytest.mark.parametrize("stops", [(), (0, 5), (5, 5), (9, 3)])
def test_steps_and_generations_that_make_no_sense_are_refused(stops):
    for kind in (Descents, SearchSetting):
        with pytest.raises(InputError, match="ascending"):
            kind.at("quick", stops=stops)


def test_a_longer_search_is_the_shorter_one_and_what_follows():
    short, long = (
        SearchSetting.at("quick", detector=TINY, stops=stops, trainings=1, population=6).run()
        for stops in ((2, 12), (2, 12, 25))
    )
    assert np.array_equal(long["images"][:, :2], short["images"])
    assert np.array_equal(long["scores"][:, :2], short["scores"])
    assert short["history_generations"].tolist() == [1, 10, 12]
    assert long["history_generations"].tolist() == [1, 10, 20, 25]
    assert np.array_equal(long["history"][:, -1], long["scores"][:, -1])
    assert short["noise_scores"][0] == long["noise_scores"][0] > 0


def test_every_seed_has_its_own_detector_and_its_own_start():
    result = SearchSetting.at("quick", detector=TINY, stops=(2,), trainings=2, population=6).run()
    assert result["noise_scores"][0] != result["noise_scores"][1]
    assert not np.array_equal(result["start_images"][0], result["start_images"][1])


def test_an_interrupted_setting_ends_with_the_same_bits():
    experiment = SearchSetting.at("quick", detector=TINY, stops=(3, 25), trainings=1, population=6)
    (cell,) = experiment.cells()
    *slices, whole = experiment.steps(cell, {})
    assert len(slices) >= 2 and all(isinstance(item, Slice) for item in slices)
    middle = slices[len(slices) // 2]
    *_, again = experiment.steps(cell, {}, next(s for s in experiment.steps(cell, {}) if s.done == middle.done).state())
    assert {k: of_array(np.asarray(a)) for k, a in again.items()} == {
        k: of_array(np.asarray(a)) for k, a in whole.items()
    }


def test_what_is_timed_is_the_same_as_what_is_not():
    untimed = Cost.at("quick", detector=TINY, generations=3, iterations=2).run()
    timed = Cost.at("quick", detector=TINY, generations=3, iterations=2, repeats=2, timed=True).run()
    assert untimed.keys() == {"scores"}  # a witness holds no seconds
    assert np.array_equal(untimed["scores"], timed["scores"])
    assert timed["seconds"].shape == timed["processor_seconds"].shape == (2, 2)
    assert (timed["seconds"] > 0).all()
    assert timed.keys() - untimed.keys() == set(Cost.timings)


def test_what_a_data_set_holds_is_counted():
    counted = Counts.at("quick").run()
    assert counted["train"].tolist() == [400] * 10
    assert counted["test"].tolist() == [100] * 10
    assert counted["shape"].tolist() == [28, 28]
    assert counted["levels"].tolist() == [0, 255]


def test_the_mean_image_leaves_all_of_the_pixels_variance_unexplained():
    result = Reconstruction.at("quick", detector=TINY).run()
    real = datasets.load("mnist-5k").one_class(4).test_normal
    assert float(result["pixel_variance"]) == pytest.approx(((real - real.mean(axis=0)) ** 2).mean(), rel=1e-4)
    assert float(result["total_variance"]) > float(result["pixel_variance"])
    assert float(result["errors"][0]) > 0


def test_the_thesis_settings_are_run_once_and_longest():
    roles = search_settings.chapter_experiments()
    assert {"population-150", "mutation_rate-0.5", "sigma-0.01"}.isdisjoint(roles)
    assert roles["setting"].stops[-1] == 30_000
    assert all(e.stops[-1] == 5_000 for r, e in roles.items() if r.startswith(("population", "mutation", "sigma")))
    assert search_settings.stops(5_000) == roles["setting"].stops[:5]
    assert search_settings.stops(3) == (1, 2, 3)


def test_the_colour_chapter_asks_for_digits_alone_where_only_digits_are_at_hand():
    quick = autoencoder_cifar.chapter_experiments("quick", **autoencoder_cifar.QUICK)
    assert {name for e in quick.values() for name in e.datasets()} == {"mnist-5k"}
    assert {e.normal for e in quick.values() if hasattr(e, "normal")} == {3, 4}
    full = autoencoder_cifar.chapter_experiments()
    assert {e.detector for e in full.values() if hasattr(e, "detector")} >= {"autoencoder", "autoencoder:latent=64"}
