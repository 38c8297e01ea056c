"""The chapters' experiments, at their smallest: seeded, resumable, for every detector; and how the width was chosen."""

from dataclasses import replace

import numpy as np
import pytest
from small_pages import SMALL, arrays, inputs_of, smallest

from companion.chapters import chapter_experiments, chapters
from companion.digest import of_array, of_arrays
from companion.experiment import Slice
from companion.records import store
from companion.studies.retraining import Retraining
from notebooks.thesis.autoencoder.experiments import LATENT, VARIANTS, Evolution, Gradient, Selection, Training

# The audit draws its probes, but finds the same; a detector after three updates accepts all seeds or none.
ALIKE = ("audit-bench", "library-audit", "tailored-geometry")
DRAW_NOTHING = ("data-counts", "architecture", "gan-times", "ad-times", "judged", *ALIKE)

# And all of a known optimum. NaN where none is known, a group has one image or none, or a detector makes no copy.
MAY_BE_UNKNOWN = {
    "measures",
    "copy_roc_auc",
    "gap",
    "div_ratio",
    "mean_pairwise",
    "band_auroc",
    "elite_scores",  # of a cell that no image reached
}

# What two chapters share is tested once.
ROLES = list(
    {
        experiment: (chapter, role)
        for chapter, parameters in SMALL.items()
        for role, experiment in chapter_experiments(chapter, "quick", **parameters).items()
    }.values()
)


def test_every_chapter_that_computes_is_tested():
    assert {name for name, chapter in chapters().items() if chapter.experiments()} == SMALL.keys()


@pytest.mark.parametrize(("chapter", "role"), ROLES)
def test_a_seed_fixes_every_bit_and_another_seed_changes_them(chapter, role):
    experiment, other = (
        smallest(chapter_experiments(chapter, "quick", seed=s, **SMALL[chapter])[role]) for s in (0, 1)
    )
    if other == experiment:  # it is the book's own, whatever the reader's seed
        other = replace(experiment, seed=1)
    first, inputs = arrays(experiment), inputs_of(experiment)
    again = experiment.run(inputs)
    assert {key: of_array(array) for key, array in again.items()} == {key: of_array(a) for key, a in first.items()}
    assert of_arrays(arrays(other)) != of_arrays(first) or experiment.name in DRAW_NOTHING
    for key, array in first.items():
        assert isinstance(array, np.ndarray), key
        assert array.dtype.kind in "biufU", f"{key} could not be stored without pickle"
        name = key.removeprefix("guided_")
        unknown = name in MAY_BE_UNKNOWN or experiment.name == "typical-set"  # a detector lacks a kind of images
        if array.dtype.kind == "f" and not unknown and not name.startswith("optimum"):
            assert np.isfinite(array).all(), key


@pytest.mark.parametrize(
    "experiment",
    [
        Evolution.at("quick", digit=7, epochs=1, generations=45, population=6, starts=1),
        Retraining.at("quick", generations=250, population=6, trainings=1, starts=1),
        Retraining.at("quick", generations=250, population=6, trainings=1, starts=1, k=0.3, selection="tournament"),
    ],
    ids=lambda experiment: f"{experiment.name} {getattr(experiment, 'k', 0)}",
)
def test_a_search_that_was_interrupted_ends_with_the_same_bits(experiment):
    (cell,), inputs = experiment.cells(), inputs_of(experiment)
    *slices, whole = experiment.steps(cell, inputs)
    assert len(slices) >= 2 and all(isinstance(item, Slice) for item in slices)
    state, interruptions = None, 0
    while True:
        item = next(experiment.steps(cell, inputs, state))
        if isinstance(item, dict):
            break
        state, interruptions = item.state(), interruptions + 1
    assert interruptions == len(slices)
    assert {key: of_array(np.asarray(a)) for key, a in item.items()} == {
        key: of_array(np.asarray(a)) for key, a in whole.items()
    }


@pytest.mark.parametrize("detector", ["copod", "hbos", "iforest", "ocsvm"])
def test_images_are_evolved_on_any_detector_of_the_catalogue(detector):
    experiment = Retraining.at("quick", detector=detector, generations=3, population=4, trainings=1, starts=1)
    result = experiment.run({})
    assert result["images"].shape == (1, 1, 784)
    known = "optimum_points" in result
    assert np.isfinite(result["gap"]).all() if known else np.isnan(result["gap"]).all()
    assert (result["best_scores"] <= result["history"].min(axis=-1)).all()


def test_what_the_retraining_records_fits_together():
    experiment = Retraining.at("quick", generations=120, population=20, trainings=2, starts=2)
    result = experiment.run({})
    assert result["images"].shape == (2, 2, 784)
    assert result["history"].shape == (2, 2, 101) and result["history_generations"][-1] == 120
    assert np.array_equal(result["history"][..., -1], result["scores"])
    assert (result["best_scores"] <= result["history"].min(axis=-1)).all()
    assert result["gap"] == pytest.approx(result["scores"])  # CBLOF's score is the distance to the nearest optimum
    assert not np.array_equal(result["optimum_points"][0], result["optimum_points"][1])  # trained anew
    seen = {of_array(image) for image in result["images"].reshape(4, -1)}
    assert len(seen) == 4
    fewer = replace(experiment, trainings=1, starts=1).run({})
    assert np.array_equal(fewer["images"][0, 0], result["images"][0, 0])  # a cell does not depend on how many there are


def test_every_variant_of_the_descent_starts_from_the_same_noise():
    experiment = Gradient.at("quick", digit=7, epochs=1, iterations=4, starts=2)
    result = experiment.run(inputs_of(experiment))
    assert result["images"].shape == (len(VARIANTS), 2, 784)
    assert (result["start_scores"] == result["start_scores"][0]).all()
    assert result["start_scores"][0, 0] != result["start_scores"][0, 1]
    assert np.array_equal(result["history"][..., 0], result["start_scores"])
    assert np.array_equal(result["history"][..., -1], result["scores"])


def test_the_trained_weights_give_the_recorded_scores():
    from anogen import datasets
    from anogen.metrics.detection import roc_auc
    from companion.studies.quality import weights_of

    experiment = Training.at("quick", digit=7, epochs=1)
    result = arrays(experiment)
    data = datasets.load("mnist-5k").one_class(7)
    again = experiment.untrained().with_weights(weights_of(result)).decision_function(data.X_test)
    assert np.array_equal(again, result["test_scores"])
    assert np.array_equal(result["test_labels"], data.y_test)
    assert float(result["auc"]) == roc_auc(result["test_scores"], data.y_test)


def test_a_reader_gets_one_digit_or_several_and_the_sweep_only_beyond_quick():
    assert {role.rpartition("-")[2] for role in chapter_experiments("autoencoder", "quick", digit=7)} >= {
        "7",
        "selection",
    }
    both = chapter_experiments("autoencoder", digit=[3, 4, 3])
    assert {e.digit for e in both.values() if hasattr(e, "digit")} == {3, 4}
    assert "gradient-4-latent-16-quality" in both
    assert not any("latent" in role for role in chapter_experiments("autoencoder", "quick", digit=[3, 4]))
    for role, experiment in both.items():
        if role.startswith(("gradient", "evolution")):
            assert {e.id for e in experiment.requires().values()} <= {e.id for e in both.values()} | {
                "classifier/dataset-mnist"
            }


def test_the_default_width_is_the_one_that_the_stated_rule_selects():
    """The highest mean over the other digits of the share of normal-looking images; of equals, the narrower."""
    path = store.find_committed(Selection())
    if path is None:
        pytest.skip("the record of the selection is not committed yet")
    record = store.read(path)
    assert not {3, 4} & set(record["digits"].tolist())
    share = record["normal_looking"].mean(axis=(0, 2))  # over digits and starts
    assert record["widths"][share == share.max()].min() == LATENT
