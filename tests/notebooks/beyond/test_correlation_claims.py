"""Claim of chapter `correlation`."""

import numpy as np
import pytest

from companion.claims import base
from notebooks.beyond.correlation import claims as correlation
from notebooks.beyond.correlation.experiments import DECIDES
from notebooks.thesis.other_detectors.claims_grid import FORMS

RNG = np.random.default_rng(0)
N = len(correlation.ALL)
AUC = RNG.permutation(np.linspace(0.6, 0.95, N))[:, None, None] + RNG.normal(0, 0.002, (N, 10, 3))


def finding(quality):
    records = [{"auc": auc, DECIDES: values} for auc, values in zip(AUC, quality, strict=True)]
    return correlation.detecting_and_drawing_go_together(*records)


@pytest.mark.parametrize(
    ("quality", "holds", "cause"),
    [
        (AUC, True, ""),
        (1 - AUC, False, "detector"),
        (RNG.random((N, 1, 1)) + RNG.normal(0, 0.01, AUC.shape), None, "scale"),
    ],
)
def test_finding_follows_from_the_tables(quality, holds, cause):
    found = finding(quality)
    assert (found.holds, found.cause) == (holds, cause)
    assert (found.measured["families"], found.measured["classes"]) == (20, 10)


def test_difficulty_of_classes_does_not_decide():
    assert finding(AUC + np.linspace(0, 9, 10)[None, :, None]).holds


def test_disagreeing_forms_of_deep_svdd_are_undecided():
    quality = AUC.copy()
    quality[correlation.ALL.index(FORMS[0])] = 9 if AUC[correlation.ALL.index(FORMS[0])].mean() < 0.75 else 0
    nine = [finding(quality).measured[f"correlation within classes, nine with {form}"] for form in FORMS]
    assert nine[1] > nine[0]


def test_power_of_nine_is_stated():
    found = finding(RNG.random((N, 1, 1)) + RNG.normal(0, 0.01, AUC.shape))
    assert 0 < found.measured["probability that nine detectors show a correlation of 0.5"] < 0.7


def test_needs_all_detectors_and_nine_of_the_thesis():
    asked = base.claim_checks()["thesis-c-77"].needs()
    assert [e.detector for e in asked] == list(correlation.ALL) and {e.classes for e in asked} == {tuple(range(10))}
    assert len(correlation.OTHERS) == 8 and {*correlation.OTHERS, *FORMS} <= set(correlation.ALL)
