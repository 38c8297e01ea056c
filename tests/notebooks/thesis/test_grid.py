"""Verdicts on nine detectors follow from the records by the fixed criteria, in both directions."""

import numpy as np
import pytest
from image_kinds import image_kinds

from companion.claims import base
from companion.records import MissingRecord
from notebooks.thesis.common.groups import STEPS, THESIS, Drawn, group, perfect_group
from notebooks.thesis.other_detectors import claims_aucs
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
        "score_rank": np.full(4, 0.5), "noise_like": np.ones(4, bool), "guided_score_rank": np.zeros((len(ks), 2)),
        "guided_noise_like": np.zeros((len(ks), 2), bool), "pairwise": np.array(8.0),
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


def twice(of, **changed):
    """Return the measures of several detectors as the ensemble's judgements, and again as those with the errors."""
    return qualities(of, **changed) * 2


def further(of):
    """Return four trainings in one record, each with the measures of a detector."""
    names = ("guided_quality", "free_err_rel", "unguided_free_err_rel")
    empty = {"guided_scores": np.zeros(4), "test_normal_scores": np.zeros(4)}
    return {name: np.stack([of[name]] * 4) for name in names} | empty


def detections(of=DETECTORS, lost=0.1, **auc):
    values = {d: auc.get(d.replace("-", "_"), AUC[d]) for d in of}
    noise = np.full((1, 150), 9.0)
    return [{"auc": np.full(3, v), "binary_auc": np.full(3, v - lost), "noise_scores": noise} for v in values.values()]


def searches(worst=5.0, first=8.0, hbos=None):
    """Return the searches of all detectors, then their detections, whose noise scores 9."""
    ends = [hbos if hbos is not None and d == "hbos" else worst for d in grid.ALL]
    found = [{"history": np.array([[first, 2.0]] * 2), "scores": np.array([2.0, end])} for end in ends]
    return found + detections(grid.ALL)


def of_widths(*autoencoder):
    """Return three trainings of each further width of the autoencoder."""
    return [{"auc": np.full(3, auc)} for auc in autoencoder or (0.94, 0.94, 0.94)]


def rings(edge=0.0, centre=0.5, count=8):
    """Return searches whose images and optima have noise of one strength in a frame of 4 pixels, another inside."""
    amplitude = np.full((28, 28), edge)
    amplitude[4:-4, 4:-4] = centre
    images = (amplitude * np.random.default_rng(0).random((count, 28, 28))).reshape(count, -1)
    return {"images": images, "optimum_points": images[:1]}


REAL = {"pixel_mean": np.zeros(784)}
DEAN = [quality("dean")]
PAIR = ("copod", "gmm")
FEW = ("hbos", "iforest", *grid.FORMS)
BY_K = len(grid.KS["hbos"])


@pytest.mark.parametrize(
    ("function", "records", "holds", "cause"),
    [
        (claims_aucs.labels_lose_information, detections(), True, ""),
        (claims_aucs.labels_lose_information, detections(lost=-0.01), False, "detector"),
        (grid.one_search_serves_all, searches(), True, ""),
        (grid.one_search_serves_all, searches(worst=9.5), False, "optimiser"),
        (grid.one_search_serves_all, searches(hbos=9.5), None, "unstated choice"),
        (grid.what_scores_well_may_look_wrong, qualities(), False, "detector"),
        (grid.what_scores_well_may_look_wrong, qualities(hbos=quality("hbos", score_rank=np.full(4, 0.04))), True, ""),
        (
            grid.what_scores_well_may_look_wrong,
            qualities(dean=quality("dean", guided_noise_like=np.ones((10, 2), bool))),
            True,
            "",
        ),
        (grid.three_fail_even_for_large_k, twice(FEW), True, ""),
        (grid.three_fail_even_for_large_k, twice(FEW, hbos=quality("hbos", looks=2)), False, "detector"),
        (
            grid.three_fail_even_for_large_k,
            twice(FEW, iforest=quality("iforest", free_err_rel=np.full((BY_K, 2), 0.49))),
            False,
            "detector",
        ),
        (
            grid.three_fail_even_for_large_k,
            twice(FEW, deep_svdd_untrained=quality("deep-svdd-untrained", looks=1)),
            False,
            "detector",
        ),
        (grid.three_fail_even_for_large_k, twice(FEW, deep_svdd=quality("deep-svdd", looks=1)), True, ""),
        (grid.noisy_centre_black_edge, [rings()] * 2, True, ""),
        (grid.noisy_centre_black_edge, [rings(0.5)] * 2, False, "detector"),
        (grid.noisy_centre_black_edge, [rings(), rings(0.5)], None, "unstated choice"),
        (grid.noisy_centre_black_edge, [rings(0.5) | {"optimum_points": rings()["images"]}] * 2, False, "optimiser"),
        (grid.the_noisy_centre_is_smaller_for_copod, [rings(centre=0.2), rings(), REAL], True, ""),
        (grid.the_noisy_centre_is_smaller_for_copod, [rings(), rings(centre=0.2), REAL], False, "detector"),
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
        (claims_aucs.three_of_the_best_four_need_no_guidance, of_widths() + detections(grid.ALL), True, ""),
        (
            claims_aucs.three_of_the_best_four_need_no_guidance,
            of_widths() + detections(grid.ALL, gmm=0.96),
            False,
            "detector",
        ),
        (
            claims_aucs.three_of_the_best_four_need_no_guidance,
            of_widths(0.94, 0.8, 0.94) + detections(grid.ALL),
            None,
            "unstated choice",
        ),
        (claims_aucs.the_least_normal_detect_worst, detections(grid.ALL), True, ""),
        (claims_aucs.the_least_normal_detect_worst, detections(grid.ALL, ocsvm=0.1), False, "detector"),
        (claims_aucs.dean_detects_best_and_needs_guidance, DEAN + of_widths() + detections(grid.ALL), True, ""),
        (
            claims_aucs.dean_detects_best_and_needs_guidance,
            DEAN + of_widths(0.94, 0.94, 0.98) + detections(grid.ALL),
            None,
            "unstated choice",
        ),
        (
            claims_aucs.dean_detects_best_and_needs_guidance,
            DEAN + of_widths() + detections(grid.ALL, gmm=0.98),
            False,
            "detector",
        ),
        (
            claims_aucs.dean_detects_best_and_needs_guidance,
            [quality("dean", looks=1), *of_widths(), *detections(grid.ALL)],
            False,
            "detector",
        ),
        (claims_aucs.equal_images_unequal_detection, detections(PAIR) + qualities(PAIR), True, ""),
        (claims_aucs.equal_images_unequal_detection, detections(PAIR, copod=0.85) + qualities(PAIR), False, "detector"),
        (
            claims_aucs.equal_images_unequal_detection,
            [*detections(PAIR), quality("copod"), quality("gmm", looks=1)],
            False,
            "detector",
        ),
        (
            grid.guidance_helps_dean_most,
            [
                quality("dean", free_err_rel=np.full((10, 2), 0.6)),
                further(quality("deep-svdd")),
                *qualities(grid.FORMS) * 2,
            ],
            True,
            "",
        ),
        (
            grid.guidance_helps_dean_most,
            [quality("dean"), further(quality("deep-svdd")), *qualities(grid.FORMS) * 2],
            False,
            "detector",
        ),
    ],
)
def test_a_finding_follows_from_the_arrays(function, records, holds, cause):
    finding = function(*records)
    assert finding.holds is holds
    assert holds or finding.cause == cause


def test_each_training_of_what_is_random_counts():
    needed = base.claim_checks()["thesis-c-68"].needs()
    judgements, measures = needed[: len(needed) // 2], needed[len(needed) // 2 :]
    assert [j.search.id for j in judgements] == [m.requires()["search"].id for m in measures]
    again = [(1, "iforest"), (1, "deep-svdd"), (1, "deep-svdd-untrained")]
    assert [(e.seed, e.detector) for e in measures[4:7]] == again
    assert {e.seed for e in measures} == set(range(5))

    few = qualities(FEW)  # of the first training; hbos is not trained again
    good = grid.three_fail_even_for_large_k(*[*few, *few[1:] * 4] * 2)
    assert (good.holds, base.decide(good)) == (True, "reproduced")
    other = quality("iforest", looks=1, free_err_rel=np.full((BY_K, 2), 0.4))
    mixed = grid.three_fail_even_for_large_k(*[*few, other, *few[2:], *few[1:] * 3] * 2)
    assert (mixed.holds, mixed.cause, base.decide(mixed)) == (None, "unstated choice", "inconclusive")
    assert base.conditions(mixed)[0].met == 4


def test_each_training_is_judged_with_its_own_search():
    needed = base.claim_checks()["thesis-c-17"].needs()
    first = len(grid.ALL)
    assert [e.name for e in needed[: 2 * first]] == ["guided"] * first + ["detection"] * first
    random = len(grid.randomly_trained(grid.ALL))
    later = needed[2 * first : 2 * first + 2 * random]
    assert [(e.name, e.seed) for e in later] == [("guided", 1)] * random + [("detection", 1)] * random
    by = grid.by_training(list(range(len(needed))), grid.ALL, 2)
    assert [by[t]["hbos"] for t in (0, 4)] == [[4, 4 + first]] * 2  # the same in every training
    assert by[1][needed[2 * first].detector] == [2 * first, 2 * first + random]


@pytest.mark.parametrize("kind", ["noise", "constant"])
def test_neither_noise_nor_grey_has_a_dark_edge(kind):
    for images in (image_kinds()[kind], np.zeros((8, 784))):
        search = {"images": images, "optimum_points": images[:1]}
        assert grid.noisy_centre_black_edge(search, search).holds is False


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
