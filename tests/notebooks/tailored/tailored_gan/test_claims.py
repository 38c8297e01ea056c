"""Verdicts of chapter `tailored-gan` follow from the records by the fixed criteria."""

import numpy as np
import pytest

from companion.claims.decision import decide
from notebooks.tailored.tailored_gan import claims
from notebooks.tailored.tailored_gan.experiments import Binormal, SeedNorms

NORMS = np.arange(16.0)


@pytest.fixture(scope="module")
def norms():
    return SeedNorms.at("quick").run()


def test_claims_on_norms(norms):
    assert claims.large_norms_are_rare(norms).holds is True
    assert claims.small_norms_are_rare(norms).holds is True
    printed = claims.equation_1_is_the_density(norms)
    assert printed.holds is False and printed.cause == "source error"
    assert norms["p_value"][:, 0].min() > 0.01  # the corrected one is not rejected
    volume = claims.a_ball_fills_nothing_of_its_cube(norms)
    assert volume.holds is True
    assert [part.value for part in volume.cases[0].parts] == pytest.approx(
        [np.log10(1.7e-39), np.log10(1.5e-96)], abs=0.02
    )


def test_claims_on_norms_fail(norms):
    wide = norms | {"above": np.full((2, 2), 1e-3), "below": np.array([[1e-9, 1e-3]] * 2)}
    assert claims.large_norms_are_rare(wide).holds is False
    assert claims.small_norms_are_rare(wide).holds is None
    assert claims.equation_1_is_the_density(norms | {"p_value": np.full((2, 2), 0.5)}).holds is True
    assert claims.a_ball_fills_nothing_of_its_cube(norms | {"log10_volume": np.array([-5.0, -80.0])}).holds is False


def test_the_binormal_example():
    record = Binormal.at("quick").run()
    assert claims.auroc_counts_pairs(record).holds is True
    assert claims.a_higher_threshold_lowers_both_rates(record).holds is True
    assert claims.auroc_counts_pairs(record | {"pairs": record["pairs"] + 0.01}).holds is False
    assert claims.a_higher_threshold_lowers_both_rates(record | {"tpr": record["tpr"][::-1]}).holds is False


def test_the_faster_norm():
    seconds = np.array([[1.0, 2.0]] * 7 + [[1.2, 2.2], [9.0, 2.1]])  # one outlier of nine is outside the interval
    assert claims.the_chebyshev_norm_is_faster({"seconds": seconds}).holds is True
    slower = claims.the_chebyshev_norm_is_faster({"seconds": seconds[:, ::-1]})
    assert slower.holds is False and decide(slower) == "inconclusive"
    mixed = np.array([[1.0, 2.0], [2.0, 1.0]] * 4 + [[1.0, 1.0]])
    assert claims.the_chebyshev_norm_is_faster({"seconds": mixed}).holds is None


def samples(**changed):
    rng = np.random.default_rng(0)
    far = rng.uniform(0, 15, (10, 100))
    return {
        "norms": NORMS,
        "class_distance": np.repeat(10.0 - NORMS[None] / 2, 20, axis=0),
        "seed_distance": NORMS,
        "centroid_predicted": np.arange(10),
        "centroid_distance": np.full(10, 2.0),
        "real_distance": np.full(10, 8.0),
        "nearest_norms": far,
        "nearest": 3 + far,
        "fakes_nearest": np.full((10, 100), 4.0),
        "band_distance": np.arange(1.0, 10.0),
        "fake_predicted": np.repeat(np.arange(10)[:, None], 100, axis=1),
        "div_ratio": np.full(10, 0.9),
        "slopes": np.full(1_000, 1.05),
        "path": np.zeros((5, 31, 784), np.uint8),
        "path_predicted": np.array([[1] * 30 + [end] for end in (0, 2, 4, 1, 0)]),
    } | changed


CASES = [
    (claims.classes_drift_together, {"class_distance": np.repeat(NORMS[None], 20, axis=0)}),
    (claims.seeds_drift_apart, {"seed_distance": -NORMS}),
    (claims.norm_0_gives_a_centroid, {"centroid_predicted": np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 4])}),
    (claims.norm_0_gives_a_centroid, {"centroid_distance": np.full(10, 9.0)}),
    (claims.unused_seeds_give_anomalies, {"nearest": np.random.default_rng(1).random((10, 100))}),
    (claims.near_anomalies_are_nearest_to_fakes, {"band_distance": np.arange(1.0, 10.0)[::-1]}),
    (claims.the_fakes_are_diverse, {"fake_predicted": np.zeros((10, 100), int)}),
    (claims.the_fakes_are_diverse, {"div_ratio": np.append(np.full(9, 0.9), 0.6)}),
    (claims.the_penalty_makes_the_critic_lipschitz, {"slopes": np.full(1_000, 2.0)}),
    (claims.paths_begin_together_and_end_in_other_classes, {"path_predicted": np.ones((5, 31), int)}),
]


@pytest.mark.parametrize(("judge", "changed"), CASES, ids=lambda one: one.__name__ if callable(one) else ",".join(one))
def test_criterion(judge, changed):
    assert judge(samples()).holds is True
    failed = judge(samples(**changed))
    assert failed.holds is False and failed.cause


def test_meaning_of_fakes_can_decide():
    found = claims.unused_seeds_give_anomalies(samples(fakes_nearest=np.full((10, 100), 40.0)))
    assert found.holds is None and [case.met() for case in found.cases] == [False, True]


@pytest.mark.parametrize(
    ("agreement", "distance", "holds"),
    [
        ([[0.9, 0.9], [0.8, 0.8], [0.7, 0.7]], [[9, 8], [7, 6], [5, 4]], True),
        ([[0.9, 0.9], [0.8, 0.95], [0.7, 0.7]], [[9, 8], [7, 6], [5, 4]], None),
        ([[0.9, 0.9], [0.8, 0.8], [0.7, 0.7]], [[3, 4], [5, 6], [7, 8]], False),
    ],
)
def test_alpha_trades_agreement_for_likeness(agreement, distance, holds):
    record = {"alphas": np.array([0.1, 0.5, 0.9]), "agreement": np.array(agreement), "distance": np.array(distance)}
    found = claims.a_larger_alpha_trades_agreement_for_likeness(record)
    assert found.holds is holds and decide(found) == "inconclusive"
