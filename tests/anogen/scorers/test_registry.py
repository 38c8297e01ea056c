"""Which scorer a detector gets, and what that costs to import."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from pyod.models.cblof import CBLOF

from anogen.errors import InputError
from anogen.scorers import make_scorer
from anogen.scorers.cblof import CBLOFScorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import HOMES, _by_class

ROWS = np.random.default_rng(0).random((60, 9))


class Renamed(CBLOF):
    """Changes nothing about the score."""


class Doubled(CBLOF):
    """Scores otherwise than its parent."""

    def decision_function(self, X):
        return 2 * super().decision_function(X)


@pytest.mark.slow
def test_importing_the_scorers_imports_no_models():
    program = "import sys, anogen.scorers; print(*sorted(m for m in sys.modules if m.startswith('pyod.models.')))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & set(HOMES)


def test_every_home_registers_the_detectors_of_its_module():
    import importlib

    for module, home in HOMES.items():
        importlib.import_module(home)
        assert any(kind.__module__ == module for kind in _by_class.registry if kind is not object), module


def test_a_subclass_has_its_parents_scorer():
    assert isinstance(make_scorer(Renamed(n_clusters=4, alpha=0.5, random_state=0).fit(ROWS)), CBLOFScorer)


def test_a_subclass_that_scores_otherwise_is_answered_with_its_own_scores():
    detector = Doubled(n_clusters=4, alpha=0.5, random_state=0).fit(ROWS)
    with pytest.raises(InputError, match="Doubled does not state the length of a row"):
        make_scorer(detector)
    slow = make_scorer(detector, 9)
    assert isinstance(slow, FallbackScorer)
    assert slow(torch.from_numpy(ROWS)).numpy() == pytest.approx(detector.decision_function(ROWS))


@pytest.mark.slow
def test_it_does_not_matter_which_scorers_were_imported_before():
    program = (
        "import numpy as np, anogen.scorers.deep_svdd, pyod.models.deep_svdd as theirs\n"
        "from anogen import detectors, scorers\n"
        "rows = np.random.default_rng(0).random((30, 6))\n"
        "scorers.make_scorer(theirs.DeepSVDD(6, hidden_neurons=[4, 2], epochs=1, verbose=0).fit(rows))\n"
        "print(scorers.make_scorer(detectors.fit('deep-svdd-untrained', rows)).optimum().score)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "0.0"


@pytest.mark.parametrize("scores", [lambda x: x.sum(), lambda x: x[:3, 0], lambda x: x[:, :2]])
def test_a_detector_that_does_not_score_each_row_is_named(scores):
    class Wrong:
        def decision_function(self, x):
            return scores(x)

    with pytest.raises(InputError, match=r"Wrong.decision_function returned scores of shape .* for 5 rows"):
        make_scorer(Wrong(), 4)(torch.zeros(5, 4))


@pytest.mark.parametrize("n_features", [20.5, 0, "20", True])
def test_an_invalid_row_length_is_refused(n_features):
    with pytest.raises(InputError, match=r"n_features = .* is not a valid row length"):
        make_scorer(type("Any", (), {"decision_function": lambda _, x: x[:, 0]})(), n_features)
