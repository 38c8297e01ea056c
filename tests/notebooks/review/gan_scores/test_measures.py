"""Weights and SVM are chosen on validation rows; a batch's mean can decide otherwise than its rows."""

import numpy as np
import pytest

from notebooks.review.gan_challenges.experiments import STEP, weights
from notebooks.review.gan_scores.measures import Labelled, auc_by_weights, linear, svm
from notebooks.review.gan_scores.search_budget import differing


def labelled(seed):
    labels = np.arange(80) % 2
    rng = np.random.default_rng(seed)
    return Labelled({"a": rng.normal(size=80) + 2 * labels, "b": rng.normal(size=80)}, labels)


def test_weights_and_svm_are_chosen_on_validation_rows():
    """With every test label inverted, the choice gives 1 less its AUC: it does not depend on them."""
    validation, test = labelled(0), labelled(1)
    turned = test._replace(labels=1 - test.labels)
    assert linear(validation, turned, ("a", "b"))[0] == pytest.approx(1 - linear(validation, test, ("a", "b"))[0])
    assert svm(validation, turned, ("a", "b")) == pytest.approx(1 - svm(validation, test, ("a", "b")))
    chosen, best = linear(validation, test, ("a", "b"))
    assert 0.85 < chosen <= best


def test_number_of_weightings():
    data = labelled(0)
    assert len(auc_by_weights(data, ("a", "b"))) == STEP + 1 == len(list(weights(2)))


def test_share_of_differing_rows():
    apart = np.full((5, 4), 0.4)
    apart[2:, :3] = 0.0  # the mean is 0.1 from the third step on, one row stays far
    assert differing(apart, 0.1) == 0.25
    assert differing(apart, 0.01) == 0.75  # the mean never arrives, three of the four rows do
