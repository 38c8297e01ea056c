"""Verdicts on AnoRand's rank follow from the records; what is missing decides nothing that it could still change."""

import numpy as np
import pytest

from companion.claims import base
from companion.claims.decision import decide
from companion.datasets import adbench
from notebooks.anorand.anorand_benchmark import claims, claims_labels, claims_sets, parts
from notebooks.anorand.anorand_benchmark.methods import METHODS, SUPERVISED

FILES = list(adbench.known())
LISTED = list(claims.LISTED)
RIVALS = [name for name in LISTED if name != "anorand"]


def artificial(methods=LISTED, ours=0.9, others=0.5, **own):
    """Runs on artificial data, ten of each method around its mean."""
    means = dict.fromkeys(methods, others) | {"anorand": ours} | own
    spread = np.linspace(-0.01, 0.01, 10)
    kept = [name for name in methods if name in means]
    return {
        "methods": np.array(kept),
        "average_precision": np.array([means[name] + spread for name in kept]),
        "roc_auc": np.full((len(kept), 10), 0.6),
        "seconds": np.array([np.full(10, 50.0 if name == "anorand" else 5.0) for name in kept]),
    }


def real(methods=LISTED, won=1.0, behind=0.02, spread=0.001):
    """AUC PR on every file: AnoRand is best on a share of the data sets, and a little behind elsewhere, last."""
    sets = list(dict.fromkeys(adbench.known()[f].set for f in FILES))
    best = {name: i < round(won * len(sets)) for i, name in enumerate(sets)}
    values = np.empty((len(methods), len(FILES), 2))
    for m, method in enumerate(methods):
        for f, file in enumerate(FILES):
            ours = 0.9 if best[adbench.known()[file].set] else 0.5 - behind - spread * len(methods)
            values[m, f] = ours if method == "anorand" else 0.5 - spread * m
    return {
        "methods": np.array(methods),
        "sets": np.array(FILES),
        "average_precision": values,
        "roc_auc": np.full(values.shape, 0.6),
        "rows": np.full(len(FILES), 1000),
        "anomalies": np.full(len(FILES), 100),
        "failure": np.full((len(methods), len(FILES)), ""),
    }


YES, NO, OPEN = "reproduced", "not reproduced", "inconclusive"


@pytest.mark.parametrize(
    ("function", "records", "word"),
    [
        (claims.best_on_artificial_data, [artificial()], YES),
        (claims.best_on_artificial_data, [artificial(ours=0.4)], NO),
        (claims.best_on_artificial_data, [artificial(), artificial(ours=0.4)], "reproduced in part"),
        (claims.best_on_artificial_data, [artificial(["anorand", "knn"])], OPEN),
        (claims.best_on_artificial_data, [artificial(["anorand", "knn"], ours=0.4)], NO),
        (claims.better_than_its_parts, [artificial(ours=0.9, mlp=0.88)], YES),
        (claims.better_than_its_parts, [artificial(ours=0.9, mlp=0.92)], NO),
        (claims.better_than_its_parts, [artificial(["anorand", "mlp"])], OPEN),
        (claims.deep_below_classical, [artificial(**{"deep-svdd": 0.3, "autoencoder": 0.4})], YES),
        (claims.deep_below_classical, [artificial(**{"deep-svdd": 0.3, "autoencoder": 0.6})], NO),
        (claims_sets.first_on_22_of_57, [real(won=0.3)], OPEN),  # 14 of 47, and ten that are not available
        (claims_sets.first_on_22_of_57, [real(won=0.4)], YES),
        (claims_sets.first_on_22_of_57, [real(won=0.05)], NO),
        (claims_sets.first_on_22_of_57, [real(won=0.9)], NO),
        (claims_sets.first_on_22_of_57, [real(["anorand", "knn"], won=0.9)], OPEN),
        (claims_sets.best_overall_rank, [real(won=1)], YES),
        (claims_sets.best_overall_rank, [real(won=0.2)], NO),
        (claims_sets.best_overall_rank, [real(["anorand", "knn", "lof"], won=1)], OPEN),
        (claims_sets.small_gaps, [real(won=0.2, behind=0.01)], YES),
        (claims_sets.small_gaps, [real(won=0.2, behind=0.2)], NO),
        (claims_sets.best_on_images, [real(won=1)], YES),
        (claims_sets.best_on_images, [real(won=0)], NO),
        (claims_sets.best_on_healthcare, [real(won=1)], YES),
        (claims_sets.best_on_healthcare, [real(won=0)], NO),
        (claims_sets.near_the_top_elsewhere, [real(won=1)], YES),
        (claims_sets.near_the_top_elsewhere, [real(won=0)], NO),
        (claims_sets.best_on_most, [real(won=0.9)], YES),
        (claims_sets.best_on_most, [real(won=0.2)], NO),
        (claims_sets.best_on_most, [real(won=0.5)], OPEN),
    ],
)
def test_claims_without_labels(function, records, word):
    finding = function(*records)
    assert decide(finding) == word
    assert all(isinstance(value, int | float | str) for value in finding.measured.values())


@pytest.mark.parametrize(("alone", "cause"), [(0.3, "source error"), (-0.1, "detector")])
def test_the_parts_decide_the_cause(alone, cause):
    """AnoRand's own reconstruction error scores better alone, or worse than the printed score."""
    ap = np.random.default_rng(0).normal(0.3, 0.02, (20, 2, 5, len(parts.SCORES)))
    ap[..., parts.SCORES.index("reconstruction alone")] += alone
    of_parts = {"ap": ap, "scores": np.array(parts.SCORES)}
    assert claims_sets.first_on_22_of_57(real(won=0.05), of_parts).cause == cause
    assert claims_sets.best_on_most(real(won=0.05), of_parts).cause == "source error"  # 22 of 57 are no majority


@pytest.mark.parametrize(("alone", "cause"), [(0.9, "source error"), (0.1, "detector")])
def test_digits_decide_the_cause_until_there_is_a_record_of_the_parts(alone, cause):
    measure = np.full((3, 5, 3), 0.5)
    measure[2, :, 2] = alone  # AnoRand's reconstruction error
    assert claims_sets.first_on_22_of_57(real(won=0.05), {"ap": measure, "roc": measure}).cause == cause


@pytest.mark.parametrize(("roc", "word"), [(0.61, YES), (0.59, NO)])
def test_reconstruction_error_detects(roc, word):
    sweep = {"values": np.array([0.0, 0.2, 1.0]), "roc": np.full((5, 3, 3), 0.5)}
    sweep["roc"][:, 1, 2] = roc
    assert decide(claims.reconstruction_error_detects(sweep, sweep)) == word
    at_chance = sweep | {"roc": np.full((5, 3, 3), 0.5)}
    assert decide(claims.reconstruction_error_detects(at_chance, sweep)) == (
        "reproduced in part" if word == YES else NO
    )


def test_always_failing_method_is_left_out():
    record = artificial()
    record["average_precision"][record["methods"].tolist().index("cblof")] = np.nan
    finding = claims.best_on_artificial_data(record)
    assert finding.holds is True and finding.measured["AnoRand, defaults"].endswith(f"place 1 of {len(LISTED) - 1}")


def test_equal_scores_count_in_no_mean():
    record = artificial()
    m = LISTED.index("pca")
    record["average_precision"][m] = [0.0] + [0.6] * 9
    assert claims.mean_precision([record])["pca"] == pytest.approx(0.54)
    record["roc_auc"][m, 0] = 0.5
    assert claims.mean_precision([record])["pca"] == pytest.approx(0.6)
    tables, cell = real(), (LISTED.index("pca"), FILES.index("cardio"))
    tables["average_precision"][cell] = [0.1, 0.7]
    tables["roc_auc"][cell] = [0.5, 0.9]
    values = claims_sets.listed_results([tables])[0]
    assert values.values_of("pca")[values.sets.index("cardio")] == pytest.approx(0.7)
    assert values.failures["cardio", "pca"] == "equal scores in 1 of 2 repetitions"


def labelled(order):
    """AUC PR with labels: methods in the order of their ranks."""
    names = list(order)
    values = np.array([np.full((3, 1), 0.9 - 0.02 * i) for i in range(len(names))])
    files = np.array(["cardio", "fault", "letter"])
    return {"methods": np.array(names), "sets": files, "average_precision": values,
            "failure": np.full((len(names), 3), "")}  # fmt: skip


ALL = tuple(SUPERVISED)
OTHERS = tuple(n for n in ALL if n != "anorand-labels")
THREE = ("svm", "catboost", "lightgbm")
REST = tuple(n for n in OTHERS if n not in THREE)


@pytest.mark.parametrize(
    ("function", "order", "holds"),
    [
        (claims_labels.best_with_labels, ("anorand-labels", *OTHERS), True),
        (claims_labels.best_with_labels, (*OTHERS, "anorand-labels"), False),
        (claims_labels.classical_better_than_deep, (*THREE, *REST), True),
        (claims_labels.classical_better_than_deep, (*THREE, *claims_labels.DEEP[:6]), None),  # six of the nine
        (claims_labels.classical_better_than_deep, (*REST, *THREE), False),
    ],
)
def test_claims_with_labels(function, order, holds):
    """One weight, and unequal numbers of training rows: the verdict is open, whatever the ranks are."""
    finding = function(labelled(order))
    assert finding.holds is holds
    assert decide(finding) == OPEN


def test_every_claim_is_registered():
    ids = [f"anorand-c-{n:02d}" for n in (1, 2, 3, 4, *range(16, 26), 34)]
    assert all(base.claim_checks()[one].page == claims.PAGE for one in ids)
    assert base.verdict("anorand-c-20").verdict == "not tested"
    for one in ids:
        needed = base.claim_checks()[one].needs()
        assert all(e.name.startswith(("ad-", "anorand-")) for e in needed)


def test_listed_methods():
    assert len(RIVALS) == 17 and all(METHODS[name].listed for name in RIVALS)
    assert not {"abod", "mcd", "feature-bagging"} & set(RIVALS)
