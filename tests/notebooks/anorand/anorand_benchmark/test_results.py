"""Means, ranks and tests against published examples, and the comparison with PyOD's published values."""

import numpy as np
import pytest

from companion.datasets import adbench
from notebooks.anorand.anorand_benchmark import results
from notebooks.anorand.anorand_benchmark.results import (
    PUBLISHED_COLUMNS,
    SETS,
    agreement,
    category_of,
    combine,
    compare_published,
    published_roc,
    reported_values,
)

FILES = list(adbench.known())

# AUC of four classifiers on 14 data sets: the example of Demsar (2006), Table 2.
EXAMPLE = np.array([
    [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.9751, 0.975], [0.957, 0.978, 0.946, 0.970],
])  # fmt: skip


def test_ranks_and_critical_difference_of_a_published_example():
    mean = results.rank(EXAMPLE).mean(axis=0)
    assert mean == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=1e-3)
    # chi square is 9.28 there, p 0.026, without a correction for ties, which lowers p
    assert 0.01 < results.friedman(results.rank(EXAMPLE)) < 0.026
    assert results.critical_difference(14, 4) == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), rel=1e-3)


def test_rank():
    assert results.rank(np.array([[0.5, np.nan, 0.9, 0.5]])).tolist() == [[2.5, 4, 1, 2.5]]
    assert results.rank(np.array([[np.nan, np.nan, 0.9]])).tolist() == [[2.5, 2.5, 1]]


def test_holm():
    assert results.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert results.holm([0.5, 0.9]).max() == 1


def test_wilcoxon_p():
    first, second = np.arange(10.0), np.arange(10.0) - 1
    assert results.wilcoxon_p(np.append(first, np.nan), np.append(second, 100)) < 0.01
    assert results.wilcoxon_p(first, first) == 1


def record(files=FILES):
    """AUC PR of two methods on every file, two repetitions each."""
    shape = 2, len(files)
    return {
        "methods": np.array(["anorand", "knn"]),
        "sets": np.array(files),
        "average_precision": np.full((*shape, 2), 0.5),
        "failure": np.full(shape, ""),
    }


def test_combine():
    combined = combine([record()])
    assert len(combined.sets) == 47 and combined.values.shape == (47, 2)
    assert {category_of(name) for name in SETS} == {"healthcare", "image", "text", "other"}
    with_nan = record()
    with_nan["average_precision"][0, FILES.index("MVTec-AD_pill")] = np.nan
    with_nan["average_precision"][0, FILES.index("cardio")] = np.nan
    values = combine([with_nan]).values[:, 0]
    assert np.isnan(values[combined.sets.index("cardio")]) and not np.isnan(values[combined.sets.index("MVTec-AD")])
    with pytest.raises(ValueError, match="different data sets"):
        combine([record(), record(FILES[:3])])


def test_reported_values():
    table = reported_values()
    assert table["campaign", "AnoRand"] == pytest.approx(0.6292) and table["SVHN", "PReNet"] == pytest.approx(0.371)
    assert ("celeba", "GANomaly") not in table and ("FashionMNIST", "REPEN") not in table
    assert ("cardio", "ResNet") not in table and len({name for name, _ in table}) == 19


def published_record(shift=0.0, spread=0.01):
    names, sets = list(PUBLISHED_COLUMNS), ["letter", "Pima"]
    values = np.array([[published_roc()[s.lower(), n] + shift for s in sets] for n in names])
    return {"methods": np.array(names), "sets": np.array(sets),
            "roc_auc": values[..., None] + spread * np.tile([-1.0, 1.0], 10)}  # fmt: skip


def test_agreement_with_published_values():
    assert len(published_roc()) == 60
    assert agreement(compare_published(published_record())) == 1
    assert (
        agreement(compare_published(published_record(0.021))) == 0
        and agreement(compare_published(published_record(0.019))) == 1
    )
    (cell, *_), wide = (
        compare_published(published_record(0.05, spread=0.1)),
        compare_published(published_record(0.05, spread=0.1)),
    )
    assert cell.error == pytest.approx(0.1 * np.sqrt(20 / 19) * np.sqrt(2 / 20)) and agreement(wide) == 1
    failed = published_record()
    failed["roc_auc"][0, 0] = np.nan
    assert agreement(compare_published(failed)) == pytest.approx(19 / 20)
