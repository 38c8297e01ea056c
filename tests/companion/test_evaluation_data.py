"""What experiments on a detector share: its witness, what it could have drawn, numbers that must ascend."""

import numpy as np
import pytest
import torch

from anogen import datasets, paths
from anogen.errors import InputError
from companion.experiment import ascending
from companion.studies import evaluation_data
from companion.studies.evaluation_data import DetectorExperiment, compare_with_optimum, score_rows
from companion.studies.retraining import Retraining
from notebooks.thesis.common.guided import Guided, HalfNormal, masks


def test_witness_uses_its_detector():
    assert Guided(detector="hbos").witness() == Guided.at("quick", detector="hbos")
    assert Guided(detector="ocsvm", precision="single").witness().precision == "single"
    assert DetectorExperiment(detector="dean:n_submodels=250").witness().detector == "dean:n_submodels=6,epochs=5"
    assert Guided().witness() != Guided(detector="hbos").witness()


@pytest.mark.parametrize("wrong", [(), (0, 1), (2, 1), (1, 1)])
def test_stops_must_ascend(wrong):
    with pytest.raises(InputError, match=r"stops = .* is invalid: give ascending numbers from 1 on"):
        HalfNormal.at("quick", stops=wrong)
    ascending(stops=(1, 5, 6))


def test_optimum_with_fixed_pixels():
    experiment = Retraining.at("quick", generations=150, population=10, trainings=1, starts=1, k=0.5)
    score = experiment.scorer(0)
    guidance = experiment.guidance(np.random.default_rng(0))
    image = guidance["reference"].numpy()
    beside, free = compare_with_optimum(score, image, guidance), ~guidance["mask"].numpy()
    whole = compare_with_optimum(score, image, {})
    centre = (
        score.condition_on(torch.from_numpy(np.flatnonzero(free)), guidance["reference"]).optimum().samples[0].numpy()
    )
    assert beside["gap"] == pytest.approx(np.linalg.norm(centre - image[free]))
    assert beside["optimum"] > whole["optimum"] == 0
    assert experiment.run({})["gap"] < whole["gap"] + 10  # a number, and of this size


def test_rows_are_scored_one_by_one():
    copod = Retraining.at("quick", detector="copod").scorer(0)
    rows = torch.rand(5, 784, generator=torch.Generator().manual_seed(0))
    assert score_rows(copod, rows) == pytest.approx([copod(row[None]).item() for row in rows])
    assert not np.allclose(score_rows(copod, rows), copod(rows).numpy())


def test_masks_are_nested():
    experiment = Guided.at("quick", detector="cblof", generations=2, population=4, starts=1, pairs=2, ks=(0.2, 0.7))
    record = experiment.run({})
    few, many = masks(record, 0.2), masks(record, 0.7)
    assert (few <= many).all() and few.mean() == pytest.approx(0.2, abs=0.001) and many.mean() > 0.69
    for level, fixed in enumerate((few, many)):
        drawn = record["guided_images"][level].astype(float)
        assert drawn[fixed] == pytest.approx(record["references"][fixed], abs=1e-3)


def test_a_detector_that_other_code_trained_is_not_loaded(monkeypatch):
    data = datasets.load("mnist-5k").one_class(4)
    for code in ("one", "one", "another"):
        monkeypatch.setattr(evaluation_data.digest, "of_code", lambda _module, code=code: code)
        evaluation_data._fit_or_load("dean:n_submodels=2,epochs=1", data, 0)
    assert len(list((paths.cache() / "detectors").glob("dean-*.npz"))) == 2
