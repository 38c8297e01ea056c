"""DEAN's submodels, blocks and ensembles; searches on them resume with the same bits."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from anogen import datasets
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc
from anogen.scorers import make_scorer
from companion.chapters import chapter_experiments
from companion.digest import of_array
from companion.experiment import Slice
from notebooks.thesis.dean import ensembles
from notebooks.thesis.dean.ensembles import InputRanges, Sizes, TrainingCost, pixel_effects
from notebooks.thesis.dean.experiments import dean_spec
from notebooks.thesis.dean.submodels import Bagging, Submodels, agreement, blocks, fit_block

TINY = {"detector": "dean:epochs=2", "sizes": (2, 3)}


def test_every_ensemble_is_a_union_of_the_first_blocks():
    assert blocks(30) == [(0, 10), (10, 20), (20, 30)]
    assert blocks(4, 15, 21) == [(0, 4), (4, 10), (10, 15), (15, 20), (20, 21)]
    for sizes in ((30, 100, 250), (3,), (7, 12)):
        ends = [last for _, last in blocks(*sizes)]
        assert set(sizes) <= set(ends) and ends[-1] == sizes[-1]


def test_combined_blocks_equal_the_whole_ensemble():
    experiment = Submodels.at("quick", **TINY, sample=50)
    result = experiment.run()
    data = datasets.load("mnist-5k").one_class(4)
    whole = ensembles.fit_ensemble("mnist-5k", 4, 0, *TINY.values())
    assert whole.n_submodels == 3 and result["sizes"].tolist() == [2, 3]
    for size, (_, power) in zip((2, 3), result["ensemble_auc"], strict=True):
        assert power == pytest.approx(roc_auc(whole.subset(size).decision_function(data.X_test), data.y_test))
    assert result["submodel_auc"][0] == pytest.approx(
        roc_auc(whole.subset(1).decision_function(data.X_test), data.y_test)
    )
    assert ((result["largest_share"] >= 1 / 3) & (result["largest_share"] <= 1)).all()
    assert result["largest_share"][1] > result["largest_share"][0]
    assert (np.diff(result["ensemble_underflow"]) <= 0).all()
    assert result["ensemble_underflow"].max() <= result["underflow"].min()


def test_agreement_is_the_mean_over_the_other_submodels():
    rows = np.array([[1.0, 2, 3, 4], [10, 20, 30, 40], [4, 3, 2, 1]])
    assert agreement(rows) == pytest.approx([0, 0, -1])


def test_a_bag_of_all_pixels_is_an_ensemble_without_bags():
    experiment = Bagging.at("quick", detector="dean:epochs=2", submodels=2)
    result = experiment.run()
    assert result["ensemble_auc"].shape == (2, 1, 2) and result["submodel_auc"].shape == (2, 1, 2)
    everything = fit_block(experiment, (0, 2), bag=784)
    assert sorted(everything.bags_[0].tolist()) == list(range(784))
    scores = everything.decision_function(experiment.data.X_test)
    assert result["ensemble_auc"][1, 0, 1] == pytest.approx(roc_auc(scores, experiment.data.y_test))


def test_sizes_resume_and_do_not_depend_on_other_starts():
    experiment = Sizes.at("quick", **TINY, generations=50, starts=1, probes=1)
    whole = experiment.run()
    assert whole["images"].shape == (2, 1, 784)
    assert not np.array_equal(whole["images"][0], whole["images"][1])
    cell = (3, 0)
    *_, last = experiment.steps(cell, {})
    state = next(experiment.steps(cell, {})).state()
    *rest, again = experiment.steps(cell, {}, state)
    assert all(isinstance(item, Slice) for item in rest)
    assert {k: of_array(np.asarray(a)) for k, a in again.items()} == {
        k: of_array(np.asarray(a)) for k, a in last.items()
    }
    more = replace(experiment, starts=2).run()
    assert np.array_equal(more["images"][:, 0], whole["images"][:, 0])


def test_pixel_effects_are_differences_of_scores():
    experiment = Sizes.at("quick", **TINY)
    score = experiment.scorer_of_size(2)
    image = torch.from_numpy(experiment.data.test_normal[0])
    differences = pixel_effects(score, image, 1 - image)
    assert differences.shape == (784,)
    for pixel in (0, 300, 783):
        other = image.clone()
        other[pixel] = 1 - other[pixel]
        assert differences[pixel] == pytest.approx((score(other[None]) - score(image[None])).item(), rel=1e-4)
    unseen = np.setdiff1d(np.arange(784), ensembles.fit_ensemble("mnist-5k", 4, 0, *TINY.values()).bags_[:2])
    assert np.abs(differences[unseen]).max() < 1e-6 * max(1, np.abs(differences).max())


def test_the_reference_range_gives_noise_one_score():
    result = InputRanges.at("quick", detector="dean:n_submodels=2,epochs=2", generations=5).run()
    assert result["levels"].tolist() == [150, 1]
    assert np.ptp(result["history"][0]) > 0 and np.ptp(result["history"][1]) == 0
    assert np.ptp(result["noise_scores"][1]) == 0 and result["constant"] > 0
    guard = InputRanges.at("quick", detector="dean:n_submodels=2,epochs=2")
    assert make_scorer(guard.fitted_detector(), 784).batch_dependence == "none"


def test_only_a_timed_training_records_times():
    small = {"detector": "dean:epochs=1", "submodels": 1}
    untimed = TrainingCost.at("quick", **small).run()
    timed = TrainingCost.at("quick", **small, timed=True).run()
    assert set(timed) - set(untimed) == set(TrainingCost.timings)
    assert np.array_equal(timed["answers"], untimed["answers"]) and timed["processor_seconds"].shape == (1,)


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (Submodels, {"detector": "cblof"}, "cblof has no submodels"),
        (Submodels, {"detector": "dean:n_submodels=7"}, "n_submodels in detector"),
        (InputRanges, {"detector": "dean:input_range=guard"}, "input_range in detector"),
        (Submodels, {"sizes": (250, 30)}, "ascending"),
        (Submodels, {"sizes": (1,)}, "give 2 or more"),
        (Sizes, {"starts": 0}, "starts = 0"),
        (Bagging, {"submodels": 1}, "submodels = 1"),
        (TrainingCost, {"repeats": 0}, "repeats = 0"),
    ],
)  # fmt: skip
def test_invalid_parameters_are_rejected(kind, given, words):
    with pytest.raises(InputError, match=words):
        kind(**given)


@pytest.mark.parametrize("kind", [Submodels, Sizes, Bagging, InputRanges, TrainingCost])
def test_a_witness_is_small(kind):
    witness = kind().witness()
    assert (witness.scale, witness.dataset) == ("quick", "mnist-5k")
    assert type(witness) is kind and "epochs=10" in witness.detector


def test_large_ensembles_are_the_books_own():
    roles = chapter_experiments("dean")
    suffix = "dataset-mnist_detector-dean_normal-4_sizes-1000+1500+1750"
    assert roles["sizes-large"].id == f"dean-sizes/{suffix}_starts-1"
    assert roles["sizes-large-quality"].id == f"dean-sizes-quality/{suffix}_starts-1"
    assert roles["submodels-large"].id == f"dean-submodels/{suffix}"
    assert "sizes-large" not in chapter_experiments("dean", digit=3) | chapter_experiments("dean", "paper")


def test_the_paper_scale_has_the_submodels_of_the_thesis():
    full = chapter_experiments("dean", "paper")
    assert full["drawn-4"].detector == full["half"].detector == dean_spec(1_500)
    assert full["sizes"].sizes == (30, 100, 250, 500, 1_000, 1_500, 1_750)
    assert (full["drawn-frog"].starts, full["sizes"].starts, full["half"].runs) == (16, 16, 5)
    assert chapter_experiments("other-detectors", "paper")["guided-dean"].detector == dean_spec(1_500)
    assert chapter_experiments("dean", "paper", submodels=40)["drawn-4"].detector == dean_spec(40)
    assert chapter_experiments("dean")["drawn-4"].detector == dean_spec(250)
