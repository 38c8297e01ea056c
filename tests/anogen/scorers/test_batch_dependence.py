"""Whether a score depends on the other rows of the batch is measured for every detector without an exact scorer."""

import importlib

import numpy as np
import pytest
import torch
from pyod.models import sod
from pyod.models.cof import COF
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from anogen.errors import InputError
from anogen.scorers import make_scorer
from anogen.scorers.fallback import FallbackScorer, probe_rows

RNG = np.random.default_rng(1)
TRAIN, ROWS = RNG.random((60, 3)), 1.2 * RNG.random((50, 3))
INDEPENDENT = ("abod:ABOD", "kpca:KPCA", "qmcd:QMCD", "sampling:Sampling")
DEPENDENT = ("cof:COF", "lmdd:LMDD", "loci:LOCI", "rod:ROD", "sod:SOD", "sos:SOS")


def fit(path):
    module, name = path.split(":")
    return getattr(importlib.import_module(f"pyod.models.{module}"), name)().fit(TRAIN)


def changes(scorer):
    """The largest change of a score when 50 rows are scored in two halves."""
    together = scorer(ROWS)
    halves = torch.cat([scorer(half) for half in np.split(ROWS, 2)])
    return float((together - halves).abs().max() / together.abs().max())


@pytest.mark.parametrize("path", INDEPENDENT)
def test_a_score_of_the_row_alone_is_recognised(path):
    scorer = make_scorer(fit(path), 3)
    assert isinstance(scorer, FallbackScorer)
    assert scorer.batch_dependence == "none" and changes(scorer) < 1e-9


@pytest.mark.parametrize("path", DEPENDENT)
def test_a_score_that_depends_on_the_batch_is_recognised(path, monkeypatch):
    monkeypatch.setattr(sod, "_snn_imp", sod._snn_imp.py_func)  # which takes long to compile
    scorer = make_scorer(fit(path), 3)
    assert isinstance(scorer, FallbackScorer)
    assert scorer.batch_dependence == "batch" and changes(scorer) > 1e-3


@pytest.mark.parametrize("last", [COPOD, ECOD])
def test_a_pipeline_is_measured_as_a_whole(last):
    scorer = make_scorer(make_pipeline(StandardScaler(), last()).fit(TRAIN))
    assert scorer.batch_dependence == "batch" and changes(scorer) > 1e-3


def test_an_exact_scorer_keeps_its_declaration_and_its_fallback_is_measured():
    detector = COPOD().fit(TRAIN)
    assert make_scorer(detector).batch_dependence == "train+batch"
    assert make_scorer(detector, 3, orientation="normality").batch_dependence == "batch"


@pytest.mark.parametrize("n", [1, 15])
def test_a_batch_that_is_too_small_for_the_detector_is_refused_in_one_line(n):
    scorer = make_scorer(COF().fit(TRAIN), 3)
    with pytest.raises(InputError, match=rf"COF.decision_function failed for {n} rows .*: .* pass more rows") as error:
        scorer(ROWS[:n])
    assert "\n" not in str(error.value)


def test_the_exceptions_of_a_detector_that_ignores_the_batch_are_its_own():
    def score(X):
        if X.max() > 1:
            raise ValueError("too large")
        return X[:, 0]

    scorer = make_scorer(score, 3, orientation="anomaly")
    with pytest.raises(ValueError, match=r"^too large$"):
        scorer(np.full((2, 3), 2.0))
    assert scorer.batch_dependence == "none"


def test_rows_between_the_training_rows_reveal_what_rows_elsewhere_do_not():
    class NearOnly:
        """Divides by the batch's largest distance, of the rows within 2 of its training rows alone."""

        n_features_in_ = 3
        X_train_ = 1000 + TRAIN

        def decision_function(self, X):
            distance = np.abs(X - 1000.5).max(axis=1)
            near = distance < 2
            return np.where(near, distance / np.max(distance, where=near, initial=1e-9), 1.0)

    scorer = make_scorer(NearOnly())
    assert scorer.batch_dependence == "batch"
    assert torch.equal(probe_rows(3, NearOnly()), probe_rows(3, NearOnly()))


def test_a_detector_that_refuses_the_rows_is_assumed_to_depend_on_the_batch():
    scorer = make_scorer(lambda X: X[60, :1] + X[:, 0], 3, orientation="anomaly")
    assert scorer.batch_dependence == "batch"


def test_scores_that_are_all_nan_or_infinite_can_be_compared():
    assert make_scorer(lambda X: np.log(0 * X[:, 0] + np.inf), 3, orientation="anomaly").batch_dependence == "none"
    assert make_scorer(lambda X: X[:, 0] * np.nan, 3, orientation="anomaly").batch_dependence == "none"


@pytest.mark.parametrize("batchwise", [False, True])
def test_networks_are_measured(batchwise):
    class Network(nn.Module):
        def forward(self, x):
            return (x - x.mean(dim=0) if batchwise else x).square().sum(dim=1)

    scorer = make_scorer(Network(), 3, orientation="anomaly")
    assert scorer.batch_dependence == ("batch" if batchwise else "none")
