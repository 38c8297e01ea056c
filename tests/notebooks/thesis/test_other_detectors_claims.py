"""Claims on CBLOF, OCSVM and the variety of images: criteria met, failed, and the causes."""

import numpy as np
import pytest

from companion.claims import base
from notebooks.thesis.other_detectors import claims

D = 9  # pixels of a fabricated image
RNG = np.random.default_rng(0)


def retrained(centre_of_training=(0, 1, 0, 1, 0), noise=0.01):
    """Return 5 trainings of 8 images around one of two centres that are 10 apart; real images are 8 apart."""
    points = np.zeros((5, 2, D))
    points[:, 1, 0] = 10
    centre = np.asarray(centre_of_training)
    chosen = points[0][centre] if centre.ndim == 2 else points[0][centre][:, None]
    images = np.broadcast_to(chosen, (5, 8, D)) + noise * RNG.normal(size=(5, 8, D))
    distances = [[np.linalg.norm(a - b) for i, a in enumerate(row) for b in row[:i]] for row in images]
    within = np.array([np.mean(d) for d in distances])
    search = {"images": images, "optimum_points": points, "gap": np.full((5, 8), noise)}
    measures = {
        "mean_pairwise": within,
        "div_ratio": within / 8,
        "pairwise": np.array(8.0),
    }
    return search, measures


def looking(share=1.0):
    """Return the ensemble's judgements of 5 trainings of 8 images, of which a share look normal."""
    looks = np.broadcast_to(np.arange(8) < round(8 * share), (5, 8))
    return {"normal_looking": looks, "probability": np.where(looks, 0.9, 0.1)}


TWO_ENDS = [[0, 1] * 4] * 5


@pytest.mark.parametrize(
    ("function", "records", "holds", "cause"),
    [
        (claims.cblof_draws_normal_images, [looking()], True, ""),
        (claims.cblof_draws_normal_images, [looking(0.75)], False, "detector"),
        (claims.every_start_gives_one_image, retrained(), True, ""),
        (claims.every_start_gives_one_image, retrained(noise=0.3), False, "optimiser"),
        (claims.every_start_gives_one_image, retrained(TWO_ENDS), False, "detector"),
        (claims.retraining_changes_the_image, retrained(), True, ""),
        (claims.retraining_changes_the_image, retrained((0, 0, 0, 0, 0)), False, "detector"),
        (claims.retraining_changes_the_image, retrained(noise=0.3), False, "optimiser"),
    ],
)
def test_a_verdict_on_cblof_follows_from_the_arrays(function, records, holds, cause):
    finding = function(*[*records] * len(claims.SETTINGS))
    assert finding.holds is holds
    assert holds or finding.cause == cause


def test_choices_of_the_search_are_settings():
    finding = claims.cblof_draws_normal_images(looking(), looking(0.5), looking())
    assert (finding.holds, finding.cause, base.decide(finding)) == (None, "unstated choice", "reproduced in part")
    outcomes = {condition.setting: (condition.met, condition.trainings) for condition in base.conditions(finding)}
    assert outcomes == {"clipped, selection by rank": (5, 5), "unclipped": (0, 5), "truncation": (5, 5)}


def test_the_claims_on_cblof_ask_for_a_search_and_its_measures_for_each_choice():
    needed = claims.every_choice()
    assert [e.name for e in needed] == ["retraining", "retraining-quality"] * len(claims.SETTINGS)
    assert [(e.clip, e.selection) for e in needed[::2]] == [(True, "linear"), (False, "linear"), (True, "truncation")]


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


def votes(image: int, optimum: int = 4):
    return {"votes": np.full(4, image), "optimum_votes": np.full(1, optimum)}


def retrained_twice(apart: float, optima: float = 0.0):
    images, points = np.zeros((2, 2, 9)), np.zeros((2, 1, 9))
    images[1, :, 0], points[1, :, 0] = apart, optima
    return [{"images": images, "optimum_points": points}, {"pairwise": np.array(8.0)}]


def diverse(cblof: float = 0.05, autoencoder: float = 0.6, ocsvm: float = 0.02):
    """Return the ratios of four widths of the autoencoder, which do not decide, then of the three detectors."""
    return [{"div_ratio": np.array(ratio)} for ratio in (0.6, 0.4, 0.6, 0.4, cblof, ocsvm, autoencoder)]


@pytest.mark.parametrize(
    ("function", "records", "holds", "cause"),
    [
        (claims.ocsvm_draws_from_noise, [svm(p_cls=0.4), votes(4)], True, ""),  # a blurred digit
        (claims.ocsvm_draws_from_noise, [svm(), votes(2)], False, "optimiser"),
        (claims.ocsvm_draws_from_noise, [svm(morans_i=0.0), votes(0, optimum=0)], False, "detector"),  # noise
        (claims.ocsvm_draws_from_noise, [svm(morans_i=0.7, optimum_morans_i=0.7), votes(4)], False, "detector"),
        (claims.ocsvm_draws_a_blur, [svm()], True, ""),
        (claims.ocsvm_draws_a_blur, [svm(laplacian=0.61)], False, "optimiser"),
        (claims.ocsvm_draws_a_blur, [svm(mean_distance=3.1, optimum_mean_distance=3.1)], False, "detector"),
        (claims.ocsvm_draws_the_same_again, retrained_twice(0.39), True, ""),
        (claims.ocsvm_draws_the_same_again, retrained_twice(0.41), False, "optimiser"),
        (claims.ocsvm_draws_the_same_again, retrained_twice(0.41, optima=0.4), False, "detector"),
        (claims.only_the_autoencoder_is_diverse, diverse(), True, ""),
        (claims.only_the_autoencoder_is_diverse, diverse(autoencoder=0.4), False, "detector"),
        (claims.only_the_autoencoder_is_diverse, diverse(0.11), False, "detector"),
        (claims.only_the_autoencoder_is_diverse, diverse(ocsvm=0.11), False, "detector"),
    ],
)
def test_finding_follows_from_arrays(function, records, holds, cause):
    finding = function(*records)
    assert finding.holds is holds
    assert holds or finding.cause == cause


def test_variety_over_trainings():
    def verdict(*cblof):
        later = [{"div_ratio": np.array(ratio)} for mine in cblof for ratio in (mine, 0.6)]  # and of the autoencoder
        return base.decide(claims.only_the_autoencoder_is_diverse(*diverse(), *later))

    assert verdict(0.05, 0.05, 0.05, 0.05) == "reproduced"
    assert verdict(0.05, 0.2, 0.05, 0.05) == "inconclusive"
