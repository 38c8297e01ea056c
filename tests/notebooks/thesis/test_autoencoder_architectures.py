"""Autoencoders of several architectures and trainings: the record, the rule that chooses one, figures and tables."""

import numpy as np
import pytest
from small_pages import arrays

from anogen import datasets
from anogen.metrics.detection import roc_auc
from companion.records import store
from companion.studies.evaluation_data import DetectorExperiment
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE, NETWORKS, Architecture, ArchitectureQuality, spec
from notebooks.thesis.autoencoder.choice import OTHERS, REPEATED, Choice, architecture_experiments, choose
from notebooks.thesis.autoencoder.figures_architectures import (
    all_black,
    fig_architectures,
    figs_6_1_6_2,
    find_median,
    shares_by_training,
    table_choice,
    table_trainings,
)
from notebooks.thesis.common.groups import median_training

SMALL = {"network": "tf-tutorial", "normals": (7,), "trainings": 2, "epochs": 1, "iterations": 3}
SHAPE = (2, 3, len(ADMISSIBLE), 4)  # of a fabricated record: digits, trainings, ways, starts


class Toy(dict):
    def parameter(self, name):
        return {"normals": (3, 4), "trainings": 3}[name]


def measured(shares: dict[tuple[int, int, int], float]) -> Toy:
    """Return measures of an architecture with a share of normal-looking images by digit, training and way; 0 else."""
    looks, quality = np.zeros(SHAPE, bool), np.zeros(SHAPE)
    for place, share in shares.items():
        looks[place] = np.arange(4) < 4 * share
        quality[place] = share
    return Toy(normal_looking=looks, quality=quality)


@pytest.fixture(scope="module")
def record():
    return arrays(Architecture.at("quick", **SMALL))


def test_the_admissible_ways_have_the_stated_rate_and_leave_out_plain_steps_on_the_mean():
    assert {way.learning_rate for way in ADMISSIBLE} == {0.01}
    assert [(way.rule, way.reduction) for way in ADMISSIBLE] == [("plain", "sum"), ("adam", "sum"), ("adam", "mean")]


def test_the_record_holds_every_training(record):
    assert record["images"].shape == (1, 2, len(ADMISSIBLE), 3, 784) and record["images"].dtype == np.uint8
    assert (record["scores"] < record["start_scores"][:, :, None]).all()
    assert record["auc"][0, 0] != record["auc"][0, 1]
    other = Architecture.at("quick", **SMALL | {"network": "bottleneck", "trainings": 1}).run()
    assert np.array_equal(other["images"].shape[1:], (1, len(ADMISSIBLE), 3, 784))
    assert other["auc"][0, 0] != record["auc"][0, 0]
    assert other["start_scores"][0, 0, 0] != record["start_scores"][0, 0, 0]


def test_scores_are_those_of_the_stored_images_but_for_rounding(record):
    data = datasets.load("mnist-5k").one_class(7)
    trained = DetectorExperiment(dataset="mnist-5k", detector=spec("tf-tutorial", 1), normal=7)
    detector = trained.fitted_detector(1)
    rounded = detector.decision_function(record["images"][0, 1].reshape(-1, 784) / np.float32(255))
    assert rounded == pytest.approx(record["scores"][0, 1].ravel(), rel=0.02)
    assert record["auc"][0, 1] == roc_auc(detector.decision_function(data.X_test), data.y_test)
    assert record["error"][0, 1] == pytest.approx(np.median(detector.decision_function(data.test_normal)))


def test_the_measures_are_taken_from_the_images_of_their_own_training(record):
    experiment = ArchitectureQuality.at("quick", **SMALL)
    images = record["images"].copy()
    images[0, 1, 2] = np.round(255 * datasets.load("mnist-5k").one_class(7).test_normal[:3])
    result = experiment.run({"search": {"images": images}, "classifier": arrays(experiment.requires()["classifier"])})
    near = result["nn_ratio"] < 1.5
    assert near[0, 1, 2].all() and near.sum() == 3
    assert result["div_ratio"].shape == (1, 2, len(ADMISSIBLE))


def test_the_rule_takes_the_largest_share_and_then_the_better_way():
    one, two = measured({(0, 0, 0): 0.5, (1, 0, 0): 0.25}), measured({(0, 0, 2): 0.75, (1, 0, 1): 0.25})
    assert choose({"one": one, "two": two}) == Choice("two", 2)
    assert not {3, 4} & set(OTHERS)


def test_the_chosen_architecture_is_among_those_that_are_trained_five_times():
    experiments = architecture_experiments()
    qualities = {network: store.load(experiments[f"architecture-{network}-others-quality"]) for network in NETWORKS}
    assert choose(qualities).network in REPEATED


def test_between_equal_shares_the_rule_takes_the_higher_quality():
    two = measured({})
    two["quality"][:, :, 1] = 0.3
    assert choose({"one": measured({}), "two": two}) == Choice("two", 1)


@pytest.mark.parametrize(
    ("shares", "qualities", "median"),
    [
        ([0.0, 1.0, 0.5], [0.9, 0.0, 0.0], 2),
        ([0.0, 0.0, 1.0, 0.0, 1.0], [0.7, 0.9, 0.8, 0.8, 0.9], 1),
        ([1.0, 0.0], [0.0, 0.0], 1),
    ],
)
def test_median_training(shares, qualities, median):
    assert median_training(shares, qualities) == median


def test_figures_and_tables_show_the_median_training():
    qualities = {
        "one": measured({(1, 0, 2): 0.75}),
        "two": measured({(1, 0, 2): 1, (1, 1, 2): 0.25, (1, 2, 2): 0.5}),
    }
    place = find_median(qualities["two"], digit=4, way=2)
    assert place == (1, 2, 2)
    assert shares_by_training(qualities, place).tolist() == [[0.75, 0, 0], [1, 0.25, 0.5]]
    pixels = np.zeros((*SHAPE, 784), np.uint8)
    numbers = {"scores": np.zeros(SHAPE), "auc": np.full(SHAPE[:2], 0.9), "error": np.full(SHAPE[:2], 0.01)}
    one, two = (Toy(images=pixels.copy(), **numbers) for _ in range(2))
    one["images"][:, :, 0, 0, 0] = 2
    two["images"][place] = 51
    levels = [axes.get_images()[0].get_array().mean() for axes in figs_6_1_6_2(two, place).axes]
    assert levels == pytest.approx([0.2] * 4)
    grid = fig_architectures({"one": one, "two": two}, way=2).axes
    assert len(grid) == 12 and grid[-1].get_images()[0].get_array().mean() == pytest.approx(0.2)
    assert grid[-1].get_xlabel() == "4\n3" and grid[6].get_ylabel() == "two"
    head, rows = table_trainings({"one": one, "two": two}, qualities)
    assert list(head) == ["training", "one, 3", "one, 4", "two, 3", "two, 4"]
    assert [row[-1] for row in rows] == ["33% (0.90)", "8% (0.90)", "17% (0.90)", "19%"]
    assert all_black(one).tolist() == [[False] * 3] * 2
    assert all_black(two).tolist() == [[True] * 3, [True, True, False]]
    head, rows = table_choice({"one": one, "two": two}, qualities)
    assert len(head) == len(rows[0])
    assert rows[1] == ["two", "0%", "0%", "29%", "10%", "0.90"]
