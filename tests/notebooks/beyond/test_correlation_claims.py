"""Claim of chapter `correlation`."""

import numpy as np
import pytest

from companion.claims import base
from notebooks.beyond.correlation import claims as correlation
from notebooks.beyond.correlation.experiments import DECIDES
from notebooks.thesis.other_detectors.claims_grid import FORMS

RNG = np.random.default_rng(0)
AUC = np.linspace(0.6, 0.95, 10)[:, None, None] + RNG.normal(0, 0.005, (10, 10, 3))


def records(quality):
    return [{"auc": auc, DECIDES: of} for auc, of in zip(AUC, quality, strict=True)]


def mixed(share):
    """Qualities that follow the ROC AUC to some extent, detector by detector."""
    return share * AUC + RNG.normal(0, 0.02, AUC.shape)


@pytest.mark.parametrize(
    ("quality", "holds", "cause"),
    [
        (AUC, True, ""),
        (-AUC, False, "detector"),
        (RNG.random(AUC.shape), None, "scale"),
    ],
)
def test_finding_follows_from_the_tables(quality, holds, cause):
    finding = correlation.detecting_and_drawing_go_together(*records(quality))
    assert (finding.holds, finding.cause) == (holds, cause)
    assert (finding.measured["detectors"], finding.measured["classes"]) == (9, 10)


def test_disagreeing_forms_of_deep_svdd_are_undecided():
    quality = np.zeros_like(AUC)
    quality[0] = quality[3:] = 0.5
    quality[3:] += RNG.normal(0, 0.01, quality[3:].shape)
    quality[1], quality[2] = -50, 50  # of the second and the third lowest ROC AUC, one a form
    several = [*AUC]
    several[1] = several[2] = AUC[1]
    given = [{"auc": auc, DECIDES: of} for auc, of in zip(several, quality, strict=True)]
    finding = correlation.detecting_and_drawing_go_together(*given)
    first, second = (finding.measured[f"Spearman's correlation, {form}"] for form in FORMS)
    assert first > second
    assert finding.holds is None


def test_needs_nine_detectors_and_both_forms_of_deep_svdd():
    asked = base.claim_checks()["thesis-c-77"].needs()
    assert [e.detector.partition(":")[0] for e in asked] == ["dean", *FORMS, *correlation.OTHERS]
    assert len(correlation.OTHERS) == 7 and {e.classes for e in asked} == {tuple(range(10))}
