"""The page of chapter `anorand` states a conclusion only if its records show it."""

import numpy as np
import pytest

from notebooks.anorand.anorand import figures

CONCLUSION = "AnoRand's reconstruction error is as good a detector"


@pytest.fixture
def digits(make_record):
    """A function from alpha, and the ROC AUC of AnoRand's reconstruction error, to a record on digits."""

    def make(alpha, error_auc):
        roc = np.full((3, 2, 3), 0.9)
        roc[2] = 0.5, 0.3, error_auc  # AnoRand's score, y_mlp and y_AE
        arrays = {"ap": roc, "roc": roc, "alpha": np.full((3, 2), alpha)}
        arrays |= {name: np.ones((3, 2, 3)) for name in ("errors", "laplacian", "silhouette", "probe")}
        arrays |= {name: np.full((3, 2), 0.1) for name in ("false_alarms", "missed")}
        return make_record(arrays, seeds=2, epochs=1)

    return make


@pytest.mark.parametrize(("alpha", "error_auc", "stated"), [(0.9999, 0.95, True), (0.64, 0.95, False), (1, 0.6, False)])
def test_alpha_is_the_cause_only_if_it_is_near_1_and_the_error_detects(show_page, digits, alpha, error_auc, stated):
    page = show_page("anorand", {"digits": digits(alpha, error_auc)}, undrawn=figures)
    assert (CONCLUSION in page.prose) == stated
    assert f"Mean alpha over the seeds: {alpha:.6f}." in page.texts


def test_other_digits_have_no_figure_of_the_source(show_page, digits):
    records = {"digits": digits(0.9, 0.9)}
    page = show_page("anorand", records, undrawn=figures)
    assert {"anorand-fig-6", "anorand-fig-7"} <= set(page.ids)
    page = show_page("anorand", records, undrawn=figures, normal=3, anomaly=8)
    assert {"anogen-fig-anorand-latents-3-8", "anogen-fig-anorand-detection-3-8"} <= set(page.ids)
    assert not {"anorand-fig-6", "anorand-fig-7"} & set(page.ids)
    assert "ones that" not in page.prose and "images of 3 that score above" in page.prose


@pytest.mark.parametrize("near", [True, False])
def test_weak_noise_makes_no_anomaly_only_if_it_is_as_near_as_held_out_rows(show_page, make_record, near):
    distance = np.ones((2, 1, 4, 4))
    distance[:, :, 0, 1] = 0.9 if near else 1.1
    record = make_record({"distance": distance, "noise": [0.1, 0.2, 0.3, 0.4]}, runs=1, rows=100)
    page = show_page("anorand", {"labels": record}, undrawn=figures)
    assert ("With little noise such an anomaly is no anomaly." in page.texts) == near


@pytest.mark.parametrize("error", [1e9, 0.2])
def test_the_copy_is_driven_away_only_if_its_error_grows(show_page, make_record, error):
    arrays = {"error": np.array([0.2, 0.2, error])[:, None, None], "cross_entropy": np.ones((3, 1, 1))}
    record = make_record(arrays | {"epochs_seen": [5]}, runs=1, rows=100)
    page = show_page("anorand", {"signs": record}, undrawn=figures)
    assert ("The expansion as printed drives the copy away from the row." in page.texts) == (error > 1)


def test_plateaus_are_those_of_anorands_score(show_page, make_record):
    arrays = {
        "history": [[[1e-5, 1e-5], [1e-5, 1.0]]], "scores": [[1e-5, 1.0]], "best_scores": [[1e-5, 1e-5]],
        "test_normal_scores": [[1e-4, 1e-3]],
    }  # fmt: skip
    record = make_record(arrays, generations=1)
    page = show_page("anorand", {"drawn-anorand": record}, undrawn=figures)
    assert "In 1 of 2 searches the lowest score is the same" in page.prose and "1 of 2 ended higher" in page.prose
    page = show_page("anorand", {"drawn-autoencoder": record}, undrawn=figures)
    assert "lowest score is the same" not in page.prose and "ended higher" not in page.prose
    assert "AnoRand" not in next(text for text in page.texts if text.startswith("Images of class 4 evolved"))
