"""Claims on OCSVM's blurred images and on the variety of images: criteria met, failed, and the causes."""

import numpy as np
import pytest

from notebooks.thesis.other_detectors import claims_ocsvm as claims


def svm(**changed):
    arrays = {
        "p_cls": 0.95, "morans_i": 0.9, "real_morans_i": 0.8, "optimum_p_cls": 0.95, "optimum_morans_i": 0.9,
        "laplacian": 0.5, "real_laplacian": 1.0, "optimum_laplacian": 0.5, "mean_distance": 2, "real_mean_distance": 6,
        "optimum_mean_distance": 2,
    }  # fmt: skip
    return {
        key: np.array(value) if key.startswith("real_") else np.full(4, value)
        for key, value in (arrays | changed).items()
    }


def retrained(apart: float, optima: float = 0.0):
    images, points = np.zeros((2, 2, 9)), np.zeros((2, 1, 9))
    images[1, :, 0], points[1, :, 0] = apart, optima
    return [{"images": images, "optimum_points": points}, {"pairwise": np.array(8.0)}]


def diverse(cblof: float = 0.05, *autoencoders: float):
    """Return the ratios of four widths of the autoencoder, then of CBLOF, OCSVM and the grid's autoencoder."""
    grid, *widths = autoencoders
    return [{"div_ratio": np.array(ratio)} for ratio in (*widths, cblof, 0.02, grid)]


@pytest.mark.parametrize(
    ("function", "records", "holds", "cause"),
    [
        (claims.ocsvm_draws_from_noise, [svm()], True, ""),
        (claims.ocsvm_draws_from_noise, [svm(p_cls=0.89)], False, "optimiser"),
        (claims.ocsvm_draws_from_noise, [svm(morans_i=0.7, optimum_morans_i=0.7)], False, "detector"),
        (claims.ocsvm_draws_a_blur, [svm()], True, ""),
        (claims.ocsvm_draws_a_blur, [svm(laplacian=0.61)], False, "optimiser"),
        (claims.ocsvm_draws_a_blur, [svm(mean_distance=3.1, optimum_mean_distance=3.1)], False, "detector"),
        (claims.ocsvm_draws_the_same_again, retrained(0.39), True, ""),
        (claims.ocsvm_draws_the_same_again, retrained(0.41), False, "optimiser"),
        (claims.ocsvm_draws_the_same_again, retrained(0.41, optima=0.4), False, "detector"),
        (claims.only_the_autoencoder_is_diverse, diverse(0.05, *[0.6] * 5), True, ""),
        (claims.only_the_autoencoder_is_diverse, diverse(0.05, *[0.4] * 5), False, "detector"),
        (claims.only_the_autoencoder_is_diverse, diverse(0.11, *[0.6] * 5), False, "detector"),
        (claims.only_the_autoencoder_is_diverse, diverse(0.05, 0.4, *[0.6] * 4), None, "unstated choice"),
    ],
)
def test_finding_follows_from_arrays(function, records, holds, cause):
    finding = function(*records)
    assert finding.holds is holds
    assert holds or finding.cause == cause


def test_variety_over_trainings():
    again = [{"div_ratio": np.array(ratio)} for ratio in (0.05, 0.6)]  # of CBLOF and the autoencoder
    varied = claims.only_the_autoencoder_is_diverse(*diverse(0.05, *[0.6] * 5), *again)
    assert (varied.holds, varied.measured["trainings"]) == (True, 2)
    again[0]["div_ratio"] = np.array(0.2)
    assert claims.only_the_autoencoder_is_diverse(*diverse(0.05, *[0.6] * 5), *again).holds is None
