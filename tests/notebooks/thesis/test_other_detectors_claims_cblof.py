"""Verdicts on CBLOF in chapter `other-detectors` follow from the records by the fixed criteria, in both directions."""

import numpy as np
import pytest

from notebooks.thesis.other_detectors import claims as other_detectors

D = 9  # pixels of a fabricated image
RNG = np.random.default_rng(0)


def retrained(centre_of_training=(0, 1, 0, 1, 0), noise=0.01, looks=1.0):
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
        "normal_looking": np.broadcast_to(np.arange(8) < round(8 * looks), (5, 8)),
        **{key: np.ones((5, 8)) for key in ("p_cls", "nn_ratio", "morans_i")},
        "morans_i_p01": np.array(0.6),
    }
    return search, measures


TWO_ENDS = [[0, 1] * 4] * 5


@pytest.mark.parametrize(
    ("function", "records", "holds", "cause"),
    [
        (other_detectors.cblof_draws_normal_images, retrained(), True, ""),
        (other_detectors.cblof_draws_normal_images, retrained(looks=0.75), False, "detector"),
        (other_detectors.every_start_gives_one_image, retrained(), True, ""),
        (other_detectors.every_start_gives_one_image, retrained(noise=0.3), False, "optimiser"),
        (other_detectors.every_start_gives_one_image, retrained(TWO_ENDS), False, "detector"),
        (other_detectors.retraining_changes_the_image, retrained(), True, ""),
        (other_detectors.retraining_changes_the_image, retrained((0, 0, 0, 0, 0)), False, "detector"),
        (other_detectors.retraining_changes_the_image, retrained(noise=0.3), False, "optimiser"),
    ],
)
def test_a_verdict_on_cblof_follows_from_the_arrays(function, records, holds, cause):
    finding = function(*records * len(other_detectors.SETTINGS))
    assert finding.holds is holds
    assert holds or finding.cause == cause


def test_a_verdict_on_cblof_that_an_unstated_choice_turns_is_undecided():
    one, another = retrained(), retrained(looks=0.5)
    finding = other_detectors.cblof_draws_normal_images(*one, *another, *one)
    assert (finding.holds, finding.cause) == (None, "unstated choice")


def test_the_claims_on_cblof_ask_for_a_search_and_its_measures_for_each_choice():
    needed = other_detectors.needs()
    assert [e.name for e in needed] == ["retraining", "retraining-quality"] * len(other_detectors.SETTINGS)
    assert [(e.clip, e.selection) for e in needed[::2]] == [(True, "linear"), (False, "linear"), (True, "truncation")]
