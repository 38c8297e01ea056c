"""Experiments that chapters of the thesis share: search settings, descents, data sets."""

from functools import cache

import numpy as np
import pytest

from anogen import datasets
from anogen.errors import InputError
from companion.digest import of_array
from companion.experiment import Slice
from notebooks.thesis.autoencoder_cifar import experiments as autoencoder_cifar
from notebooks.thesis.common.descent import WAYS, Cost, Descents
from notebooks.thesis.common.detection import Counts, Reconstruction
from notebooks.thesis.search_settings.experiments import SearchSetting

TINY = "autoencoder:epochs=1"


@cache
def descents():
    return Descents.at("quick", detector=TINY, stops=(3, 7), starts=2).run()


def test_descents_after_the_first_stop():
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
def test_stops_must_ascend(stops):
    for kind in (Descents, SearchSetting):
        with pytest.raises(InputError, match="ascending"):
            kind.at("quick", stops=stops)


def test_longer_search_contains_the_shorter():
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


def test_seeds_have_their_own_detector_and_start():
    result = SearchSetting.at("quick", detector=TINY, stops=(2,), trainings=2, population=6).run()
    assert result["noise_scores"][0] != result["noise_scores"][1]
    assert not np.array_equal(result["start_images"][0], result["start_images"][1])


def test_interrupted_setting_resumes_exactly():
    experiment = SearchSetting.at("quick", detector=TINY, stops=(3, 25), trainings=1, population=6)
    (cell,) = experiment.cells()
    *slices, whole = experiment.steps(cell, {})
    assert len(slices) >= 2 and all(isinstance(item, Slice) for item in slices)
    middle = slices[len(slices) // 2]
    *_, again = experiment.steps(cell, {}, next(s for s in experiment.steps(cell, {}) if s.done == middle.done).state())
    assert {k: of_array(np.asarray(a)) for k, a in again.items()} == {
        k: of_array(np.asarray(a)) for k, a in whole.items()
    }


def test_timing_does_not_change_scores():
    untimed = Cost.at("quick", detector=TINY, generations=3, iterations=2).run()
    timed = Cost.at("quick", detector=TINY, generations=3, iterations=2, repeats=2, timed=True).run()
    assert untimed.keys() == {"scores"}  # a witness holds no seconds
    assert np.array_equal(untimed["scores"], timed["scores"])
    assert timed["seconds"].shape == timed["processor_seconds"].shape == (2, 2)
    assert (timed["seconds"] > 0).all()
    assert timed.keys() - untimed.keys() == set(Cost.timings)


def test_data_counts():
    counted = Counts.at("quick").run()
    assert counted["train"].tolist() == [400] * 10
    assert counted["test"].tolist() == [100] * 10
    assert counted["shape"].tolist() == [28, 28]
    assert counted["levels"].tolist() == [0, 255]


def test_reconstruction_variances():
    result = Reconstruction.at("quick", detector=TINY).run()
    real = datasets.load("mnist-5k").one_class(4).test_normal
    assert float(result["pixel_variance"]) == pytest.approx(((real - real.mean(axis=0)) ** 2).mean(), rel=1e-4)
    assert float(result["total_variance"]) > float(result["pixel_variance"])
    assert float(result["errors"][0]) > 0


def test_quick_colour_chapter_uses_digits_only():
    quick = autoencoder_cifar.chapter_experiments("quick", **autoencoder_cifar.QUICK)
    assert {name for e in quick.values() for name in e.datasets()} == {"mnist-5k"}
    assert {e.normal for e in quick.values() if hasattr(e, "normal")} == {3, 4}
    full = autoencoder_cifar.chapter_experiments()
    assert {e.detector for e in full.values() if hasattr(e, "detector")} >= {"autoencoder", "autoencoder:latent=64"}
