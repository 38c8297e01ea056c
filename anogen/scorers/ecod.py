"""ECOD: COPOD's sum of negative log tail probabilities, with the larger tail in place of their average."""

from pyod.models.ecod import ECOD

from anogen.scorers.base import Scorer
from anogen.scorers.copod import TailScorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer


@register_scorer(ECOD)
def make_ecod_scorer(detector: ECOD) -> Scorer:
    """Return the exact scorer, or the fallback for PyOD's parallel code, which computes something else."""
    if detector.n_jobs != 1:
        return FallbackScorer(detector, detector.X_train.shape[1])
    return TailScorer(detector.X_train, average=False)
