"""Verdicts on nine detectors follow from the records by the fixed criteria, in both directions."""

import numpy as np
import pytest

from companion.claims import base
from companion.records import MissingRecord
from notebooks.thesis.common.groups import STEPS, THESIS, Drawn, group, perfect_group
from notebooks.thesis.other_detectors import claims_grid as grid
from notebooks.thesis.other_detectors.experiments import DETECTORS

AUC = {"dean": 0.97, "ocsvm": 0.95, "cblof": 0.95, "autoencoder": 0.94, "gmm": 0.9, "copod": 0.7, "hbos": 0.72,
       "deep-svdd": 0.85, "iforest": 0.8, "deep-svdd-untrained": 0.84}  # fmt: skip
LEVEL = {1: 0.9, 2: 0.5, 3: 0.1}  # quality at k = 0 by the thesis's group


def quality(detector: str, looks: int | None = None, optimum: int | None = None, **changed: float | np.ndarray):
    """Return the measures of a detector that draws like the thesis's group `looks` says (`optimum`: of the optima)."""
    ks = np.array(grid.KS[detector])
    looks = looks or THESIS.get(detector, 3)

    def normal(of: int) -> np.ndarray:
        return np.broadcast_to((ks >= {1: 0, 2: 0.5, 3: 0.9}[of])[:, None], (len(ks), 2))

    def rising(of: int) -> np.ndarray:
        return np.repeat((LEVEL[of] + (0.99 - LEVEL[of]) * ks)[:, None], 2, axis=1)

    arrays = {
        "normal_looking": np.full(4, looks == 1), "guided_normal_looking": normal(looks),
        "quality": np.full(4, LEVEL[looks]), "guided_quality": rising(looks),
        "unguided_free_err_rel": np.full((4, 2), 1.2), "free_err_rel": np.full((len(ks), 2), 0.7),
        "edge_mean": np.full(4, 0.01), "edge_local_var": np.full(4, 0.02), "centre_local_var": np.full(4, 0.2),
        "score_rank": np.full(4, 0.5), "noise_like": np.ones(4, bool), "guided_score_rank": np.zeros((len(ks), 2)),
        "guided_noise_like": np.zeros((len(ks), 2), bool), "far_from_mean": np.full(4, 100),
        "optimum_edge_mean": 0.01, "optimum_edge_local_var": 0.02,
        "optimum_centre_local_var": 0.2, "optimum_far_from_mean": 100, "pairwise": np.array(8.0),
    }  # fmt: skip
    if optimum:
        arrays |= {
            "optimum_normal_looking": np.full(1, optimum == 1), "guided_optimum_normal_looking": normal(optimum),
            "optimum_quality": np.full(1, LEVEL[optimum]), "guided_optimum_quality": rising(optimum),
        }  # fmt: skip
    return {key: np.asarray(value) for key, value in (arrays | changed).items()}


def qualities(of=grid.ALL, **changed):
    """Return the measures of several detectors as the thesis saw them, but for those of a name that is changed."""
    return [changed.get(d.replace("-", "_")) or quality(d) for d in of]


def detections(of=DETECTORS, lost=0.1, **auc):
    values = {d: auc.get(d.replace("-", "_"), AUC[d]) for d in of}
    noise = np.full((1, 150), 9.0)
    return [{"auc": np.full(3, v), "binary_auc": np.full(3, v - lost), "noise_scores": noise} for v in values.values()]


def searches(worst=5.0, first=8.0):
    return [{"history": np.array([[first, 2.0]] * 2), "scores": np.array([2.0, worst])} for _ in DETECTORS]


DEAN = [quality("dean")]
PAIR = ("copod", "gmm")
FEW = ("hbos", "iforest", *grid.FORMS)
BY_K = len(grid.KS["hbos"])


@pytest.mark.parametrize(
    ("function", "records", "holds", "cause"),
    [
        (grid.labels_lose_information, detections(), True, ""),
        (grid.labels_lose_information, detections(lost=-0.01), False, "detector"),
        (grid.one_search_serves_all, searches() + detections(), True, ""),
        (grid.one_search_serves_all, searches(worst=8.5) + detections(), False, "optimiser"),
        (grid.one_search_serves_all, searches(worst=9.5, first=10) + detections(), False, "optimiser"),
        (grid.what_scores_well_may_look_wrong, qualities(), False, "detector"),
        (grid.what_scores_well_may_look_wrong, qualities(hbos=quality("hbos", score_rank=np.full(4, 0.04))), True, ""),
        (
            grid.what_scores_well_may_look_wrong,
            qualities(dean=quality("dean", guided_noise_like=np.ones((10, 2), bool))),
            True,
            "",
        ),
        (grid.three_fail_even_for_large_k, qualities(FEW), True, ""),
        (grid.three_fail_even_for_large_k, qualities(FEW, hbos=quality("hbos", looks=2)), False, "detector"),
        (
            grid.three_fail_even_for_large_k,
            qualities(FEW, iforest=quality("iforest", free_err_rel=np.full((BY_K, 2), 0.49))),
            False,
            "detector",
        ),
        (
            grid.three_fail_even_for_large_k,
            qualities(FEW, deep_svdd=quality("deep-svdd", looks=1)),
            None,
            "unstated choice",
        ),
        (grid.noisy_centre_black_edge, qualities(PAIR), True, ""),
        (grid.noisy_centre_black_edge, qualities(PAIR, gmm=quality("gmm", edge_mean=0.11)), False, "optimiser"),
        (
            grid.noisy_centre_black_edge,
            qualities(PAIR, gmm=quality("gmm", centre_local_var=0.05, optimum_centre_local_var=0.05)),
            False,
            "detector",
        ),
        (grid.the_noisy_centre_is_smaller_for_copod, qualities(PAIR, gmm=quality("gmm", far_from_mean=101)), True, ""),
        (grid.the_noisy_centre_is_smaller_for_copod, qualities(PAIR), False, "detector"),
        (grid.copod_and_gmm_look_more_normal, qualities(grid.ORDERED), True, ""),
        (
            grid.copod_and_gmm_look_more_normal,
            qualities(grid.ORDERED, gmm=quality("gmm", looks=3)),
            False,
            "detector",
        ),
        (
            grid.copod_and_gmm_look_more_normal,
            qualities(grid.ORDERED, gmm=quality("gmm", looks=3, optimum=1)),
            False,
            "optimiser",
        ),
        (grid.three_groups, qualities(), True, ""),
        (grid.three_groups, qualities(gmm=quality("gmm", looks=1)), True, ""),
        (grid.three_groups, qualities(gmm=quality("gmm", looks=1), hbos=quality("hbos", looks=2)), False, "detector"),
        (
            grid.three_groups,
            qualities(gmm=quality("gmm", looks=3, optimum=2), hbos=quality("hbos", looks=2)),
            False,
            "optimiser",
        ),
        (grid.three_of_the_best_four_need_no_guidance, detections(), True, ""),
        (grid.three_of_the_best_four_need_no_guidance, detections(gmm=0.96), False, "detector"),
        (grid.the_least_normal_detect_worst, detections(grid.ALL), True, ""),
        (grid.the_least_normal_detect_worst, detections(grid.ALL, ocsvm=0.1), False, "detector"),
        (grid.dean_detects_best_and_needs_guidance, detections() + DEAN, True, ""),
        (grid.dean_detects_best_and_needs_guidance, detections(gmm=0.98) + DEAN, False, "detector"),
        (grid.dean_detects_best_and_needs_guidance, [*detections(), quality("dean", looks=1)], False, "detector"),
        (grid.equal_images_unequal_detection, detections(PAIR) + qualities(PAIR), True, ""),
        (grid.equal_images_unequal_detection, detections(PAIR, copod=0.85) + qualities(PAIR), False, "detector"),
        (
            grid.equal_images_unequal_detection,
            [*detections(PAIR), quality("copod", optimum=1), quality("gmm", looks=1, optimum=1)],
            False,
            "optimiser",
        ),
        (
            grid.guidance_helps_dean_most,
            [quality("dean", free_err_rel=np.full((10, 2), 0.6)), *qualities(grid.FORMS)],
            True,
            "",
        ),
        (grid.guidance_helps_dean_most, qualities(("dean", *grid.FORMS)), False, "detector"),
    ],
)
def test_a_verdict_follows_from_the_arrays(function, records, holds, cause):
    finding = function(*records)
    assert finding.holds is holds
    assert holds or finding.cause == cause


def test_a_claim_on_images_is_judged_for_every_training_of_what_is_random():
    needed = base.claim_checks()["thesis-c-68"].needs()
    assert [(e.seed, e.detector) for e in needed[4:7]] == [(1, "iforest"), (1, "deep-svdd"), (1, "deep-svdd-untrained")]
    assert {e.seed for e in needed} == set(range(5))

    few = qualities(FEW)  # of the first training; hbos is not trained again
    holds = grid.three_fail_even_for_large_k(*few, *few[1:], *few[1:])
    assert (holds.holds, holds.measured["trainings"]) == (True, 3)
    other = quality("iforest", looks=1, free_err_rel=np.full((BY_K, 2), 0.4))
    mixed = grid.three_fail_even_for_large_k(*few, other, *few[2:])
    assert (mixed.holds, mixed.cause, mixed.measured["trainings that meet the criterion"]) == (
        None,
        "unstated choice",
        1,
    )
    assert mixed.measured["free_err_rel of iforest at 80%, range over the trainings"] == "0.4 to 0.7"
    assert "free_err_rel of hbos at 80%, range over the trainings" not in mixed.measured
    changed = qualities(FEW, iforest=other)
    assert grid.three_fail_even_for_large_k(*changed, other, *few[2:]).holds is False


def test_the_group_follows_from_the_shares_and_the_optima_may_change_it():
    ks = grid.KS["gmm"]
    assert [group(Drawn(quality("gmm", looks=g), ks)) for g in (1, 2, 3)] == [1, 2, 3]
    assert perfect_group("gmm", Drawn(quality("gmm", looks=3), ks)) is None  # no optimum is known
    assert [perfect_group("gmm", Drawn(quality("gmm", looks=3, optimum=g), ks)) for g in (1, 2, 3)] == [1, 2, 3]
    half = {key: a for key, a in quality("gmm", looks=2, optimum=3).items() if not key.startswith("guided_optimum")}
    assert perfect_group("gmm", Drawn(half, ks)) is None  # known from noise, where it does not look normal, alone
    chosen = quality("deep-svdd", looks=3, optimum=1)  # one of many, and others look otherwise
    assert perfect_group("deep-svdd", Drawn(chosen, grid.KS["deep-svdd"])) is None


def test_the_mean_quality_is_taken_over_the_columns_of_the_figure():
    ks = grid.KS["hbos"]
    far = np.where(np.isin(ks, STEPS), 0.5, 100.0)[:, None]  # what is drawn at 85 and 95% has no column
    assert Drawn(quality("hbos", quality=np.full(4, 0.5), guided_quality=far), ks).mean_quality() == pytest.approx(0.5)


def test_without_its_records_a_claim_has_no_verdict():
    def missing(experiment):
        raise MissingRecord(experiment.id)

    assert base.verdict("thesis-c-72", missing).verdict is None
